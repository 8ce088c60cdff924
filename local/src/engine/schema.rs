//! The tables of `engine.db`: everything that is not a DynamoDB item.

/// Makes what is missing. A change of an existing table needs a new table beside it, since files outlive binaries.
pub(super) const SCHEMA: &str = "
CREATE TABLE IF NOT EXISTS meta (
  name TEXT PRIMARY KEY,
  value INTEGER NOT NULL
) STRICT;

CREATE TABLE IF NOT EXISTS positions (
  source TEXT PRIMARY KEY,
  seq INTEGER NOT NULL
) STRICT;

CREATE TABLE IF NOT EXISTS queues (
  name TEXT PRIMARY KEY,
  visibility_s INTEGER NOT NULL,
  delay_s INTEGER NOT NULL,
  retention_s INTEGER NOT NULL,
  dead_letter_arn TEXT,
  max_receives INTEGER,
  policy TEXT,
  created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE IF NOT EXISTS messages (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  queue TEXT NOT NULL,
  id TEXT NOT NULL,
  body TEXT NOT NULL,
  attributes TEXT NOT NULL,
  sender TEXT NOT NULL,
  message_group TEXT,
  dead_letter_source TEXT,
  sent_at INTEGER NOT NULL,
  visible_at INTEGER NOT NULL,
  receive_count INTEGER NOT NULL,
  first_received_at INTEGER,
  receipt TEXT
) STRICT;
CREATE INDEX IF NOT EXISTS messages_due ON messages (queue, visible_at, seq);

CREATE TABLE IF NOT EXISTS fifo_queues (
  name TEXT PRIMARY KEY,
  content_based INTEGER NOT NULL,
  scope TEXT NOT NULL
) STRICT;

CREATE TABLE IF NOT EXISTS fifo_messages (
  seq INTEGER PRIMARY KEY,
  deduplication_id TEXT NOT NULL
) STRICT;
CREATE TRIGGER IF NOT EXISTS fifo_messages_go AFTER DELETE ON messages BEGIN
  DELETE FROM fifo_messages WHERE seq = old.seq;
END;

CREATE TABLE IF NOT EXISTS deduplications (
  queue TEXT NOT NULL,
  message_group TEXT NOT NULL,
  deduplication_id TEXT NOT NULL,
  id TEXT NOT NULL,
  seq INTEGER NOT NULL,
  accepted_at INTEGER NOT NULL,
  PRIMARY KEY (queue, message_group, deduplication_id)
) STRICT;

CREATE TABLE IF NOT EXISTS topics (
  name TEXT PRIMARY KEY
) STRICT;

CREATE TABLE IF NOT EXISTS subscriptions (
  topic TEXT NOT NULL,
  queue TEXT NOT NULL,
  filter_policy TEXT,
  dead_letter_arn TEXT,
  PRIMARY KEY (topic, queue)
) STRICT;

CREATE TABLE IF NOT EXISTS body_filters (
  topic TEXT NOT NULL,
  queue TEXT NOT NULL,
  PRIMARY KEY (topic, queue)
) STRICT;

CREATE TABLE IF NOT EXISTS buses (
  name TEXT PRIMARY KEY
) STRICT;

CREATE TABLE IF NOT EXISTS rules (
  bus TEXT NOT NULL,
  name TEXT NOT NULL,
  pattern TEXT NOT NULL,
  PRIMARY KEY (bus, name)
) STRICT;

CREATE TABLE IF NOT EXISTS targets (
  bus TEXT NOT NULL,
  rule TEXT NOT NULL,
  id TEXT NOT NULL,
  queue TEXT NOT NULL,
  dead_letter_arn TEXT,
  PRIMARY KEY (bus, rule, id)
) STRICT;

CREATE TABLE IF NOT EXISTS schedules (
  name TEXT PRIMARY KEY,
  arn TEXT NOT NULL,
  expression TEXT NOT NULL,
  queue_arn TEXT NOT NULL,
  role TEXT NOT NULL,
  role_arn TEXT NOT NULL,
  input TEXT NOT NULL,
  dead_letter_arn TEXT,
  due_at INTEGER
) STRICT;

CREATE TABLE IF NOT EXISTS buckets (
  name TEXT PRIMARY KEY
) STRICT;

CREATE TABLE IF NOT EXISTS objects (
  bucket TEXT NOT NULL,
  key TEXT NOT NULL,
  body BLOB NOT NULL,
  etag TEXT NOT NULL,
  headers TEXT NOT NULL,
  checksums TEXT NOT NULL,
  modified_at INTEGER NOT NULL,
  PRIMARY KEY (bucket, key)
) STRICT;

CREATE TABLE IF NOT EXISTS kms_keys (
  id TEXT PRIMARY KEY,
  usage TEXT NOT NULL,
  material BLOB NOT NULL,
  created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE IF NOT EXISTS mails (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  mail TEXT NOT NULL
) STRICT;

CREATE TABLE IF NOT EXISTS kms_aliases (
  alias TEXT PRIMARY KEY,
  key_id TEXT NOT NULL
) STRICT;
";
