//! Looks whoever applies up at the screening provider, as the onboarding workflow wants it, from a queue of its own, so that the
//! provider's pace never spends a retry of the workflow.
//!
//! Redelivery is safe: the first answer to a check is recorded and stands, and a token that is over is told nothing new.

use std::sync::Arc;

use app::{
    commit::{Actor, Cause},
    compliance::{ComplianceError, Screenings},
    onboarding::{WORKFLOW, execution_name},
    ports::{Rate, TaskToken, Urgency},
    streams::Streams,
};
use aws::{DynamoEventStore, DynamoPermits, DynamoRate, KmsVault, Place, Quota, SdkClock, SfnWorkflows};
use contracts::tasks::CallScreening;
use lambda_kit::{
    Env, Function, FunctionError,
    call::{Call, CallError, Calls},
    outbound,
    paced::Paced,
    sqs,
};
use providers::screening::OpenSanctions;
use secrecy::SecretString;

const NAME: &str = "call-screening";

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
    live: Screenings,
    replays: Screenings,
    calls: Calls,
}

impl Work {
    fn connect(config: &aws_types::SdkConfig, env: &Env) -> Result<Self, FunctionError> {
        let dynamodb = aws_sdk_dynamodb::Client::new(config);
        let key = SecretString::from(env.get("SCREENING_API_KEY")?);
        let quota = Quota { per_second: env.number("SCREENING_CALLS_PER_SECOND")? };
        let rate: Arc<dyn Rate> = Arc::new(DynamoRate::new(config, env.get("LIMITS_TABLE")?, "screening", quota));
        let (client, api_url) = (outbound::client(config), env.get("SCREENING_API_URL")?);
        let provider = |urgency| {
            let paced = Paced::new(client.clone(), Arc::clone(&rate), urgency);
            let provider = OpenSanctions::try_new(paced, api_url, &key).map(Arc::new);
            provider.map_err(|error| FunctionError::new("Configuration", error.to_string()))
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
        let store = DynamoEventStore::new(dynamodb, env.get("EVENTS_TABLE")?);
        let live = Screenings {
            streams: Streams::new(Arc::new(store), Arc::new(SdkClock::new(config))),
            vault: Arc::new(vault),
            provider: provider(Urgency::Live)?,
            reader: NAME,
        };
        Ok(Self {
            replays: Screenings { provider: provider(Urgency::Replay)?, ..live.clone() },
            live,
            calls: Calls {
                workflows: Arc::new(SfnWorkflows::answering(aws_sdk_sfn::Client::new(config))),
                permits: Arc::new(DynamoPermits::new(config, place)),
            },
        })
    }

    async fn call(&self, message: sqs::Message) -> Result<(), CallError<ComplianceError>> {
        let call: CallScreening = serde_json::from_str(&message.body).map_err(|_| CallError::Malformed)?;
        let cause = Cause::by(Actor::System(NAME)).because_of(message.id).correlated(Some(call.correlation_id.clone()));
        let execution = execution_name(call.customer, call.application);
        let told = Call {
            execution: &execution,
            token: TaskToken::new(call.task_token.as_str()),
            what: format!("{:?}", call.check),
        };
        let work = match message.urgency {
            Urgency::Live => &self.live,
            Urgency::Replay => &self.replays,
        };
        self.calls.make(told, (message.attempt, message.patience), work.check(&call, &cause)).await
    }
}
