//! What the engine's database keeps of state machines and their executions.

/// Makes what is missing.
///
/// An execution is one row: what it was started with, how it ended, and in between its `run`, the document that says where each of
/// its branches is. `ready` and `due_at` are read off that document whenever it is written, so that a pass finds its work by an index.
/// Executions keep their definition by its hash, as a machine may get another one while they run.
pub const SCHEMA: &str = "
CREATE TABLE IF NOT EXISTS state_machine_definitions (
  hash TEXT PRIMARY KEY,
  definition TEXT NOT NULL
) STRICT;

CREATE TABLE IF NOT EXISTS state_machines (
  arn TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  role TEXT NOT NULL,
  definition TEXT NOT NULL,
  created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE IF NOT EXISTS executions (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  arn TEXT NOT NULL UNIQUE,
  machine TEXT NOT NULL,
  name TEXT NOT NULL,
  role TEXT NOT NULL,
  definition TEXT NOT NULL,
  input TEXT NOT NULL,
  status TEXT NOT NULL,
  output TEXT,
  error TEXT,
  cause TEXT,
  started_at INTEGER NOT NULL,
  stopped_at INTEGER,
  run TEXT NOT NULL,
  ready INTEGER NOT NULL,
  due_at INTEGER
) STRICT;
CREATE INDEX IF NOT EXISTS executions_of ON executions (machine, seq);
CREATE INDEX IF NOT EXISTS executions_ready ON executions (ready, seq) WHERE status = 'RUNNING';
CREATE INDEX IF NOT EXISTS executions_due ON executions (due_at) WHERE status = 'RUNNING';

CREATE TABLE IF NOT EXISTS execution_events (
  execution INTEGER NOT NULL,
  id INTEGER NOT NULL,
  at INTEGER NOT NULL,
  kind TEXT NOT NULL,
  previous INTEGER NOT NULL,
  details TEXT,
  PRIMARY KEY (execution, id)
) STRICT, WITHOUT ROWID;
";
