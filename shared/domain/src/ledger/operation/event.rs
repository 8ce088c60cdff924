use money::{Money, Week};
use serde::{Deserialize, Serialize};

use crate::ids::{AccountId, Fingerprint, OperationId, PositionId, VaultRef};
use crate::ledger::deposit::SuspenseReason;
use crate::ledger::journal::JournalEntry;
use crate::ledger::release::ReleaseGround;
use crate::ledger::savings::PayoutDestination;

/// What happened in one operation.
///
/// These names are stored. Add a new version instead of changing one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", content = "data")]
pub enum OperationEvent {
    /// Money is on its way to a customer. Nothing moved in the books.
    #[serde(rename = "deposit.detected.v1")]
    DepositDetected {
        /// The operation itself.
        operation: OperationId,
        /// What was asked for.
        fingerprint: Fingerprint,
        /// Whose money it will be.
        account: AccountId,
        /// How much is on its way.
        amount: Money,
        /// Where the vault keeps who paid.
        payer: VaultRef,
    },
    /// Money that was on its way will never come.
    #[serde(rename = "deposit.failed.v1")]
    DepositFailed {
        /// The operation itself.
        operation: OperationId,
        /// What was asked for.
        fingerprint: Fingerprint,
        /// Whose money it would have been.
        account: AccountId,
        /// How much was on its way.
        amount: Money,
    },
    /// Money came in for a customer.
    #[serde(rename = "deposit.settled.v1")]
    DepositSettled {
        /// The operation itself.
        operation: OperationId,
        /// What was asked for.
        fingerprint: Fingerprint,
        /// Whose money it is.
        account: AccountId,
        /// How much came in.
        amount: Money,
        /// Where the vault keeps who paid.
        payer: VaultRef,
        /// What it moved.
        entry: JournalEntry,
    },
    /// Money moved, and nobody knows yet whose it is.
    #[serde(rename = "deposit.suspended.v1")]
    DepositSuspended {
        /// The operation itself.
        operation: OperationId,
        /// What was asked for.
        fingerprint: Fingerprint,
        /// Why it waits.
        reason: SuspenseReason,
        /// How much moved. The entry says which way.
        amount: Money,
        /// Where the vault keeps who paid.
        payer: VaultRef,
        /// What it moved.
        entry: JournalEntry,
    },
    /// Money that waited in suspense is a customer's.
    #[serde(rename = "deposit.released.v1")]
    DepositReleased {
        /// The operation itself.
        operation: OperationId,
        /// What was asked for when it came in.
        fingerprint: Fingerprint,
        /// Whose money it is.
        account: AccountId,
        /// How much.
        amount: Money,
        /// Where the vault keeps who paid.
        payer: VaultRef,
        /// Why it waits no longer.
        ground: ReleaseGround,
        /// What it moved.
        entry: JournalEntry,
    },
    /// A customer put money into savings.
    #[serde(rename = "savings-deposit.settled.v1")]
    SavingsDepositSettled {
        /// The operation itself.
        operation: OperationId,
        /// What was asked for.
        fingerprint: Fingerprint,
        /// Where it went.
        position: PositionId,
        /// Where it came from.
        account: AccountId,
        /// How much.
        amount: Money,
        /// What it moved.
        entry: JournalEntry,
    },
    /// A customer took money out of savings.
    #[serde(rename = "savings-withdrawal.settled.v1")]
    SavingsWithdrawalSettled {
        /// The operation itself.
        operation: OperationId,
        /// What was asked for.
        fingerprint: Fingerprint,
        /// Where it came from.
        position: PositionId,
        /// Where it went.
        account: AccountId,
        /// How much.
        amount: Money,
        /// What it moved.
        entry: JournalEntry,
    },
    /// A customer was paid a week's interest.
    #[serde(rename = "yield-payout.settled.v1")]
    YieldPaid {
        /// The operation itself.
        operation: OperationId,
        /// What was asked for.
        fingerprint: Fingerprint,
        /// What earned it.
        position: PositionId,
        /// The week in which it was earned.
        week: Week,
        /// Where it went.
        to: PayoutDestination,
        /// How much.
        amount: Money,
        /// What it moved.
        entry: JournalEntry,
    },
}

impl OperationEvent {
    /// What it moved in the books, if it moved anything.
    #[must_use]
    pub const fn entry(&self) -> Option<&JournalEntry> {
        match self {
            Self::DepositDetected { .. } | Self::DepositFailed { .. } => None,
            Self::DepositSettled { entry, .. }
            | Self::DepositSuspended { entry, .. }
            | Self::DepositReleased { entry, .. }
            | Self::SavingsDepositSettled { entry, .. }
            | Self::SavingsWithdrawalSettled { entry, .. }
            | Self::YieldPaid { entry, .. } => Some(entry),
        }
    }
}
