//! State machines, looked at. What makes them is the template.

use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    allow,
    executions::{self, with_next},
    page_behind, page_size, seconds,
};
use crate::services::{
    arn,
    fault::Fault,
    router::Principal,
    states::{States, executions::no_machine, store},
};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct DescribeStateMachine {
    state_machine_arn: String,
}

pub(super) fn describe(states: &States, principal: &Principal, request: &DescribeStateMachine) -> Result<Value, Fault> {
    let arn = &request.state_machine_arn;
    allow(states, principal, "DescribeStateMachine", arn)?;
    states.engine.read(|database| {
        let machine = store::machine(database, arn)?.ok_or_else(|| no_machine(arn))?;
        Ok(json!({
            "stateMachineArn": machine.arn,
            "name": machine.name,
            "status": "ACTIVE",
            "type": "STANDARD",
            "definition": store::definition(database, &machine.definition_hash)?,
            "roleArn": arn::role(&machine.role),
            "creationDate": seconds(machine.created_at_ms),
        }))
    })
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct DescribeStateMachineForExecution {
    execution_arn: String,
}

/// The state machine as it was when an execution was started.
pub(super) fn describe_for(
    states: &States,
    principal: &Principal,
    request: &DescribeStateMachineForExecution,
) -> Result<Value, Fault> {
    allow(states, principal, "DescribeStateMachineForExecution", &request.execution_arn)?;
    let execution = executions::execution(states, &request.execution_arn)?;
    let definition = states.engine.read(|database| store::definition(database, &execution.definition_hash))?;
    Ok(json!({
        "stateMachineArn": execution.machine_arn,
        "name": arn::name(&execution.machine_arn),
        "definition": definition,
        "roleArn": arn::role(&execution.role),
        "updateDate": seconds(execution.started_at_ms),
    }))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct ListStateMachines {
    #[serde(default)]
    max_results: usize,
    next_token: Option<String>,
}

pub(super) fn list(states: &States, principal: &Principal, request: &ListStateMachines) -> Result<Value, Fault> {
    allow(states, principal, "ListStateMachines", "*")?;
    let behind = usize::try_from(page_behind(request.next_token.as_ref(), 0)?).unwrap_or(usize::MAX);
    let end = behind.saturating_add(page_size(request.max_results)?);
    let machines = states.engine.read(store::machines)?;
    let next = (machines.len() > end).then(|| i64::try_from(end).unwrap_or(i64::MAX));
    let page = machines.into_iter().take(end).skip(behind).map(|machine| {
        json!({
            "stateMachineArn": machine.arn,
            "name": machine.name,
            "type": "STANDARD",
            "creationDate": seconds(machine.created_at_ms),
        })
    });
    Ok(with_next(json!({ "stateMachines": page.collect::<Vec<_>>() }), next))
}
