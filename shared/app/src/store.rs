//! The event store's port.

use async_trait::async_trait;
use domain::{
    error::{Class, Classify},
    ids::{StreamId, Version},
};

use crate::{commit::Commit, ports::Reason};

/// Why the store did not do what it was asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// Someone else wrote first: load and decide again.
    #[error("a stream moved on while the command was decided")]
    Conflict,
    /// The store could not be reached, or its answer was lost.
    #[error("the event store did not {attempted}")]
    Unavailable {
        /// What was asked of it.
        attempted: &'static str,
        /// The cause.
        #[source]
        reason: Reason,
    },
    /// The store asked us to slow down.
    #[error("the event store asked to slow down")]
    Throttled,
    /// A stored commit that this code cannot read: a newer writer, or damage. Never skipped.
    #[error("{stream} version {version} cannot be read by this code")]
    Undecodable {
        /// The stream.
        stream: StreamId,
        /// The commit.
        version: Version,
        /// The cause.
        #[source]
        reason: Reason,
    },
    /// A commit item that lacks an attribute.
    #[error("{stream} has a commit item without {attribute}")]
    Incomplete {
        /// The stream.
        stream: String,
        /// The attribute.
        attribute: &'static str,
    },
    /// Our own doing: an empty commit, or a state that does not serialise.
    #[error("a commit could not be built: {0}")]
    Unbuildable(String),
}

impl Classify for StoreError {
    fn class(&self) -> Class {
        match self {
            Self::Conflict => Class::Conflict,
            // Readers deploy before writers: an unknown event will be known once this code is the newer one.
            Self::Unavailable { .. } | Self::Undecodable { .. } => Class::Transient,
            Self::Throttled => Class::Throttled,
            Self::Incomplete { .. } | Self::Unbuildable(_) => Class::Bug,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Conflict => "STREAM_CONFLICT",
            Self::Unavailable { .. } => "STORE_UNAVAILABLE",
            Self::Throttled => "STORE_THROTTLED",
            Self::Undecodable { .. } => "COMMIT_UNDECODABLE",
            Self::Incomplete { .. } => "COMMIT_INCOMPLETE",
            Self::Unbuildable(_) => "COMMIT_UNBUILDABLE",
        }
    }
}

/// Commits that are stored all together or not at all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Transaction {
    /// Each is stored only if its version does not exist.
    pub commits: Vec<Commit>,
    /// Streams that were read but not written: this version must not exist when the commits are stored.
    pub unchanged: Vec<(StreamId, Version)>,
}

/// Where one page of a scan ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScanCursor {
    /// The last stream seen.
    pub stream: StreamId,
    /// The last version seen.
    pub version: Version,
}

/// One context's event store.
#[async_trait]
pub trait EventStore: Send + Sync {
    /// The newest commit of a stream, read consistently: one item, however long the stream.
    async fn head(&self, stream: &StreamId) -> Result<Option<Commit>, StoreError>;

    /// Up to `limit` commits from `from` on, oldest first.
    async fn read(&self, stream: &StreamId, from: Version, limit: u16) -> Result<Vec<Commit>, StoreError>;

    /// Stores all or nothing.
    async fn append(&self, transaction: Transaction) -> Result<(), StoreError>;

    /// A page of everything, in no order across streams and in version order within one.
    async fn scan(&self, after: Option<ScanCursor>) -> Result<(Vec<Commit>, Option<ScanCursor>), StoreError>;
}
