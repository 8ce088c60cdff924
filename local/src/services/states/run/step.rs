//! Steps of a branch: into a state, through it, on to the next, or into an error's hands.

use serde_json::{Value, json};

use super::{End, Moment, Phase, Run, Then, after, data, no_such_state};
use crate::services::states::{
    definition::{After, Delay, Failing, Kind, choice},
    faults,
    path::Path,
    tasks::TaskFault,
};

impl Run {
    /// Enters the state that a branch has come to.
    pub(super) fn enter(&mut self, id: u64, moment: &Moment<'_>) {
        let Some(branch) = self.branches.get_mut(&id) else { return };
        let Some(state) = moment.definition.state(&branch.state) else {
            let fault = no_such_state(&branch.state);
            return self.break_off(id, fault, moment);
        };
        branch.entered_at_ms = moment.now_ms;
        branch.retries = vec![0; state.retriers.len()];
        let details = json!({ "stateEnteredEventDetails": {
            "name": branch.state,
            "input": branch.input.to_string(),
            "inputDetails": { "truncated": false },
        } });
        self.note_of(id, format!("{}StateEntered", state.type_name()), Some(details), moment);
        self.attempt(id, moment);
    }

    /// Does what the state does, for the first time or again.
    pub(super) fn attempt(&mut self, id: u64, moment: &Moment<'_>) {
        if let Err(fault) = self.attempt_or_fault(id, moment) {
            self.fail(id, fault, moment);
        }
    }

    fn attempt_or_fault(&mut self, id: u64, moment: &Moment<'_>) -> Result<(), TaskFault> {
        let Some(branch) = self.branches.get(&id) else { return Ok(()) };
        let state = moment.definition.state(&branch.state).ok_or_else(|| no_such_state(&branch.state))?;
        if let Kind::Task(task) = &state.kind {
            return self.begin_task(id, state, task, moment);
        }
        let raw = branch.input.clone();
        let context = branch.context(None, moment);
        let seen = data::input(state, &raw, &context)?;
        match &state.kind {
            Kind::Task(_) => {}
            Kind::Pass { result } => {
                let worked = data::parameters(state, &seen, &context)?;
                let output = data::output(state, &raw, result.clone().unwrap_or(worked), &context)?;
                self.leave(id, output, moment);
            }
            Kind::Choice { choices, default } => {
                let next = chosen(choices, default.as_ref(), &seen, &context)?;
                let output = data::handed_on(state, &seen, &context)?;
                self.go_on(id, next, output, moment);
            }
            Kind::Wait(delay) => {
                let at_ms = until(delay, &seen, &context, moment.now_ms)?;
                self.set_phase(id, Phase::Until { at_ms, then: Then::Leave });
            }
            Kind::Succeed => {
                let output = data::handed_on(state, &seen, &context)?;
                self.leave(id, output, moment);
            }
            Kind::Fail { error, cause } => {
                let text = |failing: &Failing| failing_text(failing, &seen, &context);
                return Err(TaskFault::new(text(error)?, text(cause)?));
            }
            Kind::Parallel { branches } => {
                let input = data::parameters(state, &seen, &context)?;
                self.fork(id, branches, &input, moment);
            }
        }
        Ok(())
    }

    /// A Wait is over.
    pub(super) fn wake(&mut self, id: u64, moment: &Moment<'_>) {
        let Some(branch) = self.branches.get(&id) else { return };
        let context = branch.context(None, moment);
        let handed_on = moment
            .definition
            .state(&branch.state)
            .ok_or_else(|| no_such_state(&branch.state))
            .and_then(|state| data::handed_on(state, &data::input(state, &branch.input, &context)?, &context));
        match handed_on {
            Ok(output) => self.leave(id, output, moment),
            Err(fault) => self.fail(id, fault, moment),
        }
    }

    /// The state has done its work: its result goes into the data, and the branch goes on.
    pub(super) fn conclude(&mut self, id: u64, result: Value, moment: &Moment<'_>) {
        let Some(branch) = self.branches.get(&id) else { return };
        let context = branch.context(None, moment);
        let output = moment
            .definition
            .state(&branch.state)
            .ok_or_else(|| no_such_state(&branch.state))
            .and_then(|state| data::output(state, &branch.input, result, &context));
        match output {
            Ok(output) => self.leave(id, output, moment),
            Err(fault) => self.fail(id, fault, moment),
        }
    }

    /// Leaves the state in the direction that it has itself.
    fn leave(&mut self, id: u64, output: Value, moment: &Moment<'_>) {
        let Some(state) = self.branches.get(&id).and_then(|branch| moment.definition.state(&branch.state)) else {
            return;
        };
        match &state.after {
            Some(After::Next(next)) => self.go_on(id, next, output, moment),
            Some(After::End) | None => {
                self.note_exit(id, &output, moment);
                self.finish(id, output, moment);
            }
        }
    }

    /// Leaves the state for another.
    fn go_on(&mut self, id: u64, next: &str, output: Value, moment: &Moment<'_>) {
        self.note_exit(id, &output, moment);
        if let Some(branch) = self.branches.get_mut(&id) {
            branch.state = next.to_owned();
            branch.input = output;
            branch.phase = Phase::Arrived;
        }
    }

    fn note_exit(&mut self, id: u64, output: &Value, moment: &Moment<'_>) {
        let Some(branch) = self.branches.get(&id) else { return };
        let Some(state) = moment.definition.state(&branch.state) else { return };
        let details = json!({ "stateExitedEventDetails": {
            "name": branch.state,
            "output": output.to_string(),
            "outputDetails": { "truncated": false },
        } });
        self.note_of(id, format!("{}StateExited", state.type_name()), Some(details), moment);
    }

    /// A branch has come to its end.
    fn finish(&mut self, id: u64, output: Value, moment: &Moment<'_>) {
        let Some(branch) = self.branches.remove(&id) else { return };
        match branch.parent {
            None => self.close(branch.last_event, End::Succeeded(output), moment),
            Some((parent, index)) => self.join(parent, index, output, branch.last_event, moment),
        }
    }

    /// A state has failed: it is tried again, the error is caught, or the branch is over.
    pub(super) fn fail(&mut self, id: u64, fault: TaskFault, moment: &Moment<'_>) {
        let Some(branch) = self.branches.get_mut(&id) else { return };
        let Some(state) = moment.definition.state(&branch.state) else {
            return self.break_off(id, fault, moment);
        };
        // Only the first retrier that knows the error counts, used up or not.
        let retrier = state.retriers.iter().zip(&mut branch.retries).find(|(retrier, _)| retrier.takes(&fault.error));
        if let Some((retrier, used)) = retrier.filter(|(retrier, used)| **used < retrier.attempts_max) {
            let at_ms = moment.now_ms.saturating_add(retrier.delay_ms(*used, (moment.next_id)().as_u128()));
            *used += 1;
            branch.phase = Phase::Until { at_ms, then: Then::TryAgain };
            return;
        }
        let Some(catcher) = state.catchers.iter().find(|catcher| catcher.takes(&fault.error)) else {
            return self.break_off(id, fault, moment);
        };
        match data::caught(catcher.result_path.as_ref(), &branch.input, &fault) {
            Ok(output) => self.go_on(id, &catcher.next, output, moment),
            Err(fault) => self.break_off(id, fault, moment),
        }
    }

    /// A branch is over by an error; so is the Parallel that it belongs to, unless that one knows better.
    pub(super) fn break_off(&mut self, id: u64, fault: TaskFault, moment: &Moment<'_>) {
        let Some(branch) = self.branches.remove(&id) else { return };
        match branch.parent {
            None => self.close(branch.last_event, End::Failed(fault), moment),
            Some((parent, _)) => self.fail_parallel(parent, fault, branch.last_event, moment),
        }
    }

    pub(super) fn set_phase(&mut self, id: u64, phase: Phase) {
        if let Some(branch) = self.branches.get_mut(&id) {
            branch.phase = phase;
        }
    }
}

fn chosen<'a>(
    choices: &'a [choice::Choice],
    default: Option<&'a String>,
    seen: &Value,
    context: &Value,
) -> Result<&'a str, TaskFault> {
    for choice in choices {
        let nowhere = |path: Path| {
            TaskFault::runtime(format!("Invalid path '{path}': a rule of the Choice looks where nothing is."))
        };
        if choice.condition.holds(seen, context).map_err(nowhere)? {
            return Ok(&choice.next);
        }
    }
    let none = || TaskFault::new(faults::NO_CHOICE_MATCHED, "No rule of the Choice was true, and it has no Default.");
    default.map(String::as_str).ok_or_else(none)
}

fn until(delay: &Delay, seen: &Value, context: &Value, now_ms: i64) -> Result<i64, TaskFault> {
    let at = |path: &Path| {
        path.find(seen, context).ok_or_else(|| TaskFault::runtime(format!("Invalid path '{path}': nothing is there.")))
    };
    match delay {
        Delay::Seconds(seconds) => Ok(after(now_ms, *seconds)),
        Delay::SecondsAt(path) => match at(path)?.as_u64() {
            Some(seconds) => Ok(after(now_ms, seconds)),
            None => Err(TaskFault::runtime(format!("'{path}' is not a whole number of seconds."))),
        },
        Delay::Until(at_ms) => Ok(*at_ms),
        Delay::UntilAt(path) => at(path)?
            .as_str()
            .and_then(choice::timestamp_ms)
            .ok_or_else(|| TaskFault::runtime(format!("'{path}' is not a time as in RFC 3339."))),
    }
}

fn failing_text(failing: &Failing, seen: &Value, context: &Value) -> Result<String, TaskFault> {
    match failing {
        Failing::Fixed(text) => Ok(text.clone()),
        Failing::At(path) => path
            .find(seen, context)
            .and_then(Value::as_str)
            .map(str::to_owned)
            .ok_or_else(|| TaskFault::runtime(format!("Invalid path '{path}': no string is there."))),
    }
}
