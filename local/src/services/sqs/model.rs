//! Queues and messages as data.

use std::collections::BTreeMap;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use md5::{Digest, Md5};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::{
    engine::EngineError,
    services::{
        arn::{self, REGION},
        json::blob,
    },
};

/// The longest message with its attributes, in bytes.
pub const MESSAGE_BYTES_MAX: usize = 262_144;

/// A queue.
#[derive(Debug, Clone, PartialEq)]
pub struct QueueSpec {
    /// Its name.
    pub name: String,
    /// How long a received message stays hidden.
    pub visibility_s: u32,
    /// How long a new message stays hidden.
    pub delay_s: u32,
    /// How long a message is kept.
    pub retention_s: u32,
    /// Where messages go that were received too often.
    pub redrive: Option<Redrive>,
    /// The queue's policy, to be shown; the authorizer decides by its own copy.
    pub policy: Option<Value>,
    /// What makes it a FIFO queue; its name must end in `.fifo`.
    pub fifo: Option<Fifo>,
}

/// What a FIFO queue has beside what every queue has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fifo {
    /// Whether a message without a deduplication id takes the digest of its body for one.
    pub content_based: bool,
    /// Among which messages a deduplication id is the same.
    pub deduplication: Deduplication,
}

/// Among which messages repetitions are looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deduplication {
    /// All of the queue.
    Queue,
    /// Those of its group.
    Group,
}

impl QueueSpec {
    /// A queue with AWS's defaults.
    #[must_use]
    pub fn new(name: impl Into<String>) -> Self {
        let name = name.into();
        Self { name, visibility_s: 30, delay_s: 0, retention_s: 345_600, redrive: None, policy: None, fifo: None }
    }
}

/// When and where a message is set aside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Redrive {
    /// The dead-letter queue's ARN.
    pub dead_letter_arn: String,
    /// How often a message may be received.
    pub max_receives: u32,
}

/// How many messages a queue holds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct QueueCounts {
    /// To be received now.
    pub visible: u64,
    /// Received and not yet deleted.
    pub in_flight: u64,
    /// Not yet to be received for the first time.
    pub delayed: u64,
}

/// One attribute of a message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MessageAttribute {
    /// `String`, `Number` or `Binary`, perhaps with a label of one's own after a dot.
    #[serde(rename = "DataType")]
    pub data_type: String,
    /// Its value.
    #[serde(flatten)]
    pub value: AttributeValue,
}

/// The value of an attribute.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum AttributeValue {
    /// A text or a number as text.
    #[serde(rename = "StringValue")]
    Text(String),
    /// Bytes.
    #[serde(rename = "BinaryValue", with = "blob")]
    Binary(Vec<u8>),
}

/// A message's attributes by name.
pub type Attributes = BTreeMap<String, MessageAttribute>;

/// A message on its way into a queue.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Outgoing {
    /// Its body.
    pub body: String,
    /// Its attributes.
    pub attributes: Attributes,
    /// Its group, so that one busy group does not hold up the others.
    pub group: Option<String>,
    /// What a FIFO queue knows it again by.
    pub deduplication: Option<String>,
    /// How long it stays hidden; the queue's own delay when not given.
    pub delay_s: Option<u32>,
    /// Who sends it.
    pub sender: String,
}

/// What a sender is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sent {
    /// The message's id.
    pub id: String,
    /// MD5 of the body, in hex.
    pub body_md5: String,
    /// MD5 of the attributes, in hex.
    pub attributes_md5: Option<String>,
    /// Its place in a FIFO queue.
    pub sequence_number: Option<String>,
}

/// A message in a queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// Its id.
    pub id: String,
    /// Its body.
    pub body: String,
    /// The handle of this receive; empty for a message that was only looked at.
    pub receipt_handle: String,
    /// When it was sent.
    pub sent_at_ms: i64,
    /// How often it was received, this time included.
    pub receive_count: u32,
    /// When it was received for the first time.
    pub first_received_at_ms: Option<i64>,
    /// Its group.
    pub group: Option<String>,
    /// In a FIFO queue, what it is known again by, and its place.
    pub fifo: Option<FifoMessage>,
    /// The ARN of the queue it was set aside from.
    pub dead_letter_source: Option<String>,
    /// Who sent it.
    pub sender: String,
    /// Its attributes.
    pub attributes: Attributes,
}

/// What a FIFO queue knows about a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FifoMessage {
    /// What it is known again by.
    pub deduplication_id: String,
    /// Its place.
    pub sequence_number: String,
}

impl Message {
    /// One element of `Records` in the event that Lambda gives to a function for the queue named `queue`.
    #[must_use]
    pub fn lambda_record(&self, queue: &str) -> Value {
        let attributes: serde_json::Map<String, Value> = self
            .attributes
            .iter()
            .map(|(name, attribute)| {
                let mut value =
                    json!({ "stringListValues": [], "binaryListValues": [], "dataType": attribute.data_type });
                if let Some(value) = value.as_object_mut() {
                    match &attribute.value {
                        AttributeValue::Text(text) => value.insert("stringValue".to_owned(), json!(text)),
                        AttributeValue::Binary(bytes) => {
                            value.insert("binaryValue".to_owned(), json!(STANDARD.encode(bytes)))
                        }
                    };
                }
                (name.clone(), value)
            })
            .collect();
        let mut record = json!({
            "messageId": self.id,
            "receiptHandle": self.receipt_handle,
            "body": self.body,
            "attributes": self.system_attributes(),
            "messageAttributes": attributes,
            "md5OfBody": body_md5(&self.body),
            "eventSource": "aws:sqs",
            "eventSourceARN": arn::queue(queue),
            "awsRegion": REGION,
        });
        if let (Some(digest), Some(record)) = (attributes_md5(&self.attributes), record.as_object_mut()) {
            record.insert("md5OfMessageAttributes".to_owned(), json!(digest));
        }
        record
    }

    /// What SQS knows about the message.
    #[must_use]
    pub fn system_attributes(&self) -> BTreeMap<&'static str, String> {
        let mut attributes = BTreeMap::from([
            ("SenderId", self.sender.clone()),
            ("SentTimestamp", self.sent_at_ms.to_string()),
            ("ApproximateReceiveCount", self.receive_count.to_string()),
        ]);
        if let Some(at_ms) = self.first_received_at_ms {
            attributes.insert("ApproximateFirstReceiveTimestamp", at_ms.to_string());
        }
        if let Some(group) = &self.group {
            attributes.insert("MessageGroupId", group.clone());
        }
        if let Some(fifo) = &self.fifo {
            attributes.insert("MessageDeduplicationId", fifo.deduplication_id.clone());
            attributes.insert("SequenceNumber", fifo.sequence_number.clone());
        }
        if let Some(source) = &self.dead_letter_source {
            attributes.insert("DeadLetterQueueSourceArn", source.clone());
        }
        attributes
    }
}

/// MD5 of a body, in hex.
pub(crate) fn body_md5(body: &str) -> String {
    hex::encode(Md5::digest(body))
}

/// MD5 of attributes in AWS's canonical form, in hex; `None` without attributes.
pub(crate) fn attributes_md5(attributes: &Attributes) -> Option<String> {
    if attributes.is_empty() {
        return None;
    }
    let mut md5 = Md5::new();
    for (name, attribute) in attributes {
        field(&mut md5, name.as_bytes());
        field(&mut md5, attribute.data_type.as_bytes());
        match &attribute.value {
            AttributeValue::Text(text) => {
                md5.update([1]);
                field(&mut md5, text.as_bytes());
            }
            AttributeValue::Binary(bytes) => {
                md5.update([2]);
                field(&mut md5, bytes);
            }
        }
    }
    Some(hex::encode(md5.finalize()))
}

fn field(md5: &mut Md5, bytes: &[u8]) {
    md5.update(u32::try_from(bytes.len()).unwrap_or(u32::MAX).to_be_bytes());
    md5.update(bytes);
}

/// How many bytes a message counts as.
pub(crate) fn message_bytes(body: &str, attributes: &Attributes) -> usize {
    attributes.iter().fold(body.len(), |sum, (name, attribute)| {
        let value = match &attribute.value {
            AttributeValue::Text(text) => text.len(),
            AttributeValue::Binary(bytes) => bytes.len(),
        };
        sum.saturating_add(name.len()).saturating_add(attribute.data_type.len()).saturating_add(value)
    })
}

/// Attributes as they are stored.
pub(crate) fn attributes_text(attributes: &Attributes) -> Result<String, EngineError> {
    serde_json::to_string(attributes).map_err(|_| EngineError::corrupt("a message's attributes"))
}
