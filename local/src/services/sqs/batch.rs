//! SQS's batches: each entry succeeds or fails by itself.

use std::collections::HashSet;

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use super::{
    Sqs,
    model::{MESSAGE_BYTES_MAX, message_bytes},
    operations::{NewMessage, SentMessage, hide, queue, receipt},
    store,
};
use crate::services::{fault::Fault, json, router::Principal};

const ENTRIES_MAX: usize = 10;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct Batch<T> {
    queue_url: String,
    entries: Vec<T>,
}

pub(super) trait Entry {
    fn id(&self) -> &str;
}

/// What a batch is answered.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Outcome<T> {
    successful: Vec<Success<T>>,
    failed: Vec<Failure>,
}

#[derive(Serialize)]
struct Success<T> {
    #[serde(rename = "Id")]
    id: String,
    #[serde(flatten)]
    answer: T,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Failure {
    id: String,
    sender_fault: bool,
    code: String,
    message: String,
}

/// An answer that says nothing but the entry's id.
#[derive(Serialize)]
struct Done {}

impl<T: Entry> Batch<T> {
    fn check(&self) -> Result<(), Fault> {
        let fault = |name: &str, message: &str| Fault::new(format!("AWS.SimpleQueueService.{name}"), message);
        if self.entries.is_empty() {
            return Err(fault("EmptyBatchRequest", "There should be at least one entry in the request."));
        }
        if self.entries.len() > ENTRIES_MAX {
            return Err(fault(
                "TooManyEntriesInBatchRequest",
                &format!(
                    "Maximum number of entries per request are {ENTRIES_MAX}. You have sent {}.",
                    self.entries.len()
                ),
            ));
        }
        let ids: HashSet<_> = self.entries.iter().map(Entry::id).collect();
        if ids.len() < self.entries.len() {
            return Err(fault("BatchEntryIdsNotDistinct", "Id repeated."));
        }
        Ok(())
    }

    fn run<A: Serialize>(self, mut one: impl FnMut(T) -> Result<A, Fault>) -> Result<Bytes, Fault> {
        let mut outcome = Outcome { successful: Vec::new(), failed: Vec::new() };
        for entry in self.entries {
            let id = entry.id().to_owned();
            match one(entry) {
                Ok(answer) => outcome.successful.push(Success { id, answer }),
                Err(fault) => outcome.failed.push(Failure {
                    id,
                    sender_fault: fault.is_senders(),
                    code: fault.code.into_owned(),
                    message: fault.message,
                }),
            }
        }
        json::write(&outcome)
    }
}

impl Entry for NewMessage {
    fn id(&self) -> &str {
        &self.id
    }
}

pub(super) fn send(sqs: &Sqs, sender: &Principal, batch: Batch<NewMessage>) -> Result<Bytes, Fault> {
    let queue = queue(sqs, &batch.queue_url)?;
    batch.check()?;
    let mut bytes = 0_usize;
    let mut messages = Vec::with_capacity(batch.entries.len());
    for entry in batch.entries {
        let id = entry.id.clone();
        let message = entry.into_outgoing(&queue, sender);
        if let Ok(message) = &message {
            bytes = bytes.saturating_add(message_bytes(&message.body, &message.attributes));
        }
        messages.push(Ready { id, message });
    }
    if bytes > MESSAGE_BYTES_MAX {
        return Err(Fault::new(
            "AWS.SimpleQueueService.BatchRequestTooLong",
            format!("Batch requests cannot be longer than {MESSAGE_BYTES_MAX} bytes. You have sent {bytes} bytes."),
        ));
    }
    Batch { queue_url: batch.queue_url, entries: messages }
        .run(|ready| Ok(SentMessage::from(sqs.send(&queue.name, &ready.message?)?)))
}

struct Ready {
    id: String,
    message: Result<super::Outgoing, Fault>,
}

impl Entry for Ready {
    fn id(&self) -> &str {
        &self.id
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct DeleteEntry {
    id: String,
    receipt_handle: String,
}

impl Entry for DeleteEntry {
    fn id(&self) -> &str {
        &self.id
    }
}

pub(super) fn delete(sqs: &Sqs, batch: &Batch<DeleteEntry>) -> Result<Bytes, Fault> {
    let queue = queue(sqs, &batch.queue_url)?;
    batch.check()?;
    let entries = batch.entries.iter().collect();
    Batch { queue_url: String::new(), entries }.run(|entry: &DeleteEntry| {
        let receipt = receipt(&queue, &entry.receipt_handle)?;
        sqs.engine.write(|database| store::delete(database, &queue.name, &receipt))?;
        Ok(Done {})
    })
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct VisibilityEntry {
    id: String,
    receipt_handle: String,
    #[serde(default)]
    visibility_timeout: i64,
}

impl Entry for VisibilityEntry {
    fn id(&self) -> &str {
        &self.id
    }
}

impl<T: Entry> Entry for &T {
    fn id(&self) -> &str {
        (*self).id()
    }
}

pub(super) fn change_visibility(sqs: &Sqs, batch: &Batch<VisibilityEntry>) -> Result<Bytes, Fault> {
    let queue = queue(sqs, &batch.queue_url)?;
    batch.check()?;
    let entries = batch.entries.iter().collect();
    Batch { queue_url: String::new(), entries }.run(|entry: &VisibilityEntry| {
        hide(sqs, &queue, &entry.receipt_handle, entry.visibility_timeout)?;
        Ok(Done {})
    })
}
