//! Which records are worked at, and what is read of them.

use bytes::Bytes;
use serde_json::{Value, json};

use super::*;

const SAMPLE: &str = include_str!("../../../events/samples/expire-sign-up.json");

fn record(change: impl FnOnce(&mut Value)) -> EventRecord {
    let mut event: Value = serde_json::from_str(SAMPLE).unwrap();
    change(&mut event["Records"][0]);
    stream::records(&Bytes::from(event.to_string())).unwrap().remove(0)
}

#[test]
fn what_the_table_removed_by_itself_has_expired() {
    let record = record(|_| ());
    assert!(is_expiry(&record));
    let lapsed = lapsed(&record).unwrap();
    assert_eq!(lapsed.subject.to_string(), "6f1d2c1e-6b7a-4c55-9d3e-0a1b2c3d4e5f");
    assert_eq!((lapsed.begun.as_deref(), lapsed.claimed), (Some("2026-04-19T10:00:12.481Z"), false));
    assert_eq!(lapsed.at.unix_timestamp(), 1_779_184_920);
}

#[test]
fn what_anybody_else_wrote_or_deleted_has_not() {
    for name in ["INSERT", "MODIFY"] {
        assert!(!is_expiry(&record(|it| it["eventName"] = json!(name))), "{name}");
    }
    assert!(!is_expiry(&record(|it| drop(it.as_object_mut().unwrap().remove("userIdentity")))));
    for (kind, principal) in [("Service", "replication.dynamodb.amazonaws.com"), ("User", "dynamodb.amazonaws.com")] {
        let by = json!({ "type": kind, "principalId": principal });
        assert!(!is_expiry(&record(|it| it["userIdentity"] = by)), "{kind} {principal}");
    }
}

#[test]
fn what_was_claimed_says_so_and_what_is_no_sign_up_is_none() {
    let claimed = record(|it| it["dynamodb"]["OldImage"]["claimed"] = json!({ "S": "2026-05-19T10:00:12.000Z" }));
    assert!(lapsed(&claimed).unwrap().claimed);
    for key in ["customer#6f1d2c1e-6b7a-4c55-9d3e-0a1b2c3d4e5f", "sign-up#ada", "sign-up#"] {
        assert_eq!(lapsed(&record(|it| it["dynamodb"]["OldImage"]["pk"]["S"] = json!(key))), None, "{key}");
    }
    assert_eq!(lapsed(&record(|it| drop(it["dynamodb"].as_object_mut().unwrap().remove("OldImage")))), None);
}
