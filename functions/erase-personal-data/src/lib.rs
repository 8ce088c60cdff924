//! Destroys the keys of personal data that nothing requires any longer: of a customer whose erasure was asked for, at once, and every day
//! of everybody whose time has come.
//!
//! Redelivery is safe: a key is destroyed once, and what was begun is finished. A commit that is lost is made up for by the next day.

use std::sync::Arc;

use app::{
    commit::{Actor, Cause},
    erasure::{Destruction, ErasureError},
    streams::Streams,
};
use aws::{CognitoUsers, DynamoEventStore, DynamoViews, KmsVault, S3Objects, SdkClock};
use aws_types::SdkConfig;
use contracts::{commits::CommitMessage, jobs::ErasePersonalData};
use domain::{
    error::{Class, Classify},
    ids::{CustomerId, StreamId},
};
use lambda_kit::{Env, Function, FunctionError, sqs};

/// Who destroys.
const NAME: &str = "erase-personal-data";

/// See the module.
pub const FUNCTION: Function = Function {
    name: NAME,
    init: |config, env| {
        Box::pin(async move {
            let work = Arc::new(Work::connect(&config, &env)?);
            sqs::handler(&config, &env, move |message| {
                let work = Arc::clone(&work);
                async move { work.erase(&message).await }
            })
        })
    },
};

struct Work {
    destruction: Destruction,
    views: DynamoViews,
}

impl Work {
    fn connect(config: &SdkConfig, env: &Env) -> Result<Self, FunctionError> {
        let dynamodb = aws_sdk_dynamodb::Client::new(config);
        let store = DynamoEventStore::new(dynamodb.clone(), env.get("EVENTS_TABLE")?);
        let pool = aws_sdk_cognitoidentityprovider::Client::new(config);
        // Of the vault it needs the keys only: it reads nothing, and may not.
        let keys =
            KmsVault::new(dynamodb.clone(), aws_sdk_kms::Client::new(config), "", env.get("VAULT_KEYS_TABLE")?, "");
        let destruction = Destruction {
            identity: Streams::new(Arc::new(store), Arc::new(SdkClock::new(config))),
            keys: Arc::new(keys),
            users: Arc::new(CognitoUsers::new(pool, env.get("USER_POOL_ID")?)),
            archive: Arc::new(S3Objects::new(aws_sdk_s3::Client::new(config), env.get("ARCHIVE_BUCKET")?)),
        };
        Ok(Self { destruction, views: DynamoViews::new(dynamodb, env.get("PROJECTIONS_TABLE")?) })
    }

    async fn erase(&self, message: &sqs::Message) -> Result<(), EraseError> {
        let cause = Cause::by(Actor::System(NAME)).because_of(message.id.clone());
        if let Ok(commit) = serde_json::from_str::<CommitMessage>(&message.body) {
            let stream: StreamId = commit.stream.parse().map_err(|_| EraseError::Malformed)?;
            let customer = CustomerId::try_from(&stream).map_err(|_| EraseError::Malformed)?;
            let destroyed = self.destruction.destroy_due(customer, &cause).await?;
            tracing::info!(%customer, keys = destroyed.len(), "personal data was erased");
            return Ok(());
        }
        let job: ErasePersonalData = serde_json::from_str(&message.body).map_err(|_| EraseError::Malformed)?;
        let customers = self.destruction.destroy_all_due(&self.views, &cause).await?;
        tracing::info!(customers, scheduled_at = job.scheduled_at, "personal data that was due was erased");
        Ok(())
    }
}

#[derive(Debug, thiserror::Error)]
enum EraseError {
    #[error("the message is no job of this function")]
    Malformed,
    #[error("not every key that is due was destroyed")]
    Erasure(#[from] ErasureError),
}

impl Classify for EraseError {
    fn class(&self) -> Class {
        match self {
            Self::Malformed => Class::Invalid,
            Self::Erasure(error) => error.class(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Malformed => "JOB_MALFORMED",
            Self::Erasure(error) => error.code(),
        }
    }
}
