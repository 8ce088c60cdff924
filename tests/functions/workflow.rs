//! The onboarding workflow, held at whatever it asks others for.

use std::sync::Mutex;

use async_trait::async_trait;
use bytes::Bytes;
use granary::services::{EventEntry, OPERATOR, TaskFault, Tasks};
use serde_json::{Value, json};

use super::{
    samples::{job, with_job},
    scenarios::invoke,
};
use crate::support::Bank;

/// The execution that the application of a sample starts.
pub struct Workflow<'a> {
    bank: &'a Bank,
    asked: Held,
}

/// What was asked for, and is not done.
#[derive(Default)]
struct Held(Mutex<Vec<Value>>);

impl<'a> Workflow<'a> {
    /// Starts it as a bank does, with the event that tells of the application.
    pub async fn start(bank: &'a Bank, submitted: &Value) -> Self {
        invoke(bank, "StartOnboarding", submitted).await;
        Self { bank, asked: Held::default() }
    }

    /// What it asks for when it can do nothing more by itself.
    pub async fn asks(&self) -> Value {
        while self.bank.local.aws().states.pass(&self.asked).await.unwrap() {}
        self.asked.0.lock().unwrap().pop().expect("the workflow asks for something")
    }

    /// Answers what it asked for.
    pub async fn answer(&self, asked: &Value, output: &Value) {
        let told = json!({ "taskToken": asked["taskToken"], "output": output.to_string() });
        call(self.bank, "SendTaskSuccess", &told).await;
    }

    /// Goes on to where it waits for the identity check's result, and answers what it asks for there.
    pub async fn awaits_identity(&self) -> Value {
        self.answer(&self.asks().await, &json!({ "standing": "open" })).await;
        self.asks().await
    }

    /// Goes on to where it has somebody looked for, and answers what it asks for there: three things at once.
    pub async fn screens(&self) -> Vec<Value> {
        self.answer(&self.awaits_identity().await, &json!({ "result": "approved" })).await;
        let mut asked = vec![self.asks().await];
        asked.append(&mut self.asked.0.lock().unwrap());
        asked.sort_by_key(|it| it["check"].to_string());
        asked
    }

    /// Goes on to where it waits for the accounts, and answers what it asks for there.
    pub async fn awaits_accounts(&self) -> Value {
        for asked in self.screens().await {
            self.answer(&asked, &json!({ "outcome": "clear" })).await;
        }
        self.asks().await
    }

    /// Goes on to where it has the customer welcomed, and answers what it asks for there.
    pub async fn welcomes(&self) -> Value {
        self.answer(&self.awaits_accounts().await, &json!({})).await;
        self.answer(&self.asks().await, &json!({})).await;
        self.asks().await
    }
}

/// The sample with the token of what a workflow really asks for, which must be the same otherwise.
pub fn asked_for(sample: Value, asked: &Value) -> Value {
    let mut job = job(&sample);
    job["taskToken"] = asked["taskToken"].clone();
    assert_eq!(&job, asked, "the sample is not what the workflow asks for");
    with_job(sample, &job)
}

/// Every execution with its history, as JSON.
pub async fn executions(bank: &Bank) -> Vec<String> {
    let mut executions = Vec::new();
    for machine in &bank.local.plan().state_machines {
        let list = call(bank, "ListExecutions", &json!({ "stateMachineArn": machine.arn })).await;
        for execution in list["executions"].as_array().unwrap() {
            let execution = json!({ "executionArn": execution["executionArn"] });
            let standing = call(bank, "DescribeExecution", &execution).await;
            let history = call(bank, "GetExecutionHistory", &execution).await;
            assert!(history.get("nextToken").is_none(), "the test reads one page only");
            executions.push(format!("{standing} {}", history["events"]));
        }
    }
    executions
}

/// One call of Step Functions as the owner of the bank, in plain JSON: the SDK's types hide what executions hold.
async fn call(bank: &Bank, operation: &str, input: &Value) -> Value {
    let signed = format!("AWS4-HMAC-SHA256 Credential={OPERATOR}/20260101/eu-west-1/states/aws4_request");
    let request = http::Request::post("/")
        .header("authorization", signed)
        .header("content-type", "application/x-amz-json-1.0")
        .header("x-amz-target", format!("AWSStepFunctions.{operation}"))
        .body(Bytes::from(input.to_string()))
        .unwrap();
    let response = bank.local.aws().call(request).await;
    let text = String::from_utf8(response.body().to_vec()).unwrap();
    assert!(response.status().is_success(), "{operation}: {text}");
    serde_json::from_str(&text).unwrap()
}

#[async_trait]
impl Tasks for Held {
    async fn invoke_lambda(&self, _: &str, _: &str, payload: Value) -> Result<Value, TaskFault> {
        // What is asked without a token answers at once: nothing speaks against anybody here.
        let asks = payload.get("taskToken").is_some();
        if asks {
            self.0.lock().unwrap().push(payload);
        }
        Ok(json!({ "verdict": "approve" }))
    }

    async fn send_message(&self, _: &str, _: &str, body: String, _: Option<String>) -> Result<Value, TaskFault> {
        self.0.lock().unwrap().push(serde_json::from_str(&body).unwrap());
        Ok(json!({ "MessageId": "held", "MD5OfMessageBody": "held" }))
    }

    async fn put_events(&self, _: &str, _: Vec<EventEntry>) -> Result<Value, TaskFault> {
        panic!("no workflow here puts events")
    }
}
