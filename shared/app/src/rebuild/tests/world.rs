//! A store, rows, pointers and a clock in memory, whose calls give way to others now and then.

use std::{
    collections::BTreeMap,
    future::poll_fn,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
    task::Poll,
};

use async_trait::async_trait;
use domain::ids::{StreamId, Version};
use time::OffsetDateTime;

use crate::{
    commit::Commit,
    ports::{Clock, PortError},
    projection::{Applied, Change, Generation, Generations, Pointer, Projection, Projector, RowChange, RowKey, Rows},
    store::{EventStore, ScanCursor, StoreError, Transaction},
};

/// How many commits, or keys, one page of a scan has.
const SCANNED: usize = 4;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Row {
    View(StreamId, Applied, String),
    Document(String),
    Total(i128),
}

/// All of it.
pub(super) struct World {
    pub(super) commits: Mutex<Vec<Commit>>,
    pub(super) rows: Mutex<BTreeMap<RowKey, Row>>,
    pub(super) pointers: Mutex<BTreeMap<String, Pointer>>,
    chance: AtomicU64,
    pub(super) writers: AtomicUsize,
}

impl World {
    pub(super) fn new(seed: u64) -> Arc<Self> {
        Arc::new(Self {
            commits: Mutex::default(),
            rows: Mutex::default(),
            pointers: Mutex::default(),
            chance: AtomicU64::new(seed),
            writers: AtomicUsize::new(0),
        })
    }

    /// A number under `below`, by the seed.
    pub(super) fn any(&self, below: u64) -> u64 {
        let next = |it: u64| Some(it.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407));
        self.chance.fetch_update(Ordering::SeqCst, Ordering::SeqCst, next).map_or(0, |it| (it >> 33) % below)
    }

    /// Lets the others go first, now and then.
    pub(super) async fn give_way(&self) {
        let mut left = self.any(4);
        poll_fn(|context| {
            if left == 0 {
                return Poll::Ready(());
            }
            left -= 1;
            context.waker().wake_by_ref();
            Poll::Pending
        })
        .await;
    }

    pub(super) fn projector(self: &Arc<Self>, projection: impl Projection) -> Projector {
        let world = || Arc::clone(self);
        Projector::new(Arc::new(projection), world(), world(), world(), world())
    }

    /// The rows of what is read, as their projection calls them.
    pub(super) fn read(&self, projection: &dyn Projection) -> BTreeMap<RowKey, Row> {
        let pointers = self.pointers.lock().unwrap();
        let current = pointers.get(projection.name()).map_or(Generation::FIRST, |pointer| pointer.current);
        let rows = self.rows.lock().unwrap();
        let split = rows.iter().map(|(stored, row)| (Generation::split(stored), row));
        split
            .filter(|((generation, key), _)| *generation == current && projection.owns(key))
            .map(|((_, key), row)| (key, row.clone()))
            .collect()
    }

    pub(super) fn all_commits(&self) -> Vec<Commit> {
        self.commits.lock().unwrap().clone()
    }
}

#[async_trait]
impl EventStore for World {
    async fn head(&self, stream: &StreamId) -> Result<Option<Commit>, StoreError> {
        self.give_way().await;
        Ok(self.commits.lock().unwrap().iter().rev().find(|commit| commit.stream == *stream).cloned())
    }

    async fn read(&self, stream: &StreamId, from: Version, limit: u16) -> Result<Vec<Commit>, StoreError> {
        self.give_way().await;
        let commits = self.commits.lock().unwrap();
        let wanted = commits.iter().filter(|commit| commit.stream == *stream && commit.version >= from);
        Ok(wanted.take(limit.into()).cloned().collect())
    }

    async fn append(&self, transaction: Transaction) -> Result<(), StoreError> {
        self.give_way().await;
        let mut commits = self.commits.lock().unwrap();
        let taken = |new: &Commit| commits.iter().any(|old| old.stream == new.stream && old.version == new.version);
        if transaction.commits.iter().any(taken) {
            return Err(StoreError::Conflict);
        }
        commits.extend(transaction.commits);
        Ok(())
    }

    async fn scan(&self, after: Option<ScanCursor>) -> Result<(Vec<Commit>, Option<ScanCursor>), StoreError> {
        self.give_way().await;
        let mut all = self.all_commits();
        all.sort_by_key(|commit| (commit.stream.clone(), commit.version));
        all.retain(|it| after.as_ref().is_none_or(|after| (&it.stream, it.version) > (&after.stream, after.version)));
        let more = all.len() > SCANNED;
        all.truncate(SCANNED);
        let last = all.last().map(|it| ScanCursor { stream: it.stream.clone(), version: it.version });
        Ok((all, last.filter(|_| more)))
    }
}

#[async_trait]
impl Rows for World {
    async fn shown(&self, key: &RowKey) -> Result<Option<(Applied, String)>, PortError> {
        self.give_way().await;
        Ok(match self.rows.lock().unwrap().get(key) {
            Some(Row::View(_, applied, document)) => Some((*applied, document.clone())),
            Some(Row::Document(_) | Row::Total(_)) | None => None,
        })
    }

    async fn apply(&self, change: Change) -> Result<bool, PortError> {
        self.give_way().await;
        if self.any(8) == 0 {
            return Ok(false); // Somebody holds on to one of the rows.
        }
        let mut rows = self.rows.lock().unwrap();
        let applied = match rows.get(&change.key) {
            Some(Row::View(_, applied, _)) => Some(applied.version),
            Some(Row::Document(_) | Row::Total(_)) | None => None,
        };
        if applied != change.expected {
            return Ok(false);
        }
        let applied = Applied { version: change.version, hash: change.hash };
        rows.insert(change.key, Row::View(change.stream, applied, change.document));
        for other in change.others {
            match other {
                RowChange::Put(key, document) => {
                    rows.insert(key, Row::Document(document));
                }
                RowChange::Add(key, money) => match rows.entry(key).or_insert(Row::Total(0)) {
                    Row::Total(total) => *total += money.units(),
                    Row::View(..) | Row::Document(_) => panic!("not a total"),
                },
                RowChange::Remove(key) => {
                    rows.remove(&key);
                }
            }
        }
        Ok(true)
    }
}

#[async_trait]
impl Generations for World {
    async fn pointer(&self, projection: &str) -> Result<Pointer, PortError> {
        self.give_way().await;
        Ok(self.pointers.lock().unwrap().get(projection).copied().unwrap_or(Pointer::FIRST))
    }

    async fn move_pointer(&self, projection: &str, from: Pointer, to: Pointer) -> Result<bool, PortError> {
        self.give_way().await;
        let mut pointers = self.pointers.lock().unwrap();
        let pointer = pointers.entry(projection.to_owned()).or_insert(Pointer::FIRST);
        let expected = *pointer == from;
        if expected {
            *pointer = to;
        }
        Ok(expected)
    }

    async fn keys(&self, after: Option<RowKey>) -> Result<(Vec<RowKey>, Option<RowKey>), PortError> {
        self.give_way().await;
        let rows = self.rows.lock().unwrap();
        let rest = rows.keys().filter(|key| after.as_ref().is_none_or(|after| *key > after));
        let page: Vec<_> = rest.take(SCANNED).cloned().collect();
        let last = page.last().filter(|_| page.len() == SCANNED).cloned();
        Ok((page, last))
    }

    async fn remove(&self, keys: &[RowKey]) -> Result<(), PortError> {
        self.give_way().await;
        self.rows.lock().unwrap().retain(|key, _| !keys.contains(key));
        Ok(())
    }
}

#[async_trait]
impl Clock for World {
    fn now(&self) -> OffsetDateTime {
        OffsetDateTime::UNIX_EPOCH
    }

    async fn back_off(&self, _: u32) {
        self.give_way().await;
    }
}
