//! What the provider keeps: a file for each entity that was added, and the key; or memory only.

use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
};

use aws_lc_rs::digest;
use serde::{Deserialize, Serialize};

use super::{Entity, ScreeningError, watchlist};
use crate::private;

const KEY_BYTES: usize = 16;
const VERSION_BYTES: usize = 8;

/// Everybody who is listed, by id.
pub(super) struct Watchlist {
    dir: Option<PathBuf>,
    entities: BTreeMap<String, Entity>,
    /// Of what is listed, so that it is another one once that has changed, and the same after a restart.
    version: String,
}

impl Watchlist {
    pub(super) fn open(dir: Option<&Path>) -> Result<Self, ScreeningError> {
        let dir = dir.map(|dir| dir.join("entities"));
        let mut entities: BTreeMap<_, _> = watchlist::invented().into_iter().map(|it| (it.id.clone(), it)).collect();
        if let Some(dir) = &dir {
            fs::create_dir_all(dir).map_err(storage)?;
            for entry in fs::read_dir(dir).map_err(storage)? {
                let path = entry.map_err(storage)?.path();
                if path.extension().is_some_and(|extension| extension == "json") {
                    let entity: Entity =
                        serde_json::from_slice(&fs::read(&path).map_err(storage)?).map_err(unreadable)?;
                    entities.insert(entity.id.clone(), entity);
                }
            }
        }
        let version = version_of(&entities)?;
        Ok(Self { dir, entities, version })
    }

    /// Puts somebody there, over the one of the same id.
    pub(super) fn put(&mut self, entity: Entity) -> Result<(), ScreeningError> {
        if let Some(dir) = &self.dir {
            let text = serde_json::to_vec(&entity).map_err(unreadable)?;
            // A rename is atomic: a kill in between leaves the old file, never half of one.
            let (path, partial) = (dir.join(format!("{}.json", entity.id)), dir.join(format!("{}.partial", entity.id)));
            fs::write(&partial, text).and_then(|()| fs::rename(&partial, &path)).map_err(storage)?;
        }
        self.entities.insert(entity.id.clone(), entity);
        self.version = version_of(&self.entities)?;
        Ok(())
    }

    /// How the lists stand.
    pub(super) fn version(&self) -> &str {
        &self.version
    }

    pub(super) fn all(&self) -> impl Iterator<Item = &Entity> {
        self.entities.values()
    }
}

/// The real one is of a time and three letters; all that is said of it is that it changes with what is indexed.
fn version_of(entities: &BTreeMap<String, Entity>) -> Result<String, ScreeningError> {
    let bytes = serde_json::to_vec(entities).map_err(unreadable)?;
    let digest = digest::digest(&digest::SHA256, &bytes);
    Ok(hex::encode(digest.as_ref().iter().take(VERSION_BYTES).copied().collect::<Vec<_>>()))
}

#[derive(Serialize, Deserialize)]
struct Key {
    api_key: String,
}

/// What calls must carry, made on first use.
pub(super) fn api_key(dir: Option<&Path>) -> Result<String, ScreeningError> {
    let path = dir.map(|dir| dir.join("key.json"));
    if let Some(path) = path.as_ref().filter(|path| path.exists()) {
        let key: Key = serde_json::from_slice(&fs::read(path).map_err(storage)?).map_err(unreadable)?;
        return Ok(key.api_key);
    }
    let mut bytes = [0; KEY_BYTES];
    crate::chance::fill(&mut bytes).map_err(|_| ScreeningError::Random)?;
    let key = Key { api_key: hex::encode(bytes) };
    if let Some(path) = path {
        private::write(&path, &serde_json::to_vec(&key).map_err(unreadable)?).map_err(storage)?;
    }
    Ok(key.api_key)
}

fn storage(source: io::Error) -> ScreeningError {
    ScreeningError::Storage { source }
}

fn unreadable(source: serde_json::Error) -> ScreeningError {
    ScreeningError::Unreadable { source }
}
