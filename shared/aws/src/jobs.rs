//! Sending to one SQS queue.

use app::ports::{Jobs, PortError};
use async_trait::async_trait;
use aws_sdk_sqs::Client;

use crate::error::port;

/// One queue.
#[derive(Debug, Clone)]
pub struct SqsJobs {
    client: Client,
    queue_url: String,
}

impl SqsJobs {
    /// Over a queue.
    #[must_use]
    pub fn new(client: Client, queue_url: impl Into<String>) -> Self {
        Self { client, queue_url: queue_url.into() }
    }
}

#[async_trait]
impl Jobs for SqsJobs {
    async fn send(&self, body: String, group: &str) -> Result<(), PortError> {
        self.client
            .send_message()
            .queue_url(&self.queue_url)
            .message_body(body)
            .message_group_id(group)
            .send()
            .await
            .map_err(|error| port("send a message", &error))?;
        Ok(())
    }
}
