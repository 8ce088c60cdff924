//! Brings what customers answer to the review cases that asked.
//!
//! Redelivery is safe: an answer that is known changes nothing.

use std::sync::Arc;

use app::{
    commit::{Actor, Cause},
    compliance::{ComplianceError, receive_information},
    streams::Streams,
};
use aws::{DynamoEventStore, SdkClock};
use contracts::milestones::{Delivered, INFORMATION_PROVIDED_V1, InformationProvidedV1};
use domain::{
    error::{Class, Classify},
    ids::{ApplicationId, CaseId, CustomerId, VaultRef},
};
use lambda_kit::{Function, sqs};

/// See the module.
pub const FUNCTION: Function = Function {
    name: "follow-information",
    init: |config, env| {
        Box::pin(async move {
            let store = DynamoEventStore::new(aws_sdk_dynamodb::Client::new(&config), env.get("EVENTS_TABLE")?);
            let streams = Streams::new(Arc::new(store), Arc::new(SdkClock::new(&config)));
            sqs::handler(&config, &env, move |message| {
                let streams = streams.clone();
                async move {
                    let milestone: Delivered<InformationProvidedV1> =
                        serde_json::from_str(&message.body).map_err(|_| FollowError::Malformed)?;
                    if milestone.detail_type != INFORMATION_PROVIDED_V1 {
                        return Err(FollowError::Malformed);
                    }
                    let cause = Cause::by(Actor::System("follow-information"))
                        .because_of(milestone.detail.id.to_string())
                        .correlated(milestone.detail.correlation_id);
                    let InformationProvidedV1 { customer_id, application_id, question, answer } = milestone.detail.data;
                    let (customer, application) = (CustomerId::new(customer_id), ApplicationId::new(application_id));
                    let case = CaseId::of_application(customer, application);
                    let (question, answer) = (reference(&question)?, reference(&answer)?);
                    Ok(receive_information(&streams, case, question, answer, &cause).await?)
                }
            })
        })
    },
};

fn reference(text: &str) -> Result<VaultRef, FollowError> {
    text.parse().map_err(|_| FollowError::Malformed)
}

#[derive(Debug, thiserror::Error)]
enum FollowError {
    #[error("the message is no milestone of this function")]
    Malformed,
    #[error("the case did not take the answer")]
    Compliance(#[from] ComplianceError),
}

impl Classify for FollowError {
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
