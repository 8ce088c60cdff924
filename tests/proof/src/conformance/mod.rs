//! The same questions to every engine, with the documentation of AWS as judge.
//!
//! A question knows the real SDKs and the template in `tests/conformance`, and nothing of whom it asks. The local engine is asked
//! each question afresh, with time in our hands; the emulator and AWS are asked all of them at once, lane by lane.

mod cases;
mod engines;
mod finding;
mod kit;
mod known;
mod table;
mod target;

use std::time::{Duration, Instant};

use crate::Failed;
use cases::Case;
use finding::Finding;
use target::Ask;

/// Whom the questions go to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Engine {
    /// Ours, in process.
    Local,
    /// One that we did not write, started for this.
    Emulator,
    /// AWS itself, where the template has been deployed.
    Aws,
}

/// How it is run.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Whom the questions go to.
    #[arg(long, value_enum, default_value_t = Engine::Local)]
    engine: Engine,
    /// The profile that AWS is asked with.
    #[arg(long)]
    profile: Option<String>,
    /// Where AWS is, if it is not where it always is.
    #[arg(long)]
    endpoint: Option<String>,
    /// Only the questions whose name holds this text.
    #[arg(long)]
    only: Option<String>,
    /// Asks also what takes minutes where time cannot be moved.
    #[arg(long)]
    slow: bool,
    /// Prints every question and what became of it.
    #[arg(long)]
    verbose: bool,
}

/// What became of a question.
#[derive(Debug)]
pub enum Answer {
    /// As documented.
    Pass,
    /// Not as documented.
    Fail(String),
    /// Not as documented, which is known of this engine, for this reason.
    Known(&'static str),
    /// As documented, although something else is known of this engine.
    Outlived,
    /// Not asked: it takes minutes.
    Slow,
}

/// A question with what became of it.
#[derive(Debug)]
pub struct Asked {
    /// The question's name: `area: what holds`.
    pub name: String,
    /// The page of the documentation.
    pub page: &'static str,
    /// What became of it.
    pub answer: Answer,
    /// How long it took.
    pub took: Duration,
}

/// No question takes longer than this, wherever it is asked.
const QUESTION_MAX: Duration = Duration::from_secs(600);

/// Runs the proof.
///
/// # Errors
/// When an engine differs from the documentation in anything that is not known of it, or no longer in what is.
pub fn run(args: &Args) -> Result<(), Failed> {
    let began = Instant::now();
    let wanted = |case: &Case| args.only.as_ref().is_none_or(|text| case.name.contains(text.as_str()));
    let cases: Vec<Case> = cases::all().into_iter().filter(wanted).collect();
    known::check(&cases::all())?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = runtime.map_err(|error| Failed::new(format!("no runtime: {error}")))?;
    let asked = runtime.block_on(engines::ask_all(args, cases))?;
    table::print(args, &asked, began.elapsed())
}

/// Asks one question and judges what it found.
async fn ask(case: &Case, args: &Args, ask: Ask) -> Asked {
    let began = Instant::now();
    let known = if args.engine == Engine::Emulator { known::of(&case.name) } else { None };
    let answer = if case.slow && !args.slow && args.engine != Engine::Local {
        Answer::Slow
    } else {
        let found = tokio::time::timeout(QUESTION_MAX, (case.ask)(ask)).await;
        let found = found.unwrap_or_else(|_| Err(Finding::new(format!("no answer within {QUESTION_MAX:?}"))));
        match (found, known) {
            (Ok(()), None) => Answer::Pass,
            (Ok(()), Some(_)) => Answer::Outlived,
            (Err(_), Some(why)) => Answer::Known(why),
            (Err(Finding(found)), None) => Answer::Fail(found),
        }
    };
    Asked { name: case.name.clone(), page: case.page, answer, took: began.elapsed() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_local_engine_answers_every_question_as_documented() {
        let (profile, endpoint, only) = (None, None, None);
        run(&Args { engine: Engine::Local, profile, endpoint, only, slow: false, verbose: false }).unwrap();
    }

    #[test]
    fn no_question_is_asked_under_the_name_of_another() {
        let mut names: Vec<_> = cases::all().into_iter().map(|case| case.name).collect();
        let all = names.len();
        names.sort();
        names.dedup();
        assert_eq!(names.len(), all);
    }
}
