//! `application` streams -> one row a customer, with each of their applications.

use domain::{
    ids::{ApplicantId, CustomerId, StreamId},
    onboarding::application::Application,
};

use super::{Folding, Projection, RowChange, RowKey, folding};
use crate::{commit::Commit, store::StoreError, views::ApplicantView};

/// Shows applications to those who applied.
#[derive(Debug)]
pub struct Applications;

/// What its pointer and `granary rebuild` know it by.
pub const NAME: &str = "applications";

/// Where the row of a customer's applications is.
#[must_use]
pub fn applicant_key(customer: CustomerId) -> RowKey {
    RowKey::new(StreamId::from(ApplicantId(customer)).to_string(), "view")
}

impl Projection for Applications {
    fn name(&self) -> &'static str {
        NAME
    }

    fn owns(&self, key: &RowKey) -> bool {
        key.sk == "view" && key.pk.starts_with("application#")
    }

    fn key(&self, stream: &StreamId) -> Option<RowKey> {
        ApplicantId::try_from(stream).ok().map(|applicant| applicant_key(applicant.0))
    }

    fn folding(&self, _: &StreamId) -> Option<Box<dyn Folding>> {
        Some(folding::<Application>())
    }

    fn change(&self, commit: &Commit, _: Option<&str>) -> Result<(String, Vec<RowChange>), StoreError> {
        let state = super::state_of::<Application>(commit)?;
        let applicant = ApplicantId::try_from(&commit.stream).map_err(|_| super::foreign(commit))?;
        Ok((super::document(&ApplicantView::of(applicant.0, &state))?, Vec::new()))
    }
}
