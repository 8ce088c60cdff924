//! SQS's standard and FIFO queues, durable in `engine.db`.

mod batch;
pub(crate) mod fifo;
#[cfg(test)]
mod fifo_tests;
mod model;
mod operations;
pub(super) mod store;
#[cfg(test)]
mod tests;
mod wire;

use std::sync::Arc;

use bytes::Bytes;
use http::{Request, Response};

use super::router::{Gate, Principal};
use crate::engine::{Engine, EngineError};
pub(crate) use model::message_bytes;
pub use model::{
    AttributeValue, Attributes, Deduplication, Fifo, FifoMessage, MESSAGE_BYTES_MAX, Message, MessageAttribute,
    Outgoing, QueueCounts, QueueSpec, Redrive, Sent,
};

/// The queues, each under its name.
pub struct Sqs {
    engine: Arc<Engine>,
    gate: Gate,
}

impl Sqs {
    pub(super) fn new(engine: Arc<Engine>, gate: Gate) -> Self {
        Self { engine, gate }
    }

    /// Makes a queue or changes it to what `spec` says; its messages stay.
    ///
    /// # Errors
    /// When the database fails.
    pub fn create_queue(&self, spec: &QueueSpec) -> Result<(), EngineError> {
        self.engine.write(|database| store::create(database, spec, self.engine.now_ms()))
    }

    /// The names of all queues.
    ///
    /// # Errors
    /// When the database fails.
    pub fn names(&self) -> Result<Vec<String>, EngineError> {
        self.engine.read(|database| store::names(database, ""))
    }

    /// A queue's settings.
    ///
    /// # Errors
    /// When there is no such queue, or the database fails.
    pub fn queue(&self, queue: &str) -> Result<QueueSpec, EngineError> {
        self.engine.read(|database| store::known(database, queue))
    }

    /// Puts a message into a queue.
    ///
    /// # Errors
    /// When there is no such queue, or the database fails.
    pub fn send(&self, queue: &str, message: &Outgoing) -> Result<Sent, EngineError> {
        let sent = self.engine.write(|database| {
            let queue = store::known(database, queue)?;
            store::send(database, &queue, &self.engine.next_id().to_string(), message, self.engine.now_ms())
        })?;
        self.engine.announce();
        Ok(sent)
    }

    /// Receives up to `max` messages and hides them for `visibility_s`, or for as long as the queue says.
    /// Messages that were received too often go to the dead-letter queue in the same transaction.
    ///
    /// # Errors
    /// When there is no such queue, or the database fails.
    pub fn receive(&self, queue: &str, max: usize, visibility_s: Option<u32>) -> Result<Vec<Message>, EngineError> {
        self.engine.write(|database| {
            let queue = store::known(database, queue)?;
            let visibility_s = visibility_s.unwrap_or(queue.visibility_s);
            let receipt = || self.engine.next_id().simple().to_string();
            store::receive(database, &queue, max, visibility_s, self.engine.now_ms(), receipt)
        })
    }

    /// Deletes a received message. A handle of an earlier receive deletes nothing, and that is no error.
    ///
    /// # Errors
    /// When the handle is not one of this queue's, or the database fails.
    pub fn delete(&self, queue: &str, receipt_handle: &str) -> Result<(), EngineError> {
        let handle = parsed(queue, receipt_handle)?;
        self.engine.write(|database| store::delete(database, queue, &handle)).map(drop)
    }

    /// Hides a received message for `seconds` from now; 0 gives it back at once. `false`: it is not in flight.
    ///
    /// # Errors
    /// When the handle is not one of this queue's, or the database fails.
    pub fn change_visibility(&self, queue: &str, receipt_handle: &str, seconds: u32) -> Result<bool, EngineError> {
        let handle = parsed(queue, receipt_handle)?;
        let changed = self
            .engine
            .write(|database| store::change_visibility(database, queue, &handle, seconds, self.engine.now_ms()))?;
        self.engine.announce();
        Ok(changed)
    }

    /// Gives a received message back as if nobody had received it: a standard queue delivers when and in which order it likes.
    ///
    /// # Errors
    /// When the handle is not one of this queue's, or the database fails.
    pub fn postpone(&self, queue: &str, receipt_handle: &str, visible_at_ms: i64) -> Result<(), EngineError> {
        let handle = parsed(queue, receipt_handle)?;
        self.engine.write(|database| store::postpone(database, queue, &handle, visible_at_ms))
    }

    /// Gives back everything that was received and not deleted, as whoever had it is gone. Each receive stays counted: the
    /// message may be why.
    ///
    /// # Errors
    /// When the database fails.
    pub fn give_back(&self, queue: &str) -> Result<(), EngineError> {
        self.engine.write(|database| store::give_back(database, queue, self.engine.now_ms()))
    }

    /// The queues with a message that can be received now: one question for all of them, since most are empty most of the time.
    ///
    /// # Errors
    /// When the database fails.
    pub fn with_visible(&self) -> Result<Vec<String>, EngineError> {
        self.engine.read(|database| store::with_visible(database, self.engine.now_ms()))
    }

    /// The queues with a message, visible or not.
    ///
    /// # Errors
    /// When the database fails.
    pub fn with_messages(&self) -> Result<Vec<String>, EngineError> {
        self.engine.read(|database| store::with_visible(database, i64::MAX))
    }

    /// When a message becomes visible next after a moment, by queue.
    ///
    /// # Errors
    /// When the database fails.
    pub fn becoming_visible(&self, after_ms: i64) -> Result<Vec<(String, i64)>, EngineError> {
        self.engine.read(|database| store::becoming_visible(database, after_ms))
    }

    /// How many messages the queue holds.
    ///
    /// # Errors
    /// When the database fails.
    pub fn counts(&self, queue: &str) -> Result<QueueCounts, EngineError> {
        self.engine.read(|database| store::counts(database, queue, self.engine.now_ms()))
    }

    /// Looks at messages, oldest first, without receiving them.
    ///
    /// # Errors
    /// When the database fails.
    pub fn peek(&self, queue: &str, limit: usize) -> Result<Vec<Message>, EngineError> {
        self.engine.read(|database| store::peek(database, queue, limit))
    }

    /// Answers one call.
    pub(super) fn handle(&self, principal: &Principal, request: &Request<Bytes>) -> Response<Bytes> {
        wire::handle(self, principal, request)
    }
}

fn parsed(queue: &str, receipt_handle: &str) -> Result<store::Handle, EngineError> {
    store::Handle::parse(queue, receipt_handle)
        .ok_or_else(|| EngineError::unknown(format!("the receipt handle {receipt_handle} of the queue {queue}")))
}
