//! What is different about a FIFO queue: groups keep their order, and the same message is taken once within five minutes.

use rusqlite::{Connection, OptionalExtension, params};
use sha2::{Digest, Sha256};

use super::{
    model::{Deduplication, Fifo, Outgoing, QueueSpec, Sent, attributes_md5, body_md5},
    operations::invalid,
};
use crate::{engine::EngineError, services::fault::Fault};

/// What the name of a FIFO queue ends in.
pub const SUFFIX: &str = ".fifo";

/// For how long a deduplication id is remembered, counted from the message that was taken.
const REMEMBERED_MS: i64 = 5 * 60 * 1_000;
const ID_CHARS_MAX: usize = 128;

/// What keeps a message out of a FIFO queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Missing {
    Group,
    DeduplicationId,
}

/// A message's place in a FIFO queue.
struct Place<'a> {
    group: &'a str,
    deduplication_id: String,
}

impl Missing {
    fn fault(self) -> Fault {
        match self {
            Self::Group => Fault::new("MissingParameter", "The request must contain the parameter MessageGroupId."),
            Self::DeduplicationId => invalid(
                "The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided \
                 explicitly"
                    .to_owned(),
            ),
        }
    }
}

fn place<'a>(fifo: &Fifo, message: &'a Outgoing) -> Result<Place<'a>, Missing> {
    let group = message.group.as_deref().ok_or(Missing::Group)?;
    let content = || fifo.content_based.then(|| hex::encode(Sha256::digest(&message.body)));
    let deduplication_id = message.deduplication.clone().or_else(content).ok_or(Missing::DeduplicationId)?;
    Ok(Place { group, deduplication_id })
}

/// Whether the queue takes such a message at all, in the words that a client knows.
pub(super) fn fit(queue: &QueueSpec, message: &Outgoing) -> Result<(), Fault> {
    let ids = [("MessageGroupId", &message.group), ("MessageDeduplicationId", &message.deduplication)];
    for (parameter, id) in ids {
        if id.as_ref().is_some_and(|id| !is_id(id)) {
            return Err(invalid(format!(
                "Value for parameter {parameter} is invalid. Reason: {parameter} can only include alphanumeric and \
                 punctuation characters. 1 to {ID_CHARS_MAX} in length."
            )));
        }
    }
    let not_for_this_type = |parameter: &str| {
        invalid(format!("The request includes the parameter {parameter}, which is not valid for this queue type"))
    };
    match &queue.fifo {
        None if message.deduplication.is_some() => Err(not_for_this_type("MessageDeduplicationId")),
        None => Ok(()),
        Some(_) if message.delay_s.is_some() => Err(not_for_this_type("DelaySeconds")),
        Some(fifo) => place(fifo, message).map(drop).map_err(Missing::fault),
    }
}

fn is_id(text: &str) -> bool {
    (1..=ID_CHARS_MAX).contains(&text.len()) && text.chars().all(|c| c.is_ascii_graphic())
}

/// Keeps what makes a queue a FIFO queue.
pub(super) fn put(database: &Connection, queue: &QueueSpec) -> Result<(), EngineError> {
    let Some(fifo) = &queue.fifo else { return Ok(()) };
    let scope = match fifo.deduplication {
        Deduplication::Queue => "queue",
        Deduplication::Group => "messageGroup",
    };
    database.execute(
        "INSERT INTO fifo_queues (name, content_based, scope) VALUES (?1, ?2, ?3) \
         ON CONFLICT (name) DO UPDATE SET content_based = excluded.content_based, scope = excluded.scope",
        params![queue.name, fifo.content_based, scope],
    )?;
    Ok(())
}

/// What makes a queue a FIFO queue, if it is one.
pub(super) fn get(database: &Connection, name: &str) -> Result<Option<Fifo>, EngineError> {
    if !name.ends_with(SUFFIX) {
        return Ok(None);
    }
    let mut statement = database.prepare_cached("SELECT content_based, scope FROM fifo_queues WHERE name = ?1")?;
    let row = statement.query_row([name], |row| Ok((row.get(0)?, row.get::<_, String>(1)?))).optional()?;
    Ok(row.map(|(content_based, scope)| Fifo {
        content_based,
        deduplication: if scope == "messageGroup" { Deduplication::Group } else { Deduplication::Queue },
    }))
}

/// A message's deduplication on its way into the queue.
pub(super) enum Arrival {
    /// It has not been there; this is to be remembered once it has its number.
    New(Remembered),
    /// It was there within the last five minutes: the sender is told what was told then.
    Repeated(Sent),
}

/// What is remembered about a message.
pub(super) struct Remembered {
    scope: String,
    deduplication_id: String,
}

/// Looks whether the message is a repetition.
pub(super) fn arrive(
    database: &Connection,
    queue: &QueueSpec,
    fifo: &Fifo,
    message: &Outgoing,
    now_ms: i64,
) -> Result<Arrival, EngineError> {
    let place = place(fifo, message).map_err(|missing| EngineError::unsupported(missing.fault().message))?;
    let scope = match fifo.deduplication {
        Deduplication::Queue => String::new(),
        Deduplication::Group => place.group.to_owned(),
    };
    database
        .prepare_cached("DELETE FROM deduplications WHERE queue = ?1 AND accepted_at <= ?2")?
        .execute(params![queue.name, now_ms.saturating_sub(REMEMBERED_MS)])?;
    let earlier = database
        .prepare_cached(
            "SELECT id, seq FROM deduplications WHERE queue = ?1 AND message_group = ?2 AND deduplication_id = ?3",
        )?
        .query_row(params![queue.name, scope, place.deduplication_id], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    Ok(match earlier {
        None => Arrival::New(Remembered { scope, deduplication_id: place.deduplication_id }),
        Some((id, seq)) => Arrival::Repeated(Sent {
            id,
            body_md5: body_md5(&message.body),
            attributes_md5: attributes_md5(&message.attributes),
            sequence_number: Some(sequence_number(seq)),
        }),
    })
}

/// Remembers a message that was taken under its number.
pub(super) fn remember(
    database: &Connection,
    queue: &QueueSpec,
    remembered: &Remembered,
    id: &str,
    seq: i64,
    now_ms: i64,
) -> Result<(), EngineError> {
    database
        .prepare_cached("INSERT INTO fifo_messages (seq, deduplication_id) VALUES (?1, ?2)")?
        .execute(params![seq, remembered.deduplication_id])?;
    database
        .prepare_cached(
            "INSERT INTO deduplications (queue, message_group, deduplication_id, id, seq, accepted_at) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )?
        .execute(params![queue.name, remembered.scope, remembered.deduplication_id, id, seq, now_ms])?;
    Ok(())
}

/// Twenty digits, so that the order of texts is the order of messages.
pub(super) fn sequence_number(seq: i64) -> String {
    format!("{seq:020}")
}

/// Which messages may be received: none of a group of which any is in flight, and none before those that came earlier.
pub(super) const NEXT_OF_GROUPS: &str = "message_group NOT IN (SELECT busy.message_group FROM messages AS busy \
     WHERE busy.queue = ?1 AND busy.visible_at > ?2 AND busy.receive_count > 0) \
     AND NOT EXISTS (SELECT 1 FROM messages AS earlier WHERE earlier.queue = ?1 AND earlier.visible_at > ?2 \
     AND earlier.message_group = messages.message_group AND earlier.seq < messages.seq)";
