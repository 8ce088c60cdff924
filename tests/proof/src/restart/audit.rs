//! The end: everything that was acknowledged is there once, nothing else is, and nothing is left over.

use std::collections::{BTreeMap, BTreeSet};

use granary::{
    runner::{Left, LocalBank},
    services::OPERATOR,
};
use simulators::{clearbank, fireblocks, onfido};

use super::{
    effects::{Found, Payout, items},
    journey::Lived,
    process::Bank,
    statement::Statement,
};
use crate::Failed;

/// What was found in the end.
#[derive(Debug, Default)]
pub struct Audit {
    pub commands: u64,
    pub effects: u64,
    pub payouts: u64,
    pub commits: u64,
    /// Applicants at the identity provider whose creation was done and never heard of. Known, and no one's loss.
    pub left_behind: u64,
    pub lost: Vec<String>,
    pub doubled: Vec<String>,
    /// Anything else that is not as it must be.
    pub wrong: Vec<String>,
    /// What `trial-balance` and `verify` printed.
    pub printed: Vec<String>,
}

impl Audit {
    /// Of a bank that was stopped.
    pub async fn of(bank: &Bank, people: &[(Lived, Statement)]) -> Result<Self, Failed> {
        let mut audit = Self::default();
        for name in ["trial-balance", "verify"] {
            let (status, printed) = bank.command(name)?;
            if !status.success() {
                audit.wrong.push(format!("{name} ended with {status}: {printed}"));
            }
            audit.printed.push(printed);
        }
        let opened = granary::cli::open(Some(bank.folder.clone()), bank.url()).await;
        let opened = opened.map_err(|error| Failed::new(format!("the bank does not open: {error}")))?;
        let found = Found::read(&opened, &bank.folder).await?;
        audit.compare(&found, people);
        audit.interest(&found.payouts, &found.weeks);
        audit.left_over(&opened, bank).await?;
        for (lived, statement) in people {
            audit.wrong.extend(statement.differences(lived, &found.payouts));
        }
        Ok(audit)
    }

    pub fn holds(&self) -> bool {
        self.lost.is_empty() && self.doubled.is_empty() && self.wrong.is_empty()
    }

    fn compare(&mut self, found: &Found, people: &[(Lived, Statement)]) {
        let mut expected = BTreeSet::new();
        for (lived, _) in people {
            self.commands += lived.commands;
            expected.extend(lived.effects.iter().cloned());
        }
        expected.extend(found.payouts.iter().map(Payout::effect));
        self.commits = found.commits;
        self.left_behind = found.left_behind;
        for effect in &expected {
            match found.effects.get(effect) {
                None => self.lost.push(effect.clone()),
                Some(1) => self.effects += 1,
                Some(times) => self.doubled.push(format!("{times} times {effect}")),
            }
        }
        let unasked = found.effects.keys().filter(|effect| !expected.contains(*effect));
        self.doubled.extend(unasked.map(|effect| format!("nobody asked for {effect}")));
    }

    /// Each week once, and none left out.
    fn interest(&mut self, payouts: &[Payout], weeks: &BTreeMap<String, Vec<String>>) {
        self.payouts = payouts.len() as u64;
        let mut seen = BTreeSet::new();
        for payout in payouts {
            if !seen.insert((&payout.position, &payout.week)) {
                self.doubled.push(format!("the payout of {} to {}", payout.week, payout.position));
            }
        }
        let last: BTreeSet<_> = weeks.values().filter_map(|weeks| weeks.last()).collect();
        if last.len() > 1 {
            self.lost.push(format!("payouts: some positions were paid up to {:?}, others not", last.last()));
        }
        for (position, weeks) in weeks {
            if weeks.windows(2).any(|pair| pair[0] >= pair[1]) {
                self.doubled.push(format!("weeks of {position}: {weeks:?}"));
            }
        }
    }

    async fn left_over(&mut self, opened: &LocalBank, bank: &Bank) -> Result<(), Failed> {
        let client = aws_sdk_dynamodb::Client::new(&opened.sdk_config(OPERATOR));
        let failed = |error: &dyn std::fmt::Display| Failed::new(error.to_string());
        for queue in &opened.plan().queues {
            for message in opened.aws().sqs.peek(&queue.name, 3).map_err(|error| failed(&error))? {
                self.wrong.push(format!("left in {}: {} {:?}", queue.logical_id, message.body, message.attributes));
            }
        }
        let left = Left::read(&bank.folder, opened.plan()).map_err(|error| failed(&error))?;
        if left != Left::default() {
            self.wrong.push(format!("left to do: {left:?}"));
        }
        for item in items(opened, &client, "OnboardingPauses").await? {
            let key = item["sk"].as_s().cloned().unwrap_or_default();
            if key.starts_with("pause#") {
                self.wrong.push(format!("a pause is left: {key}"));
            }
        }
        for bucket in &opened.plan().buckets {
            for key in opened.aws().s3.keys(&bucket.name, "").map_err(|error| failed(&error))? {
                let is_webhook = key.starts_with("webhooks/") && !key.starts_with("webhooks/unusable/");
                if !is_webhook {
                    self.wrong.push(format!("set aside in {}: {key}", bucket.name));
                }
            }
        }
        self.undelivered(opened);
        Ok(())
    }

    /// Webhooks that a provider still tries to deliver, or has given up.
    fn undelivered(&mut self, opened: &LocalBank) {
        let clearbank = opened.payments().bank.deliveries().into_iter();
        let clearbank = clearbank.filter(|it| it.outcome != clearbank::Outcome::Delivered).map(|it| format!("{it:?}"));
        let onfido = opened.identity_provider().provider.deliveries().into_iter();
        let onfido = onfido.filter(|it| it.outcome != onfido::Outcome::Delivered).map(|it| format!("{it:?}"));
        let fireblocks = opened.custodian().custodian.deliveries().into_iter();
        let fireblocks =
            fireblocks.filter(|it| it.outcome != fireblocks::Outcome::Delivered).map(|it| format!("{it:?}"));
        self.wrong.extend(clearbank.chain(onfido).chain(fireblocks).map(|it| format!("not delivered: {it}")));
    }
}
