//! What a burst left behind, against what must hold.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use app::streams::Streams;
use aws::{DynamoEventStore, SdkClock};
use aws_sdk_sfn::types::{ExecutionStatus, HistoryEvent};
use domain::{
    ids::{ApplicantId, StreamId},
    onboarding::application::{Application, Stage},
};
use granary::{engine::clock::Clock as _, services::OPERATOR};

use super::{Burst, CALLS_PER_SECOND, crowd};
use crate::Failed;

/// What was counted, and what does not hold.
pub struct Report {
    lines: Vec<(String, String)>,
    found: Vec<String>,
}

/// A provider's own log: when, and with what answer.
type Log = Vec<(i64, u16)>;

/// Looks at everything.
pub async fn audit(burst: &Burst, held_max: usize) -> Report {
    let mut report = Report { lines: Vec::new(), found: Vec::new() };
    let count = burst.people.len();
    report.line("applications", count);
    report.must("completed", completed(burst).await, count);
    providers(burst, &mut report);
    let onfido = burst.bank.local.identity_provider().provider.calls();
    let onfido: Log = onfido.iter().map(|it| (it.at_ms, it.status)).collect();
    rate(&mut report, "identity provider", &onfido);
    let screening = burst.bank.local.screening().provider.calls();
    let screening: Log = screening.iter().map(|it| (it.at_ms, it.status)).collect();
    rate(&mut report, "screening provider", &screening);
    let looked_up = screening.iter().filter(|(_, status)| *status == 200).count();
    report.must("looked up, three times each", looked_up, count * 3);
    executions(burst, held_max, &mut report).await;
    copies(burst, &mut report);
    queues(burst, &mut report);
    let took_ms = burst.clock.now_ms() - burst.began_ms;
    report.line("took on the bank's clock", format!("{} s", took_ms / 1000));
    report
}

async fn completed(burst: &Burst) -> usize {
    let config = burst.bank.local.sdk_config(OPERATOR);
    let store = DynamoEventStore::new(burst.bank.dynamodb(), burst.bank.table("OnboardingEvents"));
    let streams = Streams::new(Arc::new(store), Arc::new(SdkClock::new(&config)));
    let mut completed = 0;
    for person in &burst.people {
        let stream = StreamId::from(ApplicantId(person.customer));
        let loaded = streams.load::<Application>(stream).await.unwrap();
        let stage = loaded.state.find(person.application).map(|it| it.stage);
        completed += usize::from(stage == Some(Stage::Completed));
    }
    completed
}

/// Everybody was checked once, and has one account at the custodian.
fn providers(burst: &Burst, report: &mut Report) {
    let count = burst.people.len();
    let onfido = &burst.bank.local.identity_provider().provider;
    let mut runs: BTreeMap<String, usize> = BTreeMap::new();
    for run in onfido.runs() {
        *runs.entry(run.customer_user_id.unwrap_or_default()).or_default() += 1;
    }
    report.must("people who were checked once", runs.values().filter(|it| **it == 1).count(), count);
    report.must("applicants at the identity provider", onfido.applicant_count(), count);
    let accounts = burst.bank.local.custodian().custodian.account_count();
    report.must("accounts at the custodian", accounts, count);
}

/// No second has more calls than the provider allows, wherever it begins.
fn rate(report: &mut Report, name: &str, log: &Log) {
    let asked_to_slow_down = log.iter().filter(|(_, status)| *status == 429).count();
    let (mut busiest, mut first) = (0, 0);
    for (index, (at_ms, _)) in log.iter().enumerate() {
        while log[first].0 <= at_ms - 1_000 {
            first += 1;
        }
        busiest = busiest.max(index + 1 - first);
    }
    report.line(&format!("calls of the {name}"), log.len());
    report.line("  answered 429", asked_to_slow_down);
    report.line("  in the busiest second", busiest);
    if asked_to_slow_down == 0 {
        report.found.push(format!("the {name} never asked to slow down, so this shows little"));
    }
    if busiest > CALLS_PER_SECOND {
        report.found.push(format!("the {name} was called {busiest} times in one second"));
    }
}

/// Each application has one execution, which succeeded, and never were more at work than there are permits.
async fn executions(burst: &Burst, held_max: usize, report: &mut Report) {
    let sfn = aws_sdk_sfn::Client::new(&burst.bank.local.sdk_config(OPERATOR));
    let machine = &burst.bank.local.plan().state_machines[0].arn;
    let pages = sfn.list_executions().state_machine_arn(machine).into_paginator().items().send();
    let all = pages.collect::<Result<Vec<_>, _>>().await.unwrap();
    let succeeded = all.iter().filter(|it| it.status == ExecutionStatus::Succeeded).count();
    report.must("executions", all.len(), burst.people.len());
    report.must("  succeeded", succeeded, burst.people.len());
    let mut changes = Vec::new();
    for execution in &all {
        let history = sfn.get_execution_history().execution_arn(&execution.execution_arn).include_execution_data(false);
        let events = history.into_paginator().items().send().collect::<Result<Vec<_>, _>>().await.unwrap();
        changes.extend(events.iter().filter_map(change));
    }
    // At the same moment, who stops comes before who begins.
    changes.sort_unstable();
    let (mut at_work, mut busiest) = (0, 0);
    for (_, by) in changes {
        at_work += by;
        busiest = busiest.max(at_work);
    }
    report.line("permits", burst.permits);
    report.line("  most executions at work", busiest);
    report.line("  most permits seen held", held_max);
    if busiest > i64::from(burst.permits) || held_max > usize::try_from(burst.permits).unwrap() {
        report.found.push(format!("{busiest} executions were at work, and {held_max} permits were held"));
    }
    let left = crowd::held(&burst.bank.dynamodb(), &burst.bank.table("Limits")).await;
    report.must("  left over", left.len(), 0);
}

/// How an event changes how many are at work: who waits for news or an operator is not.
fn change(event: &HistoryEvent) -> Option<(i64, i64)> {
    let waits = |name: &str| name.starts_with("Await") || name.starts_with("ParkAt");
    let entered = event.state_entered_event_details().filter(|it| waits(it.name()));
    let exited = event.state_exited_event_details().filter(|it| waits(it.name()));
    let kind = event.r#type().as_str();
    let by = match (kind, entered, exited) {
        ("ExecutionStarted", ..) => 1,
        ("ExecutionSucceeded" | "ExecutionFailed" | "ExecutionAborted" | "ExecutionTimedOut", ..) => -1,
        (_, Some(_), _) => -1,
        (_, _, Some(_)) => 1,
        _ => return None,
    };
    Some((event.timestamp().to_millis().unwrap(), by))
}

/// What was sent again, by whom.
fn copies(burst: &Burst, report: &mut Report) {
    let plan = burst.bank.local.plan();
    for ((function, queue), sent) in &*burst.counter.0.lock().unwrap() {
        let own = plan.function(function).and_then(|it| it.env.get("QUEUE_URL").cloned()).unwrap_or_default();
        if own.rsplit('/').next() == Some(queue) {
            report.line(&format!("copies by {function}"), sent);
        }
    }
}

/// Nothing waits anywhere, and nothing was set aside.
fn queues(burst: &Burst, report: &mut Report) {
    let is_aside = |queue: &str| queue.ends_with("DeadLetters") || queue == "ParkedQueue";
    let (mut aside, mut waiting) = (0, 0);
    for queue in &burst.bank.local.plan().queues {
        let count = burst.bank.waiting_in(&queue.logical_id);
        if count > 0 {
            report.found.push(format!("{} holds {count} messages", queue.logical_id));
        }
        let sum = if is_aside(&queue.logical_id) { &mut aside } else { &mut waiting };
        *sum += count;
    }
    report.line("messages that wait", waiting);
    report.line("dead letters and parked messages", aside);
}

impl Report {
    fn line(&mut self, name: &str, value: impl ToString) {
        self.lines.push((name.to_owned(), value.to_string()));
    }

    fn must(&mut self, name: &str, is: usize, must: usize) {
        self.line(name, is);
        if is != must {
            self.found.push(format!("{} {is} instead of {must}", name.trim()));
        }
    }

    pub fn print(&self, took: Duration) {
        let width = self.lines.iter().map(|(name, _)| name.len()).max().unwrap_or_default();
        for (name, value) in &self.lines {
            println!("{name:width$}  {value:>8}");
        }
        println!("{:width$}  {:>6.1} s", "took", took.as_secs_f64());
    }

    pub fn verdict(self) -> Result<(), Failed> {
        if self.found.is_empty() {
            return Ok(());
        }
        Err(Failed::new(format!("found:\n  {}", self.found.join("\n  "))))
    }
}
