//! SQS: what is refused, and how.

use aws_sdk_sqs::types::{
    ChangeMessageVisibilityBatchRequestEntry, DeleteMessageBatchRequestEntry, SendMessageBatchRequestEntry,
};

use super::{Case, case};
use crate::conformance::{
    finding::{Finding, refused, same},
    kit::SOON,
    target::Ask,
};

const SEND: &str = "Amazon SQS API Reference, SendMessage";
const BATCH: &str = "Amazon SQS API Reference, SendMessageBatch";
const CHANGE: &str = "Amazon SQS API Reference, ChangeMessageVisibility";
const DELETE: &str = "Amazon SQS API Reference, DeleteMessage";

/// The questions of this file.
pub fn cases() -> Vec<Case> {
    vec![
        case("SQS refusals: a queue that is not there", SEND, "refusals", no_queue),
        case("SQS refusals: characters that XML does not have", SEND, "refusals", characters),
        case("SQS refusals: an empty body", SEND, "refusals", empty),
        case("SQS refusals: a delay of more than 15 minutes", SEND, "refusals", delay),
        case("SQS refusals: more than one MiB", SEND, "refusals", too_long),
        case("SQS refusals: a batch of none, of eleven, and with an id twice", BATCH, "refusals", batches),
        case("SQS refusals: an entry of a batch fails by itself", BATCH, "refusals", entry_by_itself),
        case("SQS refusals: a handle that is none", DELETE, "refusals", handle),
        case("SQS refusals: hiding a message that is not in flight", CHANGE, "refusals", not_in_flight),
        case("SQS refusals: hiding for more than 12 hours", CHANGE, "refusals", twelve_hours),
        case("SQS refusals: a deduplication id in a standard queue", SEND, "refusals", deduplication),
    ]
}

async fn no_queue(ask: Ask) -> Result<(), Finding> {
    let url = ask.url("plain").await?.replace("conformance-plain", "conformance-nowhere");
    let send = ask.sqs.send_message().queue_url(url).message_body("x").send().await;
    refused("sending", send, &["QueueDoesNotExist", "NonExistentQueue"])?;
    let find = ask.sqs.get_queue_url().queue_name("conformance-nowhere").send().await;
    refused("looking for it", find, &["QueueDoesNotExist", "NonExistentQueue"])
}

async fn characters(ask: Ask) -> Result<(), Finding> {
    let send = ask.sqs.send_message().queue_url(ask.url("refusing").await?).message_body("a\u{1}b");
    refused("sending", send.send().await, &["InvalidMessageContents"])
}

async fn empty(ask: Ask) -> Result<(), Finding> {
    let send = ask.sqs.send_message().queue_url(ask.url("refusing").await?).message_body("");
    refused("sending", send.send().await, &["MissingParameter", "InvalidParameterValue"])
}

async fn delay(ask: Ask) -> Result<(), Finding> {
    let send = ask.sqs.send_message().queue_url(ask.url("refusing").await?).message_body("x").delay_seconds(901);
    refused("sending", send.send().await, &["InvalidParameterValue"])
}

async fn too_long(ask: Ask) -> Result<(), Finding> {
    let send = ask.sqs.send_message().queue_url(ask.url("refusing").await?).message_body("x".repeat(1_048_577));
    refused("sending", send.send().await, &["InvalidParameterValue", "BatchRequestTooLong"])
}

async fn batches(ask: Ask) -> Result<(), Finding> {
    let url = ask.url("refusing").await?;
    let batch = |ids: &[&str]| {
        let entry = |id: &&str| SendMessageBatchRequestEntry::builder().id(*id).message_body(ask.body(1)).build();
        let entries: Result<Vec<_>, _> = ids.iter().map(entry).collect();
        entries.map(|entries| ask.sqs.send_message_batch().queue_url(&url).set_entries(Some(entries)).send())
    };
    refused("none", batch(&[])?.await, &["EmptyBatchRequest"])?;
    let eleven = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k"];
    refused("eleven", batch(&eleven)?.await, &["TooManyEntriesInBatchRequest"])?;
    refused("an id twice", batch(&["a", "a"])?.await, &["BatchEntryIdsNotDistinct"])
}

async fn entry_by_itself(ask: Ask) -> Result<(), Finding> {
    let url = ask.url("refusing").await?;
    let entry = |id: &str, delay| {
        SendMessageBatchRequestEntry::builder().id(id).message_body(ask.body(1)).delay_seconds(delay).build()
    };
    let batch = ask.sqs.send_message_batch().queue_url(&url).entries(entry("good", 0)?).entries(entry("late", 901)?);
    let sent = batch.send().await?;
    same("what was taken", sent.successful().iter().map(|it| it.id()).collect::<Vec<_>>(), vec!["good"])?;
    let failed: Vec<_> = sent.failed().iter().map(|it| (it.id(), it.code(), it.sender_fault())).collect();
    same("what failed", failed, vec![("late", "InvalidParameterValue", true)])?;
    let message = ask.next("refusing").await?;
    let handle = message.receipt_handle().unwrap_or_default();
    let hide = |id: &str, handle: &str| {
        ChangeMessageVisibilityBatchRequestEntry::builder().id(id).receipt_handle(handle).visibility_timeout(5).build()
    };
    let hidden = ask.sqs.change_message_visibility_batch().queue_url(&url).entries(hide("x", handle)?);
    let hidden = hidden.entries(hide("y", "junk")?).send().await?;
    same("how many were hidden", (hidden.successful().len(), hidden.failed().len()), (1, 1))?;
    let delete =
        |id: &str, handle: &str| DeleteMessageBatchRequestEntry::builder().id(id).receipt_handle(handle).build();
    let deleted = ask.sqs.delete_message_batch().queue_url(&url).entries(delete("x", handle)?);
    let deleted = deleted.entries(delete("y", "junk")?).send().await?;
    same("how many were deleted", (deleted.successful().len(), deleted.failed().len()), (1, 1))
}

async fn handle(ask: Ask) -> Result<(), Finding> {
    let delete = ask.sqs.delete_message().queue_url(ask.url("refusing").await?).receipt_handle("junk").send().await;
    refused("deleting", delete, &["ReceiptHandleIsInvalid"])
}

async fn not_in_flight(ask: Ask) -> Result<(), Finding> {
    ask.send("refusing", 1).await?;
    let message = ask.next("refusing").await?;
    ask.hide("refusing", &message, 0).await?;
    let again = ask.sqs.change_message_visibility().queue_url(ask.url("refusing").await?).visibility_timeout(5);
    let again = again.receipt_handle(message.receipt_handle().unwrap_or_default()).send().await;
    refused("hiding", again, &["MessageNotInflight"])?;
    same("the message", ask.numbers("refusing", 1, SOON).await?, vec![1])
}

async fn twelve_hours(ask: Ask) -> Result<(), Finding> {
    ask.send("refusing", 1).await?;
    let message = ask.next("refusing").await?;
    let hide = ask.sqs.change_message_visibility().queue_url(ask.url("refusing").await?).visibility_timeout(43_201);
    let hide = hide.receipt_handle(message.receipt_handle().unwrap_or_default()).send().await;
    refused("hiding", hide, &["InvalidParameterValue"])?;
    ask.delete("refusing", &message).await
}

async fn deduplication(ask: Ask) -> Result<(), Finding> {
    let send = ask.sqs.send_message().queue_url(ask.url("refusing").await?).message_body("x");
    refused("sending", send.message_deduplication_id("d").send().await, &["InvalidParameterValue"])
}
