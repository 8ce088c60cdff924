//! Lambda: what a function is fed from a queue, and what becomes of what it could not take.

use std::time::Duration;

use serde_json::{Value, json};

use super::{Case, case};
use crate::conformance::{
    finding::{Finding, holds, same},
    kit::given,
    target::Ask,
};

const BATCHES: &str = "AWS Lambda Developer Guide, Handling errors for an SQS event source in Lambda";
const USING: &str = "AWS Lambda Developer Guide, Using Lambda with Amazon SQS";

/// The questions of this file.
pub fn cases() -> Vec<Case> {
    vec![
        case("Lambda and SQS: a message reaches the function once, and is gone then", USING, "fed", taken),
        case("Lambda and SQS: no batch is larger than asked for", USING, "fed", batches),
        case("Lambda and SQS: only what is reported comes again", BATCHES, "fed", reported),
        case("Lambda and SQS: an error brings the whole batch again", BATCHES, "fed", thrown),
        case("Lambda and SQS: what fails too often is in the dead-letter queue", BATCHES, "fed", dead),
        case("Lambda and SQS: a FIFO group reaches the function in its order", USING, "fed-in-order", in_order),
        case(
            "Lambda and SQS: behind a failed message of a FIFO group nothing overtakes",
            USING,
            "fed-in-order",
            behind,
        ),
    ]
}

/// Sends such inputs in one batch, so that they have the chance to come in one.
async fn feed(ask: &Ask, queue: &str, inputs: &[Value]) -> Result<(), Finding> {
    let mut batch = ask.sqs.send_message_batch().queue_url(ask.url(queue).await?);
    for (index, input) in inputs.iter().enumerate() {
        let mut body = input.clone();
        body["case"] = ask.id.as_str().into();
        let entry = aws_sdk_sqs::types::SendMessageBatchRequestEntry::builder().id(index.to_string());
        let group = queue.ends_with(".fifo").then(|| ask.group("a"));
        batch = batch.entries(entry.message_body(body.to_string()).set_message_group_id(group).build()?);
    }
    same("how many were taken", batch.send().await?.failed().len(), 0)
}

/// How often each number was given to the function.
fn times(heard: &[Value], n: i64) -> usize {
    heard.iter().flat_map(given).filter(|it| *it == n).count()
}

async fn taken(ask: Ask) -> Result<(), Finding> {
    feed(&ask, "fed", &[json!({ "n": 1 })]).await?;
    ask.heard_once("the message", ask.tries(), |heard| (times(heard, 1) > 0).then_some(())).await?;
    ask.pass(Duration::from_secs(4)).await?;
    same("how often it came", times(&ask.heard().await?, 1), 1)
}

async fn batches(ask: Ask) -> Result<(), Finding> {
    let inputs: Vec<_> = (0..10).map(|n| json!({ "n": n })).collect();
    feed(&ask, "fed", &inputs).await?;
    let largest = ask
        .heard_once("ten messages", ask.tries(), |heard| {
            let all = (0..10).all(|n| times(heard, n) == 1);
            all.then(|| heard.iter().filter_map(|it| it["batch"].as_i64()).max())
        })
        .await?;
    holds(&format!("{largest:?} is at most 5"), largest <= Some(5))
}

async fn reported(ask: Ask) -> Result<(), Finding> {
    feed(&ask, "fed", &[json!({ "n": 1 }), json!({ "n": 2, "fails": 1, "how": "report" }), json!({ "n": 3 })]).await?;
    ask.heard_once("the second again", ask.tries(), |heard| (times(heard, 2) == 2).then_some(())).await?;
    ask.pass(Duration::from_secs(4)).await?;
    let heard = ask.heard().await?;
    let counts: Vec<_> = [1, 2, 3].map(|n| times(&heard, n)).into();
    same("how often each came", counts, vec![1, 2, 1])?;
    let again = heard.iter().flat_map(|it| it["seen"].as_array().cloned().unwrap_or_default());
    let receives: Vec<_> = again.filter(|it| it["n"] == 2).map(|it| it["receives"].clone()).collect();
    same("its receive counts", receives, vec![json!("1"), json!("2")])
}

async fn thrown(ask: Ask) -> Result<(), Finding> {
    feed(&ask, "fed", &[json!({ "n": 1 }), json!({ "n": 2, "fails": 1 }), json!({ "n": 3 })]).await?;
    ask.heard_once("the second again", ask.tries(), |heard| (times(heard, 2) == 2).then_some(())).await?;
    ask.pass(Duration::from_secs(4)).await?;
    let heard = ask.heard().await?;
    let failed = heard.iter().find(|it| it["thrown"] == true).map(given).unwrap_or_default();
    holds("the second was in the batch that failed", failed.contains(&2))?;
    for n in [1, 2, 3] {
        let documented = if failed.contains(&n) { 2 } else { 1 };
        same(&format!("how often {n} came"), times(&heard, n), documented)?;
    }
    Ok(())
}

async fn dead(ask: Ask) -> Result<(), Finding> {
    feed(&ask, "fed", &[json!({ "n": 1, "fails": -1, "how": "report" })]).await?;
    same("dead letters", ask.numbers("fed-dead-letters", 1, ask.tries()).await?, vec![1])?;
    same("how often it came", times(&ask.heard().await?, 1), 3)
}

async fn in_order(ask: Ask) -> Result<(), Finding> {
    let inputs: Vec<_> = (0..8).map(|n| json!({ "n": n })).collect();
    feed(&ask, "fed-in-order.fifo", &inputs).await?;
    let came = ask.heard_once("eight messages", ask.tries(), |heard| {
        let came: Vec<_> = heard.iter().flat_map(given).collect();
        (came.len() >= 8).then_some(came)
    });
    same("the order", came.await?, (0..8).collect::<Vec<_>>())
}

async fn behind(ask: Ask) -> Result<(), Finding> {
    let inputs: Vec<_> = (0..8).map(|n| json!({ "n": n, "fails": i32::from(n == 1) })).collect();
    feed(&ask, "fed-in-order.fifo", &inputs).await?;
    let heard = ask.heard_once("the last", ask.tries(), |heard| (times(heard, 7) > 0).then(|| heard.to_vec())).await?;
    // What came in invocations that succeeded is what was taken, in this order.
    let taken: Vec<_> = heard.iter().filter(|it| it["thrown"] == false).flat_map(given).collect();
    holds("one invocation failed", heard.iter().any(|it| it["thrown"] == true))?;
    same("the order", taken, (0..8).collect::<Vec<_>>())
}
