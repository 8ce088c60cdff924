//! Every task of the onboarding workflow broken in every way in which a task can break. The tasks are read from the definition, and so
//! is what follows from breaking one; none is listed by hand.
//!
//! A task is refused; it fails for good, is parked, and is let go on or given up; it happens twice; it is given up and everything that
//! undoes it happens twice; the process dies once its effect is there. Around it people go on doing what is theirs. What
//! is let go on, repeated or restarted must leave what there is without it, and what is unwound must leave nothing.

mod aftermath;
mod definition;
mod fates;
mod journey;
mod play;

use std::collections::BTreeMap;

use serde_json::Value;

use crate::{Failed, threads::on_threads};
use aftermath::Aftermath;
use definition::{Task, led_here_by, tasks};
use granary::services::TaskFate;
use journey::{Journey, Operator};
use play::{Play, Played, play};

const DEFINITION: &str = include_str!("../../../../statemachines/onboarding.asl.json");
const FILE: &str = "onboarding.asl.json";

/// An error that nothing retries and nothing but the way of everything that fails takes.
const FOR_GOOD: &str = "Bug";
/// What refusals are called.
const REFUSED: &str = "Rejected";

/// How it is run.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Only this state.
    #[arg(long)]
    state: Option<String>,
    /// How many banks at once.
    #[arg(long)]
    threads: Option<usize>,
}

/// How a task breaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Way {
    /// It is refused.
    Refused,
    /// It fails for good and is let go on.
    Resumed,
    /// It fails for good and is given up.
    Unwound,
    /// It happens twice.
    Twice,
    /// It is given up, and what undoes it happens twice.
    UndoneTwice,
    /// The process dies right after its effect.
    Died,
}

impl Way {
    const ALL: [Self; 6] = [Self::Refused, Self::Resumed, Self::Unwound, Self::Twice, Self::UndoneTwice, Self::Died];

    const fn name(self) -> &'static str {
        match self {
            Self::Refused => "refused",
            Self::Resumed => "resumed",
            Self::Unwound => "unwound",
            Self::Twice => "twice",
            Self::UndoneTwice => "undone twice",
            Self::Died => "died",
        }
    }
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Verdict {
    /// As if nothing had been broken.
    Same,
    /// Nothing is left behind.
    Nothing,
    /// Parking itself failed: the execution stopped under a name that brings somebody.
    Stopped,
    /// It does not hold.
    Wrong(Vec<String>),
}

/// A task, and how it is come to.
struct Target {
    task: Task,
    journey: Journey,
    /// What has to break before.
    before: Vec<(String, TaskFate)>,
}

/// Runs the proof on the committed definition.
///
/// # Errors
/// When it does not hold.
pub fn run(args: &Args) -> Result<(), Failed> {
    let threads = args.threads.unwrap_or_else(|| std::thread::available_parallelism().map_or(1, usize::from));
    let began = std::time::Instant::now();
    let broken = broken(DEFINITION, args.state.as_deref(), threads)?;
    let (mut wrong, mut counts) = (0, BTreeMap::new());
    println!("{:<28} {:<9} {}", "task", "journey", Way::ALL.map(|way| format!("{:<13}", way.name())).join(""));
    for (target, verdicts) in &broken {
        let cells = verdicts.iter().map(|(way, verdict)| {
            *counts.entry(*way).or_insert(0) += 1;
            format!(
                "{:<13}",
                match verdict {
                    Verdict::Same => "same",
                    Verdict::Nothing => "nothing left",
                    Verdict::Stopped => "stopped",
                    Verdict::Wrong(_) => "WRONG",
                }
            )
        });
        println!("{:<28} {:<9} {}", target.task.name, target.journey.name(), cells.collect::<String>());
        for (way, verdict) in verdicts {
            if let Verdict::Wrong(found) = verdict {
                wrong += 1;
                found.iter().take(12).for_each(|line| println!("    {}: {line}", way.name()));
            }
        }
    }
    let plays: i32 = counts.values().sum();
    println!(
        "{} tasks, each broken in {} ways: {plays} journeys, {wrong} wrong; {:.0} s",
        broken.len(),
        Way::ALL.len(),
        began.elapsed().as_secs_f64()
    );
    if wrong == 0 { Ok(()) } else { Err(Failed::new(format!("{wrong} journeys ended in another way than they must"))) }
}

type Broken = Vec<(Target, Vec<(Way, Verdict)>)>;

fn broken(definition: &str, only: Option<&str>, threads: usize) -> Result<Broken, Failed> {
    let parsed: Value = serde_json::from_str(definition).map_err(|error| Failed::new(error.to_string()))?;
    let whole = on_threads(&Journey::ALL, threads, |journey| {
        play(definition, &Play { journey: *journey, fates: vec![], operator: Operator::Resumes, twice_after: false })
    });
    let mut bases = Vec::new();
    for (journey, played) in Journey::ALL.into_iter().zip(whole) {
        let played = played?;
        if let Some(wrong) = played.aftermath.wrong().first() {
            return Err(Failed::new(format!("{} ends wrongly when nothing is broken: {wrong}", journey.name())));
        }
        bases.push((journey, played));
    }
    let targets =
        tasks(&parsed).into_iter().map(|task| target(&parsed, task, &bases)).collect::<Result<Vec<_>, _>>()?;
    let targets: Vec<_> = targets.into_iter().filter(|it| only.is_none_or(|only| it.task.name == only)).collect();
    let jobs: Vec<_> = targets.iter().flat_map(|target| Way::ALL.map(|way| (target, way))).collect();
    let verdicts = on_threads(&jobs, threads, |(target, way)| {
        verdict(definition, target, *way, &bases).unwrap_or_else(|failed| Verdict::Wrong(vec![failed.to_string()]))
    });
    let mut verdicts = Way::ALL.into_iter().cycle().zip(verdicts);
    Ok(targets.into_iter().map(|target| (target, verdicts.by_ref().take(Way::ALL.len()).collect())).collect())
}

/// How a task is come to: by a journey on which nothing is broken, or else by breaking what leads to it.
fn target(definition: &Value, task: Task, bases: &[(Journey, Played)]) -> Result<Target, Failed> {
    let walked = |name: &str| bases.iter().find(|(_, it)| it.called.iter().any(|called| called == name));
    if let Some((journey, _)) = walked(&task.name) {
        return Ok(Target { task, journey: *journey, before: vec![] });
    }
    for (state, error) in led_here_by(definition, &task.name) {
        if let Some((journey, _)) = walked(&state) {
            return Ok(Target { task, journey: *journey, before: vec![(state, TaskFate::Fails(error))] });
        }
        // A step further: what undoes a step is parked only where that step was undone.
        for (first, refusal) in led_here_by(definition, &state) {
            if let Some((journey, _)) = walked(&first) {
                let before = vec![(first, TaskFate::Fails(refusal)), (state, TaskFate::Fails(error))];
                return Ok(Target { task, journey: *journey, before });
            }
        }
    }
    Err(Failed::new(format!("no journey leads to {}", task.name)))
}

fn verdict(definition: &str, target: &Target, way: Way, bases: &[(Journey, Played)]) -> Result<Verdict, Failed> {
    let (journey, name) = (target.journey, &target.task.name);
    let fates = |last: Option<TaskFate>| {
        let last = last.map(|fate| (name.clone(), fate));
        target.before.iter().cloned().chain(last).collect::<Vec<_>>()
    };
    let go = |last: Option<TaskFate>, operator: Operator, twice_after: bool| {
        play(definition, &Play { journey, fates: fates(last), operator, twice_after })
    };
    let failed = || Some(TaskFate::Fails(FOR_GOOD.to_owned()));
    // What is as it would be without this break: what led here may be broken all the same.
    let unbroken = || -> Result<Aftermath, Failed> {
        if target.before.is_empty() {
            let base = bases.iter().find(|(it, _)| *it == journey);
            return base.map(|(_, it)| it.aftermath.clone()).ok_or_else(|| Failed::new("no such journey"));
        }
        Ok(go(None, Operator::Resumes, false)?.aftermath)
    };
    let same = |played: &Played, as_what: &Aftermath| {
        let mut found = played.aftermath.wrong();
        found.extend(as_what.differences(&played.aftermath));
        if found.is_empty() { Verdict::Same } else { Verdict::Wrong(found) }
    };
    let played = match way {
        Way::Refused => go(Some(TaskFate::Fails(REFUSED.to_owned())), Operator::Resumes, false)?,
        Way::Resumed => go(failed(), Operator::Resumes, false)?,
        Way::Unwound => go(failed(), Operator::Unwinds, false)?,
        Way::Twice => go(Some(TaskFate::Twice), Operator::Resumes, false)?,
        Way::UndoneTwice => go(failed(), Operator::Unwinds, true)?,
        Way::Died => go(Some(TaskFate::DiesAfter), Operator::Resumes, false)?,
    };
    if played.stopped_unparked() {
        // Only where parking itself was broken, and nothing of it was undone or done again by anybody.
        let is_meant = target.task.is_parking && !matches!(way, Way::Twice | Way::Died);
        return Ok(if is_meant { Verdict::Stopped } else { Verdict::Wrong(vec!["the execution stopped".to_owned()]) });
    }
    Ok(match way {
        Way::Resumed | Way::Twice | Way::Died => same(&played, &unbroken()?),
        Way::Refused | Way::Unwound | Way::UndoneTwice if played.was_unwound(target) => {
            match played.aftermath.left_behind() {
                found if found.is_empty() => Verdict::Nothing,
                found => Verdict::Wrong(found),
            }
        }
        Way::Refused | Way::Unwound | Way::UndoneTwice => same(&played, &unbroken()?),
    })
}

#[cfg(test)]
mod tests;
