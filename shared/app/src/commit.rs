//! One commit of a stream: its events with their metadata, the state that they led to, and its link to the commit before.

use std::fmt;

use domain::{
    aggregate::Aggregate,
    ids::{CustomerId, StaffId, StreamId, Version},
};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use time::{OffsetDateTime, format_description::BorrowedFormatItem, macros::format_description};

use crate::store::StoreError;

/// The hash of a commit, which the commit after it and the projections keep.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Hash(pub [u8; 32]);

impl Hash {
    /// What the first commit of a stream has before it.
    pub const NONE: Self = Self([0; 32]);

    /// From bytes as stored; `None` unless there are exactly 32.
    #[must_use]
    pub fn from_slice(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }
}

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Who asked for a commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Actor {
    /// A customer, by an access token.
    Customer(CustomerId),
    /// Somebody who works here, by an access token.
    Staff(StaffId),
    /// A provider, by a signed message.
    Provider(&'static str),
    /// A function of ours, by a milestone or a timer.
    System(&'static str),
}

impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Customer(id) => write!(f, "customer:{id}"),
            Self::Staff(id) => write!(f, "staff:{id}"),
            Self::Provider(name) => write!(f, "provider:{name}"),
            Self::System(name) => write!(f, "system:{name}"),
        }
    }
}

/// Where a command comes from; it goes into each commit that the command leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cause {
    /// Who asked.
    pub by: Actor,
    /// The message or request that asked, by its id.
    pub causation: Option<String>,
    /// What ties together everything that one outside request led to.
    pub correlation: Option<String>,
    /// W3C trace context.
    pub traceparent: Option<String>,
}

impl Cause {
    /// A cause that nothing is known of but who asked.
    #[must_use]
    pub fn by(by: Actor) -> Self {
        Self { by, causation: None, correlation: None, traceparent: None }
    }

    /// With the message that asked.
    #[must_use]
    pub fn because_of(mut self, causation: impl Into<String>) -> Self {
        self.causation = Some(causation.into());
        self
    }

    /// With the correlation id that the message carried.
    #[must_use]
    pub fn correlated(mut self, correlation: Option<String>) -> Self {
        self.correlation = correlation;
        self
    }
}

/// What is hashed and stored of a commit. The names are short because a commit item under 1 KB costs one write unit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Body<E> {
    /// When the commit was decided: RFC 3339, UTC, milliseconds.
    pub at: String,
    /// The actor.
    pub by: String,
    /// The causation id.
    #[serde(rename = "ca", default, skip_serializing_if = "Option::is_none")]
    pub causation: Option<String>,
    /// The correlation id.
    #[serde(rename = "co", default, skip_serializing_if = "Option::is_none")]
    pub correlation: Option<String>,
    /// W3C trace context.
    #[serde(rename = "tp", default, skip_serializing_if = "Option::is_none")]
    pub traceparent: Option<String>,
    /// The events, in order; never empty.
    #[serde(rename = "ev")]
    pub events: Vec<E>,
}

/// An event of which only the stored name is read.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Named {
    /// The stored name, with its version.
    #[serde(rename = "type")]
    pub name: String,
}

/// A commit as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Commit {
    /// The stream.
    pub stream: StreamId,
    /// Its place in the stream, from zero.
    pub version: Version,
    /// The hash of the commit before it.
    pub previous: Hash,
    /// The [`Body`] as JSON: these very bytes are hashed.
    pub body: String,
    /// The state after it, as JSON. Not hashed: it can always be folded again.
    pub state: String,
    /// The `STATE_VERSION` of the code that folded the state.
    pub state_version: u32,
}

impl Commit {
    /// Binds the commit to its place and to everything before it.
    #[must_use]
    pub fn hash(&self) -> Hash {
        let mut digest = Sha256::new();
        digest.update(self.previous.0);
        digest.update(self.stream.to_string());
        digest.update([0]);
        digest.update(u64::from(self.version.0).to_be_bytes());
        digest.update(&self.body);
        Hash(digest.finalize().into())
    }

    /// The body, with this aggregate's events.
    ///
    /// # Errors
    /// An event that this code does not know, or a body that is no JSON: see [`StoreError`].
    pub fn body<A: Aggregate>(&self) -> Result<Body<A::Event>, StoreError> {
        serde_json::from_str(&self.body).map_err(|source| self.undecodable(source))
    }

    /// The body, with the events' names only.
    ///
    /// # Errors
    /// A body that is no JSON of that shape.
    pub fn names(&self) -> Result<Body<Named>, StoreError> {
        serde_json::from_str(&self.body).map_err(|source| self.undecodable(source))
    }

    /// The state as it stands beside the events, if this code folded it.
    ///
    /// # Errors
    /// When the state claims this code's version and cannot be read by it.
    pub fn state<A: Aggregate>(&self) -> Result<Option<A::State>, StoreError> {
        if self.state_version != A::STATE_VERSION {
            return Ok(None);
        }
        serde_json::from_str(&self.state).map(Some).map_err(|source| self.undecodable(source))
    }

    fn undecodable(&self, source: serde_json::Error) -> StoreError {
        StoreError::Undecodable {
            stream: self.stream.clone(),
            version: self.version,
            reason: source.to_string().into(),
        }
    }
}

const MILLISECONDS: &[BorrowedFormatItem<'_>] =
    format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:3]Z");

/// RFC 3339 in UTC with milliseconds, so that text sorts as time does.
#[must_use]
pub fn timestamp(at: OffsetDateTime) -> String {
    // Formatting a valid time with a constant format cannot fail; the fallback keeps the text sortable all the same.
    at.to_offset(time::UtcOffset::UTC).format(&MILLISECONDS).unwrap_or_else(|_| at.unix_timestamp().to_string())
}
