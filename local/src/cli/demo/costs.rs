//! What each step of the story costs in DynamoDB's units, where the demo can see the meter.

use std::{sync::Arc, time::Duration};

use crate::{
    cli::CliError,
    runner::LocalBank,
    services::{Meter, Units},
};

const LOOK_AGAIN_AFTER: Duration = Duration::from_millis(20);

/// The meter of a bank, read step by step.
pub struct Costs {
    bank: Option<Arc<LocalBank>>,
    before: Meter,
    total: Units,
}

impl Costs {
    /// Of the demo's own bank.
    pub fn of(bank: &Arc<LocalBank>) -> Self {
        Self { bank: Some(Arc::clone(bank)), before: Meter::default(), total: Units::default() }
    }

    /// Of a bank in another process.
    pub fn unknown() -> Self {
        Self { bank: None, before: Meter::default(), total: Units::default() }
    }

    /// Waits until everything that a step led to is done, and tells what it cost.
    pub async fn step(&mut self) -> Result<Option<Units>, CliError> {
        let Some(bank) = &self.bank else { return Ok(None) };
        while bank.in_flight()? {
            tokio::time::sleep(LOOK_AGAIN_AFTER).await;
        }
        let now = bank.aws().dynamodb.meter();
        let step = now.since(&self.before);
        self.before = now;
        self.total = self.total.and(step);
        Ok(Some(step))
    }

    /// What everything so far cost.
    pub fn total(&self) -> Option<Units> {
        self.bank.as_ref().map(|_| self.total)
    }
}
