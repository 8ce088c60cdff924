//! Step Functions on the wire.

mod executions;
mod machines;
mod tokens;

use bytes::Bytes;
use http::{Request, Response};
use serde_json::Value;

use super::{States, StatesError};
use crate::services::{
    fault::Fault,
    json::{self, Dialect},
    router::Principal,
};

const DIALECT: Dialect = Dialect {
    target: "AWSStepFunctions.",
    content_type: "application/x-amz-json-1.0",
    namespace: "com.amazonaws.swf.service.v2.model",
};

const PAGE_DEFAULT: usize = 100;
const PAGE_MAX: usize = 1_000;

/// Answers one call.
pub(super) fn handle(states: &States, principal: &Principal, request: &Request<Bytes>) -> Response<Bytes> {
    let operation = DIALECT.operation(request).unwrap_or("without an AWSStepFunctions x-amz-target");
    DIALECT.respond(run(states, principal, operation, request.body()))
}

fn run(states: &States, principal: &Principal, operation: &str, body: &[u8]) -> Result<Bytes, Fault> {
    let answer = match operation {
        "StartExecution" => executions::start(states, principal, json::read(body)?),
        "StopExecution" => executions::stop(states, principal, json::read(body)?),
        "DescribeExecution" => executions::describe(states, principal, &json::read(body)?),
        "ListExecutions" => executions::list(states, principal, &json::read(body)?),
        "GetExecutionHistory" => executions::history(states, principal, &json::read(body)?),
        "DescribeStateMachine" => machines::describe(states, principal, &json::read(body)?),
        "DescribeStateMachineForExecution" => machines::describe_for(states, principal, &json::read(body)?),
        "ListStateMachines" => machines::list(states, principal, &json::read(body)?),
        "SendTaskSuccess" => tokens::succeed(states, principal, &json::read(body)?),
        "SendTaskFailure" => tokens::fail(states, principal, json::read(body)?),
        "SendTaskHeartbeat" => tokens::heartbeat(states, principal, &json::read(body)?),
        other => Err(Fault::unknown_operation("Step Functions", other)),
    }?;
    json::write(&answer)
}

impl From<StatesError> for Fault {
    fn from(error: StatesError) -> Self {
        match error {
            StatesError::Refused { code, message } => Self::new(code, message),
            StatesError::Engine(error) => error.into(),
            StatesError::Definition { .. } => Self::new("InvalidDefinition", error.to_string()),
        }
    }
}

/// May `principal` do this with that?
fn allow(states: &States, principal: &Principal, action: &str, resource: &str) -> Result<(), Fault> {
    let allowed = states.gate.allow(principal, &format!("states:{action}"), resource);
    allowed.map_err(|denied| Fault::denied(&denied))
}

/// A time as the JSON protocols write it, in seconds; the milliseconds stand behind the point.
fn seconds(at_ms: i64) -> Value {
    let text = format!("{}.{:03}", at_ms.div_euclid(1_000), at_ms.rem_euclid(1_000));
    serde_json::from_str(&text).unwrap_or(Value::Null)
}

/// How many are asked for, 0 being the default.
fn page_size(max_results: usize) -> Result<usize, Fault> {
    match max_results {
        0 => Ok(PAGE_DEFAULT),
        size if size <= PAGE_MAX => Ok(size),
        _ => Err(Fault::new("ValidationException", format!("maxResults must be at most {PAGE_MAX}"))),
    }
}

/// Behind which number a page begins; the first one begins behind `first`.
fn page_behind(next_token: Option<&String>, first: i64) -> Result<i64, Fault> {
    let invalid = |_| Fault::new("InvalidToken", "Invalid Token: 'Invalid token'");
    next_token.map_or(Ok(first), |text| text.parse().map_err(invalid))
}
