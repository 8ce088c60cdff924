//! Cognito user pools: their own API, their tokens and their triggers.
//!
//! One pool, with e-mail addresses as user names. It speaks JSON 1.1 as the service does, so an unmodified AWS SDK
//! works against `<public URL>/cognito`. Time is the bank's clock.

mod api;
mod attempts;
mod auth;
mod challenge;
mod config;
mod error;
mod groups;
mod keys;
mod outbox;
mod password;
mod removal;
mod sign_up;
mod staff;
mod store;
mod tokens;
mod triggers;
mod users;

#[cfg(test)]
mod tests;

use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http::{Method, Request, Response, StatusCode};
use rusqlite::Connection;
use serde_json::{Value, json};

pub use config::{AuthFlow, ClientConfig, PasswordPolicy, PoolConfig, UnknownUsers};
pub use error::CognitoError;
pub use keys::PoolKeys;
pub use outbox::{Mail, Outbox};
pub use staff::StaffRefused;
pub use triggers::{NoTriggers, TriggerError, Triggers};

use crate::engine::clock::Clock;
use error::ApiError;
use store::Db;
use tokens::Signer;

const TARGET_PREFIX: &str = "AWSCognitoIdentityProviderService.";
/// Far above any request of this API.
const BODY_BYTES_MAX: usize = 256 * 1024;

/// A user pool.
pub struct Cognito {
    db: Db,
    clock: Arc<dyn Clock>,
    pool: PoolConfig,
    triggers: Arc<dyn Triggers>,
    signer: Signer,
}

impl std::fmt::Debug for Cognito {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Cognito").field("pool", &self.pool.pool_id).finish_non_exhaustive()
    }
}

impl Cognito {
    /// Opens the pool over the engine's tables. Its keys are made once and kept there.
    ///
    /// # Errors
    /// When the tables cannot be used or no key can be made.
    pub fn open(
        db: Arc<Mutex<Connection>>,
        clock: Arc<dyn Clock>,
        pool: PoolConfig,
        triggers: Arc<dyn Triggers>,
    ) -> Result<Self, CognitoError> {
        let tables = Db::open(Arc::clone(&db))?;
        let keys = tables.keys()?;
        Self::open_with_keys(db, clock, pool, triggers, &keys)
    }

    /// Opens the pool with the given keys, for tests that do not want to wait for new ones.
    ///
    /// # Errors
    /// When the tables or the keys cannot be used.
    pub fn open_with_keys(
        db: Arc<Mutex<Connection>>,
        clock: Arc<dyn Clock>,
        pool: PoolConfig,
        triggers: Arc<dyn Triggers>,
        keys: &PoolKeys,
    ) -> Result<Self, CognitoError> {
        let signer = Signer::new(keys, &pool)?;
        Ok(Self { db: Db::open(db)?, clock, pool, triggers, signer })
    }

    /// The mails that the pool has sent.
    #[must_use]
    pub fn outbox(&self) -> Outbox {
        Outbox::new(self.db.clone())
    }

    /// Answers a request below `/cognito`.
    pub async fn handle(&self, request: Request<Bytes>) -> Response<Bytes> {
        let path = request.uri().path();
        if let Some(document) = path.strip_prefix("/cognito/").filter(|rest| !rest.is_empty()) {
            return self.document(document, request.method());
        }
        if !matches!(path, "/cognito" | "/cognito/") {
            return api::not_found();
        }
        if request.method() == Method::OPTIONS {
            return api::preflight();
        }
        if request.method() != Method::POST {
            return api::plain(StatusCode::METHOD_NOT_ALLOWED, &json!({"message": "POST a Cognito operation here."}));
        }
        api::answer(self.operate(&request).await)
    }

    fn document(&self, path: &str, method: &Method) -> Response<Bytes> {
        let name = path.strip_prefix(self.pool.pool_id.as_str()).and_then(|rest| rest.strip_prefix("/.well-known/"));
        match (name, method) {
            (Some("jwks.json"), &Method::GET | &Method::HEAD) => api::plain(StatusCode::OK, self.signer.jwks()),
            (Some("openid-configuration"), &Method::GET | &Method::HEAD) => {
                let issuer = &self.pool.issuer;
                let configuration = json!({
                    "issuer": issuer,
                    "jwks_uri": format!("{issuer}/.well-known/jwks.json"),
                    "id_token_signing_alg_values_supported": ["RS256"],
                    "response_types_supported": ["code", "token"],
                    "scopes_supported": ["openid", "email", "phone", "profile"],
                    "subject_types_supported": ["public"],
                });
                api::plain(StatusCode::OK, &configuration)
            }
            (Some(_) | None, _) => api::not_found(),
        }
    }

    async fn operate(&self, request: &Request<Bytes>) -> Result<Value, ApiError> {
        if request.body().len() > BODY_BYTES_MAX {
            return Err(ApiError::serialization());
        }
        let target = request.headers().get("x-amz-target").and_then(|value| value.to_str().ok());
        let body = request.body();
        match target.and_then(|target| target.strip_prefix(TARGET_PREFIX)) {
            Some("SignUp") => self.sign_up(api::parse(body)?).await,
            Some("ConfirmSignUp") => self.confirm_sign_up(api::parse(body)?).await,
            Some("ResendConfirmationCode") => self.resend_confirmation_code(&api::parse(body)?),
            Some("InitiateAuth") => self.initiate_auth(api::parse(body)?).await,
            Some("RespondToAuthChallenge") => self.respond_to_auth_challenge(api::parse(body)?).await,
            Some("GetUser") => self.get_user(&api::parse(body)?),
            Some("AdminAddUserToGroup") => {
                self.allow(request, "cognito-idp:AdminAddUserToGroup")?;
                self.admin_add_user_to_group(&api::parse(body)?)
            }
            Some("AdminCreateUser") => {
                self.allow(request, "cognito-idp:AdminCreateUser")?;
                self.admin_create_user(api::parse(body)?).await
            }
            Some("AdminDeleteUser") => {
                self.allow(request, "cognito-idp:AdminDeleteUser")?;
                self.admin_delete_user(&api::parse(body)?)
            }
            Some("AdminListGroupsForUser") => {
                self.allow(request, "cognito-idp:AdminListGroupsForUser")?;
                self.admin_list_groups_for_user(&api::parse(body)?)
            }
            Some("AdminSetUserPassword") => {
                self.allow(request, "cognito-idp:AdminSetUserPassword")?;
                self.admin_set_user_password(api::parse(body)?).await
            }
            Some(_) | None => Err(ApiError::unknown_operation()),
        }
    }

    /// What an administrator asks for needs a signature, and a permission.
    fn allow(&self, request: &Request<Bytes>, action: &str) -> Result<(), ApiError> {
        let principal = api::require_signed(request.headers())?;
        let allowed = self.triggers.allow(&principal, action);
        allowed.map_err(|denied| ApiError::new("AccessDeniedException", denied))
    }

    fn client(&self, client_id: Option<&String>) -> Result<&ClientConfig, ApiError> {
        let client_id = api::required("clientId", client_id)?;
        self.pool.clients.iter().find(|client| client.client_id == *client_id).ok_or_else(|| {
            ApiError::new("ResourceNotFoundException", format!("User pool client {client_id} does not exist."))
        })
    }
}
