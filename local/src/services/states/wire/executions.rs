//! Executions: started, stopped and looked at.

use serde::Deserialize;
use serde_json::{Value, json};

use super::{allow, page_behind, page_size, seconds};
use crate::services::{
    fault::Fault,
    router::Principal,
    states::{
        States,
        executions::no_machine,
        store::{self, Direction, Execution, Status},
    },
};

const ERROR_CHARS_MAX: usize = 256;
const CAUSE_CHARS_MAX: usize = 32_768;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct StartExecution {
    state_machine_arn: String,
    name: Option<String>,
    input: Option<String>,
}

pub(super) fn start(states: &States, principal: &Principal, request: StartExecution) -> Result<Value, Fault> {
    allow(states, principal, "StartExecution", &request.state_machine_arn)?;
    let input = request.input.as_deref().unwrap_or("{}");
    let started = states.start_execution(&request.state_machine_arn, request.name.as_deref(), input)?;
    Ok(json!({ "executionArn": started.arn, "startDate": seconds(started.at_ms) }))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct StopExecution {
    execution_arn: String,
    error: Option<String>,
    cause: Option<String>,
}

/// Stopping one that is over changes nothing, and answers when it ended.
pub(super) fn stop(states: &States, principal: &Principal, request: StopExecution) -> Result<Value, Fault> {
    allow(states, principal, "StopExecution", &request.execution_arn)?;
    check_texts(request.error.as_deref(), request.cause.as_deref())?;
    let arn = request.execution_arn;
    let stopped_at_ms = states.engine.write(|database| {
        let now_ms = states.engine.now_ms();
        let aborted = states.change(database, &arn, |run, moment| run.abort(request.error, request.cause, moment))?;
        match aborted {
            Some(()) => Ok(now_ms),
            None => Ok(found(store::execution(database, &arn)?, &arn)?.stopped_at_ms.unwrap_or(now_ms)),
        }
    });
    Ok(json!({ "stopDate": seconds(stopped_at_ms.map_err(|fault: Fault| fault)?) }))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct DescribeExecution {
    execution_arn: String,
    included_data: Option<String>,
}

pub(super) fn describe(states: &States, principal: &Principal, request: &DescribeExecution) -> Result<Value, Fault> {
    allow(states, principal, "DescribeExecution", &request.execution_arn)?;
    let execution = execution(states, &request.execution_arn)?;
    let mut answer = item(&execution);
    if let Some(answer) = answer.as_object_mut() {
        if request.included_data.as_deref() != Some("METADATA_ONLY") {
            answer.insert("input".to_owned(), json!(execution.input));
            answer.insert("inputDetails".to_owned(), json!({ "included": true }));
            if let Some(output) = &execution.output {
                answer.insert("output".to_owned(), json!(output));
                answer.insert("outputDetails".to_owned(), json!({ "included": true }));
            }
        }
        let texts = [("error", &execution.error), ("cause", &execution.cause)];
        answer.extend(texts.into_iter().filter_map(|(name, text)| Some((name.to_owned(), json!(text.as_ref()?)))));
    }
    Ok(answer)
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct ListExecutions {
    state_machine_arn: String,
    status_filter: Option<String>,
    #[serde(default)]
    max_results: usize,
    next_token: Option<String>,
}

pub(super) fn list(states: &States, principal: &Principal, request: &ListExecutions) -> Result<Value, Fault> {
    let machine = &request.state_machine_arn;
    allow(states, principal, "ListExecutions", machine)?;
    let status = match &request.status_filter {
        None => None,
        Some(name) => {
            let unknown = || Fault::new("ValidationException", format!("statusFilter {name} is not known"));
            Some(Status::named(name).ok_or_else(unknown)?)
        }
    };
    let (size, before) = (page_size(request.max_results)?, page_behind(request.next_token.as_ref(), i64::MAX)?);
    let found = states.engine.read(|database| {
        store::machine(database, machine)?.ok_or_else(|| no_machine(machine))?;
        Ok::<_, Fault>(store::executions(database, machine, status, before, size + 1)?)
    })?;
    let next = found.get(size).and_then(|_| found.get(size.checked_sub(1)?));
    let items: Vec<_> = found.iter().take(size).map(item).collect();
    Ok(with_next(json!({ "executions": items }), next.map(|execution| execution.seq)))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct GetExecutionHistory {
    execution_arn: String,
    #[serde(default)]
    reverse_order: bool,
    #[serde(default = "yes")]
    include_execution_data: bool,
    #[serde(default)]
    max_results: usize,
    next_token: Option<String>,
}

fn yes() -> bool {
    true
}

pub(super) fn history(states: &States, principal: &Principal, request: &GetExecutionHistory) -> Result<Value, Fault> {
    allow(states, principal, "GetExecutionHistory", &request.execution_arn)?;
    let execution = execution(states, &request.execution_arn)?;
    let (direction, first) =
        if request.reverse_order { (Direction::Backward, i64::MAX) } else { (Direction::Forward, 0) };
    let (size, behind) = (page_size(request.max_results)?, page_behind(request.next_token.as_ref(), first)?);
    let events = states.engine.read(|database| store::events(database, execution.seq, direction, behind, size + 1))?;
    let next = events.get(size).and_then(|_| events.get(size.checked_sub(1)?));
    let next = next.and_then(|event| i64::try_from(event.id).ok());
    let items = events.into_iter().take(size).map(|event| {
        let mut item = json!({
            "id": event.id,
            "previousEventId": event.previous,
            "timestamp": seconds(event.at_ms),
            "type": event.kind,
        });
        if let (Some(item), Some(Value::Object(mut details))) = (item.as_object_mut(), event.details) {
            if !request.include_execution_data {
                for member in details.values_mut().filter_map(Value::as_object_mut) {
                    member.retain(|name, _| !["input", "output", "parameters"].contains(&name.as_str()));
                }
            }
            item.extend(details);
        }
        item
    });
    Ok(with_next(json!({ "events": items.collect::<Vec<_>>() }), next))
}

/// Whether an error's texts are as short as they must be.
pub(super) fn check_texts(error: Option<&str>, cause: Option<&str>) -> Result<(), Fault> {
    for (name, text, max) in [("error", error, ERROR_CHARS_MAX), ("cause", cause, CAUSE_CHARS_MAX)] {
        if text.is_some_and(|text| text.chars().count() > max) {
            return Err(Fault::new("ValidationException", format!("{name} must have at most {max} characters")));
        }
    }
    Ok(())
}

/// An execution without its data.
fn item(execution: &Execution) -> Value {
    let mut item = json!({
        "executionArn": execution.arn,
        "stateMachineArn": execution.machine_arn,
        "name": execution.name,
        "status": execution.status.name(),
        "startDate": seconds(execution.started_at_ms),
    });
    if let (Some(item), Some(at_ms)) = (item.as_object_mut(), execution.stopped_at_ms) {
        item.insert("stopDate".to_owned(), seconds(at_ms));
    }
    item
}

/// An answer with where the next page begins, if there is one.
pub(super) fn with_next(mut answer: Value, next: Option<i64>) -> Value {
    if let (Some(answer), Some(next)) = (answer.as_object_mut(), next) {
        answer.insert("nextToken".to_owned(), json!(next.to_string()));
    }
    answer
}

pub(super) fn execution(states: &States, arn: &str) -> Result<Execution, Fault> {
    found(states.engine.read(|database| store::execution(database, arn))?, arn)
}

fn found(execution: Option<Execution>, arn: &str) -> Result<Execution, Fault> {
    let message = || format!("Execution Does Not Exist: '{arn}'");
    execution.ok_or_else(|| Fault::new("ExecutionDoesNotExist", message()))
}
