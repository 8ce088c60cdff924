//! Workflows on Step Functions.

use app::ports::{PortError, TaskToken, Told, Workflows};
use async_trait::async_trait;
use aws_sdk_sfn::{
    Client,
    operation::{
        describe_execution::DescribeExecutionError, send_task_failure::SendTaskFailureError,
        send_task_success::SendTaskSuccessError, start_execution::StartExecutionError,
    },
};
use domain::error::Class;

use crate::error::port;

const START: &str = "start an execution";
const LOOK: &str = "look for an execution";
const RESUME: &str = "resume a waiting state";

/// Step Functions, for those who start executions of one state machine or answer waiting states of any.
#[derive(Debug, Clone)]
pub struct SfnWorkflows {
    client: Client,
    state_machine: Option<String>,
}

impl SfnWorkflows {
    /// For whoever starts executions of this state machine.
    #[must_use]
    pub fn starting(client: Client, state_machine_arn: impl Into<String>) -> Self {
        Self { client, state_machine: Some(state_machine_arn.into()) }
    }

    /// For whoever answers waiting states only: a token says by itself whose it is.
    #[must_use]
    pub const fn answering(client: Client) -> Self {
        Self { client, state_machine: None }
    }

    /// Whether an execution of this name was ever started.
    ///
    /// # Errors
    /// When nobody can be asked, or no state machine was named.
    pub async fn knows(&self, name: &str) -> Result<bool, PortError> {
        let unknown = || PortError::Unavailable { attempted: LOOK, reason: "no state machine was named".into() };
        let machine = self.state_machine.as_deref().ok_or_else(unknown)?;
        let execution = format!("{}:{name}", machine.replacen(":stateMachine:", ":execution:", 1));
        match self.client.describe_execution().execution_arn(execution).send().await {
            Ok(_) => Ok(true),
            Err(error) => match error.as_service_error() {
                Some(DescribeExecutionError::ExecutionDoesNotExist(_)) => Ok(false),
                _ => Err(port(LOOK, &error)),
            },
        }
    }
}

#[async_trait]
impl Workflows for SfnWorkflows {
    async fn start(&self, name: &str, input: String) -> Result<(), PortError> {
        let unknown = || PortError::Unavailable { attempted: START, reason: "no state machine was named".into() };
        let state_machine = self.state_machine.as_deref().ok_or_else(unknown)?;
        match self.client.start_execution().state_machine_arn(state_machine).name(name).input(input).send().await {
            Ok(_) => Ok(()),
            Err(error) => match error.as_service_error() {
                // Started before. The names are chosen so that only a repeat has the same one.
                Some(StartExecutionError::ExecutionAlreadyExists(_)) => Ok(()),
                Some(StartExecutionError::ExecutionLimitExceeded(_)) => Err(PortError::Throttled { attempted: START }),
                _ => Err(port(START, &error)),
            },
        }
    }

    async fn succeed(&self, token: &TaskToken, output: String) -> Result<Told, PortError> {
        match self.client.send_task_success().task_token(token.expose()).output(output).send().await {
            Ok(_) => Ok(Told::Heard),
            Err(error) => match error.as_service_error() {
                Some(
                    SendTaskSuccessError::TaskDoesNotExist(_)
                    | SendTaskSuccessError::TaskTimedOut(_)
                    | SendTaskSuccessError::InvalidToken(_),
                ) => over(),
                _ => Err(port(RESUME, &error)),
            },
        }
    }

    async fn fail(&self, token: &TaskToken, class: Class, code: &str) -> Result<Told, PortError> {
        let call = self.client.send_task_failure().task_token(token.expose()).error(class.name()).cause(code);
        match call.send().await {
            Ok(_) => Ok(Told::Heard),
            Err(error) => match error.as_service_error() {
                Some(
                    SendTaskFailureError::TaskDoesNotExist(_)
                    | SendTaskFailureError::TaskTimedOut(_)
                    | SendTaskFailureError::InvalidToken(_),
                ) => over(),
                _ => Err(port(RESUME, &error)),
            },
        }
    }
}

/// Nothing waits under the token any more: somebody was faster, or the state has timed out and waits under another one.
fn over() -> Result<Told, PortError> {
    tracing::info!("a waiting state was resumed before");
    Ok(Told::Over)
}
