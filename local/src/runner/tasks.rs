//! What state machines call: functions in process, queues and buses through the same door as everybody, each under the
//! permissions of the state machine's role.

use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use http::{Request, header::AUTHORIZATION};
use serde_json::{Value, json};

use super::Lambdas;
use crate::{
    iam::Policies,
    services::{
        Authorizer as _, Aws, EventEntry, TaskFate, TaskFault, Tasks,
        arn::REGION,
        states::faults::{EVENTS_FAILED_ENTRY, LAMBDA_NOT_FOUND, LAMBDA_REFUSED, LAMBDA_UNKNOWN, SQS_REFUSED},
    },
    template::Plan,
};

/// The tasks of a plan's state machines.
pub struct Integrations {
    aws: Arc<Aws>,
    lambdas: Arc<Lambdas>,
    policies: Arc<Policies>,
    plan: Arc<Plan>,
}

/// How one of the services is called.
struct Target {
    service: &'static str,
    operation: &'static str,
    content_type: &'static str,
}

const SEND_MESSAGE: Target =
    Target { service: "sqs", operation: "AmazonSQS.SendMessage", content_type: "application/x-amz-json-1.0" };
const PUT_EVENTS: Target =
    Target { service: "events", operation: "AWSEvents.PutEvents", content_type: "application/x-amz-json-1.1" };

impl Integrations {
    /// Of this plan.
    #[must_use]
    pub fn new(plan: &Arc<Plan>, aws: &Arc<Aws>, lambdas: &Arc<Lambdas>, policies: &Arc<Policies>) -> Self {
        let (aws, lambdas, policies, plan) =
            (Arc::clone(aws), Arc::clone(lambdas), Arc::clone(policies), Arc::clone(plan));
        Self { aws, lambdas, policies, plan }
    }

    /// One call in the service's own wire format, as the role; an error comes back as its text.
    async fn call(&self, role: &str, target: &Target, body: &Value) -> Result<Value, String> {
        let service = target.service;
        let signed = format!("AWS4-HMAC-SHA256 Credential={role}/20260101/{REGION}/{service}/aws4_request");
        let request = Request::post("/")
            .header(AUTHORIZATION, signed)
            .header("content-type", target.content_type)
            .header("x-amz-target", target.operation)
            .body(Bytes::from(body.to_string()));
        let response = self.aws.call(request.map_err(|error| error.to_string())?).await;
        let answer: Value = serde_json::from_slice(response.body()).map_err(|error| error.to_string())?;
        if response.status().is_success() {
            return Ok(answer);
        }
        let said = answer.get("message").and_then(Value::as_str);
        Err(said.map_or_else(|| answer.to_string(), str::to_owned))
    }
}

#[async_trait]
impl Tasks for Integrations {
    async fn invoke_lambda(&self, role: &str, function_arn: &str, payload: Value) -> Result<Value, TaskFault> {
        let known = |arn: &str, name: &str| arn == function_arn || name == function_arn;
        let function = self.plan.functions.iter().find(|it| known(&it.arn, &it.function_name));
        let missing = || TaskFault::new(LAMBDA_NOT_FOUND, format!("Function not found: {function_arn}"));
        let function = function.ok_or_else(missing)?;
        self.policies
            .allow(role, "lambda:InvokeFunction", &function.arn)
            .map_err(|denied| TaskFault::new(LAMBDA_REFUSED, denied.to_string()))?;
        let answer = self.lambdas.invoke(&function.logical_id, payload.to_string().into()).await;
        let answer = answer.map_err(|error| {
            let cause = json!({ "errorType": error.error_type, "errorMessage": error.message });
            TaskFault::new(error.error_type, cause.to_string())
        })?;
        if answer.is_empty() {
            return Ok(Value::Null);
        }
        serde_json::from_slice(&answer)
            .map_err(|error| TaskFault::new(LAMBDA_UNKNOWN, format!("the answer is no JSON: {error}")))
    }

    async fn send_message(
        &self,
        role: &str,
        queue_url: &str,
        body: String,
        group: Option<String>,
    ) -> Result<Value, TaskFault> {
        let mut message = json!({ "QueueUrl": queue_url, "MessageBody": body });
        if let (Some(group), Some(message)) = (group, message.as_object_mut()) {
            message.insert("MessageGroupId".to_owned(), Value::String(group));
        }
        let sent = self.call(role, &SEND_MESSAGE, &message).await;
        sent.map_err(|reason| TaskFault::new(SQS_REFUSED, reason))
    }

    fn fate(&self, state: &str) -> TaskFate {
        self.lambdas.faults().map_or(TaskFate::Pass, |faults| faults.task(state))
    }

    async fn put_events(&self, role: &str, entries: Vec<EventEntry>) -> Result<Value, TaskFault> {
        let entries = entries.iter().map(|entry| {
            json!({
                "EventBusName": entry.bus,
                "Source": entry.source,
                "DetailType": entry.detail_type,
                "Detail": entry.detail,
                "Resources": entry.resources,
            })
        });
        let put = self.call(role, &PUT_EVENTS, &json!({ "Entries": entries.collect::<Vec<_>>() })).await;
        let put = put.map_err(|reason| TaskFault::new(EVENTS_FAILED_ENTRY, reason))?;
        if put.get("FailedEntryCount").and_then(Value::as_u64) == Some(0) {
            Ok(put)
        } else {
            Err(TaskFault::new(EVENTS_FAILED_ENTRY, put.to_string()))
        }
    }
}
