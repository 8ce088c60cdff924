use domain::{
    error::{Class, Classify as _},
    ledger::{
        account::AccountState,
        operation::{Movement, OperationState},
        savings::PayoutDestination,
    },
};
use futures::executor::block_on;
use money::{Asset, Money};
use time::Duration;

use super::world::{MONDAY, World, cause, position, request, usdc};
use crate::{
    commit::timestamp,
    ledger::{Booking, LedgerError, SavingsMoved, choose_payout_destination, save_to_savings},
};

fn refusal(outcome: Result<SavingsMoved, LedgerError>) -> (&'static str, Class) {
    outcome.map(|moved| moved.booking).map_err(|error| (error.code(), error.class())).unwrap_err()
}

#[test]
fn money_goes_into_savings_in_one_transaction() {
    let world = World::with(usdc(1_000));
    let before = world.count();
    let moved = world.save(1, usdc(400)).unwrap();
    assert_eq!(world.count(), before + 3, "the operation, the account and the position");
    assert!(matches!(
        &moved.booking,
        Booking::Booked(OperationState::Moved { amount, movement: Movement::ToSavings(to), .. })
            if *amount == usdc(400) && *to == position()
    ));
    assert_eq!(moved.at, timestamp(MONDAY));
    assert!(matches!(&moved.account.state, AccountState::Open { available, .. } if *available == usdc(600)));
    assert_eq!(moved.position.state.open().unwrap().balance, usdc(400));
    assert_eq!((world.balances(Asset::Usdc), world.position().balance), ((600, 0), usdc(400)));
}

#[test]
fn money_comes_out_of_savings() {
    let world = World::with(usdc(1_000));
    world.save(1, usdc(400)).unwrap();
    world.take(2, usdc(400)).unwrap();
    assert_eq!((world.balances(Asset::Usdc), world.position().balance), ((1_000, 0), usdc(0)));
}

#[test]
fn the_same_request_again_finds_what_it_did() {
    let world = World::with(usdc(1_000));
    let first = world.save(1, usdc(400)).unwrap();
    world.advance(Duration::days(30));
    world.save(2, usdc(100)).unwrap();
    let before = world.count();
    let again = world.save(1, usdc(400)).unwrap();
    assert_eq!(world.count(), before);
    assert_eq!(again.booking, Booking::Repeated(first.booking.into_state()));
    assert_eq!(again.at, first.at, "when it happened, not when it was asked again");
    assert_eq!(again.position.state.open().unwrap().balance, usdc(500), "as it is by now");
}

#[test]
fn another_request_under_the_same_id_is_refused() {
    let world = World::with(usdc(1_000));
    world.save(1, usdc(400)).unwrap();
    let before = world.count();
    let reused = ("OPERATION_REUSED", Class::Invalid);
    assert_eq!(refusal(world.save(1, usdc(401))), reused);
    assert_eq!(refusal(world.take(1, usdc(400))), reused);
    assert_eq!(world.count(), before);
}

#[test]
fn more_than_there_is_does_not_move() {
    let world = World::with(usdc(1_000));
    let insufficient = ("INSUFFICIENT_FUNDS", Class::Rejected);
    assert_eq!(refusal(world.save(1, usdc(1_001))), insufficient);
    world.save(2, usdc(1_000)).unwrap();
    let before = world.count();
    assert_eq!(refusal(world.save(3, usdc(1))), insufficient);
    assert_eq!(refusal(world.take(4, usdc(1_001))), insufficient);
    assert_eq!(world.count(), before, "a refusal leaves no trace");
    world.take(4, usdc(1_000)).unwrap();
}

#[test]
fn what_makes_no_sense_is_refused() {
    let world = World::with(usdc(1_000));
    for units in [0, -1] {
        assert_eq!(refusal(world.save(1, usdc(units))), ("OPERATION_AMOUNT_NOT_POSITIVE", Class::Invalid));
    }
    assert_eq!(refusal(world.save(1, Money::new(Asset::Eth, 1))), ("PRODUCT_WRONG_ASSET", Class::Invalid));
    let mut unknown = request(1, usdc(1));
    unknown.product = "doge-savings".parse().unwrap();
    let refused = block_on(save_to_savings(&world.streams(), &unknown, &cause()));
    assert_eq!(refusal(refused), ("PRODUCT_UNKNOWN", Class::Invalid));
    assert_eq!(refusal(world.take(1, usdc(1))), ("SAVINGS_NOT_OPEN", Class::Rejected));
    let stranger = World::open();
    assert_eq!(refusal(stranger.save(1, usdc(1))), ("ACCOUNT_NOT_OPEN", Class::Rejected));
}

#[test]
fn whoever_is_faster_is_seen_before_anything_is_stored() {
    let world = World::with(usdc(1_000));
    world.meanwhile(|world| drop(world.save(1, usdc(700)).unwrap()));
    assert_eq!(refusal(world.save(2, usdc(700))), ("INSUFFICIENT_FUNDS", Class::Rejected));
    world.meanwhile(|world| drop(world.save(3, usdc(100)).unwrap()));
    world.save(4, usdc(200)).unwrap();
    assert_eq!((world.balances(Asset::Usdc), world.position().balance), ((0, 0), usdc(1_000)));
}

#[test]
fn the_same_request_at_the_same_time_happens_once() {
    let world = World::with(usdc(1_000));
    world.meanwhile(|world| drop(world.save(1, usdc(400)).unwrap()));
    let late = world.save(1, usdc(400)).unwrap();
    assert!(matches!(late.booking, Booking::Repeated(_)));
    assert_eq!((world.balances(Asset::Usdc), world.position().balance), ((600, 0), usdc(400)));
}

#[test]
fn the_same_request_carried_out_meanwhile_is_not_refused_for_what_it_has_moved_itself() {
    let world = World::with(usdc(1_000));
    world.once_read("op", |world| drop(world.save(1, usdc(700)).unwrap()));
    let late = world.save(1, usdc(700)).unwrap();
    assert!(matches!(late.booking, Booking::Repeated(_)));
    assert_eq!((world.balances(Asset::Usdc), world.position().balance), ((300, 0), usdc(700)));
}

#[test]
fn a_destination_is_chosen_once_and_again() {
    let world = World::with(usdc(1_000));
    let choose = |to| block_on(choose_payout_destination(&world.streams(), &position(), to, &cause()));
    assert_eq!(choose(PayoutDestination::Account).unwrap_err().code(), "SAVINGS_NOT_OPEN");
    world.save(1, usdc(400)).unwrap();
    let before = world.count();
    let chosen = choose(PayoutDestination::Account).unwrap();
    assert_eq!(chosen.state.open().unwrap().to, PayoutDestination::Account);
    assert_eq!(choose(PayoutDestination::Account).unwrap().version, chosen.version);
    assert_eq!(world.count(), before + 1);
}
