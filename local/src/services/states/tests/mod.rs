//! Step Functions: definitions, runs on a clock that stands still, and the API through the real SDK.

mod api;
mod choices;
mod definitions;
mod errors;
mod limits;
mod parallel;
mod restart;
mod states;
mod tokens;

use std::{
    collections::{BTreeMap, VecDeque},
    path::Path,
    sync::Mutex,
};

use async_trait::async_trait;
use aws_sdk_sfn::{
    Client,
    operation::describe_execution::DescribeExecutionOutput,
    types::{ExecutionStatus, HistoryEvent},
};
use serde_json::{Value, json};

use super::{EventEntry, StateMachineSpec, TaskFault, Tasks};
use crate::services::{
    arn,
    testing::{Rules, World},
};

const FUNCTION: &str = "arn:aws:lambda:eu-west-1:000000000000:function:work";
const INVOKE: &str = "arn:aws:states:::lambda:invoke";
const INVOKE_AND_WAIT: &str = "arn:aws:states:::lambda:invoke.waitForTaskToken";
const SEND: &str = "arn:aws:states:::sqs:sendMessage";
const SEND_AND_WAIT: &str = "arn:aws:states:::sqs:sendMessage.waitForTaskToken";
const PUT: &str = "arn:aws:states:::events:putEvents";
const MACHINE: &str = "machine";

/// Plays functions, queues and buses: it notes what is called, and answers what it was told to, or what it was called with.
#[derive(Default)]
struct Script {
    calls: Mutex<Vec<(String, Value)>>,
    answers: Mutex<BTreeMap<String, VecDeque<Result<Value, TaskFault>>>>,
    together: Option<tokio::sync::Barrier>,
}

impl Script {
    fn will(&self, target: &str, answer: Result<Value, TaskFault>) {
        self.answers.lock().unwrap().entry(target.to_owned()).or_default().push_back(answer);
    }

    async fn called(&self, target: &str, with: Value) -> Result<Value, TaskFault> {
        self.calls.lock().unwrap().push((target.to_owned(), with.clone()));
        if let Some(together) = &self.together {
            together.wait().await;
        }
        self.answers.lock().unwrap().get_mut(target).and_then(VecDeque::pop_front).unwrap_or(Ok(with))
    }
}

#[async_trait]
impl Tasks for Script {
    async fn invoke_lambda(&self, role: &str, function_arn: &str, payload: Value) -> Result<Value, TaskFault> {
        assert_eq!(role, "MachineRole");
        self.called(function_arn, payload).await
    }

    async fn send_message(&self, _: &str, url: &str, body: String, group: Option<String>) -> Result<Value, TaskFault> {
        self.called(url, json!({ "body": body, "group": group })).await
    }

    async fn put_events(&self, _: &str, entries: Vec<EventEntry>) -> Result<Value, TaskFault> {
        self.called("bus", json!(entries)).await
    }
}

fn fault(error: &str) -> Result<Value, TaskFault> {
    Err(TaskFault::new(error, format!("because {error}")))
}

/// One machine in a world of its own.
struct Stage {
    world: World,
    client: Client,
    script: Script,
}

impl Stage {
    fn new(definition: Value) -> Self {
        Self::of(World::new(), definition)
    }

    fn guarded(rules: Rules, definition: Value) -> Self {
        Self::of(World::guarded(rules), definition)
    }

    fn in_folder(dir: &Path, definition: Value) -> Self {
        Self::of(World::in_folder(dir), definition)
    }

    fn of(world: World, definition: Value) -> Self {
        let client = Client::new(&world.config);
        let stage = Self { world, client, script: Script::default() };
        stage.define(MACHINE, definition);
        stage
    }

    fn define(&self, name: &str, definition: Value) {
        let definition = definition.to_string();
        let spec = StateMachineSpec {
            name: name.to_owned(),
            arn: arn::state_machine(name),
            role: "MachineRole".to_owned(),
            definition,
        };
        self.world.aws.states.create_state_machine(&spec).unwrap();
    }

    /// Starts an execution through the SDK, without working on it.
    async fn begin(&self, name: &str, input: &Value) -> String {
        let start = self.client.start_execution().state_machine_arn(arn::state_machine(MACHINE));
        start.name(name).input(input.to_string()).send().await.unwrap().execution_arn
    }

    /// Starts an execution and works until nothing is due.
    async fn start(&self, input: Value) -> String {
        let arn = self.begin("run", &input).await;
        self.settle().await;
        arn
    }

    async fn settle(&self) {
        while self.world.aws.states.pass(&self.script).await.unwrap() {}
        assert!(!self.world.aws.states.waiting().unwrap());
    }

    /// Lets time pass and works.
    async fn later(&self, seconds: i64) {
        self.world.seconds_pass(seconds);
        self.settle().await;
    }

    async fn describe(&self, arn: &str) -> DescribeExecutionOutput {
        self.client.describe_execution().execution_arn(arn).send().await.unwrap()
    }

    async fn status(&self, arn: &str) -> ExecutionStatus {
        self.describe(arn).await.status
    }

    /// What a successful execution gave.
    async fn output(&self, arn: &str) -> Value {
        let description = self.describe(arn).await;
        assert_eq!(description.status, ExecutionStatus::Succeeded, "{description:?}");
        serde_json::from_str(&description.output.unwrap()).unwrap()
    }

    /// Under which name an execution failed.
    async fn error(&self, arn: &str) -> String {
        let description = self.describe(arn).await;
        assert_eq!(description.status, ExecutionStatus::Failed, "{description:?}");
        description.error.unwrap()
    }

    async fn history(&self, arn: &str) -> Vec<HistoryEvent> {
        let pages = self.client.get_execution_history().execution_arn(arn).into_paginator().items().send();
        pages.collect::<Result<Vec<_>, _>>().await.unwrap()
    }

    async fn kinds(&self, arn: &str) -> Vec<String> {
        self.history(arn).await.iter().map(|event| event.r#type.as_str().to_owned()).collect()
    }

    fn calls(&self) -> Vec<(String, Value)> {
        self.script.calls.lock().unwrap().clone()
    }

    /// The token that was handed out last.
    fn token(&self) -> String {
        let calls = self.calls();
        calls.last().unwrap().1["token"].as_str().unwrap().to_owned()
    }

    async fn succeed(&self, token: &str, output: &Value) -> Result<(), String> {
        let sent = self.client.send_task_success().task_token(token).output(output.to_string()).send().await;
        sent.map(drop).map_err(|error| code(&error.into_service_error()))
    }

    async fn fail(&self, token: &str, error: &str) -> Result<(), String> {
        let sent = self.client.send_task_failure().task_token(token).error(error).cause("so").send().await;
        sent.map(drop).map_err(|error| code(&error.into_service_error()))
    }

    async fn heartbeat(&self, token: &str) -> Result<(), String> {
        let sent = self.client.send_task_heartbeat().task_token(token).send().await;
        sent.map(drop).map_err(|error| code(&error.into_service_error()))
    }
}

fn code(error: &impl aws_sdk_sfn::error::ProvideErrorMetadata) -> String {
    error.code().unwrap_or_default().to_owned()
}

/// A machine that is one state, which ends it unless it says otherwise, with whatever else it needs.
fn machine(state: Value, others: Value) -> Value {
    let mut states = json!({ "First": state });
    let ends = ["Task", "Pass", "Wait", "Parallel"].iter().any(|kind| states["First"]["Type"] == *kind);
    if ends && states["First"]["Next"].is_null() && states["First"]["End"].is_null() {
        states["First"]["End"] = json!(true);
    }
    states.as_object_mut().unwrap().extend(others.as_object().unwrap().clone());
    json!({ "StartAt": "First", "States": states })
}

fn alone(state: Value) -> Value {
    machine(state, json!({}))
}

/// A task that calls a function by its own ARN, with more fields.
fn task(more: Value) -> Value {
    let mut task = json!({ "Type": "Task", "Resource": FUNCTION });
    task.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    task
}

/// A task that waits for its token, with more fields.
fn pause(more: Value) -> Value {
    let mut pause = json!({
        "Type": "Task",
        "Resource": INVOKE_AND_WAIT,
        "Parameters": { "FunctionName": FUNCTION, "Payload": { "token.$": "$$.Task.Token" } },
    });
    pause.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    pause
}
