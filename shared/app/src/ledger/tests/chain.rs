use std::{collections::BTreeMap, sync::Arc};

use domain::{
    error::{Class, Classify as _},
    ids::{ChainAddress, VaultRef},
    ledger::{
        deposit::{Direction, SuspenseReason},
        operation::OperationState,
    },
};
use futures::executor::block_on;
use money::{Asset, Money};

use super::world::{ADDRESS, World, account, cause, customer, operation, sent, usdc};
use crate::ledger::{
    Booking, CryptoDeposit, LedgerError, claim_addresses, fail_crypto_deposit, note_crypto_deposit, open_accounts,
    settle_crypto_deposit,
};

fn bank() -> Arc<World> {
    let world = World::open();
    let addresses: BTreeMap<Asset, ChainAddress> =
        [Asset::Usdc, Asset::Eth].map(|asset| (asset, ADDRESS.parse().unwrap())).into();
    block_on(open_accounts(&world.streams(), customer(), &cause())).unwrap();
    block_on(claim_addresses(&world.streams(), customer(), &"17".parse().unwrap(), &addresses, &cause())).unwrap();
    world
}

fn note(world: &Arc<World>, deposit: &CryptoDeposit) -> Result<Booking, LedgerError> {
    block_on(note_crypto_deposit(&world.streams(), &world.vault(), deposit, &cause()))
}

fn settle(world: &Arc<World>, deposit: &CryptoDeposit) -> Result<Booking, LedgerError> {
    block_on(settle_crypto_deposit(&world.streams(), &world.vault(), deposit, &cause()))
}

fn fail(world: &Arc<World>, deposit: &CryptoDeposit) -> Result<Booking, LedgerError> {
    block_on(fail_crypto_deposit(&world.streams(), deposit, &cause()))
}

fn suspended(world: &Arc<World>, number: u128) -> Option<SuspenseReason> {
    if let OperationState::Suspended { reason, .. } = world.operation(&operation(number)) { Some(reason) } else { None }
}

fn ten() -> Money {
    usdc(10_000_000)
}

#[test]
fn a_deposit_shows_while_it_is_confirmed_and_is_credited_when_it_is_final() {
    let world = bank();
    let before = world.count();
    assert!(matches!(note(&world, &sent(1, ten())).unwrap(), Booking::Booked(OperationState::Pending { .. })));
    assert_eq!((world.balances(Asset::Usdc), world.count()), ((0, 10_000_000), before + 2));
    let booking = settle(&world, &sent(1, ten())).unwrap();
    assert!(matches!(
        booking,
        Booking::Booked(OperationState::Settled { account: to, .. }) if to == account(Asset::Usdc)
    ));
    assert_eq!((world.balances(Asset::Usdc), world.count()), ((10_000_000, 0), before + 4));
}

#[test]
fn a_deposit_that_was_never_announced_is_credited_all_the_same() {
    let world = bank();
    settle(&world, &sent(1, ten())).unwrap();
    assert_eq!(world.balances(Asset::Usdc), (10_000_000, 0));
}

#[test]
fn whatever_is_told_twice_or_late_changes_nothing() {
    let world = bank();
    for _ in 0..2 {
        note(&world, &sent(1, ten())).unwrap();
    }
    assert_eq!(world.balances(Asset::Usdc), (0, 10_000_000));
    settle(&world, &sent(1, ten())).unwrap();
    let before = world.count();
    for told in [settle, note] {
        assert!(matches!(told(&world, &sent(1, ten())).unwrap(), Booking::Repeated(OperationState::Settled { .. })));
    }
    assert_eq!((world.balances(Asset::Usdc), world.count()), ((10_000_000, 0), before));
}

#[test]
fn several_deposits_are_pending_side_by_side() {
    let world = bank();
    note(&world, &sent(1, ten())).unwrap();
    note(&world, &sent(2, usdc(5_000_000))).unwrap();
    settle(&world, &sent(1, ten())).unwrap();
    assert_eq!(world.balances(Asset::Usdc), (10_000_000, 5_000_000));
    fail(&world, &sent(2, usdc(5_000_000))).unwrap();
    assert_eq!(world.balances(Asset::Usdc), (10_000_000, 0));
}

#[test]
fn a_deposit_that_fails_is_no_longer_shown() {
    let world = bank();
    note(&world, &sent(1, ten())).unwrap();
    assert!(matches!(fail(&world, &sent(1, ten())).unwrap(), Booking::Booked(OperationState::Failed { .. })));
    assert_eq!(world.balances(Asset::Usdc), (0, 0));
    let before = world.count();
    fail(&world, &sent(1, ten())).unwrap();
    note(&world, &sent(1, ten())).unwrap();
    assert!(matches!(fail(&world, &sent(2, ten())).unwrap(), Booking::Repeated(OperationState::None)));
    assert_eq!((world.balances(Asset::Usdc), world.count()), ((0, 0), before));
}

#[test]
fn money_that_came_after_all_is_credited_once() {
    let world = bank();
    note(&world, &sent(1, ten())).unwrap();
    fail(&world, &sent(1, ten())).unwrap();
    settle(&world, &sent(1, ten())).unwrap();
    assert_eq!(world.balances(Asset::Usdc), (10_000_000, 0));
    let error = fail(&world, &sent(1, ten())).unwrap_err();
    assert_eq!((error.code(), error.class()), ("DEPOSIT_SETTLED_BEFORE", Class::Invalid));
    assert_eq!(world.balances(Asset::Usdc), (10_000_000, 0));
}

#[test]
fn another_story_under_a_known_id_is_refused() {
    let world = bank();
    note(&world, &sent(1, ten())).unwrap();
    let mut elsewhere = sent(1, ten());
    elsewhere.address = "0x1111111111111111111111111111111111111111".to_owned();
    for told in [sent(1, usdc(10_000_001)), elsewhere] {
        for tell in [settle, fail] {
            assert_eq!(tell(&world, &told).unwrap_err().code(), "OPERATION_REUSED");
        }
    }
    assert_eq!(world.balances(Asset::Usdc), (0, 10_000_000));
}

#[test]
fn an_address_is_the_same_in_either_case() {
    let world = bank();
    let mut lower = sent(1, ten());
    lower.address = ADDRESS.to_lowercase();
    note(&world, &lower).unwrap();
    settle(&world, &sent(1, ten())).unwrap();
    assert_eq!(world.balances(Asset::Usdc), (10_000_000, 0));
}

#[test]
fn one_address_takes_each_asset_to_its_own_account() {
    let world = bank();
    let ether = Money::new(Asset::Eth, 1_000_000_000_000_000_000);
    settle(&world, &sent(1, ether)).unwrap();
    assert_eq!((world.balances(Asset::Usdc), world.balances(Asset::Eth)), ((0, 0), (ether.units(), 0)));
}

#[test]
fn money_for_an_unknown_address_waits_in_suspense_once_it_is_final() {
    let world = bank();
    for (number, address) in [(1, "0x1111111111111111111111111111111111111111"), (2, "no address at all"), (3, "")] {
        let mut strange = sent(number, ten());
        strange.address = address.to_owned();
        let before = world.count();
        assert!(matches!(note(&world, &strange).unwrap(), Booking::Repeated(OperationState::None)));
        assert_eq!(world.count(), before, "it is not announced to anyone");
        settle(&world, &strange).unwrap();
        assert_eq!(suspended(&world, number), Some(SuspenseReason::UnknownAddress), "{address:?}");
    }
    assert_eq!(world.balances(Asset::Usdc), (0, 0));
}

#[test]
fn less_than_the_least_amount_waits_in_suspense_once_it_is_final() {
    let world = bank();
    let before = world.count();
    assert!(matches!(note(&world, &sent(1, usdc(999_999))).unwrap(), Booking::Repeated(OperationState::None)));
    assert_eq!(world.count(), before);
    settle(&world, &sent(1, usdc(999_999))).unwrap();
    assert_eq!(suspended(&world, 1), Some(SuspenseReason::BelowMinimum));
    settle(&world, &sent(2, usdc(1_000_000))).unwrap();
    assert_eq!(world.balances(Asset::Usdc), (1_000_000, 0));
}

#[test]
fn money_that_left_unasked_waits_in_suspense() {
    let world = bank();
    let mut left = sent(1, ten());
    left.direction = Direction::Debit;
    assert!(matches!(note(&world, &left).unwrap(), Booking::Repeated(OperationState::None)));
    settle(&world, &left).unwrap();
    assert_eq!(suspended(&world, 1), Some(SuspenseReason::UnexpectedDebit));
    assert_eq!(world.balances(Asset::Usdc), (0, 0));
}

#[test]
fn where_it_came_from_is_kept_under_the_key_of_whose_it_is() {
    let world = bank();
    note(&world, &sent(1, ten())).unwrap();
    settle(&world, &sent(2, usdc(1))).unwrap();
    let slot = format!("payer-{}", operation(1).id);
    let kept = world.kept();
    assert!(kept.contains_key(&VaultRef::of_customer(customer(), &slot).unwrap()));
    assert!(kept.contains_key(&VaultRef::of_operation(&operation(2), "payer").unwrap()));
    assert!(!world.commits().iter().any(|commit| commit.body.contains("source")));
}

#[test]
fn two_deliveries_at_the_same_time_are_one_deposit() {
    let world = bank();
    note(&world, &sent(1, ten())).unwrap();
    world.meanwhile(|world| drop(settle(&world, &sent(1, ten())).unwrap()));
    assert!(matches!(settle(&world, &sent(1, ten())).unwrap(), Booking::Repeated(_)));
    assert_eq!(world.balances(Asset::Usdc), (10_000_000, 0));
}

#[test]
fn an_address_that_is_claimed_meanwhile_decides_where_the_money_goes() {
    let world = World::open();
    block_on(open_accounts(&world.streams(), customer(), &cause())).unwrap();
    world.meanwhile(|world| {
        let addresses = [(Asset::Usdc, ADDRESS.parse().unwrap())].into();
        block_on(claim_addresses(&world.streams(), customer(), &"17".parse().unwrap(), &addresses, &cause())).unwrap();
    });
    settle(&world, &sent(1, ten())).unwrap();
    assert_eq!((suspended(&world, 1), world.balances(Asset::Usdc)), (None, (10_000_000, 0)));
}
