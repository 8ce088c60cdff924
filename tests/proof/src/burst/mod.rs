//! A burst: many applications at the same moment, with providers that ask to slow down for a while. None is lost, none is done twice,
//! nobody is called more often than they allow, and no more executions are at work than there are permits.
//!
//! What is held against the limits is what others wrote down: the providers' own logs of calls, and the histories of the executions.

mod audit;
mod clock;
mod crowd;
#[cfg(test)]
mod tests;

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use granary::{
    engine::clock::{Clock as _, ManualClock},
    runner::{Call, Fate, Faults, LocalBank},
};

use crate::{
    Failed,
    world::{BEGINNING, Bank, TEMPLATE, options},
};
use clock::FlowingClock;

/// What the providers allow, as in the template.
const CALLS_PER_SECOND: usize = 50;
/// Whoever is not done by then never will be.
const PATIENCE: Duration = Duration::from_secs(3600);
/// The screening provider asks to slow down from the first call on, and for so long.
const SCREENING_SLOW_MS: i64 = 30_000;
/// The identity provider begins to after so much waiting, in the midst of calls, and does for so long.
const IDENTITY_SLOW_AFTER: Duration = Duration::from_millis(400);
const IDENTITY_SLOW_MS: i64 = 10_000;

/// How it is run.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// How many people apply at the same moment
    #[arg(long, default_value_t = 1000)]
    pub applications: u32,
    /// How many executions may be at work at the same time
    #[arg(long, default_value_t = 50)]
    pub permits: u32,
}

/// Counts what functions send into queues.
#[derive(Debug, Default)]
struct Counter(Mutex<BTreeMap<(String, String), u64>>);

impl Faults for Counter {
    fn call(&self, call: &Call) -> Fate {
        if call.operation == "SendMessage" {
            *self.0.lock().unwrap().entry((call.function.clone(), call.target.clone())).or_default() += 1;
        }
        Fate::Pass
    }
}

/// A bank under a burst.
struct Burst {
    bank: Bank,
    clock: Arc<FlowingClock>,
    counter: Arc<Counter>,
    permits: u32,
    people: Vec<crowd::Applicant>,
    began_ms: i64,
}

/// Runs the proof.
///
/// # Errors
/// When anything is lost, done twice, set aside or left over, or a limit is exceeded.
pub fn run(args: &Args) -> Result<(), Failed> {
    let began = Instant::now();
    crate::world::keys();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build();
    let runtime = runtime.map_err(|error| Failed::new(format!("no runtime: {error}")))?;
    runtime.block_on(async {
        let mut burst = Burst::open(args).await;
        burst.people = crowd::apply(&burst.bank, args.applications).await;
        burst.began_ms = burst.clock.now_ms();
        let held_max = burst.play().await?;
        let report = audit::audit(&burst, held_max).await;
        report.print(began.elapsed());
        report.verdict()
    })
}

impl Burst {
    async fn open(args: &Args) -> Self {
        let beginning_ms = i64::try_from(BEGINNING.unix_timestamp_nanos() / 1_000_000).unwrap();
        let (clock, counter) = (Arc::new(FlowingClock::new(beginning_ms)), Arc::new(Counter::default()));
        let (before, after) = TEMPLATE.split_once("  OnboardingPermits:\n").expect("the template limits executions");
        let after = after.replacen("Default: '50'", &format!("Default: '{}'", args.permits), 1);
        let options = granary::runner::Options {
            template: format!("{before}  OnboardingPermits:\n{after}"),
            clock: Arc::clone(&clock) as _,
            faults: Some(Arc::clone(&counter) as _),
            ..options()
        };
        let local = LocalBank::open(&options).await.unwrap();
        // Nobody reads the clock of this world: the bank's own is the one above.
        let bank = Bank { local, clock: Arc::new(ManualClock::new(beginning_ms)) };
        Self { bank, clock, counter, permits: args.permits, people: Vec::new(), began_ms: beginning_ms }
    }

    /// Lets everything happen; answers how many permits were ever seen to be held.
    async fn play(&self) -> Result<usize, Failed> {
        let local = &self.bank.local;
        let (identity_provider, clock) = (Arc::clone(&local.identity_provider().provider), Arc::clone(&self.clock));
        let slow_down = tokio::spawn(async move {
            tokio::time::sleep(IDENTITY_SLOW_AFTER).await;
            identity_provider.throttle_until(clock.now_ms() + IDENTITY_SLOW_MS);
        });
        let held_max = Arc::new(Mutex::new(0));
        let watcher =
            tokio::spawn(crowd::watch_permits(self.bank.dynamodb(), self.bank.table("Limits"), Arc::clone(&held_max)));
        let patience_ms = i64::try_from(PATIENCE.as_millis()).unwrap();
        let mut are_screened = false;
        let outcome = loop {
            // Nobody shows a passport before everybody was asked for one: did those who wait hold their permits, nobody ever would.
            if local.identity_provider().provider.runs().len() >= self.people.len() {
                if !std::mem::replace(&mut are_screened, true) {
                    local.screening().provider.throttle_until(self.clock.now_ms() + SCREENING_SLOW_MS);
                }
                crowd::show_passports(&self.bank, self.clock.now_ms()).await;
            }
            local.advance(Duration::from_secs(1)).await.map_err(|error| Failed::new(format!("{error:?}")))?;
            let open = local.aws().states.open().unwrap().len();
            tracing::info!(at_ms = self.clock.now_ms() - self.began_ms, open, "a second later");
            if open == 0 && !local.in_flight().unwrap() {
                break Ok(());
            }
            if self.clock.now_ms() > self.began_ms + patience_ms {
                let waiting: Vec<_> = local.plan().queues.iter().map(|it| it.logical_id.as_str()).collect();
                let waiting = waiting.into_iter().map(|it| (it, self.bank.waiting_in(it))).filter(|(_, n)| *n > 0);
                break Err(Failed::new(format!(
                    "after {PATIENCE:?} {open} executions are open and these queues hold messages: {:?}",
                    waiting.collect::<Vec<_>>()
                )));
            }
        };
        watcher.abort();
        slow_down.abort();
        outcome?;
        let held_max = *held_max.lock().unwrap();
        Ok(held_max)
    }
}
