//! S3: buckets of bytes, durable in `engine.db`.

mod body;
mod list;
mod object;
#[cfg(test)]
mod tests;
mod wire;

use std::{
    collections::BTreeMap,
    sync::{Arc, PoisonError, RwLock},
};

use bytes::Bytes;
use http::{Request, Response};
use md5::{Digest, Md5};
use rusqlite::{Connection, OptionalExtension, params};

use super::router::{Gate, Principal};
use crate::engine::{Engine, EngineError};

/// The buckets.
pub struct S3 {
    engine: Arc<Engine>,
    gate: Gate,
    // Said anew at each start, as the template may change it.
    keys: RwLock<BTreeMap<String, String>>,
}

/// An object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Object {
    /// Its bytes.
    pub body: Bytes,
    /// MD5 of the bytes, in hex and in quotes.
    pub etag: String,
    /// The headers it was stored with: its media type, `x-amz-meta-…` and the like.
    pub headers: BTreeMap<String, String>,
    /// Its checksums by header name.
    pub checksums: BTreeMap<String, String>,
    /// When it was stored.
    pub modified_at_ms: i64,
}

impl S3 {
    pub(super) fn new(engine: Arc<Engine>, gate: Gate) -> Self {
        Self { engine, gate, keys: RwLock::default() }
    }

    /// From now on a bucket's objects are under this KMS key, unless whoever stores one says otherwise.
    pub fn encrypt_with(&self, bucket: &str, key_arn: &str) {
        let mut keys = self.keys.write().unwrap_or_else(PoisonError::into_inner);
        keys.insert(bucket.to_owned(), key_arn.to_owned());
    }

    fn key_of(&self, bucket: &str) -> Option<String> {
        self.keys.read().unwrap_or_else(PoisonError::into_inner).get(bucket).cloned()
    }

    /// Makes a bucket if it is missing.
    ///
    /// # Errors
    /// When the database fails.
    pub fn create_bucket(&self, name: &str) -> Result<(), EngineError> {
        self.engine.write(|database| {
            database.execute("INSERT INTO buckets (name) VALUES (?1) ON CONFLICT DO NOTHING", [name])?;
            Ok(())
        })
    }

    /// Stores an object.
    ///
    /// # Errors
    /// When the bucket does not exist, or the database fails.
    pub fn put(&self, bucket: &str, key: &str, body: Bytes) -> Result<(), EngineError> {
        let object = Object::new(body, self.engine.now_ms());
        self.engine.write(|database| {
            if !exists(database, bucket)? {
                return Err(EngineError::unknown(format!("the bucket {bucket}")));
            }
            store(database, bucket, key, &object)
        })
    }

    /// An object.
    ///
    /// # Errors
    /// When the database fails.
    pub fn get(&self, bucket: &str, key: &str) -> Result<Option<Object>, EngineError> {
        self.engine.read(|database| load(database, bucket, key))
    }

    /// The keys that begin with `prefix`, in order.
    ///
    /// # Errors
    /// When the database fails.
    pub fn keys(&self, bucket: &str, prefix: &str) -> Result<Vec<String>, EngineError> {
        self.engine.read(|database| {
            let mut statement =
                database.prepare_cached("SELECT key FROM objects WHERE bucket = ?1 AND key >= ?2 ORDER BY key")?;
            let keys = statement.query_map(params![bucket, prefix], |row| row.get::<_, String>(0))?;
            Ok(keys.collect::<Result<Vec<_>, _>>()?.into_iter().take_while(|key| key.starts_with(prefix)).collect())
        })
    }

    /// Answers one call.
    pub(super) fn handle(&self, principal: &Principal, request: Request<Bytes>) -> Response<Bytes> {
        wire::handle(self, principal, request)
    }
}

impl Object {
    fn new(body: Bytes, modified_at_ms: i64) -> Self {
        let etag = format!("\"{}\"", hex::encode(Md5::digest(&body)));
        Self { body, etag, headers: BTreeMap::new(), checksums: BTreeMap::new(), modified_at_ms }
    }
}

fn exists(database: &Connection, bucket: &str) -> Result<bool, EngineError> {
    Ok(database
        .prepare_cached("SELECT EXISTS (SELECT 1 FROM buckets WHERE name = ?1)")?
        .query_row([bucket], |row| row.get(0))?)
}

fn store(database: &Connection, bucket: &str, key: &str, object: &Object) -> Result<(), EngineError> {
    let text = |map: &BTreeMap<String, String>| {
        serde_json::to_string(map).map_err(|_| EngineError::corrupt(format!("the headers of {bucket}/{key}")))
    };
    database
        .prepare_cached(
            "INSERT INTO objects (bucket, key, body, etag, headers, checksums, modified_at) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (bucket, key) DO UPDATE SET body = excluded.body, \
             etag = excluded.etag, headers = excluded.headers, checksums = excluded.checksums, \
             modified_at = excluded.modified_at",
        )?
        .execute(params![
            bucket,
            key,
            object.body.as_ref(),
            object.etag,
            text(&object.headers)?,
            text(&object.checksums)?,
            object.modified_at_ms
        ])?;
    Ok(())
}

fn load(database: &Connection, bucket: &str, key: &str) -> Result<Option<Object>, EngineError> {
    let row = database
        .prepare_cached(
            "SELECT body, etag, headers, checksums, modified_at FROM objects WHERE bucket = ?1 AND key = ?2",
        )?
        .query_row(params![bucket, key], |row| {
            Ok((
                row.get::<_, Vec<u8>>(0)?,
                row.get(1)?,
                row.get::<_, String>(2)?,
                row.get::<_, String>(3)?,
                row.get(4)?,
            ))
        })
        .optional()?;
    let Some((body, etag, headers, checksums, modified_at_ms)) = row else { return Ok(None) };
    let map = |text: &str| {
        serde_json::from_str(text).map_err(|_| EngineError::corrupt(format!("the headers of {bucket}/{key}")))
    };
    let (headers, checksums) = (map(&headers)?, map(&checksums)?);
    Ok(Some(Object { body: Bytes::from(body), etag, headers, checksums, modified_at_ms }))
}
