//! The API, over whatever carries HTTP.

use std::fmt;

use app::ports::{Applicant, IdentityProvider, IdentityRun, MonitorNews, PortError, WatchlistMonitors};
use async_trait::async_trait;
use bytes::Bytes;
use domain::ids::CustomerId;
use http::{
    HeaderValue, Method, Request, Response, Uri,
    header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE},
};
use secrecy::{ExposeSecret as _, SecretString};
use serde::{Serialize, de::DeserializeOwned};
use tower::{Service, ServiceExt as _};
use uuid::Uuid;

use super::{application_tag, customer_of, refusal::port_error, wire};

type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// Why the settings cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    /// Calls could not be made to it.
    #[error("the API's URL is not an absolute HTTP URL")]
    Url,
    /// It could not go into a header.
    #[error("the API token is empty or holds what no header may hold")]
    Token,
}

/// The identity provider, spoken to over `S`.
#[derive(Clone)]
pub struct Onfido<S> {
    http: S,
    api_url: String,
    /// Marked as sensitive, so that it is never printed.
    authorization: HeaderValue,
    workflow: Uuid,
}

impl<S> fmt::Debug for Onfido<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Onfido").field("api_url", &self.api_url).finish_non_exhaustive()
    }
}

impl<S> Onfido<S> {
    /// Speaks to the API at `api_url`, version included, such as `https://api.eu.onfido.com/v3.6`. Runs are started of `workflow`.
    ///
    /// # Errors
    /// When the URL is not absolute, or the token cannot go into a header.
    pub fn try_new(http: S, api_url: &str, api_token: SecretString, workflow: Uuid) -> Result<Self, ConfigError> {
        let api_url = api_url.trim_end_matches('/');
        let uri: Uri = api_url.parse().map_err(|_| ConfigError::Url)?;
        let is_http = uri.scheme_str().is_some_and(|scheme| scheme == "https" || scheme == "http");
        if !is_http || uri.query().is_some() {
            return Err(ConfigError::Url);
        }
        let token = api_token.expose_secret().trim();
        if token.is_empty() {
            return Err(ConfigError::Token);
        }
        let authorization = HeaderValue::try_from(format!("Token token={token}"));
        let mut authorization = authorization.map_err(|_| ConfigError::Token)?;
        authorization.set_sensitive(true);
        Ok(Self { http, api_url: api_url.to_owned(), authorization, workflow })
    }
}

impl<S> Onfido<S>
where
    S: Service<Request<Bytes>, Response = Response<Bytes>> + Clone + Send + Sync + 'static,
    S::Future: Send,
    S::Error: Into<BoxError>,
{
    async fn get<T: DeserializeOwned>(&self, attempted: &'static str, path: &str) -> Result<T, PortError> {
        let response = self.call(attempted, self.request(Method::GET, path, Bytes::new())).await?;
        read(attempted, &response)
    }

    async fn post<T: DeserializeOwned>(
        &self,
        attempted: &'static str,
        path: &str,
        body: &(impl Serialize + Sync),
    ) -> Result<T, PortError> {
        let body = serde_json::to_vec(body).map_err(|_| PortError::Corrupt { attempted })?;
        let request = self.request(Method::POST, path, body.into()).map(|mut request| {
            request.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
            request
        });
        let response = self.call(attempted, request).await?;
        read(attempted, &response)
    }

    /// The path holds ids of ours and of the provider's only.
    fn request(&self, method: Method, path: &str, body: Bytes) -> Result<Request<Bytes>, http::Error> {
        Request::builder()
            .method(method)
            .uri(format!("{}/{path}", self.api_url))
            .header(AUTHORIZATION, self.authorization.clone())
            .header(ACCEPT, "application/json")
            .body(body)
    }

    async fn call(
        &self,
        attempted: &'static str,
        request: Result<Request<Bytes>, http::Error>,
    ) -> Result<Response<Bytes>, PortError> {
        let request = request.map_err(|_| PortError::Corrupt { attempted })?;
        let response = self.http.clone().oneshot(request).await.map_err(|error| {
            let error: BoxError = error.into();
            PortError::Unavailable { attempted, reason: error.to_string().into() }
        })?;
        if response.status().is_success() { Ok(response) } else { Err(port_error(attempted, &response)) }
    }
}

#[async_trait]
impl<S> IdentityProvider for Onfido<S>
where
    S: Service<Request<Bytes>, Response = Response<Bytes>> + Clone + Send + Sync + 'static,
    S::Future: Send,
    S::Error: Into<BoxError>,
{
    async fn find_run(&self, customer: CustomerId, application: Uuid) -> Result<Option<IdentityRun>, PortError> {
        const ATTEMPTED: &str = "look for a workflow run";
        let tag = application_tag(customer, application);
        // A colon may stand in a query as it is.
        let runs: Vec<wire::Run> = self.get(ATTEMPTED, &format!("workflow_runs?tags={tag}")).await?;
        // A list that was not narrowed down may lack the very run that is looked for: then "none" would be a guess.
        let has_tag = |run: &wire::Run| run.tags.as_ref().is_some_and(|tags| tags.contains(&tag));
        if !runs.iter().all(has_tag) {
            return Err(PortError::Corrupt { attempted: ATTEMPTED });
        }
        // More than one is possible, if an answer was lost and the list was late: everybody takes the first.
        Ok(runs.into_iter().min_by_key(|run| (run.created_at.clone(), run.id)).map(identity_run))
    }

    async fn create_applicant(&self, applicant: &Applicant) -> Result<Uuid, PortError> {
        let body = wire::CreateApplicant {
            first_name: applicant.first_name.expose_secret(),
            last_name: applicant.last_name.expose_secret(),
            dob: applicant.birth_date.expose_secret(),
            address: wire::Address {
                street: applicant.street.expose_secret(),
                town: applicant.town.expose_secret(),
                postcode: applicant.postcode.expose_secret(),
                country: &applicant.country,
            },
        };
        let created: wire::Applicant = self.post("create an applicant", "applicants", &body).await?;
        Ok(created.id)
    }

    async fn start_run(
        &self,
        applicant: Uuid,
        customer: CustomerId,
        application: Uuid,
    ) -> Result<IdentityRun, PortError> {
        let body = wire::StartRun {
            workflow_id: self.workflow,
            applicant_id: applicant,
            customer_user_id: &customer.to_string(),
            tags: [&application_tag(customer, application)],
        };
        let run: wire::Run = self.post("start a workflow run", "workflow_runs", &body).await?;
        Ok(identity_run(run))
    }

    async fn run(&self, id: Uuid) -> Result<IdentityRun, PortError> {
        const ATTEMPTED: &str = "read a workflow run";
        let run: wire::Run = self.get(ATTEMPTED, &format!("workflow_runs/{id}")).await?;
        if run.id == id { Ok(identity_run(run)) } else { Err(PortError::Corrupt { attempted: ATTEMPTED }) }
    }

    async fn delete_applicant(&self, applicant: Uuid) -> Result<(), PortError> {
        let request = self.request(Method::DELETE, &format!("applicants/{applicant}"), Bytes::new());
        match self.call("delete an applicant", request).await {
            Ok(_) | Err(PortError::Missing { .. }) => Ok(()), // Gone is what was asked for.
            Err(error) => Err(error),
        }
    }
}

#[async_trait]
impl<S> WatchlistMonitors for Onfido<S>
where
    S: Service<Request<Bytes>, Response = Response<Bytes>> + Clone + Send + Sync + 'static,
    S::Future: Send,
    S::Error: Into<BoxError>,
{
    async fn monitor(&self, id: Uuid) -> Result<MonitorNews, PortError> {
        const ATTEMPTED: &str = "read a watchlist monitor";
        let monitor: wire::Monitor = self.get(ATTEMPTED, &format!("watchlist_monitors/{id}")).await?;
        if monitor.id != id {
            return Err(PortError::Corrupt { attempted: ATTEMPTED });
        }
        let applicant = monitor.applicant_id;
        let runs: Vec<wire::Run> = self.get(ATTEMPTED, &format!("workflow_runs?applicant_id={applicant}")).await?;
        // A list that was not narrowed down would tell of somebody else.
        if runs.iter().any(|run| run.applicant_id != applicant) {
            return Err(PortError::Corrupt { attempted: ATTEMPTED });
        }
        let customer = tagged(&runs).ok_or(PortError::Missing { attempted: ATTEMPTED })?;
        let found: wire::MonitorMatches = self.get(ATTEMPTED, &format!("watchlist_monitors/{id}/matches")).await?;
        let matches = found.matches.into_iter().filter(|it| it.enabled).map(|it| it.id).collect();
        Ok(MonitorNews { customer, matches })
    }
}

/// Whom we had these runs started for.
fn tagged(runs: &[wire::Run]) -> Option<CustomerId> {
    runs.iter().filter_map(|run| run.tags.as_ref()).flatten().find_map(|tag| customer_of(tag))
}

/// serde's own message is dropped: it may quote the value.
fn read<T: DeserializeOwned>(attempted: &'static str, response: &Response<Bytes>) -> Result<T, PortError> {
    serde_json::from_slice(response.body()).map_err(|_| PortError::Corrupt { attempted })
}

fn identity_run(run: wire::Run) -> IdentityRun {
    IdentityRun { id: run.id, applicant: run.applicant_id, standing: run.status.standing(), sdk_token: run.sdk_token }
}
