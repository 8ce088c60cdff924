//! Lambda: what a function is fed from a table's stream, in which order, and what becomes of what it could not take.

use std::time::Duration;

use aws_sdk_dynamodb::types::AttributeValue as Attr;
use serde_json::{Value, json};

use super::{Case, case};
use crate::conformance::{
    finding::{Finding, holds, same},
    kit::given,
    target::Ask,
};

const STREAMS: &str = "Amazon DynamoDB Developer Guide, Change data capture for DynamoDB Streams";
const USING: &str = "AWS Lambda Developer Guide, Process DynamoDB records with Lambda";
const PARTIAL: &str = "AWS Lambda Developer Guide, Configuring partial batch response with DynamoDB and Lambda";
const ERRORS: &str = "AWS Lambda Developer Guide, Retain discarded records for a DynamoDB event source in Lambda";

/// The questions of this file.
pub fn cases() -> Vec<Case> {
    vec![
        case("Lambda and streams: changes of an item come in order, with both images", STREAMS, "stream-plain", order),
        case("Lambda and streams: a write that changes nothing is no record", STREAMS, "stream-plain", unchanged),
        case("Lambda and streams: no batch is larger than asked for", USING, "stream-plain", batches),
        case(
            "Lambda and streams: a failed batch comes again, and holds up what is behind it",
            USING,
            "stream-plain",
            again,
        ),
        case("Lambda and streams: a transaction gives a record for each item", STREAMS, "stream-plain", transaction),
        case(
            "Lambda and streams: bisecting finds the bad record and takes the others",
            ERRORS,
            "stream-bisect",
            bisect,
        ),
        case("Lambda and streams: it begins again at the record that is reported", PARTIAL, "stream-partial", partial),
        case(
            "Lambda and streams: of several reported records the first decides",
            PARTIAL,
            "stream-partial",
            first_decides,
        ),
        case(
            "Lambda and streams: after the last try the batch is given up, and the next taken",
            ERRORS,
            "stream-given-up",
            given_up,
        ),
        case("Lambda and streams: what was given up lies whole in the bucket", ERRORS, "stream-given-up", in_bucket),
    ]
}

/// An item of this question, with what the function is to do.
fn item(ask: &Ask, n: i64, text: &str, fails: i64, how: &str) -> Vec<(&'static str, Attr)> {
    vec![
        ("pk", Attr::S(ask.id.clone())),
        ("sk", Attr::N(n.to_string())),
        ("text", Attr::S(text.to_owned())),
        ("fails", Attr::N(fails.to_string())),
        ("how", Attr::S(how.to_owned())),
    ]
}

async fn put(ask: &Ask, table: &str, n: i64, text: &str, fails: i64, how: &str) -> Result<(), Finding> {
    let mut put = ask.dynamodb.put_item().table_name(format!("conformance-{table}"));
    for (name, value) in item(ask, n, text, fails, how) {
        put = put.item(name, value);
    }
    put.send().await?;
    Ok(())
}

fn numbers(heard: &[Value]) -> Vec<i64> {
    heard.iter().flat_map(given).collect()
}

/// The numbers of invocations that did not fail.
fn taken(heard: &[Value]) -> Vec<i64> {
    heard.iter().filter(|it| it["thrown"] == false).flat_map(given).collect()
}

async fn order(ask: Ask) -> Result<(), Finding> {
    put(&ask, "stream-plain", 1, "a", 0, "").await?;
    put(&ask, "stream-plain", 1, "b", 0, "").await?;
    let delete = ask.dynamodb.delete_item().table_name("conformance-stream-plain").key("pk", Attr::S(ask.id.clone()));
    delete.key("sk", Attr::N("1".to_owned())).send().await?;
    put(&ask, "stream-plain", 1, "c", 0, "").await?;
    let seen = ask.heard_once("four records", ask.tries(), |heard| {
        let seen: Vec<Value> = heard.iter().flat_map(|it| it["seen"].as_array().cloned().unwrap_or_default()).collect();
        (seen.len() >= 4).then_some(seen)
    });
    let record = |event: &str, new: Value, old: Value| json!({ "n": 1, "event": event, "new": new, "old": old, "view": "NEW_AND_OLD_IMAGES" });
    let documented = vec![
        record("INSERT", json!("a"), Value::Null),
        record("MODIFY", json!("b"), json!("a")),
        record("REMOVE", Value::Null, json!("b")),
        record("INSERT", json!("c"), Value::Null),
    ];
    same("the records", seen.await?, documented)
}

async fn unchanged(ask: Ask) -> Result<(), Finding> {
    for (n, text) in [(1, "a"), (1, "a"), (2, "b")] {
        put(&ask, "stream-plain", n, text, 0, "").await?;
    }
    ask.heard_once("the last record", ask.tries(), |heard| numbers(heard).contains(&2).then_some(())).await?;
    let mut came = numbers(&ask.heard().await?);
    came.sort_unstable();
    same("the records", came, vec![1, 2])
}

async fn batches(ask: Ask) -> Result<(), Finding> {
    for n in 0..8 {
        put(&ask, "stream-plain", n, "a", 0, "").await?;
    }
    let heard =
        ask.heard_once("eight records", ask.tries(), |heard| (numbers(heard).len() >= 8).then(|| heard.to_vec()));
    let heard = heard.await?;
    let largest = heard.iter().filter_map(|it| it["batch"].as_i64()).max();
    holds(&format!("{largest:?} is at most 3"), largest <= Some(3))?;
    same("the order", numbers(&heard), (0..8).collect::<Vec<_>>())
}

async fn again(ask: Ask) -> Result<(), Finding> {
    for n in 0..6 {
        put(&ask, "stream-plain", n, "a", if n == 2 { 2 } else { 0 }, "").await?;
    }
    let heard = ask
        .heard_once("the last record", ask.tries(), |heard| taken(heard).contains(&5).then(|| heard.to_vec()))
        .await?;
    same("failed invocations", heard.iter().filter(|it| it["thrown"] == true).count(), 2)?;
    same("what was taken, in order", taken(&heard), (0..6).collect::<Vec<_>>())
}

async fn transaction(ask: Ask) -> Result<(), Finding> {
    let mut transaction = ask.dynamodb.transact_write_items();
    for n in [1, 2] {
        let mut put = aws_sdk_dynamodb::types::Put::builder().table_name("conformance-stream-plain");
        for (name, value) in item(&ask, n, "a", 0, "") {
            put = put.item(name, value);
        }
        let write = aws_sdk_dynamodb::types::TransactWriteItem::builder().put(put.build()?);
        transaction = transaction.transact_items(write.build());
    }
    transaction.send().await?;
    let came = ask.heard_once("two records", ask.tries(), |heard| Some(numbers(heard)).filter(|it| it.len() >= 2));
    let mut came = came.await?;
    came.sort_unstable();
    same("the records", came, vec![1, 2])
}

async fn bisect(ask: Ask) -> Result<(), Finding> {
    for n in 0..8 {
        put(&ask, "stream-bisect", n, "a", if n == 3 { -1 } else { 0 }, "").await?;
    }
    let heard = ask
        .heard_once("the last record", ask.tries(), |heard| taken(heard).contains(&7).then(|| heard.to_vec()))
        .await?;
    let documented: Vec<_> = (0..8).filter(|n| *n != 3).collect();
    same("what was taken, in order", taken(&heard), documented)?;
    let alone = heard.iter().filter(|it| it["thrown"] == true && given(it) == [3]).count();
    same("how often the bad one was tried alone", alone, 2)
}

/// The numbers of each invocation, once the last one has come.
async fn invocations(ask: &Ask, last: i64) -> Result<Vec<Vec<i64>>, Finding> {
    let what = format!("record {last}");
    ask.heard_once(&what, ask.tries(), |heard| numbers(heard).contains(&last).then_some(())).await?;
    ask.pass(Duration::from_secs(3)).await?;
    Ok(ask.heard().await?.iter().map(given).collect())
}

async fn partial(ask: Ask) -> Result<(), Finding> {
    for n in 0..5 {
        put(&ask, "stream-partial", n, "a", if n == 2 { 1 } else { 0 }, "report").await?;
    }
    let came = invocations(&ask, 4).await?;
    let times = |n: i64| came.iter().flatten().filter(|it| **it == n).count();
    same("how often what stands before it came", (times(0), times(1)), (1, 1))?;
    same("how often it came itself", times(2), 2)?;
    let after = came.iter().position(|batch| batch.contains(&2)).map(|at| &came[at + 1..]);
    let begins = after.and_then(|rest| rest.iter().flatten().next());
    same("where it began again", begins, Some(&2))
}

async fn first_decides(ask: Ask) -> Result<(), Finding> {
    for n in 0..6 {
        put(&ask, "stream-partial", n, "a", if [1, 3].contains(&n) { 1 } else { 0 }, "report").await?;
    }
    let came = invocations(&ask, 5).await?;
    let times = |n: i64| came.iter().flatten().filter(|it| **it == n).count();
    same("how often the first came", times(0), 1)?;
    same("how often the second came", times(1), 2)?;
    let firsts: Vec<i64> = came.iter().filter_map(|batch| batch.first().copied()).collect();
    holds(&format!("batches begin at what failed: {firsts:?}"), [1, 3].iter().all(|n| firsts.contains(n)))
}

async fn given_up(ask: Ask) -> Result<(), Finding> {
    for n in 0..3 {
        put(&ask, "stream-given-up", n, "a", if n == 1 { -1 } else { 0 }, "").await?;
    }
    let heard = ask
        .heard_once("the last record", ask.tries(), |heard| taken(heard).contains(&2).then(|| heard.to_vec()))
        .await?;
    same("invocations", heard.iter().map(given).collect::<Vec<_>>(), vec![vec![0], vec![1], vec![1], vec![1], vec![2]])
}

async fn in_bucket(ask: Ask) -> Result<(), Finding> {
    put(&ask, "stream-given-up", 1, "kept", -1, "").await?;
    let (key, text) = ask
        .eventually("an object about it", ask.tries(), || async {
            let listed = ask.s3.list_objects_v2().bucket(ask.given_up()).prefix("aws/lambda/").send().await?;
            for object in listed.contents() {
                let key = object.key().unwrap_or_default();
                let body = ask.s3.get_object().bucket(ask.given_up()).key(key).send().await?.body.collect().await?;
                let text = String::from_utf8_lossy(&body.into_bytes()).into_owned();
                if text.contains(&ask.id) {
                    return Ok(Some((key.to_owned(), text)));
                }
            }
            Ok(None)
        })
        .await?;
    let note: Value = serde_json::from_str(&text)?;
    let context = &note["requestContext"];
    same("the condition", &context["condition"], "RetryAttemptsExhausted")?;
    same("how often it was tried", &context["approximateInvokeCount"], &json!(3))?;
    let function = context["functionArn"].as_str().unwrap_or_default();
    holds(&format!("{function} is the function's ARN"), function.contains(":function:conformance-probe"))?;
    same("the version", &note["version"], "1.0")?;
    same("the kind of error", &note["responseContext"]["functionError"], "Unhandled")?;
    let batch = &note["DDBStreamBatchInfo"];
    same("records", &batch["batchSize"], &json!(1))?;
    let stream = batch["streamArn"].as_str().unwrap_or_default();
    holds(&format!("{stream} is the stream"), stream.contains("table/conformance-stream-given-up/stream/"))?;
    holds(
        "the first and the last number are there",
        batch["startSequenceNumber"].is_string() && batch["endSequenceNumber"].is_string(),
    )?;
    // The key ends in a date, a time and something unique.
    let tail = key.rsplit('/').next().unwrap_or_default();
    holds(&format!("{key} is dated"), tail.len() > 20 && tail.as_bytes()[4] == b'-' && tail.contains('T'))?;
    // Only a bucket gets the payload; it is the event, or its text.
    let payload = match &note["payload"] {
        Value::String(text) => serde_json::from_str(text)?,
        other => other.clone(),
    };
    let kept = &payload["Records"][0]["dynamodb"]["NewImage"]["text"]["S"];
    same("the image in the payload", kept, "kept")
}
