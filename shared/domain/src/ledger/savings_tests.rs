use super::*;
use crate::aggregate::fold;
use crate::testing::{day, given, operation, position, schedule, state_after, week};

#[path = "savings_oracle_tests.rs"]
mod oracle;

/// A day of one whole unit at this rate earns this many 3,650,000ths of it.
const RATE: i128 = 1_200;

fn usdc(units: i128) -> Money {
    Money::new(Asset::Usdc, units)
}

fn rates() -> RateSchedule {
    schedule(&[("2026-01-01", 1_200)])
}

/// The index at the beginning of this day.
fn index(on: &str) -> Index {
    rates().index(day(on))
}

fn on(today: &str, order: SavingsOrder) -> SavingsCommand {
    SavingsCommand { today: day(today), rates: rates(), order }
}

fn put(today: &str, number: u128, amount: Money) -> SavingsCommand {
    on(today, SavingsOrder::Put { position: position(1), operation: operation(number), amount })
}

fn take(today: &str, number: u128, amount: Money) -> SavingsCommand {
    on(today, SavingsOrder::Take { operation: operation(number), amount })
}

fn pay(today: &str, of: &str) -> SavingsCommand {
    on(today, SavingsOrder::PayYield { week: week(of) })
}

fn choose(today: &str, to: PayoutDestination) -> SavingsCommand {
    on(today, SavingsOrder::ChooseDestination { to })
}

fn opened(today: &str) -> SavingsEvent {
    SavingsEvent::Opened { position: position(1), asset: Asset::Usdc, on: day(today) }
}

fn changed(today: &str, number: u128, amount: i128, balance: i128, earned: i128) -> SavingsEvent {
    changed_by(operation(number), today, amount, balance, earned)
}

fn changed_by(operation: OperationId, today: &str, amount: i128, balance: i128, earned: i128) -> SavingsEvent {
    let (amount, balance) = (usdc(amount), usdc(balance));
    let earned = Earned::from_numerator(earned);
    SavingsEvent::BalanceChanged { operation, on: day(today), amount, balance, index: index(today), earned }
}

fn closed(of: &str, earned: i128) -> SavingsEvent {
    let index = rates().index(week(of).end());
    SavingsEvent::WeekClosed { week: week(of), earned: Earned::from_numerator(earned), index }
}

fn paid(of: &str, paid: i128, carried: i128, to: PayoutDestination, paid_to_date: i128) -> SavingsEvent {
    SavingsEvent::YieldPaid {
        week: week(of),
        operation: OperationId::of_payout(&position(1), week(of)),
        paid: usdc(paid),
        carried: Earned::from_numerator(carried),
        to,
        paid_to_date: usdc(paid_to_date),
    }
}

fn carried(of: &str, carried: i128) -> SavingsEvent {
    SavingsEvent::YieldCarried { week: week(of), carried: Earned::from_numerator(carried) }
}

fn chosen(to: PayoutDestination) -> SavingsEvent {
    SavingsEvent::PayoutDestinationChosen { to }
}

/// 100,000 units put in on Monday of week 47. A week of them earns 230 units and 500,000 3,650,000ths.
fn saved() -> Vec<SavingsEvent> {
    vec![opened("2026-11-16"), changed("2026-11-16", 1, 100_000, 100_000, 0)]
}

const WEEK: i128 = 7 * 100_000 * RATE;
const WEEK_UNITS: i128 = 230;
const WEEK_REST: i128 = 500_000;

#[test]
fn the_first_sum_opens_the_position() {
    given::<Savings>([]).when(put("2026-11-16", 1, usdc(100_000))).then(saved());
}

#[test]
fn a_sum_earns_the_day_on_which_it_comes_and_not_the_one_on_which_it_goes() {
    given::<Savings>(saved()).when(put("2026-11-18", 2, usdc(50))).then([changed(
        "2026-11-18",
        2,
        50,
        100_050,
        2 * 100_000 * RATE,
    )]);
    given::<Savings>(saved()).when(take("2026-11-18", 2, usdc(40_000))).then([changed(
        "2026-11-18",
        2,
        -40_000,
        60_000,
        2 * 100_000 * RATE,
    )]);
    given::<Savings>(saved()).when(take("2026-11-16", 2, usdc(100_000))).then([changed(
        "2026-11-16",
        2,
        -100_000,
        0,
        0,
    )]);
}

#[test]
fn more_than_is_saved_does_not_go_out() {
    let refused = SavingsError::Insufficient(InsufficientFunds);
    given::<Savings>(saved()).when(take("2026-11-18", 2, usdc(100_001))).refuses(refused);
    assert_eq!((refused.code(), refused.class()), ("INSUFFICIENT_FUNDS", Class::Rejected));
}

#[test]
fn nothing_goes_out_of_what_was_never_opened() {
    for command in [
        take("2026-11-18", 1, usdc(1)),
        pay("2026-11-23", "2026-W47"),
        choose("2026-11-18", PayoutDestination::Account),
    ] {
        given::<Savings>([]).when(command).refuses(SavingsError::NotOpen);
    }
}

#[test]
fn nothing_and_less_than_nothing_does_not_move() {
    for units in [0, -1, i128::MIN] {
        let refused = SavingsError::AmountNotPositive;
        given::<Savings>([]).when(put("2026-11-18", 1, usdc(units))).refuses(refused);
        given::<Savings>(saved()).when(put("2026-11-18", 2, usdc(units))).refuses(refused);
        given::<Savings>(saved()).when(take("2026-11-18", 2, usdc(units))).refuses(refused);
    }
}

#[test]
fn another_asset_is_refused() {
    let ether = Money::new(Asset::Eth, 1);
    let refused = SavingsError::WrongAsset { held: Asset::Usdc, given: Asset::Eth };
    given::<Savings>(saved()).when(put("2026-11-18", 2, ether)).refuses(refused);
    given::<Savings>(saved()).when(take("2026-11-18", 2, ether)).refuses(refused);
}

#[test]
fn whatever_crosses_the_end_of_a_week_closes_it_first() {
    let two_days = 2 * 100_000 * RATE;
    given::<Savings>(saved())
        .when(put("2026-11-25", 2, usdc(5)))
        .then([closed("2026-W47", WEEK), changed("2026-11-25", 2, 5, 100_005, two_days)]);
    given::<Savings>(saved()).when(take("2026-12-02", 2, usdc(5))).then([
        closed("2026-W47", WEEK),
        closed("2026-W48", WEEK),
        changed("2026-12-02", 2, -5, 99_995, two_days),
    ]);
    given::<Savings>(saved())
        .when(choose("2026-11-23", PayoutDestination::Account))
        .then([closed("2026-W47", WEEK), chosen(PayoutDestination::Account)])
        .and_repeating_stays_quiet();
}

#[test]
fn a_week_that_earned_nothing_leaves_no_trace() {
    let history = || [opened("2026-11-16"), changed("2026-11-16", 1, 5, 5, 0), changed("2026-11-16", 2, -5, 0, 0)];
    given::<Savings>(history()).when(put("2026-12-16", 3, usdc(7))).then([changed("2026-12-16", 3, 7, 7, 0)]);
    given::<Savings>(history()).when(pay("2026-12-16", "2026-W47")).stays_quiet();
}

#[test]
fn what_was_earned_before_all_was_taken_is_still_due() {
    let history = || saved().into_iter().chain([changed("2026-11-18", 2, -100_000, 0, 2 * 100_000 * RATE)]);
    given::<Savings>(history()).when(pay("2026-12-09", "2026-W47")).then([
        closed("2026-W47", 2 * 100_000 * RATE),
        paid("2026-W47", 65, 2_750_000, PayoutDestination::Reinvest, 65),
        changed_by(OperationId::of_payout(&position(1), week("2026-W47")), "2026-12-09", 65, 65, 0),
    ]);
}

#[test]
fn a_week_is_paid_in_whole_units_and_the_remainder_carried() {
    let payout = OperationId::of_payout(&position(1), week("2026-W47"));
    given::<Savings>(saved())
        .when(pay("2026-11-23", "2026-W47"))
        .then([
            closed("2026-W47", WEEK),
            paid("2026-W47", WEEK_UNITS, WEEK_REST, PayoutDestination::Reinvest, WEEK_UNITS),
            changed_by(payout, "2026-11-23", WEEK_UNITS, 100_000 + WEEK_UNITS, 0),
        ])
        .and_repeating_stays_quiet();
}

#[test]
fn interest_goes_to_the_account_if_the_customer_chose_so() {
    let history = || saved().into_iter().chain([chosen(PayoutDestination::Account)]);
    given::<Savings>(history())
        .when(pay("2026-11-23", "2026-W47"))
        .then([
            closed("2026-W47", WEEK),
            paid("2026-W47", WEEK_UNITS, WEEK_REST, PayoutDestination::Account, WEEK_UNITS),
        ])
        .and_repeating_stays_quiet();
}

#[test]
fn what_is_carried_is_paid_with_the_week_in_which_it_makes_a_unit() {
    let history = || {
        let first =
            [closed("2026-W47", WEEK), paid("2026-W47", WEEK_UNITS, 3_149_999, PayoutDestination::Account, 230)];
        saved().into_iter().chain([chosen(PayoutDestination::Account)]).chain(first)
    };
    given::<Savings>(history())
        .when(pay("2026-11-30", "2026-W48"))
        .then([closed("2026-W48", WEEK), paid("2026-W48", WEEK_UNITS, 3_649_999, PayoutDestination::Account, 460)]);
    let one_more = paid("2026-W47", WEEK_UNITS, 3_150_000, PayoutDestination::Account, 230);
    given::<Savings>(history().map(|event| if event.is_payout() { one_more.clone() } else { event }))
        .when(pay("2026-11-30", "2026-W48"))
        .then([closed("2026-W48", WEEK), paid("2026-W48", WEEK_UNITS + 1, 0, PayoutDestination::Account, 461)]);
}

#[test]
fn less_than_a_unit_is_carried_and_moves_nothing() {
    let history = || [opened("2026-11-16"), changed("2026-11-16", 1, 100, 100, 0)];
    let earned = 7 * 100 * RATE;
    given::<Savings>(history())
        .when(pay("2026-11-23", "2026-W47"))
        .then([closed("2026-W47", earned), carried("2026-W47", earned)])
        .and_repeating_stays_quiet();
    let state =
        state_after::<Savings>(history().into_iter().chain([closed("2026-W47", earned), carried("2026-W47", earned)]));
    assert_eq!(state.open().unwrap().carried, Earned::from_numerator(earned));
    assert_eq!(state.open().unwrap().paid_through, Some(week("2026-W47")));
}

#[test]
fn a_late_payout_pays_the_week_and_closes_those_after_it() {
    let payout = OperationId::of_payout(&position(1), week("2026-W47"));
    given::<Savings>(saved()).when(pay("2026-12-02", "2026-W47")).then([
        closed("2026-W47", WEEK),
        closed("2026-W48", WEEK),
        paid("2026-W47", WEEK_UNITS, WEEK_REST, PayoutDestination::Reinvest, WEEK_UNITS),
        changed_by(payout, "2026-12-02", WEEK_UNITS, 100_000 + WEEK_UNITS, 2 * 100_000 * RATE),
    ]);
}

#[test]
fn a_week_that_is_not_over_is_refused() {
    for today in ["2026-11-16", "2026-11-22"] {
        let refused = SavingsError::WeekNotOver { week: week("2026-W47") };
        given::<Savings>(saved()).when(pay(today, "2026-W47")).refuses(refused);
    }
}

#[test]
fn weeks_are_paid_in_their_order() {
    let refused = SavingsError::EarlierWeekDue { due: week("2026-W47") };
    given::<Savings>(saved()).when(pay("2026-12-02", "2026-W48")).refuses(refused);
}

#[test]
fn a_second_runner_pays_nothing() {
    let payout = OperationId::of_payout(&position(1), week("2026-W47"));
    let after = [
        closed("2026-W47", WEEK),
        paid("2026-W47", WEEK_UNITS, WEEK_REST, PayoutDestination::Reinvest, WEEK_UNITS),
        changed_by(payout, "2026-11-23", WEEK_UNITS, 100_000 + WEEK_UNITS, 0),
    ];
    for today in ["2026-11-23", "2026-11-29", "2026-12-24"] {
        given::<Savings>(saved().into_iter().chain(after.clone())).when(pay(today, "2026-W47")).stays_quiet();
    }
    given::<Savings>(saved()).when(pay("2026-11-23", "2026-W40")).stays_quiet();
}

#[test]
fn choosing_the_same_again_changes_nothing() {
    given::<Savings>(saved()).when(choose("2026-12-01", PayoutDestination::Reinvest)).stays_quiet();
}

#[test]
fn a_clock_that_lags_behind_the_last_change_is_not_believed() {
    let history = || saved().into_iter().chain([changed("2026-11-18", 2, 5, 100_005, 2 * 100_000 * RATE)]);
    let refused = SavingsError::Ahead { last: day("2026-11-18") };
    given::<Savings>(history()).when(put("2026-11-17", 3, usdc(5))).refuses(refused);
    assert_eq!(
        fold::<Savings>(&history().collect::<Vec<_>>()).open().unwrap().read(day("2026-11-17"), &rates()),
        Err(refused)
    );
}

#[test]
fn what_does_not_fit_is_refused() {
    let history = || [opened("2026-11-16"), changed("2026-11-16", 1, i128::MAX, i128::MAX, 0)];
    let refused = SavingsError::Money(MoneyError::Overflow);
    given::<Savings>(history()).when(put("2026-11-16", 2, usdc(1))).refuses(refused);
    given::<Savings>(history()).when(take("2026-11-18", 2, usdc(1))).refuses(refused);
    assert_eq!(refused.class(), Class::Bug);
}

/// There is no quiet sum here: see [`SavingsOrder`].
#[test]
fn a_sum_is_repeated_if_it_is_decided_again() {
    given::<Savings>(saved()).when(put("2026-11-16", 1, usdc(5))).then([changed("2026-11-16", 1, 5, 100_005, 0)]);
}

#[test]
fn a_position_is_read_at_any_moment() {
    let state = state_after::<Savings>(saved());
    let read = |today: &str| state.open().unwrap().read(day(today), &rates()).unwrap();
    let earned = |days: i128| Earned::from_numerator(days * 100_000 * RATE);
    let first = read("2026-11-16");
    assert_eq!((first.principal, first.earned, first.next_payout), (usdc(100_000), Earned::ZERO, day("2026-11-23")));
    let sunday = read("2026-11-22");
    assert_eq!((sunday.earned, sunday.running, sunday.due.len()), (earned(6), earned(6), 0));
    let monday = read("2026-11-23");
    assert_eq!((monday.earned, monday.running, monday.next_payout), (earned(7), Earned::ZERO, day("2026-11-23")));
    assert_eq!(monday.due, [(week("2026-W47"), earned(7))].into());
    let later = read("2026-12-02");
    assert_eq!((later.earned, later.running, later.due.len()), (earned(16), earned(2), 2));
    assert_eq!(later.next_payout, day("2026-12-02"), "a payout that is late is due today");
}

#[test]
fn days_are_explained_one_by_one() {
    let rates = schedule(&[("2026-01-01", 1_200), ("2026-11-18", 600)]);
    let changes = [(day("2026-11-16"), usdc(7)), (day("2026-11-16"), usdc(10)), (day("2026-11-18"), usdc(20))];
    let explained = explain(&changes, &rates, day("2026-11-15")..day("2026-11-20")).unwrap();
    let lines: Vec<_> = explained
        .iter()
        .map(|it| (it.date.to_string(), it.balance.units(), it.rate.basis_points(), it.earned.numerator()))
        .collect();
    let line = |date: &str, balance, rate| (date.to_owned(), balance, rate, balance * i128::from(rate));
    assert_eq!(
        lines,
        [
            line("2026-11-16", 10, 1_200),
            line("2026-11-17", 10, 1_200),
            line("2026-11-18", 20, 600),
            line("2026-11-19", 20, 600),
        ]
    );
    assert_eq!(explain(&changes, &rates, day("2026-11-20")..day("2026-11-20")), Ok(vec![]));
    assert_eq!(explain(&[], &rates, day("2026-11-16")..day("2026-11-20")), Ok(vec![]));
}

#[test]
fn the_state_is_stored_in_a_few_letters() {
    let history = saved().into_iter().chain([closed("2026-W47", WEEK)]);
    let stored = serde_json::to_value(state_after::<Savings>(history)).unwrap();
    let expected = serde_json::json!({"o": {
        "i": "3f2b8c1e-5a77-4d09-9e10-000000000001#usdc-savings",
        "s": "2026-11-16",
        "b": "USDC 100000",
        "t": "2026-11-23",
        "x": index("2026-11-23"),
        "e": "0",
        "d": {"2026-W47": "840000000"},
        "c": "0",
        "p": "USDC 0",
        "o": "reinvest",
    }});
    assert_eq!(stored, expected);
    assert_eq!(serde_json::to_string(&SavingsState::default()).unwrap(), r#""n""#);
}

impl SavingsEvent {
    fn is_payout(&self) -> bool {
        matches!(self, Self::YieldPaid { .. })
    }
}
