//! SQS: what a FIFO queue does that others do not.

use std::time::Duration;

use aws_sdk_sqs::types::MessageSystemAttributeName as System;

use super::{Case, case};
use crate::conformance::{
    finding::{Finding, holds, same},
    kit::{SOON, number, system},
    target::Ask,
};

const ORDER: &str = "Amazon SQS Developer Guide, FIFO queue delivery logic in Amazon SQS";
const ONCE: &str = "Amazon SQS Developer Guide, Exactly-once processing in Amazon SQS";
const IDS: &str = "Amazon SQS Developer Guide, FIFO queue and message identifiers in Amazon SQS";
const SCOPE: &str = "Amazon SQS Developer Guide, High throughput for FIFO queues in Amazon SQS";
const REDRIVE: &str = "Amazon SQS Developer Guide, Using dead-letter queues in Amazon SQS";
const TIMERS: &str = "Amazon SQS Developer Guide, Amazon SQS delay queues";

/// Until the messages of `ordered` are visible again, and a little.
const VISIBLE_AGAIN: Duration = Duration::from_millis(2_300);

/// The questions of this file.
pub fn cases() -> Vec<Case> {
    let mut all = vec![
        case("SQS FIFO: a group comes in the order in which it was sent", ORDER, "ordered", order),
        case("SQS FIFO: a group waits while a message of it is in flight", ORDER, "ordered", waits),
        case("SQS FIFO: another group does not wait", ORDER, "ordered", others),
        case("SQS FIFO: what was not deleted comes again before what is behind it", ORDER, "ordered", head_again),
        case("SQS FIFO: what is given back comes again first", ORDER, "ordered", given_back),
        case("SQS FIFO: one receive may bring many of a group, in order", ORDER, "ordered", many),
        case("SQS FIFO: sequence numbers grow within a group", IDS, "ordered", sequence),
        case("SQS FIFO: a deduplication id is taken once, whatever the body", ONCE, "ordered", once),
        case("SQS FIFO: even after the first was deleted", ONCE, "ordered", once_for_all),
        case("SQS FIFO: in the whole queue, not only in the group", ONCE, "ordered", across_groups),
        case("SQS FIFO: in the group only, where the queue says so", SCOPE, "ordered-groups", within_groups),
        case("SQS FIFO: the same body is taken once, where content counts", ONCE, "ordered-content", content),
        case("SQS FIFO: an id of one's own wins over content", ONCE, "ordered-content", own_id),
        case("SQS FIFO: what was received too often makes way, into a FIFO queue", REDRIVE, "ordered-strict", redrive),
        case("SQS FIFO: the queue's delay keeps the order", TIMERS, "ordered-delayed", delay),
    ];
    all.push(Case {
        slow: true,
        ..case("SQS FIFO: after five minutes it is taken again", ONCE, "ordered-window", window)
    });
    all
}

/// The numbers of the messages that can be received now; they stay in flight.
async fn now(ask: &Ask, queue: &str) -> Result<Vec<i64>, Finding> {
    Ok(ask.mine(queue, 10).await?.iter().map(number).collect())
}

async fn next(ask: &Ask, queue: &str, documented: i64) -> Result<(), Finding> {
    let message = ask.next(queue).await?;
    same("the next message", number(&message), documented)?;
    ask.delete(queue, &message).await
}

async fn order(ask: Ask) -> Result<(), Finding> {
    for n in 0..12 {
        ask.send_in("ordered.fifo", "a", n).await?;
    }
    same("the messages", ask.numbers("ordered.fifo", 12, SOON).await?, (0..12).collect::<Vec<_>>())
}

async fn waits(ask: Ask) -> Result<(), Finding> {
    for n in [1, 2] {
        ask.send_in("ordered.fifo", "a", n).await?;
    }
    let first = ask.next("ordered.fifo").await?;
    same("the first", number(&first), 1)?;
    same("messages while it is in flight", now(&ask, "ordered.fifo").await?, Vec::<i64>::new())?;
    ask.delete("ordered.fifo", &first).await?;
    next(&ask, "ordered.fifo", 2).await
}

async fn others(ask: Ask) -> Result<(), Finding> {
    for (group, n) in [("a", 1), ("a", 2), ("b", 3)] {
        ask.send_in("ordered.fifo", group, n).await?;
    }
    let first = ask.next("ordered.fifo").await?;
    let second = ask.next("ordered.fifo").await?;
    same("of each group the first", (number(&first), number(&second)), (1, 3))?;
    for message in [first, second] {
        ask.delete("ordered.fifo", &message).await?;
    }
    next(&ask, "ordered.fifo", 2).await
}

async fn head_again(ask: Ask) -> Result<(), Finding> {
    for n in [1, 2] {
        ask.send_in("ordered.fifo", "a", n).await?;
    }
    same("the first", number(&ask.next("ordered.fifo").await?), 1)?;
    ask.pass(VISIBLE_AGAIN).await?;
    let again = ask.next("ordered.fifo").await?;
    same("the first again", (number(&again), system(&again, &System::ApproximateReceiveCount)), (1, "2".to_owned()))?;
    ask.delete("ordered.fifo", &again).await?;
    next(&ask, "ordered.fifo", 2).await
}

async fn given_back(ask: Ask) -> Result<(), Finding> {
    for n in [1, 2] {
        ask.send_in("ordered.fifo", "a", n).await?;
    }
    let first = ask.next("ordered.fifo").await?;
    ask.hide("ordered.fifo", &first, 0).await?;
    next(&ask, "ordered.fifo", 1).await?;
    next(&ask, "ordered.fifo", 2).await
}

async fn many(ask: Ask) -> Result<(), Finding> {
    for n in [1, 2, 3] {
        ask.send_in("ordered.fifo", "a", n).await?;
    }
    let messages = ask
        .eventually("messages", SOON, || async {
            Ok(Some(ask.mine("ordered.fifo", 10).await?).filter(|it| !it.is_empty()))
        })
        .await?;
    let numbers: Vec<_> = messages.iter().map(number).collect();
    holds(&format!("{numbers:?} begins with the first and leaves out none"), [1, 2, 3].starts_with(&numbers))?;
    for message in &messages {
        ask.delete("ordered.fifo", message).await?;
    }
    same("the rest", ask.numbers("ordered.fifo", 3 - messages.len(), SOON).await?, [1, 2, 3][messages.len()..].to_vec())
}

async fn sequence(ask: Ask) -> Result<(), Finding> {
    let mut sent = Vec::new();
    for n in [1, 2, 3] {
        sent.push(ask.send_in("ordered.fifo", "a", n).await?);
    }
    let as_number = |text: &String| text.parse::<u128>().unwrap_or_default();
    holds(&format!("{sent:?} grow"), sent.is_sorted_by_key(as_number) && as_number(&sent[0]) < as_number(&sent[2]))?;
    let first = ask.next("ordered.fifo").await?;
    same("the sequence number", system(&first, &System::SequenceNumber), sent[0].clone())?;
    same("the group", system(&first, &System::MessageGroupId), ask.group("a"))?;
    same("the deduplication id", system(&first, &System::MessageDeduplicationId), format!("{}-1", ask.id))?;
    ask.delete("ordered.fifo", &first).await?;
    same("the rest", ask.numbers("ordered.fifo", 2, SOON).await?, vec![2, 3])
}

/// Sends with an id of this question.
async fn send_as(ask: &Ask, queue: &str, group: &str, n: i64, id: Option<&str>) -> Result<(), Finding> {
    let send = ask.sqs.send_message().queue_url(ask.url(queue).await?).message_body(ask.body(n));
    let id = id.map(|id| format!("{}-{id}", ask.id));
    send.message_group_id(ask.group(group)).set_message_deduplication_id(id).send().await?;
    Ok(())
}

async fn once(ask: Ask) -> Result<(), Finding> {
    for n in [1, 2] {
        send_as(&ask, "ordered.fifo", "a", n, Some("same")).await?;
    }
    same("the messages", ask.numbers("ordered.fifo", 1, SOON).await?, vec![1])
}

async fn once_for_all(ask: Ask) -> Result<(), Finding> {
    send_as(&ask, "ordered.fifo", "a", 1, Some("same")).await?;
    next(&ask, "ordered.fifo", 1).await?;
    send_as(&ask, "ordered.fifo", "a", 2, Some("same")).await?;
    send_as(&ask, "ordered.fifo", "a", 3, Some("other")).await?;
    same("the messages", ask.numbers("ordered.fifo", 1, SOON).await?, vec![3])
}

async fn across_groups(ask: Ask) -> Result<(), Finding> {
    send_as(&ask, "ordered.fifo", "a", 1, Some("same")).await?;
    send_as(&ask, "ordered.fifo", "b", 2, Some("same")).await?;
    same("the messages", ask.numbers("ordered.fifo", 1, SOON).await?, vec![1])
}

async fn within_groups(ask: Ask) -> Result<(), Finding> {
    for (group, n) in [("a", 1), ("b", 2), ("a", 3)] {
        send_as(&ask, "ordered-groups.fifo", group, n, Some("same")).await?;
    }
    let mut numbers = ask.numbers("ordered-groups.fifo", 2, SOON).await?;
    numbers.sort_unstable();
    same("the messages", numbers, vec![1, 2])
}

async fn content(ask: Ask) -> Result<(), Finding> {
    for n in [1, 1, 2] {
        send_as(&ask, "ordered-content.fifo", "a", n, None).await?;
    }
    same("the messages", ask.numbers("ordered-content.fifo", 2, SOON).await?, vec![1, 2])
}

async fn own_id(ask: Ask) -> Result<(), Finding> {
    for (n, id) in [(1, None), (1, Some("other")), (2, Some("other"))] {
        send_as(&ask, "ordered-content.fifo", "a", n, id).await?;
    }
    same("the messages", ask.numbers("ordered-content.fifo", 2, SOON).await?, vec![1, 1])
}

async fn window(ask: Ask) -> Result<(), Finding> {
    send_as(&ask, "ordered-window.fifo", "a", 1, Some("same")).await?;
    next(&ask, "ordered-window.fifo", 1).await?;
    ask.pass(Duration::from_secs(270)).await?;
    send_as(&ask, "ordered-window.fifo", "a", 2, Some("same")).await?;
    ask.quiet().await?;
    same("messages within the five minutes", now(&ask, "ordered-window.fifo").await?, Vec::<i64>::new())?;
    ask.pass(Duration::from_secs(60)).await?;
    send_as(&ask, "ordered-window.fifo", "a", 3, Some("same")).await?;
    same("messages after them", ask.numbers("ordered-window.fifo", 1, SOON).await?, vec![3])
}

async fn redrive(ask: Ask) -> Result<(), Finding> {
    for n in [1, 2] {
        ask.send_in("ordered-strict.fifo", "a", n).await?;
    }
    same("the first", number(&ask.next("ordered-strict.fifo").await?), 1)?;
    ask.pass(Duration::from_millis(1_300)).await?;
    next(&ask, "ordered-strict.fifo", 2).await?;
    let dead = ask.next("ordered-strict-dead-letters.fifo").await?;
    ask.delete("ordered-strict-dead-letters.fifo", &dead).await?;
    same("the dead letter", number(&dead), 1)?;
    same("its group", system(&dead, &System::MessageGroupId), ask.group("a"))?;
    same("where it is from", system(&dead, &System::DeadLetterQueueSourceArn), ask.queue_arn("ordered-strict.fifo"))
}

async fn delay(ask: Ask) -> Result<(), Finding> {
    for n in [1, 2] {
        ask.send_in("ordered-delayed.fifo", "a", n).await?;
    }
    same("messages at once", now(&ask, "ordered-delayed.fifo").await?, Vec::<i64>::new())?;
    same("the messages", ask.numbers("ordered-delayed.fifo", 2, SOON).await?, vec![1, 2])
}
