//! Begins to look for somebody in the lists ever after, once onboarding says that their application was approved.
//!
//! Redelivery is safe: whoever is looked for stays so.

use std::sync::Arc;

use app::{
    commit::{Actor, Cause},
    compliance::{ComplianceError, begin_monitoring},
    streams::Streams,
};
use aws::{DynamoEventStore, SdkClock};
use contracts::milestones::{ApplicationApprovedV1, Delivered};
use domain::{
    error::{Class, Classify},
    ids::{ApplicationId, CustomerId},
};
use lambda_kit::{Function, sqs};

/// See the module.
pub const FUNCTION: Function = Function {
    name: "start-monitoring",
    init: |config, env| {
        Box::pin(async move {
            let store = DynamoEventStore::new(aws_sdk_dynamodb::Client::new(&config), env.get("EVENTS_TABLE")?);
            let streams = Streams::new(Arc::new(store), Arc::new(SdkClock::new(&config)));
            sqs::handler(&config, &env, move |message| {
                let streams = streams.clone();
                async move {
                    let envelope: Delivered<ApplicationApprovedV1> =
                        serde_json::from_str(&message.body).map_err(|_| StartError::Malformed)?;
                    let milestone = envelope.detail;
                    let cause = Cause::by(Actor::System("start-monitoring"))
                        .because_of(milestone.id.to_string())
                        .correlated(milestone.correlation_id);
                    let customer = CustomerId::new(milestone.data.customer_id);
                    let application = ApplicationId::new(milestone.data.application_id);
                    begin_monitoring(&streams, customer, application, &cause).await?;
                    Ok::<_, StartError>(())
                }
            })
        })
    },
};

#[derive(Debug, thiserror::Error)]
enum StartError {
    #[error("the message is no ApplicationApproved.v1")]
    Malformed,
    #[error("nobody is looked for")]
    Compliance(#[from] ComplianceError),
}

impl Classify for StartError {
    fn class(&self) -> Class {
        match self {
            Self::Malformed => Class::Invalid,
            Self::Compliance(error) => error.class(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Malformed => "MILESTONE_MALFORMED",
            Self::Compliance(error) => error.code(),
        }
    }
}
