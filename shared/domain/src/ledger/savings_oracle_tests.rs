//! The decider against a simulation that shares nothing with it: it walks day by day, in fractions of any size, and knows no
//! index, no numerators and no weeks but by counting days.

use std::collections::BTreeMap;

use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{Signed, ToPrimitive, Zero};
use proptest::prelude::*;
use time::Date;

use super::*;
use crate::ledger::rates::{Rate, RateStep};
use crate::testing::survives_storage;

/// Days are numbers here. Number 0 was a Monday, so a week is seven of them.
#[derive(Debug, Clone, Copy)]
enum Step {
    Put(i128),
    Take(i128),
    /// Takes all there is.
    Empty,
    /// The week that ended last, or one so many weeks after it or before.
    Pay(i32),
    /// Whatever is due first.
    PayNext,
    Choose(PayoutDestination),
}

#[derive(Debug, Clone)]
struct History {
    /// First days, and basis points.
    rates: BTreeMap<i32, u32>,
    start: i32,
    /// How many days pass, and what happens then.
    steps: Vec<(i32, Step)>,
    /// How many days pass after it.
    rest: i32,
}

fn any_step() -> impl Strategy<Value = Step> {
    let sums = || prop_oneof![1_i128..100, 1_i128..10_i128.pow(9), 1_i128..10_i128.pow(27), Just(3_650_000)];
    prop_oneof![
        3 => sums().prop_map(Step::Put),
        2 => sums().prop_map(Step::Take),
        1 => Just(Step::Empty),
        3 => (-3_i32..=1).prop_map(Step::Pay),
        4 => Just(Step::PayNext),
        1 => proptest::sample::select(PayoutDestination::ALL.to_vec()).prop_map(Step::Choose),
    ]
}

fn any_history() -> impl Strategy<Value = History> {
    // From the leap year 2028 on, as a year of 366 days earns no less a day.
    let first = Date::from_calendar_date(2027, time::Month::December, 1).unwrap().to_julian_day();
    let days = prop_oneof![3 => Just(0), 4 => 1_i32..7, 2 => Just(7), 2 => 7_i32..30];
    let steps = proptest::collection::vec((days, any_step()), 1..24);
    let rates = proptest::collection::btree_map(-20_i32..120, 0_u32..=10_000, 1..5);
    (rates, 0_i32..14, steps, 0_i32..20).prop_map(move |(rates, start, steps, rest)| History {
        rates: rates.into_iter().map(|(from, basis_points)| (first + from, basis_points)).collect(),
        start: first + start,
        steps,
        rest,
    })
}

/// What the simulation answers.
#[derive(Debug, PartialEq, Eq)]
enum Answer {
    Done,
    Quiet,
    Refused(&'static str),
}

struct Simulation {
    rates: BTreeMap<i32, u32>,
    today: i32,
    is_open: bool,
    balance: BigInt,
    /// What each week earned that is not paid, by the number of the week.
    unpaid: BTreeMap<i32, BigRational>,
    carried: BigRational,
    reinvests: bool,
    paid: BigInt,
    /// All that was ever earned, day by day.
    total: BigRational,
}

impl Simulation {
    fn new(history: &History) -> Self {
        Self {
            rates: history.rates.clone(),
            today: history.start,
            is_open: false,
            balance: BigInt::zero(),
            unpaid: BTreeMap::new(),
            carried: BigRational::zero(),
            reinvests: true,
            paid: BigInt::zero(),
            total: BigRational::zero(),
        }
    }

    fn pass(&mut self, days: i32) {
        for _ in 0..days {
            let rate = self.rates.range(..=self.today).next_back().map_or(0, |(_, basis_points)| *basis_points);
            let yearly = BigRational::new(BigInt::from(rate), BigInt::from(10_000));
            let earned = BigRational::from(self.balance.clone()) * yearly / BigInt::from(365);
            if !earned.is_zero() {
                self.total += &earned;
                *self.unpaid.entry(self.today.div_euclid(7)).or_default() += earned;
            }
            self.today += 1;
        }
    }

    /// The week that the decider is asked to pay.
    fn week_of(&self, step: Step) -> i32 {
        let last = self.today.div_euclid(7) - 1;
        if let Step::Pay(after) = step { last + after } else { self.unpaid.keys().next().copied().unwrap_or(last) }
    }

    fn does(&mut self, step: Step) -> Answer {
        if !self.is_open && !matches!(step, Step::Put(_)) {
            return Answer::Refused("SAVINGS_NOT_OPEN");
        }
        match step {
            Step::Put(units) => {
                self.is_open = true;
                self.balance += BigInt::from(units);
                Answer::Done
            }
            Step::Take(units) => self.take(BigInt::from(units)),
            Step::Empty => self.take(self.balance.clone()),
            Step::Pay(_) | Step::PayNext => self.pay(self.week_of(step)),
            Step::Choose(to) => {
                let reinvests = to == PayoutDestination::Reinvest;
                if self.reinvests == reinvests {
                    return Answer::Quiet;
                }
                self.reinvests = reinvests;
                Answer::Done
            }
        }
    }

    fn take(&mut self, units: BigInt) -> Answer {
        if units.is_zero() {
            return Answer::Refused("SAVINGS_AMOUNT_NOT_POSITIVE");
        }
        if units > self.balance {
            return Answer::Refused("INSUFFICIENT_FUNDS");
        }
        self.balance -= units;
        Answer::Done
    }

    fn pay(&mut self, week: i32) -> Answer {
        if (week + 1) * 7 > self.today {
            return Answer::Refused("SAVINGS_WEEK_NOT_OVER");
        }
        if self.unpaid.keys().any(|unpaid| *unpaid < week) {
            return Answer::Refused("SAVINGS_EARLIER_WEEK_DUE");
        }
        let Some(of_week) = self.unpaid.remove(&week) else { return Answer::Quiet };
        let owed = of_week + &self.carried;
        let whole = owed.floor();
        self.carried = owed - &whole;
        self.paid += whole.to_integer();
        if self.reinvests {
            self.balance += whole.to_integer();
        }
        Answer::Done
    }
}

fn date(number: i32) -> BusinessDate {
    Date::from_julian_day(number).unwrap().into()
}

fn fraction(earned: Earned) -> BigRational {
    BigRational::new(BigInt::from(earned.numerator()), BigInt::from(3_650_000))
}

fn units(money: Money) -> BigInt {
    BigInt::from(money.units())
}

/// The real position, commanded as the simulation is.
struct Real {
    rates: RateSchedule,
    state: SavingsState,
    /// Every balance that it had, by its day.
    balances: Vec<(BusinessDate, Money)>,
    /// What went out to whom, as the events have it.
    paid: BigInt,
}

impl Real {
    fn new(history: &History) -> Self {
        let step = |(from, basis_points): (&i32, &u32)| RateStep {
            from: date(*from),
            yearly: Rate::try_from_basis_points(*basis_points).unwrap(),
        };
        let rates = RateSchedule::try_new(history.rates.iter().map(step).collect()).unwrap();
        Self { rates, state: SavingsState::default(), balances: vec![], paid: BigInt::zero() }
    }

    fn command(&self, today: i32, order: SavingsOrder) -> SavingsCommand {
        SavingsCommand { today: date(today), rates: self.rates.clone(), order }
    }

    fn does(&mut self, today: i32, order: SavingsOrder) -> Answer {
        let command = self.command(today, order);
        let events = match decide(&self.state, &command) {
            Ok(events) if events.is_empty() => return Answer::Quiet,
            Ok(events) => events,
            Err(error) => return Answer::Refused(error.code()),
        };
        assert!(survives_storage(&events));
        for event in &events {
            if let SavingsEvent::BalanceChanged { on, balance, .. } = event {
                self.balances.push((*on, *balance));
            }
            if let SavingsEvent::YieldPaid { paid, .. } = event {
                self.paid += units(*paid);
            }
        }
        self.state = events.iter().fold(self.state.clone(), evolve);
        assert!(survives_storage(&self.state));
        Answer::Done
    }

    fn read(&self, today: i32) -> Option<Reading> {
        self.state.open().map(|position| position.read(date(today), &self.rates).unwrap())
    }

    /// What the position would be if it were closed on this day, by a command that needs it closed.
    fn closed(&self, today: i32) -> SavingsState {
        let order = SavingsOrder::Put { position: position(1), operation: operation(9), amount: usdc(1) };
        decide(&self.state, &self.command(today, order)).unwrap().iter().fold(self.state.clone(), evolve)
    }
}

fn order_of(step: Step, simulation: &Simulation) -> SavingsOrder {
    let operation = operation(1);
    match step {
        Step::Put(units) => SavingsOrder::Put { position: position(1), operation, amount: usdc(units) },
        Step::Take(units) => SavingsOrder::Take { operation, amount: usdc(units) },
        Step::Empty => SavingsOrder::Take { operation, amount: usdc(simulation.balance.to_i128().unwrap()) },
        Step::Pay(_) | Step::PayNext => SavingsOrder::PayYield { week: date(simulation.week_of(step) * 7).week() },
        Step::Choose(to) => SavingsOrder::ChooseDestination { to },
    }
}

/// The position and the simulation agree on everything, to the last fraction; and nothing was minted or lost.
fn agree(real: &Real, simulation: &Simulation) {
    let Some(reading) = real.read(simulation.today) else {
        assert!(!simulation.is_open);
        return;
    };
    let running = simulation.today.div_euclid(7);
    let is_due = |(week, _): &(&i32, &BigRational)| **week < running;
    let due: Vec<_> = simulation.unpaid.iter().filter(is_due).map(|(_, earned)| earned.clone()).collect();
    assert_eq!(reading.due.values().copied().map(fraction).collect::<Vec<_>>(), due);
    let weeks: Vec<_> = simulation.unpaid.iter().filter(is_due).map(|(week, _)| date(*week * 7).week()).collect();
    assert_eq!(reading.due.keys().copied().collect::<Vec<_>>(), weeks);
    assert_eq!(fraction(reading.running), simulation.unpaid.get(&running).cloned().unwrap_or_default());
    assert_eq!(fraction(reading.carried), simulation.carried);
    assert!(fraction(reading.carried) < BigRational::from(BigInt::from(1)) && !simulation.carried.is_negative());
    assert_eq!(units(reading.principal), simulation.balance);
    assert_eq!((units(reading.paid_to_date), &real.paid), (simulation.paid.clone(), &simulation.paid));
    // Every 3,650,000th of a unit that was ever earned was paid or is owed.
    let owed = units(reading.paid_to_date) * 3_650_000 + reading.earned.numerator();
    assert_eq!(BigRational::from(owed) / BigInt::from(3_650_000), simulation.total);
    // And a customer can add it up.
    let ever = date(simulation.today - 2_000)..date(simulation.today);
    let days = explain(&real.balances, &real.rates, ever).unwrap();
    assert_eq!(days.iter().map(|day| fraction(day.earned)).sum::<BigRational>(), simulation.total);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_500, ..ProptestConfig::default() })]

    #[test]
    fn every_history_earns_and_pays_what_a_simulation_day_by_day_does(history in any_history()) {
        let (mut simulation, mut real) = (Simulation::new(&history), Real::new(&history));
        for (days, step) in &history.steps {
            simulation.pass(*days);
            let order = order_of(*step, &simulation);
            let answer = simulation.does(*step);
            prop_assert_eq!(real.does(simulation.today, order.clone()), answer, "{:?}", &order);
            if let SavingsOrder::PayYield { .. } = order {
                // Whoever pays the same again, now or later, pays nothing or is refused.
                let before = real.state.clone();
                prop_assert_ne!(real.does(simulation.today, order), Answer::Done);
                prop_assert_eq!(&before, &real.state);
            }
        }
        simulation.pass(history.rest);
        agree(&real, &simulation);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, ..ProptestConfig::default() })]

    #[test]
    fn a_position_shows_at_any_moment_what_closing_it_there_gives(
        history in any_history(),
        later in proptest::collection::vec(0_i32..60, 1..4),
    ) {
        let (mut simulation, mut real) = (Simulation::new(&history), Real::new(&history));
        for (days, step) in &history.steps {
            simulation.pass(*days);
            let order = order_of(*step, &simulation);
            simulation.does(*step);
            real.does(simulation.today, order);
        }
        for today in later.into_iter().map(|days| simulation.today + days) {
            let (Some(reading), closed) = (real.read(today), real.closed(today)) else { return Ok(()) };
            let closed = closed.open().unwrap();
            prop_assert_eq!((&closed.due, closed.earned), (&reading.due, reading.running));
            prop_assert_eq!((closed.carried, closed.paid_to_date), (reading.carried, reading.paid_to_date));
            prop_assert_eq!(closed.balance, reading.principal.checked_add(usdc(1)).unwrap());
        }
    }
}
