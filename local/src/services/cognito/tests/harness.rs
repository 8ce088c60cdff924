use std::{
    collections::HashMap,
    fs,
    path::PathBuf,
    sync::{Arc, Mutex, OnceLock},
};

use aws_config::{BehaviorVersion, Region, retry::RetryConfig};
use aws_credential_types::Credentials;
use aws_sdk_cognitoidentityprovider::{
    Client,
    error::{ProvideErrorMetadata, SdkError},
    types::{AuthFlowType, AuthenticationResultType},
};
use axum::{Router, body::Body, extract::State, response::Response};
use bytes::Bytes;
use http::Request;
use http_body_util::BodyExt as _;
use jsonwebtoken::{Algorithm, DecodingKey, Validation, jwk::JwkSet};
use rusqlite::Connection;
use serde_json::{Map, Value};

use crate::{
    engine::clock::{Clock as _, ManualClock},
    services::cognito::{ClientConfig, Cognito, Mail, PasswordPolicy, PoolConfig, PoolKeys, Triggers, UnknownUsers},
};

pub(super) const POOL: &str = "eu-west-1_granary";
pub(super) const ISSUER: &str = "http://127.0.0.1:4000/cognito/eu-west-1_granary";
pub(super) const APP: &str = "granary-app";
pub(super) const LEGACY_APP: &str = "legacy-app";
pub(super) const EMAIL: &str = "ada@example.com";
pub(super) const PASSWORD: &str = "Correct-horse-1";
pub(super) const NOW_MS: i64 = 1_764_000_000_000;
pub(super) const HOUR_MS: i64 = 60 * 60 * 1_000;

pub(super) struct Pool {
    pub(super) sdk: Client,
    pub(super) clock: Arc<ManualClock>,
    pub(super) cognito: Arc<Cognito>,
}

/// Made once for all test runs: two keys take a moment.
pub(super) fn keys() -> &'static PoolKeys {
    static KEYS: OnceLock<PoolKeys> = OnceLock::new();
    KEYS.get_or_init(|| {
        let dir = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../target/test-keys");
        let (id, access) = (dir.join("cognito-id.pem"), dir.join("cognito-access.pem"));
        if let (Ok(id), Ok(access)) = (fs::read_to_string(&id), fs::read_to_string(&access))
            && id.ends_with("-----END PRIVATE KEY-----\n")
            && access.ends_with("-----END PRIVATE KEY-----\n")
        {
            return PoolKeys::from_pem(id, access);
        }
        let keys = PoolKeys::generate().unwrap();
        fs::create_dir_all(&dir).unwrap();
        fs::write(id, keys.id_pem()).unwrap();
        fs::write(access, keys.access_pem()).unwrap();
        keys
    })
}

pub(super) fn pool_config() -> PoolConfig {
    let legacy = ClientConfig {
        unknown_users: UnknownUsers::Told,
        access_token_s: 300,
        auth_flows: vec![],
        ..ClientConfig::new(LEGACY_APP)
    };
    PoolConfig {
        pool_id: POOL.to_owned(),
        issuer: ISSUER.to_owned(),
        region: "eu-west-1".to_owned(),
        clients: vec![ClientConfig::new(APP), legacy],
        groups: vec!["operators".to_owned(), "compliance".to_owned()],
        password_policy: PasswordPolicy::default(),
    }
}

pub(super) fn memory() -> Arc<Mutex<Connection>> {
    Arc::new(Mutex::new(Connection::open_in_memory().unwrap()))
}

pub(super) async fn pool(triggers: impl Triggers + 'static) -> Pool {
    pool_over(memory(), triggers).await
}

pub(super) async fn pool_over(db: Arc<Mutex<Connection>>, triggers: impl Triggers + 'static) -> Pool {
    let clock = Arc::new(ManualClock::new(NOW_MS));
    let cognito = Cognito::open_with_keys(db, clock.clone(), pool_config(), Arc::new(triggers), keys()).unwrap();
    let cognito = Arc::new(cognito);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/cognito", listener.local_addr().unwrap());
    let router = Router::new().fallback(answer).with_state(cognito.clone());
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    let config = aws_config::defaults(BehaviorVersion::latest())
        .region(Region::new("eu-west-1"))
        .credentials_provider(Credentials::new("operator", "secret", None, None, "test"))
        .retry_config(RetryConfig::disabled())
        .endpoint_url(url)
        .load()
        .await;
    Pool { sdk: Client::new(&config), clock, cognito }
}

async fn answer(State(cognito): State<Arc<Cognito>>, request: Request<Body>) -> Response {
    let (parts, body) = request.into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    cognito.handle(Request::from_parts(parts, body)).await.map(Body::from)
}

impl Pool {
    pub(super) async fn sign_up(&self, email: &str, password: &str) -> Result<String, (String, String)> {
        let sent = self.sdk.sign_up().client_id(APP).username(email).password(password).send().await;
        sent.map(|answer| answer.user_sub).map_err(|error| code(&error))
    }

    pub(super) async fn confirm(&self, email: &str, code_typed: &str) -> Result<(), (String, String)> {
        let sent = self.sdk.confirm_sign_up().client_id(APP).username(email).confirmation_code(code_typed).send().await;
        sent.map(drop).map_err(|error| code(&error))
    }

    pub(super) async fn log_in(
        &self,
        email: &str,
        password: &str,
    ) -> Result<AuthenticationResultType, (String, String)> {
        let sent = self
            .sdk
            .initiate_auth()
            .client_id(APP)
            .auth_flow(AuthFlowType::UserPasswordAuth)
            .auth_parameters("USERNAME", email)
            .auth_parameters("PASSWORD", password)
            .send()
            .await;
        sent.map(|answer| answer.authentication_result.unwrap()).map_err(|error| code(&error))
    }

    pub(super) async fn refresh(
        &self,
        client: &str,
        token: &str,
    ) -> Result<AuthenticationResultType, (String, String)> {
        let sent = self
            .sdk
            .initiate_auth()
            .client_id(client)
            .auth_flow(AuthFlowType::RefreshTokenAuth)
            .auth_parameters("REFRESH_TOKEN", token)
            .send()
            .await;
        sent.map(|answer| answer.authentication_result.unwrap()).map_err(|error| code(&error))
    }

    pub(super) async fn get_user(&self, token: &str) -> Result<HashMap<String, String>, (String, String)> {
        let sent = self.sdk.get_user().access_token(token).send().await.map_err(|error| code(&error))?;
        let attributes = sent.user_attributes.into_iter();
        Ok(attributes.map(|attribute| (attribute.name, attribute.value.unwrap())).collect())
    }

    pub(super) async fn add_to_group(&self, username: &str, group: &str) -> Result<(), (String, String)> {
        let call = self.sdk.admin_add_user_to_group().user_pool_id(POOL).username(username).group_name(group);
        call.send().await.map(drop).map_err(|error| code(&error))
    }

    /// A user who may log in.
    pub(super) async fn confirmed(&self, email: &str) -> String {
        let sub = self.sign_up(email, PASSWORD).await.unwrap();
        self.confirm(email, &self.mailed_code()).await.unwrap();
        sub
    }

    pub(super) fn mails(&self) -> Vec<Mail> {
        self.cognito.outbox().mails().unwrap()
    }

    pub(super) fn mailed_code(&self) -> String {
        self.mails().last().unwrap().code.clone().unwrap()
    }

    /// The claims, checked as a resource server would check them.
    pub(super) async fn verified(&self, token: &str) -> (String, Map<String, Value>) {
        let kid = jsonwebtoken::decode_header(token).unwrap().kid.unwrap();
        let jwks: JwkSet = serde_json::from_value(self.document("jwks.json").await.1).unwrap();
        let key = DecodingKey::from_jwk(jwks.find(&kid).unwrap()).unwrap();
        let mut validation = Validation::new(Algorithm::RS256);
        validation.validate_exp = false; // The test's clock is not the wall's.
        validation.validate_aud = false;
        validation.set_issuer(&[ISSUER]);
        (kid, jsonwebtoken::decode(token, &key, &validation).unwrap().claims)
    }

    pub(super) async fn document(&self, name: &str) -> (u16, Value) {
        self.raw(Request::get(format!("/cognito/{POOL}/.well-known/{name}")).body(Bytes::new()).unwrap()).await
    }

    pub(super) async fn raw(&self, request: Request<Bytes>) -> (u16, Value) {
        let answer = self.cognito.handle(request).await;
        (answer.status().as_u16(), serde_json::from_slice(answer.body()).unwrap_or_default())
    }

    pub(super) fn now_s(&self) -> i64 {
        self.clock.now_ms() / 1_000
    }
}

/// The type and the message that the SDK's user sees.
pub(super) fn code<E: ProvideErrorMetadata, R>(error: &SdkError<E, R>) -> (String, String) {
    let meta = error.as_service_error().expect("an answer of the service").meta();
    (meta.code().unwrap_or_default().to_owned(), meta.message().unwrap_or_default().to_owned())
}

/// Only the type of a refusal.
pub(super) fn kind<T: std::fmt::Debug>(result: Result<T, (String, String)>) -> String {
    result.unwrap_err().0
}
