//! `savings` streams -> a row a position with what its earnings are reckoned from, a row a day on which its balance changed, and a row
//! in the list of all positions, which the weekly payout goes through.

use std::collections::BTreeMap;

use domain::{
    ids::{CustomerId, PositionId, ProductId, StreamId},
    ledger::savings::{Savings, SavingsEvent},
};
use money::BusinessDate;

use super::{Folding, Projection, RowChange, RowKey, accounts::partition, folding};
use crate::{
    commit::Commit,
    store::StoreError,
    views::{SavedView, SavingsView},
};

/// Shows savings to the customers who own them.
#[derive(Debug, Clone, Copy)]
pub struct SavingsPositions;

/// What it is called.
pub const NAME: &str = "savings";

/// What the rows of a customer's positions begin with.
pub const POSITION_PREFIX: &str = "savings#";

/// The partition that lists all positions.
pub const ALL_POSITIONS: &str = "positions";

/// What the rows of a position's balances begin with; the day follows.
const SAVED_PREFIX: &str = "saved#";

/// Where a position's row is.
#[must_use]
pub fn position_key(id: &PositionId) -> RowKey {
    RowKey::new(partition(id.customer), format!("{POSITION_PREFIX}{}", id.product))
}

/// Where the row is of what a position held at the end of a day on which that changed. Days sort as their text does.
#[must_use]
pub fn saved_key(id: &PositionId, date: BusinessDate) -> RowKey {
    RowKey::new(partition(id.customer), format!("{}{date}", saved_prefix(&id.product)))
}

/// What all of these rows begin with.
#[must_use]
pub fn saved_prefix(product: &ProductId) -> String {
    format!("{SAVED_PREFIX}{product}#")
}

fn listed_key(id: &PositionId) -> RowKey {
    RowKey::new(ALL_POSITIONS, id.to_string())
}

impl Projection for SavingsPositions {
    fn name(&self) -> &'static str {
        NAME
    }

    fn owns(&self, key: &RowKey) -> bool {
        let of_a_customer = || key.pk.strip_prefix("customer#").is_some_and(|id| id.parse::<CustomerId>().is_ok());
        key.pk == ALL_POSITIONS
            || [POSITION_PREFIX, SAVED_PREFIX].iter().any(|prefix| key.sk.starts_with(prefix)) && of_a_customer()
    }

    fn key(&self, stream: &StreamId) -> Option<RowKey> {
        PositionId::try_from(stream).ok().map(|id| position_key(&id))
    }

    fn folding(&self, _: &StreamId) -> Option<Box<dyn Folding>> {
        Some(folding::<Savings>())
    }

    fn change(&self, commit: &Commit, _: Option<&str>) -> Result<(String, Vec<RowChange>), StoreError> {
        let id = PositionId::try_from(&commit.stream).map_err(|_| super::foreign(commit))?;
        // A first commit opens it; nothing closes it.
        let view = SavingsView::of(&super::state_of::<Savings>(commit)?).ok_or_else(|| super::foreign(commit))?;
        let mut others = Vec::new();
        let mut saved = BTreeMap::new();
        for event in commit.body::<Savings>()?.events {
            match event {
                SavingsEvent::Opened { .. } => {
                    others.push(RowChange::Put(listed_key(&id), super::document(&id)?));
                }
                SavingsEvent::BalanceChanged { on, balance, .. } => {
                    saved.insert(on, SavedView { date: on, balance }); // Of a day, the last one counts.
                }
                SavingsEvent::WeekClosed { .. }
                | SavingsEvent::YieldPaid { .. }
                | SavingsEvent::YieldCarried { .. }
                | SavingsEvent::PayoutDestinationChosen { .. } => {}
            }
        }
        for (date, saved) in saved {
            others.push(RowChange::Put(saved_key(&id, date), super::document(&saved)?));
        }
        Ok((super::document(&view)?, others))
    }
}
