//! Everything that a bank holds, as text that can be compared with another bank's.

use std::collections::HashMap;

use app::commit::{Commit, Hash};
use aws_sdk_dynamodb::types::AttributeValue;
use domain::{
    compliance::case::{DUE_AFTER, URGENT_DUE_AFTER},
    ids::Version,
};
use granary::services::sqs;
use serde_json::Value;
use time::{Date, Duration, OffsetDateTime, format_description::well_known::Rfc3339, macros::format_description};

use super::workflow;
use crate::support::Bank;

type Row = HashMap<String, AttributeValue>;
/// Of each commit of a stream.
type Hashes = HashMap<(String, u32), Hash>;

/// More than any queue holds here.
const MESSAGES_MAX: usize = 1000;

/// One line for each row, message, object, execution and run at the identity provider, in order.
///
/// What must differ between two runs is masked: times that lie within them, what somebody draws at random and what follows from
/// that. Of ciphertexts and wrapped keys the length remains.
pub async fn lines(bank: &Bank, since: OffsetDateTime) -> Vec<String> {
    let plan = bank.local.plan();
    let mut lines = Vec::new();
    let mut rows = Vec::new();
    for table in &plan.tables {
        rows.extend(bank.items(&table.logical_id).await.into_iter().map(|row| (table.logical_id.as_str(), row)));
    }
    let commits = rows.iter().filter_map(|(_, row)| commit(row));
    let hashes: Hashes = commits.map(|it| ((it.stream.to_string(), it.version.0), it.hash())).collect();
    lines.extend(rows.iter().map(|(table, row)| format!("row of {table}: {}", row_text(&linked(row, &hashes)))));
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
    // What a mail is called is drawn.
    let mails = bank.local.aws().ses.outbox().unwrap();
    lines.extend(
        mails.iter().map(|it| format!("mail: {:?}", (&it.from, &it.to, &it.subject, &it.text, &it.html, &it.tags))),
    );
    lines.extend(workflow::executions(bank).await.iter().map(|it| format!("execution: {it}")));
    let runs = bank.local.identity_provider().provider.runs();
    lines.extend(runs.iter().map(|run| format!("identity check: {}", serde_json::to_string(run).unwrap())));
    lines.push(format!("{} vault accounts", bank.local.custodian().custodian.account_count()));

    let drawn = drawn(bank).await;
    let masked = lines.into_iter().map(|line| {
        let line = drawn.iter().fold(line, |line, (it, name)| line.replace(it, name));
        mask_times(&line, since)
    });
    let mut lines: Vec<_> = masked.collect();
    lines.sort_unstable();
    lines
}

/// Whatever was drawn at random, and what to call it instead.
async fn drawn(bank: &Bank) -> Vec<(String, String)> {
    let mut drawn = Vec::new();
    for (number, run) in bank.local.identity_provider().provider.runs().iter().rev().enumerate() {
        drawn.push((run.id.to_string(), format!("(run {number})")));
        drawn.push((run.applicant_id.to_string(), format!("(applicant {number})")));
        let monitor = bank.local.identity_provider().provider.monitor(run.id);
        drawn.extend(monitor.map(|id| (id.to_string(), format!("(monitor {number})"))));
        drawn.extend(run.sdk_token.iter().map(|token| (token.clone(), format!("(SDK token {number})"))));
    }
    for (number, transaction) in bank.local.custodian().custodian.transactions().iter().rev().enumerate() {
        drawn.push((transaction.id.to_string(), format!("(transaction {number})")));
    }
    for row in bank.items("LedgerEvents").await {
        // The custodian's addresses. Ether and its tokens share one.
        let claim = row["pk"].as_s().unwrap().strip_prefix("addr#").and_then(|claim| claim.split_once('#'));
        if let Some((asset, address)) = claim {
            let chain = if asset == "BTC" { "Bitcoin" } else { "Ethereum" };
            drawn.push((address.to_owned(), format!("({chain} address)")));
        }
    }
    for row in bank.items("OnboardingEvents").await {
        // Made with the customer's own key, and so is what tells contents apart in the vault.
        let body: Value = serde_json::from_str(row["c"].as_s().unwrap()).unwrap();
        if let Some(fingerprint) = body["ev"][0]["data"]["fingerprint"].as_str() {
            drawn.push((fingerprint.to_owned(), "(fingerprint)".to_owned()));
            drawn.push((fingerprint.chars().take(16).collect(), "(its beginning)".to_owned()));
        }
    }
    // The hash of a random key.
    let destroyed = bank.items("VaultKeys").await.into_iter().filter_map(|mut row| row.remove("was"));
    drawn.extend(destroyed.map(|hash| (hash.as_s().unwrap().clone(), "(a key's hash)".to_owned())));
    for (table, text) in [("ComplianceEvents", "note"), ("IdentityEvents", "reason")] {
        for row in bank.items(table).await {
            let body: Value = serde_json::from_str(row["c"].as_s().unwrap()).unwrap();
            let kept = body["ev"][0]["data"][text].as_str();
            if let Some((_, beginning)) = kept.and_then(|kept| kept.rsplit_once('-')) {
                drawn.push((beginning.to_owned(), format!("(the beginning of a {text}'s)")));
            }
        }
    }
    drawn
}

/// The commit in a row of an event store.
fn commit(row: &Row) -> Option<Commit> {
    Some(Commit {
        stream: row.get("pk")?.as_s().ok()?.parse().ok()?,
        version: Version(row.get("sk")?.as_n().ok()?.parse().ok()?),
        previous: Hash::from_slice(row.get("p")?.as_b().ok()?.as_ref())?,
        body: row.get("c")?.as_s().ok()?.clone(),
        state: row.get("s")?.as_s().ok()?.clone(),
        state_version: row.get("sv")?.as_n().ok()?.parse().ok()?,
    })
}

/// A row whose hash of a commit is masked if it is the right one, as it follows from that commit's time: of the one before it in
/// an event store, of the one that it shows in a projection.
fn linked(row: &Row, hashes: &Hashes) -> Row {
    let mut row = row.clone();
    let text = |name: &str| row.get(name).and_then(|it| it.as_s().ok()).cloned();
    let number = |name: &str| row.get(name).and_then(|it| it.as_n().ok()).and_then(|it| it.parse::<u32>().ok());
    let before = text("pk").zip(number("sk").and_then(|it| it.checked_sub(1)));
    for (name, of) in [("p", before), ("h", text("st").zip(number("v")))] {
        let hash = row.get(name).and_then(|it| it.as_b().ok()).and_then(|it| Hash::from_slice(it.as_ref()));
        if hash.is_some() && hash.as_ref() == of.and_then(|of| hashes.get(&of)) {
            row.insert(name.to_owned(), AttributeValue::S("(the right hash)".to_owned()));
        }
    }
    row
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

fn row_text(row: &Row) -> String {
    let mut attributes: Vec<_> = row.iter().map(|(name, value)| attribute_text(name, value)).collect();
    attributes.sort_unstable();
    attributes.join(" ")
}

fn attribute_text(name: &str, value: &AttributeValue) -> String {
    match value {
        AttributeValue::N(_) if name == "ttl" => "ttl=(later)".to_owned(),
        // Of limits: when the next call may be made, how long a permit is good, and by which taking.
        AttributeValue::N(_) if name == "tat" || name == "until" => format!("{name}=(later)"),
        AttributeValue::S(_) if name == "by" => "by=(a taking)".to_owned(),
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
    let envelope: Value = serde_json::from_str(body).unwrap_or_default();
    let body = match envelope["id"].as_str().filter(|_| envelope.get("detail-type").is_some()) {
        Some(id) => body.replacen(id, "(id)", 1),
        None => body.clone(),
    };
    format!("{body} {attributes:?} {group:?} {sender} {receive_count} {sent_at_ms} {dead_letter_source:?}")
}

/// Replaces each time and date that lies between `since` and now, and each that is due so much later. All others are data, and must
/// be equal.
pub fn mask_times(text: &str, since: OffsetDateTime) -> String {
    let now = OffsetDateTime::now_utc();
    let since = since.replace_nanosecond(0).unwrap(); // Some are written in whole seconds.
    let dues = [Duration::ZERO, URGENT_DUE_AFTER, DUE_AFTER];
    let is_about_now = |it: OffsetDateTime| dues.iter().any(|due| it - *due >= since && it - *due <= now);
    let is_time = |text: &str| OffsetDateTime::parse(text, &Rfc3339).is_ok_and(is_about_now);
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
