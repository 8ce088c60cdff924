//! Every call of every function, with the function dying before it and dying after it.
//!
//! Each scene of the [story](crate::story) is played once without a crash, and every call that a function makes to anything outside it
//! is written down: these are the points, all of them, none picked. Then the scene is played on a fresh bank twice for each point: once
//! the process dies as the call is made, once it dies when the call is carried out and before its answer is seen. What heals the bank
//! is only what heals it in the cloud: the queue delivers again when its visibility timeout is over, the stream and the state machine
//! try again, the provider sends again, the app sends the same request again. In the end the bank must be as it is without the crash.

mod plays;
mod strike;
mod table;

use std::collections::BTreeSet;

use crate::{Failed, story::Scene};
use plays::{Job, Outcome, Way};
use strike::Point;

/// How it is run.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Only points of this function, by its logical id.
    #[arg(long)]
    function: Option<String>,
    /// Only points of this scene.
    #[arg(long)]
    scene: Option<String>,
    /// Only the point with this number, with everything that the bank logs meanwhile.
    #[arg(long)]
    point: Option<usize>,
    /// Lists the points and crashes nothing.
    #[arg(long)]
    list: bool,
    /// How many banks crash at once.
    #[arg(long)]
    threads: Option<usize>,
}

/// How often what differs is shown for one crash.
const DIFFERENCES_SHOWN_MAX: usize = 12;

/// Runs the proof.
///
/// # Errors
/// When it does not hold.
pub fn run(args: &Args) -> Result<(), Failed> {
    let threads = args.threads.unwrap_or_else(|| std::thread::available_parallelism().map_or(1, usize::from));
    let began = std::time::Instant::now();
    let scenes: Vec<_> =
        Scene::ALL.into_iter().filter(|scene| args.scene.as_ref().is_none_or(|it| it == scene.name())).collect();
    let uncrashed = plays::uncrashed(&scenes, threads)?;
    let points: Vec<Point> = uncrashed.iter().flat_map(|play| play.points.iter().cloned()).collect();
    let of_these = |function: &String| args.function.as_ref().is_none_or(|it| it == function);
    let chosen =
        |(number, point): &(usize, &Point)| args.point.is_none_or(|it| it == *number) && of_these(&point.function);
    let chosen: Vec<_> = points.iter().enumerate().filter(chosen).collect();
    if args.list {
        chosen.iter().for_each(|(number, point)| println!("{number:>5}  {point}"));
        return Ok(());
    }
    if args.point.is_some() {
        tracing_subscriber::fmt().with_max_level(tracing::Level::INFO).init();
    }
    let jobs: Vec<Job> = chosen
        .iter()
        .flat_map(|(number, point)| Way::ALL.map(|way| Job { number: *number, point: (*point).clone(), way }))
        .collect();
    let outcomes = plays::crashed(&uncrashed, &jobs, threads);
    for (job, outcome) in jobs.iter().zip(&outcomes) {
        report(job, outcome);
    }
    let functions: BTreeSet<String> = plays::deployed()?.into_iter().filter(of_these).collect();
    let tally = table::print(&functions, &jobs, &outcomes);
    println!(
        "{} points of {} functions in {} scenes, {} crashes, {} equal, {} not; {:.0} s",
        chosen.len(),
        functions.len(),
        scenes.len(),
        jobs.len(),
        tally.equal,
        tally.not_equal,
        began.elapsed().as_secs_f64()
    );
    let is_whole = args.point.is_none() && args.scene.is_none();
    match (tally.not_equal, tally.untouched.is_empty() || !is_whole) {
        (0, true) => Ok(()),
        (0, false) => Err(Failed::new(format!("no call was seen of {}", tally.untouched.join(", ")))),
        (count, _) => Err(Failed::new(format!("{count} crashes left another bank behind"))),
    }
}

fn report(job: &Job, outcome: &Outcome) {
    let found = match outcome {
        Outcome::Equal => return,
        Outcome::Different(found) => found.clone(),
        Outcome::Unreached => vec!["the point was never reached".to_owned()],
        Outcome::Broken(what) => vec![what.clone()],
    };
    println!("{:>5}  {}: dying {} it", job.number, job.point, job.way.word());
    found.iter().take(DIFFERENCES_SHOWN_MAX).for_each(|line| println!("         {line}"));
    if let Some(more) = found.len().checked_sub(DIFFERENCES_SHOWN_MAX).filter(|more| *more > 0) {
        println!("         and {more} more");
    }
}
