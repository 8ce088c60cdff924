//! Keeps customers in step with their applications.
//!
//! Redelivery and reordering are safe: whichever order the milestones come in, the customer ends the same way.

use std::sync::Arc;

use app::{
    commit::{Actor, Cause},
    identity::{ApplicationNews, IdentityError, follow_application},
    streams::Streams,
};
use aws::{DynamoEventStore, SdkClock};
use contracts::milestones::{APPLICATION_APPROVED_V1, APPLICATION_REFUSED_V1, APPLICATION_SUBMITTED_V1, Delivered};
use domain::{
    error::{Class, Classify},
    ids::{ApplicationId, CustomerId},
};
use lambda_kit::{Function, sqs};
use serde::Deserialize;
use uuid::Uuid;

/// See the module.
pub const FUNCTION: Function = Function {
    name: "follow-application",
    init: |config, env| {
        Box::pin(async move {
            let store = DynamoEventStore::new(aws_sdk_dynamodb::Client::new(&config), env.get("EVENTS_TABLE")?);
            let streams = Streams::new(Arc::new(store), Arc::new(SdkClock::new(&config)));
            sqs::handler(&config, &env, move |message| {
                let streams = streams.clone();
                async move {
                    let milestone: Delivered<OfApplication> =
                        serde_json::from_str(&message.body).map_err(|_| FollowError::Malformed)?;
                    let news = match milestone.detail_type.as_str() {
                        APPLICATION_SUBMITTED_V1 => ApplicationNews::Submitted,
                        APPLICATION_APPROVED_V1 => ApplicationNews::Approved,
                        APPLICATION_REFUSED_V1 => ApplicationNews::Refused,
                        _ => return Err(FollowError::Malformed),
                    };
                    let cause = Cause::by(Actor::System("follow-application"))
                        .because_of(milestone.detail.id.to_string())
                        .correlated(milestone.detail.correlation_id);
                    let OfApplication { customer_id, application_id } = milestone.detail.data;
                    let (customer, application) = (CustomerId::new(customer_id), ApplicationId::new(application_id));
                    follow_application(&streams, customer, application, news, &cause).await?;
                    Ok(())
                }
            })
        })
    },
};

/// What is read of each milestone.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct OfApplication {
    customer_id: Uuid,
    application_id: Uuid,
}

#[derive(Debug, thiserror::Error)]
enum FollowError {
    #[error("the message is no milestone of this function")]
    Malformed,
    #[error("the customer did not follow")]
    Identity(#[from] IdentityError),
}

impl Classify for FollowError {
    fn class(&self) -> Class {
        match self {
            Self::Malformed => Class::Invalid,
            Self::Identity(error) => error.class(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Malformed => "MILESTONE_MALFORMED",
            Self::Identity(error) => error.code(),
        }
    }
}
