//! Where webhooks go, and what is known about each.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::delivery::Deliver;

/// The receiver's public key, which a real one uploads in the portal.
#[async_trait::async_trait]
pub trait ReplyKey: Send + Sync {
    /// The key as SPKI DER; `None` when there is none yet.
    async fn public_key_der(&self) -> Option<Vec<u8>>;
}

/// Where webhooks go and how their answers are checked.
#[derive(Clone)]
pub struct Endpoint {
    /// The path that is posted to.
    pub path: String,
    /// The way there.
    pub deliver: Arc<dyn Deliver>,
    /// Whose signature the answer must carry.
    pub reply_key: Arc<dyn ReplyKey>,
}

/// Why an attempt did not count, in the words of `x-retry-reason`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum RetryReason {
    /// No answer within five seconds.
    Timeout,
    /// A status other than 200.
    #[serde(rename = "HTTP")]
    Http,
    /// The answer's signature is missing or wrong.
    #[serde(rename = "Non-repudiation")]
    NonRepudiation,
    /// The answer does not say the nonce.
    #[serde(rename = "Payload / Response Format")]
    Format,
}

impl RetryReason {
    /// The header's text.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Timeout => "Timeout",
            Self::Http => "HTTP",
            Self::NonRepudiation => "Non-repudiation",
            Self::Format => "Payload / Response Format",
        }
    }
}

/// How a webhook stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", tag = "state", content = "reason")]
pub enum Outcome {
    /// Written down, not sent yet.
    Waiting,
    /// Acknowledged as it must be.
    Delivered,
    /// Not acknowledged; it is sent again.
    Failed(RetryReason),
    /// Not acknowledged within 24 hours.
    GivenUp(RetryReason),
}

/// One webhook and what became of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Delivery {
    /// The simulator's own id, for sending it again.
    pub id: Uuid,
    /// ClearBank's transaction, if the webhook is about one.
    pub transaction_id: Option<Uuid>,
    /// The webhook's type.
    pub kind: String,
    /// How often it was sent.
    pub attempts: u32,
    /// The last answer's status.
    pub status: Option<u16>,
    /// How it stands.
    pub outcome: Outcome,
    /// The last answer's body, cut to a readable length.
    pub reply: String,
    /// When it is sent again by itself.
    pub next_due_ms: Option<i64>,
}
