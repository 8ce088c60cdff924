//! Brings results of the identity provider, whose webhooks were verified and stored, to their applications.
//!
//! Redelivery is safe: the first final result stands, and a state that was resumed is not resumed again.

use std::sync::Arc;

use app::{
    commit::{Actor, Cause},
    onboarding::{OnboardingError, WORKFLOW, Waiting},
    ports::{Objects, PortError},
    streams::Streams,
};
use aws::{DynamoEventStore, DynamoPauses, DynamoPermits, Place, S3Objects, SdkClock, SfnWorkflows};
use contracts::jobs::ApplyIdentityResult;
use domain::{
    error::{Class, Classify},
    ids::WorkflowRunId,
};
use lambda_kit::{Env, Function, FunctionError, sqs};
use providers::onfido::{Event, Webhook, WebhookError};

/// See the module.
pub const FUNCTION: Function = Function {
    name: "apply-identity-result",
    init: |config, env| {
        Box::pin(async move {
            let work = Arc::new(Work::connect(&config, &env)?);
            sqs::handler(&config, &env, move |message| {
                let work = Arc::clone(&work);
                async move { work.apply(message).await }
            })
        })
    },
};

struct Work {
    waiting: Waiting,
    webhooks: Arc<dyn Objects>,
}

impl Work {
    fn connect(config: &aws_types::SdkConfig, env: &Env) -> Result<Self, FunctionError> {
        let dynamodb = aws_sdk_dynamodb::Client::new(config);
        let clock = Arc::new(SdkClock::new(config));
        let store = DynamoEventStore::new(dynamodb.clone(), env.get("EVENTS_TABLE")?);
        let place = Place {
            table: env.get("LIMITS_TABLE")?,
            workflow: WORKFLOW,
            state_machine: env.get("STATE_MACHINE_ARN")?,
            permits_max: env.number("ONBOARDING_PERMITS")?,
            who: "apply-identity-result",
        };
        Ok(Self {
            waiting: Waiting {
                permits: Arc::new(DynamoPermits::new(config, place)),
                streams: Streams::new(Arc::new(store), Arc::clone(&clock) as _),
                pauses: Arc::new(DynamoPauses::new(dynamodb, env.get("PAUSES_TABLE")?, clock)),
                workflows: Arc::new(SfnWorkflows::answering(aws_sdk_sfn::Client::new(config))),
            },
            webhooks: Arc::new(S3Objects::new(aws_sdk_s3::Client::new(config), env.get("RAW_BUCKET")?)),
        })
    }

    async fn apply(&self, message: sqs::Message) -> Result<(), ApplyError> {
        let job: ApplyIdentityResult = serde_json::from_str(&message.body).map_err(|_| ApplyError::Malformed)?;
        let raw = self.webhooks.get(&job.object).await?;
        let news = match Webhook::parse(&raw)?.event {
            Event::Run(news) => news,
            Event::Unneeded { .. } => return Ok(()),
            Event::MonitorMatches { .. } | Event::Unknown { .. } => return Err(ApplyError::UnknownKind),
        };
        let cause = Cause::by(Actor::Provider("onfido")).because_of(job.object).correlated(Some(job.correlation_id));
        self.waiting.identity_news(WorkflowRunId::new(news.run), news.standing, &cause).await?;
        tracing::info!(run = %news.run, standing = ?news.standing, "news of an identity check");
        Ok(())
    }
}

#[derive(Debug, thiserror::Error)]
enum ApplyError {
    #[error("the message is no job of this function")]
    Malformed,
    #[error("the stored webhook is of a kind that nobody here knows")]
    UnknownKind,
    #[error("the stored webhook cannot be read")]
    Webhook(#[from] WebhookError),
    #[error("the stored webhook cannot be fetched")]
    Port(#[from] PortError),
    #[error("the result did not reach its application")]
    Onboarding(#[from] OnboardingError),
}

impl Classify for ApplyError {
    fn class(&self) -> Class {
        match self {
            Self::Malformed | Self::UnknownKind => Class::Invalid,
            Self::Webhook(error) => error.class(),
            Self::Port(error) => error.class(),
            Self::Onboarding(error) => error.class(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Malformed => "JOB_MALFORMED",
            Self::UnknownKind => "WEBHOOK_KIND_UNKNOWN",
            Self::Webhook(error) => error.code(),
            Self::Port(error) => error.code(),
            Self::Onboarding(error) => error.code(),
        }
    }
}
