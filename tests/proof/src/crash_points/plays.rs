//! Playing scenes, with and without a crash, on a few threads: each has banks of its own, one after the other.

use std::{
    collections::BTreeSet,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
    time::Duration,
};

use granary::runner::{Fate, Faults};
use simulators::chance;

use super::strike::{Point, Strike, Struck, Watch};
use crate::{
    Failed,
    story::{Picture, Scene},
    threads::on_threads,
    world::Bank,
};

/// Every play draws the same ids, so that up to the crash it is the same to the last call.
const SEED: u64 = 20_261_120;
/// For the second play without a crash: the picture must not depend on ids.
const ANOTHER_SEED: u64 = SEED + 1;
/// More than any function may take. Where all wait for each other this is over at once, and the play fails.
const PLAY_MAX: Duration = Duration::from_secs(3600);

/// When the process dies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    Before,
    After,
}

impl Way {
    pub const ALL: [Self; 2] = [Self::Before, Self::After];

    pub const fn word(self) -> &'static str {
        match self {
            Self::Before => "before",
            Self::After => "after",
        }
    }

    const fn fate(self) -> Fate {
        match self {
            Self::Before => Fate::DieBefore,
            Self::After => Fate::DieAfter,
        }
    }
}

/// One crash.
#[derive(Debug, Clone)]
pub(super) struct Job {
    pub number: usize,
    pub point: Point,
    pub way: Way,
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Outcome {
    Equal,
    Different(Vec<String>),
    Unreached,
    Broken(String),
}

/// A scene without a crash.
pub(super) struct Uncrashed {
    pub scene: Scene,
    pub points: Vec<Point>,
    pub picture: Picture,
}

/// Plays each scene twice without a crash; the pictures must be equal though all ids are others.
pub(super) fn uncrashed(scenes: &[Scene], threads: usize) -> Result<Vec<Uncrashed>, Failed> {
    let told = on_threads(scenes, threads, |scene| {
        let (picture, watch) = play(*scene, None, SEED)?;
        let (again, _) = play(*scene, None, ANOTHER_SEED)?;
        let differences = picture.differences(&again);
        if let Some(first) = differences.first() {
            let count = differences.len();
            return Err(Failed::new(format!("{} is told in {count} ways without a crash: {first}", scene.name())));
        }
        if let Some((_, wrong)) = picture.lines().find(|(heading, line)| *heading == "books" && line.contains("WRONG"))
        {
            return Err(Failed::new(format!("{} ends with books that are wrong: {wrong}", scene.name())));
        }
        Ok(Uncrashed { scene: *scene, points: watch.points(), picture })
    });
    told.into_iter().collect()
}

/// Plays a scene for each crash.
pub(super) fn crashed(uncrashed: &[Uncrashed], jobs: &[Job], threads: usize) -> Vec<Outcome> {
    on_threads(jobs, threads, |job| {
        let Some(base) = uncrashed.iter().find(|it| it.scene == job.point.scene) else { return Outcome::Unreached };
        let strike = Strike { point: job.point.clone(), fate: job.way.fate() };
        let (played, watch) = match played(job.point.scene, Some(strike), SEED) {
            Ok(played) => played,
            Err(failed) => return Outcome::Broken(failed.to_string()),
        };
        match (watch.struck(), played) {
            (Struck::No, Err(failed)) => Outcome::Broken(format!("the point was never reached: {failed}")),
            (Struck::No, Ok(_)) => Outcome::Unreached,
            (Struck::Elsewhere(what), _) => Outcome::Broken(format!("the call at this place was {what}")),
            (Struck::Yes, Err(failed)) => Outcome::Broken(failed.to_string()),
            (Struck::Yes, Ok(picture)) => match base.picture.differences(&picture) {
                differences if differences.is_empty() => Outcome::Equal,
                differences => Outcome::Different(differences),
            },
        }
    })
}

/// The functions of the template.
pub(super) fn deployed() -> Result<BTreeSet<String>, Failed> {
    let runtime = runtime()?;
    let bank = runtime.block_on(Bank::open());
    Ok(bank.local.plan().functions.iter().map(|function| function.logical_id.clone()).collect())
}

fn play(scene: Scene, strike: Option<Strike>, seed: u64) -> Result<(Picture, Arc<Watch>), Failed> {
    let (picture, watch) = played(scene, strike, seed)?;
    Ok((picture?, watch))
}

/// How the story went, and what whoever watched has seen.
type Played = (Result<Picture, Failed>, Arc<Watch>);

fn played(scene: Scene, strike: Option<Strike>, seed: u64) -> Result<Played, Failed> {
    let watch = Arc::new(Watch::new(scene, strike));
    let story = async {
        chance::seed(Some(seed));
        let bank = Bank::open_under(Arc::clone(&watch) as Arc<dyn Faults>).await;
        scene.play(&bank, &|| watch.curtain()).await
    };
    let runtime = runtime()?;
    let told =
        catch_unwind(AssertUnwindSafe(|| runtime.block_on(async { tokio::time::timeout(PLAY_MAX, story).await })));
    let told = told.map_err(|_| Failed::new("the story panicked"))?;
    let told = told.unwrap_or_else(|_| Err(Failed::new("it does not come to an end")));
    Ok((told, Arc::clone(&watch)))
}

/// One thread, and a clock that only moves when there is nothing to do: no timeout fires because the machine is slow.
fn runtime() -> Result<tokio::runtime::Runtime, Failed> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build();
    runtime.map_err(|error| Failed::new(format!("no runtime: {error}")))
}
