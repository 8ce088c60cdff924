//! Start-up, batches, error classes and redaction for Lambda functions.
//!
//! It must not know the business.

pub mod call;
mod function;
pub mod http_event;
pub mod jwks;
pub mod outbound;
pub mod paced;
pub mod projector;
pub mod quarantine;
mod runtime;
pub mod sqs;
pub mod stream;
pub mod task;
pub mod webhook;

pub use function::{Env, EnvError, Function, FunctionError, Handler};
pub use runtime::run;

use bytes::Bytes;
use serde::{Serialize, de::DeserializeOwned};

/// Reads an event.
///
/// # Errors
/// `InvalidEvent` when the bytes are not what this function is fed.
pub fn event<T: DeserializeOwned>(bytes: &Bytes) -> Result<T, FunctionError> {
    serde_json::from_slice(bytes).map_err(|error| {
        // The message of a serde error may quote the input; its place is enough.
        FunctionError::new("InvalidEvent", format!("line {} column {}", error.line(), error.column()))
    })
}

/// Writes an answer.
///
/// # Errors
/// `Bug` when it does not serialise.
pub fn answer<T: Serialize>(value: &T) -> Result<Bytes, FunctionError> {
    serde_json::to_vec(value).map(Bytes::from).map_err(|error| FunctionError::new("Bug", error))
}
