//! The bank killed at any moment, again and again, while people use it.
//!
//! The real binary runs as a process of its own on a folder of its own. While several people go their way through it, it is killed
//! with SIGKILL, looked at, and started again on the same folder. People only do what a good app does: they ask again, with the same
//! ids, until they are answered. In the end everything that was acknowledged must be there once, and nothing else.
//!
//! A kill leaves to the operating system what was written. A machine that loses its power does not, and is not tried here: for that
//! day every commit of the three databases is synced, but neither the simulated providers' files nor the clock's.

mod audit;
mod chance;
mod door;
mod effects;
mod journey;
mod process;
mod statement;
mod table;

use std::{
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use granary::{
    runner::Left,
    template::{self, Plan, Pseudo},
};
use serde_json::json;
use tokio::task::JoinSet;

use crate::{Failed, world::TEMPLATE};
use audit::Audit;
use chance::Chance;
use door::Door;
use journey::Lived;
use process::Bank;
use statement::Statement;
use table::{Hit, Table};

/// Of so many kills one hits the very first start of a bank, while its folder is being filled.
const AT_THE_FIRST_START_EVERY: u64 = 10;
const FIRST_START_MS: (u64, u64) = (1, 1_200);
/// Of the others, every so many one hits a start, and one in between the clock leaps over days, and with that over paydays.
const AT_A_START_EVERY: u64 = 8;
const LEAP_EVERY: u64 = 10;
const LEAP: &str = "P4D";
/// The clock's usual step: confirmations, retries and tokens go by it.
const STEP: &str = "PT4M";
const STEP_EVERY: Duration = Duration::from_millis(150);
/// How long a bank lives between a start and the next kill, in milliseconds.
const LIVES_MS: (u64, u64) = (20, 1_300);
/// Every second kill is aimed: it comes this many microseconds after somebody's command went on its way, if one does.
const AIMED_EVERY: u64 = 2;
const AIMED_AFTER_US: (u64, u64) = (0, 6_000);
const AIMS_FOR: Duration = Duration::from_secs(1);

/// How it is run.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// How many kills.
    #[arg(long, default_value_t = 50)]
    runs: u64,
    /// Where people, amounts and waits come from.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// How many people are on their way at any time.
    #[arg(long, default_value_t = 6)]
    people: usize,
    /// The bank's binary.
    #[arg(long, default_value = concat!(env!("CARGO_MANIFEST_DIR"), "/../../target/emulate/granary"))]
    granary: PathBuf,
    /// Leaves the folder behind, for whoever wants to look into it.
    #[arg(long)]
    keep: bool,
}

/// Runs the proof.
///
/// # Errors
/// When it does not hold.
pub fn run(args: &Args) -> Result<(), Failed> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let mut folder = tempfile::tempdir().map_err(|error| Failed::new(format!("no folder: {error}")))?;
    let outcome = runtime.block_on(prove(args, &folder));
    if args.keep {
        folder.disable_cleanup(true);
        println!("the folder is {}", folder.path().display());
    }
    outcome
}

/// Those who use the bank while it lives and dies.
struct World {
    door: Arc<Door>,
    client_id: Arc<str>,
    chance: Chance,
    people: JoinSet<Result<Lived, Failed>>,
    arrived: Vec<Lived>,
    begun: u64,
}

impl World {
    fn begin(&mut self) {
        let (door, client_id) = (Arc::clone(&self.door), Arc::clone(&self.client_id));
        let (chance, number) = (self.chance.fork(), self.begun);
        self.people.spawn(async move { journey::walk(&door, &client_id, chance, number).await });
        self.begun += 1;
    }

    /// Takes note of who has arrived; somebody else begins in their place.
    fn look(&mut self) -> Result<(), Failed> {
        while let Some(arrived) = self.people.try_join_next() {
            self.arrived.push(arrived.unwrap()?);
            self.begin();
        }
        Ok(())
    }
}

async fn prove(args: &Args, folder: &tempfile::TempDir) -> Result<(), Failed> {
    let began = Instant::now();
    let chance = Chance::new(args.seed);
    let plan = plan()?;
    let mut table = Table::default();
    for _ in 0..args.runs / AT_THE_FIRST_START_EVERY {
        let mut newborn = Bank::new(&args.granary, folder.path(), &chance)?;
        newborn.spawn()?;
        tokio::time::sleep(Duration::from_millis(chance.between(FIRST_START_MS.0, FIRST_START_MS.1))).await;
        newborn.kill()?;
        table.first_starts += 1;
        newborn.spawn()?;
        newborn.ready().await?;
        newborn.demo()?;
    }
    let mut bank = Bank::new(&args.granary, folder.path(), &chance)?;
    bank.spawn()?;
    bank.ready().await?;
    let door = Arc::new(Door::new(&bank.url()));
    let client_id = plan.user_pools[0].clients[0].id.as_str().into();
    let clock = Clock::default();
    let driver = clock.start(&bank.url());
    let mut world =
        World { door, client_id, chance: chance.fork(), people: JoinSet::new(), arrived: Vec::new(), begun: 0 };
    for _ in 0..args.people {
        world.begin();
    }

    for number in 1..=args.runs - table.first_starts {
        let hit = kill(&mut bank, &mut world, &chance, number).await?;
        table
            .hits
            .push(Hit { left: Left::read(&bank.folder, &plan).map_err(|it| Failed::new(it.to_string()))?, ..hit });
        if number % LEAP_EVERY == 0 {
            clock.leaps.fetch_add(1, Ordering::SeqCst);
        }
        bank.spawn()?;
        if number % AT_A_START_EVERY != AT_A_START_EVERY - 1 {
            let started = Instant::now();
            bank.ready().await?;
            table.starts.push(started.elapsed());
        }
    }
    bank.ready().await?;
    while let Some(arrived) = world.people.join_next().await {
        world.arrived.push(arrived.unwrap().map_err(|failed| Failed::new(format!("{failed}\n{}", bank.last_words())))?);
    }
    clock.end(driver, &world.door).await?;
    let mut people = Vec::new();
    for lived in std::mem::take(&mut world.arrived) {
        let statement = Statement::read(&world.door, &world.client_id, &lived).await?;
        people.push((lived, statement));
    }
    bank.stop()?;
    table.journeys = people.len();
    table.repeats = world.door.repeats();
    let audit = Audit::of(&bank, &people).await?;
    table.print(&audit, began.elapsed());
    table.verdict(&audit)
}

/// Lets the bank live for a while, and kills it.
async fn kill(bank: &mut Bank, world: &mut World, chance: &Chance, number: u64) -> Result<Hit, Failed> {
    let at_a_start = number.is_multiple_of(AT_A_START_EVERY);
    let lives = if at_a_start { chance.between(5, 500) } else { chance.between(LIVES_MS.0, LIVES_MS.1) };
    tokio::time::sleep(Duration::from_millis(lives)).await;
    world.look().map_err(|failed| Failed::new(format!("{failed}\n{}", bank.last_words())))?;
    if !at_a_start && number.is_multiple_of(AIMED_EVERY) {
        let aims = Instant::now();
        while world.door.unanswered() == 0 && aims.elapsed() < AIMS_FOR {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        // Without the timer, whose steps are as long as what is aimed at.
        let fires = Instant::now() + Duration::from_micros(chance.between(AIMED_AFTER_US.0, AIMED_AFTER_US.1));
        while Instant::now() < fires {
            tokio::task::yield_now().await;
        }
    }
    let unanswered = world.door.unanswered();
    bank.kill()?;
    Ok(Hit { unanswered, left: Left::default(), at_a_start })
}

/// Moves the bank's clock, on and on.
#[derive(Default)]
struct Clock {
    leaps: Arc<AtomicU64>,
    over: Arc<AtomicBool>,
}

impl Clock {
    fn start(&self, url: &str) -> tokio::task::JoinHandle<()> {
        let (door, leaps, over) = (Door::new(url), Arc::clone(&self.leaps), Arc::clone(&self.over));
        tokio::spawn(async move {
            while !over.load(Ordering::SeqCst) {
                let leap = leaps.load(Ordering::SeqCst) > 0;
                let by = json!({ "by": if leap { LEAP } else { STEP } });
                // One that was cut off is not repeated: nobody counts on where the clock stands.
                if door.try_once("/dev/clock/advance", &by.to_string()).await.is_some() && leap {
                    leaps.fetch_sub(1, Ordering::SeqCst);
                }
                tokio::time::sleep(STEP_EVERY).await;
            }
        })
    }

    /// Eight more days in peace, with a payday among them; whatever waited for its time has its time.
    async fn end(&self, driver: tokio::task::JoinHandle<()>, door: &Door) -> Result<(), Failed> {
        self.over.store(true, Ordering::SeqCst);
        driver.await.unwrap();
        for by in ["P8D", "PT6H"] {
            door.post("/dev/clock/advance", &json!({ "by": by })).await?;
        }
        Ok(())
    }
}

fn plan() -> Result<Plan, Failed> {
    let placeholders = template::placeholders(TEMPLATE);
    let plan = template::load(TEMPLATE, &granary::cli::definitions(), &placeholders, &Pseudo::default());
    plan.map_err(|error| Failed::new(error.to_string()))
}
