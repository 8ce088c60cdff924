//! What is remembered of an execution, event by event, and how many events it may have.

use serde_json::Value;

use super::{End, Moment, Run};
use crate::services::states::tasks::TaskFault;

/// With this many events an execution is over, the last one saying so.
const EVENTS_MAX: u64 = 25_000;

/// An event of an execution's history.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::services::states) struct Event {
    pub id: u64,
    pub at_ms: i64,
    pub kind: String,
    pub previous: u64,
    /// The member that describes it, under its name.
    pub details: Option<Value>,
}

impl Run {
    /// Adds an event that is nobody's; answers its number. The last number is kept for the execution's end.
    pub(super) fn note(
        &mut self,
        previous: u64,
        kind: impl Into<String>,
        details: Option<Value>,
        moment: &Moment<'_>,
    ) -> u64 {
        self.events = self.events.saturating_add(1);
        if self.events < EVENTS_MAX {
            let event = Event { id: self.events, at_ms: moment.now_ms, kind: kind.into(), previous, details };
            self.journal.push(event);
        }
        self.events
    }

    /// Adds an event of a branch.
    pub(super) fn note_of(&mut self, id: u64, kind: impl Into<String>, details: Option<Value>, moment: &Moment<'_>) {
        let previous = self.branches.get(&id).map_or(0, |branch| branch.last_event);
        let event = self.note(previous, kind, details, moment);
        if let Some(branch) = self.branches.get_mut(&id) {
            branch.last_event = event;
        }
    }

    /// Adds the event that ends the execution.
    pub(super) fn note_end(&mut self, previous: u64, kind: &str, details: Option<Value>, moment: &Moment<'_>) {
        self.events = self.events.saturating_add(1).min(EVENTS_MAX);
        let event = Event { id: self.events, at_ms: moment.now_ms, kind: kind.to_owned(), previous, details };
        self.journal.push(event);
    }

    /// Ends an execution that has more events than it may have.
    pub(super) fn keep_within_limit(&mut self, moment: &Moment<'_>) {
        if self.events >= EVENTS_MAX && self.end.is_none() {
            let cause = format!("The execution reached the maximum number of history events ({EVENTS_MAX}).");
            self.close(EVENTS_MAX - 1, End::Failed(TaskFault::runtime(cause)), moment);
        }
    }
}
