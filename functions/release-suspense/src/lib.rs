//! Credits customers with what waited in suspense because they were frozen, once a freeze of theirs was lifted.
//!
//! Redelivery is safe: a deposit is released once. So is a lift that leaves other freezes: nothing moves until the last one is gone.

use std::sync::Arc;

use app::{
    commit::{Actor, Cause},
    ledger::{LedgerError, Progress, release_waiting},
    projection::{ProjectionError, commit_of},
    store::StoreError,
    streams::Streams,
};
use aws::{DynamoEventStore, SdkClock};
use contracts::commits::CommitMessage;
use domain::{
    error::{Class, Classify},
    ids::{ControlledId, IdError},
};
use lambda_kit::{Function, sqs};

const NAME: &str = "release-suspense";

/// See the module.
pub const FUNCTION: Function = Function {
    name: NAME,
    init: |config, env| {
        Box::pin(async move {
            let store = DynamoEventStore::new(aws_sdk_dynamodb::Client::new(&config), env.get("EVENTS_TABLE")?);
            let streams = Streams::new(Arc::new(store), Arc::new(SdkClock::new(&config)));
            sqs::handler(&config, &env, move |message| {
                let streams = streams.clone();
                async move { release(&streams, &message.body).await }
            })
        })
    },
};

async fn release(streams: &Streams, body: &str) -> Result<(), ReleaseError> {
    let message: CommitMessage = serde_json::from_str(body).map_err(|_| ReleaseError::Malformed)?;
    let commit = commit_of(message)?;
    let ControlledId(customer) = ControlledId::try_from(&commit.stream)?;
    let cause = Cause::by(Actor::System(NAME))
        .because_of(format!("{}@{}", commit.stream, commit.version.0))
        .correlated(commit.names()?.correlation);
    match release_waiting(streams, customer, &cause).await? {
        Progress::Done { released } => {
            tracing::info!(%customer, released, "what waited was released");
            Ok(())
        }
        Progress::More { released } => {
            tracing::info!(%customer, released, "what waited was released, and more waits");
            Err(ReleaseError::MoreWaits)
        }
    }
}

#[derive(Debug, thiserror::Error)]
enum ReleaseError {
    #[error("the message is no commit")]
    Malformed,
    #[error("the message's commit cannot be read")]
    Commit(#[from] ProjectionError),
    #[error("the commit is of no customer's controls")]
    Id(#[from] IdError),
    #[error("the commit cannot be read")]
    Store(#[from] StoreError),
    #[error("what waited was not released")]
    Ledger(#[from] LedgerError),
    #[error("more waits than is released at once")]
    MoreWaits,
}

impl Classify for ReleaseError {
    fn class(&self) -> Class {
        match self {
            Self::Malformed => Class::Invalid,
            Self::Commit(error) => error.class(),
            Self::Id(error) => error.class(),
            Self::Store(error) => error.class(),
            Self::Ledger(error) => error.class(),
            Self::MoreWaits => Class::Throttled, // A fresh copy goes on, as often as it takes.
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Malformed => "COMMIT_MALFORMED",
            Self::Commit(error) => error.code(),
            Self::Id(error) => error.code(),
            Self::Store(error) => error.code(),
            Self::Ledger(error) => error.code(),
            Self::MoreWaits => "MORE_WAITS",
        }
    }
}
