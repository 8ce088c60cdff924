//! SQS: what a FIFO queue refuses.

use super::{Case, case};
use crate::conformance::{
    finding::{Finding, refused},
    target::Ask,
};

const SEND: &str = "Amazon SQS API Reference, SendMessage";

/// The questions of this file.
pub fn cases() -> Vec<Case> {
    vec![
        case("SQS FIFO: a message without a group is refused", SEND, "fifo-refusals", no_group),
        case(
            "SQS FIFO: a message without an id is refused, where content does not count",
            SEND,
            "fifo-refusals",
            no_id,
        ),
        case("SQS FIFO: a delay of one message's own is refused", SEND, "fifo-refusals", delay),
        case("SQS FIFO: a group of more than 128 characters is refused", SEND, "fifo-refusals", long_group),
    ]
}

async fn no_group(ask: Ask) -> Result<(), Finding> {
    let send = ask.sqs.send_message().queue_url(ask.url("ordered-groups.fifo").await?).message_body("x");
    refused("sending", send.message_deduplication_id(&ask.id).send().await, &["MissingParameter"])
}

async fn no_id(ask: Ask) -> Result<(), Finding> {
    let send = ask.sqs.send_message().queue_url(ask.url("ordered-groups.fifo").await?).message_body("x");
    refused("sending", send.message_group_id("a").send().await, &["InvalidParameterValue"])
}

async fn delay(ask: Ask) -> Result<(), Finding> {
    let send = ask.sqs.send_message().queue_url(ask.url("ordered-groups.fifo").await?).message_body("x");
    let send = send.message_group_id("a").message_deduplication_id(&ask.id).delay_seconds(5);
    refused("sending", send.send().await, &["InvalidParameterValue"])
}

async fn long_group(ask: Ask) -> Result<(), Finding> {
    let send = ask.sqs.send_message().queue_url(ask.url("ordered-groups.fifo").await?).message_body("x");
    let send = send.message_group_id("a".repeat(129)).message_deduplication_id(&ask.id);
    refused("sending", send.send().await, &["InvalidParameterValue"])
}
