//! How executions end.

use serde_json::{Value, json};

use super::{End, Moment, Phase, Run};

impl Run {
    /// Ends the execution: nothing waits any more.
    pub(super) fn close(&mut self, previous: u64, end: End, moment: &Moment<'_>) {
        self.branches.clear();
        match &end {
            End::Succeeded(output) => {
                let details = json!({ "executionSucceededEventDetails": {
                    "output": output.to_string(),
                    "outputDetails": { "truncated": false },
                } });
                self.note_end(previous, "ExecutionSucceeded", Some(details), moment);
            }
            End::Failed(fault) => {
                let details = json!({ "error": fault.error, "cause": fault.cause });
                let details = json!({ "executionFailedEventDetails": details });
                self.note_end(previous, "ExecutionFailed", Some(details), moment);
            }
            End::TimedOut => {
                let details = json!({ "executionTimedOutEventDetails": {} });
                self.note_end(previous, "ExecutionTimedOut", Some(details), moment);
            }
            End::Aborted { error, cause } => {
                let given = [("error", error), ("cause", cause)];
                let given = given.into_iter().filter_map(|(name, text)| Some((name.to_owned(), json!(text.as_ref()?))));
                let details = json!({ "executionAbortedEventDetails": given.collect::<serde_json::Map<_, Value>>() });
                self.note_end(previous, "ExecutionAborted", Some(details), moment);
            }
        }
        self.end = Some(end);
    }

    /// Stops the execution wherever it is.
    pub fn abort(&mut self, error: Option<String>, cause: Option<String>, moment: &Moment<'_>) {
        self.abandon(moment);
        self.close(0, End::Aborted { error, cause }, moment);
    }

    /// Ends the execution because it has taken too long.
    pub(super) fn time_out(&mut self, moment: &Moment<'_>) {
        self.abandon(moment);
        self.close(0, End::TimedOut, moment);
    }

    fn abandon(&mut self, moment: &Moment<'_>) {
        let open: Vec<_> = self.branches.keys().copied().collect();
        for id in open {
            self.note_aborted(id, moment);
        }
    }

    /// Notes that a branch is cut off where it is. States that take no time are never cut off.
    pub(super) fn note_aborted(&mut self, id: u64, moment: &Moment<'_>) {
        let Some(branch) = self.branches.get(&id) else { return };
        let waits = match branch.phase {
            Phase::Arrived => false,
            Phase::Task(_) | Phase::Until { .. } | Phase::Forked { .. } => true,
        };
        let Some(state) = moment.definition.state(&branch.state).filter(|_| waits) else { return };
        self.note_of(id, format!("{}StateAborted", state.type_name()), None, moment);
    }
}
