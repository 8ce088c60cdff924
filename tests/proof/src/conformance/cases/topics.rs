//! SNS: what arrives of a message, and batches.

use aws_sdk_sns::{
    primitives::Blob,
    types::{MessageAttributeValue, PublishBatchRequestEntry},
};
use aws_sdk_sqs::types::MessageSystemAttributeName as System;

use super::{Case, case};
use crate::conformance::{
    finding::{Finding, refused, same},
    kit::{SOON, system},
    target::Ask,
};

const RAW: &str = "Amazon SNS Developer Guide, Amazon SNS raw message delivery";
const BATCH: &str = "Amazon SNS API Reference, PublishBatch";
const FAIR: &str = "Amazon SQS Developer Guide, Amazon SQS fair queues: message group ids from Amazon SNS";

/// The questions of this file.
pub fn cases() -> Vec<Case> {
    vec![
        case("SNS delivery: a raw message arrives as it was published, attributes included", RAW, "raw", raw),
        case("SNS delivery: a message group id goes along to a standard queue", FAIR, "raw", group),
        case("SNS delivery: every entry of a batch is a message", BATCH, "raw", batch),
        case("SNS delivery: an entry of a batch fails by itself", BATCH, "raw", partial_batch),
        case("SNS delivery: a batch with an id twice is refused", BATCH, "raw", same_ids),
        case(
            "SNS delivery: a topic that is not there is not found",
            "Amazon SNS API Reference, Publish",
            "raw",
            no_topic,
        ),
    ]
}

fn text(value: &str) -> MessageAttributeValue {
    let text = MessageAttributeValue::builder().data_type("String").string_value(value);
    text.build().unwrap_or_else(|_| unreachable!("the type is there"))
}

async fn raw(ask: Ask) -> Result<(), Finding> {
    let body = format!(r#"{{"case":"{}","text":"<&> ü 𝄞 \" \n","n":1}}"#, ask.id);
    let array = MessageAttributeValue::builder().data_type("String.Array").string_value(r#"["a","b"]"#).build()?;
    let bytes = MessageAttributeValue::builder().data_type("Binary").binary_value(Blob::new([0, 255, 7])).build()?;
    let publish =
        ask.sns.publish().topic_arn(ask.topic("raw")).message(&body).message_attributes("kind", text("account"));
    publish.message_attributes("types", array).message_attributes("bytes", bytes).send().await?;
    let message = ask.next("raw-all").await?;
    ask.delete("raw-all", &message).await?;
    same("the body", message.body(), Some(body.as_str()))?;
    let attributes = message.message_attributes().cloned().unwrap_or_default();
    same("how many attributes", attributes.len(), 3)?;
    let value = |name: &str| attributes.get(name).and_then(|it| it.string_value()).unwrap_or_default().to_owned();
    let kind = |name: &str| attributes.get(name).map(|it| it.data_type().to_owned()).unwrap_or_default();
    same("a text", (kind("kind"), value("kind")), ("String".to_owned(), "account".to_owned()))?;
    same("an array", (kind("types"), value("types")), ("String.Array".to_owned(), r#"["a","b"]"#.to_owned()))?;
    let bytes = attributes.get("bytes").and_then(|it| it.binary_value()).map(|it| it.as_ref().to_vec());
    same("bytes", bytes, Some(vec![0, 255, 7]))
}

async fn group(ask: Ask) -> Result<(), Finding> {
    let publish = ask.sns.publish().topic_arn(ask.topic("raw")).message(ask.body(1));
    publish.message_group_id(ask.group("a")).send().await?;
    let message = ask.next("raw-all").await?;
    ask.delete("raw-all", &message).await?;
    same("the message group id", system(&message, &System::MessageGroupId), ask.group("a"))
}

fn entry(ask: &Ask, id: &str, n: i64) -> aws_sdk_sns::types::builders::PublishBatchRequestEntryBuilder {
    PublishBatchRequestEntry::builder().id(id).message(ask.body(n))
}

async fn batch(ask: Ask) -> Result<(), Finding> {
    let mut batch = ask.sns.publish_batch().topic_arn(ask.topic("raw"));
    for n in 0..10 {
        batch = batch.publish_batch_request_entries(entry(&ask, &format!("e{n}"), n).build()?);
    }
    let published = batch.send().await?;
    same("how many were taken", (published.successful().len(), published.failed().len()), (10, 0))?;
    let mut numbers = ask.numbers("raw-all", 10, SOON).await?;
    numbers.sort_unstable();
    same("the messages", numbers, (0..10).collect::<Vec<_>>())
}

async fn partial_batch(ask: Ask) -> Result<(), Finding> {
    let bad = MessageAttributeValue::builder().data_type("String").string_value("").build()?;
    let batch = ask.sns.publish_batch().topic_arn(ask.topic("raw"));
    let batch = batch.publish_batch_request_entries(entry(&ask, "good", 1).build()?);
    let batch = batch.publish_batch_request_entries(entry(&ask, "bad", 2).message_attributes("kind", bad).build()?);
    let published = batch.send().await?;
    let taken: Vec<_> = published.successful().iter().filter_map(|it| it.id()).collect();
    let failed: Vec<_> = published.failed().iter().map(|it| (it.id(), it.sender_fault())).collect();
    same("what was taken", taken, vec!["good"])?;
    same("what failed, and by whose fault", failed, vec![("bad", true)])?;
    same("the messages", ask.numbers("raw-all", 1, SOON).await?, vec![1])
}

async fn same_ids(ask: Ask) -> Result<(), Finding> {
    let batch = ask.sns.publish_batch().topic_arn(ask.topic("raw"));
    let batch = batch.publish_batch_request_entries(entry(&ask, "same", 1).build()?);
    let batch = batch.publish_batch_request_entries(entry(&ask, "same", 2).build()?);
    refused("an id twice", batch.send().await, &["BatchEntryIdsNotDistinct"])
}

async fn no_topic(ask: Ask) -> Result<(), Finding> {
    let publish = ask.sns.publish().topic_arn(ask.topic("nowhere")).message("x");
    refused("no such topic", publish.send().await, &["NotFound"])
}
