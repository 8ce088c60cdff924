//! `/dev/clock`: what time it is at the bank, and moving it forward.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use axum::{
    Json, Router,
    extract::{State, rejection::JsonRejection},
    http::StatusCode,
    response::{IntoResponse as _, Response},
    routing::{get, post},
};
use jiff::{Span, SpanRelativeTo, Timestamp};
use serde::Deserialize;
use serde_json::json;

use super::refusal;

/// Who may move the clock.
#[async_trait]
pub trait ClockHands: Send + Sync {
    /// What time it is, in milliseconds since the Unix epoch.
    fn now_ms(&self) -> i64;

    /// Moves forward, working at everything that falls due on the way, and answers when all is quiet.
    async fn advance(&self, by: Duration) -> Result<(), Box<dyn std::error::Error + Send + Sync>>;
}

pub(super) fn router(clock: Arc<dyn ClockHands>) -> Router {
    Router::new().route("/dev/clock", get(show)).route("/dev/clock/advance", post(advance)).with_state(clock)
}

async fn show(State(clock): State<Arc<dyn ClockHands>>) -> Response {
    let now = Timestamp::from_millisecond(clock.now_ms()).unwrap_or_default();
    Json(json!({ "now": format!("{now:.3}") })).into_response()
}

/// `{"by": "P8D"}`: an ISO 8601 duration of weeks, days, hours, minutes and seconds.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Advance {
    by: String,
}

async fn advance(State(clock): State<Arc<dyn ClockHands>>, order: Result<Json<Advance>, JsonRejection>) -> Response {
    let order = match order {
        Ok(Json(order)) => order,
        Err(rejection) => return refusal(rejection.status(), "NOT_A_DURATION", &rejection.body_text()),
    };
    let Some(by) = duration(&order.by) else {
        let message = "`by` is an ISO 8601 duration such as P8D or PT30M, and never backwards.";
        return refusal(StatusCode::BAD_REQUEST, "NOT_A_DURATION", message);
    };
    match clock.advance(by).await {
        Ok(()) => show(State(clock)).await,
        Err(error) => {
            tracing::error!(error = &*error as &dyn std::error::Error, "the clock could not be moved");
            refusal(StatusCode::INTERNAL_SERVER_ERROR, "CLOCK_STUCK", "The clock could not be moved.")
        }
    }
}

/// Months and years have no fixed length, so they are refused, as is whatever is negative.
fn duration(text: &str) -> Option<Duration> {
    let span: Span = text.parse().ok()?;
    let signed = span.to_duration(SpanRelativeTo::days_are_24_hours()).ok()?;
    Duration::try_from(signed).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_of_fixed_length_and_forward() {
        assert_eq!(duration("P8D"), Some(Duration::from_secs(8 * 24 * 3600)));
        assert_eq!(duration("P1W"), duration("P7D"));
        assert_eq!(duration("PT1H30M"), Some(Duration::from_secs(5400)));
        for refused in ["-P1D", "P-1D", "P1M", "P1Y", "8 parsecs", "", "8D"] {
            assert_eq!(duration(refused).filter(|it| !it.is_zero()), None, "{refused}");
        }
    }
}
