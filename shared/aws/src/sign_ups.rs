//! Sign-ups that were begun, in a table that forgets them by itself. They hold no personal data.

use app::{
    commit::timestamp,
    ports::{Claim, PortError, SignUps},
};
use async_trait::async_trait;
use aws_sdk_dynamodb::{Client, operation::put_item::builders::PutItemFluentBuilder, types::AttributeValue};
use domain::ids::CustomerId;
use time::{Duration, OffsetDateTime};

use crate::error::port;

/// How long a sign-up waits for its activation.
const EXPIRES_AFTER: Duration = Duration::days(30);
/// How long a claim stands until somebody looks whether it led to a customer. It is forgotten when it does, unless that fails.
const CLAIM_STANDS: Duration = Duration::days(365);

/// The table of pending sign-ups: `at` is when one was begun, `claimed` when its activation was, and `ttl` when the table removes it.
#[derive(Debug, Clone)]
pub struct DynamoSignUps {
    client: Client,
    table: String,
}

impl DynamoSignUps {
    /// Over a table.
    #[must_use]
    pub fn new(client: Client, table: impl Into<String>) -> Self {
        Self { client, table: table.into() }
    }

    fn put(&self, subject: CustomerId) -> PutItemFluentBuilder {
        self.client
            .put_item()
            .table_name(&self.table)
            .item("pk", key(subject))
            .condition_expression("attribute_not_exists(pk)")
    }
}

fn key(subject: CustomerId) -> AttributeValue {
    AttributeValue::S(format!("sign-up#{subject}"))
}

fn seconds(at: OffsetDateTime) -> AttributeValue {
    AttributeValue::N(at.unix_timestamp().to_string())
}

/// Writes what is not there yet; what is there stays.
async fn put_if_missing(put: PutItemFluentBuilder, attempted: &'static str) -> Result<(), PortError> {
    match put.send().await {
        Ok(_) => Ok(()),
        Err(error) if error.as_service_error().is_some_and(|it| it.is_conditional_check_failed_exception()) => Ok(()),
        Err(error) => Err(port(attempted, &error)),
    }
}

#[async_trait]
impl SignUps for DynamoSignUps {
    async fn note(&self, subject: CustomerId, at: OffsetDateTime) -> Result<(), PortError> {
        let put = self.put(subject).item("at", AttributeValue::S(timestamp(at)));
        put_if_missing(put.item("ttl", seconds(at + EXPIRES_AFTER)), "note a sign-up").await
    }

    async fn claim(&self, subject: CustomerId, at: OffsetDateTime) -> Result<Claim, PortError> {
        // The table removes a row without any condition, and days late: so the claim has them all. What is removed later says of
        // itself that it was claimed.
        let outcome = self
            .client
            .update_item()
            .table_name(&self.table)
            .key("pk", key(subject))
            .update_expression("SET claimed = if_not_exists(claimed, :at), #ttl = :later")
            .condition_expression("attribute_exists(claimed) OR #ttl > :now")
            .expression_attribute_names("#ttl", "ttl")
            .expression_attribute_values(":at", AttributeValue::S(timestamp(at)))
            .expression_attribute_values(":now", seconds(at))
            .expression_attribute_values(":later", seconds(at + CLAIM_STANDS))
            .send()
            .await;
        match outcome {
            Ok(_) => Ok(Claim::Taken),
            Err(error) if error.as_service_error().is_some_and(|it| it.is_conditional_check_failed_exception()) => {
                Ok(Claim::Gone)
            }
            Err(error) => Err(port("claim a sign-up", &error)),
        }
    }

    async fn put_back(&self, subject: CustomerId, at: OffsetDateTime) -> Result<(), PortError> {
        let put = self.put(subject).item("claimed", AttributeValue::S(timestamp(at)));
        put_if_missing(put.item("ttl", seconds(at + CLAIM_STANDS)), "put a sign-up back").await
    }

    async fn forget(&self, subject: CustomerId) -> Result<(), PortError> {
        self.client
            .delete_item()
            .table_name(&self.table)
            .key("pk", key(subject))
            .send()
            .await
            .map_err(|error| port("forget a sign-up", &error))?;
        Ok(())
    }
}
