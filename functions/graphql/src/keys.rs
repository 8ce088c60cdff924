//! The identity pool's public keys, fetched when a token names one that is not known yet.

use std::{
    collections::HashMap,
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use app::ports::{Clock, PortError};
use aws_smithy_runtime::client::orchestrator::operation::Operation;
use aws_smithy_runtime_api::client::{
    behavior_version::BehaviorVersion,
    orchestrator::{HttpRequest, HttpResponse, OrchestratorError},
    stalled_stream_protection::StalledStreamProtectionConfig,
};
use aws_smithy_types::{error::display::DisplayErrorContext, timeout::TimeoutConfig};
use aws_types::SdkConfig;
use jsonwebtoken::{DecodingKey, jwk::Jwk};
use lambda_kit::FunctionError;
use serde::Deserialize;
use time::OffsetDateTime;
use tokio::sync::Mutex;

/// How long an unknown key id stays unknown without asking again: whoever sends invented ids causes one fetch a minute.
const FETCH_AGAIN: time::Duration = time::Duration::seconds(60);
/// How long a failed fetch is not repeated.
const FETCH_AGAIN_FAILED: time::Duration = time::Duration::seconds(2);
/// How long a fetch may take.
const FETCH_TIMEOUT: Duration = Duration::from_secs(3);

const ATTEMPTED: &str = "fetch the identity pool's keys";

type Keys = HashMap<String, Arc<DecodingKey>>;

/// The keys of one pool.
pub(crate) struct KeyRing {
    endpoint: Operation<(), Vec<u8>, BadStatus>,
    clock: Arc<dyn Clock>,
    keys: RwLock<Keys>,
    last: Mutex<Option<Fetch>>,
}

/// When the keys were last asked for, and with what success.
#[derive(Debug, Clone)]
struct Fetch {
    at: OffsetDateTime,
    outcome: Result<(), PortError>,
}

/// The pool did not answer with its keys.
#[derive(Debug, thiserror::Error)]
#[error("status {0}")]
pub(crate) struct BadStatus(u16);

impl KeyRing {
    /// The keys that `issuer` publishes, asked for over the SDK's own HTTP client.
    pub(crate) fn connect(config: &SdkConfig, issuer: &str, clock: Arc<dyn Clock>) -> Result<Self, FunctionError> {
        let wrong = || FunctionError::new("Configuration", "USER_POOL_ISSUER is no URL");
        let uri: http::Uri = issuer.parse().map_err(|_| wrong())?;
        if uri.scheme().is_none() || uri.authority().is_none() {
            return Err(wrong());
        }
        let mut operation = Operation::builder()
            .service_name("cognito")
            .operation_name("jwks")
            .behavior_version(config.behavior_version().unwrap_or_else(BehaviorVersion::latest))
            .endpoint_url(issuer)
            .no_auth()
            .no_retry()
            .timeout_config(TimeoutConfig::builder().operation_timeout(FETCH_TIMEOUT).build())
            .stalled_stream_protection(StalledStreamProtectionConfig::disabled());
        // Without one the SDK brings its own, over TLS, as it does for AWS's services.
        if let Some(http) = config.http_client() {
            operation = operation.http_client(http);
        }
        if let Some(sleep) = config.sleep_impl() {
            operation = operation.sleep_impl(sleep);
        }
        if let Some(time) = config.time_source() {
            operation = operation.time_source(time);
        }
        let endpoint = operation
            .serializer(|()| Ok(HttpRequest::get("/.well-known/jwks.json")?))
            .deserializer(|response: &HttpResponse| match (response.status(), response.body().bytes()) {
                (status, Some(bytes)) if status.is_success() => Ok(bytes.to_vec()),
                (status, _) => Err(OrchestratorError::operation(BadStatus(status.as_u16()))),
            })
            .build();
        Ok(Self { endpoint, clock, keys: RwLock::default(), last: Mutex::default() })
    }

    /// The key of this id; `None` if the pool has none.
    ///
    /// # Errors
    /// When the pool cannot be asked.
    pub(crate) async fn find(&self, id: &str) -> Result<Option<Arc<DecodingKey>>, PortError> {
        if let Some(key) = self.known(id) {
            return Ok(Some(key));
        }
        // One asks, the others wait for what they would have asked themselves.
        let mut last = self.last.lock().await;
        if let Some(key) = self.known(id) {
            return Ok(Some(key));
        }
        let now = self.clock.now();
        if let Some(fetch) = last.as_ref().filter(|fetch| fetch.is_recent(now)) {
            return fetch.outcome.clone().map(|()| None);
        }
        let outcome = self.fetch().await.map(|keys| *self.keys.write().unwrap_or_else(PoisonError::into_inner) = keys);
        *last = Some(Fetch { at: now, outcome: outcome.clone() });
        outcome.map(|()| self.known(id))
    }

    fn known(&self, id: &str) -> Option<Arc<DecodingKey>> {
        self.keys.read().unwrap_or_else(PoisonError::into_inner).get(id).cloned()
    }

    async fn fetch(&self) -> Result<Keys, PortError> {
        let failed = |reason: String| PortError::Unavailable { attempted: ATTEMPTED, reason: reason.into() };
        let bytes = self.endpoint.invoke(()).await;
        let bytes = bytes.map_err(|error| failed(DisplayErrorContext(error).to_string()))?;
        let set: KeySet = serde_json::from_slice(&bytes).map_err(|error| failed(error.to_string()))?;
        Ok(set.keys.into_iter().filter_map(key).collect())
    }
}

impl Fetch {
    fn is_recent(&self, now: OffsetDateTime) -> bool {
        let again = if self.outcome.is_ok() { FETCH_AGAIN } else { FETCH_AGAIN_FAILED };
        let age = now - self.at;
        // The bank's clock may be set back; then nobody knows how long ago it was.
        !age.is_negative() && age < again
    }
}

/// The keys one by one, so that one of a kind that we do not know takes nothing from the others.
#[derive(Deserialize)]
struct KeySet {
    keys: Vec<serde_json::Value>,
}

fn key(value: serde_json::Value) -> Option<(String, Arc<DecodingKey>)> {
    let key: Jwk = serde_json::from_value(value).ok()?;
    let id = key.common.key_id.clone()?;
    Some((id, Arc::new(DecodingKey::from_jwk(&key).ok()?)))
}
