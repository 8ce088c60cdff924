//! What is proved by running the bank many times. The bank runs here as it does anywhere else: the same functions, template and
//! engine; what is added is only what befalls it.

pub mod breaking;
pub mod burst;
pub mod conformance;
pub mod crash_points;
pub mod emulate;
pub mod flood;
pub mod leaks;
pub mod permissions;
pub mod restart;
pub mod sim;
pub mod story;
pub mod threads;
pub mod world;

/// A proof that does not hold, with what was found.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Failed(String);

impl Failed {
    /// With what was found.
    pub fn new(found: impl Into<String>) -> Self {
        Self(found.into())
    }
}
