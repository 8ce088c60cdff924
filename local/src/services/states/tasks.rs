//! What tasks call: the border to functions, queues and buses.

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{definition::Service, faults};

/// Carries out what tasks ask for, under the permissions of the state machine's role.
#[async_trait]
pub trait Tasks: Send + Sync {
    /// Invokes a function and waits for its answer, which is its own JSON.
    ///
    /// # Errors
    /// Of a function that failed: the type of its error, and the error as JSON for its cause.
    async fn invoke_lambda(&self, role: &str, function_arn: &str, payload: Value) -> Result<Value, TaskFault>;

    /// Puts a message into a queue; answers `MessageId` and `MD5OfMessageBody`.
    ///
    /// # Errors
    /// When the queue does not take it.
    async fn send_message(
        &self,
        role: &str,
        queue_url: &str,
        body: String,
        group: Option<String>,
    ) -> Result<Value, TaskFault>;

    /// Puts events onto their buses; answers `Entries` and `FailedEntryCount`.
    ///
    /// # Errors
    /// When not every one was taken.
    async fn put_events(&self, role: &str, entries: Vec<EventEntry>) -> Result<Value, TaskFault>;

    /// Asked before each call of a task, by its state: what is to become of it.
    fn fate(&self, state: &str) -> TaskFate {
        let _unread = state;
        TaskFate::Pass
    }
}

/// What becomes of a call of a task.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TaskFate {
    /// Nothing special.
    Pass,
    /// It is not made, and fails by an error of this name.
    Fails(String),
    /// It is made twice, one after the other.
    Twice,
    /// It is made, and the process dies before it learns so.
    DiesAfter,
}

/// How a task failed: the name that `Retry` and `Catch` look for, and for people why.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{error}: {cause}")]
pub struct TaskFault {
    /// The name.
    pub error: String,
    /// Why.
    pub cause: String,
}

impl TaskFault {
    /// A failure.
    #[must_use]
    pub fn new(error: impl Into<String>, cause: impl Into<String>) -> Self {
        Self { error: error.into(), cause: cause.into() }
    }

    /// The definition does not fit the data.
    pub(super) fn runtime(cause: impl Into<String>) -> Self {
        Self::new(faults::RUNTIME, cause)
    }
}

/// An event that a task puts onto a bus.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventEntry {
    /// The bus; `None` is the default one.
    pub bus: Option<String>,
    /// Who says so.
    pub source: String,
    /// What kind of event.
    pub detail_type: String,
    /// The event itself, as JSON.
    pub detail: String,
    /// What it is about; the execution and its state machine are among them.
    pub resources: Vec<String>,
}

/// A call that a task makes, as it is kept until it was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Call {
    Lambda { function_arn: String, payload: Value, wrapped: Wrapped },
    SendMessage { queue_url: String, body: String, group: Option<String> },
    PutEvents { entries: Vec<EventEntry> },
}

/// How a function's answer becomes a result.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Wrapped {
    /// It is the result.
    Bare,
    /// As Lambda's own API answers it.
    InPayload,
}

impl Call {
    /// The call of a service with these parameters, for an execution of a machine.
    pub fn of(service: &Service, resource: &str, parameters: &Value, about: [&str; 2]) -> Result<Self, TaskFault> {
        Ok(match service {
            Service::Function => {
                Self::Lambda { function_arn: resource.to_owned(), payload: parameters.clone(), wrapped: Wrapped::Bare }
            }
            Service::LambdaInvoke => Self::Lambda {
                function_arn: text(parameters, "FunctionName")?,
                payload: parameters.get("Payload").cloned().unwrap_or_else(|| json!({})),
                wrapped: Wrapped::InPayload,
            },
            Service::SendMessage => Self::SendMessage {
                queue_url: text(parameters, "QueueUrl")?,
                body: text_or_json(parameters, "MessageBody")?,
                group: optional_text(parameters, "MessageGroupId")?,
            },
            Service::PutEvents => {
                let entries =
                    parameters.get("Entries").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
                Self::PutEvents { entries: entries.iter().map(|it| entry(it, about)).collect::<Result<_, _>>()? }
            }
        })
    }

    /// Makes the call as its fate has it; answers the task's raw result.
    pub async fn fare(self, fate: TaskFate, tasks: &dyn Tasks, role: &str) -> Result<Value, TaskFault> {
        match fate {
            TaskFate::Pass => self.make(tasks, role).await,
            TaskFate::Fails(error) => Err(TaskFault::new(error, "so it was decided")),
            TaskFate::Twice => {
                self.clone().make(tasks, role).await?;
                self.make(tasks, role).await
            }
            TaskFate::DiesAfter => {
                let _unheard = self.make(tasks, role).await;
                // Whoever decided so lets go of the whole bank.
                std::future::pending().await
            }
        }
    }

    /// Makes the call; answers the task's raw result.
    async fn make(self, tasks: &dyn Tasks, role: &str) -> Result<Value, TaskFault> {
        match self {
            Self::Lambda { function_arn, payload, wrapped } => {
                let answer = tasks.invoke_lambda(role, &function_arn, payload).await?;
                Ok(match wrapped {
                    Wrapped::Bare => answer,
                    Wrapped::InPayload => json!({ "ExecutedVersion": "$LATEST", "Payload": answer, "StatusCode": 200 }),
                })
            }
            Self::SendMessage { queue_url, body, group } => tasks.send_message(role, &queue_url, body, group).await,
            Self::PutEvents { entries } => tasks.put_events(role, entries).await,
        }
    }
}

fn entry(value: &Value, about: [&str; 2]) -> Result<EventEntry, TaskFault> {
    let given = match value.get("Resources") {
        None => Some(Vec::new()),
        Some(list) => serde_json::from_value(list.clone()).ok(),
    };
    let given: Vec<String> = given.ok_or_else(|| TaskFault::runtime("Resources is not a list of strings"))?;
    Ok(EventEntry {
        bus: optional_text(value, "EventBusName")?,
        source: text(value, "Source")?,
        detail_type: text(value, "DetailType")?,
        detail: text_or_json(value, "Detail")?,
        resources: given.into_iter().chain(about.map(str::to_owned)).collect(),
    })
}

fn text(parameters: &Value, name: &str) -> Result<String, TaskFault> {
    optional_text(parameters, name)?.ok_or_else(|| TaskFault::runtime(format!("{name} is missing")))
}

fn optional_text(parameters: &Value, name: &str) -> Result<Option<String>, TaskFault> {
    match parameters.get(name) {
        None => Ok(None),
        Some(value) => match value.as_str() {
            Some(text) => Ok(Some(text.to_owned())),
            None => Err(TaskFault::runtime(format!("{name} is not a string"))),
        },
    }
}

/// A text as it is; anything else is sent as its JSON.
fn text_or_json(parameters: &Value, name: &str) -> Result<String, TaskFault> {
    match parameters.get(name) {
        None => Err(TaskFault::runtime(format!("{name} is missing"))),
        Some(value) => Ok(value.as_str().map_or_else(|| value.to_string(), str::to_owned)),
    }
}
