//! Executions of one state machine, looked up at Step Functions.

use app::ports::{ExecutionStatus, Executions, PortError, Recorded, RecordedEvent, RecordedKind};
use async_trait::async_trait;
use aws_sdk_sfn::{
    Client,
    operation::describe_execution::{DescribeExecutionError, DescribeExecutionOutput},
    primitives::DateTime,
    types::{self, HistoryEvent},
};
use time::{Duration, OffsetDateTime};

use crate::error::port;

const LOOK: &str = "look at an execution";
/// The longest page that the service gives.
const EVENTS_MAX: i32 = 1_000;
/// What the service names the error of what took too long.
const TIMED_OUT: &str = "States.Timeout";

/// The executions of one state machine.
#[derive(Debug, Clone)]
pub struct SfnExecutions {
    client: Client,
    /// What the ARNs of its executions begin with.
    prefix: String,
}

impl SfnExecutions {
    /// Of the state machine of this ARN.
    #[must_use]
    pub fn new(client: Client, state_machine_arn: &str) -> Self {
        let prefix = state_machine_arn.replacen(":stateMachine:", ":execution:", 1);
        Self { client, prefix }
    }

    async fn events(&self, arn: &str) -> Result<Vec<RecordedEvent>, PortError> {
        let mut pages = self
            .client
            .get_execution_history()
            .execution_arn(arn)
            .include_execution_data(false)
            .max_results(EVENTS_MAX)
            .into_paginator()
            .send();
        let mut events = Vec::new();
        while let Some(page) = pages.next().await {
            let page = page.map_err(|error| port(LOOK, &error))?;
            events.extend(page.events().iter().map(recorded).collect::<Result<Vec<_>, _>>()?);
        }
        Ok(events)
    }
}

#[async_trait]
impl Executions for SfnExecutions {
    async fn find(&self, name: &str) -> Result<Option<Recorded>, PortError> {
        let arn = format!("{}:{name}", self.prefix);
        let described = match self.client.describe_execution().execution_arn(&arn).send().await {
            Ok(described) => described,
            Err(error) => {
                return match error.as_service_error() {
                    Some(DescribeExecutionError::ExecutionDoesNotExist(_)) => Ok(None),
                    _ => Err(port(LOOK, &error)),
                };
            }
        };
        let machine = self.client.describe_state_machine_for_execution().execution_arn(&arn).send().await;
        let definition = machine.map_err(|error| port(LOOK, &error))?.definition;
        Ok(Some(Recorded {
            status: status_of(&described)?,
            started_at: time_of(&described.start_date)?,
            ended_at: described.stop_date.as_ref().map(time_of).transpose()?,
            definition,
            events: self.events(&arn).await?,
        }))
    }
}

const CORRUPT: PortError = PortError::Corrupt { attempted: LOOK };

fn status_of(described: &DescribeExecutionOutput) -> Result<ExecutionStatus, PortError> {
    Ok(match &described.status {
        // One that is about to go on again goes on.
        types::ExecutionStatus::Running | types::ExecutionStatus::PendingRedrive => ExecutionStatus::Running,
        types::ExecutionStatus::Succeeded => ExecutionStatus::Succeeded,
        types::ExecutionStatus::Failed => ExecutionStatus::Failed,
        types::ExecutionStatus::TimedOut => ExecutionStatus::TimedOut,
        types::ExecutionStatus::Aborted => ExecutionStatus::Aborted,
        _ => return Err(CORRUPT),
    })
}

fn time_of(at: &DateTime) -> Result<OffsetDateTime, PortError> {
    let whole = OffsetDateTime::from_unix_timestamp(at.secs()).map_err(|_| CORRUPT)?;
    Ok(whole + Duration::nanoseconds(i64::from(at.subsec_nanos())))
}

fn recorded(event: &HistoryEvent) -> Result<RecordedEvent, PortError> {
    let kind = event.r#type().as_str();
    let id = |id: i64| u64::try_from(id).map_err(|_| CORRUPT);
    Ok(RecordedEvent {
        id: id(event.id)?,
        previous: id(event.previous_event_id)?,
        at: time_of(&event.timestamp)?,
        kind: kind_of(kind, event)?,
    })
}

fn kind_of(kind: &str, event: &HistoryEvent) -> Result<RecordedKind, PortError> {
    if let Some(of) = kind.strip_suffix("StateEntered") {
        let details = event.state_entered_event_details().ok_or(CORRUPT)?;
        return Ok(RecordedKind::Entered { state: details.name().to_owned(), kind: of.to_owned() });
    }
    if kind.ends_with("StateExited") {
        let details = event.state_exited_event_details().ok_or(CORRUPT)?;
        return Ok(RecordedKind::Exited { state: details.name().to_owned() });
    }
    if kind.ends_with("StateAborted") {
        return Ok(RecordedKind::Aborted);
    }
    if kind.ends_with("TimedOut") {
        return Ok(RecordedKind::Went { wrong: Some(TIMED_OUT.to_owned()) });
    }
    if kind.ends_with("Failed") {
        let task = event.task_failed_event_details().and_then(|it| it.error());
        let lambda = event.lambda_function_failed_event_details().and_then(|it| it.error());
        return Ok(RecordedKind::Went { wrong: task.or(lambda).map(str::to_owned) });
    }
    Ok(RecordedKind::Other)
}
