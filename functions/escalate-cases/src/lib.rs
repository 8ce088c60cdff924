//! Escalates the review cases that nobody decided in time, a page of them each time that the schedule says so.
//!
//! Redelivery is safe: a case that was escalated is due later, and one that is not due stays as it is.

use std::sync::Arc;

use app::{
    commit::{Actor, Cause},
    compliance::{ComplianceError, escalate_overdue},
    streams::Streams,
    views::ComplianceViews,
};
use aws::{DynamoEventStore, DynamoViews, SdkClock};
use contracts::jobs::EscalateCases;
use domain::{
    error::{Class, Classify},
    moment::Moment,
};
use lambda_kit::{Function, sqs};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

/// See the module.
pub const FUNCTION: Function = Function {
    name: "escalate-cases",
    init: |config, env| {
        Box::pin(async move {
            let dynamodb = aws_sdk_dynamodb::Client::new(&config);
            let store = DynamoEventStore::new(dynamodb.clone(), env.get("EVENTS_TABLE")?);
            let work = Arc::new(Work {
                streams: Streams::new(Arc::new(store), Arc::new(SdkClock::new(&config))),
                views: Box::new(DynamoViews::new(dynamodb, env.get("PROJECTIONS_TABLE")?)),
            });
            sqs::handler(&config, &env, move |message| {
                let work = Arc::clone(&work);
                async move { work.escalate(&message).await }
            })
        })
    },
};

struct Work {
    streams: Streams,
    views: Box<dyn ComplianceViews>,
}

impl Work {
    async fn escalate(&self, message: &sqs::Message) -> Result<(), EscalateError> {
        let job: EscalateCases = serde_json::from_str(&message.body).map_err(|_| EscalateError::Malformed)?;
        let due = OffsetDateTime::parse(&job.scheduled_at, &Rfc3339).map_err(|_| EscalateError::Malformed)?;
        let cause = Cause::by(Actor::System("escalate-cases")).because_of(message.id.clone());
        let overdue = escalate_overdue(&self.streams, self.views.as_ref(), Moment::of(due), &cause).await?;
        if overdue > 0 {
            tracing::warn!(overdue, "review cases are overdue");
        }
        Ok(())
    }
}

#[derive(Debug, thiserror::Error)]
enum EscalateError {
    #[error("the message is no job of this function")]
    Malformed,
    #[error("not every overdue case of this page was escalated")]
    Compliance(#[from] ComplianceError),
}

impl Classify for EscalateError {
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
