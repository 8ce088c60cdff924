//! What takes money out of suspense: it is a customer's after all. The deposit's own stream decides it, so that it happens once.

use serde::{Deserialize, Serialize};

use super::deposit::{Direction, SuspenseReason};
use super::journal::{InternalAccount, JournalEntry, LedgerAccount};
use super::operation::{OperationError, OperationEvent, OperationState};
use crate::ids::{AccountId, CustomerId, OperationId, StaffId, VaultRef};

/// Why money waits in suspense no longer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum ReleaseGround {
    /// Whoever it was for is not frozen any more.
    #[serde(rename = "unfrozen")]
    Unfrozen,
    /// Somebody who works here found out whose it is.
    #[serde(rename = "staff")]
    Staff {
        /// Who.
        #[serde(rename = "b")]
        by: StaffId,
        /// Where the vault keeps why.
        #[serde(rename = "r")]
        reason: VaultRef,
    },
}

/// What gives money that waits in suspense to a customer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Release {
    /// The deposit.
    pub operation: OperationId,
    /// Whose it is.
    pub customer: CustomerId,
    /// Why.
    pub ground: ReleaseGround,
}

/// What releasing means, if it waits.
pub(super) fn released(state: &OperationState, release: &Release) -> Result<Vec<OperationEvent>, OperationError> {
    let Release { operation, customer, ground } = release;
    match ground {
        // The pool gives everybody one id, as a customer and as one who works here.
        ReleaseGround::Staff { by, .. } if by.as_uuid() == customer.as_uuid() => {
            return Err(OperationError::OwnRelease);
        }
        ReleaseGround::Staff { .. } | ReleaseGround::Unfrozen => {}
    }
    let (fingerprint, amount, reason, payer) = match state {
        OperationState::Suspended { fingerprint, amount, reason, payer } => (fingerprint, amount, reason, payer),
        OperationState::Released { account, .. } if account.customer == *customer => return Ok(vec![]),
        OperationState::Released { .. } => return Err(OperationError::ReleasedBefore),
        OperationState::None
        | OperationState::Pending { .. }
        | OperationState::Settled { .. }
        | OperationState::Failed { .. }
        | OperationState::Moved { .. } => return Err(OperationError::NotSuspended),
    };
    if reason.direction() == Direction::Debit {
        return Err(OperationError::NotOwed);
    }
    // Whoever it is for is known: no freeze is got round by naming somebody else.
    if *reason == SuspenseReason::CustomerFrozen && payer.customer() != Some(*customer) {
        return Err(OperationError::WaitsForOwner);
    }
    let account = AccountId::new(*customer, amount.asset());
    let suspense = LedgerAccount::Internal(InternalAccount::Suspense, amount.asset());
    let entry = JournalEntry::transfer(suspense, LedgerAccount::Customer(account.clone()), *amount)?;
    Ok(vec![OperationEvent::DepositReleased {
        operation: operation.clone(),
        fingerprint: *fingerprint,
        account,
        amount: *amount,
        payer: payer.clone(),
        ground: ground.clone(),
        entry,
    }])
}

#[cfg(test)]
#[path = "release_tests.rs"]
mod tests;
