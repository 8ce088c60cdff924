//! Looks whoever applies up at the screening provider, as the onboarding workflow wants it, from a queue of its own, so that the
//! provider's pace never spends a retry of the workflow.
//!
//! Redelivery is safe: the first answer to a check is recorded and stands, and a token that is over is told nothing new.

use std::sync::Arc;

use app::{
    commit::{Actor, Cause},
    compliance::{ComplianceError, Screenings},
    ports::{PortError, TaskToken, Workflows},
    streams::Streams,
};
use aws::{DynamoEventStore, KmsVault, SdkClock, SfnWorkflows};
use contracts::tasks::CallScreening;
use domain::error::{Class, Classify};
use lambda_kit::{
    Env, Function, FunctionError, outbound,
    sqs::{self, Attempt, chain},
};
use providers::screening::OpenSanctions;
use secrecy::SecretString;

/// See the module.
pub const FUNCTION: Function = Function {
    name: "call-screening",
    init: |config, env| {
        Box::pin(async move {
            let work = Arc::new(Work::connect(&config, &env)?);
            sqs::handler(&config, &env, move |message| {
                let work = Arc::clone(&work);
                async move { work.call(message).await }
            })
        })
    },
};

struct Work {
    screenings: Screenings,
    workflows: Arc<dyn Workflows>,
}

impl Work {
    fn connect(config: &aws_types::SdkConfig, env: &Env) -> Result<Self, FunctionError> {
        let dynamodb = aws_sdk_dynamodb::Client::new(config);
        let key = SecretString::from(env.get("SCREENING_API_KEY")?);
        let provider = OpenSanctions::try_new(outbound::client(config), env.get("SCREENING_API_URL")?, &key)
            .map_err(|error| FunctionError::new("Configuration", error.to_string()))?;
        let vault = KmsVault::new(
            dynamodb.clone(),
            aws_sdk_kms::Client::new(config),
            env.get("VAULT_TABLE")?,
            env.get("VAULT_KEYS_TABLE")?,
            env.get("VAULT_KEY_ID")?,
        );
        let store = DynamoEventStore::new(dynamodb, env.get("EVENTS_TABLE")?);
        Ok(Self {
            screenings: Screenings {
                streams: Streams::new(Arc::new(store), Arc::new(SdkClock::new(config))),
                vault: Arc::new(vault),
                provider: Arc::new(provider),
                reader: "call-screening",
            },
            workflows: Arc::new(SfnWorkflows::answering(aws_sdk_sfn::Client::new(config))),
        })
    }

    async fn call(&self, message: sqs::Message) -> Result<(), CallError> {
        let call: CallScreening = serde_json::from_str(&message.body).map_err(|_| CallError::Malformed)?;
        let cause = Cause::by(Actor::System("call-screening"))
            .because_of(message.id)
            .correlated(Some(call.correlation_id.clone()));
        let told = match self.screenings.check(&call, &cause).await {
            Ok(screened) => {
                let output = serde_json::to_string(&screened).map_err(|_| CallError::Malformed)?;
                self.workflows.succeed(&TaskToken::new(call.task_token), output).await
            }
            Err(error) => match (error.class(), message.attempt) {
                (Class::Conflict | Class::Transient | Class::Throttled, Attempt::Early) => return Err(error.into()),
                (class, _) => {
                    // From here on it is the workflow's: it tries again, unwinds, or waits for an operator.
                    tracing::warn!(code = error.code(), error = %chain(&error), check = ?call.check, "told to the workflow");
                    self.workflows.fail(&TaskToken::new(call.task_token), class, error.code()).await
                }
            },
        };
        match (told, message.attempt) {
            (Err(error), Attempt::Last) => {
                // Set aside, the message would keep a token where people look. The state's own timeout brings an operator.
                tracing::error!(code = error.code(), error = %chain(&error), check = ?call.check, "the workflow was not told");
                Ok(())
            }
            (told, _) => Ok(told?),
        }
    }
}

#[derive(Debug, thiserror::Error)]
enum CallError {
    #[error("the message is no call of this function")]
    Malformed,
    #[error("nobody was looked up")]
    Compliance(#[from] ComplianceError),
    #[error("the workflow was not told")]
    Port(#[from] PortError),
}

impl Classify for CallError {
    fn class(&self) -> Class {
        match self {
            Self::Malformed => Class::Invalid,
            Self::Compliance(error) => error.class(),
            Self::Port(error) => error.class(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Malformed => "JOB_MALFORMED",
            Self::Compliance(error) => error.code(),
            Self::Port(error) => error.code(),
        }
    }
}
