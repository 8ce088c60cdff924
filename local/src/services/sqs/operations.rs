//! SQS's operations on single messages and on queues.

use std::collections::{BTreeMap, HashMap};

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{
    Sqs, fifo,
    model::{
        AttributeValue, Attributes, Deduplication, MESSAGE_BYTES_MAX, Message, MessageAttribute, Outgoing, QueueSpec,
        attributes_md5, body_md5, message_bytes,
    },
    store,
    wire::NO_QUEUE,
};
use crate::services::{arn, fault::Fault, json, router::Principal};

const DELAY_S_MAX: u32 = 900;
const VISIBILITY_S_MAX: u32 = 43_200;
const RECEIVE_MAX: usize = 10;
const WAIT_S_MAX: u32 = 20;
const ATTRIBUTES_MAX: usize = 10;

/// One message, alone (with its queue) or in a batch (with its entry's id).
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct NewMessage {
    #[serde(default)]
    pub queue_url: String,
    #[serde(default)]
    pub id: String,
    message_body: String,
    delay_seconds: Option<i64>,
    #[serde(default)]
    message_attributes: HashMap<String, WireAttribute>,
    message_group_id: Option<String>,
    message_deduplication_id: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct WireAttribute {
    data_type: String,
    string_value: Option<String>,
    #[serde(default, deserialize_with = "optional_blob")]
    binary_value: Option<Vec<u8>>,
}

fn optional_blob<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Vec<u8>>, D::Error> {
    json::blob::deserialize(deserializer).map(Some)
}

impl NewMessage {
    /// The message, if this queue would take it.
    pub fn into_outgoing(self, queue: &QueueSpec, sender: &Principal) -> Result<Outgoing, Fault> {
        if self.message_body.is_empty() {
            return Err(Fault::new("MissingParameter", "The request must contain the parameter MessageBody."));
        }
        let allowed = |c: char| matches!(c, '\t' | '\n' | '\r' | ' '..='\u{fffd}' | '\u{10000}'..);
        if !self.message_body.chars().all(allowed) {
            return Err(Fault::new(
                "InvalidMessageContents",
                "The message contains characters outside the allowed set.",
            ));
        }
        let delay_s = self.delay_seconds.map(|value| within("DelaySeconds", value, 0, DELAY_S_MAX)).transpose()?;
        if self.message_attributes.len() > ATTRIBUTES_MAX {
            return Err(invalid(format!(
                "Number of message attributes [{}] exceeds the allowed maximum [{ATTRIBUTES_MAX}].",
                self.message_attributes.len()
            )));
        }
        let attributes = self
            .message_attributes
            .into_iter()
            .map(|(name, attribute)| Ok((name.clone(), attribute.read(&name)?)))
            .collect::<Result<Attributes, Fault>>()?;
        if message_bytes(&self.message_body, &attributes) > MESSAGE_BYTES_MAX {
            return Err(invalid(format!(
                "One or more parameters are invalid. Reason: Message must be shorter than {MESSAGE_BYTES_MAX} bytes."
            )));
        }
        let sender = sender.as_str().to_owned();
        let (group, deduplication) = (self.message_group_id, self.message_deduplication_id);
        let message = Outgoing { body: self.message_body, attributes, group, deduplication, delay_s, sender };
        fifo::fit(queue, &message)?;
        Ok(message)
    }
}

impl WireAttribute {
    fn read(self, name: &str) -> Result<MessageAttribute, Fault> {
        let kind = self.data_type.split('.').next().unwrap_or_default();
        let value = match (kind, self.string_value, self.binary_value) {
            ("String" | "Number", Some(text), None) if !text.is_empty() => AttributeValue::Text(text),
            ("Binary", None, Some(bytes)) if !bytes.is_empty() => AttributeValue::Binary(bytes),
            _ => {
                return Err(invalid(format!(
                    "The message attribute '{name}' must contain a non-empty value of its type '{}'.",
                    self.data_type
                )));
            }
        };
        Ok(MessageAttribute { data_type: self.data_type, value })
    }
}

/// What a sender is answered.
#[derive(Serialize)]
pub(super) struct SentMessage {
    #[serde(rename = "MessageId")]
    id: String,
    #[serde(rename = "MD5OfMessageBody")]
    body_md5: String,
    #[serde(rename = "MD5OfMessageAttributes", skip_serializing_if = "Option::is_none")]
    attributes_md5: Option<String>,
    #[serde(rename = "SequenceNumber", skip_serializing_if = "Option::is_none")]
    sequence_number: Option<String>,
}

impl From<super::Sent> for SentMessage {
    fn from(sent: super::Sent) -> Self {
        let super::Sent { id, body_md5, attributes_md5, sequence_number } = sent;
        Self { id, body_md5, attributes_md5, sequence_number }
    }
}

pub(super) fn send(sqs: &Sqs, sender: &Principal, request: NewMessage) -> Result<Bytes, Fault> {
    let queue = queue(sqs, &request.queue_url)?;
    let message = request.into_outgoing(&queue, sender)?;
    json::write(&SentMessage::from(sqs.send(&queue.name, &message)?))
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct ReceiveMessage {
    queue_url: String,
    max_number_of_messages: Option<i64>,
    visibility_timeout: Option<i64>,
    wait_time_seconds: Option<i64>,
    #[serde(default)]
    attribute_names: Vec<String>,
    #[serde(default)]
    message_system_attribute_names: Vec<String>,
    #[serde(default)]
    message_attribute_names: Vec<String>,
}

/// A long poll may end early, so this one ends at once: a call must never hold up the engine.
pub(super) fn receive(sqs: &Sqs, request: &ReceiveMessage) -> Result<Bytes, Fault> {
    let queue = queue(sqs, &request.queue_url)?;
    let max = match request.max_number_of_messages {
        None => 1,
        Some(value) => usize::try_from(within("MaxNumberOfMessages", value, 1, 10)?).unwrap_or(RECEIVE_MAX),
    };
    let visibility_s = request.visibility_timeout.map(visibility).transpose()?;
    request.wait_time_seconds.map(|value| within("WaitTimeSeconds", value, 0, WAIT_S_MAX)).transpose()?;
    let system = [request.attribute_names.as_slice(), &request.message_system_attribute_names].concat();
    let messages: Vec<_> = sqs
        .receive(&queue.name, max, visibility_s)?
        .into_iter()
        .map(|message| received(message, &system, &request.message_attribute_names))
        .collect();
    json::write(&if messages.is_empty() { json!({}) } else { json!({ "Messages": messages }) })
}

fn received(message: Message, system: &[String], wanted: &[String]) -> serde_json::Value {
    let system: BTreeMap<_, _> = message
        .system_attributes()
        .into_iter()
        .filter(|(name, _)| system.iter().any(|wanted| wanted == name || wanted == "All"))
        .collect();
    let mut answer = json!({
        "MessageId": message.id,
        "ReceiptHandle": message.receipt_handle,
        "MD5OfBody": body_md5(&message.body),
        "Body": message.body,
    });
    let attributes: Attributes =
        message.attributes.into_iter().filter(|(name, _)| wanted.iter().any(|wanted| selects(wanted, name))).collect();
    if let Some(answer) = answer.as_object_mut() {
        if !system.is_empty() {
            answer.insert("Attributes".to_owned(), json!(system));
        }
        if let Some(digest) = attributes_md5(&attributes) {
            answer.insert("MD5OfMessageAttributes".to_owned(), json!(digest));
            answer.insert("MessageAttributes".to_owned(), json!(attributes));
        }
    }
    answer
}

fn selects(wanted: &str, name: &str) -> bool {
    match wanted {
        "All" | ".*" => true,
        _ => wanted.strip_suffix(".*").map_or(wanted == name, |prefix| name.starts_with(prefix)),
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct DeleteMessage {
    queue_url: String,
    receipt_handle: String,
}

pub(super) fn delete(sqs: &Sqs, request: &DeleteMessage) -> Result<Bytes, Fault> {
    let queue = queue(sqs, &request.queue_url)?;
    let receipt = receipt(&queue, &request.receipt_handle)?;
    sqs.engine.write(|database| store::delete(database, &queue.name, &receipt))?;
    Ok(Bytes::from_static(b"{}"))
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct ChangeMessageVisibility {
    queue_url: String,
    receipt_handle: String,
    visibility_timeout: i64,
}

pub(super) fn change_visibility(sqs: &Sqs, request: &ChangeMessageVisibility) -> Result<Bytes, Fault> {
    let queue = queue(sqs, &request.queue_url)?;
    hide(sqs, &queue, &request.receipt_handle, request.visibility_timeout)?;
    Ok(Bytes::from_static(b"{}"))
}

/// Hides one received message.
pub(super) fn hide(sqs: &Sqs, queue: &QueueSpec, handle: &str, seconds: i64) -> Result<(), Fault> {
    let seconds = visibility(seconds)?;
    receipt(queue, handle)?;
    if sqs.change_visibility(&queue.name, handle, seconds)? {
        Ok(())
    } else {
        Err(Fault::new(
            "AWS.SimpleQueueService.MessageNotInflight",
            "The message referred to isn't in flight and its visibility cannot be changed.",
        ))
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct GetQueueUrl {
    queue_name: String,
}

pub(super) fn queue_url(sqs: &Sqs, request: &GetQueueUrl) -> Result<Bytes, Fault> {
    let queue = queue(sqs, &request.queue_name)?;
    json::write(&json!({ "QueueUrl": arn::queue_url(&queue.name) }))
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct GetQueueAttributes {
    queue_url: String,
    #[serde(default)]
    attribute_names: Vec<String>,
}

pub(super) fn queue_attributes(sqs: &Sqs, request: &GetQueueAttributes) -> Result<Bytes, Fault> {
    let name = arn::name(&request.queue_url);
    let Some((queue, created_at)) = sqs.engine.read(|database| store::queue(database, name))? else {
        return Err(no_queue());
    };
    let counts = sqs.counts(name)?;
    let redrive = queue
        .redrive
        .as_ref()
        .map(|it| json!({ "deadLetterTargetArn": it.dead_letter_arn, "maxReceiveCount": it.max_receives }).to_string());
    let scope = queue.fifo.map(|it| match it.deduplication {
        Deduplication::Queue => "queue",
        Deduplication::Group => "messageGroup",
    });
    let known = [
        ("ContentBasedDeduplication", queue.fifo.map(|it| it.content_based.to_string())),
        ("DeduplicationScope", scope.map(str::to_owned)),
        ("FifoQueue", queue.fifo.map(|_| true.to_string())),
        ("ApproximateNumberOfMessages", Some(counts.visible.to_string())),
        ("ApproximateNumberOfMessagesNotVisible", Some(counts.in_flight.to_string())),
        ("ApproximateNumberOfMessagesDelayed", Some(counts.delayed.to_string())),
        ("CreatedTimestamp", Some((created_at / 1_000).to_string())),
        ("DelaySeconds", Some(queue.delay_s.to_string())),
        ("MaximumMessageSize", Some(MESSAGE_BYTES_MAX.to_string())),
        ("MessageRetentionPeriod", Some(queue.retention_s.to_string())),
        ("Policy", queue.policy.map(|policy| policy.to_string())),
        ("QueueArn", Some(arn::queue(name))),
        ("RedrivePolicy", redrive),
        ("VisibilityTimeout", Some(queue.visibility_s.to_string())),
    ];
    if let Some(wanted) =
        request.attribute_names.iter().find(|it| *it != "All" && known.iter().all(|(name, _)| name != it))
    {
        return Err(Fault::new("InvalidAttributeName", format!("Unknown Attribute {wanted}.")));
    }
    let attributes: BTreeMap<_, _> = known
        .into_iter()
        .filter(|(name, _)| request.attribute_names.iter().any(|wanted| wanted == "All" || wanted == name))
        .filter_map(|(name, value)| Some((name, value?)))
        .collect();
    json::write(&if attributes.is_empty() { json!({}) } else { json!({ "Attributes": attributes }) })
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct ListQueues {
    #[serde(default)]
    queue_name_prefix: String,
}

pub(super) fn list(sqs: &Sqs, request: &ListQueues) -> Result<Bytes, Fault> {
    let names = sqs.engine.read(|database| store::names(database, &request.queue_name_prefix))?;
    let urls: Vec<_> = names.iter().map(|name| arn::queue_url(name)).collect();
    json::write(&if urls.is_empty() { json!({}) } else { json!({ "QueueUrls": urls }) })
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct PurgeQueue {
    queue_url: String,
}

pub(super) fn purge(sqs: &Sqs, request: &PurgeQueue) -> Result<Bytes, Fault> {
    let queue = queue(sqs, &request.queue_url)?;
    sqs.engine.write(|database| store::purge(database, &queue.name))?;
    Ok(Bytes::from_static(b"{}"))
}

/// The queue that a URL or a name means.
pub(super) fn queue(sqs: &Sqs, url: &str) -> Result<QueueSpec, Fault> {
    let found = sqs.engine.read(|database| store::queue(database, arn::name(url)))?;
    found.map(|(queue, _)| queue).ok_or_else(no_queue)
}

/// Reads a receipt handle.
pub(super) fn receipt(queue: &QueueSpec, handle: &str) -> Result<store::Handle, Fault> {
    store::Handle::parse(&queue.name, handle).ok_or_else(|| {
        Fault::with_status(
            "ReceiptHandleIsInvalid",
            format!("The input receipt handle \"{handle}\" is not valid."),
            404,
        )
    })
}

/// A value that is wrong.
pub(super) fn invalid(message: String) -> Fault {
    Fault::new("InvalidParameterValue", message)
}

fn visibility(value: i64) -> Result<u32, Fault> {
    within("VisibilityTimeout", value, 0, VISIBILITY_S_MAX)
}

fn within(parameter: &str, value: i64, min: u32, max: u32) -> Result<u32, Fault> {
    u32::try_from(value).ok().filter(|value| (min..=max).contains(value)).ok_or_else(|| {
        invalid(format!("Value {value} for parameter {parameter} is invalid. Reason: Must be between {min} and {max}."))
    })
}

fn no_queue() -> Fault {
    Fault::new(NO_QUEUE, "The specified queue does not exist.")
}
