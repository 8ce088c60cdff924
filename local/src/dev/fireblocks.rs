//! Orders to the simulated Fireblocks: somebody outside sends coins, and the custodian misbehaves.

use std::sync::Arc;

use axum::{
    Json, Router,
    extract::{Path, State, rejection::JsonRejection},
    http::StatusCode,
    response::{IntoResponse as _, Response},
    routing::{get, post},
};
use serde::Deserialize;
use serde_json::json;
pub use simulators::fireblocks::Deposit as DepositOrder;
use simulators::fireblocks::{Delivery, Endpoint, Fault, Fireblocks, FireblocksError, Transaction};
use uuid::Uuid;

use super::refusal;
use crate::engine::clock::Clock;

/// The simulator with its way to the bank's webhook.
#[derive(Clone)]
pub struct FireblocksDoor {
    /// The simulator.
    pub custodian: Arc<Fireblocks>,
    /// Where it sends to.
    pub endpoint: Endpoint,
    /// The bank's time, which is the chain's too.
    pub clock: Arc<dyn Clock>,
}

impl FireblocksDoor {
    /// Takes a deposit from outside, and tells how its webhooks fared. A refused webhook is an outcome, not an error.
    ///
    /// # Errors
    /// When the order makes no sense, or the simulator fails.
    pub async fn deposit(&self, order: DepositOrder) -> Result<(Transaction, Vec<Delivery>), FireblocksError> {
        self.custodian.deposit(&order, self.clock.now_ms(), &self.endpoint).await
    }
}

/// The body of `POST /dev/fireblocks/faults`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Faults {
    calls: u32,
    status: u16,
}

/// The routes.
pub fn router(door: FireblocksDoor) -> Router {
    Router::new()
        .route("/dev/fireblocks/deposits", post(deposit))
        .route("/dev/fireblocks/transactions", get(transactions))
        .route("/dev/fireblocks/transactions/{id}/step", post(step))
        .route("/dev/fireblocks/faults", post(faults))
        .with_state(door)
}

/// The body must be announced as JSON: a web page of somebody else's cannot do that unasked.
async fn deposit(State(door): State<FireblocksDoor>, order: Result<Json<DepositOrder>, JsonRejection>) -> Response {
    let order = match order {
        Ok(Json(order)) => order,
        Err(rejection) => return refusal(rejection.status(), "NOT_A_DEPOSIT", &rejection.body_text()),
    };
    match door.deposit(order).await {
        Ok((transaction, deliveries)) => {
            Json(json!({"transactionId": transaction.id, "deliveries": deliveries})).into_response()
        }
        Err(error) => refused(&error),
    }
}

async fn transactions(State(door): State<FireblocksDoor>) -> Response {
    Json(door.custodian.transactions()).into_response()
}

async fn step(State(door): State<FireblocksDoor>, Path(id): Path<Uuid>) -> Response {
    match door.custodian.step(id, door.clock.now_ms(), &door.endpoint).await {
        Ok(deliveries) => Json(json!({"transactionId": id, "deliveries": deliveries})).into_response(),
        Err(error) => refused(&error),
    }
}

/// 504 stands for an answer that is lost on its way: the call is carried out.
async fn faults(State(door): State<FireblocksDoor>, order: Result<Json<Faults>, JsonRejection>) -> Response {
    let order = match order {
        Ok(Json(order)) if (400..=599).contains(&order.status) => order,
        Ok(Json(_)) => return refusal(StatusCode::BAD_REQUEST, "NOT_A_FAULT", "A status from 400 to 599 is a fault."),
        Err(rejection) => return refusal(rejection.status(), "NOT_A_FAULT", &rejection.body_text()),
    };
    let fault = if order.status == 504 { Fault::AnswerLost } else { Fault::Status(order.status) };
    door.custodian.fail_next(order.calls, fault);
    StatusCode::NO_CONTENT.into_response()
}

fn refused(error: &FireblocksError) -> Response {
    match error {
        FireblocksError::Order { .. } => refusal(StatusCode::BAD_REQUEST, "NOT_A_DEPOSIT", &error.to_string()),
        FireblocksError::Unknown { .. } => refusal(StatusCode::NOT_FOUND, "UNKNOWN_TRANSACTION", &error.to_string()),
        FireblocksError::Key | FireblocksError::Unreadable { .. } | FireblocksError::Storage { .. } => {
            tracing::error!(error = error as &dyn std::error::Error, "the simulator failed");
            refusal(StatusCode::INTERNAL_SERVER_ERROR, "SIMULATOR_FAILED", "The simulator failed.")
        }
    }
}

#[cfg(test)]
mod tests {
    use axum::body::{Body, to_bytes};
    use axum::http::Request;
    use bytes::Bytes;
    use serde_json::Value;
    use simulators::delivery::{Deliver, NoAnswer};
    use tower::ServiceExt as _;

    use super::*;

    struct Bank;

    #[async_trait::async_trait]
    impl Deliver for Bank {
        async fn post(&self, _: http::Request<Bytes>) -> Result<http::Response<Bytes>, NoAnswer> {
            Ok(http::Response::new(Bytes::new()))
        }
    }

    #[derive(Debug)]
    struct Noon;

    impl Clock for Noon {
        fn now_ms(&self) -> i64 {
            1_800_000_000_000
        }

        fn advance(&self, _: std::time::Duration) -> std::io::Result<()> {
            Ok(())
        }
    }

    fn door() -> FireblocksDoor {
        FireblocksDoor {
            custodian: Arc::new(Fireblocks::open(None).unwrap()),
            endpoint: Endpoint { path: "/webhooks/fireblocks".to_owned(), deliver: Arc::new(Bank) },
            clock: Arc::new(Noon),
        }
    }

    async fn call(door: &FireblocksDoor, method: &str, path: &str, body: &str) -> (u16, Value) {
        let request = Request::builder().method(method).uri(path).header("content-type", "application/json");
        let answer = router(door.clone()).oneshot(request.body(Body::from(body.to_owned())).unwrap()).await.unwrap();
        let status = answer.status().as_u16();
        let bytes = to_bytes(answer.into_body(), usize::MAX).await.unwrap();
        (status, serde_json::from_slice(&bytes).unwrap_or_default())
    }

    #[tokio::test]
    async fn a_deposit_is_made_and_shown_and_confirmed_by_hand() {
        let door = door();
        let order =
            r#"{"asset":"BTC","address":"bc1qx","amount":"0.5","confirm":"slowly","fail":false,"duplicate":true}"#;
        let (status, made) = call(&door, "POST", "/dev/fireblocks/deposits", order).await;
        assert_eq!((status, made["deliveries"].as_array().unwrap().len()), (200, 2));
        let path = format!("/dev/fireblocks/transactions/{}/step", made["transactionId"].as_str().unwrap());
        assert_eq!(call(&door, "POST", &path, "").await.0, 200);
        let (_, shown) = call(&door, "GET", "/dev/fireblocks/transactions", "").await;
        assert_eq!((&shown[0]["id"], &shown[0]["confirmations"]), (&made["transactionId"], &json!(1)));
    }

    #[tokio::test]
    async fn nonsense_is_refused() {
        let door = door();
        for (path, body, status) in [
            ("/dev/fireblocks/deposits", r#"{"asset":"BTC","address":"a","amount":"all"}"#, 400),
            ("/dev/fireblocks/deposits", r#"{"asset":"BTC"}"#, 422),
            ("/dev/fireblocks/faults", r#"{"calls":1,"status":200}"#, 400),
            ("/dev/fireblocks/faults", r#"{"calls":1,"status":504}"#, 204),
            ("/dev/fireblocks/transactions/cfe5be48-9307-4aa3-8ead-b959fca35dd6/step", "", 404),
        ] {
            assert_eq!(call(&door, "POST", path, body).await.0, status, "{path} {body}");
        }
    }
}
