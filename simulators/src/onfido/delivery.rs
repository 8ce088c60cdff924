//! Where webhooks go, and what is known about each.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::Status;
use crate::delivery::Deliver;

/// Where webhooks go.
#[derive(Clone)]
pub struct Endpoint {
    /// The path that is posted to.
    pub path: String,
    /// The way there.
    pub deliver: Arc<dyn Deliver>,
}

/// How a webhook stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Outcome {
    /// Written down, not sent yet.
    Waiting,
    /// Answered with a 2xx in time.
    Delivered,
    /// Not answered so; it is sent again.
    Failed,
    /// Not answered so, however often it was sent.
    GivenUp,
}

/// One webhook and what became of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Delivery {
    /// The simulator's own id, for sending it again.
    pub id: Uuid,
    /// The run that it is about; of a monitor, the newest run of whom it watches.
    pub run_id: Uuid,
    /// How that run stood.
    pub run_status: Status,
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
