//! Branches of a Parallel: all of them to their end, or none.

use serde_json::Value;

use super::{Moment, Phase, Run};
use crate::services::states::tasks::TaskFault;

impl Run {
    /// Starts a Parallel's branches, each with the same input.
    pub(super) fn fork(&mut self, id: u64, starts: &[String], input: &Value, moment: &Moment<'_>) {
        self.note_of(id, "ParallelStateStarted", None, moment);
        self.set_phase(id, Phase::Forked { results: vec![None; starts.len()] });
        let last_event = self.branches.get(&id).map_or(0, |branch| branch.last_event);
        for (index, start) in starts.iter().enumerate() {
            self.open(Some((id, index)), start.clone(), input.clone(), last_event);
        }
    }

    /// A branch has its result; the last one lets the Parallel go on.
    pub(super) fn join(&mut self, parent: u64, index: usize, output: Value, last_event: u64, moment: &Moment<'_>) {
        let Some(branch) = self.branches.get_mut(&parent) else { return };
        let Phase::Forked { results } = &mut branch.phase else { return };
        if let Some(result) = results.get_mut(index) {
            *result = Some(output);
        }
        let Some(results) = results.iter().cloned().collect::<Option<Vec<_>>>() else { return };
        branch.last_event = last_event;
        self.note_of(parent, "ParallelStateSucceeded", None, moment);
        self.conclude(parent, Value::Array(results), moment);
    }

    /// One branch has failed: the others are cut off, and the Parallel itself has failed with the same error.
    pub(super) fn fail_parallel(&mut self, parent: u64, fault: TaskFault, last_event: u64, moment: &Moment<'_>) {
        for id in self.below(parent) {
            self.note_aborted(id, moment);
            self.branches.remove(&id);
        }
        if let Some(branch) = self.branches.get_mut(&parent) {
            branch.last_event = last_event;
        }
        self.note_of(parent, "ParallelStateFailed", None, moment);
        self.fail(parent, fault, moment);
    }

    /// Every branch below one, the nearest first. A branch's number is greater than that of whoever started it.
    fn below(&self, ancestor: u64) -> Vec<u64> {
        let mut found = vec![ancestor];
        for (id, branch) in &self.branches {
            if branch.parent.is_some_and(|(parent, _)| found.contains(&parent)) {
                found.push(*id);
            }
        }
        found.retain(|id| *id != ancestor);
        found
    }
}
