//! What the partner keeps: its key and each webhook, as one file each.

use std::{collections::BTreeMap, fs, io, path::PathBuf};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{BankError, Delivery, Outcome};

/// Older finished webhooks are forgotten beyond this many, so that a long run does not eat the memory.
const KEPT_MAX: usize = 10_000;

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Kept {
    pub(super) order: u64,
    pub(super) created_ms: i64,
    pub(super) nonce: u32,
    pub(super) body: String,
    pub(super) delivery: Delivery,
}

#[derive(Debug, Default)]
pub(super) struct Store {
    dir: Option<PathBuf>,
    next: u64,
    by_order: BTreeMap<u64, Kept>,
}

impl Store {
    pub(super) fn open(dir: Option<PathBuf>) -> Result<Self, BankError> {
        let mut store = Self { dir, ..Self::default() };
        if let Some(dir) = &store.dir {
            fs::create_dir_all(dir).map_err(storage)?;
            for entry in fs::read_dir(dir).map_err(storage)? {
                let path = entry.map_err(storage)?.path();
                if path.extension().is_some_and(|extension| extension == "json") {
                    let kept: Kept = serde_json::from_slice(&fs::read(&path).map_err(storage)?)
                        .map_err(|source| BankError::Unreadable { source })?;
                    store.next = store.next.max(kept.order + 1);
                    store.by_order.insert(kept.order, kept);
                }
            }
        }
        Ok(store)
    }

    pub(super) fn add(&mut self, mut kept: Kept) -> Result<(), BankError> {
        kept.order = self.next;
        self.next += 1;
        self.save(kept)?;
        self.forget_old()
    }

    pub(super) fn save(&mut self, kept: Kept) -> Result<(), BankError> {
        if let Some(path) = self.path(kept.delivery.id) {
            let text = serde_json::to_vec(&kept).map_err(|source| BankError::Unreadable { source })?;
            // A rename is atomic: a kill in between leaves the old file, never half of one.
            let partial = path.with_extension("partial");
            fs::write(&partial, text).and_then(|()| fs::rename(&partial, &path)).map_err(storage)?;
        }
        self.by_order.insert(kept.order, kept);
        Ok(())
    }

    pub(super) fn find(&self, id: Uuid) -> Option<&Kept> {
        self.by_order.values().rev().find(|kept| kept.delivery.id == id)
    }

    pub(super) fn all(&self) -> impl Iterator<Item = &Kept> {
        self.by_order.values()
    }

    fn forget_old(&mut self) -> Result<(), BankError> {
        if self.by_order.len() <= KEPT_MAX {
            return Ok(());
        }
        let finished = |kept: &&Kept| matches!(kept.delivery.outcome, Outcome::Delivered | Outcome::GivenUp(_));
        let Some((order, id)) = self.by_order.values().find(finished).map(|kept| (kept.order, kept.delivery.id)) else {
            return Ok(()); // All of them still wait for an answer: none may be dropped.
        };
        self.by_order.remove(&order);
        match self.path(id) {
            Some(path) => fs::remove_file(path).map_err(storage),
            None => Ok(()),
        }
    }

    fn path(&self, id: Uuid) -> Option<PathBuf> {
        self.dir.as_ref().map(|dir| dir.join(format!("{id}.json")))
    }
}

fn storage(source: io::Error) -> BankError {
    BankError::Storage { source }
}
