//! The claim of an account on its address on a chain, so that what is sent there finds one account and no other.

use serde::{Deserialize, Serialize};

use crate::aggregate::{Aggregate, Decider};
use crate::error::{Class, Classify};
use crate::ids::AccountId;

/// Whose an address is. Streams `addr#ETH#0x…`.
#[derive(Debug)]
pub struct AddressClaim;

/// What happened to one address.
///
/// These names are stored. Add a new version instead of changing one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", content = "data")]
pub enum AddressClaimEvent {
    /// It belongs to this account, for ever.
    #[serde(rename = "deposit-address.claimed.v1")]
    Claimed {
        /// Whose it is.
        account: AccountId,
    },
}

/// What the events of one address add up to.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum AddressClaimState {
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

impl AddressClaimState {
    /// Whose it is, if it is anybody's.
    #[must_use]
    pub const fn owner(&self) -> Option<&AccountId> {
        match self {
            Self::Free => None,
            Self::Claimed { account } => Some(account),
        }
    }
}

/// What may be asked of an address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AddressClaimCommand {
    /// Make it this account's.
    Claim {
        /// Whose it is to be.
        account: AccountId,
    },
}

/// Why an address says no.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AddressClaimError {
    /// Another account has it. The custodian makes an address for one customer only, so somebody has to look.
    #[error("the deposit address is another account's")]
    Taken,
}

impl Classify for AddressClaimError {
    fn class(&self) -> Class {
        match self {
            Self::Taken => Class::Bug,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Taken => "DEPOSIT_ADDRESS_TAKEN",
        }
    }
}

/// What happens to an address because of a command.
///
/// # Errors
///
/// See [`AddressClaimError`].
pub fn decide(
    state: &AddressClaimState,
    command: &AddressClaimCommand,
) -> Result<Vec<AddressClaimEvent>, AddressClaimError> {
    let AddressClaimCommand::Claim { account } = command;
    match state.owner() {
        None => Ok(vec![AddressClaimEvent::Claimed { account: account.clone() }]),
        Some(owner) if owner == account => Ok(vec![]),
        Some(_) => Err(AddressClaimError::Taken),
    }
}

/// The address after one more event.
#[must_use]
pub fn evolve(_: AddressClaimState, event: &AddressClaimEvent) -> AddressClaimState {
    match event {
        AddressClaimEvent::Claimed { account } => AddressClaimState::Claimed { account: account.clone() },
    }
}

impl Aggregate for AddressClaim {
    const KIND: &'static str = "addr";
    const STATE_VERSION: u32 = 1;

    type State = AddressClaimState;
    type Event = AddressClaimEvent;

    fn evolve(state: AddressClaimState, event: &AddressClaimEvent) -> AddressClaimState {
        evolve(state, event)
    }
}

impl Decider for AddressClaim {
    type Command = AddressClaimCommand;
    type Error = AddressClaimError;

    fn decide(
        state: &AddressClaimState,
        command: &AddressClaimCommand,
    ) -> Result<Vec<AddressClaimEvent>, AddressClaimError> {
        decide(state, command)
    }
}

#[cfg(test)]
mod tests {
    use money::Asset;
    use proptest::prelude::*;

    use super::*;
    use crate::aggregate::fold;
    use crate::testing::{account, given, some_account, survives_storage};

    fn claimed(number: u128) -> AddressClaimEvent {
        AddressClaimEvent::Claimed { account: account(number, Asset::Eth) }
    }

    fn claim(number: u128) -> AddressClaimCommand {
        AddressClaimCommand::Claim { account: account(number, Asset::Eth) }
    }

    #[test]
    fn a_free_address_is_claimed() {
        given::<AddressClaim>([]).when(claim(1)).then([claimed(1)]).and_repeating_stays_quiet();
    }

    #[test]
    fn an_address_is_not_shared() {
        given::<AddressClaim>([claimed(1)]).when(claim(2)).refuses(AddressClaimError::Taken);
    }

    #[test]
    fn claiming_again_changes_nothing() {
        given::<AddressClaim>([claimed(1)]).when(claim(1)).stays_quiet();
    }

    proptest! {
        #[test]
        fn an_address_stays_with_whoever_claimed_it_first(accounts in proptest::collection::vec(some_account(), 1..8)) {
            let mut state = AddressClaimState::default();
            for account in &accounts {
                let command = AddressClaimCommand::Claim { account: account.clone() };
                if let Ok(events) = decide(&state, &command) {
                    state = events.iter().fold(state, evolve);
                    prop_assert_eq!(decide(&state, &command), Ok(vec![]));
                }
            }
            prop_assert_eq!(state.owner(), accounts.first());
        }

        #[test]
        fn any_history_folds_and_everything_survives_storage(
            accounts in proptest::collection::vec(some_account(), 0..8),
        ) {
            let history: Vec<_> = accounts.into_iter().map(|account| AddressClaimEvent::Claimed { account }).collect();
            prop_assert!(survives_storage(&fold::<AddressClaim>(&history)));
            prop_assert!(survives_storage(&history));
        }
    }
}
