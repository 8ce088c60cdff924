//! Schedules in `engine.db`, each with the time that it is due next. Each function is part of its caller's transaction.

use rusqlite::{Connection, OptionalExtension, Row, params};

use super::ScheduleSpec;
use crate::engine::EngineError;

/// A schedule and when it is due.
pub(super) struct Due {
    pub spec: ScheduleSpec,
    pub at_ms: i64,
}

/// The expression under which a schedule is kept.
pub(super) fn expression(database: &Connection, name: &str) -> Result<Option<String>, EngineError> {
    let mut statement = database.prepare_cached("SELECT expression FROM schedules WHERE name = ?1")?;
    Ok(statement.query_row([name], |row| row.get(0)).optional()?)
}

/// Makes a schedule, or changes all of it but the time that it is due.
pub(super) fn put(database: &Connection, spec: &ScheduleSpec) -> Result<(), EngineError> {
    database.execute(
        "INSERT INTO schedules (name, arn, expression, queue_arn, role, role_arn, input, dead_letter_arn) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) \
         ON CONFLICT (name) DO UPDATE SET arn = excluded.arn, expression = excluded.expression, \
         queue_arn = excluded.queue_arn, role = excluded.role, role_arn = excluded.role_arn, input = excluded.input, \
         dead_letter_arn = excluded.dead_letter_arn",
        params![
            spec.name,
            spec.arn,
            spec.expression,
            spec.queue_arn,
            spec.role,
            spec.role_arn,
            spec.input,
            spec.dead_letter_arn
        ],
    )?;
    Ok(())
}

/// When a schedule is due next; `None`: never again.
pub(super) fn set_due(database: &Connection, name: &str, at_ms: Option<i64>) -> Result<(), EngineError> {
    database.prepare_cached("UPDATE schedules SET due_at = ?2 WHERE name = ?1")?.execute(params![name, at_ms])?;
    Ok(())
}

/// All names.
pub(super) fn names(database: &Connection) -> Result<Vec<String>, EngineError> {
    let mut statement = database.prepare_cached("SELECT name FROM schedules ORDER BY name")?;
    let names = statement.query_map([], |row| row.get(0))?;
    Ok(names.collect::<Result<_, _>>()?)
}

/// Forgets a schedule.
pub(super) fn delete(database: &Connection, name: &str) -> Result<(), EngineError> {
    database.execute("DELETE FROM schedules WHERE name = ?1", [name])?;
    Ok(())
}

/// The schedule that has been due for the longest.
pub(super) fn due(database: &Connection, now_ms: i64) -> Result<Option<Due>, EngineError> {
    let mut statement = database.prepare_cached(
        "SELECT name, arn, expression, queue_arn, role, role_arn, input, dead_letter_arn, due_at FROM schedules \
         WHERE due_at <= ?1 ORDER BY due_at, name LIMIT 1",
    )?;
    Ok(statement.query_row([now_ms], read).optional()?)
}

/// When any schedule is due next.
pub(super) fn next_due_at(database: &Connection) -> Result<Option<i64>, EngineError> {
    Ok(database.prepare_cached("SELECT MIN(due_at) FROM schedules")?.query_row([], |row| row.get(0))?)
}

fn read(row: &Row<'_>) -> rusqlite::Result<Due> {
    let spec = ScheduleSpec {
        name: row.get(0)?,
        arn: row.get(1)?,
        expression: row.get(2)?,
        queue_arn: row.get(3)?,
        role: row.get(4)?,
        role_arn: row.get(5)?,
        input: row.get(6)?,
        dead_letter_arn: row.get(7)?,
    };
    Ok(Due { spec, at_ms: row.get(8)? })
}
