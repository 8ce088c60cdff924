//! State machines and executions in the engine's database.

use rusqlite::{Connection, OptionalExtension, Row, params};
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::{
    StateMachineSpec,
    run::{Due, End, Event, Facts},
};
use crate::engine::EngineError;

/// How an execution stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Status {
    Running,
    Succeeded,
    Failed,
    TimedOut,
    Aborted,
}

impl Status {
    pub const ALL: [Self; 5] = [Self::Running, Self::Succeeded, Self::Failed, Self::TimedOut, Self::Aborted];

    /// Its name, stored and answered.
    pub fn name(self) -> &'static str {
        match self {
            Self::Running => "RUNNING",
            Self::Succeeded => "SUCCEEDED",
            Self::Failed => "FAILED",
            Self::TimedOut => "TIMED_OUT",
            Self::Aborted => "ABORTED",
        }
    }

    /// By its name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.name() == name)
    }
}

/// A machine as it is now.
pub(super) struct Machine {
    pub arn: String,
    pub name: String,
    pub role: String,
    pub definition_hash: String,
    pub created_at_ms: i64,
}

/// An execution as it stands.
pub(super) struct Execution {
    pub seq: i64,
    pub arn: String,
    pub machine_arn: String,
    pub name: String,
    pub role: String,
    pub definition_hash: String,
    pub input: String,
    pub status: Status,
    pub output: Option<String>,
    pub error: Option<String>,
    pub cause: Option<String>,
    pub started_at_ms: i64,
    pub stopped_at_ms: Option<i64>,
    /// Where it is; empty once it is over.
    pub run: String,
}

const EXECUTION: &str =
    "seq, arn, machine, name, role, definition, input, status, output, error, cause, started_at, stopped_at, run";

impl Execution {
    fn read(row: &Row<'_>) -> rusqlite::Result<(Self, String)> {
        let status: String = row.get(7)?;
        let execution = Self {
            seq: row.get(0)?,
            arn: row.get(1)?,
            machine_arn: row.get(2)?,
            name: row.get(3)?,
            role: row.get(4)?,
            definition_hash: row.get(5)?,
            input: row.get(6)?,
            status: Status::Running,
            output: row.get(8)?,
            error: row.get(9)?,
            cause: row.get(10)?,
            started_at_ms: row.get(11)?,
            stopped_at_ms: row.get(12)?,
            run: row.get(13)?,
        };
        Ok((execution, status))
    }

    fn with_status((execution, status): (Self, String)) -> Result<Self, EngineError> {
        match Status::named(&status) {
            Some(status) => Ok(Self { status, ..execution }),
            None => Err(EngineError::corrupt(format!("the execution {}", execution.arn))),
        }
    }

    /// What never changes about it.
    pub fn facts(&self) -> Result<Facts, EngineError> {
        let corrupt = |_| EngineError::corrupt(format!("the input of {}", self.arn));
        Ok(Facts {
            arn: self.arn.clone(),
            name: self.name.clone(),
            machine_arn: self.machine_arn.clone(),
            machine_name: crate::services::arn::name(&self.machine_arn).to_owned(),
            role: self.role.clone(),
            input: serde_json::from_str(&self.input).map_err(corrupt)?,
            started_at_ms: self.started_at_ms,
        })
    }
}

pub(super) fn put_machine(database: &Connection, spec: &StateMachineSpec, now_ms: i64) -> Result<(), EngineError> {
    let hash = hex::encode(Sha256::digest(spec.definition.as_bytes()));
    database.execute(
        "INSERT INTO state_machine_definitions (hash, definition) VALUES (?1, ?2) ON CONFLICT DO NOTHING",
        params![hash, spec.definition],
    )?;
    database.execute(
        "INSERT INTO state_machines (arn, name, role, definition, created_at) VALUES (?1, ?2, ?3, ?4, ?5) \
         ON CONFLICT (arn) DO UPDATE SET name = excluded.name, role = excluded.role, definition = excluded.definition",
        params![spec.arn, spec.name, spec.role, hash, now_ms],
    )?;
    Ok(())
}

pub(super) fn keep_machines(database: &Connection, arns: &[String]) -> Result<(), EngineError> {
    for machine in machines(database)? {
        if !arns.contains(&machine.arn) {
            database.execute("DELETE FROM state_machines WHERE arn = ?1", [machine.arn])?;
        }
    }
    Ok(())
}

pub(super) fn machines(database: &Connection) -> Result<Vec<Machine>, EngineError> {
    let mut statement =
        database.prepare_cached("SELECT arn, name, role, definition, created_at FROM state_machines ORDER BY arn")?;
    let rows = statement.query_map([], |row| {
        Ok(Machine {
            arn: row.get(0)?,
            name: row.get(1)?,
            role: row.get(2)?,
            definition_hash: row.get(3)?,
            created_at_ms: row.get(4)?,
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

pub(super) fn machine(database: &Connection, arn: &str) -> Result<Option<Machine>, EngineError> {
    Ok(machines(database)?.into_iter().find(|machine| machine.arn == arn))
}

pub(super) fn definition(database: &Connection, hash: &str) -> Result<String, EngineError> {
    let found = database
        .prepare_cached("SELECT definition FROM state_machine_definitions WHERE hash = ?1")?
        .query_row([hash], |row| row.get(0))
        .optional()?;
    found.ok_or_else(|| EngineError::corrupt("the definition of an execution"))
}

pub(super) fn execution(database: &Connection, arn: &str) -> Result<Option<Execution>, EngineError> {
    let row = database
        .prepare_cached(&format!("SELECT {EXECUTION} FROM executions WHERE arn = ?1"))?
        .query_row([arn], Execution::read)
        .optional()?;
    row.map(Execution::with_status).transpose()
}

/// Executions of a machine, the newest first, older than the one with the number `before`.
pub(super) fn executions(
    database: &Connection,
    machine: &str,
    status: Option<Status>,
    before: i64,
    limit: usize,
) -> Result<Vec<Execution>, EngineError> {
    let mut statement = database.prepare_cached(&format!(
        "SELECT {EXECUTION} FROM executions WHERE machine = ?1 AND seq < ?2 AND (?3 IS NULL OR status = ?3) \
         ORDER BY seq DESC LIMIT ?4"
    ))?;
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let rows = statement.query_map(params![machine, before, status.map(Status::name), limit], Execution::read)?;
    rows.map(|row| Execution::with_status(row?)).collect()
}

/// Every execution that is not over, the oldest first.
pub(super) fn open(database: &Connection) -> Result<Vec<Execution>, EngineError> {
    let mut statement = database
        .prepare_cached(&format!("SELECT {EXECUTION} FROM executions WHERE status = 'RUNNING' ORDER BY seq"))?;
    let rows = statement.query_map([], Execution::read)?;
    rows.map(|row| Execution::with_status(row?)).collect()
}

/// Keeps a new execution; answers its number.
pub(super) fn insert(database: &Connection, execution: &Execution) -> Result<i64, EngineError> {
    Ok(database
        .prepare_cached(
            "INSERT INTO executions (arn, machine, name, role, definition, input, status, started_at, run, ready) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, '', 0) RETURNING seq",
        )?
        .query_row(
            params![
                execution.arn,
                execution.machine_arn,
                execution.name,
                execution.role,
                execution.definition_hash,
                execution.input,
                execution.status.name(),
                execution.started_at_ms
            ],
            |row| row.get(0),
        )?)
}

/// Keeps where an execution is.
pub(super) fn keep_run(database: &Connection, seq: i64, run: &str, due: Due) -> Result<(), EngineError> {
    database
        .prepare_cached("UPDATE executions SET run = ?2, ready = ?3, due_at = ?4 WHERE seq = ?1")?
        .execute(params![seq, run, due.ready, due.at_ms])?;
    Ok(())
}

/// Keeps how an execution ended.
pub(super) fn keep_end(database: &Connection, seq: i64, end: &End, now_ms: i64) -> Result<(), EngineError> {
    let output = |value: &Value| Some(value.to_string());
    let (status, output, error, cause) = match end {
        End::Succeeded(value) => (Status::Succeeded, output(value), None, None),
        End::Failed(fault) => (Status::Failed, None, Some(fault.error.clone()), Some(fault.cause.clone())),
        End::TimedOut => (Status::TimedOut, None, None, None),
        End::Aborted { error, cause } => (Status::Aborted, None, error.clone(), cause.clone()),
    };
    database
        .prepare_cached(
            "UPDATE executions SET run = '', ready = 0, due_at = NULL, status = ?2, output = ?3, error = ?4, cause = ?5, \
             stopped_at = ?6 WHERE seq = ?1",
        )?
        .execute(params![seq, status.name(), output, error, cause, now_ms])?;
    Ok(())
}

pub(super) fn add_events(database: &Connection, seq: i64, events: &[Event]) -> Result<(), EngineError> {
    let mut statement = database.prepare_cached(
        "INSERT INTO execution_events (execution, id, at, kind, previous, details) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    )?;
    for event in events {
        let details = event.details.as_ref().map(Value::to_string);
        statement.execute(params![seq, number(event.id), event.at_ms, event.kind, number(event.previous), details])?;
    }
    Ok(())
}

/// In which order events are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Direction {
    Forward,
    Backward,
}

/// Events of an execution, beginning behind the one with the number `behind`.
pub(super) fn events(
    database: &Connection,
    seq: i64,
    direction: Direction,
    behind: i64,
    limit: usize,
) -> Result<Vec<Event>, EngineError> {
    let (compares, order) = match direction {
        Direction::Forward => (">", "ASC"),
        Direction::Backward => ("<", "DESC"),
    };
    let mut statement = database.prepare_cached(&format!(
        "SELECT id, at, kind, previous, details FROM execution_events WHERE execution = ?1 AND id {compares} ?2 \
         ORDER BY id {order} LIMIT ?3"
    ))?;
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let rows = statement.query_map(params![seq, behind, limit], |row| {
        let details: Option<String> = row.get(4)?;
        Ok((row.get::<_, i64>(0)?, row.get(1)?, row.get(2)?, row.get::<_, i64>(3)?, details))
    })?;
    rows.map(|row| {
        let (id, at_ms, kind, previous, details) = row?;
        let corrupt = |_| EngineError::corrupt("an event of an execution");
        let details = details.map(|text| serde_json::from_str(&text)).transpose().map_err(corrupt)?;
        let (id, previous) = (u64::try_from(id).unwrap_or_default(), u64::try_from(previous).unwrap_or_default());
        Ok(Event { id, at_ms, kind, previous, details })
    })
    .collect()
}

/// The executions that have something to do now, the oldest first.
pub(super) fn due(database: &Connection, now_ms: i64, limit: usize) -> Result<Vec<String>, EngineError> {
    // Two questions, as one index answers each.
    let mut statement = database.prepare_cached(
        "SELECT arn FROM (SELECT seq, arn FROM executions WHERE status = 'RUNNING' AND ready = 1 \
         UNION SELECT seq, arn FROM executions WHERE status = 'RUNNING' AND due_at <= ?1) ORDER BY seq LIMIT ?2",
    )?;
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let rows = statement.query_map(params![now_ms, limit], |row| row.get(0))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// When time alone makes the next execution due.
pub(super) fn next_due_ms(database: &Connection) -> Result<Option<i64>, EngineError> {
    Ok(database
        .prepare_cached("SELECT MIN(due_at) FROM executions WHERE status = 'RUNNING'")?
        .query_row([], |row| row.get(0))?)
}

fn number(id: u64) -> i64 {
    i64::try_from(id).unwrap_or(i64::MAX)
}
