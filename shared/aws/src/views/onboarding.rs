//! Queries of the onboarding context.

use app::{
    ports::PortError,
    projection::applications::{self, applicant_key},
    views::{ApplicantView, AtVersion, OnboardingViews},
};
use async_trait::async_trait;
use domain::ids::CustomerId;

use super::{DynamoViews, at_version};

#[async_trait]
impl OnboardingViews for DynamoViews {
    async fn applicant(&self, customer: CustomerId) -> Result<Option<AtVersion<ApplicantView>>, PortError> {
        self.row(applications::NAME, &applicant_key(customer)).await?.as_ref().map(at_version).transpose()
    }
}
