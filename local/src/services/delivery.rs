//! The last step of a topic and of a bus: into a queue, or into the dead-letter queue behind it.

use rusqlite::Connection;

use super::{
    arn,
    router::Gate,
    sqs::{self, AttributeValue, MESSAGE_BYTES_MAX, MessageAttribute, Outgoing},
};
use crate::engine::{Engine, EngineError};

/// A raw message with more attributes than this is refused by SQS.
const ATTRIBUTES_MAX: usize = 10;

/// One message for one queue.
pub(super) struct Handover<'a> {
    /// The service's principal.
    pub service: &'a str,
    /// The topic or rule that it acts for.
    pub source_arn: &'a str,
    /// The queue.
    pub queue_arn: &'a str,
    /// Where the message goes when the queue does not take it.
    pub dead_letter_arn: Option<&'a str>,
    /// What is delivered.
    pub message: &'a Outgoing,
}

impl Handover<'_> {
    /// Delivers within the caller's transaction. What the queue refuses goes to the dead-letter queue; what that one
    /// refuses too is lost, as in AWS, and said so.
    pub fn deliver(&self, engine: &Engine, gate: &Gate, database: &Connection) -> Result<(), EngineError> {
        let Some(refusal) = self.offer(engine, gate, database, self.queue_arn, self.message)? else {
            return Ok(());
        };
        tracing::warn!(queue = self.queue_arn, source = self.source_arn, refusal = refusal.message, "not delivered");
        let Some(dead_letter_arn) = self.dead_letter_arn else {
            tracing::error!(
                queue = self.queue_arn,
                source = self.source_arn,
                "a message was lost: no dead-letter queue"
            );
            return Ok(());
        };
        let message = self.explained(&refusal);
        if let Some(refusal) = self.offer(engine, gate, database, dead_letter_arn, &message)? {
            tracing::error!(queue = dead_letter_arn, refusal = refusal.message, "a message was lost");
        }
        Ok(())
    }

    fn offer(
        &self,
        engine: &Engine,
        gate: &Gate,
        database: &Connection,
        queue_arn: &str,
        message: &Outgoing,
    ) -> Result<Option<Refused>, EngineError> {
        let Some((queue, _)) = sqs::store::queue(database, arn::name(queue_arn))? else {
            return Ok(Some(Refused::new("AWS.SimpleQueueService.NonExistentQueue", "The queue does not exist.")));
        };
        if let Err(denied) = gate.allow_service(self.service, "sqs:SendMessage", queue_arn, self.source_arn) {
            return Ok(Some(Refused::new("NO_PERMISSIONS", denied.message())));
        }
        if message.attributes.len() > ATTRIBUTES_MAX {
            return Ok(Some(Refused::new("InvalidParameterValue", "More than 10 message attributes.")));
        }
        if sqs::message_bytes(&message.body, &message.attributes) > MESSAGE_BYTES_MAX {
            return Ok(Some(Refused::new("InvalidParameterValue", "The message is too long.")));
        }
        sqs::store::send(database, &queue, &engine.next_id().to_string(), message, engine.now_ms())?;
        Ok(None)
    }

    /// EventBridge says in attributes why an event is in a dead-letter queue; SNS does not.
    fn explained(&self, refusal: &Refused) -> Outgoing {
        let mut message = self.message.clone();
        if self.service == EVENTS {
            let reasons = [
                ("ERROR_CODE", refusal.code),
                ("ERROR_MESSAGE", refusal.message.as_str()),
                ("RULE_ARN", self.source_arn),
                ("TARGET_ARN", self.queue_arn),
            ];
            message.attributes.extend(reasons.map(|(name, text)| {
                let value = AttributeValue::Text(text.to_owned());
                (name.to_owned(), MessageAttribute { data_type: "String".to_owned(), value })
            }));
        }
        message
    }
}

/// SNS as a principal.
pub(super) const SNS: &str = "sns.amazonaws.com";
/// EventBridge as a principal.
pub(super) const EVENTS: &str = "events.amazonaws.com";

struct Refused {
    code: &'static str,
    message: String,
}

impl Refused {
    fn new(code: &'static str, message: &str) -> Self {
        Self { code, message: message.to_owned() }
    }
}
