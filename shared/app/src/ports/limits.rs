//! Limits that no service keeps for us: how often a provider is called, and how many executions are at work at once.

use async_trait::async_trait;

use super::PortError;

/// Whether somebody waits for it right now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Urgency {
    /// It came a moment ago.
    Live,
    /// It is old, or was set aside and sent again: it goes when nobody else does.
    Replay,
}

/// How often one provider is called, by all functions together.
#[async_trait]
pub trait Rate: Send + Sync {
    /// Waits for its turn, if that is a moment away.
    ///
    /// # Errors
    /// [`PortError::Throttled`] if it is further away: then nothing is reserved, and nothing may be called.
    async fn take(&self, urgency: Urgency) -> Result<(), PortError>;

    /// Nobody calls for so long: the provider said so itself.
    async fn hold_back(&self, time: std::time::Duration) -> Result<(), PortError>;
}

/// Why an execution wants to be at work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// It is to be started. Some permits are kept from those who start, so that whoever was begun is also finished.
    Start,
    /// It goes on after a pause.
    GoOn,
}

/// A permit as it was taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Permit {
    /// Whose it is.
    pub holder: String,
    /// What tells this taking from any other of the same holder.
    pub taking: String,
    /// Whether the holder had one before.
    pub standing: Standing,
}

/// How a permit came to its holder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// With this taking.
    New,
    /// By an earlier one.
    Held,
}

/// Who may be at work at the same time: so many, and each for as long as it works. A permit outlives whoever took it and died; it
/// is taken from a holder only once its lease is over and the execution with it.
#[async_trait]
pub trait Permits: Send + Sync {
    /// Takes a permit for an execution, by its name. Taking it again is harmless.
    ///
    /// # Errors
    /// [`PortError::Throttled`] if none is left.
    async fn take(&self, holder: &str, purpose: Purpose) -> Result<Permit, PortError>;

    /// Whether the execution has one, which from now on is good for another lease.
    async fn keep(&self, holder: &str) -> Result<bool, PortError>;

    /// The execution is no longer at work. Giving back what it does not have is harmless.
    async fn give_back(&self, holder: &str) -> Result<(), PortError>;

    /// Gives back a permit that was taken in vain. One that the holder had before, or that somebody took for it since, stays.
    async fn undo(&self, permit: &Permit) -> Result<(), PortError>;
}
