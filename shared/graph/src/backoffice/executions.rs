//! Where the workflows of applications stand, and what operations does with those that are parked.

use app::{
    executions::{self, ExecutionId},
    onboarding::ExecutionError,
    ports,
    reveal::{Purpose, RevealError},
    views::ApplicationStatus,
};
use async_graphql::{Context, Enum, ID, InputObject, Object, SimpleObject};

use super::{
    guard::{Allow, OPERATIONS, READERS},
    office,
};
use crate::{auth::caller, errors::ApiError, limits, scalars::DateTime};

/// How far an execution is.
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "ports::ExecutionStatus")]
pub(crate) enum ExecutionStatus {
    /// It goes on, or waits.
    Running,
    /// It came to an end that the workflow knows.
    Succeeded,
    /// It ended by an error.
    Failed,
    /// It took too long.
    TimedOut,
    /// Somebody stopped it.
    Aborted,
}

/// How a state went.
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "executions::StateStatus")]
pub(crate) enum ExecutionStateStatus {
    /// The execution is in it.
    Active,
    /// The execution has left it.
    Passed,
    /// It was left by an error, or cut off.
    Failed,
}

/// What a state waits for.
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ExecutionWaitReason {
    /// The identity provider's result.
    Identity,
    /// A decision of compliance.
    Review,
    /// What compliance asked the customer.
    Information,
    /// The accounts.
    Accounts,
    /// What to pay in with.
    Instructions,
    /// A provider's queue, and the provider.
    Provider,
    /// Somebody of operations: it is parked, and may be resumed or unwound.
    Operator,
}

/// The workflow of an application.
#[derive(SimpleObject)]
pub(crate) struct Execution {
    /// The same for as long as the execution exists.
    id: ID,
    /// Who applies.
    customer_id: ID,
    /// The application.
    application_id: ID,
    /// How far it is.
    status: ExecutionStatus,
    /// When it was started.
    started_at: DateTime,
    /// When it ended.
    ended_at: Option<DateTime>,
    /// The states and the ways between them: JSON in the Amazon States Language, without what the states are given.
    definition: String,
    /// Every state that was entered, in the order in which each first was.
    states: Vec<ExecutionState>,
    /// Where it stands still, and why.
    waits: Vec<ExecutionWait>,
}

/// A state of a workflow, as it was last.
#[derive(SimpleObject)]
struct ExecutionState {
    /// Its name in the definition.
    name: String,
    /// Its type, such as `Task`.
    r#type: String,
    /// How it went.
    status: ExecutionStateStatus,
    /// When it was entered last.
    entered_at: DateTime,
    /// When it was left after that.
    left_at: Option<DateTime>,
    /// How often it was entered.
    entered: u32,
    /// The name of the error that it failed by.
    error: Option<String>,
}

/// A state that stands still.
#[derive(SimpleObject)]
struct ExecutionWait {
    /// Its name.
    state: String,
    /// What it waits for.
    r#for: ExecutionWaitReason,
    /// Since when.
    since: DateTime,
    /// The name of the error that brought it here.
    error: Option<String>,
}

impl Execution {
    fn of(execution: executions::Execution, application: Option<ApplicationStatus>) -> Self {
        let time = |at: domain::moment::Moment| DateTime(at.to_string());
        let states = execution.states.into_iter().map(|it| ExecutionState {
            name: it.name,
            r#type: it.kind,
            status: it.status.into(),
            entered_at: time(it.entered_at),
            left_at: it.left_at.map(time),
            entered: it.entered,
            error: it.error,
        });
        let waits = execution.waits.into_iter().map(|it| ExecutionWait {
            state: it.state,
            r#for: reason(it.reason, application),
            since: time(it.since),
            error: it.error,
        });
        Self {
            id: ID(execution.id.to_string()),
            customer_id: ID(execution.id.customer.to_string()),
            application_id: ID(execution.id.application.to_string()),
            status: execution.status.into(),
            started_at: time(execution.started_at),
            ended_at: execution.ended_at.map(time),
            definition: execution.definition.to_string(),
            states: states.collect(),
            waits: waits.collect(),
        }
    }
}

const fn reason(reason: executions::WaitReason, application: Option<ApplicationStatus>) -> ExecutionWaitReason {
    match (reason, application) {
        // A review that waits for the customer.
        (executions::WaitReason::Review, Some(ApplicationStatus::InformationNeeded)) => {
            ExecutionWaitReason::Information
        }
        (executions::WaitReason::Review, _) => ExecutionWaitReason::Review,
        (executions::WaitReason::Identity, _) => ExecutionWaitReason::Identity,
        (executions::WaitReason::Accounts, _) => ExecutionWaitReason::Accounts,
        (executions::WaitReason::Instructions, _) => ExecutionWaitReason::Instructions,
        (executions::WaitReason::Provider, _) => ExecutionWaitReason::Provider,
        (executions::WaitReason::Operator, _) => ExecutionWaitReason::Operator,
    }
}

/// A parked state, and why something is done about it.
#[derive(InputObject)]
struct ExecutionInput {
    /// The execution's id.
    execution_id: ID,
    /// `ExecutionWait.state` of what is parked.
    state: String,
    /// Why: 10 to 500 characters, for auditors. Nothing personal belongs here.
    reason: String,
}

/// An execution as a mutation left it.
#[derive(SimpleObject)]
struct ExecutionPayload {
    /// The execution.
    execution: Execution,
}

#[derive(Default)]
pub(crate) struct ExecutionQuery;

#[Object]
impl ExecutionQuery {
    /// The workflow of an application, by `ApplicationFile.executionId`. Null if there is none, or no more: 90 days after its
    /// end it is forgotten.
    #[graphql(guard = "Allow(READERS)", complexity = "10 * limits::READ + child_complexity")]
    async fn execution(&self, ctx: &Context<'_>, id: ID) -> Option<Result<Execution, ApiError>> {
        find(ctx, id.parse().ok()?).await.transpose()
    }
}

async fn find(ctx: &Context<'_>, id: ExecutionId) -> Result<Option<Execution>, ApiError> {
    match office(ctx)?.operations.find(id).await? {
        Some(execution) => shown(ctx, execution).await.map(Some),
        None => Ok(None),
    }
}

async fn shown(ctx: &Context<'_>, execution: executions::Execution) -> Result<Execution, ApiError> {
    let applicant = office(ctx)?.onboarding.applicant(execution.id.customer).await?;
    let application = applicant.and_then(|row| row.view.find(execution.id.application).map(|it| it.status));
    Ok(Execution::of(execution, application))
}

#[derive(Default)]
pub(crate) struct ExecutionMutation;

#[Object]
impl ExecutionMutation {
    /// Lets a parked state go on from where it stands; what was done is not done again.
    ///
    /// Fails with `EXECUTION_NOT_PARKED`, for one when somebody was faster, with `EXECUTION_UNKNOWN`, `REASON_TOO_SHORT` and
    /// `REASON_TOO_LONG`.
    #[graphql(guard = "Allow(OPERATIONS)", complexity = "limits::WRITE + child_complexity")]
    async fn resume_execution(&self, ctx: &Context<'_>, input: ExecutionInput) -> Result<ExecutionPayload, ApiError> {
        let (id, purpose) = parked(ctx, &input)?;
        let execution = office(ctx)?.operations.resume(id, &input.state, &purpose).await?;
        Ok(ExecutionPayload { execution: shown(ctx, execution).await? })
    }

    /// Gives a parked application up: what took effect is undone, in reverse, and the application declined.
    ///
    /// Fails with `EXECUTION_PAST_APPROVAL` once the application is approved, with `EXECUTION_UNWINDING` if it is being undone
    /// already, and as `resumeExecution` does.
    #[graphql(guard = "Allow(OPERATIONS)", complexity = "limits::WRITE + child_complexity")]
    async fn unwind_execution(&self, ctx: &Context<'_>, input: ExecutionInput) -> Result<ExecutionPayload, ApiError> {
        let (id, purpose) = parked(ctx, &input)?;
        let execution = office(ctx)?.operations.unwind(id, &input.state, &purpose).await?;
        Ok(ExecutionPayload { execution: shown(ctx, execution).await? })
    }
}

fn parked(ctx: &Context<'_>, input: &ExecutionInput) -> Result<(ExecutionId, Purpose), ApiError> {
    let id = input.execution_id.parse().map_err(|_| ExecutionError::Unknown)?;
    let purpose = Purpose::try_new(caller(ctx)?.staff(), &input.reason).map_err(|error: RevealError| error)?;
    Ok((id, purpose))
}
