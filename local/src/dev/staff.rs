//! Staff, without an administrator: on a laptop somebody has to be the first.

use std::sync::Arc;

use axum::{
    Json, Router,
    extract::{State, rejection::JsonRejection},
    http::StatusCode,
    response::{IntoResponse as _, Response},
    routing::post,
};
use serde::Deserialize;
use serde_json::json;

use super::refusal;
use crate::services::cognito::Cognito;

/// The body of `POST /dev/staff`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Hire {
    email: String,
    password: String,
    #[serde(default)]
    groups: Vec<String>,
}

pub(super) fn router(pool: Arc<Cognito>) -> Router {
    Router::new().route("/dev/staff", post(hire)).with_state(pool)
}

/// Makes somebody who can log in at once. Sending it again sets the password and adds the groups.
///
/// The body must be announced as JSON: a web page of somebody else's cannot do that unasked.
async fn hire(State(pool): State<Arc<Cognito>>, order: Result<Json<Hire>, JsonRejection>) -> Response {
    let order = match order {
        Ok(Json(order)) => order,
        Err(rejection) => return refusal(rejection.status(), "NOT_STAFF", &rejection.body_text()),
    };
    match pool.add_staff(&order.email, &order.password, &order.groups).await {
        Ok(id) => Json(json!({"staffId": id, "email": order.email, "groups": order.groups})).into_response(),
        Err(refused) => refusal(StatusCode::BAD_REQUEST, "NOT_STAFF", &refused.to_string()),
    }
}
