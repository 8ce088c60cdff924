//! Opens the review case of an application, and withdraws it, where its workflow says that it is time.
//!
//! Running it again is safe: a case that is open stays open, and one that is closed stays closed.

use std::sync::Arc;

use app::{
    commit::{Actor, Cause},
    compliance::{open_case, withdraw_case},
    streams::Streams,
};
use aws::{DynamoEventStore, SdkClock};
use contracts::tasks::{CaseAction, ReviewCase};
use domain::ids::{ApplicationId, CustomerId};
use lambda_kit::{Function, task};

/// See the module.
pub const FUNCTION: Function = Function {
    name: "review-case",
    init: |config, env| {
        Box::pin(async move {
            let store = DynamoEventStore::new(aws_sdk_dynamodb::Client::new(&config), env.get("EVENTS_TABLE")?);
            let streams = Streams::new(Arc::new(store), Arc::new(SdkClock::new(&config)));
            Ok(task::handler(move |task: ReviewCase| {
                let streams = streams.clone();
                async move {
                    let cause = Cause::by(Actor::System("review-case")).correlated(Some(task.correlation_id));
                    let (customer, application) =
                        (CustomerId::new(task.customer), ApplicationId::new(task.application));
                    match task.action {
                        CaseAction::Open => open_case(&streams, customer, application, &cause).await,
                        CaseAction::Withdraw => withdraw_case(&streams, customer, application, &cause).await,
                    }
                }
            }))
        })
    },
};
