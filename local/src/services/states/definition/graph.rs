//! Whether every transition leads somewhere, and something leads to every state.

use std::collections::{BTreeMap, BTreeSet};

use super::{DefinitionError, State};

/// The states among which transitions stay: the machine's own, or those of one branch.
pub(super) struct Scope {
    pub at: String,
    pub start_at: String,
    pub names: BTreeSet<String>,
}

impl Scope {
    /// Refuses what dangles and what is never reached.
    pub fn check(&self, states: &BTreeMap<String, State>) -> Result<(), DefinitionError> {
        if !self.names.contains(&self.start_at) {
            let problem = format!("there is no state {} here", self.start_at);
            return Err(DefinitionError::new(&format!("{}.StartAt", self.at), problem));
        }
        let mut reached = BTreeSet::from([self.start_at.as_str()]);
        let mut open = vec![self.start_at.as_str()];
        while let Some(name) = open.pop() {
            let Some(state) = states.get(name) else { continue };
            for next in state.nexts() {
                if !self.names.contains(next) {
                    return Err(self.refusal(name, format!("leads to {next}, and there is no such state here")));
                }
                if reached.insert(next) {
                    open.push(next);
                }
            }
        }
        match self.names.iter().find(|name| !reached.contains(name.as_str())) {
            None => Ok(()),
            Some(name) => Err(self.refusal(name, "no other state leads here".to_owned())),
        }
    }

    fn refusal(&self, name: &str, problem: String) -> DefinitionError {
        DefinitionError::new(&format!("{}.States.{name}", self.at), problem)
    }
}
