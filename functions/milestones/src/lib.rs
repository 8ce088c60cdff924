//! Reduces the identity context's domain events to milestones on the bus.
//!
//! Redelivery is safe: a milestone's id follows from its event, so consumers recognise it.

use std::sync::Arc;

use app::{
    commit::{Body, Commit},
    ports::{Milestones as _, PortError},
    projection::{ProjectionError, commit_of},
    store::StoreError,
};
use aws::EventBridgeMilestones;
use contracts::{
    commits::CommitMessage,
    milestones::{CustomerActivatedV1, Envelope, Milestone, Origin},
};
use domain::{
    error::{Class, Classify},
    identity::customer::{Customer, CustomerEvent},
    ids::CustomerId,
};
use lambda_kit::{Function, sqs};

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

/// The milestones of a commit, in the order of its events.
fn reduce(commit: &Commit) -> Result<Vec<Envelope>, MilestoneError> {
    let customer = CustomerId::try_from(&commit.stream).map_err(|_| MilestoneError::Malformed)?;
    let body: Body<CustomerEvent> = commit.body::<Customer>()?;
    let stream = commit.stream.to_string();
    let mut milestones = Vec::new();
    for (index, event) in body.events.iter().enumerate() {
        let milestone = match event {
            CustomerEvent::SignedUp { .. } => continue,
            CustomerEvent::Activated {} => {
                Milestone::CustomerActivatedV1(CustomerActivatedV1 { customer_id: *customer.as_uuid() })
            }
        };
        let origin = Origin {
            stream: &stream,
            version: commit.version.number(),
            index,
            occurred_at: &body.at,
            correlation_id: body.correlation.as_deref(),
            traceparent: body.traceparent.as_deref(),
        };
        milestones.push(Envelope::new(&milestone, &origin).map_err(|_| MilestoneError::Malformed)?);
    }
    Ok(milestones)
}

#[derive(Debug, thiserror::Error)]
enum MilestoneError {
    #[error("the message is no commit of a customer")]
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
