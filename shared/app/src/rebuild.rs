//! `granary rebuild`: writes a projection anew beside the rows that are read, out of the whole history, and flips a pointer.
//!
//! It is correct while projectors run, because of an order of events. The pointer says first that a generation is being built; then
//! the history is read. So a commit was either there when reading began, or its message came to a projector after the pointer had
//! moved, and that projector writes both generations: see [`Batch`](crate::projection::Batch). Whoever comes first, versions keep
//! the other from doing it again. Projectors write what is being built before what is read, so that the flip takes nothing back.
//!
//! A rebuild that is broken off leaves a generation that nobody reads. The next one does not go on with it, since other code may
//! have begun it, but starts over under a number of its own. Of two at once the later one wins: the earlier finds the pointer
//! moved and ends.

use domain::error::{Class, Classify};
use time::Duration;

use crate::{
    commit::Commit,
    ports::PortError,
    projection::{Generation, Pointer, ProjectionError, Projector},
    store::StoreError,
};

/// How long rows have to outlive the flip: a query may have read the pointer just before, keep it for as long as
/// [`POINTER_CACHE`], and then run for as long as a function may.
pub const OUTLIVES: Duration = Duration::seconds(12);

/// How long queries may go by a pointer that they have read.
pub const POINTER_CACHE: Duration = Duration::seconds(1);

/// How often one commit is tried again when projectors at work are always faster, each time as often as a projector does.
const CONTENTIONS_MAX: u32 = 10;

/// A rebuild that came to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rebuilt {
    /// What is read from now on.
    pub generation: Generation,
    /// How many commits it shows.
    pub commits: u64,
}

/// Why a rebuild did not come to its end. What is read is as it was.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RebuildError {
    /// Somebody began another one.
    #[error("another rebuild of {0} was begun")]
    Superseded(&'static str),
    /// A commit could not be projected.
    #[error(transparent)]
    Projection(#[from] ProjectionError),
    /// The history could not be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The pointer or the rows.
    #[error(transparent)]
    Port(#[from] PortError),
}

impl Classify for RebuildError {
    fn class(&self) -> Class {
        match self {
            Self::Superseded(_) => Class::Rejected,
            Self::Projection(error) => error.class(),
            Self::Store(error) => error.class(),
            Self::Port(error) => error.class(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Superseded(_) => "REBUILD_SUPERSEDED",
            Self::Projection(error) => error.code(),
            Self::Store(error) => error.code(),
            Self::Port(error) => error.code(),
        }
    }
}

/// Writes a projection anew and lets queries read that. The rows that were read until now stay; [`sweep`] removes them.
///
/// # Errors
/// See [`RebuildError`]. Running it again is safe.
pub async fn rebuild(projector: &Projector) -> Result<Rebuilt, RebuildError> {
    let (name, generations) = (projector.projection().name(), projector.generations());
    let found = generations.pointer(name).await?;
    let fresh = found.fresh();
    let building = Pointer { current: found.current, building: Some(fresh) };
    let superseded = || RebuildError::Superseded(name);
    if !generations.move_pointer(name, found, building).await? {
        return Err(superseded());
    }
    let mut rebuilt = Rebuilt { generation: fresh, commits: 0 };
    let mut cursor = None;
    loop {
        let (page, next) = projector.store().scan(cursor).await?;
        for commit in page.iter().filter(|commit| projector.projection().key(&commit.stream).is_some()) {
            insist(projector, fresh, commit).await?;
            rebuilt.commits += 1;
        }
        if generations.pointer(name).await? != building {
            return Err(superseded());
        }
        cursor = next;
        if cursor.is_none() {
            break;
        }
    }
    let flipped = Pointer { current: fresh, building: None };
    if generations.move_pointer(name, building, flipped).await? { Ok(rebuilt) } else { Err(superseded()) }
}

/// Projectors at work hold on to the same rows and totals for moments only.
async fn insist(projector: &Projector, generation: Generation, commit: &Commit) -> Result<(), ProjectionError> {
    let mut contentions = 0;
    loop {
        match projector.project_into(generation, commit).await {
            Err(ProjectionError::Contended(_)) if contentions < CONTENTIONS_MAX => contentions += 1,
            outcome => return outcome,
        }
    }
}

/// Removes the rows of this projection that are older than what is read, and answers how many: what was read before, and what
/// rebuilds left that were broken off. Nobody writes them on purpose any more; a projector that is late may leave one behind,
/// which nobody reads and the next sweep removes.
///
/// After a flip, not before [`OUTLIVES`] has passed, unless nobody is reading.
///
/// # Errors
/// See [`RebuildError`]. Running it again is safe.
pub async fn sweep(projector: &Projector) -> Result<u64, RebuildError> {
    let (projection, generations) = (projector.projection(), projector.generations());
    // It only ever grows, so what is older now is older for ever, whatever else is being rebuilt.
    let current = generations.pointer(projection.name()).await?.current;
    let mut removed = 0;
    let mut after = None;
    loop {
        let (mut page, next) = generations.keys(after).await?;
        page.retain(|stored| {
            let (generation, key) = Generation::split(stored);
            generation < current && projection.owns(&key)
        });
        generations.remove(&page).await?;
        removed += page.len() as u64;
        after = next;
        if after.is_none() {
            return Ok(removed);
        }
    }
}

#[cfg(test)]
mod tests;
