//! What connects the local bank with those outside it: the identity pool, its triggers, and the simulated providers.

use std::sync::{Arc, OnceLock, Weak};

use async_trait::async_trait;
use bytes::Bytes;
use futures::future::BoxFuture;
use serde_json::Value;
use simulators::{
    clearbank::ReplyKey,
    delivery::{Deliver, NoAnswer},
};

use super::{Edge, Lambdas, RunnerError, providers::Simulators};
use crate::{
    iam::Policies,
    services::{
        Authorizer as _, Aws, Guest, Outbound, Principal,
        cognito::{
            AuthFlow, ClientConfig, Cognito, PasswordPolicy, PoolConfig, TriggerError, Triggers as PoolTriggers,
            UnknownUsers,
        },
    },
    template::{Plan, UserPoolPlan},
};

/// What functions reach over HTTP that is not AWS: the simulated providers, and the pool's published keys.
pub struct Outside {
    simulators: Simulators,
    // The pool's triggers hold the functions, and those this way out: held in turn, none of them would ever end.
    cognito: OnceLock<Weak<Cognito>>,
}

impl Outside {
    /// With the providers, and without the pool.
    pub fn new(simulators: Simulators) -> Self {
        Self { simulators, cognito: OnceLock::new() }
    }

    /// The pool comes later than the connector, as its triggers need the functions, and the functions the connector.
    pub fn connect(&self, cognito: &Arc<Cognito>) {
        let _connected_before = self.cognito.set(Arc::downgrade(cognito));
    }
}

#[async_trait]
impl Outbound for Outside {
    async fn call(&self, request: http::Request<Bytes>) -> http::Response<Bytes> {
        let pool = || self.cognito.get().and_then(Weak::upgrade);
        if request.uri().path().starts_with("/cognito")
            && let Some(cognito) = pool()
        {
            return cognito.handle(request).await;
        }
        self.simulators.answer(request).await.unwrap_or_else(nobody)
    }
}

fn nobody() -> http::Response<Bytes> {
    let mut response = http::Response::new(Bytes::from_static(b"nobody is there"));
    *response.status_mut() = http::StatusCode::BAD_GATEWAY;
    response
}

/// The pool among the AWS APIs, for as long as there is one.
pub struct PoolGuest(pub Weak<Cognito>);

impl Guest for PoolGuest {
    fn target_prefix(&self) -> &str {
        "AWSCognitoIdentityProviderService."
    }

    fn handle(&self, _: Principal, mut request: http::Request<Bytes>) -> BoxFuture<'_, http::Response<Bytes>> {
        // The pool is known by its own path outside; among the AWS APIs the operation alone decides.
        *request.uri_mut() = http::Uri::from_static("/cognito");
        let pool = self.0.upgrade();
        Box::pin(async move {
            match pool {
                Some(pool) => pool.handle(request).await,
                None => nobody(),
            }
        })
    }
}

/// Calls our functions as the pool's triggers, if the template permits it.
pub struct Triggers {
    lambdas: Arc<Lambdas>,
    policies: Arc<Policies>,
    pool: UserPoolPlan,
}

impl Triggers {
    /// Of the plan's pool.
    ///
    /// # Errors
    /// When there is none.
    pub fn new(plan: &Plan, lambdas: Arc<Lambdas>, policies: Arc<Policies>) -> Result<Self, RunnerError> {
        Ok(Self { lambdas, policies, pool: pool_of(plan)?.clone() })
    }

    async fn call(&self, function: Option<&String>, event: Value) -> Result<Value, TriggerError> {
        let Some(function) = function else { return Ok(event) };
        let failed = |message: String| TriggerError { message };
        self.policies
            .allow_invoke("cognito-idp.amazonaws.com", function, &self.pool.arn)
            .map_err(|denied| failed(denied.to_string()))?;
        let answer = self.lambdas.invoke(function, event.to_string().into()).await;
        let answer = answer.map_err(|error| failed(error.message))?;
        serde_json::from_slice(&answer).map_err(|_| failed("the trigger's answer is no JSON".to_owned()))
    }
}

#[async_trait]
impl PoolTriggers for Triggers {
    async fn pre_sign_up(&self, event: Value) -> Result<Value, TriggerError> {
        self.call(self.pool.pre_sign_up.as_ref(), event).await
    }

    async fn post_confirmation(&self, event: Value) -> Result<Value, TriggerError> {
        self.call(self.pool.post_confirmation.as_ref(), event).await
    }

    fn allow(&self, principal: &str, action: &str) -> Result<(), String> {
        self.policies.allow(principal, action, &self.pool.arn).map_err(|denied| denied.to_string())
    }
}

fn pool_of(plan: &Plan) -> Result<&UserPoolPlan, RunnerError> {
    plan.user_pools.first().ok_or(RunnerError::Absent("user pool"))
}

/// The pool as the plan has it.
///
/// # Errors
/// When there is none.
pub fn pool_config(plan: &Plan) -> Result<PoolConfig, RunnerError> {
    let pool = pool_of(plan)?;
    let has = |flows: &[String], flow: &str| flows.iter().any(|it| it == flow);
    let clients = pool.clients.iter().map(|client| ClientConfig {
        client_id: client.id.clone(),
        access_token_s: i64::from(client.access_token_s),
        id_token_s: i64::from(client.id_token_s),
        refresh_token_s: i64::from(client.refresh_token_s),
        auth_flows: [
            has(&client.auth_flows, "ALLOW_USER_PASSWORD_AUTH").then_some(AuthFlow::UserPassword),
            has(&client.auth_flows, "ALLOW_REFRESH_TOKEN_AUTH").then_some(AuthFlow::RefreshToken),
        ]
        .into_iter()
        .flatten()
        .collect(),
        unknown_users: if client.hide_unknown_users { UnknownUsers::Hidden } else { UnknownUsers::Told },
    });
    Ok(PoolConfig {
        pool_id: pool.id.clone(),
        issuer: pool.issuer.clone(),
        region: crate::services::arn::REGION.to_owned(),
        clients: clients.collect(),
        groups: pool.groups.clone(),
        password_policy: PasswordPolicy {
            length_min: usize::try_from(pool.password_policy.minimum_length).unwrap_or(usize::MAX),
            lowercase: pool.password_policy.lowercase,
            uppercase: pool.password_policy.uppercase,
            numbers: pool.password_policy.numbers,
            symbols: pool.password_policy.symbols,
        },
    })
}

/// A provider's way to our door.
pub struct WebhookDoor(pub Edge);

#[async_trait]
impl Deliver for WebhookDoor {
    async fn post(&self, request: http::Request<Bytes>) -> Result<http::Response<Bytes>, NoAnswer> {
        Ok(self.0.call(request).await)
    }
}

/// Our public key as the bank partner has it: handed over once, here read from the engine.
pub struct BankReplyKey {
    /// The engine.
    pub aws: Arc<Aws>,
    /// The signing key's id.
    pub key: String,
}

#[async_trait]
impl ReplyKey for BankReplyKey {
    async fn public_key_der(&self) -> Option<Vec<u8>> {
        self.aws.kms.public_key_der(&self.key).ok()
    }
}
