//! Simulation: many customers, virtual weeks, one thread, seeded faults, an auditor with a model of its own.
//!
//! The whole bank runs in memory on one thread of a paused runtime, without a socket. Its clock is moved from due time to due time;
//! what befalls it, what people do and every id follow from the seed, so the same seed is the same run to the last call.

mod audit;
mod dice;
mod life;
mod model;
mod operator;
mod oracle;
mod people;
mod trace;
mod weather;

use std::{
    sync::{
        Mutex,
        atomic::{AtomicU64, Ordering},
    },
    time::Instant,
};

use crate::Failed;
use life::Life;
use operator::Duty;
use weather::Toll;

const WEEK_MS: i64 = 7 * 24 * 3_600_000;

/// Seeds that once found something, `/` and how many people there were, unless four; each is run again, whatever else is asked for.
const FOUND_BEFORE: &str = include_str!("seeds.txt");

/// How it is run.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The first seed.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// How many seeds, one after the other.
    #[arg(long, default_value_t = 20)]
    runs: u64,
    /// Virtual weeks of each.
    #[arg(long, default_value_t = 3)]
    weeks: u32,
    /// People in each.
    #[arg(long, default_value_t = 4)]
    customers: usize,
    /// Every run a second time: its trace must be the same.
    #[arg(long)]
    twice: bool,
    /// Threads, each with runs of its own.
    #[arg(long, default_value_t = 2)]
    threads: usize,
    /// Runs the seeds that once found something too.
    #[arg(long)]
    found_before: bool,
    /// Stops at the first seed that finds something, and fails if none does.
    #[arg(long)]
    until_found: bool,
}

/// What one run came to.
struct Run {
    trace: String,
    found: Vec<String>,
    toll: Toll,
    duty: Duty,
    accepted: u64,
    audits: u32,
}

/// Runs the proof.
///
/// # Errors
/// When the auditor finds anything in any run, or a run is not the same twice.
pub fn run(args: &Args) -> Result<(), Failed> {
    let began = Instant::now();
    let mut seeds: Vec<_> = (args.seed..args.seed + args.runs).map(|seed| (seed, args.customers)).collect();
    if args.found_before {
        seeds.extend(FOUND_BEFORE.lines().map(found_before));
    }
    let next = AtomicU64::new(0);
    let done = Mutex::new(Vec::new());
    crate::world::keys();
    std::thread::scope(|scope| {
        for _ in 0..args.threads.max(1) {
            scope.spawn(|| {
                while let Some((seed, customers)) =
                    seeds.get(usize::try_from(next.fetch_add(1, Ordering::Relaxed)).unwrap())
                {
                    let run = simulate(*seed, *customers, args);
                    if args.until_found && !run.found.is_empty() {
                        next.store(u64::MAX / 2, Ordering::Relaxed);
                    }
                    if !run.found.is_empty() || args.runs == 1 {
                        println!("seed {seed}: trace {}, {} findings", run.trace, run.found.len());
                        run.found.iter().for_each(|found| println!("  {found}"));
                    }
                    done.lock().unwrap().push((*seed, run));
                }
            });
        }
    });
    report(&done.into_inner().unwrap(), args, began)
}

fn found_before(line: &str) -> (u64, usize) {
    let seed = line.split_whitespace().next().unwrap_or_default();
    let (seed, customers) = seed.split_once('/').unwrap_or((seed, "4"));
    (seed.parse().expect("a seed"), customers.parse().expect("how many people"))
}

/// One seed on this thread; a panic is a finding like any other.
fn simulate(seed: u64, customers: usize, args: &Args) -> Run {
    let once = || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().unwrap();
        runtime.block_on(live(seed, customers, args))
    };
    let caught = std::panic::catch_unwind(|| {
        let first = once();
        if args.twice {
            let second = once();
            let mut found = first.found;
            if second.trace != first.trace {
                found.push(format!("its trace is {} the second time", second.trace));
            }
            return Run { found, ..first };
        }
        first
    });
    caught.unwrap_or_else(|panic| {
        let text = panic.downcast_ref::<String>().cloned();
        let text = text.or_else(|| panic.downcast_ref::<&str>().map(|&text| text.to_owned())).unwrap_or_default();
        let (toll, duty) = (Toll::default(), Duty::default());
        Run { trace: "none".to_owned(), found: vec![format!("panicked: {text}")], toll, duty, accepted: 0, audits: 0 }
    })
}

async fn live(seed: u64, customers: usize, args: &Args) -> Run {
    let mut life = Life::begin(seed, customers).await;
    let (mut found, mut duty, mut audits) = (Vec::new(), Duty::default(), 0);
    for week in 1..=args.weeks {
        life.weather.calm(false);
        let until_ms = life.bank.now_ms() + WEEK_MS;
        if let Err(failed) = life.until(until_ms).await {
            found.push(failed.to_string());
        }
        life.weather.calm(true);
        if let Err(failed) = life.answer_all().await {
            found.push(failed.to_string());
        }
        match operator::on_duty(&mut life).await {
            Ok(done) => duty += done,
            Err(failed) => found.push(failed.to_string()),
        }
        found.extend(audit::audit(&mut life, week == args.weeks).await);
        audits += 1;
        if !found.is_empty() {
            break;
        }
    }
    let (trace, toll) = (life.weather.trace(), life.weather.toll());
    Run { trace, found, toll, duty, accepted: life.model.accepted, audits }
}

fn report(done: &[(u64, Run)], args: &Args, began: Instant) -> Result<(), Failed> {
    let (mut toll, mut duty, mut accepted, mut audits) = (Toll::default(), Duty::default(), 0, 0);
    for (_, run) in done {
        toll += run.toll;
        duty += run.duty;
        accepted += run.accepted;
        audits += run.audits;
    }
    let (weeks, seconds) = (audits, began.elapsed().as_secs_f64());
    println!(
        "{} seeds, {weeks} weeks of {} people, {accepted} commands and payments accepted",
        done.len(),
        args.customers
    );
    println!(
        "{} calls: {} requests lost, {} answers lost, {} throttled, {} transaction conflicts, {} services down, {} deaths",
        toll.calls,
        toll.requests_lost,
        toll.answers_lost,
        toll.throttled,
        toll.conflicts,
        toll.unavailable,
        toll.deaths
    );
    println!("messages: {} late, {} twice; {} pauses of consumers", toll.late, toll.twice, toll.pauses);
    println!(
        "operators: {} messages sent back, {} batches republished, {} workflows resumed, {} webhooks asked for again",
        duty.sent_back, duty.batches_republished, duty.workflows_resumed, duty.webhooks_redelivered
    );
    println!("{audits} audits in {seconds:.1} s: {:.1} weeks a second", f64::from(weeks) / seconds);
    let failed: Vec<_> =
        done.iter().filter(|(_, run)| !run.found.is_empty()).map(|(seed, _)| seed.to_string()).collect();
    match (failed.is_empty(), args.until_found) {
        (true, false) => {
            println!("nothing found");
            return Ok(());
        }
        (true, true) => return Err(Failed::new("no seed finds anything")),
        (false, true) => return Ok(()),
        (false, false) => {}
    }
    Err(Failed::new(format!("seeds that found something: {}", failed.join(", "))))
}
