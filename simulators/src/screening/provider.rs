//! The provider itself: its lists, and a log of who asked what.

use std::{
    collections::VecDeque,
    io,
    path::Path,
    sync::{Mutex, MutexGuard, PoisonError},
};

use serde::Serialize;

use super::{
    Entity,
    kept::{self, Watchlist},
};

/// Older calls are forgotten beyond this many, so that a long run does not eat the memory.
const CALLS_KEPT_MAX: usize = 100_000;

/// Why the simulator could not do its part.
#[derive(Debug, thiserror::Error)]
pub enum ScreeningError {
    /// What is to be listed is not a person.
    #[error("{what}")]
    NotAnEntity {
        /// What is wrong.
        what: &'static str,
    },
    /// A key could not be made.
    #[error("no key could be made")]
    Random,
    /// Something kept is damaged, or could not be written.
    #[error("something kept could not be read or written")]
    Unreadable {
        /// What serde said.
        #[source]
        source: serde_json::Error,
    },
    /// The disk refused.
    #[error("the simulator's files could not be used")]
    Storage {
        /// What the system said.
        #[source]
        source: io::Error,
    },
}

/// How API calls fail, when they are told to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The call is not carried out, and this status is answered.
    Status(u16),
    /// The call is carried out, and its answer is lost: whoever is in between answers 504.
    AnswerLost,
}

/// One call of the API: what was asked and answered, never about whom.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Call {
    /// When, in milliseconds since 1970.
    pub at_ms: i64,
    /// The path and the query.
    pub uri: String,
    /// The topics that results were narrowed down to.
    pub topics: Vec<String>,
    /// What was answered.
    pub status: u16,
    /// Who was found, by the provider's ids.
    pub found: Vec<String>,
}

/// What changes.
pub(super) struct State {
    pub(super) watchlist: Watchlist,
    calls: VecDeque<Call>,
    faults: VecDeque<(u32, Fault)>,
    throttled_until_ms: i64,
}

/// The screening provider, as seen by its customer.
pub struct Screening {
    api_key: String,
    state: Mutex<State>,
}

impl std::fmt::Debug for Screening {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Screening").finish_non_exhaustive()
    }
}

impl Screening {
    /// Keeps everything under `dir`, or in memory only. The key is made on first use.
    ///
    /// # Errors
    /// When the directory cannot be used, or holds what was not written here.
    pub fn open(dir: Option<&Path>) -> Result<Self, ScreeningError> {
        let dir = dir.map(|dir| dir.join("screening"));
        let state = State {
            watchlist: Watchlist::open(dir.as_deref())?,
            calls: VecDeque::new(),
            faults: VecDeque::new(),
            throttled_until_ms: i64::MIN,
        };
        Ok(Self { api_key: kept::api_key(dir.as_deref())?, state: Mutex::new(state) })
    }

    /// What calls of the API must carry.
    #[must_use]
    pub fn api_key(&self) -> &str {
        &self.api_key
    }

    /// Lists somebody from now on, instead of whoever has the same id.
    ///
    /// # Errors
    /// When it is no person who could be listed, or they cannot be kept.
    pub fn add(&self, entity: Entity) -> Result<(), ScreeningError> {
        let entity = entity.tidied().map_err(|what| ScreeningError::NotAnEntity { what })?;
        self.state().watchlist.put(entity)
    }

    /// Everybody who is listed, by id.
    #[must_use]
    pub fn entities(&self) -> Vec<Entity> {
        self.state().watchlist.all().cloned().collect()
    }

    /// Every call since the start, oldest first, however it was answered.
    #[must_use]
    pub fn calls(&self) -> Vec<Call> {
        self.state().calls.iter().cloned().collect()
    }

    /// Lets the next calls of the API fail, after those that were told to before.
    pub fn fail_next(&self, calls: u32, fault: Fault) {
        if calls > 0 {
            self.state().faults.push_back((calls, fault));
        }
    }

    /// Answers 429 to everybody until then.
    pub fn throttle_until(&self, at_ms: i64) {
        self.state().throttled_until_ms = at_ms;
    }

    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// The fault that the call at hand is to suffer.
    pub(super) fn next_fault(&mut self, now_ms: i64) -> Option<Fault> {
        if now_ms < self.throttled_until_ms {
            return Some(Fault::Status(429));
        }
        let (calls, fault) = self.faults.front_mut()?;
        let fault = *fault;
        *calls = calls.saturating_sub(1);
        if *calls == 0 {
            self.faults.pop_front();
        }
        Some(fault)
    }

    pub(super) fn log(&mut self, call: Call) {
        if self.calls.len() >= CALLS_KEPT_MAX {
            self.calls.pop_front();
        }
        self.calls.push_back(call);
    }
}
