//! Orders to the simulated Onfido: somebody shows their passport, and the provider misbehaves.

use std::sync::Arc;

use axum::{
    Json, Router,
    extract::{Path, Query, State, rejection::JsonRejection},
    http::StatusCode,
    response::{IntoResponse as _, Response},
    routing::{get, post},
};
use serde::Deserialize;
use serde_json::{Value, json};
use simulators::onfido::{Delivery, Endpoint, Fault, Onfido, OnfidoError, Run, Verdict};
use uuid::Uuid;

use super::refusal;
use crate::engine::clock::Clock;

/// The simulator with its way to the bank's webhook.
#[derive(Clone)]
pub struct OnfidoDoor {
    /// The simulator.
    pub provider: Arc<Onfido>,
    /// Where it sends to.
    pub endpoint: Endpoint,
    /// The time that its webhooks carry.
    pub clock: Arc<dyn Clock>,
}

impl OnfidoDoor {
    /// Ends a run, and tells how its webhooks fared. A refused webhook is an outcome, not an error.
    ///
    /// # Errors
    /// When there is no such run, or no applicant any more.
    pub async fn complete(&self, run: Uuid, verdict: Verdict, times: Times) -> Result<Vec<Delivery>, OnfidoError> {
        let first = self.provider.complete(run, verdict, self.clock.now_ms(), &self.endpoint).await?;
        self.and_again(first, times).await
    }

    /// Lets the monitor of whoever a run was for find somebody, and tells how its webhooks fared.
    ///
    /// # Errors
    /// When there is no such run.
    pub async fn find_matches(
        &self,
        run: Uuid,
        matches: &[String],
        times: Times,
    ) -> Result<Vec<Delivery>, OnfidoError> {
        let first = self.provider.find_matches(run, matches, self.clock.now_ms(), &self.endpoint).await?;
        self.and_again(first, times).await
    }

    async fn and_again(&self, first: Delivery, times: Times) -> Result<Vec<Delivery>, OnfidoError> {
        let id = first.id;
        let mut deliveries = vec![first];
        if times == Times::Twice {
            deliveries.push(self.provider.redeliver(id, self.clock.now_ms(), &self.endpoint).await?);
        }
        Ok(deliveries)
    }
}

/// How often a webhook is sent, however it is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Times {
    /// As usual.
    Once,
    /// The same bytes again.
    Twice,
}

/// The body of `POST /dev/onfido/runs/{id}`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Completion {
    status: Verdict,
    #[serde(default)]
    duplicate: bool,
}

/// The body of `POST /dev/onfido/runs/{id}/matches`: the monitor of whoever the run was for has found these.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Matches {
    matches: Vec<String>,
    #[serde(default)]
    duplicate: bool,
}

/// The body of `POST /dev/onfido/faults`: so many calls are answered with this status, or everybody is asked to slow down.
#[derive(Deserialize)]
#[serde(untagged)]
enum Faults {
    Answered(Answered),
    Throttled(Throttled),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Answered {
    calls: u32,
    status: u16,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Throttled {
    throttled_for_seconds: u32,
}

#[derive(Deserialize)]
struct RunFilter {
    customer: Option<String>,
}

/// The routes.
pub fn router(door: OnfidoDoor) -> Router {
    Router::new()
        .route("/dev/onfido/runs", get(runs))
        .route("/dev/onfido/runs/{id}", post(complete))
        .route("/dev/onfido/runs/{id}/matches", post(find_matches))
        .route("/dev/onfido/faults", post(faults))
        .with_state(door)
}

async fn runs(State(door): State<OnfidoDoor>, Query(filter): Query<RunFilter>) -> Response {
    let wanted = |run: &Run| filter.customer.is_none() || run.customer_user_id == filter.customer;
    Json(door.provider.runs().iter().filter(|run| wanted(run)).map(view).collect::<Vec<_>>()).into_response()
}

/// Without the token that opens it, and without what it has read from a passport.
fn view(run: &Run) -> Value {
    json!({
        "id": run.id,
        "applicant_id": run.applicant_id,
        "customer_user_id": run.customer_user_id,
        "status": run.status,
        "tags": run.tags,
        "created_at": run.created_at,
        "updated_at": run.updated_at,
    })
}

/// The body must be announced as JSON: a web page of somebody else's cannot do that unasked.
async fn complete(
    State(door): State<OnfidoDoor>,
    Path(id): Path<Uuid>,
    order: Result<Json<Completion>, JsonRejection>,
) -> Response {
    let order = match order {
        Ok(Json(order)) => order,
        Err(rejection) => return refusal(rejection.status(), "NOT_A_COMPLETION", &rejection.body_text()),
    };
    let times = if order.duplicate { Times::Twice } else { Times::Once };
    match door.complete(id, order.status, times).await {
        Ok(deliveries) => Json(json!({"runId": id, "deliveries": deliveries})).into_response(),
        Err(error) => refused(&error),
    }
}

async fn find_matches(
    State(door): State<OnfidoDoor>,
    Path(id): Path<Uuid>,
    order: Result<Json<Matches>, JsonRejection>,
) -> Response {
    let order = match order {
        Ok(Json(order)) => order,
        Err(rejection) => return refusal(rejection.status(), "NO_MATCHES", &rejection.body_text()),
    };
    let times = if order.duplicate { Times::Twice } else { Times::Once };
    match door.find_matches(id, &order.matches, times).await {
        Ok(deliveries) => Json(json!({"runId": id, "deliveries": deliveries})).into_response(),
        Err(error) => refused(&error),
    }
}

/// 504 stands for an answer that is lost on its way: the call is carried out.
async fn faults(State(door): State<OnfidoDoor>, order: Result<Json<Faults>, JsonRejection>) -> Response {
    match order {
        Ok(Json(Faults::Answered(Answered { calls, status }))) if (400..=599).contains(&status) => {
            let fault = if status == 504 { Fault::AnswerLost } else { Fault::Status(status) };
            door.provider.fail_next(calls, fault);
        }
        Ok(Json(Faults::Answered(_))) => {
            return refusal(StatusCode::BAD_REQUEST, "NOT_A_FAULT", "A status from 400 to 599 is a fault.");
        }
        Ok(Json(Faults::Throttled(Throttled { throttled_for_seconds }))) => {
            let for_ms = i64::from(throttled_for_seconds).saturating_mul(1_000);
            door.provider.throttle_until(door.clock.now_ms().saturating_add(for_ms));
        }
        Err(rejection) => return refusal(rejection.status(), "NOT_A_FAULT", &rejection.body_text()),
    }
    StatusCode::NO_CONTENT.into_response()
}

fn refused(error: &OnfidoError) -> Response {
    match error {
        OnfidoError::Unknown { .. } => refusal(StatusCode::NOT_FOUND, "UNKNOWN_RUN", &error.to_string()),
        OnfidoError::Deleted { .. } => refusal(StatusCode::CONFLICT, "APPLICANT_DELETED", &error.to_string()),
        OnfidoError::TimeOutOfRange
        | OnfidoError::Random
        | OnfidoError::Unreadable { .. }
        | OnfidoError::Storage { .. } => {
            tracing::error!(error = error as &dyn std::error::Error, "the simulator failed");
            refusal(StatusCode::INTERNAL_SERVER_ERROR, "SIMULATOR_FAILED", "The simulator failed.")
        }
    }
}

#[cfg(test)]
mod tests {
    use axum::{
        body::{Body, to_bytes},
        http::Request,
    };
    use bytes::Bytes;
    use simulators::delivery::{Deliver, NoAnswer};
    use tower::ServiceExt as _;

    use super::*;
    use crate::engine::clock::ManualClock;

    struct Bank;

    #[async_trait::async_trait]
    impl Deliver for Bank {
        async fn post(&self, _: http::Request<Bytes>) -> Result<http::Response<Bytes>, NoAnswer> {
            Ok(http::Response::new(Bytes::new()))
        }
    }

    fn door() -> OnfidoDoor {
        OnfidoDoor {
            provider: Arc::new(Onfido::open(None).unwrap()),
            endpoint: Endpoint { path: "/webhooks/onfido".to_owned(), deliver: Arc::new(Bank) },
            clock: Arc::new(ManualClock::new(1_800_000_000_000)),
        }
    }

    async fn call(door: &OnfidoDoor, method: &str, path: &str, body: &str) -> (u16, Value) {
        let request = Request::builder().method(method).uri(path).header("content-type", "application/json");
        let answer = router(door.clone()).oneshot(request.body(Body::from(body.to_owned())).unwrap()).await.unwrap();
        let status = answer.status().as_u16();
        let bytes = to_bytes(answer.into_body(), usize::MAX).await.unwrap();
        (status, serde_json::from_slice(&bytes).unwrap_or_default())
    }

    /// What the bank asks of the API.
    async fn api(door: &OnfidoDoor, path: &str, body: Value) -> Value {
        let request = http::Request::post(format!("/v3.6/{path}"))
            .header("authorization", format!("Token token={}", door.provider.api_token()))
            .header("content-type", "application/json")
            .body(Bytes::from(body.to_string()))
            .unwrap();
        serde_json::from_slice(door.provider.handle(request, door.clock.now_ms()).await.body()).unwrap()
    }

    async fn started(door: &OnfidoDoor, customer: &str) -> String {
        let applicant = api(door, "applicants", json!({"first_name": "Ada", "last_name": "Example"})).await;
        let workflow = door.provider.workflow_id();
        let order = json!({"applicant_id": applicant["id"], "workflow_id": workflow, "customer_user_id": customer});
        api(door, "workflow_runs", order).await["id"].as_str().unwrap().to_owned()
    }

    #[tokio::test]
    async fn a_run_is_found_by_its_customer_and_ended() {
        let door = door();
        let (run, _) = (started(&door, "customer-1").await, started(&door, "customer-2").await);
        let (_, shown) = call(&door, "GET", "/dev/onfido/runs", "").await;
        assert_eq!(shown.as_array().unwrap().len(), 2);
        let (_, shown) = call(&door, "GET", "/dev/onfido/runs?customer=customer-1", "").await;
        assert_eq!((shown.as_array().unwrap().len(), &shown[0]["id"]), (1, &json!(run)));
        assert_eq!(shown[0]["status"], "awaiting_input");

        let path = format!("/dev/onfido/runs/{run}");
        let (status, done) = call(&door, "POST", &path, r#"{"status":"approved","duplicate":true}"#).await;
        assert_eq!((status, &done["runId"], &done["deliveries"][1]["attempts"]), (200, &json!(run), &json!(2)));
        let (_, shown) = call(&door, "GET", "/dev/onfido/runs?customer=customer-1", "").await;
        assert_eq!(shown[0]["status"], "approved");
        for hidden in ["sdk_token", "output", "Ada"] {
            assert!(!shown.to_string().contains(hidden), "{hidden}");
        }
    }

    #[tokio::test]
    async fn nonsense_is_refused() {
        let door = door();
        let run = format!("/dev/onfido/runs/{}", started(&door, "c").await);
        let nobody = format!("/dev/onfido/runs/{}", Uuid::nil());
        for (path, body, status) in [
            (run.as_str(), r#"{"status":"fine"}"#, 422),
            (&run, r#"{"status":"approved","typo":1}"#, 422),
            (&run, "{", 400),
            (&nobody, r#"{"status":"approved"}"#, 404),
            ("/dev/onfido/faults", r#"{"calls":1,"status":200}"#, 400),
            ("/dev/onfido/faults", r#"{"calls":1,"status":504}"#, 204),
            ("/dev/onfido/faults", r#"{"throttledForSeconds":60}"#, 204),
            ("/dev/onfido/faults", r#"{"calls":1,"status":500,"throttledForSeconds":1}"#, 422),
        ] {
            assert_eq!(call(&door, "POST", path, body).await.0, status, "{path} {body}");
        }
    }
}
