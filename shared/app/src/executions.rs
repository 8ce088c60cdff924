//! Where an execution of the onboarding workflow stands, for people: its states, and what each that stands still waits for.

use std::{collections::HashMap, fmt, str::FromStr};

use domain::{
    ids::{ApplicationId, CustomerId, IdError},
    moment::Moment,
};
use serde_json::Value;

use crate::ports::{ExecutionStatus, Recorded, RecordedEvent, RecordedKind};

mod outline;

use outline::Outline;

/// Which execution: its name, which follows from the application.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ExecutionId {
    /// Who applies.
    pub customer: CustomerId,
    /// The application.
    pub application: ApplicationId,
}

impl fmt::Display for ExecutionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.customer, self.application)
    }
}

impl FromStr for ExecutionId {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        let (customer, application) = text.split_once('.').unwrap_or((text, ""));
        Ok(Self { customer: customer.parse()?, application: application.parse()? })
    }
}

/// An execution, as people look at it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Execution {
    /// Which.
    pub id: ExecutionId,
    /// How far it is.
    pub status: ExecutionStatus,
    /// When it was started.
    pub started_at: Moment,
    /// When it ended.
    pub ended_at: Option<Moment>,
    /// The state machine's states and the ways between them, in the Amazon States Language, without what the states are given.
    pub definition: Value,
    /// Every state that was entered, in the order in which each first was.
    pub states: Vec<StateRecord>,
    /// Where it stands still.
    pub waits: Vec<Wait>,
}

/// A state of an execution, as it was last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StateRecord {
    /// Its name.
    pub name: String,
    /// Its type, such as `Task`.
    pub kind: String,
    /// How it went.
    pub status: StateStatus,
    /// When it was entered last.
    pub entered_at: Moment,
    /// When it was left after that.
    pub left_at: Option<Moment>,
    /// How often it was entered.
    pub entered: u32,
    /// The name of the error that it failed by.
    pub error: Option<String>,
    /// The name of the error that led into it.
    caught: Option<String>,
}

/// How a state went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StateStatus {
    /// The execution is in it.
    Active,
    /// The execution has left it.
    Passed,
    /// It was left by an error, or cut off.
    Failed,
}

/// A state that stands still.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wait {
    /// The state's name.
    pub state: String,
    /// What for.
    pub reason: WaitReason,
    /// Since when.
    pub since: Moment,
    /// The name of the error that brought it here.
    pub error: Option<String>,
}

/// What a state waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WaitReason {
    /// The identity provider's result.
    Identity,
    /// A decision of compliance.
    Review,
    /// The accounts.
    Accounts,
    /// What to pay in with.
    Instructions,
    /// A provider's queue, and the provider.
    Provider,
    /// Somebody of operations: it is parked.
    Operator,
}

impl Execution {
    /// What was recorded, as people look at it; `None` if the definition is none.
    #[must_use]
    pub fn of(id: ExecutionId, recorded: &Recorded) -> Option<Self> {
        let outline = Outline::read(&recorded.definition)?;
        let mut states = states_of(&recorded.events);
        let is_over = recorded.status != ExecutionStatus::Running;
        for state in states.iter_mut().filter(|it| is_over && it.status == StateStatus::Active) {
            // An execution ends in a state without leaving it.
            let ended_well = recorded.status == ExecutionStatus::Succeeded;
            state.status = if ended_well { StateStatus::Passed } else { StateStatus::Failed };
        }
        let active = states.iter().filter(|it| it.status == StateStatus::Active);
        let waits = active.filter_map(|it| {
            let reason = outline.wait_of(&it.name)?;
            Some(Wait { state: it.name.clone(), reason, since: it.entered_at, error: it.caught.clone() })
        });
        Some(Self {
            id,
            status: recorded.status,
            started_at: Moment::of(recorded.started_at),
            ended_at: recorded.ended_at.map(Moment::of),
            waits: waits.collect(),
            states,
            definition: outline.shown(),
        })
    }

    /// The parked state of this name.
    #[must_use]
    pub fn parked(&self, state: &str) -> Option<&Wait> {
        self.waits.iter().find(|it| it.reason == WaitReason::Operator && it.state == state)
    }

    /// Whether a state knows a way back for what is given up there.
    #[must_use]
    pub fn can_unwind(&self, state: &str) -> bool {
        outline::catches(&self.definition, state, domain::error::Class::Rejected.name())
    }
}

fn states_of(events: &[RecordedEvent]) -> Vec<StateRecord> {
    let mut states: Vec<StateRecord> = Vec::new();
    let mut places: HashMap<String, usize> = HashMap::new();
    // What each event left behind: the state in which it happened, and the error by which that went wrong.
    let mut owners: HashMap<u64, String> = HashMap::new();
    let mut errors: HashMap<u64, Option<String>> = HashMap::new();
    for event in events {
        let before = owners.get(&event.previous).cloned();
        let error = errors.get(&event.previous).cloned();
        let at = Moment::of(event.at);
        match &event.kind {
            RecordedKind::Entered { state, kind } => {
                owners.insert(event.id, state.clone());
                let place = *places.entry(state.clone()).or_insert(states.len());
                let entered = states.get(place).map_or(0, |it| it.entered).saturating_add(1);
                let record = StateRecord {
                    name: state.clone(),
                    kind: kind.clone(),
                    status: StateStatus::Active,
                    entered_at: at,
                    left_at: None,
                    entered,
                    error: None,
                    caught: error.flatten(),
                };
                match states.get_mut(place) {
                    Some(known) => *known = record,
                    None => states.push(record),
                }
                continue;
            }
            RecordedKind::Exited { state } => {
                let status = if error.is_some() { StateStatus::Failed } else { StateStatus::Passed };
                leave(&mut states, places.get(state), status, at, error.clone().flatten());
                // It led out of the state, so whatever is entered next was led there by it.
                errors.extend(error.map(|error| (event.id, error)));
            }
            RecordedKind::Aborted => {
                let place = before.as_ref().and_then(|state| places.get(state));
                leave(&mut states, place, StateStatus::Failed, at, None);
            }
            RecordedKind::Went { wrong } => {
                errors.insert(event.id, wrong.clone());
            }
            RecordedKind::Other => {}
        }
        owners.extend(before.map(|state| (event.id, state)));
    }
    states
}

fn leave(states: &mut [StateRecord], place: Option<&usize>, status: StateStatus, at: Moment, error: Option<String>) {
    if let Some(state) = place.and_then(|place| states.get_mut(*place)) {
        *state = StateRecord { status, left_at: Some(at), error, ..state.clone() };
    }
}

#[cfg(test)]
mod tests;
