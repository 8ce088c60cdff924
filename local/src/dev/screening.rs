//! Orders to the simulated screening provider: somebody gets onto a list, and the provider misbehaves.

use std::sync::Arc;

use axum::{
    Json, Router,
    extract::{State, rejection::JsonRejection},
    http::StatusCode,
    response::{IntoResponse as _, Response},
    routing::{get, post},
};
use serde::Deserialize;
use simulators::screening::{Entity, Fault, Screening, ScreeningError};

use super::refusal;
use crate::engine::clock::Clock;

/// The simulator, and the bank's time.
#[derive(Clone)]
pub struct ScreeningDoor {
    /// The simulator.
    pub provider: Arc<Screening>,
    /// From when on it asks to slow down.
    pub clock: Arc<dyn Clock>,
}

/// The body of `POST /dev/screening/faults`: so many calls are answered with this status, or everybody is asked to slow down.
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

/// The routes.
pub fn router(door: ScreeningDoor) -> Router {
    Router::new()
        .route("/dev/screening/entities", post(add))
        .route("/dev/screening/calls", get(calls))
        .route("/dev/screening/faults", post(faults))
        .with_state(door)
}

/// The body must be announced as JSON: a web page of somebody else's cannot do that unasked.
async fn add(State(door): State<ScreeningDoor>, entity: Result<Json<Entity>, JsonRejection>) -> Response {
    let entity = match entity {
        Ok(Json(entity)) => entity,
        Err(rejection) => return refusal(rejection.status(), "NOT_AN_ENTITY", &rejection.body_text()),
    };
    match door.provider.add(entity) {
        Ok(()) => StatusCode::NO_CONTENT.into_response(),
        Err(ScreeningError::NotAnEntity { what }) => refusal(StatusCode::BAD_REQUEST, "NOT_AN_ENTITY", what),
        Err(error @ (ScreeningError::Random | ScreeningError::Unreadable { .. } | ScreeningError::Storage { .. })) => {
            tracing::error!(error = &error as &dyn std::error::Error, "the simulator failed");
            refusal(StatusCode::INTERNAL_SERVER_ERROR, "SIMULATOR_FAILED", "The simulator failed.")
        }
    }
}

async fn calls(State(door): State<ScreeningDoor>) -> Response {
    Json(door.provider.calls()).into_response()
}

/// 504 stands for an answer that is lost on its way: the call is carried out.
async fn faults(State(door): State<ScreeningDoor>, order: Result<Json<Faults>, JsonRejection>) -> Response {
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

#[cfg(test)]
mod tests {
    use axum::{
        body::{Body, to_bytes},
        http::Request,
    };
    use bytes::Bytes;
    use serde_json::{Value, json};
    use tower::ServiceExt as _;

    use super::*;
    use crate::engine::clock::ManualClock;

    fn door() -> (ScreeningDoor, Arc<ManualClock>) {
        let clock = Arc::new(ManualClock::new(1_800_000_000_000));
        let provider = Arc::new(Screening::open(None).unwrap());
        (ScreeningDoor { provider, clock: Arc::clone(&clock) as _ }, clock)
    }

    async fn call(door: &ScreeningDoor, method: &str, path: &str, body: &str) -> (u16, Value) {
        let request = Request::builder().method(method).uri(path).header("content-type", "application/json");
        let answer = router(door.clone()).oneshot(request.body(Body::from(body.to_owned())).unwrap()).await.unwrap();
        let status = answer.status().as_u16();
        let bytes = to_bytes(answer.into_body(), usize::MAX).await.unwrap();
        (status, serde_json::from_slice(&bytes).unwrap_or_default())
    }

    /// What the bank asks of the API, and whom it is told of.
    async fn ask(door: &ScreeningDoor, name: &str) -> (u16, Value) {
        let body = json!({"queries": {"q": {"schema": "Person", "properties": {"name": [name]}}}});
        let request = http::Request::post("/sim/screening/match/default?topics=sanction")
            .header("authorization", format!("ApiKey {}", door.provider.api_key()))
            .body(Bytes::from(body.to_string()))
            .unwrap();
        let answer = door.provider.handle(request, door.clock.now_ms()).await;
        let body: Value = serde_json::from_slice(answer.body()).unwrap_or_default();
        (answer.status().as_u16(), body["responses"]["q"]["results"][0]["id"].clone())
    }

    #[tokio::test]
    async fn somebody_who_is_added_is_found_and_the_call_is_shown_without_them() {
        let (door, _) = door();
        let entity = json!({"id": "NK-1", "names": ["Ottokar Quenzel"], "topics": ["sanction"]}).to_string();
        assert_eq!(call(&door, "POST", "/dev/screening/entities", &entity).await.0, 204);
        assert_eq!(ask(&door, "Ottokar Quenzel").await, (200, json!("NK-1")));
        let (status, calls) = call(&door, "GET", "/dev/screening/calls", "").await;
        assert_eq!((status, &calls[0]["found"], &calls[0]["topics"]), (200, &json!(["NK-1"]), &json!(["sanction"])));
        assert_eq!((&calls[0]["status"], &calls[0]["atMs"]), (&json!(200), &json!(1_800_000_000_000_u64)));
        assert!(!calls.to_string().contains("Quenzel"));
    }

    #[tokio::test]
    async fn calls_fail_as_they_are_told_to() {
        let (door, clock) = door();
        for body in [r#"{"calls":1,"status":503}"#, r#"{"calls":1,"status":504}"#] {
            assert_eq!(call(&door, "POST", "/dev/screening/faults", body).await.0, 204);
        }
        assert_eq!([ask(&door, "X").await.0, ask(&door, "X").await.0, ask(&door, "X").await.0], [503, 504, 200]);
        let slower = r#"{"throttledForSeconds":60}"#;
        assert_eq!(call(&door, "POST", "/dev/screening/faults", slower).await.0, 204);
        assert_eq!(ask(&door, "X").await.0, 429);
        clock.advance_ms(60_000);
        assert_eq!(ask(&door, "X").await.0, 200);
    }

    #[tokio::test]
    async fn nonsense_is_refused() {
        let (door, _) = door();
        for (path, body, status) in [
            ("/dev/screening/entities", "{", 400),
            ("/dev/screening/entities", r#"{"id":"a","names":["B"]}"#, 422),
            ("/dev/screening/entities", r#"{"id":"a","names":["B"],"topics":["t"],"typo":1}"#, 422),
            ("/dev/screening/entities", r#"{"id":"a","names":[],"topics":["sanction"]}"#, 400),
            ("/dev/screening/faults", r#"{"calls":1,"status":200}"#, 400),
            ("/dev/screening/faults", r#"{"calls":1,"status":500,"throttledForSeconds":1}"#, 422),
            ("/dev/screening/faults", "{}", 422),
        ] {
            assert_eq!(call(&door, "POST", path, body).await.0, status, "{path} {body}");
        }
    }
}
