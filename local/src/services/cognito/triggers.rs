//! The Lambda triggers that a pool calls, with the event JSON that Cognito sends.

use std::{collections::BTreeMap, future::Future, time::Duration};

use serde_json::{Value, json};

use super::{ClientConfig, Cognito, error::ApiError};

/// Cognito waits so long for a trigger, and asks so often.
const ANSWER_WITHIN: Duration = Duration::from_secs(5);
const TRIES_MAX: u32 = 3;

/// A trigger that failed, in Lambda's words.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct TriggerError {
    /// Lambda's `errorMessage`.
    pub message: String,
}

/// The functions behind a pool. By default there is none: the event comes back as it is.
#[async_trait::async_trait]
pub trait Triggers: Send + Sync {
    /// Called before the user exists; an error refuses the sign-up.
    async fn pre_sign_up(&self, event: Value) -> Result<Value, TriggerError> {
        Ok(event)
    }

    /// Called once the user is confirmed; an error is told to the caller and undoes nothing.
    async fn post_confirmation(&self, event: Value) -> Result<Value, TriggerError> {
        Ok(event)
    }

    /// May `principal` do this to the pool? It is asked for what needs a signature; the rest is everybody's.
    ///
    /// # Errors
    /// The refusal in AWS's words.
    fn allow(&self, principal: &str, action: &str) -> Result<(), String> {
        let _anybody = (principal, action);
        Ok(())
    }
}

/// A pool without triggers.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoTriggers;

impl Triggers for NoTriggers {}

/// What a trigger is told about the user.
pub(super) struct About<'a> {
    pub(super) sub: &'a str,
    pub(super) attributes: &'a BTreeMap<String, String>,
    pub(super) client_metadata: Option<&'a BTreeMap<String, String>>,
}

/// Why `PreSignUp` is called.
#[derive(Debug, Clone, Copy)]
pub(super) enum Occasion<'a> {
    /// Somebody signs up with this app.
    SignUp(&'a ClientConfig),
    /// An administrator makes a user, with no app at all.
    AdminCreateUser,
}

impl<'a> Occasion<'a> {
    fn source(self) -> &'static str {
        match self {
            Self::SignUp(_) => "PreSignUp_SignUp",
            Self::AdminCreateUser => "PreSignUp_AdminCreateUser",
        }
    }

    fn client_id(self) -> &'a str {
        match self {
            Self::SignUp(client) => &client.client_id,
            Self::AdminCreateUser => "CLIENT_ID_NOT_APPLICABLE",
        }
    }
}

/// What `PreSignUp` decided.
pub(super) struct PreSignUp {
    pub(super) confirm: bool,
    pub(super) verify_email: bool,
}

impl Cognito {
    pub(super) async fn call_pre_sign_up(
        &self,
        occasion: Occasion<'_>,
        about: &About<'_>,
        validation_data: Option<&BTreeMap<String, String>>,
    ) -> Result<PreSignUp, ApiError> {
        let mut event = self.event(occasion.source(), occasion.client_id(), about);
        if let Some(request) = event.get_mut("request").and_then(Value::as_object_mut) {
            request.insert("validationData".to_owned(), json!(validation_data));
        }
        let response = json!({"autoConfirmUser": false, "autoVerifyEmail": false, "autoVerifyPhone": false});
        insert_response(&mut event, response);
        let answer = with_patience("PreSignUp", || self.triggers.pre_sign_up(event.clone())).await?;
        let decided = |name: &str| answer.get(name).and_then(Value::as_bool).unwrap_or(false);
        Ok(PreSignUp { confirm: decided("autoConfirmUser"), verify_email: decided("autoVerifyEmail") })
    }

    pub(super) async fn call_post_confirmation(
        &self,
        client: &ClientConfig,
        about: &About<'_>,
    ) -> Result<(), ApiError> {
        let mut event = self.event("PostConfirmation_ConfirmSignUp", &client.client_id, about);
        insert_response(&mut event, json!({}));
        with_patience("PostConfirmation", || self.triggers.post_confirmation(event.clone())).await.map(drop)
    }

    fn event(&self, source: &str, client_id: &str, about: &About<'_>) -> Value {
        let mut request = json!({"userAttributes": about.attributes});
        if let (Some(metadata), Some(request)) = (about.client_metadata, request.as_object_mut()) {
            request.insert("clientMetadata".to_owned(), json!(metadata));
        }
        json!({
            "version": "1",
            "region": self.pool.region,
            "userPoolId": self.pool.pool_id,
            "userName": about.sub,
            "callerContext": {"awsSdkVersion": "aws-sdk-unknown-unknown", "clientId": client_id},
            "triggerSource": source,
            "request": request,
        })
    }
}

fn insert_response(event: &mut Value, response: Value) {
    if let Some(event) = event.as_object_mut() {
        event.insert("response".to_owned(), response);
    }
}

/// The trigger's `response`. Silence is asked again, a failure is not.
async fn with_patience<F>(name: &str, mut call: impl FnMut() -> F) -> Result<Value, ApiError>
where
    F: Future<Output = Result<Value, TriggerError>>,
{
    for _ in 0..TRIES_MAX {
        match tokio::time::timeout(ANSWER_WITHIN, call()).await {
            Ok(Ok(answer)) => {
                return answer.get("response").filter(|response| response.is_object()).cloned().ok_or_else(|| {
                    ApiError::new("InvalidLambdaResponseException", "Invalid lambda function output : Invalid JSON")
                });
            }
            Ok(Err(TriggerError { message })) => {
                let message = format!("{name} failed with error {message}.");
                return Err(ApiError::new("UserLambdaValidationException", message));
            }
            Err(_elapsed) => {}
        }
    }
    Err(ApiError::new("UnexpectedLambdaException", format!("{name} invocation failed due to error TooManyRetries.")))
}
