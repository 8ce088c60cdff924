//! Scores the risk of whoever applies from what the checks found, where their workflow says that it is time.
//!
//! Running it again is safe: a risk that was assessed stands.

use std::sync::Arc;

use app::{
    commit::{Actor, Cause},
    compliance,
    streams::Streams,
};
use aws::{DynamoEventStore, SdkClock};
use contracts::tasks::AssessRisk;
use lambda_kit::{Function, task};

/// See the module.
pub const FUNCTION: Function = Function {
    name: "assess-risk",
    init: |config, env| {
        Box::pin(async move {
            let store = DynamoEventStore::new(aws_sdk_dynamodb::Client::new(&config), env.get("EVENTS_TABLE")?);
            let streams = Streams::new(Arc::new(store), Arc::new(SdkClock::new(&config)));
            Ok(task::handler(move |task: AssessRisk| {
                let streams = streams.clone();
                async move {
                    let cause = Cause::by(Actor::System("assess-risk")).correlated(Some(task.correlation_id.clone()));
                    compliance::assess(&streams, &task, &cause).await
                }
            }))
        })
    },
};
