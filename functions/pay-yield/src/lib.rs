//! Pays what a savings position has earned, week by week, through the week that a job names.
//!
//! Redelivery is safe: a week that is on the books is paid, whoever pays it again.

use std::sync::Arc;

use app::{
    commit::{Actor, Cause},
    ledger::{LedgerError, pay_yield_through},
    streams::Streams,
};
use aws::{DynamoEventStore, SdkClock};
use contracts::jobs::PayYield;
use domain::{
    error::{Class, Classify},
    ids::{CustomerId, PositionId},
};
use lambda_kit::{Function, sqs};

/// See the module.
pub const FUNCTION: Function = Function {
    name: "pay-yield",
    init: |config, env| {
        Box::pin(async move {
            let store = DynamoEventStore::new(aws_sdk_dynamodb::Client::new(&config), env.get("EVENTS_TABLE")?);
            let streams = Streams::new(Arc::new(store), Arc::new(SdkClock::new(&config)));
            sqs::handler(&config, &env, move |message| {
                let streams = streams.clone();
                async move { pay(&streams, &message).await }
            })
        })
    },
};

async fn pay(streams: &Streams, message: &sqs::Message) -> Result<(), PayError> {
    let job: PayYield = serde_json::from_str(&message.body).map_err(|_| PayError::Malformed)?;
    let product = job.product.parse().map_err(|_| PayError::Malformed)?;
    let week = job.week.parse().map_err(|_| PayError::Malformed)?;
    let position = PositionId::new(CustomerId::new(job.customer), product);
    let cause =
        Cause::by(Actor::System("pay-yield")).because_of(&message.id).correlated(Some(format!("payout-{}", job.week)));
    for paid in pay_yield_through(streams, &position, week, &cause).await? {
        tracing::info!(%position, week = %paid.week, amount = %paid.paid, "paid");
    }
    Ok(())
}

#[derive(Debug, thiserror::Error)]
enum PayError {
    #[error("the message is no job of this function")]
    Malformed,
    #[error("what is due was not paid")]
    Ledger(#[from] LedgerError),
}

impl Classify for PayError {
    fn class(&self) -> Class {
        match self {
            Self::Malformed => Class::Invalid,
            Self::Ledger(error) => error.class(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Malformed => "JOB_MALFORMED",
            Self::Ledger(error) => error.code(),
        }
    }
}
