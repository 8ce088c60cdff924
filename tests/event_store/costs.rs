//! What loading and appending cost, as the meter of the embedded DynamoDB reckons it.

use app::ledger::settle_deposit;
use domain::{
    ids::StreamId,
    ledger::{account::Account, operation::Operation},
};
use granary::services::{Capacity, Units};

use super::world::{EVENTS, Note, WRITER, World, cause, credit, operation, payment, reference, stream, written};

/// Bytes of the newest item, from its stream record, which counts the keys once more.
fn newest_item_bytes(world: &World) -> usize {
    let records = world.aws.dynamodb.stream_records(EVENTS, 0, usize::MAX).unwrap();
    let change = &records.last().unwrap().json["dynamodb"];
    let key = &change["Keys"];
    let (pk, sk) = (key["pk"]["S"].as_str().unwrap(), key["sk"]["N"].as_str().unwrap());
    // A number takes one byte and one more for each two significant digits, of which zero has none.
    let keys = "pk".len() + pk.len() + "sk".len() + 1 + if sk == "0" { 0 } else { sk.len().div_ceil(2) };
    usize::try_from(change["SizeBytes"].as_u64().unwrap()).unwrap() - keys
}

/// How long a text makes the first commit of a note of this stream exactly `bytes` long. The text is in body and state.
async fn text_for(world: &World, stream: &StreamId, bytes: usize) -> (usize, app::commit::Cause) {
    let probe: StreamId = format!("{stream}p").parse().unwrap();
    world.streams.record::<Note>(&probe, &cause().because_of(""), &[written(0)]).await.unwrap();
    let rest = bytes - (newest_item_bytes(world) - 1);
    (rest / 2, cause().because_of("x".repeat(rest % 2)))
}

fn reads(units: u64) -> Units {
    Units { calls: 1, read: Capacity::units(units), write: Capacity::default() }
}

fn writes(units: u64) -> Units {
    Units { calls: 1, read: Capacity::default(), write: Capacity::units(units) }
}

#[tokio::test]
async fn loading_costs_one_read_unit_however_long_the_stream() {
    let world = World::new();
    let id = world.account().await;
    let mut commits = 1;
    for length in [1, 10, 500] {
        while commits < length {
            credit(&world.streams, &id, 1).await.unwrap();
            commits += 1;
        }
        world.aws.dynamodb.reset_meter();
        world.streams.load::<Account>((&id).into()).await.unwrap();
        let meter = world.aws.dynamodb.meter();
        assert_eq!((meter.by(WRITER), meter.of(WRITER, "Query")), (reads(1), reads(1)), "with {length} commits");
    }
    assert_eq!(world.history(&(&id).into()).await.len(), 500);
}

#[tokio::test]
async fn loading_a_commit_of_four_kilobytes_costs_one_read_unit_and_one_byte_more_costs_two() {
    let world = World::new();
    for (bytes, units) in [(4_096, 1), (4_097, 2)] {
        let note = stream("note");
        let (text, cause) = text_for(&world, &note, bytes).await;
        world.streams.record::<Note>(&note, &cause, &[written(text)]).await.unwrap();
        assert_eq!(newest_item_bytes(&world), bytes);
        world.aws.dynamodb.reset_meter();
        world.streams.load::<Note>(note).await.unwrap();
        assert_eq!(world.aws.dynamodb.meter().by(WRITER), reads(units), "{bytes} bytes");
    }
}

#[tokio::test]
async fn a_commit_of_1024_bytes_costs_one_write_unit_and_one_byte_more_costs_two() {
    let world = World::new();
    for (bytes, units) in [(1_024, 1), (1_025, 2)] {
        let note = stream("note");
        let (text, cause) = text_for(&world, &note, bytes).await;
        world.aws.dynamodb.reset_meter();
        world.streams.record::<Note>(&note, &cause, &[written(text)]).await.unwrap();
        assert_eq!(newest_item_bytes(&world), bytes);
        assert_eq!(world.aws.dynamodb.meter().of(WRITER, "PutItem"), writes(units), "{bytes} bytes");
    }
}

#[tokio::test]
async fn a_command_on_one_stream_costs_one_read_and_one_write_unit() {
    let world = World::new();
    let id = world.account().await;
    world.aws.dynamodb.reset_meter();
    credit(&world.streams, &id, 100).await.unwrap();
    let meter = world.aws.dynamodb.meter();
    println!("a command on one stream: {}; its item has {} bytes", meter.by(WRITER), newest_item_bytes(&world));
    assert_eq!((meter.of(WRITER, "Query"), meter.of(WRITER, "PutItem")), (reads(1), writes(1)));
    assert_eq!(meter.by(WRITER).calls, 2);
}

#[tokio::test]
async fn a_deposit_costs_four_read_units_and_eight_write_units_of_the_event_store() {
    let world = World::new();
    let id = world.account().await;
    let vault = world.vault();
    // The first one makes the customer's data key as well.
    for pence in [1, 2] {
        world.aws.dynamodb.reset_meter();
        let payment = payment(operation(), pence, &reference(&id));
        let cause = cause()
            .because_of("webhooks/clearbank/2026/11/20/3f0b6a5c-0f4e-4d7e-9a55-1c8f7e6d5b4a.json")
            .correlated(Some("3f0b6a5c-0f4e-4d7e-9a55-1c8f7e6d5b4a".to_owned()));
        settle_deposit(&world.streams, &vault, &payment, &cause).await.unwrap();
        let meter = world.aws.dynamodb.meter();
        for ((_, operation), units) in &meter.units {
            println!("deposit {pence}: {operation}: {units}");
        }
        // The operation, the reference's claim, what is forbidden to the customer, the account.
        assert_eq!(meter.of(WRITER, "Query"), Units { calls: 4, ..reads(4) });
        // The operation's commit, the account's commit and the checks of the claim and of what is forbidden, each twice as dear as by
        // itself.
        assert_eq!(meter.of(WRITER, "TransactWriteItems"), writes(8));
    }
    let head = world.streams.load::<Operation>(StreamId::from(&operation())).await.unwrap();
    assert_eq!(head.version, None);
}

#[tokio::test]
async fn a_deposit_that_is_told_again_writes_nothing() {
    let world = World::new();
    let id = world.account().await;
    let payment = payment(operation(), 100, &reference(&id));
    settle_deposit(&world.streams, &world.vault(), &payment, &cause()).await.unwrap();
    world.aws.dynamodb.reset_meter();
    settle_deposit(&world.streams, &world.vault(), &payment, &cause()).await.unwrap();
    assert_eq!(world.aws.dynamodb.meter().by(WRITER), Units { calls: 3, ..reads(3) });
}

#[tokio::test]
async fn the_caller_sees_its_consumed_capacity_only_if_it_asks() {
    use aws_sdk_dynamodb::types::{AttributeValue, ReturnConsumedCapacity};
    let world = World::new();
    for asked in [None, Some(ReturnConsumedCapacity::None), Some(ReturnConsumedCapacity::Total)] {
        let get = world.client().get_item().table_name(EVENTS).set_return_consumed_capacity(asked.clone());
        let get = get.key("pk", AttributeValue::S("a".to_owned())).key("sk", AttributeValue::N("0".to_owned()));
        let answer = get.send().await.unwrap();
        let seen = answer.consumed_capacity().and_then(|it| it.capacity_units());
        assert_eq!(seen, (asked == Some(ReturnConsumedCapacity::Total)).then_some(0.5));
    }
    let expected = Units { calls: 3, read: Capacity::halves(3), write: Capacity::default() };
    assert_eq!(world.aws.dynamodb.meter().of(WRITER, "GetItem"), expected);
}
