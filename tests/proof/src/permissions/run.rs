//! Playing journeys: all of them once, and then for everything that is taken out the quickest one that uses it.

use std::{
    collections::BTreeMap,
    panic::{self, AssertUnwindSafe},
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use granary::{
    iam::{Denial, Part, Watch},
    runner::Options,
};

use super::{Finding, journeys::Journey, report::Outcome};
use crate::{
    Failed,
    world::{self, Bank},
};

/// A journey that went well, with what it used.
pub struct Played<'a> {
    pub journey: &'a Journey,
    pub uses: BTreeMap<Part, String>,
    pub took: Duration,
}

/// What is taken out in turn: each statement, and of those that list several, each action on each resource.
pub fn units(parts: &[Part], only: Option<&str>) -> Vec<Part> {
    let mut by_statement: BTreeMap<&str, Vec<&Part>> = BTreeMap::new();
    for part in parts.iter().filter(|part| only.is_none_or(|only| part.statement.contains(only))) {
        by_statement.entry(&part.statement).or_default().push(part);
    }
    let units = by_statement.into_iter().flat_map(|(statement, parts)| {
        let single: Vec<Part> = if parts.len() > 1 { parts.into_iter().cloned().collect() } else { Vec::new() };
        std::iter::once(Part::whole(statement)).chain(single)
    });
    units.collect()
}

/// Plays every journey in banks that lack nothing but what the journey is about.
///
/// # Errors
/// When one does not go well, or is refused anything else.
pub fn play_all<'a>(template: &str, journeys: &'a [Journey]) -> Result<Vec<Played<'a>>, Failed> {
    let played = side_by_side(journeys, |journey| {
        let began = Instant::now();
        let watch = Arc::new(Watch::without(journey.broken.clone()));
        let ended = play(template, journey, &watch, None);
        let stray = watch.denials().into_iter().find(|denial| denial.missing.is_none());
        match (ended, stray) {
            (_, Some(denial)) => Err(Failed::new(format!("{}: {}", journey.name, denial.text))),
            (Err(failed), None) => Err(Failed::new(format!("{}: {failed}", journey.name))),
            (Ok(_), None) => Ok(Played { journey, uses: watch.uses(), took: began.elapsed() }),
        }
    });
    played.into_iter().collect()
}

/// Takes each unit out of a bank of its own.
pub fn take_out_each(template: &str, units: &[Part], played: &[Played<'_>]) -> Vec<Finding> {
    side_by_side(units, |unit| {
        // Where some of it is missing from the beginning, a refusal would prove nothing.
        let is_whole = |played: &Played<'_>| !played.journey.broken.iter().any(|part| unit.holds(part));
        let using = |played: &&Played<'_>| is_whole(played) && played.uses.keys().any(|part| unit.holds(part));
        let Some(quickest) = played.iter().filter(using).min_by_key(|played| played.took) else {
            return Finding { unit: unit.clone(), journey: None, outcome: Outcome::NeverUsed };
        };
        let taken_out = quickest.journey.broken.iter().chain([unit]).cloned().collect();
        let watch = Arc::new(Watch::without(taken_out));
        let outcome = match play(template, quickest.journey, &watch, Some(unit)) {
            Ok(Some(denial)) => Outcome::of(denial),
            Ok(None) | Err(_) => Outcome::Unnoticed,
        };
        Finding { unit: unit.clone(), journey: Some(quickest.journey.name.clone()), outcome }
    })
}

/// Plays one journey, until a refusal for want of the unit.
fn play(template: &str, journey: &Journey, watch: &Arc<Watch>, unit: Option<&Part>) -> Result<Option<Denial>, Failed> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build();
    let runtime = runtime.map_err(|error| Failed::new(error.to_string()))?;
    let (permissions, faults) = (Some(Arc::clone(watch)), (journey.faults)());
    // A helper that meets a refusal may panic: what it was refused is known all the same.
    let ended = panic::catch_unwind(AssertUnwindSafe(|| {
        runtime.block_on(async {
            let template = template.to_owned();
            let bank = Bank::start(Options { template, permissions, faults, ..world::options() }).await;
            let denial = async {
                match unit {
                    Some(unit) => watch.denial_for(unit).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                biased;
                denial = denial => Ok(Some(denial)),
                ended = (journey.play)(&bank) => ended.map(|()| None),
            }
        })
    }));
    let wanted =
        |denial: &Denial| unit.is_some_and(|unit| denial.missing.as_ref().is_some_and(|missing| unit.holds(missing)));
    if let Some(denial) = watch.denials().into_iter().find(wanted) {
        return Ok(Some(denial));
    }
    ended.unwrap_or_else(|_| Err(Failed::new("it panicked")))
}

/// Does the work with as many threads as there are processors; the answers come in the order of the items.
fn side_by_side<'a, I: Sync, O: Send>(items: &'a [I], work: impl Fn(&'a I) -> O + Sync) -> Vec<O> {
    let threads = thread::available_parallelism().map_or(1, usize::from);
    let (next, done) = (AtomicUsize::new(0), Mutex::new(BTreeMap::new()));
    // Journeys that are cut short panic where they stand, which is nothing to be told about.
    let hook = panic::take_hook();
    panic::set_hook(Box::new(|_| ()));
    thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                loop {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    let Some(item) = items.get(index) else { break };
                    let answer = work(item);
                    done.lock().unwrap().insert(index, answer);
                }
            });
        }
    });
    panic::set_hook(hook);
    done.into_inner().unwrap().into_values().collect()
}
