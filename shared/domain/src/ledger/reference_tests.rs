use money::Asset;
use proptest::prelude::*;

use super::*;
use crate::aggregate::fold;
use crate::testing::{account, given, some_account, survives_storage};

fn claimed(number: u128) -> DepositReferenceClaimEvent {
    DepositReferenceClaimEvent::Claimed { account: account(number, Asset::Gbp) }
}

fn claim(number: u128) -> DepositReferenceClaimCommand {
    DepositReferenceClaimCommand::Claim { account: account(number, Asset::Gbp) }
}

#[test]
fn a_free_reference_is_claimed() {
    given::<DepositReferenceClaim>([]).when(claim(1)).then([claimed(1)]).and_repeating_stays_quiet();
}

#[test]
fn a_reference_is_not_shared() {
    given::<DepositReferenceClaim>([claimed(1)]).when(claim(2)).refuses(DepositReferenceClaimError::Taken);
}

#[test]
fn claiming_again_changes_nothing() {
    given::<DepositReferenceClaim>([claimed(1)]).when(claim(1)).stays_quiet();
}

proptest! {
    #[test]
    fn a_reference_stays_with_whoever_claimed_it_first(accounts in proptest::collection::vec(some_account(), 1..8)) {
        let mut state = DepositReferenceClaimState::default();
        for account in &accounts {
            let command = DepositReferenceClaimCommand::Claim { account: account.clone() };
            if let Ok(events) = decide(&state, &command) {
                state = events.iter().fold(state, evolve);
                prop_assert_eq!(decide(&state, &command), Ok(vec![]));
            }
        }
        prop_assert_eq!(state, DepositReferenceClaimState::Claimed { account: accounts[0].clone() });
    }

    #[test]
    fn any_history_folds_and_everything_survives_storage(accounts in proptest::collection::vec(some_account(), 0..8)) {
        let history: Vec<_> =
            accounts.into_iter().map(|account| DepositReferenceClaimEvent::Claimed { account }).collect();
        prop_assert!(survives_storage(&fold::<DepositReferenceClaim>(&history)));
        prop_assert!(survives_storage(&history));
    }
}
