use std::sync::Arc;

use domain::{
    error::{Class, Classify as _},
    ids::OperationId,
    ledger::{
        earned::Earned,
        operation::{Movement, OperationState},
        savings::PayoutDestination,
    },
};
use futures::executor::block_on;
use money::{Asset, Week};
use time::Duration;

use super::world::{World, cause, position, usdc};
use crate::{
    commit::{Actor, Cause},
    ledger::{LedgerError, PaidWeek, choose_payout_destination, pay_yield_through},
};

fn week(text: &str) -> Week {
    text.parse().unwrap()
}

fn pay(world: &Arc<World>, through: &str) -> Result<Vec<PaidWeek>, LedgerError> {
    block_on(pay_yield_through(&world.streams(), &position(), week(through), &cause()))
}

fn to_account(world: &Arc<World>) {
    let to = PayoutDestination::Account;
    block_on(choose_payout_destination(&world.streams(), &position(), to, &cause())).unwrap();
}

fn payout(of: &str) -> OperationId {
    OperationId::of_payout(&position(), week(of))
}

fn paid(of: &str, units: i128) -> PaidWeek {
    PaidWeek { week: week(of), paid: usdc(units), operation: Some(payout(of)) }
}

/// 1,000 USDC from Monday of week 47 on. A week of 12 % earns 2.301369 and 3,150,000 3,650,000ths more.
fn saved() -> Arc<World> {
    let world = World::with(usdc(1_000_000_000));
    world.save(1, usdc(1_000_000_000)).unwrap();
    world
}

const WEEK: i128 = 2_301_369;
const REST: i128 = 3_150_000;

#[test]
fn a_week_is_paid_into_the_position_in_one_transaction() {
    let world = saved();
    world.advance(Duration::days(7));
    let before = world.count();
    assert_eq!(pay(&world, "2026-W47").unwrap(), [paid("2026-W47", WEEK)]);
    assert_eq!(world.count(), before + 2, "the operation and the position");
    let position = world.position();
    assert_eq!((position.balance, position.paid_to_date), (usdc(1_000_000_000 + WEEK), usdc(WEEK)));
    assert_eq!((position.carried, position.paid_through), (Earned::from_numerator(REST), Some(week("2026-W47"))));
    assert!(matches!(
        world.operation(&payout("2026-W47")),
        OperationState::Moved { movement: Movement::Yield { to: PayoutDestination::Reinvest, .. }, .. }
    ));
}

#[test]
fn a_week_is_paid_to_the_account_if_the_customer_chose_so() {
    let world = saved();
    to_account(&world);
    world.advance(Duration::days(7));
    let before = world.count();
    pay(&world, "2026-W47").unwrap();
    assert_eq!(world.count(), before + 3, "the operation, the position and the account");
    assert_eq!((world.balances(Asset::Usdc), world.position().balance), ((WEEK, 0), usdc(1_000_000_000)));
}

#[test]
fn a_week_is_paid_once_however_often_it_is_asked_for() {
    let world = saved();
    world.advance(Duration::days(7));
    pay(&world, "2026-W47").unwrap();
    let before = world.count();
    for days in [0, 1, 5] {
        world.advance(Duration::days(days));
        assert_eq!(pay(&world, "2026-W47").unwrap(), []);
    }
    assert_eq!(world.count(), before);
}

#[test]
fn weeks_that_were_missed_are_paid_in_their_order() {
    let world = saved();
    to_account(&world);
    world.advance(Duration::days(23));
    let weeks = pay(&world, "2026-W49").unwrap();
    // The remainders of three weeks make two units more: 3 x 3,150,000 = 2 x 3,650,000 + 2,150,000.
    assert_eq!(weeks, [paid("2026-W47", WEEK), paid("2026-W48", WEEK + 1), paid("2026-W49", WEEK + 1)]);
    assert_eq!(world.position().carried, Earned::from_numerator(2_150_000));
    assert_eq!(world.balances(Asset::Usdc), (3 * WEEK + 2, 0));
}

#[test]
fn only_what_was_named_is_paid() {
    let world = saved();
    world.advance(Duration::days(23));
    assert_eq!(pay(&world, "2026-W47").unwrap(), [paid("2026-W47", WEEK)]);
    assert_eq!(world.position().paid_through, Some(week("2026-W47")));
    assert_eq!(world.position().due.keys().copied().collect::<Vec<_>>(), [week("2026-W48"), week("2026-W49")]);
}

#[test]
fn less_than_a_unit_is_carried_without_an_operation() {
    let world = World::with(usdc(1_000));
    world.save(1, usdc(100)).unwrap();
    world.advance(Duration::days(7));
    let before = world.count();
    let weeks = pay(&world, "2026-W47").unwrap();
    assert_eq!(weeks, [PaidWeek { week: week("2026-W47"), paid: usdc(0), operation: None }]);
    assert_eq!(world.count(), before + 1, "the position alone");
    assert_eq!(world.position().carried, Earned::from_numerator(7 * 100 * 1_200));
    assert_eq!(pay(&world, "2026-W47").unwrap(), []);
}

#[test]
fn a_week_that_is_not_over_is_asked_for_again_later() {
    let world = saved();
    world.advance(Duration::days(6));
    let error = pay(&world, "2026-W47").unwrap_err();
    assert_eq!((error.code(), error.class()), ("SAVINGS_WEEK_NOT_OVER", Class::Transient));
}

#[test]
fn nobody_is_paid_who_never_saved() {
    let world = World::with(usdc(1));
    world.advance(Duration::days(7));
    let error = pay(&world, "2026-W47").unwrap_err();
    assert_eq!((error.code(), error.class()), ("SAVINGS_NOT_OPEN", Class::Rejected));
}

#[test]
fn two_runners_at_the_same_time_pay_once() {
    let world = saved();
    world.advance(Duration::days(7));
    world.meanwhile(|world| drop(pay(&world, "2026-W47").unwrap()));
    assert_eq!(pay(&world, "2026-W47").unwrap(), []);
    assert_eq!(world.position().balance, usdc(1_000_000_000 + WEEK));
}

#[test]
fn a_customer_who_moves_money_meanwhile_is_paid_what_was_earned() {
    let world = saved();
    world.advance(Duration::days(7));
    world.meanwhile(|world| {
        world.take(2, usdc(1_000_000_000)).unwrap();
        to_account(&world);
    });
    assert_eq!(pay(&world, "2026-W47").unwrap(), [paid("2026-W47", WEEK)]);
    assert_eq!((world.balances(Asset::Usdc), world.position().balance), ((1_000_000_000 + WEEK, 0), usdc(0)));
}

#[test]
fn reinvested_interest_earns_from_the_day_on_which_it_is_paid() {
    let world = saved();
    world.advance(Duration::days(7));
    pay(&world, "2026-W47").unwrap();
    world.advance(Duration::days(7));
    let weeks = pay(&world, "2026-W48").unwrap();
    let earned = (1_000_000_000 + WEEK) * 1_200 * 7 + REST;
    assert_eq!(weeks, [paid("2026-W48", earned / Earned::DENOMINATOR)]);
    assert_eq!(world.position().carried, Earned::from_numerator(earned % Earned::DENOMINATOR));
}

#[test]
fn whoever_is_far_behind_is_served_in_portions() {
    let world = saved();
    world.advance(Duration::weeks(110));
    let through = "2028-W51";
    let error = pay(&world, through).unwrap_err();
    assert_eq!((error.code(), error.class()), ("SAVINGS_EARLIER_WEEK_DUE", Class::Transient));
    assert_eq!(pay(&world, through).unwrap().len(), 110 - 104);
    assert_eq!(pay(&world, through).unwrap(), []);
}

/// A commit item costs one write unit up to 1,024 bytes: body, state, stream, hash, and some 30 bytes of names and numbers.
#[test]
fn a_week_that_is_reinvested_costs_two_small_commits() {
    let world = saved();
    world.advance(Duration::days(7));
    let cause = Cause::by(Actor::System("pay-yield"))
        .because_of("3f2b8c1e-5a77-4d09-9e10-6f1d2c3b4a59")
        .correlated(Some("payout-2026-W47".to_owned()));
    let before = world.commits();
    block_on(pay_yield_through(&world.streams(), &position(), week("2026-W47"), &cause)).unwrap();
    let written: Vec<_> = world.commits().into_iter().filter(|commit| !before.contains(commit)).collect();
    assert_eq!(written.len(), 2);
    for commit in written {
        let bytes = commit.body.len() + commit.state.len() + commit.stream.as_str().len() + 32 + 30;
        assert!(bytes <= 1_024, "{bytes}: {} {}", commit.body, commit.state);
    }
}
