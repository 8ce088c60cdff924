//! The auditor: at a quiet point, everything that must hold, against the model.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use app::{
    projection::{self, Generation, Projection, RowKey},
    rebuild::{rebuild, sweep},
};
use aws_sdk_sfn::types::ExecutionStatus;
use granary::{
    cli::{projector, whole_bank, whole_ledger},
    services::OPERATOR,
};
use serde_json::Value;
use time::{Date, Duration, OffsetDateTime, macros::format_description};

use super::{
    life::Life,
    model::{ASSETS, Amounts, Customer, SAVED, decimal, sum},
    oracle,
    people::{Answer, customer_in},
};
use crate::{
    leaks::{
        places::{everywhere, found},
        search::Search,
    },
    world::Bank,
};

/// A state that waits longer waits for ever.
const TIMER_DAYS_MAX: u32 = 400;

const STATEMENT: &str = "{ viewer { id status application { status } accounts(first: 10) { nodes { asset available { amount } pending { amount } } }
    savings { product { asset } principal { amount } paidToDate { amount } earned { numerator } } } }";

/// Everything that does not hold.
pub async fn audit(life: &mut Life, thoroughly: bool) -> Vec<String> {
    let mut found = Vec::new();
    books(&life.bank, &mut found).await;
    let history = History::read(&life.bank).await;
    operations(life, &history, &mut found);
    for person in 0..life.people.len() {
        customer(life, person, &history, &mut found).await;
    }
    providers(life, &mut found);
    suspense(life, &mut found).await;
    workflows(&life.bank, &mut found).await;
    if thoroughly {
        rebuilt(&life.bank, &mut found).await;
        leaks(life, &mut found).await;
    }
    found
}

/// Trial balance and hash chains, by the bank's own means.
async fn books(bank: &Bank, found: &mut Vec<String>) {
    let balance = whole_ledger(&bank.local, Duration::ZERO).await.unwrap();
    found.extend(balance.discrepancies.iter().map(|it| format!("trial balance: {it}")));
    found.extend(balance.lagging.iter().map(|it| format!("trial balance: {it:?} lags in calm weather")));
    let report = whole_bank(&bank.local).await.unwrap();
    found.extend(report.findings.iter().map(|it| format!("verify: {it}")));
    found.extend(report.lagging.iter().map(|it| format!("verify: {it:?} lags in calm weather")));
}

/// The ledger's events as they are stored.
struct History {
    /// By operation stream, its events' types.
    operations: BTreeMap<String, Vec<String>>,
    /// By savings position, its events.
    savings: BTreeMap<String, Vec<(String, Value)>>,
}

impl History {
    async fn read(bank: &Bank) -> Self {
        let mut commits: BTreeMap<(String, u64), Vec<(String, Value)>> = BTreeMap::new();
        for item in bank.items("LedgerEvents").await {
            let commit: Value = serde_json::from_str(item["c"].as_s().unwrap()).unwrap();
            let events = commit["ev"].as_array().unwrap().iter();
            let events = events.map(|event| (event["type"].as_str().unwrap().to_owned(), event["data"].clone()));
            let key = (item["pk"].as_s().unwrap().clone(), item["sk"].as_n().unwrap().parse().unwrap());
            commits.insert(key, events.collect());
        }
        let (mut operations, mut savings) = (BTreeMap::new(), BTreeMap::new());
        for ((stream, _), events) in commits {
            if let Some(operation) = stream.strip_prefix("op#") {
                let types: &mut Vec<String> = operations.entry(operation.to_owned()).or_default();
                types.extend(events.into_iter().map(|(kind, _)| kind));
            } else if let Some(position) = stream.strip_prefix("savings#") {
                let all: &mut Vec<(String, Value)> = savings.entry(position.to_owned()).or_default();
                all.extend(events);
            }
        }
        Self { operations, savings }
    }
}

/// Every accepted command and every payment has one operation, and nothing else has.
fn operations(life: &Life, history: &History, found: &mut Vec<String>) {
    let mut expected = BTreeSet::new();
    expected.extend(life.model.suspense.keys().cloned());
    for (person, customer) in &life.model.customers {
        expected.extend(customer.deposits.keys().cloned());
        // One that failed before anybody heard of it never was one.
        expected.extend(customer.failed.iter().filter(|id| history.operations.contains_key(*id)).cloned());
        let sub = life.people[*person].sub.clone().unwrap_or_default();
        expected.extend(customer.moves.keys().map(|id| format!("{sub}#{id}")));
        for id in &customer.refused {
            if history.operations.contains_key(&format!("{sub}#{id}")) {
                found.push(format!("operation {id} was refused and is booked"));
            }
        }
    }
    let there: BTreeSet<_> = history.operations.keys().filter(|id| !id.starts_with("yield#")).cloned().collect();
    found.extend(expected.difference(&there).map(|id| format!("{id} was accepted and has no effect")));
    found.extend(there.difference(&expected).map(|id| format!("{id} was booked and nobody asked for it")));
    for (id, types) in &history.operations {
        let times = |name: &str| types.iter().filter(|kind| kind.contains(name)).count();
        let finals = types.len() - times("detected") - times("released");
        if finals != 1 {
            found.push(format!("{id} ended {finals} times: {types:?}"));
        }
        if times("released") > times("suspended") {
            found.push(format!("{id} was released and did not wait, or more than once: {types:?}"));
        }
    }
}

/// What one customer sees is what the model says.
async fn customer(life: &mut Life, person: usize, history: &History, found: &mut Vec<String>) {
    if life.people[person].sub.is_none() && !life.model.customers[&person].applied {
        return;
    }
    let (who, model) = (&mut life.people[person], &life.model.customers[&person]);
    let mut said = |what: String| found.push(format!("person {person}: {what}"));
    let seen = match who.ask(&life.bank, STATEMENT, None).await {
        Answer::Done(data) => data["viewer"].clone(),
        // Signed up, and not confirmed yet.
        Answer::Refused(_) | Answer::Again if !model.applied => return,
        other => return said(format!("is not answered in calm weather: {other:?}")),
    };
    who.sub = customer_in(&seen["id"]);
    let expected = match (model.applied, model.verdict) {
        (false, _) => ("SIGNED_UP", Value::Null),
        (true, None) => ("APPLYING", Value::from("IDENTITY_CHECK")),
        (true, Some("approved")) => ("ACTIVE", Value::from("APPROVED")),
        (true, Some(_)) => ("SIGNED_UP", Value::from("DECLINED")),
    };
    let (status, application) = (&seen["status"], &seen["application"]["status"]);
    let expires = model.verdict.is_none() && application == "EXPIRED";
    if !expires && (status != expected.0 || *application != expected.1) {
        said(format!("is {status}, {application} instead of {expected:?}"));
    }
    let sub = who.sub.clone().unwrap_or_default();
    let (mut principals, mut to_account) = (Amounts::new(), Amounts::new());
    for (asset, product, rate) in SAVED {
        let events = history.savings.get(&format!("{sub}#{product}")).map(Vec::as_slice).unwrap_or_default();
        let position = seen["savings"].as_array().unwrap().iter().find(|it| it["product"]["asset"] == asset);
        let kept = Kept { asset, rate, events, shown: position };
        let (principal, paid_out) = savings(model, &kept, &sub, today(&life.bank), &mut said);
        principals.insert(asset, principal);
        to_account.insert(asset, paid_out);
    }
    let paid_in = model.paid_in();
    for account in seen["accounts"]["nodes"].as_array().unwrap() {
        let asset = ASSETS.iter().find(|(code, _)| account["asset"] == **code).unwrap().0;
        let units = |amounts: &Amounts| amounts.get(asset).copied().unwrap_or_default();
        let available = units(&paid_in) - model.saved(asset) + units(&to_account);
        if account["available"]["amount"] != decimal(asset, available) {
            said(format!("{asset} available is {} instead of {}", account["available"], decimal(asset, available)));
        }
        if account["pending"]["amount"] != decimal(asset, 0) {
            said(format!("{asset} pending is {} in calm weather", account["pending"]));
        }
    }
}

/// A position as it is stored and as it is shown.
struct Kept<'a> {
    asset: &'static str,
    rate: u32,
    events: &'a [(String, Value)],
    shown: Option<&'a Value>,
}

/// Holds a position against the oracle; answers what it must hold, and what its payouts brought to the account.
fn savings(model: &Customer, kept: &Kept<'_>, sub: &str, today: Date, said: &mut impl FnMut(String)) -> (i128, i128) {
    let Kept { asset, rate, events, shown } = kept;
    let (mut changes, mut payouts, mut moved) = (Vec::new(), Vec::new(), BTreeMap::new());
    for (kind, data) in *events {
        let text = |name: &str| data[name].as_str().unwrap_or_default();
        match kind.as_str() {
            "savings.balance-changed.v1" => {
                let units = units_of(text("amount"));
                changes.push((day(text("on")), units));
                if let Some(id) = text("operation").strip_prefix(&format!("{sub}#")) {
                    *moved.entry(id.to_owned()).or_insert(0) += units;
                }
            }
            "savings.yield-paid.v1" => {
                payouts.push((oracle::of_week(text("week")), units_of(text("paid")), text("to") == "account"));
            }
            _ => {}
        }
    }
    for (id, it) in model.moves.iter().filter(|(_, it)| it.asset == *asset) {
        if moved.get(id) != Some(&it.units) {
            said(format!("{asset} move {id} is {:?} instead of {}", moved.get(id), it.units));
        }
    }
    // In calm weather every week that is over has been paid; it is paid at one o'clock on its Monday.
    let first = changes.iter().map(|(on, _)| *on).min();
    let mut paid = Vec::new();
    let mut week = first.map(oracle::monday);
    while let Some(it) = week.filter(|it| *it + Duration::WEEK <= today) {
        paid.push(it);
        week = Some(it + Duration::WEEK);
    }
    let expected = oracle::walk(&changes, *rate, today, &paid);
    let there: BTreeMap<Date, i128> = payouts.iter().map(|(week, units, _)| (*week, *units)).collect();
    if there != expected.payouts || there.len() != payouts.len() {
        said(format!("{asset} was paid {payouts:?} instead of {:?}", expected.payouts));
    }
    let to_account: i128 = payouts.iter().filter(|(.., to_account)| *to_account).map(|(_, units, _)| units).sum();
    let total: i128 = payouts.iter().map(|(_, units, _)| units).sum();
    let principal = model.saved(asset) + total - to_account;
    let Some(shown) = shown else {
        if !events.is_empty() {
            said(format!("{asset} savings are not shown"));
        }
        return (principal, to_account);
    };
    for (name, expected) in [
        ("principal", decimal(asset, principal)),
        ("paidToDate", decimal(asset, total)),
        ("earned", expected.earned.to_string()),
    ] {
        let shown = if name == "earned" { &shown[name]["numerator"] } else { &shown[name]["amount"] };
        if *shown != expected {
            said(format!("{asset} {name} is {shown} instead of {expected}"));
        }
    }
    (principal, to_account)
}

/// The providers have done for each customer what they were asked for, once.
fn providers(life: &Life, found: &mut Vec<String>) {
    let runs = life.bank.local.identity_provider().provider.runs();
    for person in &life.people {
        let of_person = runs.iter().filter(|run| run.customer_user_id == person.sub && person.sub.is_some()).count();
        if of_person > 1 {
            found.push(format!("the identity provider runs {of_person} checks of person {}", person.number));
        }
    }
    let approved = life.model.customers.values().filter(|it| it.verdict == Some("approved")).count();
    let accounts = life.bank.local.custodian().custodian.account_count();
    if accounts != approved {
        found.push(format!("the custodian keeps {accounts} accounts for {approved} customers"));
    }
}

/// Money without an owner is in suspense, to the last unit.
async fn suspense(life: &Life, found: &mut Vec<String>) {
    let expected = sum(life.model.suspense.values());
    for (asset, _) in ASSETS {
        let there = life.bank.internal("suspense", asset.parse().unwrap()).await;
        let expected = expected.get(asset).copied().unwrap_or_default();
        if there != expected {
            found.push(format!("suspense holds {there} {asset} instead of {expected}"));
        }
    }
}

/// An execution that is open waits for something that will come by itself: news, or its timer. None is given up.
async fn workflows(bank: &Bank, found: &mut Vec<String>) {
    let within_ms = i64::from(TIMER_DAYS_MAX) * 24 * 3_600_000;
    for execution in bank.local.aws().states.open().unwrap() {
        if execution.due_ms.is_none_or(|at_ms| at_ms > bank.now_ms() + within_ms) {
            found.push(format!("{} waits in {:?} without a timer", execution.name, execution.states));
        }
        if execution.states.iter().any(|state| state.starts_with("Park")) {
            found.push(format!("{} is parked in {:?} in calm weather", execution.name, execution.states));
        }
    }
    let workflows = aws_sdk_sfn::Client::new(&bank.local.sdk_config(OPERATOR));
    for machine in &bank.local.plan().state_machines {
        let failed = workflows.list_executions().state_machine_arn(&machine.arn).status_filter(ExecutionStatus::Failed);
        let failed: Vec<_> = failed.into_paginator().items().send().try_collect().await.unwrap();
        found.extend(failed.iter().map(|execution| format!("{} failed, and nothing goes on with it", execution.name)));
    }
    for queue in &bank.local.plan().queues {
        let waiting = bank.waiting_in(&queue.logical_id);
        if waiting > 0 {
            found.push(format!("{} holds {waiting} messages in calm weather", queue.logical_id));
        }
    }
}

/// Every projection written anew is what was there.
async fn rebuilt(bank: &Bank, found: &mut Vec<String>) {
    for shown in projection::all() {
        let (name, table) = (shown.projection.name(), format!("{}Projections", shown.context));
        let before = rows_of(bank, &table, &shown.projection).await;
        let projector = projector(&bank.local, name).unwrap();
        rebuild(&projector).await.unwrap();
        // Whoever still read the old one has ended by then.
        bank.clock.advance_ms(10 * 60_000);
        sweep(&projector).await.unwrap();
        let after = rows_of(bank, &table, &shown.projection).await;
        let differ = before.iter().filter(|(key, row)| after.get(key) != Some(row)).map(|(key, _)| format!("{key:?}"));
        let new = after.keys().filter(|key| !before.contains_key(key)).map(|key| format!("{key:?}"));
        found.extend(differ.chain(new).map(|key| format!("projection {name}: {key} is another after a rebuild")));
    }
}

async fn rows_of(bank: &Bank, table: &str, projection: &Arc<dyn Projection>) -> BTreeMap<RowKey, String> {
    let mut rows = BTreeMap::new();
    for item in bank.items(table).await {
        let stored = RowKey::new(item["pk"].as_s().unwrap(), item["sk"].as_s().unwrap());
        let (_, key) = Generation::split(&stored);
        if key.sk == "pointer" || !projection.owns(&key) {
            continue;
        }
        let mut attributes: Vec<_> = item.iter().filter(|(name, _)| !["pk", "sk"].contains(&name.as_str())).collect();
        attributes.sort_by_key(|(name, _)| *name);
        rows.insert(key, format!("{attributes:?}"));
    }
    rows
}

/// Nothing of a person is outside the vault.
async fn leaks(life: &Life, found: &mut Vec<String>) {
    let search = Search::of(life.people.iter().flat_map(super::people::Person::secrets));
    for (place, text) in self::found(&everywhere(&life.bank).await, &search) {
        found.push(format!("{text} is in {place}"));
    }
}

fn today(bank: &Bank) -> Date {
    OffsetDateTime::from_unix_timestamp(bank.now_ms() / 1000).unwrap().date()
}

fn day(text: &str) -> Date {
    Date::parse(text, format_description!("[year]-[month]-[day]")).unwrap()
}

/// `USDC 40000000`.
fn units_of(text: &str) -> i128 {
    text.split_once(' ').unwrap().1.parse().unwrap()
}
