//! `granary verify`: folds every stream again, walks every hash chain, and holds both against what the projections keep.

use std::{collections::BTreeMap, sync::Arc};

use domain::{
    aggregate::Aggregate,
    compliance::{case::Case, screening::Screening, watch::ListWatch},
    identity::customer::Customer,
    ids::{StreamId, Version},
    ledger::{
        account::Account, address::AddressClaim, controls::Controls, holder::Holder, operation::Operation,
        reference::DepositReferenceClaim, savings::Savings, waiting::Waiting,
    },
    onboarding::{application::Application, run::IdentityRunClaim},
};

use crate::{
    commit::{Commit, Hash},
    ports::PortError,
    projection::{self, Applied, Generation, Generations, Projection, RowKey, Rows},
    store::{EventStore, StoreError},
};

/// Something that cannot be if nobody touched the tables.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Where.
    pub stream: StreamId,
    /// At which version.
    pub version: Version,
    /// What.
    pub fault: Fault,
}

/// What can be wrong with a commit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// Versions before it are there, versions after it are, it is not.
    Missing,
    /// It does not carry the hash of the commit before it.
    ChainBroken,
    /// Its state is not what the events fold to.
    StateDiffers,
    /// It cannot be read.
    Unreadable,
    /// The projection applied another commit under this version.
    NotWhatWasProjected,
    /// The projection applied it, and the store has it no more.
    Gone,
    /// Nothing is in flight, and the projection never saw it.
    NeverProjected,
    /// Nobody knows such streams.
    UnknownKind,
}

impl std::fmt::Display for Finding {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} version {}: ", self.stream, self.version)?;
        f.write_str(match self.fault {
            Fault::Missing => "missing",
            Fault::ChainBroken => "does not continue the hash chain",
            Fault::StateDiffers => "its state is not what the events fold to",
            Fault::Unreadable => "cannot be read",
            Fault::NotWhatWasProjected => "is not the commit that was projected",
            Fault::Gone => "was projected and is gone",
            Fault::NeverProjected => "was never projected",
            Fault::UnknownKind => "is of an unknown kind",
        })
    }
}

/// What a verification saw.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// Streams walked.
    pub streams: u64,
    /// Commits walked.
    pub commits: u64,
    /// Heads that the projections have not applied yet: lag, not error, as long as something is in flight.
    pub lagging: Vec<(StreamId, Version)>,
    /// Everything that is wrong.
    pub findings: Vec<Finding>,
}

impl Report {
    fn found(&mut self, stream: &StreamId, version: Version, fault: Fault) {
        self.findings.push(Finding { stream: stream.clone(), version, fault });
    }

    /// For a bank in which nothing is in flight: whatever lags then was never sent, so it was put in from outside.
    pub fn nothing_is_in_flight(&mut self) {
        for (stream, version) in std::mem::take(&mut self.lagging) {
            self.found(&stream, version, Fault::NeverProjected);
        }
    }
}

/// Why a verification could not be finished.
#[derive(Debug, thiserror::Error)]
pub enum VerifyError {
    /// The event store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The projections.
    #[error(transparent)]
    Port(#[from] PortError),
}

/// Walks one context: its events table, and its projections table with the streams that its view rows say they applied. Of rows,
/// those of the generations that are read.
///
/// # Errors
/// When a table cannot be read. What is wrong with the history is in the report.
pub async fn verify(
    store: &dyn EventStore,
    rows: &dyn Rows,
    generations: &dyn Generations,
    projected: &BTreeMap<StreamId, Applied>,
    report: &mut Report,
) -> Result<(), VerifyError> {
    let views = Views::read(rows, generations).await?;
    let mut heads = BTreeMap::<StreamId, Version>::new();
    let mut walk: Option<Walk> = None;
    let mut cursor = None;
    loop {
        let (page, next) = store.scan(cursor).await?;
        for commit in page {
            report.commits += 1;
            if walk.as_ref().is_none_or(|walk| walk.stream != commit.stream) {
                finish(&views, walk.take(), &mut heads, report).await?;
                report.streams += 1;
                walk = Walk::start(&commit, report);
            }
            if let Some(walk) = walk.as_mut() {
                walk.step(&commit, report);
            }
        }
        cursor = next;
        if cursor.is_none() {
            break;
        }
    }
    finish(&views, walk.take(), &mut heads, report).await?;
    for (stream, applied) in projected {
        if heads.get(stream).is_none_or(|head| *head < applied.version) {
            report.found(stream, applied.version, Fault::Gone);
        }
    }
    Ok(())
}

/// The view rows that queries read.
struct Views<'a> {
    rows: &'a dyn Rows,
    shown: Vec<(Arc<dyn Projection>, Generation)>,
}

impl<'a> Views<'a> {
    async fn read(rows: &'a dyn Rows, generations: &dyn Generations) -> Result<Self, PortError> {
        let mut shown = Vec::new();
        for it in projection::all() {
            let pointer = generations.pointer(it.projection.name()).await?;
            shown.push((it.projection, pointer.current));
        }
        Ok(Self { rows, shown })
    }

    /// Where the stream's view row is; `None` if nothing shows it.
    fn key(&self, stream: &StreamId) -> Option<RowKey> {
        self.shown.iter().find_map(|(projection, generation)| Some(generation.key(&projection.key(stream)?)))
    }
}

async fn finish(
    views: &Views<'_>,
    walk: Option<Walk>,
    heads: &mut BTreeMap<StreamId, Version>,
    report: &mut Report,
) -> Result<(), VerifyError> {
    let Some(walk) = walk else { return Ok(()) };
    let Some(head) = walk.last else { return Ok(()) };
    heads.insert(walk.stream.clone(), head);
    let Some(key) = views.key(&walk.stream) else { return Ok(()) };
    match views.rows.shown(&key).await?.map(|(applied, _)| applied) {
        Some(applied) if applied.version == head && applied.hash != walk.hash => {
            report.found(&walk.stream, head, Fault::NotWhatWasProjected);
        }
        Some(applied) if applied.version >= head => {} // Further than the store: found when the applied heads are compared.
        Some(applied) => {
            if walk.hashes.get(&applied.version).is_some_and(|hash| *hash != applied.hash) {
                report.found(&walk.stream, applied.version, Fault::NotWhatWasProjected);
            }
            report.lagging.push((walk.stream, head));
        }
        None => report.lagging.push((walk.stream, head)),
    }
    Ok(())
}

/// One stream while its commits pass by.
struct Walk {
    stream: StreamId,
    last: Option<Version>,
    hash: Hash,
    hashes: BTreeMap<Version, Hash>,
    fold: Box<dyn Fold>,
}

impl Walk {
    fn start(commit: &Commit, report: &mut Report) -> Option<Self> {
        let Some(fold) = fold_of(commit.stream.kind()) else {
            report.found(&commit.stream, commit.version, Fault::UnknownKind);
            return None;
        };
        Some(Self { stream: commit.stream.clone(), last: None, hash: Hash::NONE, hashes: BTreeMap::new(), fold })
    }

    fn step(&mut self, commit: &Commit, report: &mut Report) {
        let version = commit.version;
        let expected = self.last.map_or(Version(0), Version::next);
        if version != expected {
            report.found(&commit.stream, expected, Fault::Missing);
        } else if commit.previous != self.hash {
            report.found(&commit.stream, version, Fault::ChainBroken);
        }
        match self.fold.step(commit) {
            Err(_) => report.found(&commit.stream, version, Fault::Unreadable),
            Ok(false) => report.found(&commit.stream, version, Fault::StateDiffers),
            Ok(true) => {}
        }
        self.last = Some(version);
        self.hash = commit.hash();
        self.hashes.insert(version, self.hash);
    }
}

/// Folds one stream without knowing its type; answers whether the stored state equals the fold.
trait Fold: Send {
    fn step(&mut self, commit: &Commit) -> Result<bool, StoreError>;
}

struct Folding<A: Aggregate>(A::State);

impl<A: Aggregate> Fold for Folding<A> {
    fn step(&mut self, commit: &Commit) -> Result<bool, StoreError> {
        let body = commit.body::<A>()?;
        self.0 = body.events.iter().fold(std::mem::take(&mut self.0), A::evolve);
        // A state of older code is not compared: it will be folded again when it is read.
        Ok(commit.state::<A>()?.is_none_or(|stored| stored == self.0))
    }
}

fn fold_of(kind: &str) -> Option<Box<dyn Fold>> {
    fn folding<A: Aggregate>() -> Box<dyn Fold> {
        Box::new(Folding::<A>(A::State::default()))
    }
    match kind {
        Customer::KIND => Some(folding::<Customer>()),
        Account::KIND => Some(folding::<Account>()),
        Operation::KIND => Some(folding::<Operation>()),
        DepositReferenceClaim::KIND => Some(folding::<DepositReferenceClaim>()),
        AddressClaim::KIND => Some(folding::<AddressClaim>()),
        Holder::KIND => Some(folding::<Holder>()),
        Controls::KIND => Some(folding::<Controls>()),
        Waiting::KIND => Some(folding::<Waiting>()),
        Savings::KIND => Some(folding::<Savings>()),
        Application::KIND => Some(folding::<Application>()),
        IdentityRunClaim::KIND => Some(folding::<IdentityRunClaim>()),
        Screening::KIND => Some(folding::<Screening>()),
        ListWatch::KIND => Some(folding::<ListWatch>()),
        Case::KIND => Some(folding::<Case>()),
        _ => None,
    }
}
