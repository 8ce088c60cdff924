//! Queries of the onboarding context.

use app::{
    ports::PortError,
    projection::applications::{self, LIST_PREFIX, applicant_key, list_of, owners_of},
    views::{
        ApplicantView, ApplicationFilter, AtVersion, ListedApplication, OnboardingViews, PAGE_SIZE_MAX, Page,
        PageRequest,
    },
};
use async_trait::async_trait;
use domain::ids::{ApplicationId, CustomerId};

use super::{DynamoViews, at_version};

#[async_trait]
impl OnboardingViews for DynamoViews {
    async fn applicant(&self, customer: CustomerId) -> Result<Option<AtVersion<ApplicantView>>, PortError> {
        self.row(applications::NAME, &applicant_key(customer)).await?.as_ref().map(at_version).transpose()
    }

    async fn applications(
        &self,
        filter: ApplicationFilter,
        page: &PageRequest,
    ) -> Result<Page<ListedApplication>, PortError> {
        self.list(applications::NAME, &list_of(filter), LIST_PREFIX, page).await
    }

    async fn owners(&self, application: ApplicationId) -> Result<Vec<CustomerId>, PortError> {
        let page = PageRequest { first: PAGE_SIZE_MAX, after: None };
        let owners: Page<CustomerId> =
            self.list(applications::NAME, &owners_of(application), LIST_PREFIX, &page).await?;
        Ok(owners.items.into_iter().map(|(_, customer)| customer).collect())
    }
}
