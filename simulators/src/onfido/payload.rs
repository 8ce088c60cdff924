//! The webhook's body, in payload version 3, and its signature.

use aws_lc_rs::hmac;
use serde::Serialize;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    OnfidoError, Run, Status,
    model::{Link, Monitor, RunError},
};

#[derive(Serialize)]
struct Envelope<'a> {
    payload: Payload<'a>,
}

#[derive(Serialize)]
struct Payload<'a> {
    resource_type: &'static str,
    action: &'static str,
    object: Object<'a>,
    resource: Resource<'a>,
}

#[derive(Serialize)]
struct Object<'a> {
    id: Uuid,
    status: Status,
    completed_at_iso8601: &'a str,
    href: String,
}

/// The run itself, without the token that opens it.
#[derive(Serialize)]
struct Resource<'a> {
    id: Uuid,
    applicant_id: Uuid,
    status: Status,
    created_at: &'a str,
    updated_at: &'a str,
    dashboard_url: &'a str,
    workflow_id: Uuid,
    workflow_run_id: Uuid,
    workflow_version_id: u32,
    output: &'a Option<Value>,
    reasons: &'a [String],
    tags: &'a [String],
    link: &'a Link,
    error: &'a Option<RunError>,
    customer_user_id: &'a Option<String>,
}

/// What is posted when a run is over.
pub(super) fn run_completed(run: &Run) -> Result<String, OnfidoError> {
    let envelope = Envelope {
        payload: Payload {
            resource_type: "workflow_run",
            action: "workflow_run.completed",
            object: Object {
                id: run.id,
                status: run.status,
                completed_at_iso8601: &run.updated_at,
                href: format!("https://api.eu.onfido.com/v3.6/workflow_runs/{}", run.id),
            },
            resource: Resource {
                id: run.id,
                applicant_id: run.applicant_id,
                status: run.status,
                created_at: &run.created_at,
                updated_at: &run.updated_at,
                dashboard_url: &run.dashboard_url,
                workflow_id: run.workflow_id,
                workflow_run_id: run.id,
                workflow_version_id: run.workflow_version_id,
                output: &run.output,
                reasons: &run.reasons,
                tags: &run.tags,
                link: &run.link,
                error: &run.error,
                customer_user_id: &run.customer_user_id,
            },
        },
    };
    serde_json::to_string(&envelope).map_err(|source| OnfidoError::Unreadable { source })
}

/// What is posted when a monitor has found somebody.
pub(super) fn matches_updated(monitor: &Monitor, at: &str) -> Result<String, OnfidoError> {
    let body = json!({"payload": {
        "resource_type": "watchlist_monitor",
        "action": "watchlist_monitor.matches_updated",
        "object": {
            "id": monitor.id,
            "status": "complete", // Assumed, as is its time: the document has an example of runs and checks only.
            "completed_at_iso8601": at,
            "href": format!("https://api.eu.onfido.com/v3.6/watchlist_monitors/{}", monitor.id),
        },
        "resource": monitor,
    }});
    serde_json::to_string(&body).map_err(|source| OnfidoError::Unreadable { source })
}

/// `X-SHA2-Signature`: lower-case hexadecimal HMAC-SHA256 over the body, under the webhook's token.
pub(super) fn sign(token: &str, body: &[u8]) -> String {
    hex::encode(hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, token.as_bytes()), body))
}
