//! Step Functions: tokens that somebody brings back, or does not.

use std::time::Duration;

use aws_sdk_sfn::types::ExecutionStatus as Status;
use serde_json::{Value, json};

use super::{Case, case};
use crate::conformance::{
    finding::{Finding, holds, refused, same},
    kit::SOON,
    target::Ask,
};

const TOKENS: &str = "AWS Step Functions Developer Guide, Wait for a Callback with Task Token";
const HEARTBEAT: &str = "AWS Step Functions Developer Guide, Configure a Heartbeat Timeout for a Waiting Task";
const SUCCESS: &str = "AWS Step Functions API Reference, SendTaskSuccess";
const FAILURE: &str = "AWS Step Functions API Reference, SendTaskFailure";

/// The questions of this file.
pub fn cases() -> Vec<Case> {
    vec![
        case("Task tokens: it waits until the token is brought back, and takes the answer", TOKENS, "asked", success),
        case("Task tokens: a failure is caught by its name", FAILURE, "asked", failure),
        case("Task tokens: a failure may be tried again, with another token", FAILURE, "asked", tried_again),
        case("Task tokens: a token that was brought back is worth nothing more", SUCCESS, "asked", used),
        case("Task tokens: a token that is none is refused", SUCCESS, "asked", invalid),
        case("Task tokens: an answer that is no JSON is refused", SUCCESS, "asked", no_json),
        case("Task tokens: whoever says nothing for too long is given up", HEARTBEAT, "asked", silent),
        case("Task tokens: heartbeats keep it alive, but not longer than its timeout", HEARTBEAT, "asked", late),
        case("Task tokens: after its time a token is worth nothing more", SUCCESS, "asked", too_late),
    ]
}

/// Starts an execution, and answers it with the token that it asks with.
async fn asked(ask: &Ask) -> Result<(String, String), Finding> {
    let execution = ask.start("token", &json!({ "case": ask.id })).await?;
    Ok((execution, token(ask, 0).await?))
}

async fn token(ask: &Ask, tried: i64) -> Result<String, Finding> {
    let message = ask.next("asked").await?;
    ask.delete("asked", &message).await?;
    let body: Value = serde_json::from_str(message.body().unwrap_or_default())?;
    same("how often it was tried before", &body["tried"], &json!(tried))?;
    Ok(body["token"].as_str().unwrap_or_default().to_owned())
}

async fn end(ask: &Ask, execution: &str) -> Result<Value, Finding> {
    let over = ask.over(execution, SOON).await?;
    same("the status", over.status(), &Status::Succeeded)?;
    Ok(serde_json::from_str(over.output().unwrap_or_default())?)
}

async fn success(ask: Ask) -> Result<(), Finding> {
    let (execution, token) = asked(&ask).await?;
    ask.pass(Duration::from_secs(1)).await?;
    let described = ask.states.describe_execution().execution_arn(&execution).send().await?;
    same("the status before", described.status(), &Status::Running)?;
    let answer = json!({ "approved": true, "list": [1, null] });
    ask.states.send_task_success().task_token(token).output(answer.to_string()).send().await?;
    let output = end(&ask, &execution).await?;
    same("the end", &output["end"], "answered")?;
    same("the answer", &output["answer"], &answer)?;
    same("what was there before", &output["case"], ask.id.as_str())
}

async fn failure(ask: Ask) -> Result<(), Finding> {
    let (execution, token) = asked(&ask).await?;
    ask.states.send_task_failure().task_token(token).error("Rejected").cause("no document").send().await?;
    let output = end(&ask, &execution).await?;
    same("the end", &output["end"], "refused")?;
    same("the failure", &output["failure"], &json!({ "Error": "Rejected", "Cause": "no document" }))
}

async fn tried_again(ask: Ask) -> Result<(), Finding> {
    let (execution, first) = asked(&ask).await?;
    ask.states.send_task_failure().task_token(&first).error("Again").send().await?;
    ask.pass(Duration::from_millis(1_100)).await?;
    let second = token(&ask, 1).await?;
    holds("each attempt has a token of its own", first != second)?;
    let late = ask.states.send_task_success().task_token(first).output("{}").send().await;
    refused("the first token", late, &["TaskTimedOut", "TaskDoesNotExist", "InvalidToken"])?;
    ask.states.send_task_success().task_token(second).output(r#""done""#).send().await?;
    same("the answer", &end(&ask, &execution).await?["answer"], "done")
}

async fn used(ask: Ask) -> Result<(), Finding> {
    let (execution, token) = asked(&ask).await?;
    let bring = || ask.states.send_task_success().task_token(&token).output(r#""first""#).send();
    bring().await?;
    let output = end(&ask, &execution).await?;
    same("the answer", &output["answer"], "first")?;
    refused("the second time", bring().await, &["TaskTimedOut", "TaskDoesNotExist", "InvalidToken"])
}

async fn invalid(ask: Ask) -> Result<(), Finding> {
    let bring = ask.states.send_task_success().task_token("junk").output("{}").send().await;
    refused("success", bring, &["InvalidToken"])?;
    let bring = ask.states.send_task_failure().task_token("junk").send().await;
    refused("failure", bring, &["InvalidToken"])?;
    refused("heartbeat", ask.states.send_task_heartbeat().task_token("junk").send().await, &["InvalidToken"])
}

async fn no_json(ask: Ask) -> Result<(), Finding> {
    let (execution, token) = asked(&ask).await?;
    let bring = |output: &str| ask.states.send_task_success().task_token(&token).output(output).send();
    refused("no JSON", bring("{").await, &["InvalidOutput"])?;
    bring("{}").await?;
    same("the answer", &end(&ask, &execution).await?["answer"], &json!({}))
}

async fn silent(ask: Ask) -> Result<(), Finding> {
    let (execution, _) = asked(&ask).await?;
    ask.pass(Duration::from_millis(4_200)).await?;
    let output = end(&ask, &execution).await?;
    same("the end", &output["end"], "silent")?;
    same("the error", &output["failure"]["Error"], "States.HeartbeatTimeout")
}

async fn late(ask: Ask) -> Result<(), Finding> {
    let (execution, token) = asked(&ask).await?;
    for _ in 0..3 {
        ask.pass(Duration::from_secs(2)).await?;
        ask.states.send_task_heartbeat().task_token(&token).send().await?;
    }
    let described = ask.states.describe_execution().execution_arn(&execution).send().await?;
    same("the status after three heartbeats", described.status(), &Status::Running)?;
    ask.pass(Duration::from_millis(2_300)).await?;
    let output = end(&ask, &execution).await?;
    same("the end", &output["end"], "late")?;
    same("the error", &output["failure"]["Error"], "States.Timeout")
}

async fn too_late(ask: Ask) -> Result<(), Finding> {
    let (execution, token) = asked(&ask).await?;
    ask.pass(Duration::from_millis(4_200)).await?;
    end(&ask, &execution).await?;
    let bring = ask.states.send_task_success().task_token(token).output("{}").send().await;
    refused("bringing it back", bring, &["TaskTimedOut", "TaskDoesNotExist"])
}
