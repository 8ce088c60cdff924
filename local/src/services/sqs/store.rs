//! Queues in `engine.db`. Each function is part of its caller's transaction, so that fan-out and redrive are atomic.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::{
    fifo::{self, Arrival},
    model::{
        FifoMessage, Message, Outgoing, QueueCounts, QueueSpec, Redrive, Sent, attributes_md5, attributes_text,
        body_md5,
    },
};
use crate::{engine::EngineError, services::arn};

const MESSAGE: &str = "seq, id, body, attributes, sender, message_group, dead_letter_source, sent_at, receive_count, \
     first_received_at, \
     (SELECT deduplication_id FROM fifo_messages WHERE fifo_messages.seq = messages.seq)";

/// Makes a queue or changes it to what `spec` says.
pub(super) fn create(database: &Connection, spec: &QueueSpec, now_ms: i64) -> Result<(), EngineError> {
    database.execute(
        "INSERT INTO queues (name, visibility_s, delay_s, retention_s, dead_letter_arn, max_receives, policy, created_at) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) \
         ON CONFLICT (name) DO UPDATE SET visibility_s = excluded.visibility_s, delay_s = excluded.delay_s, \
         retention_s = excluded.retention_s, dead_letter_arn = excluded.dead_letter_arn, \
         max_receives = excluded.max_receives, policy = excluded.policy",
        params![
            spec.name,
            spec.visibility_s,
            spec.delay_s,
            spec.retention_s,
            spec.redrive.as_ref().map(|redrive| &redrive.dead_letter_arn),
            spec.redrive.as_ref().map(|redrive| redrive.max_receives),
            spec.policy.as_ref().map(ToString::to_string),
            now_ms,
        ],
    )?;
    fifo::put(database, spec)
}

/// A queue and when it was made.
pub(in crate::services) fn queue(database: &Connection, name: &str) -> Result<Option<(QueueSpec, i64)>, EngineError> {
    let row = database
        .prepare_cached(
            "SELECT visibility_s, delay_s, retention_s, dead_letter_arn, max_receives, policy, created_at \
             FROM queues WHERE name = ?1",
        )?
        .query_row([name], |row| {
            let redrive = match (row.get::<_, Option<String>>(3)?, row.get::<_, Option<u32>>(4)?) {
                (Some(dead_letter_arn), Some(max_receives)) => Some(Redrive { dead_letter_arn, max_receives }),
                _ => None,
            };
            let policy = row.get::<_, Option<String>>(5)?.and_then(|text| serde_json::from_str(&text).ok());
            let (visibility_s, delay_s, retention_s) = (row.get(0)?, row.get(1)?, row.get(2)?);
            let spec = QueueSpec { visibility_s, delay_s, retention_s, redrive, policy, ..QueueSpec::new(name) };
            Ok((spec, row.get(6)?))
        })
        .optional()?;
    let Some((mut spec, created_at)) = row else { return Ok(None) };
    spec.fifo = fifo::get(database, name)?;
    Ok(Some((spec, created_at)))
}

/// A queue that must exist.
pub(super) fn known(database: &Connection, name: &str) -> Result<QueueSpec, EngineError> {
    queue(database, name)?.map(|(spec, _)| spec).ok_or_else(|| EngineError::unknown(format!("the queue {name}")))
}

/// All queues' names that begin with `prefix`.
pub(super) fn names(database: &Connection, prefix: &str) -> Result<Vec<String>, EngineError> {
    let mut statement = database.prepare_cached("SELECT name FROM queues ORDER BY name")?;
    let names = statement.query_map([], |row| row.get::<_, String>(0))?;
    Ok(names.collect::<Result<Vec<_>, _>>()?.into_iter().filter(|name| name.starts_with(prefix)).collect())
}

/// Puts a message into a queue that exists.
pub(in crate::services) fn send(
    database: &Connection,
    queue: &QueueSpec,
    id: &str,
    message: &Outgoing,
    now_ms: i64,
) -> Result<Sent, EngineError> {
    let arrival = queue.fifo.map(|fifo| fifo::arrive(database, queue, &fifo, message, now_ms)).transpose()?;
    let remembered = match arrival {
        None => None,
        Some(Arrival::New(remembered)) => Some(remembered),
        Some(Arrival::Repeated(sent)) => return Ok(sent),
    };
    let delay_ms = i64::from(message.delay_s.unwrap_or(queue.delay_s)).saturating_mul(1_000);
    database
        .prepare_cached(
            "INSERT INTO messages (queue, id, body, attributes, sender, message_group, sent_at, visible_at, receive_count) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, 0)",
        )?
        .execute(params![
            queue.name,
            id,
            message.body,
            attributes_text(&message.attributes)?,
            message.sender,
            message.group,
            now_ms,
            now_ms.saturating_add(delay_ms),
        ])?;
    let seq = database.last_insert_rowid();
    if let Some(remembered) = &remembered {
        fifo::remember(database, queue, remembered, id, seq, now_ms)?;
    }
    Ok(Sent {
        id: id.to_owned(),
        body_md5: body_md5(&message.body),
        attributes_md5: attributes_md5(&message.attributes),
        sequence_number: remembered.map(|_| fifo::sequence_number(seq)),
    })
}

/// Receives up to `max` messages: the oldest of quiet groups first, those of groups with work in flight after them. A FIFO queue
/// keeps back the latter.
pub(super) fn receive(
    database: &Connection,
    queue: &QueueSpec,
    max: usize,
    visibility_s: u32,
    now_ms: i64,
    mut receipt: impl FnMut() -> String,
) -> Result<Vec<Message>, EngineError> {
    expire(database, queue, now_ms)?;
    set_aside_exhausted(database, queue, now_ms)?;
    let visible_again = now_ms.saturating_add(i64::from(visibility_s).saturating_mul(1_000));
    let first = if queue.fifo.is_some() { Groups::InOrder } else { Groups::Quiet };
    let mut due = due(database, queue, first, max, now_ms)?;
    if queue.fifo.is_none() && due.len() < max {
        due.extend(self::due(database, queue, Groups::Busy, max.saturating_sub(due.len()), now_ms)?);
    }
    let mut messages = Vec::with_capacity(due.len());
    for (seq, mut message) in due {
        let receipt = receipt();
        database
            .prepare_cached(
                "UPDATE messages SET visible_at = ?2, receive_count = receive_count + 1, receipt = ?3, \
                 first_received_at = COALESCE(first_received_at, ?4) WHERE seq = ?1",
            )?
            .execute(params![seq, visible_again, receipt, now_ms])?;
        message.receive_count = message.receive_count.saturating_add(1);
        message.first_received_at_ms.get_or_insert(now_ms);
        message.receipt_handle = handle(&queue.name, seq, &receipt);
        messages.push(message);
    }
    Ok(messages)
}

#[derive(Clone, Copy)]
enum Groups {
    Quiet,
    Busy,
    InOrder,
}

fn due(
    database: &Connection,
    queue: &QueueSpec,
    groups: Groups,
    max: usize,
    now_ms: i64,
) -> Result<Vec<(i64, Message)>, EngineError> {
    let busy = "(SELECT message_group FROM messages WHERE queue = ?1 AND visible_at > ?2 AND receive_count > 0 \
                 AND message_group IS NOT NULL)";
    let (condition, order) = match groups {
        Groups::Quiet => (format!("(message_group IS NULL OR message_group NOT IN {busy})"), "visible_at, seq"),
        Groups::Busy => (format!("message_group IN {busy}"), "visible_at, seq"),
        Groups::InOrder => (fifo::NEXT_OF_GROUPS.to_owned(), "seq"),
    };
    let mut statement = database.prepare_cached(&format!(
        "SELECT {MESSAGE} FROM messages WHERE queue = ?1 AND visible_at <= ?2 AND {condition} ORDER BY {order} LIMIT ?3"
    ))?;
    let rows = statement.query_map(params![queue.name, now_ms, i64::try_from(max).unwrap_or(i64::MAX)], message)?;
    rows.map(|row| row?).collect()
}

/// Looks at a queue's messages, oldest first, without receiving them.
pub(super) fn peek(database: &Connection, queue: &str, limit: usize) -> Result<Vec<Message>, EngineError> {
    let mut statement =
        database.prepare_cached(&format!("SELECT {MESSAGE} FROM messages WHERE queue = ?1 ORDER BY seq LIMIT ?2"))?;
    let rows = statement.query_map(params![queue, i64::try_from(limit).unwrap_or(i64::MAX)], message)?;
    rows.map(|row| row?.map(|(_, message)| message)).collect()
}

/// Deletes a message by the handle of its last receive. An older handle deletes nothing, and that is no error.
pub(super) fn delete(database: &Connection, queue: &str, handle: &Handle) -> Result<bool, EngineError> {
    let deleted = database
        .prepare_cached("DELETE FROM messages WHERE seq = ?1 AND queue = ?2 AND receipt = ?3")?
        .execute(params![handle.seq, queue, handle.receipt])?;
    Ok(deleted > 0)
}

/// Hides a received message for `seconds` from now; `false` when it is not in flight under this handle.
pub(super) fn change_visibility(
    database: &Connection,
    queue: &str,
    handle: &Handle,
    seconds: u32,
    now_ms: i64,
) -> Result<bool, EngineError> {
    let changed = database
        .prepare_cached(
            "UPDATE messages SET visible_at = ?4 WHERE seq = ?1 AND queue = ?2 AND receipt = ?3 AND visible_at > ?5",
        )?
        .execute(params![
            handle.seq,
            queue,
            handle.receipt,
            now_ms.saturating_add(i64::from(seconds).saturating_mul(1_000)),
            now_ms
        ])?;
    Ok(changed > 0)
}

/// Gives a received message back as if it had not been received, to be received no sooner than then.
pub(super) fn postpone(
    database: &Connection,
    queue: &str,
    handle: &Handle,
    visible_at_ms: i64,
) -> Result<(), EngineError> {
    database
        .prepare_cached(
            "UPDATE messages SET visible_at = ?4, receive_count = receive_count - 1, receipt = NULL \
             WHERE seq = ?1 AND queue = ?2 AND receipt = ?3",
        )?
        .execute(params![handle.seq, queue, handle.receipt, visible_at_ms])?;
    Ok(())
}

/// Makes every received message visible, and its handle worthless.
pub(super) fn give_back(database: &Connection, queue: &str, now_ms: i64) -> Result<(), EngineError> {
    let sql = "UPDATE messages SET visible_at = ?2, receipt = NULL \
               WHERE queue = ?1 AND visible_at > ?2 AND receipt IS NOT NULL";
    database.execute(sql, params![queue, now_ms])?;
    Ok(())
}

/// Deletes every message.
pub(super) fn purge(database: &Connection, queue: &str) -> Result<(), EngineError> {
    database.execute("DELETE FROM messages WHERE queue = ?1", [queue])?;
    Ok(())
}

/// The queues with a message that is visible by then.
pub(super) fn with_visible(database: &Connection, by_ms: i64) -> Result<Vec<String>, EngineError> {
    let mut statement = database.prepare_cached(
        "SELECT name FROM queues WHERE EXISTS (SELECT 1 FROM messages WHERE queue = name AND visible_at <= ?1)",
    )?;
    let names = statement.query_map([by_ms], |row| row.get(0))?;
    Ok(names.collect::<Result<_, _>>()?)
}

/// When a message becomes visible next after a moment, by queue.
pub(super) fn becoming_visible(database: &Connection, after_ms: i64) -> Result<Vec<(String, i64)>, EngineError> {
    let mut statement = database.prepare_cached(
        "SELECT name, (SELECT MIN(visible_at) FROM messages WHERE queue = name AND visible_at > ?1) AS next \
         FROM queues WHERE next IS NOT NULL",
    )?;
    let queues = statement.query_map([after_ms], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(queues.collect::<Result<_, _>>()?)
}

/// How many messages there are.
pub(super) fn counts(database: &Connection, queue: &str, now_ms: i64) -> Result<QueueCounts, EngineError> {
    Ok(database
        .prepare_cached(
            "SELECT COUNT(*) FILTER (WHERE visible_at <= ?2), \
             COUNT(*) FILTER (WHERE visible_at > ?2 AND receive_count > 0), \
             COUNT(*) FILTER (WHERE visible_at > ?2 AND receive_count = 0) FROM messages WHERE queue = ?1",
        )?
        .query_row(params![queue, now_ms], |row| {
            Ok(QueueCounts { visible: row.get(0)?, in_flight: row.get(1)?, delayed: row.get(2)? })
        })?)
}

fn expire(database: &Connection, queue: &QueueSpec, now_ms: i64) -> Result<(), EngineError> {
    let oldest = now_ms.saturating_sub(i64::from(queue.retention_s).saturating_mul(1_000));
    database
        .prepare_cached("DELETE FROM messages WHERE queue = ?1 AND visible_at <= ?2 AND sent_at <= ?3")?
        .execute(params![queue.name, now_ms, oldest])?;
    Ok(())
}

/// A message that would be received once too often goes to the dead-letter queue as it is. Without that queue it stays.
fn set_aside_exhausted(database: &Connection, queue: &QueueSpec, now_ms: i64) -> Result<(), EngineError> {
    let Some(redrive) = &queue.redrive else { return Ok(()) };
    let dead_letters = arn::name(&redrive.dead_letter_arn);
    if self::queue(database, dead_letters)?.is_none() {
        return Ok(());
    }
    // Only a FIFO queue counts a message's age from its arrival in the dead-letter queue.
    let (also_set, also_where) = match &queue.fifo {
        None => ("", String::new()),
        Some(_) => (", sent_at = ?2", format!(" AND {}", fifo::NEXT_OF_GROUPS)),
    };
    database
        .prepare_cached(&format!(
            "UPDATE messages SET queue = ?3, dead_letter_source = ?4, visible_at = ?2, receipt = NULL{also_set} \
             WHERE queue = ?1 AND visible_at <= ?2 AND receive_count >= ?5{also_where}",
        ))?
        .execute(params![queue.name, now_ms, dead_letters, arn::queue(&queue.name), redrive.max_receives])?;
    Ok(())
}

fn message(row: &Row<'_>) -> rusqlite::Result<Result<(i64, Message), EngineError>> {
    let id: String = row.get(1)?;
    let Ok(attributes) = serde_json::from_str(&row.get::<_, String>(3)?) else {
        return Ok(Err(EngineError::corrupt(format!("the attributes of message {id}"))));
    };
    let seq = row.get(0)?;
    let deduplication_id: Option<String> = row.get(10)?;
    let message = Message {
        id,
        body: row.get(2)?,
        receipt_handle: String::new(),
        attributes,
        sender: row.get(4)?,
        group: row.get(5)?,
        dead_letter_source: row.get(6)?,
        sent_at_ms: row.get(7)?,
        receive_count: row.get(8)?,
        first_received_at_ms: row.get(9)?,
        fifo: deduplication_id
            .map(|deduplication_id| FifoMessage { deduplication_id, sequence_number: fifo::sequence_number(seq) }),
    };
    Ok(Ok((seq, message)))
}

/// What a receipt handle says.
pub(super) struct Handle {
    seq: i64,
    receipt: String,
}

impl Handle {
    /// Reads a handle that was given out for `queue`.
    pub fn parse(queue: &str, text: &str) -> Option<Self> {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        let mut parts = std::str::from_utf8(&bytes).ok()?.split(' ');
        let (of, seq, receipt) = (parts.next()?, parts.next()?, parts.next()?);
        (of == queue).then_some(Self { seq: seq.parse().ok()?, receipt: receipt.to_owned() })
    }
}

fn handle(queue: &str, seq: i64, receipt: &str) -> String {
    URL_SAFE_NO_PAD.encode(format!("{queue} {seq} {receipt}"))
}
