//! Sends mails to customers, as the onboarding workflow wants them, from a queue of their own, so that the pace at which mails may be
//! sent never spends a retry of the workflow.
//!
//! Redelivery is safe: what became of a mail is looked for before one is sent, and a token that is over is told nothing new. Only who
//! dies between sending and noting it sends twice.

use std::sync::Arc;

use app::{
    commit::{Actor, Cause},
    onboarding::{OnboardingError, WORKFLOW, WelcomeMails, execution_name},
    ports::TaskToken,
    streams::Streams,
};
use aws::{DynamoEventStore, DynamoPermits, KmsVault, Place, SdkClock, SesMails, SfnWorkflows};
use contracts::tasks::SendMail;
use lambda_kit::{
    Env, Function, FunctionError,
    call::{Call, CallError, Calls},
    sqs,
};

const NAME: &str = "send-mail";

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
    mails: WelcomeMails,
    calls: Calls,
}

impl Work {
    fn connect(config: &aws_types::SdkConfig, env: &Env) -> Result<Self, FunctionError> {
        let dynamodb = aws_sdk_dynamodb::Client::new(config);
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
        Ok(Self {
            mails: WelcomeMails {
                streams: Streams::new(Arc::new(store), Arc::new(SdkClock::new(config))),
                vault: Arc::new(vault),
                mails: Arc::new(SesMails::new(aws_sdk_sesv2::Client::new(config), env.get("MAIL_FROM")?)),
                reader: NAME,
            },
            calls: Calls {
                workflows: Arc::new(SfnWorkflows::answering(aws_sdk_sfn::Client::new(config))),
                permits: Arc::new(DynamoPermits::new(config, place)),
            },
        })
    }

    async fn call(&self, message: sqs::Message) -> Result<(), CallError<OnboardingError>> {
        let call: SendMail = serde_json::from_str(&message.body).map_err(|_| CallError::Malformed)?;
        let cause = Cause::by(Actor::System(NAME)).because_of(message.id).correlated(Some(call.correlation_id.clone()));
        let execution = execution_name(call.customer, call.application);
        let told = Call {
            execution: &execution,
            token: TaskToken::new(call.task_token.as_str()),
            what: format!("{:?}", call.mail),
        };
        self.calls.make(told, (message.attempt, message.patience), self.mails.send(&call, &cause)).await
    }
}
