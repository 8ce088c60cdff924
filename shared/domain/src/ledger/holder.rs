//! A customer as one who holds accounts: what is true of all of them together.

use std::collections::BTreeMap;

use money::Asset;
use serde::{Deserialize, Serialize};

use crate::aggregate::{Aggregate, Decider};
use crate::error::{Class, Classify};
use crate::ids::{ChainAddress, CustodyAccountId};

/// A customer of the ledger. Streams `holder#<uuid>`.
#[derive(Debug)]
pub struct Holder;

/// What happened to one holder.
///
/// These names are stored. Add a new version instead of changing one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", content = "data")]
pub enum HolderEvent {
    /// There is an account in every asset.
    #[serde(rename = "holder.accounts-opened.v1")]
    AccountsOpened {},
    /// Every account can be paid into.
    #[serde(rename = "holder.instructions-ready.v1")]
    InstructionsReady {
        /// Where the custodian keeps what is theirs.
        vault_account: CustodyAccountId,
        /// Where to send each asset, as the custodian writes it.
        addresses: BTreeMap<Asset, ChainAddress>,
    },
}

/// What the events of one holder add up to.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum HolderState {
    /// There are no accounts.
    #[default]
    #[serde(rename = "n")]
    NotOpen,
    /// There are accounts; where to send what is on a chain is not known yet.
    #[serde(rename = "o")]
    AccountsOpened,
    /// There are accounts, and they can be paid into.
    #[serde(rename = "r")]
    Ready {
        /// Where the custodian keeps what is theirs.
        #[serde(rename = "v")]
        vault_account: CustodyAccountId,
        /// Where to send each asset.
        #[serde(rename = "a")]
        addresses: BTreeMap<Asset, ChainAddress>,
    },
}

/// What may be asked of a holder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HolderCommand {
    /// The accounts are open.
    OpenAccounts,
    /// The addresses are there.
    ReadyInstructions {
        /// Where the custodian keeps what is theirs.
        vault_account: CustodyAccountId,
        /// Where to send each asset.
        addresses: BTreeMap<Asset, ChainAddress>,
    },
}

/// Why a holder says no.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum HolderError {
    /// Addresses are made for accounts that are open.
    #[error("the accounts are not open")]
    NotOpen,
    /// Other addresses were given out before, and may have been paid to.
    #[error("other deposit addresses were given out before")]
    ReadyDifferently,
}

impl Classify for HolderError {
    fn class(&self) -> Class {
        match self {
            // Whoever makes addresses does it because accounts were opened, and asks the custodian for the same ones again.
            Self::NotOpen | Self::ReadyDifferently => Class::Bug,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::NotOpen => "HOLDER_NOT_OPEN",
            Self::ReadyDifferently => "HOLDER_READY_DIFFERENTLY",
        }
    }
}

/// What happens to a holder because of a command.
///
/// # Errors
///
/// See [`HolderError`].
pub fn decide(state: &HolderState, command: &HolderCommand) -> Result<Vec<HolderEvent>, HolderError> {
    match (command, state) {
        (HolderCommand::OpenAccounts, HolderState::NotOpen) => Ok(vec![HolderEvent::AccountsOpened {}]),
        (HolderCommand::OpenAccounts, HolderState::AccountsOpened | HolderState::Ready { .. }) => Ok(vec![]),
        (HolderCommand::ReadyInstructions { .. }, HolderState::NotOpen) => Err(HolderError::NotOpen),
        (HolderCommand::ReadyInstructions { vault_account, addresses }, HolderState::AccountsOpened) => {
            let (vault_account, addresses) = (vault_account.clone(), addresses.clone());
            Ok(vec![HolderEvent::InstructionsReady { vault_account, addresses }])
        }
        (
            HolderCommand::ReadyInstructions { vault_account, addresses },
            HolderState::Ready { vault_account: known, addresses: given },
        ) => {
            if vault_account == known && addresses == given {
                Ok(vec![])
            } else {
                Err(HolderError::ReadyDifferently)
            }
        }
    }
}

/// The holder after one more event.
#[must_use]
pub fn evolve(_: HolderState, event: &HolderEvent) -> HolderState {
    match event {
        HolderEvent::AccountsOpened {} => HolderState::AccountsOpened,
        HolderEvent::InstructionsReady { vault_account, addresses } => {
            HolderState::Ready { vault_account: vault_account.clone(), addresses: addresses.clone() }
        }
    }
}

impl Aggregate for Holder {
    const KIND: &'static str = "holder";
    const STATE_VERSION: u32 = 1;

    type State = HolderState;
    type Event = HolderEvent;

    fn evolve(state: HolderState, event: &HolderEvent) -> HolderState {
        evolve(state, event)
    }
}

impl Decider for Holder {
    type Command = HolderCommand;
    type Error = HolderError;

    fn decide(state: &HolderState, command: &HolderCommand) -> Result<Vec<HolderEvent>, HolderError> {
        decide(state, command)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::aggregate::fold;
    use crate::testing::{given, survives_storage};

    fn addresses(number: u8) -> BTreeMap<Asset, ChainAddress> {
        let address = |asset: Asset| (asset, format!("0x{number:040}").parse().unwrap());
        [Asset::Usdc, Asset::Eth].map(address).into()
    }

    fn opened() -> HolderEvent {
        HolderEvent::AccountsOpened {}
    }

    fn ready(number: u8) -> HolderEvent {
        HolderEvent::InstructionsReady {
            vault_account: number.to_string().parse().unwrap(),
            addresses: addresses(number),
        }
    }

    fn make_ready(number: u8) -> HolderCommand {
        HolderCommand::ReadyInstructions {
            vault_account: number.to_string().parse().unwrap(),
            addresses: addresses(number),
        }
    }

    #[test]
    fn accounts_are_opened_and_then_ready() {
        given::<Holder>([]).when(HolderCommand::OpenAccounts).then([opened()]).and_repeating_stays_quiet();
        given::<Holder>([opened()]).when(make_ready(1)).then([ready(1)]).and_repeating_stays_quiet();
    }

    #[test]
    fn nothing_is_ready_before_there_are_accounts() {
        given::<Holder>([]).when(make_ready(1)).refuses(HolderError::NotOpen);
    }

    #[test]
    fn no_second_addresses_are_given_out() {
        given::<Holder>([opened(), ready(1)]).when(make_ready(2)).refuses(HolderError::ReadyDifferently);
        let moved = HolderCommand::ReadyInstructions { vault_account: "2".parse().unwrap(), addresses: addresses(1) };
        given::<Holder>([opened(), ready(1)]).when(moved).refuses(HolderError::ReadyDifferently);
    }

    #[test]
    fn what_is_so_already_changes_nothing() {
        given::<Holder>([opened()]).when(HolderCommand::OpenAccounts).stays_quiet();
        given::<Holder>([opened(), ready(1)]).when(HolderCommand::OpenAccounts).stays_quiet();
        given::<Holder>([opened(), ready(1)]).when(make_ready(1)).stays_quiet();
    }

    fn any_command() -> impl Strategy<Value = HolderCommand> {
        prop_oneof![Just(HolderCommand::OpenAccounts), (0_u8..3).prop_map(make_ready)]
    }

    proptest! {
        #[test]
        fn every_command_is_idempotent_and_nothing_is_taken_back(
            commands in proptest::collection::vec(any_command(), 0..8),
        ) {
            let (mut state, mut history) = (HolderState::default(), vec![]);
            for command in commands {
                if let Ok(events) = decide(&state, &command) {
                    state = events.iter().fold(state, evolve);
                    history.extend(events);
                    prop_assert_eq!(decide(&state, &command), Ok(vec![]));
                }
            }
            prop_assert!(history.len() <= 2);
            prop_assert!(survives_storage(&fold::<Holder>(&history)));
            prop_assert!(survives_storage(&history));
        }
    }
}
