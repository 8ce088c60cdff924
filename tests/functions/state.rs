//! Everything that a bank holds, as text that can be compared with another bank's.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use granary::services::sqs;
use time::{Date, OffsetDateTime, format_description::well_known::Rfc3339, macros::format_description};

use crate::support::Bank;

/// More than any queue holds here.
const MESSAGES_MAX: usize = 1000;

/// One line for each row, message and object, in order.
///
/// What must differ between two runs is masked: times that lie within them, and random bytes, of which the length remains.
pub async fn lines(bank: &Bank, since: OffsetDateTime) -> Vec<String> {
    let plan = bank.local.plan();
    let mut lines = Vec::new();
    for table in &plan.tables {
        let rows = bank.items(&table.logical_id).await;
        lines.extend(rows.iter().map(|row| format!("row of {}: {}", table.logical_id, row_text(row))));
    }
    for queue in &plan.queues {
        let messages = bank.local.aws().sqs.peek(&queue.name, MESSAGES_MAX).unwrap();
        lines.extend(messages.iter().map(|it| format!("message in {}: {}", queue.logical_id, message_text(it))));
    }
    for bucket in &plan.buckets {
        for key in bank.local.aws().s3.keys(&bucket.name, "").unwrap() {
            let object = bank.local.aws().s3.get(&bucket.name, &key).unwrap().unwrap();
            let bytes = String::from_utf8_lossy(&object.body);
            lines.push(format!("object in {}: {key} {:?} {bytes}", bucket.logical_id, object.headers));
        }
    }
    let mut lines: Vec<_> = lines.iter().map(|line| mask_times(line, since)).collect();
    lines.sort_unstable();
    lines
}

/// What only one of the two has, for a message that can be read; `None` when they are equal.
pub fn difference(compiled: &[String], in_process: &[String]) -> Option<String> {
    if compiled == in_process {
        return None;
    }
    let only = |left: &[String], right: &[String], name: &str| {
        let lines: Vec<_> = left.iter().filter(|line| !right.contains(line)).map(|it| format!("\n  {it}")).collect();
        format!("\nonly {name}:{}", lines.concat())
    };
    let both = [only(compiled, in_process, "compiled"), only(in_process, compiled, "in process")];
    Some(format!("{} and {} lines{}", compiled.len(), in_process.len(), both.concat()))
}

fn row_text(row: &HashMap<String, AttributeValue>) -> String {
    let mut attributes: Vec<_> = row.iter().map(|(name, value)| attribute_text(name, value)).collect();
    attributes.sort_unstable();
    attributes.join(" ")
}

fn attribute_text(name: &str, value: &AttributeValue) -> String {
    match value {
        AttributeValue::N(_) if name == "ttl" => "ttl=(later)".to_owned(),
        // A ciphertext of the vault, or a wrapped key.
        AttributeValue::B(bytes) if name == "x" || name == "w" => format!("{name}=({} bytes)", bytes.as_ref().len()),
        AttributeValue::M(map) => format!("{name}={{{}}}", row_text(map)),
        AttributeValue::L(list) => {
            let elements: Vec<_> = list.iter().map(|it| attribute_text("", it)).collect();
            format!("{name}=[{}]", elements.join(","))
        }
        other => format!("{name}={other:?}"),
    }
}

/// All but its id, which is random, as is the one that EventBridge gives to an event.
fn message_text(message: &sqs::Message) -> String {
    let sqs::Message { body, attributes, group, sender, receive_count, sent_at_ms, dead_letter_source, .. } = message;
    let envelope: serde_json::Value = serde_json::from_str(body).unwrap_or_default();
    let body = match envelope["id"].as_str().filter(|_| envelope.get("detail-type").is_some()) {
        Some(id) => body.replacen(id, "(id)", 1),
        None => body.clone(),
    };
    format!("{body} {attributes:?} {group:?} {sender} {receive_count} {sent_at_ms} {dead_letter_source:?}")
}

/// Replaces each time and date that lies between `since` and now. All others are data, and must be equal.
pub fn mask_times(text: &str, since: OffsetDateTime) -> String {
    let now = OffsetDateTime::now_utc();
    let since = since.replace_nanosecond(0).unwrap(); // Some are written in whole seconds.
    let is_time = |text: &str| OffsetDateTime::parse(text, &Rfc3339).is_ok_and(|it| it >= since && it <= now);
    let is_date = |text: &str| {
        let date = Date::parse(text, format_description!("[year]-[month]-[day]"));
        date.is_ok_and(|it| it >= since.date() && it <= now.date())
    };
    let mut masked = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let time = [24, 20].into_iter().find(|length| rest.get(..*length).is_some_and(is_time));
        let length = match time.or_else(|| rest.get(..10).is_some_and(is_date).then_some(10)) {
            Some(length) => {
                masked.push_str("(now)");
                length
            }
            None => {
                masked.push(first);
                first.len_utf8()
            }
        };
        rest = rest.get(length..).unwrap_or_default();
    }
    masked
}
