//! One execution on its way: pure, without a clock, a database or a call of its own.
//!
//! A run is a document of branches, each in one state and one phase of it. Whatever happens (time passes, a call is answered, a token
//! comes back) changes the document and adds events to its history; the store writes both in one transaction. So a process may die
//! between any two of them: what was under way is found in the document and is done again.

mod data;
mod ending;
mod history;
mod parallel;
mod step;
mod tasks;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

pub(super) use data::BYTES_MAX;
pub(super) use history::Event;
pub(super) use tasks::{Due, TokenError};

use super::{
    definition::Definition,
    faults,
    tasks::{Call, TaskFault},
};
use crate::services::{arn, clock};

/// What a run is a run of, and when.
pub(super) struct Moment<'a> {
    pub definition: &'a Definition,
    pub execution: &'a Facts,
    pub now_ms: i64,
    pub next_id: &'a dyn Fn() -> Uuid,
}

/// What never changes about an execution.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Facts {
    pub arn: String,
    pub name: String,
    pub machine_arn: String,
    pub machine_name: String,
    pub role: String,
    pub input: Value,
    pub started_at_ms: i64,
}

/// An execution on its way.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Run {
    branches: BTreeMap<u64, Branch>,
    /// The last number that was given to a branch or an attempt.
    numbers: u64,
    /// How many events there have been.
    events: u64,
    #[serde(skip)]
    journal: Vec<Event>,
    #[serde(skip)]
    end: Option<End>,
}

/// How an execution ended.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum End {
    Succeeded(Value),
    Failed(TaskFault),
    TimedOut,
    Aborted { error: Option<String>, cause: Option<String> },
}

/// Where one line of an execution is.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Branch {
    /// The branch whose Parallel started this one, and the how many-eth it is.
    parent: Option<(u64, usize)>,
    state: String,
    /// The data that came into the state.
    input: Value,
    entered_at_ms: i64,
    /// How often each retrier has had its turn.
    retries: Vec<u64>,
    last_event: u64,
    phase: Phase,
}

/// What a branch is at.
#[derive(Debug, Clone, Serialize, Deserialize)]
enum Phase {
    /// It has come to its state.
    Arrived,
    /// A task is under way.
    Task(Attempt),
    /// A Wait, or the pause before another attempt.
    Until { at_ms: i64, then: Then },
    /// A Parallel waits for its branches.
    Forked { results: Vec<Option<Value>> },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
enum Then {
    Leave,
    TryAgain,
}

/// One attempt of a task.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Attempt {
    number: u64,
    token: Option<String>,
    /// The call that is to be made; `None` once it was.
    call: Option<Call>,
    times_out_at_ms: i64,
    silent_at_ms: Option<i64>,
}

/// A call that is to be made now.
#[derive(Debug, Clone)]
pub(super) struct PendingCall {
    pub attempt: u64,
    pub state: String,
    pub call: Call,
}

impl Run {
    /// A run at its very beginning.
    pub fn start(moment: &Moment<'_>) -> Self {
        let mut run = Self { branches: BTreeMap::new(), numbers: 0, events: 0, journal: Vec::new(), end: None };
        let execution = moment.execution;
        run.note(
            0,
            "ExecutionStarted",
            Some(json!({ "executionStartedEventDetails": {
                "input": execution.input.to_string(),
                "inputDetails": { "truncated": false },
                "roleArn": arn::role(&execution.role),
            } })),
            moment,
        );
        let start = moment.definition.start_at.clone();
        run.open(None, start, execution.input.clone(), 0);
        run
    }

    /// Takes the events that are new, and how it ended if it did.
    pub fn take_news(&mut self) -> (Vec<Event>, Option<End>) {
        (std::mem::take(&mut self.journal), self.end.take())
    }

    /// The states in which it is now.
    pub fn states(&self) -> Vec<String> {
        self.branches.values().map(|branch| branch.state.clone()).collect()
    }

    /// Does everything that is due and needs nobody else: enters states, ends pauses, notices what has taken too long.
    pub fn work(&mut self, moment: &Moment<'_>) {
        while self.end.is_none() {
            if self.deadline_ms(moment).is_some_and(|at_ms| at_ms <= moment.now_ms) {
                self.time_out(moment);
                return;
            }
            let due = |branch: &Branch| match &branch.phase {
                Phase::Arrived => true,
                Phase::Task(attempt) => attempt.due_ms() <= moment.now_ms,
                Phase::Until { at_ms, .. } => *at_ms <= moment.now_ms,
                Phase::Forked { .. } => false,
            };
            let Some((&id, branch)) = self.branches.iter().find(|(_, branch)| due(branch)) else { return };
            match &branch.phase {
                Phase::Arrived => self.enter(id, moment),
                Phase::Until { then: Then::TryAgain, .. } => self.attempt(id, moment),
                Phase::Until { then: Then::Leave, .. } => self.wake(id, moment),
                Phase::Task(_) => self.give_up_task(id, moment),
                Phase::Forked { .. } => return,
            }
            self.keep_within_limit(moment);
        }
    }

    /// What can be done now, and when time alone makes something due.
    pub fn due(&self, moment: &Moment<'_>) -> Due {
        let ready = self.branches.values().any(|branch| match &branch.phase {
            Phase::Arrived => true,
            Phase::Task(attempt) => attempt.call.is_some(),
            Phase::Until { .. } | Phase::Forked { .. } => false,
        });
        Due { ready, at_ms: self.timer_ms().into_iter().chain(self.deadline_ms(moment)).min() }
    }

    /// When a state's own timer makes something due; `None`: no state has one.
    pub fn timer_ms(&self) -> Option<i64> {
        let timers = self.branches.values().filter_map(|branch| match &branch.phase {
            Phase::Arrived | Phase::Forked { .. } => None,
            Phase::Task(attempt) => Some(attempt.due_ms()),
            Phase::Until { at_ms, .. } => Some(*at_ms),
        });
        timers.min()
    }

    /// A new branch at a state.
    fn open(&mut self, parent: Option<(u64, usize)>, state: String, input: Value, last_event: u64) {
        let id = self.next_number();
        let phase = Phase::Arrived;
        let branch = Branch { parent, state, input, entered_at_ms: 0, retries: Vec::new(), last_event, phase };
        self.branches.insert(id, branch);
    }

    fn next_number(&mut self) -> u64 {
        self.numbers += 1;
        self.numbers
    }

    fn deadline_ms(&self, moment: &Moment<'_>) -> Option<i64> {
        moment.definition.timeout_s.map(|timeout_s| after(moment.execution.started_at_ms, timeout_s))
    }
}

impl Branch {
    fn retry_count(&self) -> u64 {
        self.retries.iter().sum()
    }

    /// What Step Functions knows about this branch, as paths see it below `$$`.
    fn context(&self, token: Option<&str>, moment: &Moment<'_>) -> Value {
        let execution = moment.execution;
        let mut context = json!({
            "Execution": {
                "Id": execution.arn,
                "Input": execution.input,
                "Name": execution.name,
                "StartTime": clock::milliseconds(execution.started_at_ms),
            },
            "State": {
                "EnteredTime": clock::milliseconds(self.entered_at_ms),
                "Name": self.state,
                "RetryCount": self.retry_count(),
            },
            "StateMachine": { "Id": execution.machine_arn, "Name": execution.machine_name },
        });
        if let (Some(token), Some(fields)) = (token, context.as_object_mut()) {
            fields.insert("Task".to_owned(), json!({ "Token": token }));
        }
        context
    }
}

/// So many seconds later.
fn after(at_ms: i64, seconds: u64) -> i64 {
    at_ms.saturating_add(i64::try_from(seconds).unwrap_or(i64::MAX).saturating_mul(1_000))
}

/// A state that the definition does not have; only a damaged row brings it.
fn no_such_state(name: &str) -> TaskFault {
    TaskFault::new(faults::RUNTIME, format!("there is no state {name}"))
}
