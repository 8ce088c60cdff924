//! What the provider keeps: one file for each thing, in a folder for each kind of thing; or memory only.

use std::{collections::BTreeMap, fs, io, path::PathBuf};

use serde::{Deserialize, Serialize, de::DeserializeOwned};
use uuid::Uuid;

use super::{Delivery, OnfidoError, Run};

/// A webhook with the bytes that are sent, however often.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct KeptWebhook {
    pub(super) body: String,
    pub(super) delivery: Delivery,
    /// The run as the webhook tells of it, which is kept by itself a moment later.
    #[serde(default)]
    pub(super) run: Option<Run>,
}

#[derive(Serialize, Deserialize)]
struct Kept<T> {
    order: u64,
    value: T,
}

/// Things of one kind by their id, in the order in which they were first put there.
pub(super) struct Shelf<T> {
    dir: Option<PathBuf>,
    next: u64,
    order_of: BTreeMap<Uuid, u64>,
    by_order: BTreeMap<u64, T>,
}

impl<T: Clone + Serialize + DeserializeOwned> Shelf<T> {
    pub(super) fn open(dir: Option<PathBuf>) -> Result<Self, OnfidoError> {
        let mut shelf = Self { dir, next: 0, order_of: BTreeMap::new(), by_order: BTreeMap::new() };
        let Some(dir) = &shelf.dir else { return Ok(shelf) };
        fs::create_dir_all(dir).map_err(storage)?;
        for entry in fs::read_dir(dir).map_err(storage)? {
            let path = entry.map_err(storage)?.path();
            if path.extension().is_none_or(|extension| extension != "json") {
                continue;
            }
            let id = path.file_stem().and_then(|stem| stem.to_str()).and_then(|stem| stem.parse().ok());
            let id: Uuid = id.ok_or_else(|| storage(io::Error::other("a file is not named by an id")))?;
            let kept: Kept<T> = serde_json::from_slice(&fs::read(&path).map_err(storage)?)
                .map_err(|source| OnfidoError::Unreadable { source })?;
            shelf.next = shelf.next.max(kept.order + 1);
            shelf.order_of.insert(id, kept.order);
            shelf.by_order.insert(kept.order, kept.value);
        }
        Ok(shelf)
    }

    /// Puts a thing there, over the one of the same id.
    pub(super) fn put(&mut self, id: Uuid, value: T) -> Result<(), OnfidoError> {
        let order = self.order_of.get(&id).copied().unwrap_or(self.next);
        let kept = Kept { order, value };
        if let Some(path) = self.path(id) {
            let text = serde_json::to_vec(&kept).map_err(|source| OnfidoError::Unreadable { source })?;
            // A rename is atomic: a kill in between leaves the old file, never half of one.
            let partial = path.with_extension("partial");
            fs::write(&partial, text).and_then(|()| fs::rename(&partial, &path)).map_err(storage)?;
        }
        self.next = self.next.max(order + 1);
        self.order_of.insert(id, order);
        self.by_order.insert(order, kept.value);
        Ok(())
    }

    pub(super) fn get(&self, id: Uuid) -> Option<&T> {
        self.by_order.get(self.order_of.get(&id)?)
    }

    /// Oldest first.
    pub(super) fn all(&self) -> impl DoubleEndedIterator<Item = &T> {
        self.by_order.values()
    }

    pub(super) fn len(&self) -> usize {
        self.by_order.len()
    }

    pub(super) fn remove(&mut self, id: Uuid) -> Result<(), OnfidoError> {
        if let Some(order) = self.order_of.remove(&id) {
            self.by_order.remove(&order);
            if let Some(path) = self.path(id) {
                fs::remove_file(path).map_err(storage)?;
            }
        }
        Ok(())
    }

    fn path(&self, id: Uuid) -> Option<PathBuf> {
        self.dir.as_ref().map(|dir| dir.join(format!("{id}.json")))
    }
}

pub(super) fn storage(source: io::Error) -> OnfidoError {
    OnfidoError::Storage { source }
}
