//! The claim of an account on its deposit reference, so that no two accounts share one.

use serde::{Deserialize, Serialize};

use crate::aggregate::{Aggregate, Decider};
use crate::error::{Class, Classify};
use crate::ids::AccountId;

/// Whose a deposit reference is. Streams `ref#GR…`.
#[derive(Debug)]
pub struct DepositReferenceClaim;

/// What happened to one deposit reference.
///
/// These names are stored. Add a new version instead of changing one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", content = "data")]
pub enum DepositReferenceClaimEvent {
    /// It belongs to this account, for ever.
    #[serde(rename = "deposit-reference.claimed.v1")]
    Claimed {
        /// Whose it is.
        account: AccountId,
    },
}

/// What the events of one deposit reference add up to.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum DepositReferenceClaimState {
    /// It is nobody's.
    #[default]
    #[serde(rename = "n")]
    Free,
    /// It is taken.
    #[serde(rename = "c")]
    Claimed {
        /// Whose it is.
        #[serde(rename = "a")]
        account: AccountId,
    },
}

/// What may be asked of a deposit reference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DepositReferenceClaimCommand {
    /// Make it this account's.
    Claim {
        /// Whose it is to be.
        account: AccountId,
    },
}

/// Why a deposit reference says no.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DepositReferenceClaimError {
    /// Another account has it. The next one may be free.
    #[error("the deposit reference is taken")]
    Taken,
}

impl Classify for DepositReferenceClaimError {
    fn class(&self) -> Class {
        match self {
            Self::Taken => Class::Conflict,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Taken => "DEPOSIT_REFERENCE_TAKEN",
        }
    }
}

/// What happens to a deposit reference because of a command.
///
/// # Errors
///
/// See [`DepositReferenceClaimError`].
pub fn decide(
    state: &DepositReferenceClaimState,
    command: &DepositReferenceClaimCommand,
) -> Result<Vec<DepositReferenceClaimEvent>, DepositReferenceClaimError> {
    let DepositReferenceClaimCommand::Claim { account } = command;
    match state {
        DepositReferenceClaimState::Free => Ok(vec![DepositReferenceClaimEvent::Claimed { account: account.clone() }]),
        DepositReferenceClaimState::Claimed { account: owner } if owner == account => Ok(vec![]),
        DepositReferenceClaimState::Claimed { .. } => Err(DepositReferenceClaimError::Taken),
    }
}

/// The deposit reference after one more event.
#[must_use]
pub fn evolve(_: DepositReferenceClaimState, event: &DepositReferenceClaimEvent) -> DepositReferenceClaimState {
    match event {
        DepositReferenceClaimEvent::Claimed { account } => {
            DepositReferenceClaimState::Claimed { account: account.clone() }
        }
    }
}

impl Aggregate for DepositReferenceClaim {
    const KIND: &'static str = "ref";
    const STATE_VERSION: u32 = 1;

    type State = DepositReferenceClaimState;
    type Event = DepositReferenceClaimEvent;

    fn evolve(state: DepositReferenceClaimState, event: &DepositReferenceClaimEvent) -> DepositReferenceClaimState {
        evolve(state, event)
    }
}

impl Decider for DepositReferenceClaim {
    type Command = DepositReferenceClaimCommand;
    type Error = DepositReferenceClaimError;

    fn decide(
        state: &DepositReferenceClaimState,
        command: &DepositReferenceClaimCommand,
    ) -> Result<Vec<DepositReferenceClaimEvent>, DepositReferenceClaimError> {
        decide(state, command)
    }
}

#[cfg(test)]
#[path = "reference_tests.rs"]
mod tests;
