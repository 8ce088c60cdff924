//! One journey on a fresh bank on disk, with what befalls it, and what it left behind.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use granary::{
    engine::clock::{Clock, ManualClock},
    runner::{LocalBank, Options},
    services::TaskFate,
};

use super::{
    FILE, Target,
    aftermath::Aftermath,
    fates::Fates,
    journey::{Journey, Operator, People},
};
use crate::{
    Failed,
    world::{Bank, options},
};

/// More than any journey takes. Where all wait for each other this is over at once.
const PLAY_MAX: Duration = Duration::from_secs(90 * 24 * 3600);

/// What is played.
pub(super) struct Play {
    pub journey: Journey,
    pub fates: Vec<(String, TaskFate)>,
    pub operator: Operator,
    /// From the moment on that something is given up, everything is done twice.
    pub twice_after: bool,
}

/// How it went.
#[derive(Debug, Clone)]
pub(super) struct Played {
    /// The states that were called, in order.
    pub called: Vec<String>,
    /// What is there.
    pub aftermath: Aftermath,
    /// What operations were told when they gave something up.
    refused: Vec<String>,
    /// How often they gave something up.
    gave_up: u32,
    last: String,
}

impl Played {
    /// Neither a state nor its parking worked.
    pub fn stopped_unparked(&self) -> bool {
        self.last.starts_with("NotParked")
    }

    /// Whether what was broken was to be undone: somebody gave it up, or a refusal has a way of its own there.
    pub fn was_unwound(&self, target: &Target) -> bool {
        let refused = self.gave_up == 0 && self.refused.is_empty() && target.task.refuses;
        (self.gave_up > 0 || refused) && self.called.iter().any(|state| state.starts_with("Decline"))
    }
}

/// Plays it.
pub(super) fn play(definition: &str, play: &Play) -> Result<Played, Failed> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build();
    let runtime = runtime.map_err(|error| Failed::new(format!("no runtime: {error}")))?;
    runtime.block_on(async {
        let told = tokio::time::timeout(PLAY_MAX, told(definition, play)).await;
        told.unwrap_or_else(|_| Err(Failed::new("it does not come to an end")))
    })
}

async fn told(definition: &str, play: &Play) -> Result<Played, Failed> {
    let dies = play.fates.iter().any(|(_, fate)| *fate == TaskFate::DiesAfter);
    let folder = tempfile::tempdir().map_err(|error| Failed::new(error.to_string()))?;
    let fates = Arc::new(Fates::planned(&play.fates));
    let mut options = Options {
        definitions: BTreeMap::from([(FILE.to_owned(), definition.to_owned())]),
        faults: Some(Arc::clone(&fates) as _),
        data: dies.then(|| folder.path().to_owned()),
        ..options()
    };
    let mut bank = Bank::start(options.clone()).await;
    options.clock = Arc::clone(&bank.clock) as Arc<dyn Clock>;
    let mut people = People::begin(&bank, play.journey, play.operator).await;
    let gave_up = std::sync::atomic::AtomicU32::new(0);
    let given_up = || {
        gave_up.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        if play.twice_after {
            fates.double();
        }
    };
    let died = tokio::select! {
        lived = people.live(&bank, play.journey, &given_up) => { lived?; false }
        () = fates.died.notified() => true,
    };
    if died {
        bank = again(bank, &options).await?;
        people.live(&bank, play.journey, &given_up).await?;
    }
    if let Some(never) = fates.left().first() {
        return Err(Failed::new(format!("{never} was never called")));
    }
    let aftermath = Aftermath::of(&bank, &people).await?;
    let execution = people.execution(&bank).await;
    let last = execution["states"].as_array().and_then(|it| it.last()).and_then(|it| it["name"].as_str());
    Ok(Played {
        called: fates.called(),
        aftermath,
        last: last.unwrap_or_default().to_owned(),
        refused: people.refused.clone(),
        gave_up: gave_up.into_inner(),
    })
}

/// The same bank from its folder, as a start finds it.
async fn again(bank: Bank, options: &Options) -> Result<Bank, Failed> {
    let clock: Arc<ManualClock> = Arc::clone(&bank.clock);
    drop(bank);
    let local = LocalBank::open(options).await.map_err(|error| Failed::new(format!("no restart: {error}")))?;
    Ok(Bank { local, clock })
}
