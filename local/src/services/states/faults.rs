//! Names of errors that Step Functions itself gives, and those that integrations use.

/// Every error that a workflow may mend; only a wildcard.
pub(super) const ALL: &str = "States.ALL";
/// A task took too long.
pub(super) const TIMEOUT: &str = "States.Timeout";
/// A task was silent for too long.
pub(super) const HEARTBEAT_TIMEOUT: &str = "States.HeartbeatTimeout";
/// A task failed; a wildcard too.
pub(super) const TASK_FAILED: &str = "States.TaskFailed";
/// More data than a state may hold.
pub(super) const DATA_LIMIT_EXCEEDED: &str = "States.DataLimitExceeded";
/// The definition does not fit the data. Nothing catches it.
pub(super) const RUNTIME: &str = "States.Runtime";
/// A path in a template leads nowhere.
pub(super) const PARAMETER_PATH_FAILURE: &str = "States.ParameterPathFailure";
/// A result cannot be put where it should be.
pub(super) const RESULT_PATH_MATCH_FAILURE: &str = "States.ResultPathMatchFailure";
/// No rule of a Choice was true.
pub(super) const NO_CHOICE_MATCHED: &str = "States.NoChoiceMatched";

/// Those that AWS has and that never happen here, as nothing here gives rise to them.
const ELSEWHERE: [&str; 7] = [
    "States.Permissions",
    "States.BranchFailed",
    "States.IntrinsicFailure",
    "States.ExceedToleratedFailureThreshold",
    "States.ItemReaderFailed",
    "States.ResultWriterFailed",
    "States.QueryEvaluationError",
];

const HERE: [&str; 9] = [
    ALL,
    TIMEOUT,
    HEARTBEAT_TIMEOUT,
    TASK_FAILED,
    DATA_LIMIT_EXCEEDED,
    RUNTIME,
    PARAMETER_PATH_FAILURE,
    RESULT_PATH_MATCH_FAILURE,
    NO_CHOICE_MATCHED,
];

/// Whether a name that begins with `States.` is one.
pub(super) fn is_known(name: &str) -> bool {
    HERE.contains(&name) || ELSEWHERE.contains(&name)
}

/// An error of a task that Lambda gave without a name.
pub const LAMBDA_UNKNOWN: &str = "Lambda.Unknown";
/// Lambda itself refused, for one because the role may not invoke.
pub const LAMBDA_REFUSED: &str = "Lambda.AWSLambdaException";
/// There is no such function.
pub const LAMBDA_NOT_FOUND: &str = "Lambda.ResourceNotFoundException";
/// SQS refused.
pub const SQS_REFUSED: &str = "SQS.AmazonSQSException";
/// EventBridge did not take every entry.
pub const EVENTS_FAILED_ENTRY: &str = "EventBridge.FailedEntry";
