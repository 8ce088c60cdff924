//! The API, over whatever carries HTTP.

use std::fmt;

use app::ports::{PortError, ScreenedPerson, ScreeningProvider};
use async_trait::async_trait;
use bytes::Bytes;
use domain::compliance::screening::{Check, IndexVersion, MATCHES_MAX, Match, REVIEW_FROM};
use http::{
    HeaderValue, Request, Response, StatusCode, Uri,
    header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE},
};
use secrecy::{ExposeSecret as _, SecretString};
use tower::{Service, ServiceExt as _};

use super::{score, wire};

type BoxError = Box<dyn std::error::Error + Send + Sync>;

const ATTEMPTED: &str = "look somebody up in the lists";
const ATTEMPTED_CATALOG: &str = "ask how the lists stand";
/// Everything that the provider has; what is looked for is said by topics.
const DATASET: &str = "default";
/// By its name: what the API calls its best algorithm changes, and with it what a score means.
const ALGORITHM: &str = "logic-v2";

/// Why the settings cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    /// Calls could not be made to it.
    #[error("the API's URL is not an absolute HTTP URL")]
    Url,
    /// It could not go into a header.
    #[error("the API key is empty or holds what no header may hold")]
    Key,
}

/// The screening provider, spoken to over `S`.
#[derive(Clone)]
pub struct OpenSanctions<S> {
    http: S,
    api_url: String,
    /// Marked as sensitive, so that it is never printed.
    authorization: HeaderValue,
}

impl<S> fmt::Debug for OpenSanctions<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OpenSanctions").field("api_url", &self.api_url).finish_non_exhaustive()
    }
}

impl<S> OpenSanctions<S> {
    /// Speaks to the API at `api_url`, such as `https://api.opensanctions.org`.
    ///
    /// # Errors
    /// When the URL is not absolute, or the key cannot go into a header.
    pub fn try_new(http: S, api_url: &str, api_key: &SecretString) -> Result<Self, ConfigError> {
        let api_url = api_url.trim_end_matches('/');
        let uri: Uri = api_url.parse().map_err(|_| ConfigError::Url)?;
        let is_http = uri.scheme_str().is_some_and(|scheme| scheme == "https" || scheme == "http");
        if !is_http || uri.query().is_some() {
            return Err(ConfigError::Url);
        }
        let key = api_key.expose_secret().trim();
        if key.is_empty() {
            return Err(ConfigError::Key);
        }
        let mut authorization = HeaderValue::try_from(format!("ApiKey {key}")).map_err(|_| ConfigError::Key)?;
        authorization.set_sensitive(true);
        Ok(Self { http, api_url: api_url.to_owned(), authorization })
    }

    /// The URL says what is looked for, never who.
    fn uri(&self, check: Check) -> String {
        let topics: String = topics(check).iter().map(|topic| format!("&topics={topic}")).collect();
        // Results exactly at the threshold are left out, and whoever is below it is of no interest to policy.
        let below = REVIEW_FROM.saturating_sub(1);
        let Self { api_url, .. } = self;
        format!("{api_url}/match/{DATASET}?algorithm={ALGORITHM}&limit={MATCHES_MAX}&threshold=0.{below:02}{topics}")
    }

    fn request(&self, check: Check, person: &ScreenedPerson) -> Result<Request<Bytes>, PortError> {
        let (first_name, last_name) = (person.first_name.expose_secret(), person.last_name.expose_secret());
        let name = SecretString::from(format!("{first_name} {last_name}"));
        let properties = wire::Properties {
            name: [name.expose_secret()],
            first_name: [first_name],
            last_name: [last_name],
            birth_date: [person.birth_date.expose_secret()],
            nationality: [person.nationality.expose_secret()],
        };
        let person = wire::Example { schema: "Person", properties };
        let body = serde_json::to_vec(&wire::Request { queries: wire::Queries { person } });
        Request::post(self.uri(check))
            .header(AUTHORIZATION, self.authorization.clone())
            .header(ACCEPT, "application/json")
            .header(CONTENT_TYPE, "application/json")
            .body(body.map_err(|_| corrupt())?.into())
            .map_err(|_| corrupt())
    }
}

#[async_trait]
impl<S> ScreeningProvider for OpenSanctions<S>
where
    S: Service<Request<Bytes>, Response = Response<Bytes>> + Clone + Send + Sync + 'static,
    S::Future: Send,
    S::Error: Into<BoxError>,
{
    async fn look_up(&self, check: Check, person: &ScreenedPerson) -> Result<Vec<Match>, PortError> {
        let request = self.request(check, person)?;
        read(self.call(ATTEMPTED, request).await?.body())
    }

    async fn index_version(&self) -> Result<IndexVersion, PortError> {
        const CORRUPT: PortError = PortError::Corrupt { attempted: ATTEMPTED_CATALOG };
        let request = Request::get(format!("{}/catalog", self.api_url))
            .header(AUTHORIZATION, self.authorization.clone())
            .header(ACCEPT, "application/json")
            .body(Bytes::new())
            .map_err(|_| CORRUPT)?;
        let response = self.call(ATTEMPTED_CATALOG, request).await?;
        let catalog: wire::Catalog = serde_json::from_slice(response.body()).map_err(|_| CORRUPT)?;
        let dataset = catalog.datasets.into_iter().find(|dataset| dataset.name == DATASET).ok_or(CORRUPT)?;
        // What is indexed is what is searched; a newer version that is not yet indexed finds nobody new.
        dataset.index_version.ok_or(CORRUPT)?.parse().map_err(|_| CORRUPT)
    }
}

impl<S> OpenSanctions<S>
where
    S: Service<Request<Bytes>, Response = Response<Bytes>> + Clone + Send + Sync + 'static,
    S::Future: Send,
    S::Error: Into<BoxError>,
{
    async fn call(&self, attempted: &'static str, request: Request<Bytes>) -> Result<Response<Bytes>, PortError> {
        let response = self.http.clone().oneshot(request).await.map_err(|error| {
            let error: BoxError = error.into();
            PortError::Unavailable { attempted, reason: error.to_string().into() }
        })?;
        if response.status().is_success() { Ok(response) } else { Err(refusal(attempted, response.status())) }
    }
}

/// What is looked for, in the provider's words. A topic does not stand for those below it, so each is named.
const fn topics(check: Check) -> &'static [&'static str] {
    match check {
        Check::Sanctions => &["sanction"],
        Check::Pep => &["role.pep", "role.pep.frmr", "role.pep.intl", "role.pep.natl", "role.rca"],
        Check::Fraud => &[
            "crime",
            "crime.boss",
            "crime.cyber",
            "crime.fin",
            "crime.fraud",
            "crime.terror",
            "crime.theft",
            "crime.traffick",
            "crime.traffick.drug",
            "crime.traffick.human",
            "crime.war",
            "wanted",
        ],
    }
}

/// An answer that is not understood to the last match is none: the one that is missing may be the one that counts.
fn read(body: &[u8]) -> Result<Vec<Match>, PortError> {
    // serde's own message is dropped: it may quote the value.
    let mut answer: wire::Answer<'_> = serde_json::from_slice(body).map_err(|_| corrupt())?;
    let found = answer.responses.remove(wire::QUERY).ok_or(corrupt())?;
    if found.status != StatusCode::OK.as_u16() {
        let reason = format!("the query's status is {}", found.status).into();
        return Err(PortError::Unavailable { attempted: ATTEMPTED, reason });
    }
    found.results.into_iter().map(|scored| matched(&scored)).collect()
}

fn matched(scored: &wire::Scored<'_>) -> Result<Match, PortError> {
    Ok(Match {
        entity: scored.id.parse().map_err(|_| corrupt())?,
        score: score::percent(scored.score.get()).ok_or(corrupt())?,
        lists: scored.datasets.iter().map(|list| list.parse()).collect::<Result<_, _>>().map_err(|_| corrupt())?,
    })
}

/// The body is left unread: it may repeat what was sent.
fn refusal(attempted: &'static str, status: StatusCode) -> PortError {
    let reason = status.as_str().into();
    match status {
        StatusCode::TOO_MANY_REQUESTS => PortError::Throttled { attempted },
        // A wrong, withdrawn or unpaid key is ours to mend. Until then the work waits, and nobody is refused for it.
        StatusCode::UNAUTHORIZED | StatusCode::PAYMENT_REQUIRED | StatusCode::FORBIDDEN => {
            PortError::Unavailable { attempted, reason }
        }
        StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_EARLY => PortError::Unavailable { attempted, reason },
        status if status.is_client_error() => PortError::Refused { attempted, reason },
        _ => PortError::Unavailable { attempted, reason },
    }
}

const fn corrupt() -> PortError {
    PortError::Corrupt { attempted: ATTEMPTED }
}
