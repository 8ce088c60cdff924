use money::{Money, Week};
use serde::{Deserialize, Serialize};

use crate::ids::{AccountId, Fingerprint, PositionId, VaultRef};
use crate::ledger::deposit::SuspenseReason;
use crate::ledger::savings::PayoutDestination;

/// What the events of one operation add up to.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum OperationState {
    /// Nobody asked for it yet.
    #[default]
    #[serde(rename = "n")]
    None,
    /// A deposit is announced.
    #[serde(rename = "p")]
    Pending {
        /// What was asked for.
        #[serde(rename = "f")]
        fingerprint: Fingerprint,
        /// How much is on its way.
        #[serde(rename = "a")]
        amount: Money,
        /// Whose it will be.
        #[serde(rename = "t")]
        account: AccountId,
    },
    /// A deposit has its place.
    #[serde(rename = "s")]
    Settled {
        /// What was asked for.
        #[serde(rename = "f")]
        fingerprint: Fingerprint,
        /// How much moved.
        #[serde(rename = "a")]
        amount: Money,
        /// Where it went.
        #[serde(rename = "t")]
        account: AccountId,
    },
    /// A deposit waits in suspense.
    #[serde(rename = "w")]
    Suspended {
        /// What was asked for.
        #[serde(rename = "f")]
        fingerprint: Fingerprint,
        /// How much moved, without a sign.
        #[serde(rename = "a")]
        amount: Money,
        /// Why it waits.
        #[serde(rename = "r")]
        reason: SuspenseReason,
        /// Where the vault keeps who paid.
        #[serde(rename = "p")]
        payer: VaultRef,
    },
    /// A deposit waited in suspense and is a customer's now.
    #[serde(rename = "r")]
    Released {
        /// What was asked for.
        #[serde(rename = "f")]
        fingerprint: Fingerprint,
        /// How much moved.
        #[serde(rename = "a")]
        amount: Money,
        /// Where it went.
        #[serde(rename = "t")]
        account: AccountId,
        /// Where the vault keeps who paid.
        #[serde(rename = "p")]
        payer: VaultRef,
    },
    /// A deposit that was announced will never come.
    #[serde(rename = "x")]
    Failed {
        /// What was asked for.
        #[serde(rename = "f")]
        fingerprint: Fingerprint,
        /// How much was on its way.
        #[serde(rename = "a")]
        amount: Money,
        /// Whose it would have been.
        #[serde(rename = "t")]
        account: AccountId,
    },
    /// Money moved between a customer and their savings.
    #[serde(rename = "m")]
    Moved {
        /// What was asked for.
        #[serde(rename = "f")]
        fingerprint: Fingerprint,
        /// How much.
        #[serde(rename = "a")]
        amount: Money,
        /// From where to where.
        #[serde(rename = "t")]
        movement: Movement,
    },
}

/// What moved money of a customer's savings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Movement {
    /// From the customer's account into savings.
    #[serde(rename = "i")]
    ToSavings(PositionId),
    /// From savings into the customer's account.
    #[serde(rename = "o")]
    FromSavings(PositionId),
    /// Interest of a week.
    #[serde(rename = "y")]
    Yield {
        /// What earned it.
        #[serde(rename = "p")]
        position: PositionId,
        /// The week in which it was earned.
        #[serde(rename = "w")]
        week: Week,
        /// Where it went.
        #[serde(rename = "d")]
        to: PayoutDestination,
    },
}

impl OperationState {
    /// What was asked for, if anything was.
    #[must_use]
    pub const fn fingerprint(&self) -> Option<Fingerprint> {
        match self {
            Self::None => None,
            Self::Pending { fingerprint, .. }
            | Self::Settled { fingerprint, .. }
            | Self::Suspended { fingerprint, .. }
            | Self::Released { fingerprint, .. }
            | Self::Failed { fingerprint, .. }
            | Self::Moved { fingerprint, .. } => Some(*fingerprint),
        }
    }
}
