//! Decides an application where its workflow says that it is time.
//!
//! Running it again is safe: an application that was decided so stays as it is.

use std::sync::Arc;

use app::{
    commit::{Actor, Cause},
    onboarding::{WORKFLOW, decide_application},
    streams::Streams,
};
use aws::{DynamoEventStore, DynamoPermits, SdkClock};
use contracts::tasks::DecideApplication;
use lambda_kit::{Function, task};

/// See the module.
pub const FUNCTION: Function = Function {
    name: "decide-application",
    init: |config, env| {
        Box::pin(async move {
            let store = DynamoEventStore::new(aws_sdk_dynamodb::Client::new(&config), env.get("EVENTS_TABLE")?);
            let streams = Streams::new(Arc::new(store), Arc::new(SdkClock::new(&config)));
            let permits = DynamoPermits::giving_back(&config, env.get("LIMITS_TABLE")?, WORKFLOW);
            Ok(task::handler(move |task: DecideApplication| {
                let (streams, permits) = (streams.clone(), permits.clone());
                async move {
                    let cause =
                        Cause::by(Actor::System("decide-application")).correlated(Some(task.correlation_id.clone()));
                    decide_application(&streams, &permits, &task, &cause).await
                }
            }))
        })
    },
};
