//! Storage and time of the local engine.
//!
//! Two files: `dynamodb.db` holds the items and their streams, `engine.db` everything else that AWS would remember.
//! A process may die at any moment: whatever was answered is in one of them.

pub mod clock;
mod error;
mod items;
mod schema;
#[cfg(test)]
mod tests;

use std::{
    path::Path,
    sync::{
        Arc, Mutex, MutexGuard,
        atomic::{AtomicU64, Ordering},
    },
};

use dynoxide::storage::Storage;
use rusqlite::{Connection, OptionalExtension, Transaction, TransactionBehavior, params};
use sha2::{Digest, Sha256};
use tokio::sync::Notify;

use clock::Clock;
pub use error::EngineError;

/// Everything that the local AWS remembers, and the clock that it lives by.
pub struct Engine {
    database: Mutex<Connection>,
    items: Mutex<Storage>,
    clock: Arc<dyn Clock>,
    work: Notify,
    opened: i64,
    ids: AtomicU64,
}

impl std::fmt::Debug for Engine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Engine").field("clock", &self.clock).finish_non_exhaustive()
    }
}

impl Engine {
    /// Opens the files in `dir` and makes what is missing; without a folder everything is in memory.
    ///
    /// # Errors
    /// When the folder or a file in it cannot be used.
    pub fn open(dir: Option<&Path>, clock: Arc<dyn Clock>) -> Result<Arc<Self>, EngineError> {
        if let Some(dir) = dir {
            std::fs::create_dir_all(dir)?;
        }
        let database = match dir {
            Some(dir) => Connection::open(dir.join("engine.db"))?,
            None => Connection::open_in_memory()?,
        };
        // FULL: what was acknowledged is here even after the machine died, as with the items.
        database.pragma_update(None, "journal_mode", "WAL")?;
        database.pragma_update(None, "synchronous", "FULL")?;
        database.execute_batch(schema::SCHEMA)?;
        database.execute_batch(crate::services::states::SCHEMA)?;
        database.set_prepared_statement_cache_capacity(128);
        let opened = database.query_row(
            "INSERT INTO meta (name, value) VALUES ('opened', 1) \
             ON CONFLICT (name) DO UPDATE SET value = value + 1 RETURNING value",
            [],
            |row| row.get(0),
        )?;
        let items = items::open(dir.map(|dir| dir.join("dynamodb.db")).as_deref(), Arc::clone(&clock))?;
        Ok(Arc::new(Self {
            database: Mutex::new(database),
            items: Mutex::new(items),
            clock,
            work: Notify::new(),
            opened,
            ids: AtomicU64::new(0),
        }))
    }

    /// The bank's clock.
    #[must_use]
    pub fn clock(&self) -> &Arc<dyn Clock> {
        &self.clock
    }

    /// What time it is at the bank, in milliseconds since the Unix epoch.
    #[must_use]
    pub fn now_ms(&self) -> i64 {
        self.clock.now_ms()
    }

    /// Wakes whoever runs the bank. One waiter; a signal that comes while nobody waits is kept.
    #[must_use]
    pub fn work(&self) -> &Notify {
        &self.work
    }

    /// Says that something new may be due.
    pub fn announce(&self) {
        self.work.notify_one();
    }

    /// Runs `f` in one transaction of `engine.db`; an error undoes all of it.
    ///
    /// # Errors
    /// Those of `f`, and a failing database.
    pub fn write<T, E: From<EngineError>>(&self, f: impl FnOnce(&Transaction<'_>) -> Result<T, E>) -> Result<T, E> {
        let mut database = self.database()?;
        let transaction =
            database.transaction_with_behavior(TransactionBehavior::Immediate).map_err(EngineError::from)?;
        let value = f(&transaction)?;
        transaction.commit().map_err(EngineError::from)?;
        Ok(value)
    }

    /// Reads `engine.db`.
    ///
    /// # Errors
    /// Those of `f`, and a failing database.
    pub fn read<T, E: From<EngineError>>(&self, f: impl FnOnce(&Connection) -> Result<T, E>) -> Result<T, E> {
        f(&*self.database()?)
    }

    /// A new id. A fresh engine in memory always gives the same ones in the same order, so that a simulation can be
    /// repeated; each opening of a file gives others.
    #[must_use]
    pub fn next_id(&self) -> uuid::Uuid {
        let number = self.ids.fetch_add(1, Ordering::Relaxed);
        let digest =
            Sha256::new().chain_update(self.opened.to_be_bytes()).chain_update(number.to_be_bytes()).finalize();
        let mut bytes = [0_u8; 16];
        bytes.iter_mut().zip(digest).for_each(|(to, from)| *to = from);
        uuid::Builder::from_random_bytes(bytes).into_uuid()
    }

    /// The last sequence number that the event source mapping `source` has done with.
    ///
    /// # Errors
    /// When the database fails.
    pub fn position(&self, source: &str) -> Result<Option<i64>, EngineError> {
        self.read(|database| {
            Ok(database
                .prepare_cached("SELECT seq FROM positions WHERE source = ?1")?
                .query_row([source], |row| row.get(0))
                .optional()?)
        })
    }

    /// Remembers how far the event source mapping `source` has come.
    ///
    /// # Errors
    /// When the database fails.
    pub fn set_position(&self, source: &str, seq: i64) -> Result<(), EngineError> {
        self.write(|database| {
            database
                .prepare_cached(
                    "INSERT INTO positions (source, seq) VALUES (?1, ?2) \
                     ON CONFLICT (source) DO UPDATE SET seq = excluded.seq",
                )?
                .execute(params![source, seq])?;
            Ok(())
        })
    }

    /// The DynamoDB store.
    pub(crate) fn items(&self) -> Result<MutexGuard<'_, Storage>, EngineError> {
        self.items.lock().map_err(|_| EngineError::Poisoned)
    }

    fn database(&self) -> Result<MutexGuard<'_, Connection>, EngineError> {
        self.database.lock().map_err(|_| EngineError::Poisoned)
    }
}
