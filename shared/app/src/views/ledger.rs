//! What the ledger context shows of accounts and operations.

use std::collections::BTreeMap;

use async_trait::async_trait;
use domain::{
    freeze::FreezeSide,
    ids::{
        AccountId, CaseId, ChainAddress, CustomerId, DepositReference, FreezeId, OperationId, PositionId, StaffId,
        VaultRef,
    },
    ledger::{
        account::AccountState,
        controls::{ControlsState, Freeze, Ground},
        deposit::SuspenseReason,
        holder::HolderState,
    },
    moment::Moment,
};
use money::{Asset, Money, Week};
use serde::{Deserialize, Serialize};

use super::{AtVersion, Page, PageRequest};
use crate::ports::PortError;

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

impl AccountView {
    /// What a state shows; `None` before the account is open.
    #[must_use]
    pub fn of(state: &AccountState) -> Option<Self> {
        match state {
            AccountState::Open { id, reference, available, pending, held } => Some(Self {
                id: id.clone(),
                available: *available,
                pending: *pending,
                held: *held,
                reference: reference.clone(),
            }),
            AccountState::NotOpen => None,
        }
    }
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

/// What an operation is, in one line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OperationView {
    /// Which operation.
    pub id: OperationId,
    /// What kind of operation.
    pub kind: OperationKind,
    /// How far it is. Rows of older code are of operations that are over.
    #[serde(default)]
    pub status: OperationStatus,
    /// How much.
    pub amount: Money,
    /// Whose; `None` for money that found no owner yet.
    pub customer: Option<CustomerId>,
    /// The savings that it is about, if it is about savings.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub position: Option<PositionId>,
    /// The week in which it was earned, if it pays what was earned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub week: Option<Week>,
    /// When it was first heard of. RFC 3339, UTC.
    pub at: String,
}

/// Kinds of operations.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum OperationKind {
    /// Money comes in.
    #[serde(alias = "DepositSettled", alias = "DepositSuspended")]
    Deposit,
    /// From the account into savings.
    SavingsDeposit,
    /// From savings to the account.
    SavingsWithdrawal,
    /// What savings earned in a week is paid.
    YieldPayout,
}

/// How far an operation is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum OperationStatus {
    /// It was announced, and may still fail.
    Pending,
    /// It is done.
    #[default]
    Settled,
    /// The money waits in suspense for a person.
    Suspended,
    /// It will never be.
    Failed,
}

/// Money that waits in suspense.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SuspendedView {
    /// The deposit, whose id is that of the bank or the custodian.
    pub id: OperationId,
    /// How much, without a sign.
    pub amount: Money,
    /// Why it waits. It says which way it moved.
    pub reason: SuspenseReason,
    /// For whom, if that is known.
    pub customer: Option<CustomerId>,
    /// Since when. RFC 3339, UTC.
    pub at: String,
}

/// Where a customer's accounts can be paid into from a chain.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct HolderView {
    /// The address for each asset; none before they are made.
    pub addresses: BTreeMap<Asset, ChainAddress>,
}

impl HolderView {
    /// What a state shows.
    #[must_use]
    pub fn of(state: &HolderState) -> Self {
        match state {
            HolderState::NotOpen | HolderState::AccountsOpened => Self::default(),
            HolderState::Ready { addresses, .. } => Self { addresses: addresses.clone() },
        }
    }
}

/// What is forbidden to a customer.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ControlsView {
    /// Which way money does not move now; `None` if it does.
    pub side: Option<FreezeSide>,
    /// Whether compliance decided to part from the customer.
    pub closing: bool,
    /// Every freeze there was, oldest first.
    pub freezes: Vec<FreezeView>,
}

/// A freeze, in force or lifted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FreezeView {
    /// Which.
    pub id: FreezeId,
    /// Which way money does not move.
    pub side: FreezeSide,
    /// The case that ordered it, if policy did.
    pub case: Option<CaseId>,
    /// Who ordered it, if somebody did.
    pub by: Option<StaffId>,
    /// Where the vault keeps why, if somebody ordered it.
    pub reason: Option<VaultRef>,
    /// Since when.
    pub at: Moment,
    /// When it was lifted.
    pub lifted_at: Option<Moment>,
    /// Who lifted it, if somebody did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lifted_by: Option<StaffId>,
    /// Where the vault keeps why it was lifted, if somebody did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lift_reason: Option<VaultRef>,
}

impl ControlsView {
    /// What a state shows.
    #[must_use]
    pub fn of(state: &ControlsState) -> Self {
        let freezes = state.freezes.iter().map(FreezeView::of).collect();
        Self { side: state.side(), closing: state.closing.is_some(), freezes }
    }
}

impl FreezeView {
    fn of(freeze: &Freeze) -> Self {
        let of_ground = |ground: &Ground| match ground {
            Ground::Policy { case } => (Some(*case), None, None),
            Ground::Staff { by, reason } => (None, Some(*by), Some(reason.clone())),
        };
        let (case, by, reason) = of_ground(&freeze.ground);
        let (_, lifted_by, lift_reason) = freeze.lifted_by.as_ref().map_or((None, None, None), of_ground);
        let Freeze { id, side, at, lifted_at, .. } = *freeze;
        Self { id, side, case, by, reason, at, lifted_at, lifted_by, lift_reason }
    }
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

    /// Where a customer's accounts can be paid into from a chain; one read.
    async fn holder(&self, customer: CustomerId) -> Result<Option<AtVersion<HolderView>>, PortError>;

    /// What is forbidden to a customer; one read.
    async fn controls(&self, customer: CustomerId) -> Result<Option<AtVersion<ControlsView>>, PortError>;

    /// A customer's operations, newest first; one read.
    async fn operations(&self, customer: CustomerId, page: &PageRequest) -> Result<Page<OperationView>, PortError>;

    /// What waits in suspense, newest first; one read.
    async fn suspended(&self, page: &PageRequest) -> Result<Page<SuspendedView>, PortError>;

    /// The balance of an internal account, e.g. `suspense`; zero when nothing was ever posted to it; one read.
    async fn internal(&self, code: &str, asset: Asset) -> Result<Money, PortError>;
}
