//! States as this code folds them, for commits beside which other code left its own.

use domain::{
    aggregate::Aggregate,
    ids::{StreamId, Version},
};

use crate::{
    commit::Commit,
    store::{EventStore, StoreError},
    streams::each,
};

/// The state of one stream of any kind, folded commit by commit.
pub trait Folding: Send {
    /// The `STATE_VERSION` of the states that it folds.
    fn state_version(&self) -> u32;

    /// Goes on by one commit.
    ///
    /// # Errors
    /// When the commit cannot be read.
    fn fold(&mut self, commit: &Commit) -> Result<(), StoreError>;

    /// The state so far, as it stands beside a commit.
    ///
    /// # Errors
    /// When it does not serialise.
    fn state(&self) -> Result<String, StoreError>;
}

/// Folds streams of this aggregate, from before the first commit.
#[must_use]
pub fn folding<A: Aggregate>() -> Box<dyn Folding> {
    Box::new(Of::<A> { state: A::State::default() })
}

struct Of<A: Aggregate> {
    state: A::State,
}

impl<A: Aggregate> Folding for Of<A> {
    fn state_version(&self) -> u32 {
        A::STATE_VERSION
    }

    fn fold(&mut self, commit: &Commit) -> Result<(), StoreError> {
        let events = commit.body::<A>()?.events;
        self.state = events.iter().fold(std::mem::take(&mut self.state), A::evolve);
        Ok(())
    }

    fn state(&self) -> Result<String, StoreError> {
        super::document(&self.state)
    }
}

/// Commits of one stream with the states that this code reads, whichever code wrote them.
pub(super) struct Readable<'a> {
    store: &'a dyn EventStore,
    stream: &'a StreamId,
    folding: Option<Box<dyn Folding>>,
    /// What comes after the last commit that was folded.
    next: Version,
}

impl<'a> Readable<'a> {
    pub(super) fn new(store: &'a dyn EventStore, stream: &'a StreamId, folding: Option<Box<dyn Folding>>) -> Self {
        Self { store, stream, folding, next: Version(0) }
    }

    /// The commit as it is if its state is of this code, otherwise with its state folded again. Only for ever newer commits.
    pub(super) async fn of(&mut self, commit: &Commit) -> Result<Commit, StoreError> {
        let mut readable = commit.clone();
        if let Some(folding) = self.folding.as_mut().filter(|it| it.state_version() != commit.state_version) {
            each(self.store, self.stream, self.next..commit.version, |before| folding.fold(before)).await?;
            folding.fold(commit)?;
            self.next = commit.version.next();
            (readable.state, readable.state_version) = (folding.state()?, folding.state_version());
        }
        Ok(readable)
    }
}
