//! What waits in suspense comes out once: by itself after the last freeze, or to whom somebody names.

use std::{collections::BTreeMap, sync::Arc};

use domain::{
    error::Classify as _,
    freeze::FreezeSide,
    ids::{AwaitedId, CaseId, CustomerId, FreezeId, OperationId, StaffId},
    ledger::{
        deposit::{Direction, SuspenseReason},
        operation::OperationState,
        waiting::Waiting,
    },
};
use futures::executor::block_on;
use money::{Asset, Money};
use secrecy::SecretString;
use uuid::Uuid;

use super::world::{ADDRESS, World, cause, customer, operation, sent, usdc};
use crate::ledger::{
    BankPayment, Booking, Found, Freezes, LedgerError, Nature, Progress, RELEASES_MAX, Said, Suspense, claim_addresses,
    lift_freeze, open_accounts, order_freeze, release_waiting, settle_crypto_deposit, settle_deposit,
};

fn case(number: u128) -> CaseId {
    CaseId::new(Uuid::from_u128(number))
}

fn freeze(world: &Arc<World>, number: u128, side: FreezeSide) {
    block_on(order_freeze(&world.streams(), customer(), case(number), side, &cause())).unwrap();
}

fn lift(world: &Arc<World>, number: u128) {
    block_on(lift_freeze(&world.streams(), customer(), case(number), &cause())).unwrap();
}

fn release(world: &Arc<World>) -> Progress {
    block_on(release_waiting(&world.streams(), customer(), &cause())).unwrap()
}

fn settle(world: &Arc<World>, number: u128, amount: Money) {
    block_on(settle_crypto_deposit(&world.streams(), &world.vault(), &sent(number, amount), &cause())).unwrap();
}

/// A customer with an address and nothing on any account.
fn bank() -> Arc<World> {
    let world = World::open();
    block_on(open_accounts(&world.streams(), customer(), &cause())).unwrap();
    let addresses = BTreeMap::from([(Asset::Usdc, ADDRESS.parse().unwrap())]);
    let vault_account = "17".parse().unwrap();
    block_on(claim_addresses(&world.streams(), customer(), &vault_account, &addresses, &cause())).unwrap();
    world
}

fn balance(world: &Arc<World>) -> i128 {
    world.balances(Asset::Usdc).0
}

fn nothing_waits(world: &Arc<World>) -> bool {
    world.load::<Waiting>(AwaitedId(customer())).state.is_empty()
}

#[test]
fn what_waited_for_somebody_frozen_is_theirs_once_nothing_freezes_them() {
    let world = bank();
    freeze(&world, 1, FreezeSide::Credits);
    freeze(&world, 2, FreezeSide::Both);
    settle(&world, 7, usdc(5_000_000));
    settle(&world, 8, usdc(7_000_000));
    lift(&world, 1);
    assert_eq!((release(&world), balance(&world)), (Progress::Done { released: 0 }, 0), "another ground is left");
    lift(&world, 2);
    assert_eq!((release(&world), balance(&world)), (Progress::Done { released: 2 }, 12_000_000));
    assert!(nothing_waits(&world));
    let OperationState::Released { account, payer, .. } = world.operation(&operation(7)) else {
        panic!("not released")
    };
    assert_eq!((account.customer, payer.customer()), (customer(), Some(customer())));
    // A second message, and the custodian telling of it again.
    let before = world.count();
    assert_eq!(release(&world), Progress::Done { released: 0 });
    settle(&world, 7, usdc(5_000_000));
    assert_eq!((world.count(), balance(&world)), (before, 12_000_000));
    // Another freeze, another lift: only what came since.
    freeze(&world, 3, FreezeSide::Both);
    settle(&world, 9, usdc(1_000_000));
    lift(&world, 3);
    assert_eq!((release(&world), balance(&world)), (Progress::Done { released: 1 }, 13_000_000));
}

#[test]
fn a_freeze_beats_the_release_that_did_not_see_it() {
    let world = bank();
    freeze(&world, 1, FreezeSide::Both);
    settle(&world, 7, usdc(5_000_000));
    lift(&world, 1);
    world.meanwhile(|world| freeze(&world, 2, FreezeSide::Credits));
    assert_eq!((release(&world), balance(&world)), (Progress::Done { released: 0 }, 0));
    assert!(!nothing_waits(&world));
    lift(&world, 2);
    assert_eq!((release(&world), balance(&world)), (Progress::Done { released: 1 }, 5_000_000));
}

#[test]
fn a_deposit_on_its_way_into_suspense_while_the_freeze_is_lifted_is_not_forgotten() {
    let world = bank();
    freeze(&world, 1, FreezeSide::Both);
    world.meanwhile(|world| {
        lift(&world, 1);
        assert_eq!(release(&world), Progress::Done { released: 0 });
    });
    settle(&world, 7, usdc(5_000_000));
    assert_eq!(balance(&world), 5_000_000, "it was decided anew, and never waited");
    assert!(nothing_waits(&world));
}

#[test]
fn two_who_release_at_once_release_once() {
    let world = bank();
    freeze(&world, 1, FreezeSide::Both);
    settle(&world, 7, usdc(5_000_000));
    settle(&world, 8, usdc(7_000_000));
    lift(&world, 1);
    world.meanwhile(|world| assert_eq!(release(&world), Progress::Done { released: 2 }));
    assert_eq!((release(&world), balance(&world)), (Progress::Done { released: 0 }, 12_000_000));
    assert!(nothing_waits(&world));
}

#[test]
fn what_is_too_much_for_once_is_released_in_several_goes() {
    let world = bank();
    freeze(&world, 1, FreezeSide::Both);
    let many = RELEASES_MAX + 3;
    for number in 1..=many {
        settle(&world, number.try_into().unwrap(), usdc(1_000_000));
    }
    lift(&world, 1);
    assert_eq!(release(&world), Progress::More { released: RELEASES_MAX });
    assert_eq!(release(&world), Progress::Done { released: 3 });
    assert_eq!((balance(&world), nothing_waits(&world)), (i128::try_from(many).unwrap() * 1_000_000, true));
}

const GRACE: StaffId = StaffId::new(Uuid::from_u128(0x6ACE));

fn of_nobody() -> OperationId {
    OperationId::new("clearbank".parse().unwrap(), Uuid::from_u128(77))
}

fn pay(world: &Arc<World>, direction: Direction) {
    let payment = BankPayment {
        operation: of_nobody(),
        amount: Money::new(Asset::Gbp, 500),
        direction,
        nature: Nature::Payment,
        remittance: SecretString::from("for the boat"),
        payer: SecretString::from("{}"),
    };
    block_on(settle_deposit(&world.streams(), &world.vault(), &payment, &cause())).unwrap();
}

fn give(world: &Arc<World>, to: CustomerId, by: StaffId, why: &str) -> Result<Booking, &'static str> {
    let suspense = Suspense { streams: world.streams(), vault: world.vault() };
    let (operation, reason) = (of_nobody(), SecretString::from(why));
    let found = Found { operation: &operation, customer: to, by, reason: &reason };
    block_on(suspense.release(found, &cause())).map_err(|error: LedgerError| error.code())
}

fn pounds(world: &Arc<World>) -> i128 {
    world.balances(Asset::Gbp).0
}

fn reasons(world: &Arc<World>) -> usize {
    world.kept().keys().filter(|it| it.slot().starts_with("release-")).count()
}

#[test]
fn money_whose_owner_somebody_found_out_is_theirs_and_nobody_elses() {
    let world = bank();
    let stranger = CustomerId::new(Uuid::from_u128(2));
    block_on(open_accounts(&world.streams(), stranger, &cause())).unwrap();
    pay(&world, Direction::Credit);
    let wrote = |it: &domain::ids::VaultRef| {
        it.slot() == "remittance" && it.subject() == "op:clearbank#00000000-0000-0000-0000-00000000004d"
    };
    assert!(world.kept().iter().any(|(reference, text)| wrote(reference) && text == "for the boat"));
    assert!(matches!(
        give(&world, customer(), GRACE, "She showed it."),
        Ok(Booking::Booked(OperationState::Released { .. }))
    ));
    assert!(matches!(give(&world, customer(), GRACE, "She showed it."), Ok(Booking::Repeated(_))));
    assert_eq!(give(&world, stranger, GRACE, "No, he did."), Err("SUSPENSE_RELEASED"));
    pay(&world, Direction::Credit);
    assert_eq!((pounds(&world), reasons(&world)), (500, 1));
}

#[test]
fn two_who_found_out_different_owners_at_once_do_not_both_pay() {
    let world = bank();
    let stranger = CustomerId::new(Uuid::from_u128(2));
    block_on(open_accounts(&world.streams(), stranger, &cause())).unwrap();
    pay(&world, Direction::Credit);
    world.meanwhile(|world| drop(give(&world, customer(), GRACE, "She showed it.").unwrap()));
    assert_eq!(give(&world, stranger, GRACE, "No, he did."), Err("SUSPENSE_RELEASED"));
    assert_eq!(pounds(&world), 500);
}

#[test]
fn what_cannot_be_released_leaves_no_trace() {
    let world = bank();
    assert_eq!(give(&world, customer(), GRACE, "Nothing came."), Err("SUSPENSE_UNKNOWN"));
    pay(&world, Direction::Credit);
    let before = world.count();
    let nobody = CustomerId::new(Uuid::from_u128(3));
    assert_eq!(give(&world, nobody, GRACE, "Who is that?"), Err("ACCOUNT_NOT_OPEN"));
    assert_eq!(give(&world, customer(), StaffId::new(*customer().as_uuid()), "It is mine."), Err("SUSPENSE_OWN"));
    assert_eq!(give(&world, customer(), GRACE, " "), Err("TEXT_EMPTY"));
    assert_eq!((world.count(), reasons(&world)), (before, 0));
    freeze(&world, 1, FreezeSide::Both);
    assert_eq!(give(&world, customer(), GRACE, "She showed it."), Err("CUSTOMER_FROZEN"));
    assert_eq!((pounds(&world), reasons(&world)), (0, 0));
    let world = bank();
    pay(&world, Direction::Debit);
    assert_eq!(give(&world, customer(), GRACE, "It is hers."), Err("SUSPENSE_NOT_OWED"));
}

#[test]
fn what_waits_for_somebody_frozen_is_given_to_nobody_else() {
    let world = bank();
    let (freezes, why) = (Freezes { streams: world.streams(), vault: world.vault() }, SecretString::from("A court."));
    let said = Said { customer: customer(), freeze: FreezeId::new(Uuid::from_u128(1)), by: GRACE, reason: &why };
    block_on(freezes.freeze(said, FreezeSide::Credits, &cause())).unwrap();
    settle(&world, 7, usdc(5_000_000));
    let OperationState::Suspended { reason, .. } = world.operation(&operation(7)) else { panic!("not suspended") };
    assert_eq!(reason, SuspenseReason::CustomerFrozen);
    let stranger = CustomerId::new(Uuid::from_u128(2));
    block_on(open_accounts(&world.streams(), stranger, &cause())).unwrap();
    let suspense = Suspense { streams: world.streams(), vault: world.vault() };
    let (operation, reason) = (operation(7), SecretString::from("It was his."));
    let found = Found { operation: &operation, customer: stranger, by: GRACE, reason: &reason };
    assert_eq!(
        block_on(suspense.release(found, &cause())).map_err(|error| error.code()),
        Err("SUSPENSE_WAITS_FOR_OWNER")
    );
    let found = Found { customer: customer(), ..found };
    assert_eq!(block_on(suspense.release(found, &cause())).map_err(|error| error.code()), Err("CUSTOMER_FROZEN"));
    block_on(freezes.unfreeze(said, &cause())).unwrap();
    // Should what releases by itself be stuck, staff do it, and it finds nothing left to do.
    block_on(suspense.release(found, &cause())).unwrap();
    assert_eq!((release(&world), balance(&world)), (Progress::Done { released: 0 }, 5_000_000));
    assert!(nothing_waits(&world));
}
