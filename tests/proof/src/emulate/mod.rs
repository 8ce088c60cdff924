//! The same bank on an AWS that we did not write: its template, its compiled functions, its doors, in `ministack` on loopback with
//! every permission enforced.

mod door;
mod journeys;
mod ordered;
mod person;
mod providers;
pub mod stack;
mod world;

use std::{path::PathBuf, time::Instant};

use crate::Failed;
use stack::Wanted;
use world::World;

/// How it is run.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Where the functions' binaries are.
    #[arg(long, default_value = "target/emulate")]
    binaries: PathBuf,
    /// Another template than the bank's, to see what the journeys make of it.
    #[arg(long)]
    template: Option<PathBuf>,
    /// Only journeys whose name contains this.
    #[arg(long)]
    only: Option<String>,
}

/// Runs the proof.
///
/// # Errors
/// When it does not hold.
pub fn run(args: &Args) -> Result<(), Failed> {
    let runtime = tokio::runtime::Runtime::new().map_err(stack::failed("start"))?;
    runtime.block_on(prove(args))
}

async fn prove(args: &Args) -> Result<(), Failed> {
    let began = Instant::now();
    let binaries = args.binaries.canonicalize().map_err(stack::failed("find the binaries"))?;
    let world =
        World::open(Wanted { binaries: Some(binaries), template: args.template.clone(), ..Wanted::default() }).await?;
    let phases: Vec<_> =
        world.stack.up.seconds.iter().map(|(phase, seconds)| format!("{phase} {seconds:.1} s")).collect();
    println!("{} resources on {}: {}", world.stack.up.resources.len(), world.stack.up.endpoint, phases.join(", "));
    println!("\nDeviations that the emulator forces:");
    for deviation in &world.stack.up.deviations {
        let changed =
            if deviation.changed.is_empty() { "not in the template".to_owned() } else { deviation.changed.join(", ") };
        println!("  {}: {} [{changed}]", deviation.name, deviation.why);
    }
    println!();
    let outcome = journeys::all(&world, args.only.as_deref()).await;
    let log = world.stack.up.log.clone();
    world.close().await?;
    let (passed, of) = outcome?;
    println!("\n{passed} of {of} journeys passed in {:.0} s.", began.elapsed().as_secs_f64());
    if passed == of { Ok(()) } else { Err(Failed::new(format!("see {}", log.display()))) }
}
