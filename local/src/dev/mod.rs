//! `/dev/*`: doors to the simulators, on a laptop only. They never touch the bank's own state.

mod clearbank;
mod clock;
mod fireblocks;
mod mail;
mod onfido;
mod screening;
mod staff;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use axum::{
    Json, Router,
    extract::{Query, State, rejection::JsonRejection},
    http::StatusCode,
    response::{IntoResponse as _, Response},
    routing::{get, post},
};
use serde::Deserialize;
use serde_json::json;

pub use clearbank::{ClearBank, PaymentOrder, PaymentRefused, Payments};
pub use clock::ClockHands;
pub use fireblocks::{DepositOrder, FireblocksDoor};
pub use mail::MailDoor;
pub use onfido::{OnfidoDoor, Times};
pub use screening::ScreeningDoor;

use crate::services::cognito::{Cognito, Mail, Outbox};

/// What stands behind the doors.
pub struct Doors {
    /// Sends what `POST /dev/clearbank/payments` orders.
    pub payments: Arc<dyn Payments>,
    /// The identity provider.
    pub identity: OnfidoDoor,
    /// The custodian.
    pub custody: FireblocksDoor,
    /// The screening provider.
    pub screening: ScreeningDoor,
    /// Mails to customers.
    pub mail: MailDoor,
    /// What `/dev/clock` shows and moves.
    pub clock: Arc<dyn ClockHands>,
}

/// The routes.
pub fn router(pool: &Arc<Cognito>, doors: Doors) -> Router {
    Router::new()
        .route("/dev/outbox", get(mails).with_state(pool.outbox()))
        .route("/dev/clearbank/payments", post(pay).with_state(doors.payments))
        .merge(onfido::router(doors.identity))
        .merge(fireblocks::router(doors.custody))
        .merge(screening::router(doors.screening))
        .merge(mail::router(doors.mail))
        .merge(staff::router(Arc::clone(pool)))
        .merge(clock::router(doors.clock))
}

#[derive(Deserialize)]
struct MailFilter {
    to: Option<String>,
}

impl MailFilter {
    fn takes(&self, address: &str) -> bool {
        self.to.as_ref().is_none_or(|to| address.eq_ignore_ascii_case(to))
    }
}

async fn mails(State(outbox): State<Outbox>, Query(filter): Query<MailFilter>) -> Response {
    match outbox.mails() {
        Ok(mails) => {
            let wanted = |mail: &Mail| filter.takes(&mail.to);
            Json(mails.into_iter().filter(wanted).collect::<Vec<_>>()).into_response()
        }
        Err(error) => {
            tracing::error!(error = &error as &dyn std::error::Error, "the outbox could not be read");
            refusal(StatusCode::INTERNAL_SERVER_ERROR, "OUTBOX_UNREADABLE", "The outbox could not be read.")
        }
    }
}

/// The body must be announced as JSON: a web page of somebody else's cannot do that unasked.
async fn pay(State(payments): State<Arc<dyn Payments>>, order: Result<Json<PaymentOrder>, JsonRejection>) -> Response {
    let order = match order {
        Ok(Json(order)) => order,
        Err(rejection) => return refusal(rejection.status(), "NOT_A_PAYMENT", &rejection.body_text()),
    };
    match payments.pay(order).await {
        Ok(deliveries) => {
            let transaction_id = deliveries.first().and_then(|delivery| delivery.transaction_id);
            Json(json!({"transactionId": transaction_id, "deliveries": deliveries})).into_response()
        }
        Err(PaymentRefused::Order { message }) => refusal(StatusCode::BAD_REQUEST, "NOT_A_PAYMENT", &message),
        Err(PaymentRefused::Simulator { source }) => {
            tracing::error!(error = &*source as &dyn std::error::Error, "the simulator failed");
            refusal(StatusCode::INTERNAL_SERVER_ERROR, "SIMULATOR_FAILED", "The simulator failed.")
        }
    }
}

fn refusal(status: StatusCode, code: &str, message: &str) -> Response {
    (status, Json(json!({"error": {"code": code, "message": message}}))).into_response()
}
