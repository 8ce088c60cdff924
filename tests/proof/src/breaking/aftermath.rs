//! What a play left behind: everything that may have happened once and must not have happened twice, without ids and moments.

use std::collections::BTreeMap;

use granary::cli::{whole_bank, whole_ledger};
use serde_json::Value;
use time::Duration;

use super::journey::People;
use crate::{Failed, world::Bank};

/// Events of rounds over all customers, as many as there were days.
const DAILY: [&str; 2] = ["screening.rescreened.v1", "watch.round-started.v1"];
const CONTEXTS: [&str; 4] = ["Identity", "Onboarding", "Compliance", "Ledger"];

/// What is there, line by line, with how often.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Aftermath(BTreeMap<String, usize>);

impl Aftermath {
    /// Of a bank with one applicant.
    pub async fn of(bank: &Bank, people: &People) -> Result<Self, Failed> {
        let mut found = Self::default();
        for context in CONTEXTS {
            found.history(bank, context).await;
        }
        found.standing(bank, people).await;
        found.waiting(bank).await?;
        for run in bank.local.identity_provider().provider.runs() {
            found.add(format!("onfido run {}", run.status.as_str()));
        }
        found.books(bank).await?;
        Ok(found)
    }

    fn add(&mut self, line: String) {
        *self.0.entry(line).or_default() += 1;
    }

    /// Events by their stream's kind: what of one stream happened twice stands here twice.
    async fn history(&mut self, bank: &Bank, context: &str) {
        for item in bank.items(&format!("{context}Events")).await {
            let commit: Value = serde_json::from_str(item["c"].as_s().unwrap()).unwrap();
            let stream = item["pk"].as_s().unwrap();
            let kind = stream.split_once('#').map_or(stream.as_str(), |(kind, _)| kind);
            let types = commit["ev"].as_array().into_iter().flatten().filter_map(|event| event["type"].as_str());
            // What comes with the days is no part of the journey.
            for name in types.filter(|name| !DAILY.contains(name)) {
                self.add(format!("{kind}: {name}"));
            }
        }
    }

    async fn standing(&mut self, bank: &Bank, people: &People) {
        let seen = people.standing(bank).await;
        self.add(format!("customer {}", seen["viewer"]["status"]));
        self.add(format!("application {}", seen["viewer"]["application"]));
        self.add(format!("accounts {}", seen["viewer"]["accounts"]["nodes"].as_array().map_or(0, Vec::len)));
        let execution = people.execution(bank).await;
        let last = execution["states"].as_array().and_then(|states| states.last()).map(|it| it["name"].clone());
        self.add(format!("execution {} at {}", execution["status"], last.unwrap_or_default()));
    }

    /// What is under way or set aside, and must not be.
    async fn waiting(&mut self, bank: &Bank) -> Result<(), Failed> {
        for row in bank.items("OnboardingPauses").await {
            let sort_key = row["sk"].as_s().unwrap();
            // A state that is over may have left its row: it forgets itself. One that is waited for is an operator's.
            if sort_key.contains("#operator#") {
                let state = row["state"].as_s().unwrap();
                self.add(format!("LEFT: a pause of an operator at {state}"));
            }
        }
        for queue in &bank.local.plan().queues {
            let waiting = bank.waiting_in(&queue.logical_id);
            if waiting > 0 {
                self.add(format!("LEFT: {waiting} in {}", queue.logical_id));
            }
        }
        for execution in bank.local.aws().states.open().map_err(|error| Failed::new(error.to_string()))? {
            self.add(format!("LEFT: an execution in {:?}", execution.states));
        }
        Ok(())
    }

    async fn books(&mut self, bank: &Bank) -> Result<(), Failed> {
        let failed = |error: &dyn std::fmt::Display| Failed::new(format!("the books cannot be read: {error}"));
        let balance = whole_ledger(&bank.local, Duration::ZERO).await.map_err(|error| failed(&error))?;
        let report = whole_bank(&bank.local).await.map_err(|error| failed(&error))?;
        balance.discrepancies.iter().for_each(|it| self.add(format!("WRONG: {it}")));
        report.findings.iter().for_each(|it| self.add(format!("WRONG: {it}")));
        report.lagging.iter().for_each(|(stream, _)| self.add(format!("WRONG: {stream} lags")));
        Ok(())
    }

    /// What the other has more, and what it lacks.
    pub fn differences(&self, other: &Self) -> Vec<String> {
        let lines = self.0.keys().chain(other.0.keys().filter(|line| !self.0.contains_key(*line)));
        let count = |of: &Self, line: &String| of.0.get(line).copied().unwrap_or(0);
        let differ = lines.filter(|line| count(self, line) != count(other, line));
        differ.map(|line| format!("{} -> {} times {line}", count(self, line), count(other, line))).collect()
    }

    /// What there must never be, whatever was broken.
    pub fn wrong(&self) -> Vec<String> {
        let is_wrong = |line: &&String| line.starts_with("LEFT") || line.starts_with("WRONG");
        self.0.keys().filter(is_wrong).cloned().collect()
    }

    /// What is left of an application that was unwound, and should not be: everything that took effect is undone.
    pub fn left_behind(&self) -> Vec<String> {
        let mut found = self.wrong();
        let has = |needle: &str| self.0.keys().any(|line| line.contains(needle));
        let count =
            |needle: &str| self.0.iter().filter(|(line, _)| line.contains(needle)).map(|(_, n)| *n).sum::<usize>();
        for never in ["account.opened", "holder.", "customer.activated", "deposit-address", "accounts 5"] {
            found.extend(has(never).then(|| format!("{never} is there")));
        }
        for open in ["run awaiting_input", "run awaiting_client_input", "run processing", "run review"] {
            found.extend(has(open).then(|| format!("{open} is there")));
        }
        let (opened, closed) = (count("case.opened"), count("case.withdrawn") + count("case.decided"));
        // One that was never opened may be withdrawn, so that a late opening finds it so.
        found.extend((opened > closed).then(|| format!("{opened} cases were opened and {closed} closed")));
        let declined = count("application.declined") + count("application.expired");
        found.extend((declined != 1).then(|| format!("the application ended {declined} times")));
        found.extend((!has("execution \"SUCCEEDED\"")).then(|| "the execution did not come to its end".to_owned()));
        found
    }
}
