//! `application` streams -> one row a customer, with each of their applications, and a row an application in the lists that staff
//! look through.

use domain::{
    ids::{ApplicantId, ApplicationId, CustomerId, StreamId},
    onboarding::application::Application,
};

use super::{Folding, Projection, RowChange, RowKey, folding};
use crate::{
    commit::Commit,
    store::StoreError,
    views::{ApplicantView, ApplicationFilter, ApplicationStatus, ApplicationView, ListedApplication},
};

/// Shows applications to those who applied, and to staff.
#[derive(Debug)]
pub struct Applications;

/// What its pointer and `granary rebuild` know it by.
pub const NAME: &str = "applications";

/// What the rows of a list begin with; when the application was submitted follows.
pub const LIST_PREFIX: &str = "submitted#";

/// What the partitions of all lists begin with.
const LISTS: &str = "applications#";

/// Where the row of a customer's applications is.
#[must_use]
pub fn applicant_key(customer: CustomerId) -> RowKey {
    RowKey::new(StreamId::from(ApplicantId(customer)).to_string(), "view")
}

/// The partition of a list of applications.
#[must_use]
pub fn list_of(filter: ApplicationFilter) -> String {
    let list = match filter {
        ApplicationFilter::All => "all",
        ApplicationFilter::In(ApplicationStatus::Submitted) => "submitted",
        ApplicationFilter::In(ApplicationStatus::IdentityCheck) => "identity-check",
        ApplicationFilter::In(ApplicationStatus::Screening) => "screening",
        ApplicationFilter::In(ApplicationStatus::InReview) => "in-review",
        ApplicationFilter::In(ApplicationStatus::InformationNeeded) => "information-needed",
        ApplicationFilter::In(ApplicationStatus::Approved) => "approved",
        ApplicationFilter::In(ApplicationStatus::Declined) => "declined",
        ApplicationFilter::In(ApplicationStatus::Expired) => "expired",
    };
    format!("{LISTS}{list}")
}

/// The partition that tells whose an application is. Customers pick the ids, so it may be several people's.
#[must_use]
pub fn owners_of(application: ApplicationId) -> String {
    format!("{LISTS}of#{application}")
}

fn listed_key(list: String, customer: CustomerId, view: &ApplicationView) -> RowKey {
    RowKey::new(list, format!("{LIST_PREFIX}{}#{customer}#{}", view.submitted_at, view.id))
}

/// What changes in the lists when an application comes to look like this.
fn relisted(
    customer: CustomerId,
    before: Option<&ApplicationView>,
    view: &ApplicationView,
) -> Result<Vec<RowChange>, StoreError> {
    if before == Some(view) {
        return Ok(Vec::new());
    }
    let listed = super::document(&ListedApplication { customer, view: view.clone() })?;
    let key = |filter| listed_key(list_of(filter), customer, view);
    let mut rows = vec![
        RowChange::Put(key(ApplicationFilter::All), listed.clone()),
        RowChange::Put(key(ApplicationFilter::In(view.status)), listed),
    ];
    match before {
        None => {
            let owner = super::document(&customer)?;
            rows.push(RowChange::Put(listed_key(owners_of(view.id), customer, view), owner));
        }
        Some(before) if before.status != view.status => {
            rows.push(RowChange::Remove(key(ApplicationFilter::In(before.status))));
        }
        Some(_) => {}
    }
    Ok(rows)
}

impl Projection for Applications {
    fn name(&self) -> &'static str {
        NAME
    }

    fn owns(&self, key: &RowKey) -> bool {
        ["application#", LISTS].iter().any(|prefix| key.pk.starts_with(prefix))
    }

    fn key(&self, stream: &StreamId) -> Option<RowKey> {
        ApplicantId::try_from(stream).ok().map(|applicant| applicant_key(applicant.0))
    }

    fn folding(&self, _: &StreamId) -> Option<Box<dyn Folding>> {
        Some(folding::<Application>())
    }

    fn change(&self, commit: &Commit, before: Option<&str>) -> Result<(String, Vec<RowChange>), StoreError> {
        let state = super::state_of::<Application>(commit)?;
        let ApplicantId(customer) = ApplicantId::try_from(&commit.stream).map_err(|_| super::foreign(commit))?;
        let before: Option<ApplicantView> = before.map(super::shown).transpose()?;
        let after = ApplicantView::of(customer, &state);
        let mut rows = Vec::new();
        for view in &after.applications {
            rows.extend(relisted(customer, before.as_ref().and_then(|it| it.find(view.id)), view)?);
        }
        Ok((super::document(&after)?, rows))
    }
}
