//! A table's stream, as Lambda's event source mapping hands it to a function.

use dynoxide::{Item, storage::Storage, types::item_size};
use rusqlite::params;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::{
    engine::EngineError,
    services::arn::{self, REGION},
};

/// AWS's sequence numbers have at least 21 digits; these count on from here.
const SEQUENCE_BASE: i128 = 100_000_000_000_000_000_000;

/// One change of one item.
#[derive(Debug, Clone, PartialEq)]
pub struct StreamRecord {
    /// Its place in the stream.
    pub seq: i64,
    /// When the change was made, to the second.
    pub created_at_ms: i64,
    /// The record exactly as a function receives it.
    pub json: Value,
}

/// The records of `table` after `after`.
///
/// It reads the pinned store's own table, because its public way has no room for the index that makes this quick.
pub(super) fn records(
    items: &Storage,
    table: &str,
    after: i64,
    limit: usize,
) -> Result<Vec<StreamRecord>, EngineError> {
    let described = items
        .get_table_metadata(table)
        .map_err(|error| EngineError::Dynamo(error.to_string()))?
        .ok_or_else(|| EngineError::unknown(format!("the table {table}")))?;
    let view = described.stream_view_type.unwrap_or_default();
    let mut statement = items.conn().prepare_cached(
        "SELECT CAST(sequence_number AS INTEGER), event_name, keys_json, new_image, old_image, created_at, user_identity \
         FROM _stream_records WHERE table_name = ?1 AND CAST(sequence_number AS INTEGER) > ?2 \
         ORDER BY CAST(sequence_number AS INTEGER) LIMIT ?3",
    )?;
    let rows = statement.query_map(params![table, after, i64::try_from(limit).unwrap_or(i64::MAX)], |row| {
        Ok(Row {
            seq: row.get(0)?,
            event: row.get(1)?,
            keys: row.get(2)?,
            new_image: row.get(3)?,
            old_image: row.get(4)?,
            created_at: row.get(5)?,
            identity: row.get(6)?,
        })
    })?;
    rows.map(|row| row?.into_record(table, &view)).collect()
}

/// The newest record of any stream, by the store's own count.
pub(super) fn newest(items: &Storage) -> Result<i64, EngineError> {
    let mut statement = items.conn().prepare_cached("SELECT COALESCE(MAX(rowid), 0) FROM _stream_records")?;
    Ok(statement.query_row([], |row| row.get(0))?)
}

/// Forgets the records since then of writes that changed nothing: DynamoDB writes none, the store does. Told apart only where the
/// stream shows both images.
pub(super) fn forget_unchanged(items: &Storage, since: i64) -> Result<(), EngineError> {
    let mut statement = items.conn().prepare_cached(
        "SELECT rowid, new_image, old_image FROM _stream_records \
         WHERE rowid > ?1 AND event_name = 'MODIFY' AND new_image IS NOT NULL AND old_image IS NOT NULL",
    )?;
    let rows = statement
        .query_map([since], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1)?, row.get::<_, String>(2)?)))?;
    // The store writes the names of an image in any order.
    let image = |text: &str| serde_json::from_str::<Value>(text).ok();
    for row in rows.collect::<Result<Vec<_>, _>>()? {
        let (rowid, new, old) = row;
        if image(&new).is_some_and(|new| Some(new) == image(&old)) {
            items.conn().prepare_cached("DELETE FROM _stream_records WHERE rowid = ?1")?.execute([rowid])?;
        }
    }
    Ok(())
}

/// The newest sequence number of `table`.
pub(super) fn last_sequence(items: &Storage, table: &str) -> Result<i64, EngineError> {
    Ok(items
        .conn()
        .prepare_cached(
            "SELECT COALESCE(MAX(CAST(sequence_number AS INTEGER)), 0) FROM _stream_records WHERE table_name = ?1",
        )?
        .query_row([table], |row| row.get(0))?)
}

struct Row {
    seq: i64,
    event: String,
    keys: String,
    new_image: Option<String>,
    old_image: Option<String>,
    created_at: i64,
    identity: Option<String>,
}

impl Row {
    fn into_record(self, table: &str, view: &str) -> Result<StreamRecord, EngineError> {
        let corrupt = || EngineError::corrupt(format!("record {} of the stream of {table}", self.seq));
        let images =
            [("Keys", Some(&self.keys)), ("NewImage", self.new_image.as_ref()), ("OldImage", self.old_image.as_ref())];
        let mut change = json!({
            "ApproximateCreationDateTime": self.created_at,
            "SequenceNumber": i128::from(self.seq).saturating_add(SEQUENCE_BASE).to_string(),
            "StreamViewType": view,
        });
        let mut bytes = 0_usize;
        for (name, image) in images {
            let Some(image) = image else { continue };
            let item: Item = serde_json::from_str(image).map_err(|_| corrupt())?;
            bytes = bytes.saturating_add(item_size(&item));
            let value: Value = serde_json::from_str(image).map_err(|_| corrupt())?;
            if let Some(change) = change.as_object_mut() {
                change.insert(name.to_owned(), value);
            }
        }
        if let Some(change) = change.as_object_mut() {
            change.insert("SizeBytes".to_owned(), json!(bytes));
        }
        let mut record = json!({
            "eventID": event_id(table, self.seq),
            "eventName": self.event,
            "eventVersion": "1.1",
            "eventSource": "aws:dynamodb",
            "awsRegion": REGION,
            "dynamodb": change,
            "eventSourceARN": arn::stream(table),
        });
        if let (Some(identity), Some(record)) = (&self.identity, record.as_object_mut()) {
            record.insert("userIdentity".to_owned(), serde_json::from_str(identity).map_err(|_| corrupt())?);
        }
        Ok(StreamRecord { seq: self.seq, created_at_ms: self.created_at.saturating_mul(1_000), json: record })
    }
}

/// The store's own ids are random; these are the same whenever the same history is played again.
fn event_id(table: &str, seq: i64) -> String {
    let digest = Sha256::new().chain_update(table).chain_update(seq.to_be_bytes()).finalize();
    hex::encode(digest.iter().copied().take(16).collect::<Vec<_>>())
}
