//! Tokens that are brought back.

use serde::Deserialize;
use serde_json::{Value, json};

use super::{allow, executions::check_texts};
use crate::services::{
    fault::Fault,
    router::Principal,
    states::{
        States,
        run::{BYTES_MAX, Moment, Run, TokenError},
        store,
        tasks::TaskFault,
        token::{self, Bearer},
    },
};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct SendTaskSuccess {
    task_token: String,
    output: String,
}

pub(super) fn succeed(states: &States, principal: &Principal, request: &SendTaskSuccess) -> Result<Value, Fault> {
    let invalid =
        || Fault::new("InvalidOutput", format!("Invalid Output: it must be JSON of at most {BYTES_MAX} bytes"));
    let output = Some(&request.output).filter(|output| output.len() <= BYTES_MAX);
    let output: Value = output.and_then(|output| serde_json::from_str(output).ok()).ok_or_else(invalid)?;
    let token = &request.task_token;
    bring_back(states, principal, "SendTaskSuccess", token, |run, attempt, moment| {
        run.succeeded(attempt, token, output, moment)
    })
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct SendTaskFailure {
    task_token: String,
    error: Option<String>,
    cause: Option<String>,
}

pub(super) fn fail(states: &States, principal: &Principal, request: SendTaskFailure) -> Result<Value, Fault> {
    check_texts(request.error.as_deref(), request.cause.as_deref())?;
    let fault = TaskFault::new(request.error.unwrap_or_default(), request.cause.unwrap_or_default());
    let token = request.task_token;
    bring_back(states, principal, "SendTaskFailure", &token, |run, attempt, moment| {
        run.failed(attempt, &token, fault, moment)
    })
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct SendTaskHeartbeat {
    task_token: String,
}

pub(super) fn heartbeat(states: &States, principal: &Principal, request: &SendTaskHeartbeat) -> Result<Value, Fault> {
    let token = &request.task_token;
    bring_back(states, principal, "SendTaskHeartbeat", token, |run, attempt, moment| {
        run.heard_of(attempt, token, moment)
    })
}

/// Gives a token to the run that waits for it.
///
/// The reference lists no resource for these actions; in fact AWS asks for the state machine whose task it is, and names that one when
/// it refuses. So does this.
fn bring_back(
    states: &States,
    principal: &Principal,
    action: &str,
    token: &str,
    change: impl FnOnce(&mut Run, u64, &Moment<'_>) -> Result<(), TokenError>,
) -> Result<Value, Fault> {
    let Bearer { execution: arn, attempt } = token::read(token).ok_or_else(invalid)?;
    states.engine.write(|database| {
        let Some(execution) = store::execution(database, &arn)? else {
            return Err(Fault::new("TaskDoesNotExist", "Task Does Not Exist"));
        };
        allow(states, principal, action, &execution.machine_arn)?;
        match states.change(database, &arn, |run, moment| change(run, attempt, moment))? {
            Some(Ok(())) => Ok(()),
            Some(Err(TokenError::Foreign)) => Err(invalid()),
            Some(Err(TokenError::Over)) | None => {
                Err(Fault::new("TaskTimedOut", "Task Timed Out: 'Provided task does not exist anymore'"))
            }
        }
    })?;
    states.engine.announce();
    Ok(json!({}))
}

fn invalid() -> Fault {
    Fault::new("InvalidToken", "Invalid Token: 'Invalid token'")
}
