//! Operations: what moved a customer's money, or is about to.

use app::views::{OperationKind as Kind, OperationStatus as Status, OperationView};
use async_graphql::{Enum, ID, SimpleObject};

use crate::{
    node::NodeId,
    scalars::{DateTime, MoneyValue},
};

/// What moved money.
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OperationKind {
    /// Money came in.
    Deposit,
    /// From an account into savings.
    SavingsDeposit,
    /// From savings to an account.
    SavingsWithdrawal,
    /// What savings earned in a week was paid.
    YieldPayout,
}

impl From<Kind> for OperationKind {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Deposit => Self::Deposit,
            Kind::SavingsDeposit => Self::SavingsDeposit,
            Kind::SavingsWithdrawal => Self::SavingsWithdrawal,
            Kind::YieldPayout => Self::YieldPayout,
        }
    }
}

/// How far an operation is.
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OperationStatus {
    /// It was announced, and may still fail.
    Pending,
    /// It is done.
    Settled,
    /// Somebody at the bank has to look at it.
    Suspended,
    /// It will never be.
    Failed,
}

impl From<Status> for OperationStatus {
    fn from(status: Status) -> Self {
        match status {
            Status::Pending => Self::Pending,
            Status::Settled => Self::Settled,
            Status::Suspended => Self::Suspended,
            Status::Failed => Self::Failed,
        }
    }
}

/// Something that happened to the viewer's money, or is about to.
#[derive(SimpleObject)]
pub(crate) struct Operation {
    /// The same for as long as the operation exists.
    id: ID,
    /// What it is.
    kind: OperationKind,
    /// How far it is.
    status: OperationStatus,
    /// How much it is about.
    amount: MoneyValue,
    /// The id of the savings position that it is about, if it is about savings.
    savings_position: Option<ID>,
    /// The ISO week in which it was earned, such as `"2026-W47"`; of a payout.
    week: Option<String>,
    /// When it was first heard of.
    at: DateTime,
}

impl From<OperationView> for Operation {
    fn from(view: OperationView) -> Self {
        Self {
            id: NodeId::Operation(view.id).into(),
            kind: view.kind.into(),
            status: view.status.into(),
            amount: view.amount.into(),
            savings_position: view.position.map(|position| NodeId::Position(position).into()),
            week: view.week.map(|week| week.to_string()),
            at: DateTime(view.at),
        }
    }
}
