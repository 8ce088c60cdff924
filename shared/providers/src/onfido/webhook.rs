//! What a webhook says.

use app::ports::IdentityStanding;
use domain::error::{Class, Classify};
use serde_json::value::RawValue;
use time::{OffsetDateTime, format_description::well_known::Rfc3339};
use uuid::Uuid;

use super::wire;

const RUN: &str = "workflow_run";
const MONITOR: &str = "watchlist_monitor";
const MATCHES_UPDATED: &str = "watchlist_monitor.matches_updated";
const ACTION_CHARS_MAX: usize = 100;

/// The documented kinds that nobody here needs. They may come all the same: a webhook that names no kinds gets every one.
const UNNEEDED: [&str; 15] = [
    "audit_log.created",
    "workflow_task.started",
    "workflow_task.completed",
    "check.started",
    "check.reopened",
    "check.withdrawn",
    "check.completed",
    "check.form_completed",
    "report.withdrawn",
    "report.resumed",
    "report.cancelled",
    "report.awaiting_approval",
    "report.completed",
    "workflow_timeline_file.created",
    "workflow_run_evidence_folder.created",
];

/// Why a webhook cannot be used, although its signature may be good.
///
/// It names the part and never repeats what stood there: that may be somebody's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WebhookError {
    /// Not the documented shape, or it contradicts itself.
    #[error("{part} is malformed")]
    Malformed {
        /// The part as the documentation names it.
        part: &'static str,
    },
    /// A run stands in a way that is not documented.
    #[error("the run's status is unknown")]
    UnknownStatus,
}

impl Classify for WebhookError {
    fn class(&self) -> Class {
        Class::Invalid // Reading the same bytes again cannot help.
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Malformed { .. } => "MALFORMED",
            Self::UnknownStatus => "UNKNOWN_STATUS",
        }
    }
}

/// One parsed webhook.
#[derive(Debug, Clone)]
pub struct Webhook {
    /// What it says.
    pub event: Event,
}

/// What a webhook says.
#[derive(Debug, Clone)]
pub enum Event {
    /// Something about a workflow run.
    Run(RunNews),
    /// A monitor has found somebody, or somebody else. Whom, it does not say: the matches are to be read.
    MonitorMatches {
        /// The provider's id of the monitor.
        monitor: Uuid,
    },
    /// Something documented that nobody here needs.
    Unneeded {
        /// The event's name.
        action: String,
    },
    /// Something that is not documented.
    Unknown {
        /// The event's name.
        action: String,
    },
}

/// How a workflow run stands, as a webhook says. What the run has given out about the person stays in the raw bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunNews {
    /// The provider's id of the run.
    pub run: Uuid,
    /// How it stands.
    pub standing: IdentityStanding,
    /// When it was completed.
    pub completed_at: Option<OffsetDateTime>,
    /// The provider's id of the applicant; from payload version 3 on.
    pub applicant: Option<Uuid>,
    /// Our customer, as we said at its start; from payload version 3 on.
    pub customer_user_id: Option<String>,
    /// The tags that we gave it at its start; from payload version 3 on.
    pub tags: Vec<String>,
}

impl Webhook {
    /// Reads a body. Verify its signature first.
    ///
    /// # Errors
    /// When it is not the documented shape, or a run's status is not a documented one.
    pub fn parse(body: &[u8]) -> Result<Self, WebhookError> {
        let wire::Envelope { payload } = serde_json::from_slice(body).map_err(malformed("payload"))?;
        let is_name = |name: &str| !name.is_empty() && name.chars().count() <= ACTION_CHARS_MAX;
        if !is_name(&payload.action) {
            return Err(WebhookError::Malformed { part: "action" });
        }
        let of_run = payload.action.strip_prefix(RUN).is_some_and(|rest| rest.starts_with('.'));
        if of_run != (payload.resource_type == RUN) {
            return Err(WebhookError::Malformed { part: "resource_type" });
        }
        let event = if of_run {
            Event::Run(run_news(payload.object, payload.resource)?)
        } else if payload.action == MATCHES_UPDATED {
            if payload.resource_type != MONITOR {
                return Err(WebhookError::Malformed { part: "resource_type" });
            }
            let object = payload.object.ok_or(WebhookError::Malformed { part: "object" })?;
            let object: wire::MonitorObject = serde_json::from_str(object.get()).map_err(malformed("object"))?;
            Event::MonitorMatches { monitor: object.id }
        } else if UNNEEDED.contains(&payload.action.as_str()) {
            Event::Unneeded { action: payload.action }
        } else {
            Event::Unknown { action: payload.action }
        };
        Ok(Self { event })
    }
}

fn run_news(object: Option<&RawValue>, resource: Option<&RawValue>) -> Result<RunNews, WebhookError> {
    let object = object.ok_or(WebhookError::Malformed { part: "object" })?;
    let object: wire::RunObject = serde_json::from_str(object.get()).map_err(malformed("object"))?;
    let resource: Option<wire::RunResource> =
        resource.map(|raw| serde_json::from_str(raw.get()).map_err(malformed("resource"))).transpose()?;
    if let Some(resource) = &resource {
        // If it says two things, neither is believed: the run is read from the API before long.
        if resource.id.is_some_and(|id| id != object.id) {
            return Err(WebhookError::Malformed { part: "resource.id" });
        }
        if resource.status.as_ref().is_some_and(|status| *status != object.status) {
            return Err(WebhookError::Malformed { part: "resource.status" });
        }
    }
    let status = serde_json::from_value::<wire::Status>(object.status.into());
    let completed_at = object.completed_at_iso8601.map(|text| OffsetDateTime::parse(&text, &Rfc3339)).transpose();
    Ok(RunNews {
        run: object.id,
        standing: status.map_err(|_| WebhookError::UnknownStatus)?.standing(),
        completed_at: completed_at.map_err(|_| WebhookError::Malformed { part: "completed_at_iso8601" })?,
        applicant: resource.as_ref().and_then(|resource| resource.applicant_id),
        customer_user_id: resource.as_ref().and_then(|resource| resource.customer_user_id.clone()),
        tags: resource.and_then(|resource| resource.tags).unwrap_or_default(),
    })
}

/// serde's own message is dropped: it may quote the value.
fn malformed(part: &'static str) -> impl Fn(serde_json::Error) -> WebhookError {
    move |_| WebhookError::Malformed { part }
}
