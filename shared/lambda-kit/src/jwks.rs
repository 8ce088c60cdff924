//! Public keys that somebody publishes, fetched when a signature names one that is not known yet.

use std::{
    collections::HashMap,
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use app::ports::{Clock, PortError};
use aws_types::SdkConfig;
use bytes::Bytes;
use jsonwebtoken::{DecodingKey, jwk::Jwk};
use serde::Deserialize;
use time::OffsetDateTime;
use tokio::sync::Mutex;
use tower::Service as _;

use crate::{
    FunctionError,
    outbound::{self, Client},
};

/// How long an unknown key id stays unknown without asking again: whoever sends invented ids causes one fetch a minute.
const FETCH_AGAIN: time::Duration = time::Duration::seconds(60);
/// How long a failed fetch is not repeated.
const FETCH_AGAIN_FAILED: time::Duration = time::Duration::seconds(2);
/// How long a fetch may take.
const FETCH_TIMEOUT: Duration = Duration::from_secs(3);

const ATTEMPTED: &str = "fetch the public keys";

type Keys = HashMap<String, Arc<DecodingKey>>;

/// The keys of one publisher.
pub struct KeyRing {
    client: Client,
    url: http::Uri,
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

impl KeyRing {
    /// The keys that are published at `/.well-known/jwks.json` under `base_url`, asked for over the SDK's own HTTP client.
    ///
    /// # Errors
    /// When that is no absolute URL.
    pub fn connect(config: &SdkConfig, base_url: &str, clock: Arc<dyn Clock>) -> Result<Self, FunctionError> {
        let wrong = || FunctionError::new("Configuration", "the URL of the public keys is no URL");
        let url = format!("{}/.well-known/jwks.json", base_url.trim_end_matches('/'));
        let url: http::Uri = url.parse().map_err(|_| wrong())?;
        if url.scheme().is_none() || url.authority().is_none() {
            return Err(wrong());
        }
        let client = outbound::client_within(config, FETCH_TIMEOUT);
        Ok(Self { client, url, clock, keys: RwLock::default(), last: Mutex::default() })
    }

    /// The key of this id; `None` if nobody published one.
    ///
    /// # Errors
    /// When the publisher cannot be asked.
    pub async fn find(&self, id: &str) -> Result<Option<Arc<DecodingKey>>, PortError> {
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
        let mut request = http::Request::new(Bytes::new());
        request.uri_mut().clone_from(&self.url);
        let answer = self.client.clone().call(request).await.map_err(|error| failed(error.to_string()))?;
        if !answer.status().is_success() {
            return Err(failed(format!("status {}", answer.status().as_u16())));
        }
        let set: KeySet = serde_json::from_slice(answer.body()).map_err(|error| failed(error.to_string()))?;
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
