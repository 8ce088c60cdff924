//! Reduces one context's domain events to milestones on the bus.
//!
//! Redelivery is safe: a milestone's id follows from its event, so consumers recognise it.

mod reduce;

use std::sync::Arc;

use app::{
    ports::{Milestones as _, PortError},
    projection::{ProjectionError, commit_of},
    store::StoreError,
};
use aws::EventBridgeMilestones;
use contracts::commits::CommitMessage;
use domain::error::{Class, Classify};
use lambda_kit::{Function, sqs};

pub use reduce::detail_type_of;
use reduce::reduce;

/// See the module.
pub const FUNCTION: Function = Function {
    name: "milestones",
    init: |config, env| {
        Box::pin(async move {
            let bus = EventBridgeMilestones::new(aws_sdk_eventbridge::Client::new(&config), env.get("BUS_NAME")?);
            let bus = Arc::new(bus);
            sqs::handler(&config, &env, move |message| {
                let bus = Arc::clone(&bus);
                async move {
                    let commit: CommitMessage =
                        serde_json::from_str(&message.body).map_err(|_| MilestoneError::Malformed)?;
                    let milestones = reduce(&commit_of(commit)?)?;
                    Ok::<_, MilestoneError>(bus.publish(&milestones).await?)
                }
            })
        })
    },
};

#[derive(Debug, thiserror::Error)]
enum MilestoneError {
    #[error("the message is no commit of a stream that has milestones")]
    Malformed,
    #[error("the message is no commit")]
    Message(#[from] ProjectionError),
    #[error("the commit cannot be read")]
    Store(#[from] StoreError),
    #[error("the milestones were not published")]
    Port(#[from] PortError),
}

impl Classify for MilestoneError {
    fn class(&self) -> Class {
        match self {
            Self::Malformed => Class::Invalid,
            Self::Message(error) => error.class(),
            Self::Store(error) => error.class(),
            Self::Port(error) => error.class(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Malformed => "COMMIT_MALFORMED",
            Self::Message(error) => error.code(),
            Self::Store(error) => error.code(),
            Self::Port(error) => error.code(),
        }
    }
}
