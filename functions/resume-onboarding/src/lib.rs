//! Brings news of the ledger and of compliance to the applications that wait for them, and resumes those whose news came while they
//! began to wait.
//!
//! Redelivery is safe: news that are known change nothing, and a state that was resumed is not resumed again.

use std::sync::Arc;

use app::{
    commit::{Actor, Cause},
    onboarding::{LedgerNews, OnboardingError, ReviewNews, WORKFLOW, Waiting, show_question},
    streams::Streams,
};
use aws::{DynamoEventStore, DynamoPauses, DynamoPermits, KmsVault, Place, SdkClock, SfnWorkflows};
use contracts::jobs::ResumeApplication;
use contracts::milestones::{
    ACCOUNTS_OPENED_V1, DEPOSIT_INSTRUCTIONS_READY_V1, Delivered, Detail, INFORMATION_REQUESTED_V1,
    InformationRequestedV1, REVIEW_DECIDED_V1, ReviewDecidedV1, ReviewDecision,
};
use domain::{
    error::{Class, Classify},
    ids::{ApplicationId, CustomerId},
    onboarding::application::ReviewResult,
};
use lambda_kit::{Env, Function, FunctionError, sqs};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::Value;
use uuid::Uuid;

const NAME: &str = "resume-onboarding";

/// See the module.
pub const FUNCTION: Function = Function {
    name: NAME,
    init: |config, env| {
        Box::pin(async move {
            let work = Arc::new(Work::connect(&config, &env)?);
            sqs::handler(&config, &env, move |message| {
                let work = Arc::clone(&work);
                async move { work.take(&message.body).await }
            })
        })
    },
};

struct Work {
    waiting: Waiting,
    pauses: Arc<DynamoPauses>,
    vault: KmsVault,
}

/// What a milestone tells.
enum News {
    Ledger(CustomerId, LedgerNews),
    Review(CustomerId, ApplicationId, ReviewNews),
}

impl Work {
    fn connect(config: &aws_types::SdkConfig, env: &Env) -> Result<Self, FunctionError> {
        let dynamodb = aws_sdk_dynamodb::Client::new(config);
        let clock = Arc::new(SdkClock::new(config));
        let store = DynamoEventStore::new(dynamodb.clone(), env.get("EVENTS_TABLE")?);
        let pauses = DynamoPauses::new(dynamodb.clone(), env.get("PAUSES_TABLE")?, Arc::clone(&clock) as _);
        let pauses = Arc::new(pauses);
        let place = Place {
            table: env.get("LIMITS_TABLE")?,
            workflow: WORKFLOW,
            state_machine: env.get("STATE_MACHINE_ARN")?,
            permits_max: env.number("ONBOARDING_PERMITS")?,
            who: NAME,
        };
        let waiting = Waiting {
            permits: Arc::new(DynamoPermits::new(config, place)),
            streams: Streams::new(Arc::new(store), clock),
            pauses: Arc::clone(&pauses) as _,
            workflows: Arc::new(SfnWorkflows::answering(aws_sdk_sfn::Client::new(config))),
        };
        let vault = KmsVault::new(
            dynamodb,
            aws_sdk_kms::Client::new(config),
            env.get("VAULT_TABLE")?,
            env.get("VAULT_KEYS_TABLE")?,
            env.get("VAULT_KEY_ID")?,
        );
        Ok(Self { waiting, pauses, vault })
    }

    async fn take(&self, body: &str) -> Result<(), ResumeError> {
        if let Ok(job) = serde_json::from_str::<ResumeApplication>(body) {
            return Ok(self.waiting.resume_paused(&job).await?);
        }
        let milestone: Delivered<Value> = serde_json::from_str(body).map_err(|_| ResumeError::Malformed)?;
        let Detail { id, correlation_id, data, .. } = milestone.detail;
        let cause = Cause::by(Actor::System(NAME)).because_of(id.to_string()).correlated(correlation_id);
        match news(&milestone.detail_type, data)? {
            News::Ledger(customer, news) => self.waiting.ledger_news(customer, news, &cause).await?,
            News::Review(customer, application, news) => {
                if let ReviewNews::InformationRequested { question } = &news {
                    // Before the application tells of it: whoever sees that something is asked can read what.
                    show_question(&self.vault, self.pauses.as_ref(), customer, question, NAME).await?;
                }
                self.waiting.review_news(customer, application, news, &cause).await?;
            }
        }
        Ok(())
    }
}

fn news(detail_type: &str, data: Value) -> Result<News, ResumeError> {
    Ok(match detail_type {
        ACCOUNTS_OPENED_V1 => News::Ledger(read::<OfCustomer>(data)?.customer(), LedgerNews::AccountsOpened),
        DEPOSIT_INSTRUCTIONS_READY_V1 => {
            News::Ledger(read::<OfCustomer>(data)?.customer(), LedgerNews::InstructionsReady)
        }
        REVIEW_DECIDED_V1 => {
            let data: ReviewDecidedV1 = read(data)?;
            let result = match data.decision {
                ReviewDecision::Approved => ReviewResult::Approved,
                ReviewDecision::Declined => ReviewResult::Declined,
            };
            review(data.customer_id, data.application_id, ReviewNews::Decided(result))
        }
        INFORMATION_REQUESTED_V1 => {
            let data: InformationRequestedV1 = read(data)?;
            let question = data.question.parse().map_err(|_| ResumeError::Malformed)?;
            review(data.customer_id, data.application_id, ReviewNews::InformationRequested { question })
        }
        _ => return Err(ResumeError::Malformed),
    })
}

const fn review(customer: Uuid, application: Uuid, news: ReviewNews) -> News {
    News::Review(CustomerId::new(customer), ApplicationId::new(application), news)
}

fn read<T: DeserializeOwned>(data: Value) -> Result<T, ResumeError> {
    serde_json::from_value(data).map_err(|_| ResumeError::Malformed)
}

/// What is read of either of the ledger's milestones.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct OfCustomer {
    customer_id: Uuid,
}

impl OfCustomer {
    const fn customer(&self) -> CustomerId {
        CustomerId::new(self.customer_id)
    }
}

#[derive(Debug, thiserror::Error)]
enum ResumeError {
    #[error("the message is no milestone of this function")]
    Malformed,
    #[error("the news did not reach the application")]
    Onboarding(#[from] OnboardingError),
}

impl Classify for ResumeError {
    fn class(&self) -> Class {
        match self {
            Self::Malformed => Class::Invalid,
            Self::Onboarding(error) => error.class(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Malformed => "MILESTONE_MALFORMED",
            Self::Onboarding(error) => error.code(),
        }
    }
}
