//! Read models: what queries answer from, a bounded number of reads each.

use async_trait::async_trait;
use domain::{
    identity::customer::CustomerStatus,
    ids::{AccountId, CustomerId, DepositReference, OperationId},
};
use money::{Asset, Money};
use serde::{Deserialize, Serialize};

use crate::ports::PortError;

/// A customer as the customer sees themself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CustomerView {
    /// Who.
    pub id: CustomerId,
    /// Where they are in their life with the bank.
    pub status: CustomerStatus,
}

/// An account's balances.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountView {
    /// Which account.
    pub id: AccountId,
    /// What the customer may use.
    pub available: Money,
    /// Seen but not final.
    pub pending: Money,
    /// Set aside by withdrawals and quotes.
    pub held: Money,
    /// What a payer quotes; only where the bank's own account receives the asset.
    pub reference: Option<DepositReference>,
}

/// One line of an account's statement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EntryView {
    /// The operation that it belongs to.
    pub operation: OperationId,
    /// Positive into the account.
    pub amount: Money,
    /// What was available afterwards.
    pub balance_after: Money,
    /// RFC 3339, UTC.
    pub at: String,
}

/// What an operation was, in one line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OperationView {
    /// Which operation.
    pub id: OperationId,
    /// What kind of operation, and how it ended.
    pub kind: OperationKind,
    /// How much.
    pub amount: Money,
    /// Whose; `None` for money that found no owner yet.
    pub customer: Option<CustomerId>,
    /// RFC 3339, UTC.
    pub at: String,
}

/// Kinds of operations.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum OperationKind {
    /// Money came in and is on an account.
    DepositSettled,
    /// Money moved at the bank and waits in suspense for a person.
    DepositSuspended,
}

/// A view and the stream version that it shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AtVersion<T> {
    /// The view.
    pub view: T,
    /// The stream's version.
    pub version: u32,
}

/// Which part of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageRequest {
    /// How many at most, 1 to [`PAGE_SIZE_MAX`].
    pub first: u16,
    /// The cursor after which it begins.
    pub after: Option<String>,
}

/// The longest page.
pub const PAGE_SIZE_MAX: u16 = 100;

/// A part of a list, newest first. Each item comes with its cursor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T> {
    /// The items.
    pub items: Vec<(String, T)>,
    /// Whether more follow.
    pub has_next: bool,
}

/// The identity context's read models.
#[async_trait]
pub trait IdentityViews: Send + Sync {
    /// One customer; one read.
    async fn customer(&self, id: CustomerId) -> Result<Option<AtVersion<CustomerView>>, PortError>;
}

/// The ledger context's read models.
#[async_trait]
pub trait LedgerViews: Send + Sync {
    /// One account; one read.
    async fn account(&self, id: &AccountId) -> Result<Option<AtVersion<AccountView>>, PortError>;

    /// All of a customer's accounts, by asset; one read.
    async fn accounts(&self, customer: CustomerId) -> Result<Vec<AtVersion<AccountView>>, PortError>;

    /// An account's entries, newest first; one read. A cursor that is not ours answers [`PortError::Missing`].
    async fn entries(&self, account: &AccountId, page: &PageRequest) -> Result<Page<EntryView>, PortError>;

    /// A customer's operations, newest first; one read.
    async fn operations(&self, customer: CustomerId, page: &PageRequest) -> Result<Page<OperationView>, PortError>;

    /// The balance of an internal account, e.g. `suspense`; zero when nothing was ever posted to it; one read.
    async fn internal(&self, code: &str, asset: Asset) -> Result<Money, PortError>;
}
