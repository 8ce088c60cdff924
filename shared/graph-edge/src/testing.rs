//! What stands behind the SDK's HTTP client in tests: the pool's keys and a few rows; and tokens as the pool signs them.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, missing_docs, reason = "it is part of tests")]

mod api;

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicI64, AtomicU16, Ordering},
    },
    time::{Duration, SystemTime},
};

use aws_credential_types::{Credentials, provider::SharedCredentialsProvider};
use aws_lc_rs::{
    encoding::{AsDer, Pkcs8V1Der},
    rsa::{KeyPair, KeySize},
    signature::KeyPair as _,
};
use aws_smithy_async::{
    rt::sleep::TokioSleep,
    time::{SharedTimeSource, TimeSource},
};
use aws_smithy_runtime_api::{
    client::{
        behavior_version::BehaviorVersion,
        http::{HttpConnector, HttpConnectorFuture, SharedHttpClient, SharedHttpConnector, http_client_fn},
        orchestrator::{HttpRequest, HttpResponse},
    },
    http::StatusCode,
};
use aws_smithy_types::{body::SdkBody, retry::RetryConfig};
use aws_types::{SdkConfig, region::Region};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde_json::{Value, json};

pub use api::{Api, Reply};

pub const ISSUER: &str = "https://pool.example/eu-west-1_granary";
pub const CLIENT: &str = "app-client";
pub const ALICE: &str = "0000000a-0000-4000-8000-0000000a11ce";
/// 2026-01-31T09:30:00Z.
pub const NOW: i64 = 1_769_851_800;

/// One RSA key of a pool.
pub struct Key {
    id: &'static str,
    pair: KeyPair,
}

impl Key {
    pub fn new(id: &'static str) -> Self {
        Self { id, pair: KeyPair::generate(KeySize::Rsa2048).unwrap() }
    }

    pub fn jwk(&self) -> Value {
        let part = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        let public = self.pair.public_key();
        json!({
            "kty": "RSA", "alg": "RS256", "use": "sig", "kid": self.id,
            "n": part(public.modulus().big_endian_without_leading_zero()),
            "e": part(public.exponent().big_endian_without_leading_zero()),
        })
    }

    pub fn header(&self) -> Header {
        let mut header = Header::new(Algorithm::RS256);
        header.kid = Some(self.id.to_owned());
        header
    }

    pub fn sign(&self, claims: &Value) -> String {
        self.sign_as(&self.header(), claims)
    }

    pub fn sign_as(&self, header: &Header, claims: &Value) -> String {
        let der: Pkcs8V1Der<'_> = self.pair.as_der().unwrap();
        // jsonwebtoken takes PKCS#1 or PEM; PEM says which it is.
        let body = base64::engine::general_purpose::STANDARD.encode(der.as_ref());
        let pem = format!("-----BEGIN PRIVATE KEY-----\n{body}\n-----END PRIVATE KEY-----\n");
        encode(header, claims, &EncodingKey::from_rsa_pem(pem.as_bytes()).unwrap()).unwrap()
    }
}

/// The claims of an access token that is good at [`NOW`].
pub fn claims() -> Value {
    json!({
        "iss": ISSUER, "token_use": "access", "client_id": CLIENT, "sub": ALICE, "username": ALICE,
        "iat": NOW - 60, "exp": NOW + 3600, "scope": "aws.cognito.signin.user.admin", "version": 2,
        "cognito:groups": ["partners"],
    })
}

/// The claims, with one of them another; `null` takes it out.
#[must_use]
pub fn claims_with(name: &str, value: Value) -> Value {
    let mut claims = claims();
    match value {
        Value::Null => claims.as_object_mut().unwrap().remove(name),
        value => claims.as_object_mut().unwrap().insert(name.to_owned(), value),
    };
    claims
}

/// The bank's clock.
#[derive(Debug, Clone)]
pub struct Hand(Arc<AtomicI64>);

impl Hand {
    pub fn advance(&self, seconds: i64) {
        self.0.fetch_add(seconds, Ordering::SeqCst);
    }
}

impl TimeSource for Hand {
    fn now(&self) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(self.0.load(Ordering::SeqCst).try_into().unwrap())
    }
}

/// What answers, and what was asked of it.
#[derive(Clone)]
pub struct Script {
    pub clock: Hand,
    /// The pool's key set; `None` while the pool is down.
    pub keys: Arc<Mutex<Option<Vec<Value>>>>,
    /// With what status the pool answers who somebody is.
    pub told: Arc<AtomicU16>,
    /// The row that a table answers every read with; the others hold nothing.
    pub rows: Arc<Mutex<BTreeMap<&'static str, Value>>>,
    /// Each request, by its target or its URL.
    pub asked: Arc<Mutex<Vec<String>>>,
}

impl std::fmt::Debug for Script {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Script")
    }
}

impl Script {
    pub fn new(keys: &[&Key]) -> Self {
        let keys = keys.iter().map(|key| key.jwk()).collect();
        Self {
            clock: Hand(Arc::new(NOW.into())),
            keys: Arc::new(Mutex::new(Some(keys))),
            told: Arc::new(200.into()),
            rows: Arc::default(),
            asked: Arc::default(),
        }
    }

    pub fn config(&self) -> SdkConfig {
        let connector = SharedHttpConnector::new(self.clone());
        let http: SharedHttpClient = http_client_fn(move |_, _| connector.clone());
        let credentials = Credentials::new("Graphql", "local", None, None, "test");
        SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::from_static("eu-west-1"))
            .credentials_provider(SharedCredentialsProvider::new(credentials))
            .retry_config(RetryConfig::disabled())
            .time_source(SharedTimeSource::new(self.clock.clone()))
            .sleep_impl(TokioSleep::new())
            .http_client(http)
            .build()
    }

    /// How often the pool was asked for its keys.
    pub fn fetches(&self) -> usize {
        self.asked.lock().unwrap().iter().filter(|asked| asked.ends_with("/.well-known/jwks.json")).count()
    }

    fn answer(&self, request: &HttpRequest) -> (u16, Value) {
        let Some(target) = request.headers().get("x-amz-target").map(str::to_owned) else {
            self.asked.lock().unwrap().push(request.uri().to_owned());
            return match self.keys.lock().unwrap().clone() {
                Some(keys) if request.uri() == format!("{ISSUER}/.well-known/jwks.json") => {
                    (200, json!({ "keys": keys }))
                }
                Some(_) => (404, json!({})),
                None => (503, json!({})),
            };
        };
        let body: Value = serde_json::from_slice(request.body().bytes().unwrap()).unwrap();
        self.asked.lock().unwrap().push(format!("{target} {}", body["TableName"].as_str().unwrap_or_default()));
        if target.ends_with(".GetUser") {
            let user =
                json!({ "Username": ALICE, "UserAttributes": [{ "Name": "email", "Value": "alice@example.com" }] });
            let refusal =
                json!({ "__type": "NotAuthorizedException", "message": "Access Token does not have required scopes" });
            let status = self.told.load(Ordering::SeqCst);
            return (status, if status == 200 { user } else { refusal });
        }
        if target.ends_with(".GenerateDataKey") {
            let key = base64::engine::general_purpose::STANDARD.encode([7; 32]);
            return (200, json!({ "CiphertextBlob": key, "Plaintext": key, "KeyId": "vault-key" }));
        }
        let row = self.rows.lock().unwrap().get(body["TableName"].as_str().unwrap_or_default()).cloned();
        match row {
            _ if target.ends_with("Query") => (200, json!({ "Items": [], "Count": 0 })),
            // Nothing was ever rebuilt.
            Some(row) if body["Key"]["sk"]["S"] != "pointer" => (200, json!({ "Item": row })),
            Some(_) | None => (200, json!({})),
        }
    }
}

impl HttpConnector for Script {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let (status, body) = self.answer(&request);
        let body = SdkBody::from(body.to_string());
        HttpConnectorFuture::ready(Ok(HttpResponse::new(StatusCode::try_from(status).unwrap(), body)))
    }
}
