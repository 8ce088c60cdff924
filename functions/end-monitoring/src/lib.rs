//! Looks for somebody in the lists no more, once identity says that they are to be forgotten.
//!
//! Redelivery is safe: it ends once. An approval that comes later begins nothing.

use std::sync::Arc;

use app::{
    commit::{Actor, Cause},
    compliance::{ComplianceError, end_monitoring},
    streams::Streams,
};
use aws::{DynamoEventStore, SdkClock};
use contracts::milestones::{CustomerErasureRequestedV1, Delivered};
use domain::{
    error::{Class, Classify},
    ids::CustomerId,
};
use lambda_kit::{Function, sqs};

/// See the module.
pub const FUNCTION: Function = Function {
    name: "end-monitoring",
    init: |config, env| {
        Box::pin(async move {
            let store = DynamoEventStore::new(aws_sdk_dynamodb::Client::new(&config), env.get("EVENTS_TABLE")?);
            let streams = Streams::new(Arc::new(store), Arc::new(SdkClock::new(&config)));
            sqs::handler(&config, &env, move |message| {
                let streams = streams.clone();
                async move {
                    let envelope: Delivered<CustomerErasureRequestedV1> =
                        serde_json::from_str(&message.body).map_err(|_| EndError::Malformed)?;
                    let milestone = envelope.detail;
                    let cause = Cause::by(Actor::System("end-monitoring"))
                        .because_of(milestone.id.to_string())
                        .correlated(milestone.correlation_id);
                    let customer = CustomerId::new(milestone.data.customer_id);
                    end_monitoring(&streams, customer, &cause).await?;
                    Ok::<_, EndError>(())
                }
            })
        })
    },
};

#[derive(Debug, thiserror::Error)]
enum EndError {
    #[error("the message is no CustomerErasureRequested.v1")]
    Malformed,
    #[error("somebody is still looked for")]
    Compliance(#[from] ComplianceError),
}

impl Classify for EndError {
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
