//! An error as a service answers it: a code, a status and a message; each protocol writes it in its own form.

use std::borrow::Cow;

use super::authorizer::Denied;
use crate::engine::EngineError;

/// A refusal or failure on its way to the wire.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fault {
    /// The error's code, without a namespace.
    pub code: Cow<'static, str>,
    /// What the caller reads.
    pub message: String,
    /// The HTTP status.
    pub status: u16,
}

impl Fault {
    /// The caller's mistake: status 400.
    pub fn new(code: impl Into<Cow<'static, str>>, message: impl Into<String>) -> Self {
        Self { code: code.into(), message: message.into(), status: 400 }
    }

    /// An error with a status of its own.
    pub fn with_status(code: impl Into<Cow<'static, str>>, message: impl Into<String>, status: u16) -> Self {
        Self { code: code.into(), message: message.into(), status }
    }

    /// A refusal in the words of the JSON services.
    pub fn denied(denied: &Denied) -> Self {
        Self::new("AccessDeniedException", denied.message())
    }

    /// An operation that exists in AWS or not, but not here.
    pub fn unknown_operation(service: &str, operation: &str) -> Self {
        Self::new("UnknownOperationException", format!("The local {service} does not have the operation {operation}"))
    }

    /// Whether the caller is to blame.
    pub fn is_senders(&self) -> bool {
        self.status < 500
    }
}

impl From<EngineError> for Fault {
    fn from(error: EngineError) -> Self {
        tracing::error!(error = &error as &dyn std::error::Error, "the local engine failed");
        Self::with_status("InternalFailure", error.to_string(), 500)
    }
}

impl From<rusqlite::Error> for Fault {
    fn from(error: rusqlite::Error) -> Self {
        EngineError::from(error).into()
    }
}
