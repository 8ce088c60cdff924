//! What a bank is like: everything that anybody sees of it or that it remembers, in names instead of ids and without moments.
//!
//! Left out is what may differ although nothing is wrong: when something was written and by which delivery, in which order news came
//! that no rule orders, how often a provider had to send, that the same was set aside twice, and rows that forget themselves and that
//! nobody waits for.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use aws_sdk_dynamodb::types::AttributeValue;
use aws_sdk_sfn::types::ExecutionStatus;
use granary::{
    cli::{whole_bank, whole_ledger},
    services::{OPERATOR, sqs},
};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::{Story, flat};
use crate::{Failed, world::Bank};

/// More messages than any story leaves in one queue.
const MESSAGES_MAX: usize = 1_000;
/// Those whose events are told in one way. What was found of somebody is written down in any order, and shows in rows.
const TOLD: [&str; 3] = ["Identity", "Onboarding", "Ledger"];
const SHOWN: [&str; 4] = ["Identity", "Onboarding", "Compliance", "Ledger"];

/// What a bank is like, as lines under headings.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Picture(BTreeMap<String, Vec<String>>);

impl Picture {
    /// What the other one has more, and what it lacks.
    #[must_use]
    pub fn differences(&self, other: &Self) -> Vec<String> {
        let mut found = Vec::new();
        let headings: BTreeSet<_> = self.0.keys().chain(other.0.keys()).collect();
        for heading in headings {
            let (ours, theirs) = (counted(self.0.get(heading)), counted(other.0.get(heading)));
            let lines: BTreeSet<_> = ours.keys().chain(theirs.keys()).collect();
            for line in lines {
                let (ours, theirs) = (ours.get(line).unwrap_or(&0), theirs.get(line).unwrap_or(&0));
                if ours != theirs {
                    found.push(format!("{heading}: {ours} -> {theirs} times {line}"));
                }
            }
        }
        found
    }

    /// Every line, for people.
    pub fn lines(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().flat_map(|(heading, lines)| lines.iter().map(move |line| (heading.as_str(), line.as_str())))
    }

    fn add(&mut self, heading: &str, line: String) {
        self.0.entry(heading.to_owned()).or_default().push(line);
    }
}

fn counted(lines: Option<&Vec<String>>) -> BTreeMap<&str, usize> {
    let mut counts = BTreeMap::new();
    for line in lines.into_iter().flatten() {
        *counts.entry(line.as_str()).or_default() += 1;
    }
    counts
}

/// Takes the picture of a story's bank as it is now.
pub(super) async fn take(story: &Story<'_>) -> Result<Picture, Failed> {
    let mut raw = Picture::default();
    for (index, (who, seen)) in story.seen.iter().enumerate() {
        let mut lines = Vec::new();
        flat::lines("", seen, &mut lines);
        lines.into_iter().for_each(|line| raw.add("seen", format!("{index:02} {who} {line}")));
    }
    let bank = story.bank;
    for context in TOLD {
        history(bank, context, &mut raw).await?;
    }
    for context in SHOWN {
        rows(bank, context, &mut raw).await;
    }
    vault(bank, &mut raw).await;
    waiting(bank, &mut raw).await?;
    queues(bank, &mut raw)?;
    objects(story, &mut raw)?;
    providers(bank, &mut raw);
    books(bank, &mut raw).await?;

    let mut picture = Picture::default();
    for (heading, line) in raw.lines() {
        picture.add(heading, story.roles.tell(line));
    }
    picture.0.values_mut().for_each(|lines| lines.sort());
    Ok(picture)
}

type Item = HashMap<String, AttributeValue>;

fn text(item: &Item, name: &str) -> String {
    match item.get(name) {
        Some(AttributeValue::S(text) | AttributeValue::N(text)) => text.clone(),
        _ => String::new(),
    }
}

/// The events of every stream. In what order they were written shows where it matters: in balances, states and rows.
async fn history(bank: &Bank, context: &str, picture: &mut Picture) -> Result<(), Failed> {
    for item in bank.items(&format!("{context}Events")).await {
        let commit: Value = serde_json::from_str(&text(&item, "c"))
            .map_err(|error| Failed::new(format!("a commit is no JSON: {error}")))?;
        picture.add(&format!("{context} events"), format!("{} {}", text(&item, "pk"), commit["ev"]));
    }
    Ok(())
}

async fn rows(bank: &Bank, context: &str, picture: &mut Picture) {
    for item in bank.items(&format!("{context}Projections")).await {
        let part = |name| text(&item, name);
        let line = format!("{} | {} | v {} | n {} | {}", part("pk"), part("sk"), part("v"), part("n"), part("d"));
        picture.add(&format!("{context} rows"), line);
    }
}

async fn vault(bank: &Bank, picture: &mut Picture) {
    for table in ["Vault", "VaultKeys"] {
        for item in bank.items(table).await {
            picture.add("vault", format!("{table} {} {}", text(&item, "pk"), text(&item, "sk")));
        }
    }
}

/// Executions, and the pauses of those that are not over.
async fn waiting(bank: &Bank, picture: &mut Picture) -> Result<(), Failed> {
    let states = aws_sdk_sfn::Client::new(&bank.local.sdk_config(OPERATOR));
    let mut open = BTreeSet::new();
    for machine in &bank.local.plan().state_machines {
        let listed = states.list_executions().state_machine_arn(&machine.arn).send().await;
        let listed = listed.map_err(|error| Failed::new(format!("executions cannot be listed: {error:?}")))?;
        for execution in listed.executions() {
            picture.add("executions", format!("{} {}", execution.name(), execution.status()));
            if *execution.status() == ExecutionStatus::Running {
                open.insert(execution.execution_arn().to_owned());
            }
        }
    }
    for execution in bank.local.aws().states.open().unwrap_or_default() {
        picture.add("executions", format!("{} in {:?}", execution.name, execution.states));
    }
    // Whoever has nothing to do holds no permit, whenever who died.
    let limits = bank.items("Limits").await;
    let holders = limits.iter().filter_map(|item| item.get("holders")?.as_m().ok()).flat_map(HashMap::keys);
    holders.for_each(|holder| picture.add("permits", holder.clone()));
    for table in ["OnboardingPauses", "SignUps"] {
        for item in bank.items(table).await {
            let forgets_itself = item.contains_key("ttl");
            if open.contains(&text(&item, "execution")) || !forgets_itself {
                picture.add("pauses", format!("{} {} {}", text(&item, "pk"), text(&item, "sk"), text(&item, "state")));
            }
        }
    }
    Ok(())
}

/// What is in any queue. What was set aside twice, because whoever did so died before it was acknowledged, or whoever sent it, is one.
fn queues(bank: &Bank, picture: &mut Picture) -> Result<(), Failed> {
    for queue in &bank.local.plan().queues {
        let messages = bank.local.aws().sqs.peek(&queue.name, MESSAGES_MAX);
        let messages = messages.map_err(|error| Failed::new(format!("{} cannot be read: {error}", queue.name)))?;
        let told = |message: &sqs::Message, name: &str| match message.attributes.get(name).map(|it| &it.value) {
            Some(sqs::AttributeValue::Text(text)) => text.clone(),
            Some(sqs::AttributeValue::Binary(_)) | None => "nothing".to_owned(),
        };
        let lines: BTreeSet<_> = messages
            .iter()
            .map(|message| {
                let why = [told(message, "errorCode"), told(message, "errorReason")].join(" ");
                let body = &message.body;
                format!("{} for {why}: {body}", queue.logical_id)
            })
            .collect();
        lines.into_iter().for_each(|line| picture.add("queues", line));
    }
    Ok(())
}

/// Webhooks that were kept, by what they say. Those of strangers are kept under the request's id, so two of the same are one. What is
/// archived, by whom it is about: a sign-up that was begun and refused is nobody's, and is archived as well.
fn objects(story: &Story<'_>, picture: &mut Picture) -> Result<(), Failed> {
    let bank = story.bank;
    let failed = |error: &dyn std::fmt::Display| Failed::new(format!("a bucket cannot be read: {error}"));
    for bucket in &bank.local.plan().buckets {
        let mut lines = BTreeSet::new();
        for key in bank.local.aws().s3.keys(&bucket.name, "").map_err(|error| failed(&error))? {
            if bucket.logical_id == "Archive" {
                let of = story.roles.tell(&key);
                if !of.contains("<id>") {
                    lines.insert(format!("{} {of}", bucket.logical_id));
                }
                continue;
            }
            let object = bank.local.aws().s3.get(&bucket.name, &key).map_err(|error| failed(&error))?;
            let digest = object.map(|object| hex::encode(Sha256::digest(&object.body))).unwrap_or_default();
            let folder = key.rsplit_once('/').map_or("", |(folder, _)| folder);
            lines.insert(format!("{} {folder} {digest}", bucket.logical_id));
        }
        lines.into_iter().for_each(|line| picture.add("objects", line));
    }
    Ok(())
}

/// What the providers have, and what became of what they sent.
fn providers(bank: &Bank, picture: &mut Picture) {
    let onfido = &bank.local.identity_provider().provider;
    for run in onfido.runs() {
        let customer = run.customer_user_id.as_deref().unwrap_or("nobody");
        picture.add("onfido", format!("run {} of {customer}: {}, {:?}", run.id, run.status.as_str(), run.tags));
    }
    for sent in onfido.deliveries() {
        let fate = fate(sent.next_due_ms, &sent.outcome);
        picture.add("onfido", format!("webhook of {} {:?}: {fate}", sent.run_id, sent.run_status));
    }
    let custodian = &bank.local.custodian().custodian;
    picture.add("fireblocks", format!("{} accounts", custodian.account_count()));
    for it in custodian.transactions() {
        let line = format!("{} of {} {} to {}: {:?}", it.id, it.amount, it.asset_id, it.address, it.status);
        picture.add("fireblocks", line);
    }
    for sent in custodian.deliveries() {
        picture
            .add("fireblocks", format!("webhook {} of {}: {:?}", sent.event_type, sent.transaction_id, sent.outcome));
    }
    for sent in bank.local.payments().bank.deliveries() {
        let fate = fate(sent.next_due_ms, &sent.outcome);
        picture.add("clearbank", format!("webhook {} of {:?}: {fate}", sent.kind, sent.transaction_id));
    }
}

/// What became of a webhook. One that failed and is not sent again is the second of two, of which the first was acknowledged.
fn fate(next_due_ms: Option<i64>, outcome: &dyn std::fmt::Debug) -> String {
    let outcome = format!("{outcome:?}");
    if next_due_ms.is_none() && outcome.starts_with("Failed") { "Delivered".to_owned() } else { outcome }
}

/// What auditors find.
async fn books(bank: &Bank, picture: &mut Picture) -> Result<(), Failed> {
    let failed = |error: &dyn std::fmt::Display| Failed::new(format!("the books cannot be read: {error}"));
    let balance = whole_ledger(&bank.local, time::Duration::ZERO).await.map_err(|error| failed(&error))?;
    picture.add("books", format!("{} operations", balance.operations));
    for (asset, line) in &balance.lines {
        let internal: Vec<_> =
            line.internal.iter().map(|(account, amount)| json!([account.code(), amount.to_decimal_string()])).collect();
        let (customers, savings) = (line.customers.to_decimal_string(), line.savings.to_decimal_string());
        picture.add("books", format!("{asset} customers {customers} savings {savings} {}", Value::from(internal)));
    }
    balance.lagging.iter().for_each(|stream| picture.add("books", format!("{stream} lags")));
    balance.discrepancies.iter().for_each(|it| picture.add("books", format!("WRONG {it}")));

    let report = whole_bank(&bank.local).await.map_err(|error| failed(&error))?;
    picture.add("books", format!("{} streams, {} commits", report.streams, report.commits));
    report.lagging.iter().for_each(|(stream, version)| picture.add("books", format!("{stream} lags at {}", version.0)));
    report.findings.iter().for_each(|it| picture.add("books", format!("WRONG {it}")));
    Ok(())
}
