//! Looks for one customer in the lists again. Somebody new who may be them freezes what policy says and opens a case.
//!
//! Redelivery is safe: a round is done once, whoever was found is known, and what is recorded and the case are one transaction.

use std::sync::Arc;

use app::{
    commit::{Actor, Cause},
    compliance::{ComplianceError, Screenings},
    ports::Urgency,
    streams::Streams,
};
use aws::{DynamoEventStore, DynamoRate, KmsVault, Quota, SdkClock};
use contracts::jobs::RescreenCustomer;
use domain::error::{Class, Classify};
use lambda_kit::{Env, Function, FunctionError, outbound, paced::Paced, sqs};
use providers::screening::OpenSanctions;
use secrecy::SecretString;

/// See the module.
pub const FUNCTION: Function = Function {
    name: "rescreen-customer",
    init: |config, env| {
        Box::pin(async move {
            let screenings = connect(&config, &env)?;
            sqs::handler(&config, &env, move |message| {
                let screenings = screenings.clone();
                async move { rescreen(&screenings, &message).await }
            })
        })
    },
};

fn connect(config: &aws_types::SdkConfig, env: &Env) -> Result<Screenings, FunctionError> {
    let dynamodb = aws_sdk_dynamodb::Client::new(config);
    let key = SecretString::from(env.get("SCREENING_API_KEY")?);
    // People who wait for their account come first.
    let quota = Quota { per_second: env.number("SCREENING_CALLS_PER_SECOND")? };
    let rate = Arc::new(DynamoRate::new(config, env.get("LIMITS_TABLE")?, "screening", quota));
    let paced = Paced::new(outbound::client(config), rate, Urgency::Replay);
    let provider = OpenSanctions::try_new(paced, env.get("SCREENING_API_URL")?, &key)
        .map_err(|error| FunctionError::new("Configuration", error.to_string()))?;
    let vault = KmsVault::new(
        dynamodb.clone(),
        aws_sdk_kms::Client::new(config),
        env.get("VAULT_TABLE")?,
        env.get("VAULT_KEYS_TABLE")?,
        env.get("VAULT_KEY_ID")?,
    );
    let store = DynamoEventStore::new(dynamodb, env.get("EVENTS_TABLE")?);
    Ok(Screenings {
        streams: Streams::new(Arc::new(store), Arc::new(SdkClock::new(config))),
        vault: Arc::new(vault),
        provider: Arc::new(provider),
        reader: "rescreen-customer",
    })
}

async fn rescreen(screenings: &Screenings, message: &sqs::Message) -> Result<(), RescreenError> {
    let job: RescreenCustomer = serde_json::from_str(&message.body).map_err(|_| RescreenError::Malformed)?;
    let cause = Cause::by(Actor::System("rescreen-customer"))
        .because_of(message.id.clone())
        .correlated(Some(format!("rescreening:{}:{}", job.round.day, job.round.index)));
    if let Some(case) = screenings.rescreen(&job, &cause).await? {
        tracing::warn!(%case, "somebody may be a customer, and a person has to look");
    }
    Ok(())
}

#[derive(Debug, thiserror::Error)]
enum RescreenError {
    #[error("the message is no job of this function")]
    Malformed,
    #[error("the customer was not looked for")]
    Compliance(#[from] ComplianceError),
}

impl Classify for RescreenError {
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
