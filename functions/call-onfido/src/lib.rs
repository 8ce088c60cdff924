//! Does what the onboarding workflow wants done at the identity provider, from a queue of its own, so that the provider's pace never
//! spends a retry of the workflow.
//!
//! Redelivery is safe: what was done is looked for before anything is done, and a token that is over is told nothing new.

use std::sync::Arc;

use app::{
    commit::{Actor, Cause},
    onboarding::{IdentityChecks, OnboardingError, WORKFLOW, execution_name},
    ports::{Rate, TaskToken, Urgency},
    streams::Streams,
};
use aws::{DynamoEventStore, DynamoPauses, DynamoPermits, DynamoRate, KmsVault, Place, Quota, SdkClock, SfnWorkflows};
use contracts::tasks::CallIdentityProvider;
use domain::onboarding::application::IdentityCheckProvider;
use lambda_kit::{
    Env, Function, FunctionError,
    call::{Call, CallError, Calls},
    outbound,
    paced::Paced,
    sqs,
};
use providers::onfido::Onfido;
use secrecy::SecretString;

const NAME: &str = "call-onfido";

/// See the module.
pub const FUNCTION: Function = Function {
    name: NAME,
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
    live: IdentityChecks,
    replays: IdentityChecks,
    calls: Calls,
}

impl Work {
    fn connect(config: &aws_types::SdkConfig, env: &Env) -> Result<Self, FunctionError> {
        let dynamodb = aws_sdk_dynamodb::Client::new(config);
        let clock = Arc::new(SdkClock::new(config));
        let wrong = |error: &dyn std::fmt::Display| FunctionError::new("Configuration", error.to_string());
        let workflow = env.get("ONFIDO_WORKFLOW_ID")?.parse().map_err(|_| wrong(&"ONFIDO_WORKFLOW_ID is no UUID"))?;
        let token = SecretString::from(env.get("ONFIDO_API_TOKEN")?);
        let quota = Quota { per_second: env.number("ONFIDO_CALLS_PER_SECOND")? };
        let rate: Arc<dyn Rate> = Arc::new(DynamoRate::new(config, env.get("LIMITS_TABLE")?, "onfido", quota));
        let (client, api_url) = (outbound::client(config), env.get("ONFIDO_API_URL")?);
        let provider = |urgency| {
            let paced = Paced::new(client.clone(), Arc::clone(&rate), urgency);
            Onfido::try_new(paced, api_url, token.clone(), workflow).map(Arc::new).map_err(|error| wrong(&error))
        };
        let place = Place {
            table: env.get("LIMITS_TABLE")?,
            workflow: WORKFLOW,
            state_machine: env.get("STATE_MACHINE_ARN")?,
            permits_max: env.number("ONBOARDING_PERMITS")?,
            who: NAME,
        };
        let vault = KmsVault::new(
            dynamodb.clone(),
            aws_sdk_kms::Client::new(config),
            env.get("VAULT_TABLE")?,
            env.get("VAULT_KEYS_TABLE")?,
            env.get("VAULT_KEY_ID")?,
        );
        let store = DynamoEventStore::new(dynamodb.clone(), env.get("EVENTS_TABLE")?);
        let live = IdentityChecks {
            streams: Streams::new(Arc::new(store), Arc::clone(&clock) as _),
            vault: Arc::new(vault),
            provider: provider(Urgency::Live)?,
            provider_name: IdentityCheckProvider::Onfido,
            sdk_tokens: Arc::new(DynamoPauses::new(dynamodb, env.get("PAUSES_TABLE")?, clock)),
            reader: NAME,
        };
        Ok(Self {
            replays: IdentityChecks { provider: provider(Urgency::Replay)?, ..live.clone() },
            live,
            calls: Calls {
                workflows: Arc::new(SfnWorkflows::answering(aws_sdk_sfn::Client::new(config))),
                permits: Arc::new(DynamoPermits::new(config, place)),
            },
        })
    }

    async fn call(&self, message: sqs::Message) -> Result<(), CallError<OnboardingError>> {
        let call: CallIdentityProvider = serde_json::from_str(&message.body).map_err(|_| CallError::Malformed)?;
        let cause = Cause::by(Actor::System(NAME)).because_of(message.id).correlated(Some(call.correlation_id.clone()));
        let execution = execution_name(call.customer, call.application);
        let told = Call {
            execution: &execution,
            token: TaskToken::new(call.task_token.as_str()),
            what: format!("{:?}", call.call),
        };
        let work = match message.urgency {
            Urgency::Live => &self.live,
            Urgency::Replay => &self.replays,
        };
        self.calls.make(told, (message.attempt, message.patience), work.call(&call, &cause)).await
    }
}
