//! An events table whose scan is in order. AWS scans the items of one partition by their sort key; the emulator takes numbers for text.

use std::sync::Mutex;

use app::{
    commit::Commit,
    store::{EventStore, ScanCursor, StoreError, Transaction},
};
use async_trait::async_trait;
use aws::DynamoEventStore;
use domain::ids::{StreamId, Version};

/// The table, and what of a scan is still to come.
pub struct Ordered {
    store: DynamoEventStore,
    scanned: Mutex<Vec<Commit>>,
}

impl Ordered {
    /// Over a table.
    pub fn new(store: DynamoEventStore) -> Self {
        Self { store, scanned: Mutex::default() }
    }
}

#[async_trait]
impl EventStore for Ordered {
    async fn head(&self, stream: &StreamId) -> Result<Option<Commit>, StoreError> {
        self.store.head(stream).await
    }

    async fn read(&self, stream: &StreamId, from: Version, limit: u16) -> Result<Vec<Commit>, StoreError> {
        self.store.read(stream, from, limit).await
    }

    async fn append(&self, transaction: Transaction) -> Result<(), StoreError> {
        self.store.append(transaction).await
    }

    /// Everything comes with the last page.
    async fn scan(&self, after: Option<ScanCursor>) -> Result<(Vec<Commit>, Option<ScanCursor>), StoreError> {
        let (page, next) = self.store.scan(after).await?;
        let mut scanned = self.scanned.lock().unwrap();
        scanned.extend(page);
        if next.is_some() {
            return Ok((Vec::new(), next));
        }
        scanned.sort_by(|a, b| (&a.stream, a.version).cmp(&(&b.stream, b.version)));
        Ok((std::mem::take(&mut *scanned), None))
    }
}
