//! Load, decide, append over typed aggregates: the only way in which anything is written.

use std::{future::Future, ops::Range, sync::Arc};

use domain::{
    aggregate::Aggregate,
    error::Classify,
    ids::{StreamId, Version},
};
use time::OffsetDateTime;

use crate::{
    commit::{Body, Cause, Commit, Hash, timestamp},
    ports::Clock,
    store::{EventStore, StoreError, Transaction},
};

/// How often a command is decided anew when others write first.
pub const ATTEMPTS_MAX: u32 = 8;
/// How many commits one read of a refold asks for.
const REFOLD_PAGE: u16 = 100;

/// One stream as it stood when it was loaded.
#[derive(Debug)]
pub struct Loaded<A: Aggregate> {
    /// Which stream.
    pub stream: StreamId,
    /// Its newest version; `None` before its first commit.
    pub version: Option<Version>,
    /// What its events led to.
    pub state: A::State,
    hash: Hash,
}

impl<A: Aggregate> Clone for Loaded<A> {
    fn clone(&self) -> Self {
        Self { stream: self.stream.clone(), version: self.version, state: self.state.clone(), hash: self.hash }
    }
}

impl<A: Aggregate> Loaded<A> {
    fn next_version(&self) -> Version {
        self.version.map_or(Version(0), Version::next)
    }
}

/// Commits that belong together, being built.
#[derive(Debug)]
pub struct Unit {
    at: OffsetDateTime,
    cause: Cause,
    transaction: Transaction,
}

impl Unit {
    /// The moment that all of its commits carry: rules that ask for the day must ask for the day of this one.
    #[must_use]
    pub const fn at(&self) -> OffsetDateTime {
        self.at
    }

    /// Adds the events that were decided on a loaded stream and answers the stream as it will be. No events, no commit.
    ///
    /// # Errors
    /// [`StoreError::Unbuildable`] when a state or an event does not serialise.
    pub fn commit<A: Aggregate>(&mut self, loaded: Loaded<A>, events: Vec<A::Event>) -> Result<Loaded<A>, StoreError> {
        if events.is_empty() {
            return Ok(loaded);
        }
        let version = loaded.next_version();
        let state = events.iter().fold(loaded.state, A::evolve);
        let unbuildable = |error: serde_json::Error| StoreError::Unbuildable(error.to_string());
        let body = Body {
            at: timestamp(self.at),
            by: self.cause.by.to_string(),
            causation: self.cause.causation.clone(),
            correlation: self.cause.correlation.clone(),
            traceparent: self.cause.traceparent.clone(),
            events,
        };
        let commit = Commit {
            stream: loaded.stream.clone(),
            version,
            previous: loaded.hash,
            body: serde_json::to_string(&body).map_err(unbuildable)?,
            state: serde_json::to_string(&state).map_err(unbuildable)?,
            state_version: A::STATE_VERSION,
        };
        let hash = commit.hash();
        self.transaction.commits.push(commit);
        Ok(Loaded { stream: loaded.stream, version: Some(version), state, hash })
    }

    /// Makes the whole unit depend on a stream that the decision read but does not write.
    pub fn unchanged<A: Aggregate>(&mut self, loaded: &Loaded<A>) {
        self.transaction.unchanged.push((loaded.stream.clone(), loaded.next_version()));
    }
}

/// The streams of one context.
#[derive(Clone)]
pub struct Streams {
    store: Arc<dyn EventStore>,
    clock: Arc<dyn Clock>,
}

impl Streams {
    /// Over a store and a clock.
    #[must_use]
    pub fn new(store: Arc<dyn EventStore>, clock: Arc<dyn Clock>) -> Self {
        Self { store, clock }
    }

    /// The store beneath.
    #[must_use]
    pub fn store(&self) -> &Arc<dyn EventStore> {
        &self.store
    }

    /// The bank's time.
    #[must_use]
    pub fn now(&self) -> OffsetDateTime {
        self.clock.now()
    }

    /// The newest state of a stream: one item read, unless the state is of other code and has to be folded again.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn load<A: Aggregate>(&self, stream: StreamId) -> Result<Loaded<A>, StoreError> {
        let Some(head) = self.store.head(&stream).await? else {
            return Ok(Loaded { stream, version: None, state: A::State::default(), hash: Hash::NONE });
        };
        let state = match head.state::<A>()? {
            Some(state) => state,
            None => self.refold::<A>(&stream, head.version).await?,
        };
        Ok(Loaded { version: Some(head.version), state, hash: head.hash(), stream })
    }

    /// Folds a stream from its first event up to and including `through`.
    async fn refold<A: Aggregate>(&self, stream: &StreamId, through: Version) -> Result<A::State, StoreError> {
        let mut state = A::State::default();
        each(self.store.as_ref(), stream, Version(0)..through.next(), |commit| {
            state = commit.body::<A>()?.events.iter().fold(std::mem::take(&mut state), A::evolve);
            Ok(())
        })
        .await?;
        Ok(state)
    }

    /// Starts a unit of commits.
    #[must_use]
    pub fn unit(&self, cause: &Cause) -> Unit {
        Unit { at: self.clock.now(), cause: cause.clone(), transaction: Transaction::default() }
    }

    /// Stores a unit, all or nothing. A unit without commits writes nothing.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when any stream of the unit moved on.
    pub async fn append(&self, unit: Unit) -> Result<(), StoreError> {
        if unit.transaction.commits.is_empty() {
            return Ok(());
        }
        self.store.append(unit.transaction).await
    }

    /// Runs `attempt` again while others write first, bounded and with jitter.
    ///
    /// # Errors
    /// Whatever `attempt` answers, the last conflict included.
    pub async fn retrying<T, E, F>(&self, mut attempt: impl FnMut() -> F) -> Result<T, E>
    where
        E: Classify,
        F: Future<Output = Result<T, E>>,
    {
        let mut attempts = 1;
        loop {
            match attempt().await {
                Err(error) if error.class() == domain::error::Class::Conflict && attempts < ATTEMPTS_MAX => {
                    self.clock.back_off(attempts).await;
                    attempts += 1;
                }
                outcome => return outcome,
            }
        }
    }

    /// The strict way: load, decide, append on exactly what was loaded; on a conflict decide anew.
    ///
    /// # Errors
    /// What `decide` refuses, and [`StoreError`]s.
    pub async fn dispatch<A, E>(
        &self,
        stream: &StreamId,
        cause: &Cause,
        decide: impl Fn(&A::State) -> Result<Vec<A::Event>, E>,
    ) -> Result<Loaded<A>, E>
    where
        A: Aggregate,
        E: Classify + From<StoreError>,
    {
        self.retrying(|| async {
            let loaded = self.load::<A>(stream.clone()).await?;
            let events = decide(&loaded.state)?;
            let mut unit = self.unit(cause);
            let after = unit.commit(loaded, events)?;
            self.append(unit).await?;
            Ok(after)
        })
        .await
    }

    /// The relaxed way, for facts that need no decision: they are appended wherever the stream stands by then.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn record<A: Aggregate>(
        &self,
        stream: &StreamId,
        cause: &Cause,
        events: &[A::Event],
    ) -> Result<Loaded<A>, StoreError> {
        self.dispatch::<A, StoreError>(stream, cause, |_| Ok(events.to_vec())).await
    }
}

/// Hands on the commits of these versions, oldest first, page by page.
///
/// # Errors
/// [`StoreError::Incomplete`] when one of them is missing: a state that is folded past a hole would be wrong without a word.
/// Otherwise see [`StoreError`]; what `take` answers ends it as well.
pub(crate) async fn each(
    store: &dyn EventStore,
    stream: &StreamId,
    versions: Range<Version>,
    mut take: impl FnMut(&Commit) -> Result<(), StoreError> + Send,
) -> Result<(), StoreError> {
    let hole = || StoreError::Incomplete { stream: stream.to_string(), attribute: "every commit before it" };
    let mut next = versions.start;
    while next < versions.end {
        let page = store.read(stream, next, REFOLD_PAGE).await?;
        if page.is_empty() {
            return Err(hole());
        }
        for commit in page {
            if next == versions.end {
                break;
            }
            if commit.version != next {
                return Err(hole());
            }
            take(&commit)?;
            next = next.next();
        }
    }
    Ok(())
}
