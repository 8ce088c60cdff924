//! Brings rows up to commits: version by version, whatever the order in which they come.

use std::sync::Arc;

use domain::ids::Version;
use futures::lock::Mutex;

use super::{
    Applied, Change, Generation, Generations, Pointer, Projection, ProjectionError, RowKey, Rows, folding::Readable,
};
use crate::{
    commit::{Commit, Hash},
    ports::Clock,
    store::EventStore,
};

/// How many commits one read of a gap asks for.
const GAP_PAGE: u16 = 25;
/// How often one commit is tried when another projector applies the same stream, or adds to the same total.
const ATTEMPTS_MAX: u32 = 8;

/// Brings the rows of one projection up to each commit that it is handed.
#[derive(Clone)]
pub struct Projector {
    projection: Arc<dyn Projection>,
    rows: Arc<dyn Rows>,
    generations: Arc<dyn Generations>,
    store: Arc<dyn EventStore>,
    clock: Arc<dyn Clock>,
}

impl Projector {
    /// A projector over its rows; the store is read only where messages are missing or carry states of other code.
    #[must_use]
    pub fn new(
        projection: Arc<dyn Projection>,
        rows: Arc<dyn Rows>,
        generations: Arc<dyn Generations>,
        store: Arc<dyn EventStore>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self { projection, rows, generations, store, clock }
    }

    /// What it projects.
    #[must_use]
    pub fn projection(&self) -> &dyn Projection {
        self.projection.as_ref()
    }

    /// The history beneath.
    pub(crate) fn store(&self) -> &dyn EventStore {
        self.store.as_ref()
    }

    /// The pointer's home.
    pub(crate) fn generations(&self) -> &dyn Generations {
        self.generations.as_ref()
    }

    /// Begins a batch of messages that have been received.
    #[must_use]
    pub fn batch(&self) -> Batch {
        Batch { projector: self.clone(), pointer: Mutex::new(None) }
    }

    /// Applies a commit and whatever is missing before it, to every generation that matters.
    ///
    /// # Errors
    /// See [`ProjectionError`]; nothing is ever half applied to a generation.
    pub async fn project(&self, commit: &Commit) -> Result<(), ProjectionError> {
        self.batch().project(commit).await
    }

    /// Applies a commit and whatever is missing before it to one generation.
    pub(crate) async fn project_into(&self, generation: Generation, commit: &Commit) -> Result<(), ProjectionError> {
        let key =
            self.projection.key(&commit.stream).ok_or_else(|| ProjectionError::ForeignStream(commit.stream.clone()))?;
        let key = generation.key(&key);
        for attempt in 0..ATTEMPTS_MAX {
            if attempt > 0 {
                self.clock.back_off(attempt).await;
            }
            let mut shown = self.rows.shown(&key).await?;
            if let Some((seen, _)) = shown.as_ref().filter(|(seen, _)| seen.version >= commit.version) {
                return same_history(commit, *seen);
            }
            let folding = self.projection.folding(&commit.stream);
            let mut readable = Readable::new(self.store.as_ref(), &commit.stream, folding);
            let mut overtaken = false;
            let missing = self.missing(commit, shown.as_ref().map(|(seen, _)| *seen)).await?;
            for next in missing.iter().chain([commit]) {
                shown = self.apply(generation, &key, shown, next, &mut readable).await?;
                overtaken = shown.is_none();
                if overtaken {
                    break; // Another projector was faster: look again at what it applied.
                }
            }
            if !overtaken {
                return Ok(());
            }
        }
        Err(ProjectionError::Contended(commit.stream.clone()))
    }

    /// Applies one commit to a view row that shows what is before it; answers what it shows then, `None` if it had moved on.
    async fn apply(
        &self,
        generation: Generation,
        key: &RowKey,
        shown: Option<(Applied, String)>,
        commit: &Commit,
        readable: &mut Readable<'_>,
    ) -> Result<Option<(Applied, String)>, ProjectionError> {
        let (seen, before) = shown.unzip();
        if commit.previous != seen.map_or(Hash::NONE, |seen| seen.hash) {
            return Err(ProjectionError::ChainBroken { stream: commit.stream.clone(), version: commit.version });
        }
        let (document, others) = self.projection.change(&readable.of(commit).await?, before.as_deref())?;
        let hash = commit.hash();
        let change = Change {
            key: key.clone(),
            stream: commit.stream.clone(),
            expected: seen.map(|seen| seen.version),
            version: commit.version,
            hash,
            document: document.clone(),
            others: others.into_iter().map(|other| other.within(generation)).collect(),
        };
        let applied = Applied { version: commit.version, hash };
        Ok(self.rows.apply(change).await?.then_some((applied, document)))
    }

    /// What lies between the last version applied and `commit`.
    async fn missing(&self, commit: &Commit, applied: Option<Applied>) -> Result<Vec<Commit>, ProjectionError> {
        let mut next = applied.map_or(Version(0), |seen| seen.version.next());
        let mut missing = Vec::new();
        while next < commit.version {
            let page = self.store.read(&commit.stream, next, GAP_PAGE).await?;
            for found in page.iter().filter(|found| found.version < commit.version) {
                if found.version != next {
                    break;
                }
                missing.push(found.clone());
                next = next.next();
            }
            if page.first().is_none_or(|first| first.version > next) && next < commit.version {
                return Err(ProjectionError::Gap { stream: commit.stream.clone(), version: next });
            }
        }
        Ok(missing)
    }
}

/// A projector at work on one batch of messages.
///
/// It looks once at which generations there are. That must be after its messages were received: a rebuild counts on every commit
/// either being there when it begins to read, or meeting a projector that knows of it.
pub struct Batch {
    projector: Projector,
    pointer: Mutex<Option<Pointer>>,
}

impl Batch {
    /// See [`Projector::project`].
    ///
    /// # Errors
    /// See [`ProjectionError`].
    pub async fn project(&self, commit: &Commit) -> Result<(), ProjectionError> {
        for generation in self.pointer().await?.written() {
            self.projector.project_into(generation, commit).await?;
        }
        Ok(())
    }

    async fn pointer(&self) -> Result<Pointer, ProjectionError> {
        let mut seen = self.pointer.lock().await;
        if let Some(pointer) = *seen {
            return Ok(pointer);
        }
        let pointer = self.projector.generations.pointer(self.projector.projection.name()).await?;
        *seen = Some(pointer);
        Ok(pointer)
    }
}

/// A redelivery is fine; another commit under a version that was applied is not.
fn same_history(commit: &Commit, seen: Applied) -> Result<(), ProjectionError> {
    if seen.version == commit.version && seen.hash != commit.hash() {
        return Err(ProjectionError::ChainBroken { stream: commit.stream.clone(), version: commit.version });
    }
    Ok(())
}
