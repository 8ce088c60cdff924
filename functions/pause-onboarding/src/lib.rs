//! Makes a state of the onboarding workflow wait, and resumes it at once if what it waits for is there. Whoever waits
//! holds no permit to be at work.
//!
//! Running it again is safe: the state then waits under its newest token.

use std::sync::Arc;

use app::{
    onboarding::{WORKFLOW, Waiting},
    streams::Streams,
};
use aws::{DynamoEventStore, DynamoPauses, DynamoPermits, SdkClock, SfnWorkflows, SqsJobs};
use contracts::tasks::PauseOnboarding;
use lambda_kit::{Function, task};

/// See the module.
pub const FUNCTION: Function = Function {
    name: "pause-onboarding",
    init: |config, env| {
        Box::pin(async move {
            let dynamodb = aws_sdk_dynamodb::Client::new(&config);
            let clock = Arc::new(SdkClock::new(&config));
            let store = DynamoEventStore::new(dynamodb.clone(), env.get("EVENTS_TABLE")?);
            let later = SqsJobs::new(aws_sdk_sqs::Client::new(&config), env.get("RESUME_QUEUE_URL")?);
            let waiting = Waiting {
                permits: Arc::new(DynamoPermits::giving_back(&config, env.get("LIMITS_TABLE")?, WORKFLOW)),
                streams: Streams::new(Arc::new(store), Arc::clone(&clock) as _),
                pauses: Arc::new(DynamoPauses::new(dynamodb, env.get("PAUSES_TABLE")?, clock)),
                workflows: Arc::new(SfnWorkflows::answering(aws_sdk_sfn::Client::new(&config))),
            };
            Ok(task::handler(move |task: PauseOnboarding| {
                let (waiting, later) = (waiting.clone(), later.clone());
                async move { waiting.pause(&task, &later).await }
            }))
        })
    },
};
