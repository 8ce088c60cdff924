//! Sign-ups that were begun, in a table that forgets them by itself. They hold no personal data.

use app::{
    commit::timestamp,
    ports::{PortError, SignUps},
};
use async_trait::async_trait;
use aws_sdk_dynamodb::{Client, types::AttributeValue};
use domain::ids::CustomerId;
use time::{Duration, OffsetDateTime};

use crate::error::port;

/// How long a sign-up waits for its confirmation.
const EXPIRES_AFTER: Duration = Duration::days(30);

/// The table of pending sign-ups.
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
}

#[async_trait]
impl SignUps for DynamoSignUps {
    async fn note(&self, subject: CustomerId, at: OffsetDateTime) -> Result<(), PortError> {
        let ttl = (at + EXPIRES_AFTER).unix_timestamp();
        self.client
            .put_item()
            .table_name(&self.table)
            .item("pk", AttributeValue::S(format!("sign-up#{subject}")))
            .item("at", AttributeValue::S(timestamp(at)))
            .item("ttl", AttributeValue::N(ttl.to_string()))
            .send()
            .await
            .map_err(|error| port("note a sign-up", &error))?;
        Ok(())
    }

    async fn forget(&self, subject: CustomerId) -> Result<(), PortError> {
        self.client
            .delete_item()
            .table_name(&self.table)
            .key("pk", AttributeValue::S(format!("sign-up#{subject}")))
            .send()
            .await
            .map_err(|error| port("forget a sign-up", &error))?;
        Ok(())
    }
}
