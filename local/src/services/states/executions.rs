//! Executions: started once by name, changed one transaction at a time, worked on while anything is due.

use std::sync::Arc;

use futures::future::join_all;
use rusqlite::Connection;
use serde_json::Value;

use super::{
    States, StatesError, Tasks,
    definition::Definition,
    run::{BYTES_MAX, Moment, PendingCall, Run},
    store::{self, Execution, Machine, Status},
};
use crate::engine::EngineError;

const NAME_CHARS_MAX: usize = 80;

/// How many executions one pass works on.
const EXECUTIONS_MAX: usize = 100;

/// What an execution's name must not hold: these mean something in ARNs, in URLs and on command lines.
const NAME_CHARS_REFUSED: &str = "<>{}[]?*\"#%\\^|~`$&,;:/";

/// A start that was answered.
pub(super) struct Started {
    pub arn: String,
    pub at_ms: i64,
}

impl States {
    /// Starts an execution, or finds it running under the same name with the same input.
    pub(super) fn start_execution(
        &self,
        machine_arn: &str,
        name: Option<&str>,
        input: &str,
    ) -> Result<Started, StatesError> {
        let name = name.map_or_else(|| self.engine.next_id().to_string(), str::to_owned);
        let refused = |c: char| c.is_whitespace() || c.is_control() || NAME_CHARS_REFUSED.contains(c);
        if name.is_empty() || name.chars().count() > NAME_CHARS_MAX || name.chars().any(refused) {
            return Err(StatesError::refused("InvalidName", format!("Invalid Name: '{name}'")));
        }
        if input.len() > BYTES_MAX || serde_json::from_str::<Value>(input).is_err() {
            let message =
                format!("Invalid State Machine Execution Input: it must be JSON of at most {BYTES_MAX} bytes");
            return Err(StatesError::refused("InvalidExecutionInput", message));
        }
        let started = self.engine.write(|database| {
            let machine = store::machine(database, machine_arn)?.ok_or_else(|| no_machine(machine_arn))?;
            let arn = super::execution_arn(&machine.name, &name);
            match store::execution(database, &arn)? {
                None => self.insert(database, machine, arn, name, input),
                Some(there) if there.status == Status::Running && there.input == input => {
                    Ok(Started { arn, at_ms: there.started_at_ms })
                }
                Some(_) => {
                    let message = format!("Execution Already Exists: '{arn}'");
                    Err(StatesError::refused("ExecutionAlreadyExists", message))
                }
            }
        })?;
        self.engine.announce();
        Ok(started)
    }

    fn insert(
        &self,
        database: &Connection,
        machine: Machine,
        arn: String,
        name: String,
        input: &str,
    ) -> Result<Started, StatesError> {
        let now_ms = self.engine.now_ms();
        let mut execution = Execution {
            seq: 0,
            arn,
            machine_arn: machine.arn,
            name,
            role: machine.role,
            definition_hash: machine.definition_hash,
            input: input.to_owned(),
            status: Status::Running,
            output: None,
            error: None,
            cause: None,
            started_at_ms: now_ms,
            stopped_at_ms: None,
            run: String::new(),
        };
        execution.seq = store::insert(database, &execution)?;
        self.keep(database, &execution, |moment| (Run::start(moment), ()))?;
        Ok(Started { arn: execution.arn, at_ms: now_ms })
    }

    /// Changes an execution that is not over, in the caller's transaction; `None` when there is none.
    pub(super) fn change<T>(
        &self,
        database: &Connection,
        arn: &str,
        change: impl FnOnce(&mut Run, &Moment<'_>) -> T,
    ) -> Result<Option<T>, EngineError> {
        let running = store::execution(database, arn)?.filter(|execution| execution.status == Status::Running);
        let Some(execution) = running else { return Ok(None) };
        let corrupt = |_| EngineError::corrupt(format!("the execution {arn}"));
        let mut run: Run = serde_json::from_str(&execution.run).map_err(corrupt)?;
        let outcome = self.keep(database, &execution, |moment| {
            let outcome = change(&mut run, moment);
            (run, outcome)
        })?;
        Ok(Some(outcome))
    }

    /// Keeps what `change` makes of an execution: its document, its new events, its end.
    fn keep<T>(
        &self,
        database: &Connection,
        execution: &Execution,
        change: impl FnOnce(&Moment<'_>) -> (Run, T),
    ) -> Result<T, EngineError> {
        let definition = self.definition(database, &execution.definition_hash)?;
        let now_ms = self.engine.now_ms();
        let next_id = || self.engine.next_id();
        let facts = execution.facts()?;
        let moment = Moment { definition: &definition, execution: &facts, now_ms, next_id: &next_id };
        let (mut run, outcome) = change(&moment);
        let (events, end) = run.take_news();
        store::add_events(database, execution.seq, &events)?;
        match end {
            Some(end) => store::keep_end(database, execution.seq, &end, now_ms)?,
            None => {
                let text = serde_json::to_string(&run);
                let text = text.map_err(|_| EngineError::corrupt(format!("the execution {}", execution.arn)))?;
                store::keep_run(database, execution.seq, &text, run.due(&moment))?;
            }
        }
        Ok(outcome)
    }

    /// The definition with this hash. A definition never changes, so it is read once.
    fn definition(&self, database: &Connection, hash: &str) -> Result<Arc<Definition>, EngineError> {
        let mut known = self.definitions.lock().map_err(|_| EngineError::Poisoned)?;
        if let Some(definition) = known.get(hash) {
            return Ok(Arc::clone(definition));
        }
        let definition = Definition::parse(&store::definition(database, hash)?)
            .map_err(|error| EngineError::unsupported(format!("a definition of an earlier day ({error})")))?;
        let definition = Arc::new(definition);
        known.insert(hash.to_owned(), Arc::clone(&definition));
        Ok(definition)
    }

    /// Does what is due once; answers whether anything was. Executions go on side by side, and so do the branches of one.
    ///
    /// A call that was begun and whose answer was not kept is made again, in this process or in the next: at least once.
    ///
    /// # Errors
    /// When the database fails or holds what cannot be read.
    pub async fn pass(&self, tasks: &dyn Tasks) -> Result<bool, EngineError> {
        // One pass at a time: whatever call is still to be made is being made by nobody else.
        let _passing = self.passing.lock().await;
        let due = self.engine.read(|database| store::due(database, self.engine.now_ms(), EXECUTIONS_MAX))?;
        for outcome in join_all(due.iter().map(|arn| self.work_on(arn, tasks))).await {
            outcome?;
        }
        Ok(!due.is_empty())
    }

    async fn work_on(&self, arn: &str, tasks: &dyn Tasks) -> Result<(), EngineError> {
        let work = |run: &mut Run, moment: &Moment<'_>| {
            run.work(moment);
            (moment.execution.role.clone(), run.calls())
        };
        let Some((role, calls)) = self.engine.write(|database| self.change(database, arn, work))? else {
            return Ok(());
        };
        for outcome in join_all(calls.into_iter().map(|call| self.make(arn, &role, call, tasks))).await {
            outcome?;
        }
        Ok(())
    }

    async fn make(&self, arn: &str, role: &str, pending: PendingCall, tasks: &dyn Tasks) -> Result<(), EngineError> {
        let answer = pending.call.fare(tasks.fate(&pending.state), tasks, role).await;
        if let Err(fault) = &answer {
            tracing::warn!(execution = arn, error = fault.error, "a task failed");
        }
        self.engine.write(|database| {
            self.change(database, arn, |run, moment| {
                run.answered(pending.attempt, answer, moment);
                run.work(moment);
            })
        })?;
        Ok(())
    }
}

/// There is no such machine.
pub(super) fn no_machine(arn: &str) -> StatesError {
    StatesError::refused("StateMachineDoesNotExist", format!("State Machine Does Not Exist: '{arn}'"))
}
