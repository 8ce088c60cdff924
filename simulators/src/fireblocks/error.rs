use std::io;

/// Why the simulator could not do its part.
#[derive(Debug, thiserror::Error)]
pub enum FireblocksError {
    /// What is to be deposited makes no sense.
    #[error("the {part} is not one")]
    Order {
        /// The part of the order.
        part: &'static str,
    },
    /// No transaction, or no webhook, has this id.
    #[error("nothing has the id {id}")]
    Unknown {
        /// The id that was asked for.
        id: String,
    },
    /// A key could not be made, read or used.
    #[error("the key is not usable")]
    Key,
    /// Something kept is damaged, or could not be written.
    #[error("something kept could not be read or written")]
    Unreadable {
        /// What serde said.
        #[source]
        source: serde_json::Error,
    },
    /// The disk refused.
    #[error("the simulator's files could not be used")]
    Storage {
        /// What the system said.
        #[source]
        source: io::Error,
    },
}

pub(super) fn storage(source: io::Error) -> FireblocksError {
    FireblocksError::Storage { source }
}

pub(super) fn unreadable(source: serde_json::Error) -> FireblocksError {
    FireblocksError::Unreadable { source }
}
