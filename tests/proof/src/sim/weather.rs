//! What befalls the bank: calm, drizzle, and storms of one kind for some hours.

use std::sync::{Arc, Mutex};

use granary::{
    engine::clock::{Clock as _, ManualClock},
    runner::{Call, Delivery, Fate, Faults, Refusal},
};

use super::{dice::Dice, trace::Trace};

const MINUTE_MS: i64 = 60_000;
const HOUR_MS: i64 = 60 * MINUTE_MS;

/// What kind of hours these are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sky {
    /// Now and then one thing or another.
    Drizzle,
    /// DynamoDB says "slow down" or "another transaction is at it" to many.
    Throttling,
    /// No provider answers, or their answers are lost.
    ProviderOutage,
    /// Processes die.
    Dying,
    /// Messages come late, twice and in any order; sources stand still.
    Muddle,
}

/// How often each kind of thing happened, for the table.
#[derive(Debug, Default, Clone, Copy)]
pub struct Toll {
    pub calls: u64,
    pub requests_lost: u64,
    pub answers_lost: u64,
    pub throttled: u64,
    pub conflicts: u64,
    pub unavailable: u64,
    pub deaths: u64,
    pub late: u64,
    pub twice: u64,
    pub pauses: u64,
}

impl std::ops::AddAssign for Toll {
    fn add_assign(&mut self, other: Self) {
        self.calls += other.calls;
        self.requests_lost += other.requests_lost;
        self.answers_lost += other.answers_lost;
        self.throttled += other.throttled;
        self.conflicts += other.conflicts;
        self.unavailable += other.unavailable;
        self.deaths += other.deaths;
        self.late += other.late;
        self.twice += other.twice;
        self.pauses += other.pauses;
    }
}

#[derive(Debug)]
struct State {
    dice: Dice,
    sky: Sky,
    until_ms: i64,
    calm: bool,
    toll: Toll,
    trace: Trace,
}

/// The weather over one bank.
#[derive(Debug)]
pub struct Weather {
    clock: Arc<ManualClock>,
    state: Mutex<State>,
}

impl Weather {
    /// Calm, until it is let loose.
    pub fn new(seed: u64, clock: Arc<ManualClock>) -> Self {
        let dice = Dice::new(seed, "weather");
        let state =
            State { dice, sky: Sky::Drizzle, until_ms: 0, calm: true, toll: Toll::default(), trace: Trace::new() };
        Self { clock, state: Mutex::new(state) }
    }

    /// Nothing befalls the bank from here on, or anything may again.
    pub fn calm(&self, calm: bool) {
        self.state.lock().unwrap().calm = calm;
    }

    /// What happened so far.
    pub fn toll(&self) -> Toll {
        self.state.lock().unwrap().toll
    }

    /// What the bank did so far, as one number.
    pub fn trace(&self) -> String {
        self.state.lock().unwrap().trace.hash()
    }

    /// Something that belongs to the trace.
    pub fn note(&self, line: &str) {
        let now_ms = self.clock.now_ms();
        self.state.lock().unwrap().trace.add(now_ms, line);
    }
}

impl State {
    fn sky(&mut self, now_ms: i64) -> Sky {
        if self.until_ms <= now_ms {
            let skies = [Sky::Drizzle, Sky::Drizzle, Sky::Throttling, Sky::ProviderOutage, Sky::Dying, Sky::Muddle];
            self.sky = self.dice.one_of(&skies);
            self.until_ms = now_ms + self.dice.between(20, 600) * MINUTE_MS;
        }
        self.sky
    }

    fn fate(&mut self, call: &Call, now_ms: i64) -> Fate {
        if self.calm {
            return Fate::Pass;
        }
        let sky = self.sky(now_ms);
        // In thousand: request lost, answer lost, throttled, conflict, unavailable, dead.
        let provider = call.service == "http";
        let odds: [u64; 6] = match sky {
            Sky::ProviderOutage if provider => [150, 200, 150, 0, 200, 20],
            Sky::Throttling if call.service == "dynamodb" => [5, 5, 150, 100, 5, 2],
            Sky::Dying => [5, 5, 2, 2, 2, 60],
            Sky::Drizzle | Sky::Muddle | Sky::Throttling | Sky::ProviderOutage => [6, 8, 8, 8, 3, 5],
        };
        let mut draw = self.dice.below(1000);
        for (fault, odd) in odds.into_iter().enumerate() {
            if draw >= odd {
                draw -= odd;
                continue;
            }
            let toll = &mut self.toll;
            let (count, fate) = match fault {
                0 => (&mut toll.requests_lost, Fate::RequestLost),
                1 => (&mut toll.answers_lost, Fate::AnswerLost),
                2 => (&mut toll.throttled, Fate::Refused(Refusal::Throttled)),
                3 => (&mut toll.conflicts, Fate::Refused(Refusal::TransactionConflict)),
                4 => (&mut toll.unavailable, Fate::Refused(Refusal::Unavailable)),
                _ if draw.is_multiple_of(2) => (&mut toll.deaths, Fate::DieBefore),
                _ => (&mut toll.deaths, Fate::DieAfter),
            };
            *count += 1;
            return fate;
        }
        Fate::Pass
    }
}

impl Faults for Weather {
    fn call(&self, call: &Call) -> Fate {
        let now_ms = self.clock.now_ms();
        let mut state = self.state.lock().unwrap();
        state.toll.calls += 1;
        let fate = state.fate(call, now_ms);
        let line = format!(
            "{} {} {} {} {} {} {fate:?}",
            call.function, call.invocation, call.number, call.service, call.operation, call.target
        );
        state.trace.add(now_ms, &line);
        fate
    }

    fn turns(&self, _call: &Call) -> u32 {
        let turns = self.state.lock().unwrap().dice.below(4);
        u32::try_from(turns).unwrap()
    }

    fn answered(&self, call: &Call, status: u16) {
        let line = format!("{} {} answered {status}", call.invocation, call.number);
        self.note(&line);
    }

    fn idle_until_ms(&self, source: &str, now_ms: i64) -> Option<i64> {
        let mut state = self.state.lock().unwrap();
        if state.calm {
            return None;
        }
        // What projects is slow more often: nobody's money waits for it.
        let often = match state.sky(now_ms) {
            Sky::Muddle if source.contains("roject") => 60,
            Sky::Muddle => 20,
            Sky::Drizzle | Sky::Throttling | Sky::ProviderOutage | Sky::Dying => 2,
        };
        if !state.dice.in_thousand(often) {
            return None;
        }
        state.toll.pauses += 1;
        Some(now_ms + state.dice.between(1, 3 * 60) * MINUTE_MS)
    }

    fn delivery(&self, _queue: &str, receives: u32) -> Delivery {
        let now_ms = self.clock.now_ms();
        let mut state = self.state.lock().unwrap();
        if state.calm || receives > 1 {
            return Delivery::Now;
        }
        let (late, twice) = if state.sky(now_ms) == Sky::Muddle { (300, 150) } else { (40, 15) };
        if state.dice.in_thousand(late) {
            state.toll.late += 1;
            return Delivery::Later(state.dice.between(1_000, 4 * HOUR_MS));
        }
        if state.dice.in_thousand(twice) {
            state.toll.twice += 1;
            return Delivery::Twice(state.dice.between(0, 15 * MINUTE_MS));
        }
        Delivery::Now
    }

    fn batch_again(&self, _source: &str) -> bool {
        let mut state = self.state.lock().unwrap();
        let again = !state.calm && state.dice.in_thousand(20);
        state.toll.twice += u64::from(again);
        again
    }

    fn ended(&self, function: &str, invocation: u64, error: Option<&str>) {
        self.note(&format!("{function} {invocation} ended {}", error.unwrap_or("well")));
    }
}
