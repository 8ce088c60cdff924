use domain::error::{Class, Classify};

/// Why a webhook cannot be used, although its signature may be good.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WebhookError {
    /// Not the documented shape.
    #[error("{part} is malformed")]
    Malformed {
        /// The part as the documentation names it.
        part: &'static str,
    },
}

impl Classify for WebhookError {
    fn class(&self) -> Class {
        Class::Invalid // Sending the same bytes again cannot help.
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Malformed { .. } => "MALFORMED",
        }
    }
}

/// Why the API cannot be called at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    /// The API's URL has no scheme or no host.
    #[error("the custodian's URL is not absolute")]
    NotAbsolute,
    /// The key cannot stand in a header.
    #[error("the custodian's API key is empty, or cannot stand in a header")]
    UnusableKey,
}
