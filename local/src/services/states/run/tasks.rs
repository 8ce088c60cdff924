//! Tasks: called, answered, waited for, given up.

use serde_json::{Value, json};

use super::{Attempt, Moment, PendingCall, Phase, Run, after, data};
use crate::services::{
    arn::REGION,
    states::{
        definition::{Service, State, Style, TIMEOUT_S_MAX, Task},
        faults,
        tasks::{Call, TaskFault},
        token,
    },
};

/// When there is something to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::services::states) struct Due {
    /// Now.
    pub ready: bool,
    /// Then, if nothing else happens before.
    pub at_ms: Option<i64>,
}

/// Why a token is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::services::states) enum TokenError {
    /// It never was one of this task's.
    Foreign,
    /// Nothing waits for it any more.
    Over,
}

impl Attempt {
    pub(super) fn due_ms(&self) -> i64 {
        self.silent_at_ms.map_or(self.times_out_at_ms, |at_ms| at_ms.min(self.times_out_at_ms))
    }
}

impl Run {
    pub(super) fn begin_task(
        &mut self,
        id: u64,
        state: &State,
        task: &Task,
        moment: &Moment<'_>,
    ) -> Result<(), TaskFault> {
        let number = self.next_number();
        let Some(branch) = self.branches.get(&id) else { return Ok(()) };
        let execution = moment.execution;
        let token = match task.style {
            Style::Response => None,
            Style::Token => Some(token::write(&execution.arn, number, (moment.next_id)())),
        };
        let context = branch.context(token.as_deref(), moment);
        let seen = data::input(state, &branch.input, &context)?;
        let parameters = data::parameters(state, &seen, &context)?;
        let call = Call::of(&task.service, &task.resource, &parameters, [&execution.arn, &execution.machine_arn])?;
        self.note_scheduled(id, task, &parameters, moment);
        self.set_phase(
            id,
            Phase::Task(Attempt {
                number,
                token,
                call: Some(call),
                times_out_at_ms: after(moment.now_ms, task.timeout_s.unwrap_or(TIMEOUT_S_MAX)),
                silent_at_ms: task.heartbeat_s.map(|heartbeat_s| after(moment.now_ms, heartbeat_s)),
            }),
        );
        Ok(())
    }

    /// The calls that are to be made now.
    pub fn calls(&self) -> Vec<PendingCall> {
        let calls = self.branches.values().filter_map(|branch| match &branch.phase {
            Phase::Task(attempt) => {
                Some(PendingCall { attempt: attempt.number, state: branch.state.clone(), call: attempt.call.clone()? })
            }
            Phase::Arrived | Phase::Until { .. } | Phase::Forked { .. } => None,
        });
        calls.collect()
    }

    /// A call was answered. An attempt that is over meanwhile does not care.
    pub fn answered(&mut self, number: u64, answer: Result<Value, TaskFault>, moment: &Moment<'_>) {
        let Some((id, attempt)) = self.attempt_of(number) else { return };
        if attempt.due_ms() <= moment.now_ms {
            return self.give_up_task(id, moment);
        }
        let waits = attempt.token.is_some();
        attempt.call = None;
        match answer {
            Ok(result) if waits => {
                let output = [("output", json!(result.to_string())), ("outputDetails", json!({ "truncated": false }))];
                self.note_task(id, "Submitted", &output, moment);
            }
            Ok(result) => self.succeed_task(id, result, moment),
            Err(fault) => self.fail_task(id, fault, moment),
        }
        self.keep_within_limit(moment);
    }

    /// A token was brought back with the task's result.
    pub fn succeeded(
        &mut self,
        number: u64,
        token: &str,
        result: Value,
        moment: &Moment<'_>,
    ) -> Result<(), TokenError> {
        let id = self.waiting_for(number, token, moment)?;
        self.succeed_task(id, result, moment);
        self.keep_within_limit(moment);
        Ok(())
    }

    /// A token was brought back with an error.
    pub fn failed(
        &mut self,
        number: u64,
        token: &str,
        fault: TaskFault,
        moment: &Moment<'_>,
    ) -> Result<(), TokenError> {
        let id = self.waiting_for(number, token, moment)?;
        self.fail_task(id, fault, moment);
        self.keep_within_limit(moment);
        Ok(())
    }

    /// Whoever has the token is still at it.
    pub fn heard_of(&mut self, number: u64, token: &str, moment: &Moment<'_>) -> Result<(), TokenError> {
        let id = self.waiting_for(number, token, moment)?;
        let heartbeat_s = self.task_of(id, moment).and_then(|task| task.heartbeat_s);
        if let Some((_, attempt)) = self.attempt_of(number) {
            attempt.silent_at_ms = heartbeat_s.map(|heartbeat_s| after(moment.now_ms, heartbeat_s));
        }
        Ok(())
    }

    /// Too much time has passed.
    pub(super) fn give_up_task(&mut self, id: u64, moment: &Moment<'_>) {
        let Some(branch) = self.branches.get(&id) else { return };
        let Phase::Task(attempt) = &branch.phase else { return };
        let error = if attempt.times_out_at_ms <= moment.now_ms { faults::TIMEOUT } else { faults::HEARTBEAT_TIMEOUT };
        self.note_task(id, "TimedOut", &[("error", json!(error))], moment);
        self.fail(id, TaskFault::new(error, ""), moment);
    }

    fn succeed_task(&mut self, id: u64, result: Value, moment: &Moment<'_>) {
        let output = [("output", json!(result.to_string())), ("outputDetails", json!({ "truncated": false }))];
        self.note_task(id, "Succeeded", &output, moment);
        self.conclude(id, result, moment);
    }

    fn fail_task(&mut self, id: u64, fault: TaskFault, moment: &Moment<'_>) {
        self.note_task(id, "Failed", &[("error", json!(fault.error)), ("cause", json!(fault.cause))], moment);
        self.fail(id, fault, moment);
    }

    fn attempt_of(&mut self, number: u64) -> Option<(u64, &mut Attempt)> {
        self.branches.iter_mut().find_map(|(id, branch)| match &mut branch.phase {
            Phase::Task(attempt) if attempt.number == number => Some((*id, attempt)),
            Phase::Task(_) | Phase::Arrived | Phase::Until { .. } | Phase::Forked { .. } => None,
        })
    }

    fn waiting_for(&mut self, number: u64, token: &str, moment: &Moment<'_>) -> Result<u64, TokenError> {
        let (id, attempt) = self.attempt_of(number).ok_or(TokenError::Over)?;
        if attempt.token.as_deref() != Some(token) {
            return Err(TokenError::Foreign);
        }
        if attempt.due_ms() <= moment.now_ms {
            return Err(TokenError::Over);
        }
        Ok(id)
    }

    fn task_of<'a>(&self, id: u64, moment: &Moment<'a>) -> Option<&'a Task> {
        moment.definition.state(&self.branches.get(&id)?.state)?.task()
    }

    fn note_scheduled(&mut self, id: u64, task: &Task, parameters: &Value, moment: &Moment<'_>) {
        let parameters = parameters.to_string();
        let input = match task.service {
            Service::Function => [("input", json!(parameters)), ("inputDetails", json!({ "truncated": false }))],
            Service::LambdaInvoke | Service::SendMessage | Service::PutEvents => {
                [("parameters", json!(parameters)), ("region", json!(REGION))]
            }
        };
        let timeouts = [("timeoutInSeconds", task.timeout_s), ("heartbeatInSeconds", task.heartbeat_s)];
        let timeouts = timeouts.into_iter().filter_map(|(name, seconds)| Some((name, json!(seconds?))));
        let details: Vec<_> = input.into_iter().chain(timeouts).collect();
        self.note_task(id, "Scheduled", &details, moment);
        self.note_task(id, "Started", &[], moment);
    }

    /// Adds an event of a task. Functions that are called by their own ARN have events of their own, which do not name them again.
    fn note_task(&mut self, id: u64, what: &str, details: &[(&str, Value)], moment: &Moment<'_>) {
        let Some(task) = self.task_of(id, moment) else { return };
        let named = match task.service {
            Service::Function if what == "Scheduled" => vec![("resource", task.resource.as_str())],
            Service::Function => Vec::new(),
            Service::LambdaInvoke | Service::SendMessage | Service::PutEvents => {
                let called = task.resource.trim_start_matches("arn:aws:states:::");
                let (kind, resource) = called.split_once(':').unwrap_or(("", called));
                vec![("resourceType", kind), ("resource", resource)]
            }
        };
        let kind = match task.service {
            Service::Function => format!("LambdaFunction{what}"),
            Service::LambdaInvoke | Service::SendMessage | Service::PutEvents => format!("Task{what}"),
        };
        let named = named.into_iter().map(|(name, value)| (name.to_owned(), json!(value)));
        let details = named.chain(details.iter().map(|(name, value)| ((*name).to_owned(), value.clone())));
        let details: serde_json::Map<_, _> = details.collect();
        let member = format!(
            "{}{}EventDetails",
            kind.get(..1).unwrap_or_default().to_lowercase(),
            kind.get(1..).unwrap_or_default()
        );
        let details = (!details.is_empty()).then(|| json!({ member: details }));
        self.note_of(id, kind, details, moment);
    }
}
