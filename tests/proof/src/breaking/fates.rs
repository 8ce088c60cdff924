//! What befalls the tasks of one play.

use std::sync::{Mutex, MutexGuard, PoisonError};

use granary::{runner::Faults, services::TaskFate};
use tokio::sync::Notify;

/// Decides, and writes down what was called.
#[derive(Debug, Default)]
pub(super) struct Fates {
    state: Mutex<State>,
    /// Told when the process dies.
    pub died: Notify,
}

#[derive(Debug, Default)]
struct State {
    called: Vec<String>,
    planned: Vec<(String, TaskFate)>,
    /// From here on everything is done twice.
    all_twice: bool,
}

impl Fates {
    /// This befalls each of these states once, the first time that it is called and nothing else befalls it.
    pub fn planned(planned: &[(String, TaskFate)]) -> Self {
        let state = State { planned: planned.to_vec(), ..State::default() };
        Self { state: Mutex::new(state), died: Notify::new() }
    }

    /// The states that were called, in order.
    pub fn called(&self) -> Vec<String> {
        self.state().called.clone()
    }

    /// What was planned and has not happened.
    pub fn left(&self) -> Vec<String> {
        self.state().planned.iter().map(|(state, _)| state.clone()).collect()
    }

    /// From here on everything is done twice.
    pub fn double(&self) {
        self.state().all_twice = true;
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Faults for Fates {
    fn task(&self, state: &str) -> TaskFate {
        let mut fates = self.state();
        fates.called.push(state.to_owned());
        let planned = fates.planned.iter().position(|(name, _)| name == state);
        let Some(planned) = planned else {
            return if fates.all_twice { TaskFate::Twice } else { TaskFate::Pass };
        };
        let (_, fate) = fates.planned.remove(planned);
        if fate == TaskFate::DiesAfter {
            self.died.notify_one();
        }
        fate
    }
}
