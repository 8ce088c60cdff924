//! Cognito's PostConfirmation trigger: makes a customer of a confirmed person.
//!
//! Cognito may lose it, repeat it, and calls it for forgotten passwords as well. What it does can be repeated, and the first
//! mutation of a customer does it again. A sign-up that expired is refused, even if the user is still there.

use std::{collections::BTreeMap, sync::Arc};

use app::{
    commit::{Actor, Cause},
    identity::Welcome,
    streams::Streams,
};
use aws::{DynamoEventStore, DynamoSignUps, KmsVault, SdkClock};
use bytes::Bytes;
use domain::{error::Classify as _, ids::CustomerId};
use futures::future::BoxFuture;
use lambda_kit::{Env, Function, FunctionError, Handler, event};
use secrecy::SecretString;
use serde::Deserialize;

/// See the module.
pub const FUNCTION: Function = Function {
    name: "cognito-post-confirmation",
    init: |config, env| {
        Box::pin(async move {
            let work = Arc::new(Work::connect(&config, &env)?);
            Ok(Arc::new(move |bytes: Bytes| {
                let work = Arc::clone(&work);
                Box::pin(async move {
                    let trigger: Trigger = event(&bytes)?;
                    if trigger.trigger_source == CONFIRMED_SIGN_UP {
                        work.confirm(trigger).await?;
                    }
                    Ok(bytes) // Cognito wants its event back.
                }) as BoxFuture<'static, _>
            }) as Handler)
        })
    },
};

/// The one occasion that is ours; a confirmed forgotten password is another.
const CONFIRMED_SIGN_UP: &str = "PostConfirmation_ConfirmSignUp";

/// What is read of the trigger's event.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Trigger {
    trigger_source: String,
    user_name: String,
    request: Request,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Request {
    user_attributes: BTreeMap<String, SecretString>,
}

struct Work(Welcome);

impl Work {
    fn connect(config: &aws_types::SdkConfig, env: &Env) -> Result<Self, FunctionError> {
        let dynamodb = aws_sdk_dynamodb::Client::new(config);
        let store = DynamoEventStore::new(dynamodb.clone(), env.get("EVENTS_TABLE")?);
        let vault = KmsVault::new(
            dynamodb.clone(),
            aws_sdk_kms::Client::new(config),
            env.get("VAULT_TABLE")?,
            env.get("VAULT_KEYS_TABLE")?,
            env.get("VAULT_KEY_ID")?,
        );
        Ok(Self(Welcome {
            streams: Streams::new(Arc::new(store), Arc::new(SdkClock::new(config))),
            vault: Arc::new(vault),
            sign_ups: Arc::new(DynamoSignUps::new(dynamodb, env.get("SIGN_UPS_TABLE")?)),
        }))
    }

    async fn confirm(&self, trigger: Trigger) -> Result<(), FunctionError> {
        let id: CustomerId = trigger.user_name.parse().map_err(|error| FunctionError::new("Invalid", error))?;
        let email = trigger.request.user_attributes.get("email");
        let email = email.ok_or_else(|| FunctionError::new("Invalid", "the user has no e-mail address"))?;
        let cause = Cause::by(Actor::System("cognito-post-confirmation")).correlated(Some(format!("sign-up:{id}")));
        let outcome = self.0.confirm(id, email, &cause.because_of(format!("confirmation:{id}"))).await;
        outcome.map(drop).map_err(|error| {
            tracing::error!(code = error.code(), error = %lambda_kit::sqs::chain(&error), customer = %id, "not confirmed");
            FunctionError::new(error.class().name(), error.code())
        })
    }
}
