//! Publishing commits to one context's SNS topic.

use app::ports::{PortError, Topic};
use async_trait::async_trait;
use aws_sdk_sns::{
    Client,
    error::BuildError,
    types::{MessageAttributeValue, PublishBatchRequestEntry},
};
use contracts::commits::CommitMessage;

use crate::error::{port, unbuilt};

/// What one PublishBatch takes.
const BATCH_ENTRIES_MAX: usize = 10;
/// What one PublishBatch takes together, with room for attributes.
const BATCH_BYTES_MAX: usize = 240 * 1024;
const PUBLISH: &str = "publish commits";

/// One topic.
#[derive(Debug, Clone)]
pub struct SnsTopic {
    client: Client,
    topic_arn: String,
}

impl SnsTopic {
    /// Over a topic.
    #[must_use]
    pub fn new(client: Client, topic_arn: impl Into<String>) -> Self {
        Self { client, topic_arn: topic_arn.into() }
    }

    /// Publishes one batch; the answer holds an outcome for each entry, in order.
    async fn publish_batch(&self, entries: Vec<PublishBatchRequestEntry>) -> Vec<Result<(), PortError>> {
        let count = entries.len();
        if count == 0 {
            return Vec::new();
        }
        let sent =
            self.client.publish_batch().topic_arn(&self.topic_arn).set_publish_batch_request_entries(Some(entries));
        let answer = match sent.send().await {
            Ok(answer) => answer,
            Err(error) => return vec![Err(port(PUBLISH, &error)); count],
        };
        let taken: Vec<&str> = answer.successful().iter().filter_map(|entry| entry.id()).collect();
        // Whatever is not listed as taken was not taken: an answer that forgets an entry must not lose it.
        let outcome = |index: usize| {
            if taken.contains(&index.to_string().as_str()) {
                return Ok(());
            }
            let failed = answer.failed().iter().find(|entry| entry.id() == index.to_string());
            let reason = failed.map_or("not in the answer", |entry| entry.code()).into();
            Err(PortError::Unavailable { attempted: PUBLISH, reason })
        };
        (0..count).map(outcome).collect()
    }
}

#[async_trait]
impl Topic for SnsTopic {
    async fn publish(&self, messages: &[CommitMessage]) -> Vec<Result<(), PortError>> {
        let mut outcomes = Vec::with_capacity(messages.len());
        let mut batch: Vec<PublishBatchRequestEntry> = Vec::new();
        let mut bytes = 0;
        for message in messages {
            let built = match serde_json::to_string(message) {
                Ok(body) => Ok((body.len(), body)),
                Err(error) => Err(unbuilt(PUBLISH, error)),
            };
            let built = built.and_then(|(size, body)| {
                // The id is the place within the batch that the entry will be in.
                let fits = batch.len() < BATCH_ENTRIES_MAX && bytes + size <= BATCH_BYTES_MAX;
                let id = if fits { batch.len() } else { 0 };
                Ok((size, fits, entry_of(id, body, message).map_err(|error| unbuilt(PUBLISH, error))?))
            });
            match built {
                Ok((size, fits, entry)) => {
                    if !fits {
                        outcomes.extend(self.publish_batch(std::mem::take(&mut batch)).await);
                        bytes = 0;
                    }
                    bytes += size;
                    batch.push(entry);
                }
                Err(error) => {
                    outcomes.extend(self.publish_batch(std::mem::take(&mut batch)).await);
                    bytes = 0;
                    outcomes.push(Err(error));
                }
            }
        }
        outcomes.extend(self.publish_batch(batch).await);
        outcomes
    }
}

fn entry_of(id: usize, body: String, message: &CommitMessage) -> Result<PublishBatchRequestEntry, BuildError> {
    let attribute =
        |kind: &str, value: String| MessageAttributeValue::builder().data_type(kind).string_value(value).build();
    PublishBatchRequestEntry::builder()
        .id(id.to_string())
        .message(body)
        .message_attributes("kind", attribute("String", message.kind.clone())?)
        .message_attributes("types", attribute("String.Array", serde_json::json!(message.types).to_string())?)
        .message_attributes("version", attribute("Number", message.version.to_string())?)
        .message_group_id(&message.stream)
        .build()
}
