use domain::{
    error::{Class, Classify as _},
    freeze::FreezeSide,
    ids::{CaseId, ControlledId},
    ledger::{controls::Controls, deposit::SuspenseReason, operation::OperationState, savings::PayoutDestination},
};
use futures::executor::block_on;
use money::{Asset, Week};
use time::Duration;
use uuid::Uuid;

use std::{collections::BTreeMap, sync::Arc};

use super::world::{ADDRESS, World, cause, customer, operation, position, sent, usdc};
use crate::ledger::{
    LedgerError, SavingsMoved, choose_payout_destination, claim_addresses, lift_freeze, note_crypto_deposit,
    order_closure, order_freeze, pay_yield_through, settle_crypto_deposit,
};

const FROZEN: (&str, Class) = ("CUSTOMER_FROZEN", Class::Rejected);

fn case(number: u128) -> CaseId {
    CaseId::new(Uuid::from_u128(number))
}

fn freeze(world: &Arc<World>, number: u128, side: FreezeSide) {
    block_on(order_freeze(&world.streams(), customer(), case(number), side, &cause())).unwrap();
}

fn lift(world: &Arc<World>, number: u128) {
    block_on(lift_freeze(&world.streams(), customer(), case(number), &cause())).unwrap();
}

fn refusal(outcome: Result<SavingsMoved, LedgerError>) -> (&'static str, Class) {
    outcome.map(|moved| moved.booking).map_err(|error| (error.code(), error.class())).unwrap_err()
}

fn last_week(world: &Arc<World>) -> Week {
    Week::last_over(world.streams().now())
}

#[test]
fn nothing_that_a_frozen_customer_asks_for_moves() {
    let world = World::with(usdc(1_000));
    world.save(1, usdc(400)).unwrap();
    freeze(&world, 1, FreezeSide::Debits);
    let before = world.count();
    assert_eq!(refusal(world.save(2, usdc(100))), FROZEN);
    assert_eq!(refusal(world.take(3, usdc(100))), FROZEN);
    assert_eq!(world.count(), before, "a refusal leaves no trace");
    world.save(1, usdc(400)).unwrap(); // What was done before is found, not refused.
    freeze(&world, 2, FreezeSide::Both);
    lift(&world, 1);
    assert_eq!(refusal(world.save(2, usdc(100))), FROZEN);
    lift(&world, 2);
    world.save(2, usdc(100)).unwrap();
    world.take(3, usdc(100)).unwrap();
}

#[test]
fn a_freeze_of_what_comes_in_stops_nothing_that_goes_out() {
    let world = World::with(usdc(1_000));
    freeze(&world, 1, FreezeSide::Credits);
    world.save(1, usdc(400)).unwrap();
}

#[test]
fn a_freeze_beats_the_move_that_did_not_see_it() {
    let world = World::with(usdc(1_000));
    world.meanwhile(|world| freeze(&world, 1, FreezeSide::Debits));
    assert_eq!(refusal(world.save(1, usdc(400))), FROZEN);
    assert_eq!(world.balances(Asset::Usdc), (1_000, 0));
}

#[test]
fn a_lift_that_came_first_and_a_freeze_that_comes_twice_freeze_nothing() {
    let world = World::with(usdc(1_000));
    lift(&world, 1);
    freeze(&world, 1, FreezeSide::Both);
    world.save(1, usdc(400)).unwrap();
    freeze(&world, 2, FreezeSide::Both);
    freeze(&world, 2, FreezeSide::Both);
    lift(&world, 2);
    freeze(&world, 2, FreezeSide::Both);
    world.save(2, usdc(400)).unwrap();
}

#[test]
fn a_deposit_for_a_frozen_customer_waits_in_suspense_and_says_for_whom_it_is() {
    let world = World::with(usdc(1_000));
    let addresses = BTreeMap::from([(Asset::Usdc, ADDRESS.parse().unwrap())]);
    let vault_account = "17".parse().unwrap();
    block_on(claim_addresses(&world.streams(), customer(), &vault_account, &addresses, &cause())).unwrap();
    let (streams, vault) = (world.streams(), world.vault());
    let (announced, straight) = (sent(7, usdc(5_000_000)), sent(8, usdc(7_000_000)));
    block_on(note_crypto_deposit(&streams, &vault, &announced, &cause())).unwrap();
    assert_eq!(world.balances(Asset::Usdc), (1_000, 5_000_000));
    // The one freezes before it is looked at, the other between the look and the booking.
    freeze(&world, 1, FreezeSide::Credits);
    block_on(settle_crypto_deposit(&streams, &vault, &announced, &cause())).unwrap();
    lift(&world, 1);
    world.meanwhile(|world| freeze(&world, 2, FreezeSide::Both));
    block_on(settle_crypto_deposit(&streams, &vault, &straight, &cause())).unwrap();
    assert_eq!(world.balances(Asset::Usdc), (1_000, 0), "nothing came in, and nothing is announced any more");
    for number in [7, 8] {
        let OperationState::Suspended { reason, .. } = world.operation(&operation(number)) else {
            panic!("not suspended")
        };
        assert_eq!(reason, SuspenseReason::CustomerFrozen);
        let payer = format!("payer-{}", operation(number).id);
        assert!(world.kept().keys().any(|it| it.slot() == payer && it.subject().ends_with(&customer().to_string())));
    }
    // Told again after the freeze, it stays where it is: it is booked once.
    lift(&world, 2);
    block_on(settle_crypto_deposit(&streams, &vault, &straight, &cause())).unwrap();
    assert_eq!(world.balances(Asset::Usdc), (1_000, 0));
}

#[test]
fn interest_of_a_frozen_customer_stays_due_and_is_paid_after_to_the_last_fraction() {
    for to in [PayoutDestination::Reinvest, PayoutDestination::Account] {
        let world = World::with(usdc(1_000_000_000));
        world.save(1, usdc(1_000_000_000)).unwrap();
        block_on(choose_payout_destination(&world.streams(), &position(), to, &cause())).unwrap();
        freeze(&world, 1, FreezeSide::Both);
        let pay = || block_on(pay_yield_through(&world.streams(), &position(), last_week(&world), &cause())).unwrap();
        for _ in 0..3 {
            world.advance(Duration::days(7));
            let before = world.count();
            assert_eq!(pay(), []);
            assert_eq!(world.count(), before);
        }
        lift(&world, 1);
        let paid = pay();
        assert_eq!(paid.len(), 3, "each week by itself");
        // 12 % a year on a thousand for 21 days that none of it compounded in.
        let units: i128 = paid.iter().map(|week| week.paid.units()).sum();
        let whole = 1_000_000_000_i128 * 1_200 * 21;
        assert_eq!((units, world.position().paid_to_date), (whole / 3_650_000, usdc(units)));
        assert_eq!(pay(), []);
    }
}

#[test]
fn a_freeze_of_what_goes_out_leaves_interest_alone_and_one_of_what_comes_in_beats_a_payout() {
    let world = World::with(usdc(1_000_000_000));
    world.save(1, usdc(1_000_000_000)).unwrap();
    let pay = || block_on(pay_yield_through(&world.streams(), &position(), last_week(&world), &cause())).unwrap();
    freeze(&world, 1, FreezeSide::Debits);
    world.advance(Duration::days(7));
    assert_eq!(pay().len(), 1);
    world.advance(Duration::days(7));
    world.meanwhile(|world| freeze(&world, 2, FreezeSide::Credits));
    assert_eq!(pay(), []);
}

#[test]
fn a_closure_leaves_everything_frozen() {
    let world = World::with(usdc(1_000));
    freeze(&world, 1, FreezeSide::Both);
    for _ in 0..2 {
        block_on(order_closure(&world.streams(), customer(), case(1), &cause())).unwrap();
    }
    let controls = world.load::<Controls>(ControlledId(customer()));
    assert_eq!((controls.state.closing, controls.version.map(|it| it.number())), (Some(case(1)), Some(1)));
    assert_eq!(refusal(world.save(1, usdc(1))), FROZEN);
}
