//! Looking through applications.

use app::views::{ApplicationFilter, ListedApplication, Page, PageRequest};
use async_graphql::{Context, Object};
use domain::ids::{ApplicationId, CustomerId};

use super::{
    customers::ApplicationFile,
    guard::{Allow, READERS},
    office,
};
use crate::{
    connection::{Connection, connection, list_error, page_request},
    errors::ApiError,
    limits,
    onboarding::ApplicationStatus,
};

#[derive(Default)]
pub(crate) struct ApplicationQuery;

#[Object]
impl ApplicationQuery {
    /// Applications by when they were submitted, newest first. A change shows in it after a moment.
    #[graphql(
        guard = "Allow(READERS)",
        complexity = "limits::READ + limits::READ + limits::asked(first) * child_complexity"
    )]
    async fn applications(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only those that are as far as this.")] status: Option<ApplicationStatus>,
        #[graphql(desc = "An application's or a customer's id: only that one, or theirs, without paging.")]
        find: Option<String>,
        #[graphql(desc = "At most this many: 1 to 100.", default = 20)] first: Option<i32>,
        #[graphql(desc = "Begin after this cursor.")] after: Option<String>,
    ) -> Result<Connection<ApplicationFile>, ApiError> {
        let request = page_request(first, after)?;
        let filter = status.map_or(ApplicationFilter::All, |status| ApplicationFilter::In(status.into()));
        let page = match find {
            Some(id) => found(ctx, &id, filter, &request).await?,
            None => office(ctx)?.onboarding.applications(filter, &request).await.map_err(list_error)?,
        };
        Ok(connection(&request, page, |it| ApplicationFile::of(it.customer, &it.view)))
    }
}

/// What an id names: a customer picks the ids of applications, so it may name several people's.
async fn found(
    ctx: &Context<'_>,
    id: &str,
    filter: ApplicationFilter,
    request: &PageRequest,
) -> Result<Page<ListedApplication>, ApiError> {
    let views = &office(ctx)?.onboarding;
    let bad = |_| ApiError::bad_input("`find` is no application's and no customer's id");
    let (application, customer): (ApplicationId, CustomerId) =
        (id.trim().parse().map_err(bad)?, id.trim().parse().map_err(bad)?);
    let mut found = Vec::new();
    for owner in views.owners(application).await?.into_iter().chain([customer]) {
        let applicant = views.applicant(owner).await?;
        for view in applicant.into_iter().flat_map(|row| row.view.applications).rev() {
            let is_named = owner == customer || view.id == application;
            let is_wanted = match filter {
                ApplicationFilter::All => true,
                ApplicationFilter::In(status) => status == view.status,
            };
            if is_named && is_wanted {
                found.push((view.id.to_string(), ListedApplication { customer: owner, view }));
            }
        }
    }
    found.truncate(request.first.into());
    Ok(Page { items: found, has_next: false })
}
