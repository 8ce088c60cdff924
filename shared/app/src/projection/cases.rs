//! `case` streams -> a row a case, a row in each list of cases that it belongs in, and one in the list of what is due;
//! `screening` streams -> a row in the list of all customers who are looked for ever after.

use domain::{
    aggregate::Aggregate as _,
    compliance::{
        case::Case,
        screening::{Screening, ScreeningEvent},
    },
    ids::{CaseId, ScreenedId, StreamId},
    moment::Moment,
};
use serde::{Deserialize, Serialize};

use super::{Folding, Projection, RowChange, RowKey, folding};
use crate::{
    commit::Commit,
    store::StoreError,
    views::{CaseFilter, CaseStatus, CaseView},
};

/// Shows review cases to staff.
#[derive(Debug, Clone, Copy)]
pub struct Cases;

/// What its pointer and `granary rebuild` know it by.
pub const NAME: &str = "cases";

/// The partition that lists the cases that somebody will hear of when they are due.
pub const DUE: &str = "cases#due";

/// What the rows of a list begin with; when the case was opened follows.
pub const LIST_PREFIX: &str = "opened#";

/// The partition that lists all customers who are looked for ever after.
pub const MONITORED: &str = "monitored";

/// What the partitions of all lists begin with.
const LISTS: &str = "cases#";

/// A row of a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListedCase {
    /// The version of the stream that it shows.
    pub version: u32,
    /// The case.
    pub view: CaseView,
}

/// Where a case's row is.
#[must_use]
pub fn case_key(id: CaseId) -> RowKey {
    RowKey::new(StreamId::from(id).to_string(), "view")
}

/// Where the row of somebody who is screened is: it keeps the stream's hash in a second place.
fn screening_key(id: ScreenedId) -> RowKey {
    RowKey::new(StreamId::from(id).to_string(), "view")
}

/// The partition of a list of cases.
#[must_use]
pub fn list_of(filter: CaseFilter) -> String {
    let status = match filter.status {
        CaseStatus::Open => "open",
        CaseStatus::AwaitsCustomer => "awaits-customer",
        CaseStatus::Decided => "decided",
        CaseStatus::Withdrawn => "withdrawn",
    };
    let assignee = filter.assignee.map(|it| format!("#{it}")).unwrap_or_default();
    format!("{LISTS}{status}{assignee}")
}

/// What comes after the rows of everything that is due by now. Moments sort as their text does, and `$` follows on `#`.
#[must_use]
pub fn due_until(now: Moment) -> String {
    format!("{now}$")
}

fn due_key(view: &CaseView) -> RowKey {
    RowKey::new(DUE, format!("{}#{}", view.due, view.id))
}

/// The rows of the lists that a case belongs in: everybody's, and that of whoever sees to it.
fn listed_keys(view: &CaseView) -> Vec<RowKey> {
    let assignees = [None].into_iter().chain(view.assignee.map(Some));
    let row = |assignee| {
        let list = list_of(CaseFilter { status: view.status, assignee });
        RowKey::new(list, format!("{LIST_PREFIX}{}#{}", view.opened_at, view.id))
    };
    assignees.map(row).collect()
}

impl Projection for Cases {
    fn name(&self) -> &'static str {
        NAME
    }

    fn owns(&self, key: &RowKey) -> bool {
        key.pk == MONITORED || ["case#", "screening#", LISTS].iter().any(|prefix| key.pk.starts_with(prefix))
    }

    fn key(&self, stream: &StreamId) -> Option<RowKey> {
        match stream.kind() {
            Case::KIND => CaseId::try_from(stream).ok().map(case_key),
            Screening::KIND => ScreenedId::try_from(stream).ok().map(screening_key),
            _ => None,
        }
    }

    fn folding(&self, stream: &StreamId) -> Option<Box<dyn Folding>> {
        // Of screenings only the events are read.
        (stream.kind() == Case::KIND).then(folding::<Case>)
    }

    fn change(&self, commit: &Commit, before: Option<&str>) -> Result<(String, Vec<RowChange>), StoreError> {
        if commit.stream.kind() == Screening::KIND {
            return of_screening(commit);
        }
        let id = CaseId::try_from(&commit.stream).map_err(|_| super::foreign(commit))?;
        // A first commit opens it, or keeps it from ever being opened.
        let Some(view) = CaseView::of(id, &super::state_of::<Case>(commit)?) else {
            return Ok((super::document(&None::<CaseView>)?, Vec::new()));
        };
        let listed = ListedCase { version: commit.version.number(), view };
        let view = &listed.view;
        let mut rows = Vec::new();
        for key in listed_keys(view) {
            rows.push(RowChange::Put(key, super::document(&listed)?));
        }
        if view.can_escalate {
            rows.push(RowChange::Put(due_key(view), super::document(&id)?));
        }
        // It leaves the lists in which it is no more. A transaction may name a row only once.
        let before: Option<CaseView> = before.map(super::shown::<Option<CaseView>>).transpose()?.flatten();
        let gone = before.iter().flat_map(|it| listed_keys(it).into_iter().chain(it.can_escalate.then(|| due_key(it))));
        let gone: Vec<_> = gone.filter(|key| rows.iter().all(|row| row.key() != key)).collect();
        rows.extend(gone.into_iter().map(RowChange::Remove));
        Ok((super::document(view)?, rows))
    }
}

/// Of who is screened only customers are listed: those who are looked for until they are to be forgotten.
fn of_screening(commit: &Commit) -> Result<(String, Vec<RowChange>), StoreError> {
    let ScreenedId(customer) = ScreenedId::try_from(&commit.stream).map_err(|_| super::foreign(commit))?;
    let (key, document) = (RowKey::new(MONITORED, customer.to_string()), super::document(&customer)?);
    let listed = |event: &ScreeningEvent| match event {
        ScreeningEvent::MonitoringBegan { .. } => Some(RowChange::Put(key.clone(), document.clone())),
        ScreeningEvent::MonitoringEnded { .. } => Some(RowChange::Remove(key.clone())),
        ScreeningEvent::CheckCompleted { .. }
        | ScreeningEvent::RiskAssessed { .. }
        | ScreeningEvent::SubjectNoted { .. }
        | ScreeningEvent::Rescreened { .. } => None,
    };
    // A transaction may name a row only once.
    let row = commit.body::<Screening>()?.events.iter().filter_map(listed).next_back();
    Ok((document.clone(), row.into_iter().collect()))
}

#[cfg(test)]
mod tests;
