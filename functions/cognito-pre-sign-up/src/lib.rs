//! Cognito's PreSignUp trigger: notes that a sign-up was begun.
//!
//! It runs before the user exists, has five seconds, and may be followed by a failure: so it writes a record of its own that
//! expires by itself, and nothing else. The record holds no personal data.

use std::sync::Arc;

use app::ports::{Clock as _, SignUps as _};
use aws::{DynamoSignUps, SdkClock};
use bytes::Bytes;
use domain::error::Classify as _;
use lambda_kit::{Function, FunctionError, event};
use serde::Deserialize;

/// How the trigger is called for somebody who signs up by themselves.
const SIGN_UP: &str = "PreSignUp_SignUp";

/// See the module.
pub const FUNCTION: Function = Function {
    name: "cognito-pre-sign-up",
    init: |config, env| {
        Box::pin(async move {
            let table = env.get("SIGN_UPS_TABLE")?;
            let sign_ups = DynamoSignUps::new(aws_sdk_dynamodb::Client::new(&config), table);
            let work = Arc::new((sign_ups, SdkClock::new(&config)));
            Ok(Arc::new(move |bytes: Bytes| {
                let work = Arc::clone(&work);
                Box::pin(async move {
                    let trigger: Trigger = event(&bytes)?;
                    let subject = trigger.user_name.parse().map_err(|error| FunctionError::new("Invalid", error))?;
                    let (sign_ups, clock) = &*work;
                    // Whoever an administrator creates works here: they are no customer to be.
                    if trigger.trigger_source == SIGN_UP {
                        sign_ups
                            .note(subject, clock.now())
                            .await
                            .map_err(|error| FunctionError::new(error.class().name(), error.code()))?;
                    }
                    Ok(bytes) // Cognito wants its event back.
                }) as futures::future::BoxFuture<'static, _>
            }) as lambda_kit::Handler)
        })
    },
};

/// What is read of the trigger's event. The user name of a pool that signs in by e-mail is the sub, a UUID.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Trigger {
    trigger_source: String,
    user_name: String,
}
