//! Executions of workflows, as their engine recorded them.

use async_trait::async_trait;
use time::OffsetDateTime;

use super::PortError;

/// Where executions are looked up.
#[async_trait]
pub trait Executions: Send + Sync {
    /// What was recorded of the execution of this name; `None` if there is none, or no more: an engine forgets after 90 days.
    async fn find(&self, name: &str) -> Result<Option<Recorded>, PortError>;
}

/// An execution. What its states were given and gave is not part of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recorded {
    /// How far it is.
    pub status: ExecutionStatus,
    /// When it was started.
    pub started_at: OffsetDateTime,
    /// When it ended.
    pub ended_at: Option<OffsetDateTime>,
    /// The state machine as it was when the execution was started, in the Amazon States Language.
    pub definition: String,
    /// What happened, in order.
    pub events: Vec<RecordedEvent>,
}

/// How far an execution is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExecutionStatus {
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

/// A line of an execution's history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordedEvent {
    /// Its number.
    pub id: u64,
    /// The number of the event that led to it; 0 for none.
    pub previous: u64,
    /// When.
    pub at: OffsetDateTime,
    /// What.
    pub kind: RecordedKind,
}

/// What happened in an execution.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RecordedKind {
    /// A state was entered.
    Entered {
        /// Its name.
        state: String,
        /// Its type, such as `Task`.
        kind: String,
    },
    /// A state was left.
    Exited {
        /// Its name.
        state: String,
    },
    /// A state was cut off.
    Aborted,
    /// What a state did went wrong.
    Went {
        /// The error's name.
        wrong: Option<String>,
    },
    /// Something between those.
    Other,
}
