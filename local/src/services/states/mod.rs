//! Step Functions: state machines of the Standard kind, in Amazon States Language with JSONPath.
//!
//! A definition is read strictly and refused as a whole when anything in it is not done here. An execution is a pure run over a
//! document; what drives it are passes, the clock, answers of calls, and tokens that are brought back.
//!
//! Deliberately absent: JSONata and variables; intrinsic functions; paths that may mean several places; Map; activities and `.sync`;
//! integrations but Lambda, SQS and EventBridge, and their rarer parameters; timeouts by path; Express machines, versions, aliases,
//! redrive and tags. Executions and their histories are kept for ever and names are never free again (AWS: 90 days). Numbers keep the
//! digits that they were written with, where AWS makes doubles of them: workflows should carry strings.

mod definition;
mod executions;
pub mod faults;
mod path;
mod run;
mod schema;
mod store;
mod tasks;
#[cfg(test)]
mod tests;
mod token;
mod wire;

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};

use bytes::Bytes;
use http::{Request, Response};

use super::{
    arn::{ACCOUNT, REGION},
    router::{Gate, Principal},
};
use crate::engine::{Engine, EngineError};
pub use definition::{Definition, DefinitionError};
pub use schema::SCHEMA;
pub use tasks::{EventEntry, TaskFate, TaskFault, Tasks};

/// A state machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StateMachineSpec {
    /// Its name.
    pub name: String,
    /// Its ARN, see [`crate::services::arn::state_machine`].
    pub arn: String,
    /// Under whose permissions its tasks run.
    pub role: String,
    /// Its definition, with everything substituted.
    pub definition: String,
}

/// An execution that is not over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenExecution {
    /// Its ARN.
    pub arn: String,
    /// Its machine.
    pub machine_arn: String,
    /// Its name.
    pub name: String,
    /// The states in which its branches are.
    pub states: Vec<String>,
    /// When time alone takes it further; `None`: never.
    pub due_ms: Option<i64>,
}

/// What goes wrong with state machines and starts.
#[derive(Debug, thiserror::Error)]
pub enum StatesError {
    /// A definition is not understood.
    #[error("the definition of {machine} is refused")]
    Definition {
        /// Whose.
        machine: String,
        /// What is wrong with it.
        #[source]
        problem: DefinitionError,
    },
    /// What was asked for is refused, as the API does it.
    #[error("{code}: {message}")]
    Refused {
        /// The API's code.
        code: &'static str,
        /// What the caller reads.
        message: String,
    },
    /// The engine.
    #[error(transparent)]
    Engine(#[from] EngineError),
}

impl StatesError {
    fn refused(code: &'static str, message: impl Into<String>) -> Self {
        Self::Refused { code, message: message.into() }
    }
}

/// The state machines.
pub struct States {
    engine: Arc<Engine>,
    gate: Gate,
    passing: tokio::sync::Mutex<()>,
    definitions: Mutex<HashMap<String, Arc<Definition>>>,
}

impl States {
    pub(super) fn new(engine: Arc<Engine>, gate: Gate) -> Self {
        Self { engine, gate, passing: tokio::sync::Mutex::default(), definitions: Mutex::default() }
    }

    /// Makes a state machine or changes it to what `spec` says. Executions that run keep what they were started with.
    ///
    /// # Errors
    /// When the definition is refused, or the database fails.
    pub fn create_state_machine(&self, spec: &StateMachineSpec) -> Result<(), StatesError> {
        Definition::parse(&spec.definition)
            .map_err(|problem| StatesError::Definition { machine: spec.name.clone(), problem })?;
        self.engine.write(|database| Ok(store::put_machine(database, spec, self.engine.now_ms())?))
    }

    /// Removes every state machine but those named: what a template no longer has is gone. Executions that run go on.
    ///
    /// # Errors
    /// When the database fails.
    pub fn keep_state_machines(&self, arns: &[String]) -> Result<(), EngineError> {
        self.engine.write(|database| store::keep_machines(database, arns))
    }

    /// Starts an execution for one of the engine's own, whose permission is not asked for; answers its ARN.
    /// Starting it again under the same name and with the same input while it runs changes nothing.
    ///
    /// # Errors
    /// As the API refuses it, or when the database fails.
    pub fn start(&self, machine_arn: &str, name: &str, input: &str) -> Result<String, StatesError> {
        self.start_execution(machine_arn, Some(name), input).map(|started| started.arn)
    }

    /// When time alone makes something due next; in the past, it is due already.
    ///
    /// # Errors
    /// When the database fails.
    pub fn next_due_ms(&self) -> Result<Option<i64>, EngineError> {
        self.engine.read(store::next_due_ms)
    }

    /// Whether any execution has something to do now, and waits for neither a token nor a timer.
    ///
    /// # Errors
    /// When the database fails.
    pub fn waiting(&self) -> Result<bool, EngineError> {
        self.engine.read(|database| Ok(!store::due(database, self.engine.now_ms(), 1)?.is_empty()))
    }

    /// The executions that are not over, the oldest first.
    ///
    /// # Errors
    /// When the database fails or holds what cannot be read.
    pub fn open(&self) -> Result<Vec<OpenExecution>, EngineError> {
        let open = self.engine.read(store::open)?;
        let open = open.into_iter().map(|execution| {
            let corrupt = |_| EngineError::corrupt(format!("the execution {}", execution.arn));
            let run: run::Run = serde_json::from_str(&execution.run).map_err(corrupt)?;
            let (arn, machine_arn, name) = (execution.arn, execution.machine_arn, execution.name);
            Ok(OpenExecution { arn, machine_arn, name, states: run.states(), due_ms: run.timer_ms() })
        });
        open.collect()
    }

    /// Answers one call.
    pub(super) fn handle(&self, principal: &Principal, request: &Request<Bytes>) -> Response<Bytes> {
        wire::handle(self, principal, request)
    }
}

/// The ARN of an execution of the machine with this name.
#[must_use]
pub fn execution_arn(machine_name: &str, name: &str) -> String {
    format!("arn:aws:states:{REGION}:{ACCOUNT}:execution:{machine_name}:{name}")
}
