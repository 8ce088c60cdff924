//! Does what the onboarding workflow wants done at the identity provider, from a queue of its own, so that the provider's pace never
//! spends a retry of the workflow.
//!
//! Redelivery is safe: what was done is looked for before anything is done, and a token that is over is told nothing new.

use std::sync::Arc;

use app::{
    commit::{Actor, Cause},
    onboarding::{IdentityChecks, OnboardingError},
    ports::{PortError, TaskToken, Workflows},
    streams::Streams,
};
use aws::{DynamoEventStore, DynamoPauses, KmsVault, SdkClock, SfnWorkflows};
use contracts::tasks::CallIdentityProvider;
use domain::{
    error::{Class, Classify},
    onboarding::application::IdentityCheckProvider,
};
use lambda_kit::{
    Env, Function, FunctionError, outbound,
    sqs::{self, Attempt, chain},
};
use providers::onfido::Onfido;
use secrecy::SecretString;

/// See the module.
pub const FUNCTION: Function = Function {
    name: "call-onfido",
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
    checks: IdentityChecks,
    workflows: Arc<dyn Workflows>,
}

impl Work {
    fn connect(config: &aws_types::SdkConfig, env: &Env) -> Result<Self, FunctionError> {
        let dynamodb = aws_sdk_dynamodb::Client::new(config);
        let clock = Arc::new(SdkClock::new(config));
        let wrong = |error: &dyn std::fmt::Display| FunctionError::new("Configuration", error.to_string());
        let workflow = env.get("ONFIDO_WORKFLOW_ID")?.parse().map_err(|_| wrong(&"ONFIDO_WORKFLOW_ID is no UUID"))?;
        let token = SecretString::from(env.get("ONFIDO_API_TOKEN")?);
        let provider = Onfido::try_new(outbound::client(config), env.get("ONFIDO_API_URL")?, token, workflow)
            .map_err(|error| wrong(&error))?;
        let vault = KmsVault::new(
            dynamodb.clone(),
            aws_sdk_kms::Client::new(config),
            env.get("VAULT_TABLE")?,
            env.get("VAULT_KEYS_TABLE")?,
            env.get("VAULT_KEY_ID")?,
        );
        let store = DynamoEventStore::new(dynamodb.clone(), env.get("EVENTS_TABLE")?);
        Ok(Self {
            checks: IdentityChecks {
                streams: Streams::new(Arc::new(store), Arc::clone(&clock) as _),
                vault: Arc::new(vault),
                provider: Arc::new(provider),
                provider_name: IdentityCheckProvider::Onfido,
                sdk_tokens: Arc::new(DynamoPauses::new(dynamodb, env.get("PAUSES_TABLE")?, clock)),
                reader: "call-onfido",
            },
            workflows: Arc::new(SfnWorkflows::answering(aws_sdk_sfn::Client::new(config))),
        })
    }

    async fn call(&self, message: sqs::Message) -> Result<(), CallError> {
        let call: CallIdentityProvider = serde_json::from_str(&message.body).map_err(|_| CallError::Malformed)?;
        let cause = Cause::by(Actor::System("call-onfido"))
            .because_of(message.id)
            .correlated(Some(call.correlation_id.clone()));
        let told = match self.checks.call(&call, &cause).await {
            Ok(called) => {
                let output = serde_json::to_string(&called).map_err(|_| CallError::Malformed)?;
                self.workflows.succeed(&TaskToken::new(call.task_token), output).await
            }
            Err(error) => match (error.class(), message.attempt) {
                (Class::Conflict | Class::Transient | Class::Throttled, Attempt::Early) => return Err(error.into()),
                (class, _) => {
                    // From here on it is the workflow's: it tries again, unwinds, or waits for an operator.
                    tracing::warn!(code = error.code(), error = %chain(&error), call = ?call.call, "told to the workflow");
                    self.workflows.fail(&TaskToken::new(call.task_token), class, error.code()).await
                }
            },
        };
        match (told, message.attempt) {
            (Err(error), Attempt::Last) => {
                // Set aside, the message would keep a token where people look. The state's own timeout brings an operator.
                tracing::error!(code = error.code(), error = %chain(&error), call = ?call.call, "the workflow was not told");
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
    #[error("the identity provider was not called")]
    Onboarding(#[from] OnboardingError),
    #[error("the workflow was not told")]
    Port(#[from] PortError),
}

impl Classify for CallError {
    fn class(&self) -> Class {
        match self {
            Self::Malformed => Class::Invalid,
            Self::Onboarding(error) => error.class(),
            Self::Port(error) => error.class(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Malformed => "JOB_MALFORMED",
            Self::Onboarding(error) => error.code(),
            Self::Port(error) => error.code(),
        }
    }
}
