//! Starts the weekly payout: one job a savings position, page by page, for the week that ended last before the schedule was due.
//!
//! Redelivery is safe: a position that is sent off twice is paid once. A page that fails half way is sent off again.

use std::sync::Arc;

use app::{
    ledger::start_payouts,
    ports::{Jobs, PortError, PositionIndex},
};
use aws::{DynamoViews, SqsJobs};
use contracts::jobs::StartPayouts;
use domain::error::{Class, Classify};
use lambda_kit::{Function, sqs};
use money::Week;
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

/// See the module.
pub const FUNCTION: Function = Function {
    name: "start-payouts",
    init: |config, env| {
        Box::pin(async move {
            let queues = aws_sdk_sqs::Client::new(&config);
            let dynamodb = aws_sdk_dynamodb::Client::new(&config);
            let work = Arc::new(Work {
                positions: Box::new(DynamoViews::new(dynamodb, env.get("PROJECTIONS_TABLE")?)),
                pay: Box::new(SqsJobs::new(queues.clone(), env.get("PAY_YIELD_QUEUE_URL")?)),
                next_page: Box::new(SqsJobs::new(queues, env.get("START_PAYOUTS_QUEUE_URL")?)),
            });
            sqs::handler(&config, &env, move |message| {
                let work = Arc::clone(&work);
                async move { work.start(&message).await }
            })
        })
    },
};

struct Work {
    positions: Box<dyn PositionIndex>,
    pay: Box<dyn Jobs>,
    next_page: Box<dyn Jobs>,
}

impl Work {
    async fn start(&self, message: &sqs::Message) -> Result<(), StartError> {
        let job: StartPayouts = serde_json::from_str(&message.body).map_err(|_| StartError::Malformed)?;
        let due = OffsetDateTime::parse(&job.scheduled_at, &Rfc3339).map_err(|_| StartError::Malformed)?;
        let week = Week::last_over(due);
        let (positions, pay, next) = (self.positions.as_ref(), self.pay.as_ref(), self.next_page.as_ref());
        let started = start_payouts(positions, pay, next, &job, week).await?;
        tracing::info!(%week, started, "sent off to be paid");
        Ok(())
    }
}

#[derive(Debug, thiserror::Error)]
enum StartError {
    #[error("the message is no job of this function")]
    Malformed,
    #[error("the payout was not started for every position of this page")]
    Port(#[from] PortError),
}

impl Classify for StartError {
    fn class(&self) -> Class {
        match self {
            Self::Malformed => Class::Invalid,
            Self::Port(error) => error.class(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Malformed => "JOB_MALFORMED",
            Self::Port(error) => error.code(),
        }
    }
}
