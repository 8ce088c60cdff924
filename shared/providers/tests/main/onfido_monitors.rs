//! What Onfido's monitors tell.

use providers::onfido::{Event, Webhook, WebhookError};
use uuid::Uuid;

fn told(kind: &str, object: &str) -> Result<Event, WebhookError> {
    let body = format!(
        r#"{{"payload":{{"resource_type":"{kind}","action":"watchlist_monitor.matches_updated","object":{object}}}}}"#
    );
    Webhook::parse(body.as_bytes()).map(|webhook| webhook.event)
}

#[test]
fn a_monitor_that_has_found_somebody_is_told_by_its_id() {
    let id = Uuid::from_u128(7);
    let object = format!(r#"{{"id":"{id}","status":"complete"}}"#);
    assert!(matches!(told("watchlist_monitor", &object), Ok(Event::MonitorMatches { monitor }) if monitor == id));
    for (kind, object, part) in [
        ("watchlist_monitor", r#"{"id":"p_1"}"#, "object"),
        ("watchlist_monitor", "null", "object"),
        ("check", object.as_str(), "resource_type"),
    ] {
        assert_eq!(told(kind, object).unwrap_err(), WebhookError::Malformed { part }, "{kind} {object}");
    }
}
