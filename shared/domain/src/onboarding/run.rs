//! Which application a run at the identity provider belongs to: the provider's webhooks name nothing but the run.

use serde::{Deserialize, Serialize};

use crate::aggregate::{Aggregate, Decider};
use crate::error::{Class, Classify};
use crate::ids::{ApplicationId, CustomerId};

/// The claim of one run by one application. Streams `run#<uuid>`.
#[derive(Debug)]
pub struct IdentityRunClaim;

/// What happened to one run.
///
/// These names are stored. Add a new version instead of changing one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", content = "data")]
pub enum IdentityRunClaimEvent {
    /// The run was started for an application.
    #[serde(rename = "identity-run.claimed.v1")]
    Claimed {
        /// Who applied.
        customer: CustomerId,
        /// The application.
        application: ApplicationId,
    },
}

/// What the events of one run add up to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum IdentityRunClaimState {
    /// Nobody knows it.
    #[default]
    #[serde(rename = "f")]
    Free,
    /// It belongs to an application.
    #[serde(rename = "c")]
    Claimed {
        /// Who applied.
        #[serde(rename = "c")]
        customer: CustomerId,
        /// The application.
        #[serde(rename = "a")]
        application: ApplicationId,
    },
}

/// What may be asked of a run's stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IdentityRunClaimCommand {
    /// It was started for this application.
    Claim {
        /// Who applied.
        customer: CustomerId,
        /// The application.
        application: ApplicationId,
    },
}

/// Why a run's stream says no.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum IdentityRunClaimError {
    /// The provider would have had to give the same run to two.
    #[error("the run belongs to another application")]
    Taken,
}

impl Classify for IdentityRunClaimError {
    fn class(&self) -> Class {
        match self {
            Self::Taken => Class::Bug,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Taken => "IDENTITY_RUN_TAKEN",
        }
    }
}

/// What happens to a run because of a command.
///
/// # Errors
///
/// See [`IdentityRunClaimError`].
pub fn decide(
    state: &IdentityRunClaimState,
    command: &IdentityRunClaimCommand,
) -> Result<Vec<IdentityRunClaimEvent>, IdentityRunClaimError> {
    let IdentityRunClaimCommand::Claim { customer, application } = *command;
    match *state {
        IdentityRunClaimState::Free => Ok(vec![IdentityRunClaimEvent::Claimed { customer, application }]),
        IdentityRunClaimState::Claimed { customer: owner, application: known }
            if (owner, known) == (customer, application) =>
        {
            Ok(vec![])
        }
        IdentityRunClaimState::Claimed { .. } => Err(IdentityRunClaimError::Taken),
    }
}

/// The run after one more event.
#[must_use]
pub const fn evolve(_: IdentityRunClaimState, event: &IdentityRunClaimEvent) -> IdentityRunClaimState {
    match *event {
        IdentityRunClaimEvent::Claimed { customer, application } => {
            IdentityRunClaimState::Claimed { customer, application }
        }
    }
}

impl Aggregate for IdentityRunClaim {
    const KIND: &'static str = "run";
    const STATE_VERSION: u32 = 1;

    type State = IdentityRunClaimState;
    type Event = IdentityRunClaimEvent;

    fn evolve(state: IdentityRunClaimState, event: &IdentityRunClaimEvent) -> IdentityRunClaimState {
        evolve(state, event)
    }
}

impl Decider for IdentityRunClaim {
    type Command = IdentityRunClaimCommand;
    type Error = IdentityRunClaimError;

    fn decide(
        state: &IdentityRunClaimState,
        command: &IdentityRunClaimCommand,
    ) -> Result<Vec<IdentityRunClaimEvent>, IdentityRunClaimError> {
        decide(state, command)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{application, customer, given, state_after, survives_storage};

    fn claim(number: u128) -> IdentityRunClaimCommand {
        IdentityRunClaimCommand::Claim { customer: customer(number), application: application(number) }
    }

    fn claimed(number: u128) -> IdentityRunClaimEvent {
        IdentityRunClaimEvent::Claimed { customer: customer(number), application: application(number) }
    }

    #[test]
    fn a_run_is_claimed_once() {
        given::<IdentityRunClaim>([]).when(claim(1)).then([claimed(1)]).and_repeating_stays_quiet();
    }

    #[test]
    fn a_run_never_belongs_to_two() {
        given::<IdentityRunClaim>([claimed(1)]).when(claim(2)).refuses(IdentityRunClaimError::Taken);
    }

    #[test]
    fn a_claim_survives_storage() {
        assert!(survives_storage(&state_after::<IdentityRunClaim>([claimed(1)])));
        assert!(survives_storage(&IdentityRunClaimState::default()));
    }
}
