//! SQS: what becomes of a message in a standard queue.

use std::time::Duration;

use aws_sdk_sqs::{
    primitives::Blob,
    types::{
        MessageAttributeValue, MessageSystemAttributeName as System, QueueAttributeName as About,
        SendMessageBatchRequestEntry,
    },
};

use super::{Case, case};
use crate::conformance::{
    finding::{Finding, holds, same},
    kit::{SOON, number, system},
    target::Ask,
};

const VISIBILITY: &str = "Amazon SQS Developer Guide, Amazon SQS visibility timeout";
const DELAY: &str = "Amazon SQS Developer Guide, Amazon SQS delay queues; Amazon SQS message timers";
const REDRIVE: &str = "Amazon SQS Developer Guide, Using dead-letter queues in Amazon SQS";
const METADATA: &str = "Amazon SQS Developer Guide, Amazon SQS message metadata";
const RECEIVE: &str = "Amazon SQS API Reference, ReceiveMessage";
const ATTRIBUTES: &str = "Amazon SQS API Reference, GetQueueAttributes";

/// Until the messages of `plain` are visible again, and a little.
const VISIBLE_AGAIN: Duration = Duration::from_millis(2_300);

/// The questions of this file.
pub fn cases() -> Vec<Case> {
    vec![
        case("SQS messages: a message arrives with everything that it was sent with", METADATA, "plain", everything),
        case("SQS messages: attributes come by name or by prefix, when they are asked for", RECEIVE, "plain", by_name),
        case("SQS messages: a deleted message does not come again", RECEIVE, "plain", deleted),
        case("SQS messages: every entry of a batch is a message", RECEIVE, "plain", batch),
        case(
            "SQS visibility: a received message is hidden, and comes again when its time is over",
            VISIBILITY,
            "plain",
            again,
        ),
        case("SQS visibility: it can be hidden for longer", VISIBILITY, "plain", longer),
        case("SQS visibility: it can be given back at once", VISIBILITY, "plain", given_back),
        case("SQS visibility: a receive can say for how long", VISIBILITY, "plain", own_visibility),
        case(
            "SQS visibility: the counts tell visible, hidden and delayed messages apart",
            ATTRIBUTES,
            "counted",
            counts,
        ),
        case("SQS delay: a queue's delay", DELAY, "delayed", queue_delay),
        case("SQS delay: a message's own delay wins, longer or shorter", DELAY, "delayed", own_delay),
        case(
            "SQS redrive: a message that was received often enough goes to the dead-letter queue",
            REDRIVE,
            "strict",
            redrive,
        ),
        case("SQS redrive: a message that was deleted in time does not", REDRIVE, "strict", no_redrive),
    ]
}

fn text(value: &str) -> Result<MessageAttributeValue, Finding> {
    Ok(MessageAttributeValue::builder().data_type("String").string_value(value).build()?)
}

async fn everything(ask: Ask) -> Result<(), Finding> {
    let body = format!("{} <&> ü 𝄞 \" \n\t", ask.id);
    let send = ask.sqs.send_message().queue_url(ask.url("plain").await?).message_body(&body);
    let number = MessageAttributeValue::builder().data_type("Number.version").string_value("7").build()?;
    let bytes = MessageAttributeValue::builder().data_type("Binary").binary_value(Blob::new([0, 255])).build()?;
    let send = send.message_attributes("kind", text("account")?).message_attributes("version", number);
    let sent = send.message_attributes("bytes", bytes).message_group_id(ask.group("fair")).send().await?;
    let message = ask.next("plain").await?;
    ask.delete("plain", &message).await?;
    same("the body", message.body(), Some(body.as_str()))?;
    same("the id", message.message_id(), sent.message_id())?;
    same("the digest of the body", message.md5_of_body(), sent.md5_of_message_body())?;
    same("the digest of the attributes", message.md5_of_message_attributes(), sent.md5_of_message_attributes())?;
    let attributes = message.message_attributes().cloned().unwrap_or_default();
    let value =
        |name: &str| attributes.get(name).map(|it| (it.data_type().to_owned(), it.string_value().map(str::to_owned)));
    same("a labelled number", value("version"), Some(("Number.version".to_owned(), Some("7".to_owned()))))?;
    let bytes = attributes.get("bytes").and_then(|it| it.binary_value()).map(|it| it.as_ref().to_vec());
    same("bytes", bytes, Some(vec![0, 255]))?;
    same("the receive count", system(&message, &System::ApproximateReceiveCount), "1")?;
    same("the group", system(&message, &System::MessageGroupId), ask.group("fair"))?;
    let at = |name: &System| system(&message, name).parse::<i64>().unwrap_or_default();
    holds("sent before received", at(&System::SentTimestamp) <= at(&System::ApproximateFirstReceiveTimestamp))?;
    holds("sent at a time", at(&System::SentTimestamp) > 1_700_000_000_000)
}

async fn by_name(ask: Ask) -> Result<(), Finding> {
    let url = ask.url("plain").await?;
    let send = ask.sqs.send_message().queue_url(&url).message_body(ask.body(1));
    let send = send.message_attributes("kind", text("a")?).message_attributes("trace.id", text("b")?);
    send.message_attributes("trace.span", text("c")?).send().await?;
    let message = ask
        .eventually("the message", SOON, || async {
            let receive = ask.sqs.receive_message().queue_url(&url).message_attribute_names("trace.*");
            Ok(receive.send().await?.messages.unwrap_or_default().into_iter().find(|it| ask.is_mine(it)))
        })
        .await?;
    ask.delete("plain", &message).await?;
    let mut names: Vec<_> = message.message_attributes().into_iter().flatten().map(|(name, _)| name.as_str()).collect();
    names.sort_unstable();
    same("the attributes", names, vec!["trace.id", "trace.span"])?;
    same("what SQS knows, without asking for it", message.attributes().map_or(0, |it| it.len()), 0)
}

async fn deleted(ask: Ask) -> Result<(), Finding> {
    ask.send("plain", 1).await?;
    let message = ask.next("plain").await?;
    ask.delete("plain", &message).await?;
    ask.pass(VISIBLE_AGAIN).await?;
    same("messages", ask.mine("plain", 10).await?.len(), 0)
}

async fn batch(ask: Ask) -> Result<(), Finding> {
    let mut batch = ask.sqs.send_message_batch().queue_url(ask.url("plain").await?);
    for n in 0..10 {
        let entry = SendMessageBatchRequestEntry::builder().id(format!("e{n}")).message_body(ask.body(n));
        batch = batch.entries(entry.build()?);
    }
    let sent = batch.send().await?;
    same("how many were taken", (sent.successful().len(), sent.failed().len()), (10, 0))?;
    let mut numbers = ask.numbers("plain", 10, SOON).await?;
    numbers.sort_unstable();
    same("the messages", numbers, (0..10).collect::<Vec<_>>())
}

async fn again(ask: Ask) -> Result<(), Finding> {
    ask.send("plain", 1).await?;
    let first = ask.next("plain").await?;
    same("messages while it is in flight", ask.mine("plain", 10).await?.len(), 0)?;
    ask.pass(VISIBLE_AGAIN).await?;
    let second = ask.next("plain").await?;
    ask.delete("plain", &second).await?;
    same("the id", second.message_id(), first.message_id())?;
    same("the receive count", system(&second, &System::ApproximateReceiveCount), "2")?;
    holds("each receive has a handle of its own", first.receipt_handle() != second.receipt_handle())?;
    let at = |message| system(message, &System::ApproximateFirstReceiveTimestamp);
    same("when it was received first", at(&second), at(&first))
}

async fn longer(ask: Ask) -> Result<(), Finding> {
    ask.send("plain", 1).await?;
    let message = ask.next("plain").await?;
    ask.hide("plain", &message, 5).await?;
    ask.pass(VISIBLE_AGAIN).await?;
    same("messages after the queue's time", ask.mine("plain", 10).await?.len(), 0)?;
    ask.pass(Duration::from_secs(3)).await?;
    let message = ask.next("plain").await?;
    ask.delete("plain", &message).await
}

async fn given_back(ask: Ask) -> Result<(), Finding> {
    ask.send("plain", 1).await?;
    let message = ask.next("plain").await?;
    ask.hide("plain", &message, 0).await?;
    let again = ask.mine("plain", 10).await?;
    same("messages at once", again.len(), 1)?;
    same("the receive count", system(&again[0], &System::ApproximateReceiveCount), "2")?;
    ask.delete("plain", &again[0]).await
}

async fn own_visibility(ask: Ask) -> Result<(), Finding> {
    ask.send("plain", 1).await?;
    let url = ask.url("plain").await?;
    let message = ask
        .eventually("the message", SOON, || async {
            let receive = ask.sqs.receive_message().queue_url(&url).visibility_timeout(4);
            Ok(receive.send().await?.messages.unwrap_or_default().into_iter().find(|it| ask.is_mine(it)))
        })
        .await?;
    ask.pass(VISIBLE_AGAIN).await?;
    same("messages after the queue's time", ask.mine("plain", 10).await?.len(), 0)?;
    ask.pass(Duration::from_secs(2)).await?;
    let again = ask.next("plain").await?;
    same("the id", again.message_id(), message.message_id())?;
    ask.delete("plain", &again).await
}

async fn counts(ask: Ask) -> Result<(), Finding> {
    let url = ask.url("counted").await?;
    ask.sqs.purge_queue().queue_url(&url).send().await?;
    let late = ask.sqs.send_message().queue_url(&url).message_body(ask.body(3)).delay_seconds(600);
    late.send().await?;
    for n in [1, 2] {
        ask.send("counted", n).await?;
    }
    ask.next("counted").await?;
    let names = [
        About::ApproximateNumberOfMessages,
        About::ApproximateNumberOfMessagesNotVisible,
        About::ApproximateNumberOfMessagesDelayed,
    ];
    let counted = std::sync::Mutex::new(Vec::new());
    let looked = ask.eventually("one each", Duration::from_secs(90), || async {
        let described = ask.sqs.get_queue_attributes().queue_url(&url).set_attribute_names(Some(names.to_vec()));
        let described = described.send().await?;
        let count = |name| described.attributes().and_then(|it| it.get(name)).cloned().unwrap_or_default();
        let counts: Vec<String> = names.iter().map(count).collect();
        let all = counts.iter().all(|it| it == "1");
        if let Ok(mut counted) = counted.lock() {
            *counted = counts;
        }
        Ok(all.then_some(()))
    });
    looked.await.map_err(|Finding(late)| Finding::new(format!("{late}: {counted:?}")))?;
    ask.sqs.purge_queue().queue_url(&url).send().await.map(drop).or(Ok(()))
}

async fn queue_delay(ask: Ask) -> Result<(), Finding> {
    ask.send("delayed", 1).await?;
    same("messages at once", ask.mine("delayed", 10).await?.len(), 0)?;
    ask.pass(VISIBLE_AGAIN).await?;
    same("messages after the delay", ask.numbers("delayed", 1, SOON).await?, vec![1])
}

async fn own_delay(ask: Ask) -> Result<(), Finding> {
    let url = ask.url("delayed").await?;
    let send =
        |n, seconds| ask.sqs.send_message().queue_url(&url).message_body(ask.body(n)).delay_seconds(seconds).send();
    send(1, 0).await?;
    send(2, 4).await?;
    let now = ask.next("delayed").await?;
    same("at once", number(&now), 1)?;
    ask.delete("delayed", &now).await?;
    ask.pass(VISIBLE_AGAIN).await?;
    same("messages after the queue's delay", ask.mine("delayed", 10).await?.len(), 0)?;
    ask.pass(Duration::from_secs(2)).await?;
    same("messages after their own", ask.numbers("delayed", 1, SOON).await?, vec![2])
}

async fn redrive(ask: Ask) -> Result<(), Finding> {
    let url = ask.url("strict").await?;
    let send = ask.sqs.send_message().queue_url(&url).message_body(ask.body(1));
    let sent = send.message_attributes("kind", text("account")?).send().await?;
    for count in ["1", "2"] {
        let message = ask.next("strict").await?;
        same("the receive count", system(&message, &System::ApproximateReceiveCount), count)?;
        ask.pass(Duration::from_millis(1_300)).await?;
    }
    same("messages after the last receive", ask.mine("strict", 10).await?.len(), 0)?;
    let dead = ask.next("strict-dead-letters").await?;
    ask.delete("strict-dead-letters", &dead).await?;
    same("the id", dead.message_id(), sent.message_id())?;
    same("the body", dead.body(), Some(ask.body(1).as_str()))?;
    let kind = dead.message_attributes().and_then(|it| it.get("kind")?.string_value());
    same("an attribute", kind, Some("account"))?;
    same("where it is from", system(&dead, &System::DeadLetterQueueSourceArn), ask.queue_arn("strict"))
}

async fn no_redrive(ask: Ask) -> Result<(), Finding> {
    ask.send("strict", 1).await?;
    ask.next("strict").await?;
    ask.pass(Duration::from_millis(1_300)).await?;
    let second = ask.next("strict").await?;
    ask.delete("strict", &second).await?;
    ask.pass(Duration::from_millis(1_300)).await?;
    same("messages", ask.mine("strict", 10).await?.len(), 0)?;
    same("dead letters", ask.mine("strict-dead-letters", 10).await?.len(), 0)
}
