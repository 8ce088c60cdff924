//! A commit on its way from a context's event store to the context's own consumers.

use serde::{Deserialize, Serialize};

/// One commit, as the relay publishes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CommitMessage {
    /// The stream id.
    pub stream: String,
    /// The commit's place in its stream.
    pub version: u32,
    /// The stream's kind, the first segment of its id.
    pub kind: String,
    /// Hash of the commit before it, 64 hex digits.
    pub prev: String,
    /// The commit's body: the very bytes that are hashed.
    pub commit: String,
    /// The state after it.
    pub state: String,
    /// The version of the code that folded the state.
    pub state_version: u32,
    /// The stored names of its events, for subscriptions that filter. Not part of the body: an SNS attribute.
    #[serde(skip)]
    pub types: Vec<String>,
}
