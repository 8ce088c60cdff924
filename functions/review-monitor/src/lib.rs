//! Looks at what the identity provider's monitor of a customer has found, of which a webhook told that was verified and stored. Somebody
//! new who may be them freezes what policy says and opens a case.
//!
//! Redelivery is safe: what the monitor has found is read again, and whoever is known is no news. A monitor that the provider does not
//! know, or that watches nobody of ours, is set aside for a person.

use std::sync::Arc;

use app::{
    commit::{Actor, Cause},
    compliance::{ComplianceError, review_monitor},
    ports::{Objects, PortError, Urgency, WatchlistMonitors},
    streams::Streams,
};
use aws::{DynamoEventStore, DynamoRate, Quota, S3Objects, SdkClock};
use contracts::jobs::ReviewMonitor;
use domain::error::{Class, Classify};
use lambda_kit::{Env, Function, FunctionError, outbound, paced::Paced, sqs};
use providers::onfido::{Event, Onfido, Webhook, WebhookError};
use secrecy::SecretString;

/// See the module.
pub const FUNCTION: Function = Function {
    name: "review-monitor",
    init: |config, env| {
        Box::pin(async move {
            let work = Arc::new(Work::connect(&config, &env)?);
            sqs::handler(&config, &env, move |message| {
                let work = Arc::clone(&work);
                async move { work.review(message).await }
            })
        })
    },
};

struct Work {
    streams: Streams,
    webhooks: Box<dyn Objects>,
    monitors: Box<dyn WatchlistMonitors>,
}

impl Work {
    fn connect(config: &aws_types::SdkConfig, env: &Env) -> Result<Self, FunctionError> {
        let wrong = |error: &dyn std::fmt::Display| FunctionError::new("Configuration", error.to_string());
        let workflow = env.get("ONFIDO_WORKFLOW_ID")?.parse().map_err(|_| wrong(&"ONFIDO_WORKFLOW_ID is no UUID"))?;
        let token = SecretString::from(env.get("ONFIDO_API_TOKEN")?);
        let quota = Quota { per_second: env.number("ONFIDO_CALLS_PER_SECOND")? };
        let rate = Arc::new(DynamoRate::new(config, env.get("LIMITS_TABLE")?, "onfido", quota));
        let paced = Paced::new(outbound::client(config), rate, Urgency::Live);
        let provider =
            Onfido::try_new(paced, env.get("ONFIDO_API_URL")?, token, workflow).map_err(|error| wrong(&error))?;
        let store = DynamoEventStore::new(aws_sdk_dynamodb::Client::new(config), env.get("EVENTS_TABLE")?);
        Ok(Self {
            streams: Streams::new(Arc::new(store), Arc::new(SdkClock::new(config))),
            webhooks: Box::new(S3Objects::new(aws_sdk_s3::Client::new(config), env.get("RAW_BUCKET")?)),
            monitors: Box::new(provider),
        })
    }

    async fn review(&self, message: sqs::Message) -> Result<(), ReviewError> {
        let job: ReviewMonitor = serde_json::from_str(&message.body).map_err(|_| ReviewError::Malformed)?;
        let raw = self.webhooks.get(&job.object).await?;
        let monitor = match Webhook::parse(&raw)?.event {
            Event::MonitorMatches { monitor } => monitor,
            Event::Run(_) | Event::Unneeded { .. } | Event::Unknown { .. } => return Err(ReviewError::UnknownKind),
        };
        let cause = Cause::by(Actor::Provider("onfido")).because_of(job.object).correlated(Some(job.correlation_id));
        if let Some(case) = review_monitor(&self.streams, self.monitors.as_ref(), monitor, &cause).await? {
            tracing::warn!(%case, %monitor, "a monitor found somebody, and a person has to look");
        }
        Ok(())
    }
}

#[derive(Debug, thiserror::Error)]
enum ReviewError {
    #[error("the message is no job of this function")]
    Malformed,
    #[error("the stored webhook is not about a monitor")]
    UnknownKind,
    #[error("the stored webhook cannot be read")]
    Webhook(#[from] WebhookError),
    #[error("the stored webhook cannot be fetched")]
    Port(#[from] PortError),
    #[error("nobody looked at what the monitor has found")]
    Compliance(#[from] ComplianceError),
}

impl Classify for ReviewError {
    fn class(&self) -> Class {
        match self {
            Self::Malformed | Self::UnknownKind => Class::Invalid,
            Self::Webhook(error) => error.class(),
            Self::Port(error) => error.class(),
            Self::Compliance(error) => error.class(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Malformed => "JOB_MALFORMED",
            Self::UnknownKind => "WEBHOOK_KIND_UNKNOWN",
            Self::Webhook(error) => error.code(),
            Self::Port(error) => error.code(),
            Self::Compliance(error) => error.code(),
        }
    }
}
