//! Projecting commits into read models.
//!
//! Queues keep no order and deliver more than once, so a projector trusts versions: it skips what it has applied, applies
//! the next, and reads from the store what it missed.

use std::sync::Arc;

use async_trait::async_trait;
use contracts::commits::CommitMessage;
use domain::{
    error::{Class, Classify},
    ids::{StreamId, Version},
};
use money::Money;

use crate::{
    commit::{Commit, Hash},
    ports::PortError,
    store::StoreError,
};

pub mod accounts;
pub mod applications;
pub mod cases;
pub mod customers;
mod folding;
mod generations;
pub mod operations;
mod projector;
pub mod savings;

pub use folding::{Folding, folding};
pub use generations::{Generation, Generations, Pointer};
pub use projector::{Batch, Projector};

/// Where a row is.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RowKey {
    /// Partition key.
    pub pk: String,
    /// Sort key.
    pub sk: String,
}

impl RowKey {
    /// A key.
    pub fn new(pk: impl Into<String>, sk: impl Into<String>) -> Self {
        Self { pk: pk.into(), sk: sk.into() }
    }
}

/// What one commit changes beside its stream's view row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RowChange {
    /// Writes a document.
    Put(RowKey, String),
    /// Adds to a total.
    Add(RowKey, Money),
    /// Removes a document. One that is gone already is success.
    Remove(RowKey),
}

impl RowChange {
    /// Which row.
    #[must_use]
    pub const fn key(&self) -> &RowKey {
        match self {
            Self::Put(key, _) | Self::Add(key, _) | Self::Remove(key) => key,
        }
    }

    fn within(self, generation: Generation) -> Self {
        match self {
            Self::Put(key, document) => Self::Put(generation.key(&key), document),
            Self::Add(key, money) => Self::Add(generation.key(&key), money),
            Self::Remove(key) => Self::Remove(generation.key(&key)),
        }
    }
}

/// Everything that one commit changes: the view row with version and hash, which doubles as the marker that makes the rest
/// happen once, and the rest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The stream's view row.
    pub key: RowKey,
    /// The stream.
    pub stream: StreamId,
    /// The version that the row must show beforehand; `None` if it must not exist.
    pub expected: Option<Version>,
    /// The version that it shows afterwards.
    pub version: Version,
    /// The hash of that commit.
    pub hash: Hash,
    /// The view's document.
    pub document: String,
    /// The other rows.
    pub others: Vec<RowChange>,
}

/// What a view row says of the stream it shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Applied {
    /// The last version applied.
    pub version: Version,
    /// Its hash.
    pub hash: Hash,
}

/// Where a projector keeps its rows.
#[async_trait]
pub trait Rows: Send + Sync {
    /// What a view row has applied and shows, read consistently.
    async fn shown(&self, key: &RowKey) -> Result<Option<(Applied, String)>, PortError>;

    /// Writes a change as one; `Ok(false)` if the view row was not at the expected version.
    async fn apply(&self, change: Change) -> Result<bool, PortError>;
}

/// What a projector does with a commit of the streams it shows. Pure. Its keys are those of the first generation.
pub trait Projection: Send + Sync + 'static {
    /// What its pointer and `granary rebuild` know it by.
    fn name(&self) -> &'static str;

    /// Whether a row is one of its own: projections of a context share a table.
    fn owns(&self, key: &RowKey) -> bool;

    /// Where the stream's view row is; `None` if this projection does not show such streams.
    fn key(&self, stream: &StreamId) -> Option<RowKey>;

    /// What folds the states that it reads beside such a stream's commits; `None` if it reads only their events.
    fn folding(&self, stream: &StreamId) -> Option<Box<dyn Folding>>;

    /// The view's document after this commit, and the other rows. The state beside it is of this code's version; `before` is the
    /// document after the commit before it.
    ///
    /// # Errors
    /// When the commit, or the document, cannot be read.
    fn change(&self, commit: &Commit, before: Option<&str>) -> Result<(String, Vec<RowChange>), StoreError>;
}

/// Why a commit was not projected.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProjectionError {
    /// The message is no commit.
    #[error("the message is no commit: {0}")]
    Malformed(String),
    /// The subscription sends streams that this projection does not show.
    #[error("{0} is not a stream that this projection shows")]
    ForeignStream(StreamId),
    /// The commit does not continue the chain that was applied: history was altered.
    #[error("{stream} version {version} does not continue the history that was projected")]
    ChainBroken {
        /// The stream.
        stream: StreamId,
        /// The version at which it broke.
        version: Version,
    },
    /// A gap that the store cannot fill yet.
    #[error("{stream} has no version {version} in the store")]
    Gap {
        /// The stream.
        stream: StreamId,
        /// The version that is missing.
        version: Version,
    },
    /// Other projectors were always faster.
    #[error("the view of {0} kept moving")]
    Contended(StreamId),
    /// The event store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The rows.
    #[error(transparent)]
    Port(#[from] PortError),
}

impl Classify for ProjectionError {
    fn class(&self) -> Class {
        match self {
            Self::Malformed(_) | Self::ForeignStream(_) => Class::Invalid,
            Self::ChainBroken { .. } => Class::Bug,
            Self::Gap { .. } | Self::Contended(_) => Class::Transient,
            Self::Store(error) => error.class(),
            Self::Port(error) => error.class(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Malformed(_) => "COMMIT_MALFORMED",
            Self::ForeignStream(_) => "STREAM_NOT_OURS",
            Self::ChainBroken { .. } => "CHAIN_BROKEN",
            Self::Gap { .. } => "COMMIT_MISSING",
            Self::Contended(_) => "VIEW_CONTENDED",
            Self::Store(error) => error.code(),
            Self::Port(error) => error.code(),
        }
    }
}

/// Reads a commit off the topic.
///
/// # Errors
/// [`ProjectionError::Malformed`] when it is none.
pub fn commit_of(message: CommitMessage) -> Result<Commit, ProjectionError> {
    let malformed = |what: &str| ProjectionError::Malformed(what.to_owned());
    let previous = hex::decode(&message.prev).ok().and_then(|bytes| Hash::from_slice(&bytes));
    Ok(Commit {
        stream: message.stream.parse().map_err(|_| malformed("stream"))?,
        version: Version(message.version),
        previous: previous.ok_or_else(|| malformed("prev"))?,
        body: message.commit,
        state: message.state,
        state_version: message.state_version,
    })
}

/// A projection, and the context whose tables it reads and writes.
#[derive(Clone)]
pub struct Shown {
    /// The context, as the template's logical ids begin.
    pub context: &'static str,
    /// The projection.
    pub projection: Arc<dyn Projection>,
}

/// Every projection that there is.
#[must_use]
pub fn all() -> Vec<Shown> {
    fn shown(context: &'static str, projection: impl Projection) -> Shown {
        Shown { context, projection: Arc::new(projection) }
    }
    vec![
        shown("Identity", customers::Customers),
        shown("Onboarding", applications::Applications),
        shown("Compliance", cases::Cases),
        shown("Ledger", accounts::Accounts),
        shown("Ledger", operations::Operations),
        shown("Ledger", savings::SavingsPositions),
    ]
}

/// The state beside a commit that the projector made readable.
fn state_of<A: domain::aggregate::Aggregate>(commit: &Commit) -> Result<A::State, StoreError> {
    commit.state::<A>()?.ok_or_else(|| StoreError::Undecodable {
        stream: commit.stream.clone(),
        version: commit.version,
        reason: format!("state version {} is not {}", commit.state_version, A::STATE_VERSION).into(),
    })
}

fn document<T: serde::Serialize>(view: &T) -> Result<String, StoreError> {
    serde_json::to_string(view).map_err(|error| StoreError::Unbuildable(error.to_string()))
}

/// Reads back a document of this projection.
fn shown<T: serde::de::DeserializeOwned>(document: &str) -> Result<T, StoreError> {
    serde_json::from_str(document).map_err(|error| StoreError::Unbuildable(error.to_string()))
}

fn foreign(commit: &Commit) -> StoreError {
    StoreError::Unbuildable(format!("{} is not a stream that this projection shows", commit.stream))
}
