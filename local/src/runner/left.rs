//! What a bank that is not running has left to do. It is looked at, and nothing is changed: neither a start nor a repair.

use std::path::Path;

use rusqlite::{Connection, OpenFlags, OptionalExtension as _, params};

use super::RunnerError;
use crate::{
    services::arn,
    template::{EventSource, Plan},
};

/// What is not done in a folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Left {
    /// Messages in queues that feed functions.
    pub messages: u64,
    /// Stream records that no function has taken.
    pub records: u64,
    /// Executions with a step that is not done. One that waits for a token or a timer is none of these.
    pub steps: u64,
    /// Executions that are not over, whatever they wait for.
    pub executions: u64,
}

impl Left {
    /// Looks into a folder that no bank works in.
    ///
    /// # Errors
    /// When there is no bank in it, or none that ever ran with this plan.
    pub fn read(folder: &Path, plan: &Plan) -> Result<Self, RunnerError> {
        let open = |name: &str| Connection::open_with_flags(folder.join(name), OpenFlags::SQLITE_OPEN_READ_ONLY);
        let (engine, items) = (open("engine.db")?, open("dynamodb.db")?);
        let mut left = Self::default();
        for event in plan.functions.iter().flat_map(|function| &function.events) {
            match event {
                EventSource::Sqs { queue_arn, .. } => {
                    let sql = "SELECT COUNT(*) FROM messages WHERE queue = ?1";
                    left.messages += count(&engine, sql, &[arn::name(queue_arn)])?;
                }
                EventSource::Stream { id, table, .. } => {
                    let taken = engine.query_row("SELECT seq FROM positions WHERE source = ?1", [id], |row| row.get(0));
                    let taken: i64 = taken.optional()?.unwrap_or_default();
                    let sql = "SELECT COUNT(*) FROM _stream_records \
                               WHERE table_name = ?1 AND CAST(sequence_number AS INTEGER) > ?2";
                    let untaken = items.query_row(sql, params![arn::name(table), taken], |row| row.get(0));
                    left.records += untaken.map(|it: i64| it.unsigned_abs())?;
                }
                EventSource::Http { .. } => {}
            }
        }
        left.steps = count(&engine, "SELECT COUNT(*) FROM executions WHERE status = 'RUNNING' AND ready = 1", &[])?;
        left.executions = count(&engine, "SELECT COUNT(*) FROM executions WHERE status = 'RUNNING'", &[])?;
        Ok(left)
    }

    /// Whether anything is to be done now.
    #[must_use]
    pub fn is_anything(self) -> bool {
        self.messages + self.records + self.steps > 0
    }
}

fn count(database: &Connection, sql: &str, of: &[&str]) -> Result<u64, RunnerError> {
    let counted: i64 = database.query_row(sql, rusqlite::params_from_iter(of), |row| row.get(0))?;
    Ok(counted.unsigned_abs())
}
