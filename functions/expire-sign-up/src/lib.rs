//! Ends a sign-up that its table removed because nobody activated it in time: archives that there was one, and removes the user.
//!
//! Fed by the table's stream. The template lets only those removals through that the table's own expiry made; what else may come is
//! passed over here once more, because a user who is removed by mistake stays removed. A record may come twice: each step can be
//! repeated. One that cannot be worked at is tried again from there on, and is stored whole in the end.

use std::sync::Arc;

use app::{
    ports::Clock,
    sign_ups::{Expiry, Lapsed},
    streams::Streams,
};
use aws::{CognitoUsers, DynamoEventStore, DynamoSignUps, S3Objects, SdkClock};
use bytes::Bytes;
use domain::error::{Class, Classify as _};
use futures::future::BoxFuture;
use lambda_kit::{
    Env, Function, FunctionError, Handler,
    stream::{self, EventRecord},
};
use serde_dynamo::AttributeValue;
use time::OffsetDateTime;

/// How often the pool is asked again when it wants us to slow down: it takes few calls a second, and a flood ends in one night.
const ATTEMPTS_MAX: u32 = 5;
/// As whom DynamoDB removes what has expired.
const EXPIRY: (&str, &str) = ("Service", "dynamodb.amazonaws.com");

/// See the module.
pub const FUNCTION: Function = Function {
    name: "expire-sign-up",
    init: |config, env| {
        Box::pin(async move {
            let work = Arc::new(Work::connect(&config, &env)?);
            Ok(Arc::new(move |bytes: Bytes| {
                let work = Arc::clone(&work);
                Box::pin(async move { stream::begin_again_at(work.all(&stream::records(&bytes)?).await?) })
                    as BoxFuture<'static, _>
            }) as Handler)
        })
    },
};

struct Work {
    expiry: Expiry,
    clock: Arc<dyn Clock>,
}

impl Work {
    fn connect(config: &aws_types::SdkConfig, env: &Env) -> Result<Self, FunctionError> {
        let dynamodb = aws_sdk_dynamodb::Client::new(config);
        let store = DynamoEventStore::new(dynamodb.clone(), env.get("EVENTS_TABLE")?);
        let clock: Arc<dyn Clock> = Arc::new(SdkClock::new(config));
        let pool = aws_sdk_cognitoidentityprovider::Client::new(config);
        let expiry = Expiry {
            streams: Streams::new(Arc::new(store), Arc::clone(&clock)),
            sign_ups: Arc::new(DynamoSignUps::new(dynamodb, env.get("SIGN_UPS_TABLE")?)),
            users: Arc::new(CognitoUsers::new(pool, env.get("USER_POOL_ID")?)),
            archive: Arc::new(S3Objects::new(aws_sdk_s3::Client::new(config), env.get("ARCHIVE_BUCKET")?)),
        };
        Ok(Self { expiry, clock })
    }

    /// Works at the records in their order and answers the sequence number of the first that was not done.
    async fn all(&self, records: &[EventRecord]) -> Result<Option<String>, FunctionError> {
        for record in records.iter().filter(|record| is_expiry(record)) {
            let done = match lapsed(record) {
                Some(lapsed) => self.one(&lapsed).await,
                None => Err(FunctionError::new("Bug", "a record of the table of sign-ups is none")),
            };
            if let Err(error) = done {
                // Without a number nothing can be told apart, so the whole batch comes again.
                return record.change.sequence_number.clone().map(Some).ok_or(error);
            }
        }
        Ok(None)
    }

    async fn one(&self, lapsed: &Lapsed) -> Result<(), FunctionError> {
        for attempt in 1.. {
            match self.expiry.expire(lapsed).await {
                Ok(outcome) => {
                    tracing::info!(subject = %lapsed.subject, ?outcome, "a sign-up was removed");
                    break;
                }
                Err(error) if error.class() == Class::Throttled && attempt < ATTEMPTS_MAX => {
                    self.clock.back_off(attempt).await;
                }
                Err(error) => {
                    let chain = lambda_kit::sqs::chain(&error);
                    tracing::error!(code = error.code(), error = %chain, subject = %lapsed.subject, "not expired");
                    return Err(FunctionError::new(error.class().name(), error.code()));
                }
            }
        }
        Ok(())
    }
}

/// Whether the table's own expiry made this record. What we delete ourselves led to a customer.
fn is_expiry(record: &EventRecord) -> bool {
    let by = record.user_identity.as_ref().map(|it| (it.type_.as_str(), it.principal_id.as_str()));
    record.event_name == "REMOVE" && by == Some(EXPIRY)
}

fn lapsed(record: &EventRecord) -> Option<Lapsed> {
    let image = record.change.old_image.inner();
    let text = |name: &str| match image.get(name)? {
        AttributeValue::S(text) => Some(text.as_str()),
        _ => None,
    };
    Some(Lapsed {
        subject: text("pk")?.strip_prefix("sign-up#")?.parse().ok()?,
        begun: text("at").map(str::to_owned),
        claimed: image.contains_key("claimed"),
        at: OffsetDateTime::from_unix_timestamp(record.change.approximate_creation_date_time.timestamp()).ok()?,
    })
}

#[cfg(test)]
mod tests;
