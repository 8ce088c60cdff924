//! Does in the ledger what compliance decided about a customer: freezes, lifts what a case had frozen, or notes that the bank parts
//! from them.
//!
//! Redelivery is safe, and so is any order: a freeze that was lifted before it comes here freezes nothing.

use std::sync::Arc;

use app::{
    commit::{Actor, Cause},
    ledger::{LedgerError, lift_freeze, order_closure, order_freeze},
    streams::Streams,
};
use aws::{DynamoEventStore, SdkClock};
use contracts::milestones::{
    CUSTOMER_FREEZE_ORDERED_V1, CustomerFreezeOrderedV1, Delivered, Detail, FrozenSide, MONITORING_DECIDED_V1,
    MonitoringDecidedV1, ReviewDecision,
};
use domain::{
    error::{Class, Classify},
    freeze::FreezeSide,
    ids::{CaseId, CustomerId},
};
use lambda_kit::{Function, sqs};
use serde::{Deserialize, de::DeserializeOwned};

/// See the module.
pub const FUNCTION: Function = Function {
    name: "follow-controls",
    init: |config, env| {
        Box::pin(async move {
            let store = DynamoEventStore::new(aws_sdk_dynamodb::Client::new(&config), env.get("EVENTS_TABLE")?);
            let streams = Streams::new(Arc::new(store), Arc::new(SdkClock::new(&config)));
            sqs::handler(&config, &env, move |message| {
                let streams = streams.clone();
                async move { follow(&streams, &message.body).await }
            })
        })
    },
};

#[derive(Deserialize)]
struct Named {
    #[serde(rename = "detail-type")]
    detail_type: String,
}

async fn follow(streams: &Streams, body: &str) -> Result<(), FollowError> {
    let Named { detail_type } = serde_json::from_str(body).map_err(|_| FollowError::Malformed)?;
    match detail_type.as_str() {
        CUSTOMER_FREEZE_ORDERED_V1 => {
            let (order, cause) = read::<CustomerFreezeOrderedV1>(body)?;
            let side = match order.side {
                FrozenSide::Debits => FreezeSide::Debits,
                FrozenSide::Credits => FreezeSide::Credits,
                FrozenSide::Both => FreezeSide::Both,
            };
            let (customer, case) = (CustomerId::new(order.customer_id), CaseId::new(order.case_id));
            order_freeze(streams, customer, case, side, &cause).await?;
            tracing::warn!(%customer, %case, "a customer is frozen by policy");
        }
        MONITORING_DECIDED_V1 => {
            let (decided, cause) = read::<MonitoringDecidedV1>(body)?;
            let (customer, case) = (CustomerId::new(decided.customer_id), CaseId::new(decided.case_id));
            match decided.decision {
                ReviewDecision::Approved => lift_freeze(streams, customer, case, &cause).await?,
                ReviewDecision::Declined => order_closure(streams, customer, case, &cause).await?,
            }
        }
        _ => return Err(FollowError::Malformed),
    }
    Ok(())
}

fn read<T: DeserializeOwned>(body: &str) -> Result<(T, Cause), FollowError> {
    let envelope: Delivered<T> = serde_json::from_str(body).map_err(|_| FollowError::Malformed)?;
    let Detail { id, correlation_id, data, .. } = envelope.detail;
    let cause = Cause::by(Actor::System("follow-controls")).because_of(id.to_string()).correlated(correlation_id);
    Ok((data, cause))
}

#[derive(Debug, thiserror::Error)]
enum FollowError {
    #[error("the message is no milestone of this function")]
    Malformed,
    #[error("the ledger did not follow")]
    Ledger(#[from] LedgerError),
}

impl Classify for FollowError {
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
