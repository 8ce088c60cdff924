//! Brings news of the ledger to the applications that wait for them.
//!
//! Redelivery is safe: news that are known change nothing, and a state that was resumed is not resumed again.

use std::sync::Arc;

use app::{
    commit::{Actor, Cause},
    onboarding::{LedgerNews, OnboardingError, Waiting},
    streams::Streams,
};
use aws::{DynamoEventStore, DynamoPauses, SdkClock, SfnWorkflows};
use contracts::milestones::{ACCOUNTS_OPENED_V1, DEPOSIT_INSTRUCTIONS_READY_V1, Delivered};
use domain::{
    error::{Class, Classify},
    ids::CustomerId,
};
use lambda_kit::{Function, sqs};
use serde::Deserialize;
use uuid::Uuid;

/// See the module.
pub const FUNCTION: Function = Function {
    name: "resume-onboarding",
    init: |config, env| {
        Box::pin(async move {
            let dynamodb = aws_sdk_dynamodb::Client::new(&config);
            let clock = Arc::new(SdkClock::new(&config));
            let store = DynamoEventStore::new(dynamodb.clone(), env.get("EVENTS_TABLE")?);
            let waiting = Waiting {
                streams: Streams::new(Arc::new(store), Arc::clone(&clock) as _),
                pauses: Arc::new(DynamoPauses::new(dynamodb, env.get("PAUSES_TABLE")?, clock)),
                workflows: Arc::new(SfnWorkflows::answering(aws_sdk_sfn::Client::new(&config))),
            };
            sqs::handler(&config, &env, move |message| {
                let waiting = waiting.clone();
                async move {
                    let milestone: Delivered<OfCustomer> =
                        serde_json::from_str(&message.body).map_err(|_| ResumeError::Malformed)?;
                    let news = match milestone.detail_type.as_str() {
                        ACCOUNTS_OPENED_V1 => LedgerNews::AccountsOpened,
                        DEPOSIT_INSTRUCTIONS_READY_V1 => LedgerNews::InstructionsReady,
                        _ => return Err(ResumeError::Malformed),
                    };
                    let cause = Cause::by(Actor::System("resume-onboarding"))
                        .because_of(milestone.detail.id.to_string())
                        .correlated(milestone.detail.correlation_id);
                    Ok(waiting.ledger_news(CustomerId::new(milestone.detail.data.customer_id), news, &cause).await?)
                }
            })
        })
    },
};

/// What is read of either milestone.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct OfCustomer {
    customer_id: Uuid,
}

#[derive(Debug, thiserror::Error)]
enum ResumeError {
    #[error("the message is no milestone of this function")]
    Malformed,
    #[error("the news did not reach the application")]
    Onboarding(#[from] OnboardingError),
}

impl Classify for ResumeError {
    fn class(&self) -> Class {
        match self {
            Self::Malformed => Class::Invalid,
            Self::Onboarding(error) => error.class(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Malformed => "MILESTONE_MALFORMED",
            Self::Onboarding(error) => error.code(),
        }
    }
}
