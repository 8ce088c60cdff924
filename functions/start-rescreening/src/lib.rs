//! Sees, as the schedule says, whether all customers are to be looked for again, once a day and once more whenever the lists have
//! changed; then sends them off, one job each, page by page.
//!
//! Redelivery is safe: a round is begun once, and whoever is sent off twice is looked for once. A page that fails half way is sent
//! off again.

use std::sync::Arc;

use app::{
    commit::{Actor, Cause},
    compliance::{ComplianceError, Rounds},
    ports::{Jobs, MonitoredIndex, ScreeningProvider, Urgency},
    streams::Streams,
};
use aws::{DynamoEventStore, DynamoRate, DynamoViews, Quota, SdkClock, SqsJobs};
use contracts::jobs::StartRescreening;
use domain::error::{Class, Classify};
use lambda_kit::{Env, Function, FunctionError, outbound, paced::Paced, sqs};
use providers::screening::OpenSanctions;
use secrecy::SecretString;
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

/// See the module.
pub const FUNCTION: Function = Function {
    name: "start-rescreening",
    init: |config, env| {
        Box::pin(async move {
            let work = Arc::new(Work::connect(&config, &env)?);
            sqs::handler(&config, &env, move |message| {
                let work = Arc::clone(&work);
                async move { work.start(&message).await }
            })
        })
    },
};

struct Work {
    streams: Streams,
    provider: Box<dyn ScreeningProvider>,
    monitored: Box<dyn MonitoredIndex>,
    rescreen: Box<dyn Jobs>,
    next_page: Box<dyn Jobs>,
}

impl Work {
    fn connect(config: &aws_types::SdkConfig, env: &Env) -> Result<Self, FunctionError> {
        let dynamodb = aws_sdk_dynamodb::Client::new(config);
        let queues = aws_sdk_sqs::Client::new(config);
        let key = SecretString::from(env.get("SCREENING_API_KEY")?);
        // People who wait for their account come first.
        let quota = Quota { per_second: env.number("SCREENING_CALLS_PER_SECOND")? };
        let rate = Arc::new(DynamoRate::new(config, env.get("LIMITS_TABLE")?, "screening", quota));
        let paced = Paced::new(outbound::client(config), rate, Urgency::Replay);
        let provider = OpenSanctions::try_new(paced, env.get("SCREENING_API_URL")?, &key)
            .map_err(|error| FunctionError::new("Configuration", error.to_string()))?;
        let store = DynamoEventStore::new(dynamodb.clone(), env.get("EVENTS_TABLE")?);
        Ok(Self {
            streams: Streams::new(Arc::new(store), Arc::new(SdkClock::new(config))),
            provider: Box::new(provider),
            monitored: Box::new(DynamoViews::new(dynamodb, env.get("PROJECTIONS_TABLE")?)),
            rescreen: Box::new(SqsJobs::new(queues.clone(), env.get("RESCREEN_CUSTOMER_QUEUE_URL")?)),
            next_page: Box::new(SqsJobs::new(queues, env.get("QUEUE_URL")?)),
        })
    }

    async fn start(&self, message: &sqs::Message) -> Result<(), StartError> {
        let job: StartRescreening = serde_json::from_str(&message.body).map_err(|_| StartError::Malformed)?;
        let due = OffsetDateTime::parse(&job.scheduled_at, &Rfc3339).map_err(|_| StartError::Malformed)?;
        let cause = Cause::by(Actor::System("start-rescreening")).because_of(message.id.clone());
        let rounds = Rounds {
            streams: &self.streams,
            provider: self.provider.as_ref(),
            index: self.monitored.as_ref(),
            rescreen: self.rescreen.as_ref(),
            next_page: self.next_page.as_ref(),
        };
        let sent = rounds.start(&job, due, &cause).await?;
        if sent > 0 {
            tracing::info!(sent, "customers are looked for again");
        }
        Ok(())
    }
}

#[derive(Debug, thiserror::Error)]
enum StartError {
    #[error("the message is no job of this function")]
    Malformed,
    #[error("not every customer of this page was sent off")]
    Compliance(#[from] ComplianceError),
}

impl Classify for StartError {
    fn class(&self) -> Class {
        match self {
            Self::Malformed => Class::Invalid,
            Self::Compliance(error) => error.class(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Malformed => "JOB_MALFORMED",
            Self::Compliance(error) => error.code(),
        }
    }
}
