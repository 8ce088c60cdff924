//! What can go wrong below the services.

/// A failure of the engine itself, not of what was asked of it.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// `engine.db` failed.
    #[error("the engine's database failed")]
    Sqlite(#[from] rusqlite::Error),
    /// The DynamoDB store failed or refused.
    #[error("the DynamoDB store failed: {0}")]
    Dynamo(String),
    /// The file system failed.
    #[error("the engine's folder cannot be used")]
    Io(#[from] std::io::Error),
    /// A thread died while it held the store.
    #[error("the store was left by a thread that died")]
    Poisoned,
    /// Something exists already in another form.
    #[error("{what} exists in another form")]
    Differs {
        /// What exists.
        what: String,
    },
    /// Something that was named does not exist.
    #[error("{what} does not exist")]
    Unknown {
        /// What is missing.
        what: String,
    },
    /// Something that the engine does not do was asked of it.
    #[error("{what} is not supported")]
    Unsupported {
        /// What was asked.
        what: String,
    },
    /// A stored value cannot be read back.
    #[error("{what} cannot be read back")]
    Corrupt {
        /// What was read.
        what: String,
    },
    /// A cryptographic operation failed.
    #[error("cryptography failed: {0}")]
    Crypto(String),
}

impl EngineError {
    /// Something that was named does not exist.
    pub(crate) fn unknown(what: impl Into<String>) -> Self {
        Self::Unknown { what: what.into() }
    }

    /// A stored value cannot be read back.
    pub(crate) fn corrupt(what: impl Into<String>) -> Self {
        Self::Corrupt { what: what.into() }
    }

    /// Something that the engine does not do was asked of it.
    pub(crate) fn unsupported(what: impl Into<String>) -> Self {
        Self::Unsupported { what: what.into() }
    }
}
