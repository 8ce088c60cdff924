//! Opens a customer's accounts once identity says that the customer is active.
//!
//! Redelivery is safe: accounts that are open stay as they are.

use std::sync::Arc;

use app::{
    commit::{Actor, Cause},
    ledger::{LedgerError, open_accounts},
    streams::Streams,
};
use aws::{DynamoEventStore, SdkClock};
use contracts::milestones::{CustomerActivatedV1, Delivered};
use domain::{
    error::{Class, Classify},
    ids::CustomerId,
};
use lambda_kit::{Function, sqs};

/// See the module.
pub const FUNCTION: Function = Function {
    name: "open-accounts",
    init: |config, env| {
        Box::pin(async move {
            let store = DynamoEventStore::new(aws_sdk_dynamodb::Client::new(&config), env.get("EVENTS_TABLE")?);
            let streams = Streams::new(Arc::new(store), Arc::new(SdkClock::new(&config)));
            sqs::handler(&config, &env, move |message| {
                let streams = streams.clone();
                async move {
                    let envelope: Delivered<CustomerActivatedV1> =
                        serde_json::from_str(&message.body).map_err(|_| OpenError::Malformed)?;
                    let milestone = envelope.detail;
                    let cause = Cause::by(Actor::System("open-accounts"))
                        .because_of(milestone.id.to_string())
                        .correlated(milestone.correlation_id);
                    open_accounts(&streams, CustomerId::new(milestone.data.customer_id), &cause).await?;
                    Ok::<_, OpenError>(())
                }
            })
        })
    },
};

#[derive(Debug, thiserror::Error)]
enum OpenError {
    #[error("the message is no CustomerActivated.v1")]
    Malformed,
    #[error("the accounts were not opened")]
    Ledger(#[from] LedgerError),
}

impl Classify for OpenError {
    fn class(&self) -> Class {
        match self {
            Self::Malformed => Class::Invalid,
            Self::Ledger(error) => error.class(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Malformed => "MILESTONE_MALFORMED",
            Self::Ledger(error) => error.code(),
        }
    }
}
