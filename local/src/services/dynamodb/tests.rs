//! DynamoDB through the real SDK.

use std::collections::HashMap;

use aws_sdk_dynamodb::{
    Client,
    error::{ProvideErrorMetadata, SdkError},
    operation::{put_item::PutItemError, transact_write_items::TransactWriteItemsError},
    types::{
        AttributeValue as Attr, ConditionCheck, Delete, KeysAndAttributes, Put, PutRequest, ReturnConsumedCapacity,
        ReturnValue, ReturnValuesOnConditionCheckFailure, TransactWriteItem, Update, WriteRequest,
    },
};
use serde_json::json;

use super::{KeyAttribute, KeyKind, StreamView, TableSpec};
use crate::services::testing::{MONDAY_MS, Rules, World};

fn events(name: &str) -> TableSpec {
    TableSpec {
        name: name.to_owned(),
        partition: KeyAttribute { name: "pk".to_owned(), kind: KeyKind::S },
        sort: Some(KeyAttribute { name: "sk".to_owned(), kind: KeyKind::N }),
        stream: Some(StreamView::NewImage),
        ttl: None,
    }
}

fn with_events(world: World) -> (World, Client) {
    world.aws.dynamodb.create_table(&events("events")).unwrap();
    world.aws.dynamodb.create_table(&events("others")).unwrap();
    let client = Client::new(&world.config);
    (world, client)
}

fn key(stream: &str, version: u32) -> HashMap<String, Attr> {
    HashMap::from([("pk".to_owned(), Attr::S(stream.to_owned())), ("sk".to_owned(), Attr::N(version.to_string()))])
}

fn item(stream: &str, version: u32) -> HashMap<String, Attr> {
    let mut item = key(stream, version);
    item.insert("c".to_owned(), Attr::S("{}".to_owned()));
    item
}

async fn append(client: &Client, stream: &str, version: u32) -> Result<(), SdkError<PutItemError>> {
    client
        .put_item()
        .table_name("events")
        .set_item(Some(item(stream, version)))
        .condition_expression("attribute_not_exists(pk)")
        .send()
        .await
        .map(drop)
}

fn put(stream: &str, version: u32) -> TransactWriteItem {
    let put = Put::builder()
        .table_name("events")
        .set_item(Some(item(stream, version)))
        .condition_expression("attribute_not_exists(pk)")
        .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
    TransactWriteItem::builder().put(put.build().unwrap()).build()
}

#[tokio::test]
async fn load_and_append_cost_one_read_and_one_write_unit() {
    let (_world, client) = with_events(World::new());
    let put = client
        .put_item()
        .table_name("events")
        .set_item(Some(item("a", 0)))
        .condition_expression("attribute_not_exists(pk)")
        .return_consumed_capacity(ReturnConsumedCapacity::Total)
        .send()
        .await
        .unwrap();
    assert_eq!(put.consumed_capacity().unwrap().capacity_units(), Some(1.0));
    append(&client, "a", 1).await.unwrap();
    let head = client
        .query()
        .table_name("events")
        .key_condition_expression("pk = :s")
        .expression_attribute_values(":s", Attr::S("a".to_owned()))
        .scan_index_forward(false)
        .limit(1)
        .consistent_read(true)
        .return_consumed_capacity(ReturnConsumedCapacity::Total)
        .send()
        .await
        .unwrap();
    assert_eq!(head.items(), [item("a", 1)]);
    assert_eq!(head.consumed_capacity().unwrap().capacity_units(), Some(1.0));
}

#[tokio::test]
async fn each_item_operation_makes_its_round_trip() {
    let (_world, client) = with_events(World::new());
    append(&client, "a", 0).await.unwrap();
    let updated = client
        .update_item()
        .table_name("events")
        .set_key(Some(key("a", 0)))
        .update_expression("SET c = :c")
        .expression_attribute_values(":c", Attr::S("new".to_owned()))
        .return_values(ReturnValue::UpdatedNew)
        .send()
        .await
        .unwrap();
    assert_eq!(updated.attributes().unwrap()["c"], Attr::S("new".to_owned()));
    let got = client.get_item().table_name("events").set_key(Some(key("a", 0))).send().await.unwrap();
    assert_eq!(got.item().unwrap()["c"], Attr::S("new".to_owned()));

    let request = WriteRequest::builder()
        .put_request(PutRequest::builder().set_item(Some(item("b", 0))).build().unwrap())
        .build();
    let written = client.batch_write_item().request_items("events", vec![request]).send().await.unwrap();
    assert!(written.unprocessed_items().is_none_or(HashMap::is_empty));
    let keys = KeysAndAttributes::builder().keys(key("a", 0)).keys(key("b", 0)).build().unwrap();
    let got = client.batch_get_item().request_items("events", keys).send().await.unwrap();
    assert_eq!(got.responses().unwrap()["events"].len(), 2);

    let scanned = client.scan().table_name("events").send().await.unwrap();
    assert_eq!(scanned.count(), 2);
    client.delete_item().table_name("events").set_key(Some(key("a", 0))).send().await.unwrap();
    let got = client.get_item().table_name("events").set_key(Some(key("a", 0))).send().await.unwrap();
    assert!(got.item().is_none());

    let described = client.describe_table().table_name("events").send().await.unwrap();
    let table = described.table().unwrap();
    assert_eq!(table.table_arn(), Some("arn:aws:dynamodb:eu-west-1:000000000000:table/events"));
    assert_eq!(table.latest_stream_arn(), Some(crate::services::arn::stream("events").as_str()));
    let tables = client.list_tables().send().await.unwrap();
    assert_eq!(tables.table_names(), ["events", "others"]);
}

#[tokio::test]
async fn of_two_writers_of_one_version_one_is_refused() {
    let (_world, client) = with_events(World::new());
    let (left, right) = tokio::join!(append(&client, "a", 0), append(&client, "a", 0));
    let refused: Vec<_> = [left, right].into_iter().filter_map(Result::err).collect();
    assert_eq!(refused.len(), 1);
    assert!(refused[0].as_service_error().unwrap().is_conditional_check_failed_exception());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_threads_writing_one_stream_lose_nothing() {
    let (world, client) = with_events(World::new());
    let writers: Vec<_> = (0..8)
        .map(|_| {
            let client = client.clone();
            tokio::spawn(async move {
                let mut won = 0;
                for version in 0..20 {
                    won += u32::from(append(&client, "a", version).await.is_ok());
                }
                won
            })
        })
        .collect();
    let mut won = 0;
    for writer in writers {
        won += writer.await.unwrap();
    }
    assert_eq!(won, 20);
    assert_eq!(world.aws.dynamodb.stream_records("events", 0, 100).unwrap().len(), 20);
}

#[tokio::test]
async fn a_cancelled_transaction_says_why_for_each_action_and_writes_nothing() {
    let (world, client) = with_events(World::new());
    append(&client, "taken", 0).await.unwrap();
    let error = client
        .transact_write_items()
        .transact_items(put("free", 0))
        .transact_items(put("taken", 0))
        .send()
        .await
        .unwrap_err()
        .into_service_error();
    let TransactWriteItemsError::TransactionCanceledException(cancelled) = error else { panic!("{error:?}") };
    let codes: Vec<_> = cancelled.cancellation_reasons().iter().map(|reason| reason.code().unwrap()).collect();
    assert_eq!(codes, ["None", "ConditionalCheckFailed"]);
    assert_eq!(cancelled.cancellation_reasons()[1].item().unwrap()["c"], Attr::S("{}".to_owned()));
    assert_eq!(world.aws.dynamodb.stream_records("events", 0, 100).unwrap().len(), 1);
}

#[tokio::test]
async fn a_transaction_costs_two_units_an_item_and_its_token_repeats_nothing() {
    let (world, client) = with_events(World::new());
    let send = || {
        client
            .transact_write_items()
            .client_request_token("once")
            .transact_items(put("a", 0))
            .transact_items(put("b", 0))
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .send()
    };
    let answer = send().await.unwrap();
    assert_eq!(answer.consumed_capacity()[0].capacity_units(), Some(4.0));
    send().await.unwrap();
    assert_eq!(world.aws.dynamodb.stream_records("events", 0, 100).unwrap().len(), 2);

    let other = client.transact_write_items().client_request_token("once").transact_items(put("c", 0)).send().await;
    assert!(other.unwrap_err().into_service_error().is_idempotent_parameter_mismatch_exception());
    world.seconds_pass(601);
    let late = send().await.unwrap_err().into_service_error();
    assert!(late.is_transaction_canceled_exception(), "after ten minutes a token is forgotten: {late:?}");
}

#[tokio::test]
async fn a_transaction_needs_the_permission_of_each_of_its_actions() {
    let table = "arn:aws:dynamodb:eu-west-1:000000000000:table/events";
    for denied in ["PutItem", "UpdateItem", "DeleteItem", "ConditionCheckItem"] {
        let (_world, client) = with_events(World::guarded(Rules::deny(&format!("dynamodb:{denied}"), table)));
        let update = Update::builder()
            .table_name("events")
            .set_key(Some(key("u", 0)))
            .update_expression("SET c = :c")
            .expression_attribute_values(":c", Attr::S("x".to_owned()));
        let delete = Delete::builder().table_name("events").set_key(Some(key("d", 0)));
        let check = ConditionCheck::builder()
            .table_name("events")
            .set_key(Some(key("k", 0)))
            .condition_expression("attribute_not_exists(pk)");
        let error = client
            .transact_write_items()
            .transact_items(put("p", 0))
            .transact_items(TransactWriteItem::builder().update(update.build().unwrap()).build())
            .transact_items(TransactWriteItem::builder().delete(delete.build().unwrap()).build())
            .transact_items(TransactWriteItem::builder().condition_check(check.build().unwrap()).build())
            .send()
            .await
            .unwrap_err()
            .into_service_error();
        assert_eq!(error.code(), Some("AccessDeniedException"));
        assert!(error.message().unwrap().contains(&format!("dynamodb:{denied} on resource: {table}")), "{error:?}");
    }
}

#[tokio::test]
async fn a_stream_record_is_what_lambda_gives_to_a_function() {
    let (world, client) = with_events(World::new());
    append(&client, "a", 0).await.unwrap();
    let records = world.aws.dynamodb.stream_records("events", 0, 10).unwrap();
    let seq = records[0].seq;
    let size = records[0].json["dynamodb"]["SizeBytes"].as_u64().unwrap();
    assert!(size > 0);
    assert_eq!(records[0].created_at_ms, MONDAY_MS);
    assert_eq!(
        records[0].json,
        json!({
            "eventID": records[0].json["eventID"],
            "eventName": "INSERT",
            "eventVersion": "1.1",
            "eventSource": "aws:dynamodb",
            "awsRegion": "eu-west-1",
            "dynamodb": {
                "ApproximateCreationDateTime": MONDAY_MS / 1_000,
                "Keys": { "pk": { "S": "a" }, "sk": { "N": "0" } },
                "NewImage": { "pk": { "S": "a" }, "sk": { "N": "0" }, "c": { "S": "{}" } },
                "SequenceNumber": (100_000_000_000_000_000_000_i128 + i128::from(seq)).to_string(),
                "SizeBytes": size,
                "StreamViewType": "NEW_IMAGE",
            },
            "eventSourceARN": "arn:aws:dynamodb:eu-west-1:000000000000:table/events/stream/2026-01-01T00:00:00.000",
        })
    );
    append(&client, "a", 1).await.unwrap();
    let later = world.aws.dynamodb.stream_records("events", seq, 10).unwrap();
    assert_eq!(later.len(), 1);
    assert_eq!(world.aws.dynamodb.last_sequence("events").unwrap(), later[0].seq);
    assert!(world.aws.dynamodb.stream_records("others", 0, 10).unwrap().is_empty());

    client
        .put_item()
        .table_name("events")
        .set_item(Some(item("a", 1)))
        .item("x", Attr::Bool(true))
        .send()
        .await
        .unwrap();
    client.delete_item().table_name("events").set_key(Some(key("a", 0))).send().await.unwrap();
    let names: Vec<_> = world.aws.dynamodb.stream_records("events", later[0].seq, 10).unwrap();
    let names: Vec<_> = names.iter().map(|record| record.json["eventName"].as_str().unwrap()).collect();
    assert_eq!(names, ["MODIFY", "REMOVE"]);
}

#[tokio::test]
async fn a_write_that_changes_nothing_leaves_no_record_where_both_images_are_shown() {
    let world = World::new();
    let table = TableSpec { stream: Some(StreamView::NewAndOldImages), ..events("both") };
    world.aws.dynamodb.create_table(&table).unwrap();
    let client = Client::new(&world.config);
    for value in ["a", "a", "b", "b"] {
        let put =
            client.put_item().table_name("both").set_item(Some(item("x", 0))).item("v", Attr::S(value.to_owned()));
        put.send().await.unwrap();
    }
    let records = world.aws.dynamodb.stream_records("both", 0, 10).unwrap();
    let names: Vec<_> = records.iter().map(|record| record.json["eventName"].as_str().unwrap()).collect();
    assert_eq!(names, ["INSERT", "MODIFY"]);
}

#[tokio::test]
async fn the_stream_index_is_used_for_writing_and_for_reading() {
    let (world, _client) = with_events(World::new());
    let items = world.aws.engine().items().unwrap();
    for sql in [
        "SELECT COALESCE(MAX(CAST(sequence_number AS INTEGER)), 0) + 1 FROM _stream_records WHERE table_name = 'events'",
        "SELECT event_name FROM _stream_records WHERE table_name = 'events' AND CAST(sequence_number AS INTEGER) > 5 \
         ORDER BY CAST(sequence_number AS INTEGER) LIMIT 10",
    ] {
        let plan: String = items.conn().query_row(&format!("EXPLAIN QUERY PLAN {sql}"), [], |row| row.get(3)).unwrap();
        assert!(plan.contains("granary_stream_seq"), "{plan}");
    }
}

#[tokio::test]
async fn items_expire_by_the_banks_clock_and_the_stream_says_who_deleted_them() {
    let world = World::new();
    let mut table = events("sign-ups");
    (table.stream, table.ttl) = (Some(StreamView::NewAndOldImages), Some("ttl".to_owned()));
    world.aws.dynamodb.create_table(&table).unwrap();
    let client = Client::new(&world.config);
    let expires = (MONDAY_MS / 1_000 + 60).to_string();
    client
        .put_item()
        .table_name("sign-ups")
        .set_item(Some(item("a", 0)))
        .item("ttl", Attr::N(expires))
        .send()
        .await
        .unwrap();
    assert_eq!(world.aws.dynamodb.next_expiry_ms().unwrap(), Some(MONDAY_MS + 61_000));
    assert_eq!(world.aws.dynamodb.sweep_ttl().unwrap(), 0);
    world.seconds_pass(61);
    assert_eq!(world.aws.dynamodb.sweep_ttl().unwrap(), 1);
    assert_eq!(world.aws.dynamodb.next_expiry_ms().unwrap(), None);
    let records = world.aws.dynamodb.stream_records("sign-ups", 0, 10).unwrap();
    assert_eq!(records[1].json["userIdentity"], json!({ "type": "Service", "principalId": "dynamodb.amazonaws.com" }));
}

#[tokio::test]
async fn a_restart_finds_items_and_streams_where_they_were() {
    let dir = tempfile::tempdir().unwrap();
    let (world, client) = with_events(World::in_folder(dir.path()));
    append(&client, "a", 0).await.unwrap();
    let before = world.aws.dynamodb.stream_records("events", 0, 10).unwrap();
    std::mem::forget(world); // The process dies: nothing is closed.

    let (world, client) = with_events(World::in_folder(dir.path()));
    assert_eq!(world.aws.dynamodb.stream_records("events", 0, 10).unwrap(), before);
    assert!(append(&client, "a", 0).await.is_err());
    append(&client, "a", 1).await.unwrap();
    assert_eq!(world.aws.dynamodb.stream_records("events", before[0].seq, 10).unwrap().len(), 1);
}

#[tokio::test]
async fn a_table_of_another_shape_is_refused() {
    let (world, _client) = with_events(World::new());
    let mut other = events("events");
    other.sort = None;
    assert!(world.aws.dynamodb.create_table(&other).unwrap_err().to_string().contains("the table events"));
}

#[tokio::test]
async fn what_is_not_there_is_named() {
    let (_world, client) = with_events(World::new());
    let error = client.list_backups().send().await.unwrap_err().into_service_error();
    assert_eq!(error.code(), Some("UnknownOperationException"));
    assert!(error.message().unwrap().contains("ListBackups"));
    let error = append_to_nowhere(&client).await;
    assert!(error.is_resource_not_found_exception());
}

async fn append_to_nowhere(client: &Client) -> PutItemError {
    client.put_item().table_name("nowhere").set_item(Some(item("a", 0))).send().await.unwrap_err().into_service_error()
}

#[tokio::test]
async fn a_new_record_is_announced() {
    let (world, client) = with_events(World::new());
    let engine = world.aws.engine();
    append(&client, "a", 0).await.unwrap();
    engine.work().notified().await;
}
