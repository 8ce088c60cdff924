//! What one commit holds, and how it hangs on the one before it.

use app::{
    commit::{Actor, Cause, Hash},
    store::StoreError,
};
use domain::ids::Version;
use sha2::{Digest as _, Sha256};

use super::world::{EVENTS, Note, World, cause, stream, written};

#[tokio::test]
async fn every_commit_carries_the_hash_of_the_one_before_it() {
    let world = World::new();
    let note = stream("note");
    for length in 0..12 {
        world.streams.record::<Note>(&note, &cause(), &[written(length)]).await.unwrap();
    }
    let history = world.history(&note).await;
    assert_eq!(history.len(), 12);
    let mut previous = [0; 32];
    for (commit, version) in history.iter().zip(0_u64..) {
        assert_eq!(commit.previous, Hash(previous));
        // The formula, written down a second time: an auditor who has only this text must get the same numbers.
        let mut digest = Sha256::new();
        digest.update(previous);
        digest.update(note.as_str());
        digest.update([0]);
        digest.update(version.to_be_bytes());
        digest.update(commit.body.as_bytes());
        previous = digest.finalize().into();
        assert_eq!(commit.hash(), Hash(previous));
    }
}

#[tokio::test]
async fn no_two_places_and_no_two_contents_have_one_hash() {
    let world = World::new();
    let (left, right) = (stream("note"), stream("note"));
    for stream in [&left, &right] {
        world.streams.record::<Note>(stream, &cause(), &[written(3)]).await.unwrap();
    }
    let (left, right) = (world.history(&left).await.remove(0), world.history(&right).await.remove(0));
    assert_eq!(left.body, right.body);
    assert_ne!(left.hash(), right.hash());
    let mut moved = left.clone();
    moved.version = Version(1);
    assert_ne!(moved.hash(), left.hash());
    let mut altered = left.clone();
    altered.body = altered.body.replace("xxx", "xxy");
    assert_ne!(altered.hash(), left.hash());
}

#[tokio::test]
async fn a_commit_says_when_who_and_because_of_what() {
    let world = World::new();
    let note = stream("note");
    let mut cause =
        Cause::by(Actor::Provider("clearbank")).because_of("message-1").correlated(Some("request-1".to_owned()));
    cause.traceparent = Some("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01".to_owned());
    world.streams.record::<Note>(&note, &cause, &[written(1)]).await.unwrap();
    let commit = world.history(&note).await.remove(0);
    let expected = concat!(
        r#"{"at":"2026-11-20T12:00:00.000Z","by":"provider:clearbank","ca":"message-1","co":"request-1","#,
        r#""tp":"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01","#,
        r#""ev":[{"type":"note.written.v1","data":{"text":"x"}}]}"#
    );
    assert_eq!(commit.body, expected);
    assert_eq!(commit.body::<Note>().unwrap().events, [written(1)]);
    let records = world.aws.dynamodb.stream_records(EVENTS, 0, 10).unwrap();
    assert_eq!(records[0].json["dynamodb"]["NewImage"]["k"]["S"], "note");
}

#[tokio::test]
async fn a_commit_item_that_lacks_an_attribute_is_named() {
    let world = World::new();
    for attribute in ["c", "p", "s", "sv"] {
        let note = stream("note");
        world.streams.record::<Note>(&note, &cause(), &[written(1)]).await.unwrap();
        let update = world.client().update_item().table_name(EVENTS).update_expression("REMOVE #a");
        let update = update.expression_attribute_names("#a", attribute);
        let update = update.key("pk", aws_sdk_dynamodb::types::AttributeValue::S(note.to_string()));
        update.key("sk", aws_sdk_dynamodb::types::AttributeValue::N("0".to_owned())).send().await.unwrap();
        let error = world.streams.load::<Note>(note.clone()).await.unwrap_err();
        assert_eq!(error, StoreError::Incomplete { stream: note.to_string(), attribute });
    }
}
