//! What the ledger context shows of savings.

use async_trait::async_trait;
use domain::{
    ids::{CustomerId, PositionId},
    ledger::savings::{Position, SavingsState},
};
use money::{BusinessDate, Money};
use serde::{Deserialize, Serialize};

use super::AtVersion;
use crate::ports::PortError;

/// A savings position: everything from which what it has earned is told at any moment, without a read more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SavingsView {
    /// As its last event left it.
    pub position: Position,
}

impl SavingsView {
    /// What a state shows; `None` before the position is open.
    #[must_use]
    pub fn of(state: &SavingsState) -> Option<Self> {
        state.open().map(|position| Self { position: position.clone() })
    }
}

/// What a position held at the end of a day on which that changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct SavedView {
    /// The day.
    pub date: BusinessDate,
    /// What was saved at its end, or so far.
    pub balance: Money,
}

/// The ledger context's read models of savings.
#[async_trait]
pub trait SavingsViews: Send + Sync {
    /// One position; one read.
    async fn position(&self, id: &PositionId) -> Result<Option<AtVersion<SavingsView>>, PortError>;

    /// All of a customer's positions, by product; one read.
    async fn positions(&self, customer: CustomerId) -> Result<Vec<AtVersion<SavingsView>>, PortError>;

    /// The changes from the last one up to `from` through the last one up to `to`, oldest first: enough to tell what was saved at
    /// the end of each of these days. At most [`SAVED_DAYS_MAX`] days; one read.
    async fn saved(&self, id: &PositionId, from: BusinessDate, to: BusinessDate) -> Result<Vec<SavedView>, PortError>;
}

/// For how many days at once it can be told what was saved: a leap year.
pub const SAVED_DAYS_MAX: u16 = 366;
