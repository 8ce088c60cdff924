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

use folding::Readable;

use crate::{
    commit::{Commit, Hash},
    ports::{Clock, PortError},
    store::{EventStore, StoreError},
};

pub mod accounts;
pub mod customers;
mod folding;
pub mod operations;

pub use folding::{Folding, folding};

/// How many commits one read of a gap asks for.
const GAP_PAGE: u16 = 25;
/// How often one commit is tried when another projector applies the same stream, or adds to the same total.
const ATTEMPTS_MAX: u32 = 8;

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
    /// What a view row has applied, read consistently.
    async fn applied(&self, key: &RowKey) -> Result<Option<Applied>, PortError>;

    /// Writes a change as one; `Ok(false)` if the view row was not at the expected version.
    async fn apply(&self, change: Change) -> Result<bool, PortError>;
}

/// What a projector does with a commit of the streams it shows. Pure.
pub trait Projection: Send + Sync + 'static {
    /// Where the stream's view row is; `None` if this projection does not show such streams.
    fn key(&self, stream: &StreamId) -> Option<RowKey>;

    /// What folds the states that it reads beside such a stream's commits; `None` if it reads only their events.
    fn folding(&self, stream: &StreamId) -> Option<Box<dyn Folding>>;

    /// The view's document after this commit, and the other rows. The state beside it is of this code's version.
    ///
    /// # Errors
    /// When the commit cannot be read.
    fn change(&self, commit: &Commit) -> Result<(String, Vec<RowChange>), StoreError>;
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

/// Brings the rows of one projection up to each commit that it is handed.
#[derive(Clone)]
pub struct Projector {
    projection: Arc<dyn Projection>,
    rows: Arc<dyn Rows>,
    store: Arc<dyn EventStore>,
    clock: Arc<dyn Clock>,
}

impl Projector {
    /// A projector over its rows; the store is read only where messages are missing or carry states of other code.
    #[must_use]
    pub fn new(
        projection: impl Projection,
        rows: Arc<dyn Rows>,
        store: Arc<dyn EventStore>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self { projection: Arc::new(projection), rows, store, clock }
    }

    /// Applies a commit and whatever is missing before it.
    ///
    /// # Errors
    /// See [`ProjectionError`]; nothing is ever half applied.
    pub async fn project(&self, commit: &Commit) -> Result<(), ProjectionError> {
        let key =
            self.projection.key(&commit.stream).ok_or_else(|| ProjectionError::ForeignStream(commit.stream.clone()))?;
        for attempt in 0..ATTEMPTS_MAX {
            if attempt > 0 {
                self.clock.back_off(attempt).await;
            }
            let mut applied = self.rows.applied(&key).await?;
            if let Some(seen) = applied.filter(|seen| seen.version >= commit.version) {
                return same_history(commit, seen);
            }
            let folding = self.projection.folding(&commit.stream);
            let mut readable = Readable::new(self.store.as_ref(), &commit.stream, folding);
            let mut current = true;
            for missing in self.missing(commit, applied).await? {
                current = self.apply(&key, applied, &missing, &mut readable).await?;
                if !current {
                    break; // Another projector was faster: look again at what it applied.
                }
                applied = Some(Applied { version: missing.version, hash: missing.hash() });
            }
            if current && self.apply(&key, applied, commit, &mut readable).await? {
                return Ok(());
            }
        }
        Err(ProjectionError::Contended(commit.stream.clone()))
    }

    async fn apply(
        &self,
        key: &RowKey,
        applied: Option<Applied>,
        commit: &Commit,
        readable: &mut Readable<'_>,
    ) -> Result<bool, ProjectionError> {
        if commit.previous != applied.map_or(Hash::NONE, |seen| seen.hash) {
            return Err(ProjectionError::ChainBroken { stream: commit.stream.clone(), version: commit.version });
        }
        let (document, others) = self.projection.change(&readable.of(commit).await?)?;
        let change = Change {
            key: key.clone(),
            stream: commit.stream.clone(),
            expected: applied.map(|seen| seen.version),
            version: commit.version,
            hash: commit.hash(),
            document,
            others,
        };
        Ok(self.rows.apply(change).await?)
    }

    /// What lies between the last version applied and `commit`.
    async fn missing(&self, commit: &Commit, applied: Option<Applied>) -> Result<Vec<Commit>, ProjectionError> {
        let mut next = applied.map_or(Version(0), |seen| seen.version.next());
        let mut missing = Vec::new();
        while next < commit.version {
            let page = self.store.read(&commit.stream, next, GAP_PAGE).await?;
            for found in page.iter().filter(|found| found.version < commit.version) {
                if found.version != next {
                    break;
                }
                missing.push(found.clone());
                next = next.next();
            }
            if page.first().is_none_or(|first| first.version > next) && next < commit.version {
                return Err(ProjectionError::Gap { stream: commit.stream.clone(), version: next });
            }
        }
        Ok(missing)
    }
}

/// A redelivery is fine; another commit under a version that was applied is not.
fn same_history(commit: &Commit, seen: Applied) -> Result<(), ProjectionError> {
    if seen.version == commit.version && seen.hash != commit.hash() {
        return Err(ProjectionError::ChainBroken { stream: commit.stream.clone(), version: commit.version });
    }
    Ok(())
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

fn foreign(commit: &Commit) -> StoreError {
    StoreError::Unbuildable(format!("{} is not a stream that this projection shows", commit.stream))
}
