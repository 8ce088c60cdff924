use http::StatusCode;
use serde_json::{Value, json};

/// Why the pool cannot work at all.
#[derive(Debug, thiserror::Error)]
pub enum CognitoError {
    /// The tables refused.
    #[error("the user pool's tables could not be used")]
    Storage(#[from] rusqlite::Error),
    /// A stored attribute list is damaged.
    #[error("a stored user could not be read")]
    Stored(#[from] serde_json::Error),
    /// A key could not be made, read or used.
    #[error("the user pool's keys could not be used: {what}")]
    Keys {
        /// What was attempted.
        what: &'static str,
    },
    /// The password could not be hashed.
    #[error("a password could not be hashed")]
    Password,
}

/// What a caller is told: a type that clients match on, and a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ApiError {
    kind: &'static str,
    message: String,
}

impl ApiError {
    pub(super) fn new(kind: &'static str, message: impl Into<String>) -> Self {
        Self { kind, message: message.into() }
    }

    pub(super) fn invalid_parameter(message: impl Into<String>) -> Self {
        Self::new("InvalidParameterException", message)
    }

    pub(super) fn not_authorized(message: impl Into<String>) -> Self {
        Self::new("NotAuthorizedException", message)
    }

    pub(super) fn user_not_found() -> Self {
        Self::new("UserNotFoundException", "User does not exist.")
    }

    pub(super) fn serialization() -> Self {
        Self::new("SerializationException", "The request could not be read.")
    }

    pub(super) fn unknown_operation() -> Self {
        Self::new("UnknownOperationException", "The operation is not known.")
    }

    pub(super) fn kind(&self) -> &'static str {
        self.kind
    }

    pub(super) fn message(&self) -> &str {
        &self.message
    }

    pub(super) fn status(&self) -> StatusCode {
        if self.kind == "InternalErrorException" { StatusCode::INTERNAL_SERVER_ERROR } else { StatusCode::BAD_REQUEST }
    }

    pub(super) fn body(&self) -> Value {
        json!({"__type": self.kind, "message": self.message})
    }
}

/// Our own failure: logged here, once, and told to the caller without its cause.
impl From<CognitoError> for ApiError {
    fn from(error: CognitoError) -> Self {
        tracing::error!(error = &error as &dyn std::error::Error, "the user pool failed");
        Self::new("InternalErrorException", "An internal error occurred.")
    }
}

impl From<rusqlite::Error> for ApiError {
    fn from(error: rusqlite::Error) -> Self {
        CognitoError::from(error).into()
    }
}
