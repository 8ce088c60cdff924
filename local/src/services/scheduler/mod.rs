//! EventBridge Scheduler: messages into queues when their time comes, on the bank's clock.
//!
//! A due time is served in the same transaction as the message is sent, so a restart neither loses one nor repeats it.

mod expression;
mod store;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use rusqlite::Connection;
use serde_json::json;

use super::{
    arn, clock,
    router::{Gate, Principal},
    sqs::{self, AttributeValue, MESSAGE_BYTES_MAX, MessageAttribute, Outgoing},
};
use crate::engine::{Engine, EngineError};
pub use expression::Expression;

/// The service as a principal.
pub const SCHEDULER: &str = "scheduler.amazonaws.com";

/// How many due times one pass serves, so that a long absence does not hold up everything else.
const SERVED_PER_PASS_MAX: usize = 100;

/// A schedule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScheduleSpec {
    /// Its name.
    pub name: String,
    /// Its ARN.
    pub arn: String,
    /// When it is due: `cron(…)`, `rate(…)` or `at(…)`, in UTC.
    pub expression: String,
    /// Where it sends to.
    pub queue_arn: String,
    /// The role that it sends under, as a principal.
    pub role: String,
    /// The ARN of that role.
    pub role_arn: String,
    /// What it sends, with context attributes such as `<aws.scheduler.scheduled-time>`.
    pub input: String,
    /// Where goes what the queue does not take.
    pub dead_letter_arn: Option<String>,
}

/// The schedules.
pub struct Scheduler {
    engine: Arc<Engine>,
    gate: Gate,
}

impl Scheduler {
    pub(super) fn new(engine: Arc<Engine>, gate: Gate) -> Self {
        Self { engine, gate }
    }

    /// Makes a schedule, or changes it to what `spec` says. It begins at the moment when it is made, and anew when its
    /// expression changes.
    ///
    /// # Errors
    /// When the expression is none, or the database fails.
    pub fn create_schedule(&self, spec: &ScheduleSpec) -> Result<(), EngineError> {
        let expression = parsed(spec)?;
        self.engine.write(|database| {
            let kept = store::expression(database, &spec.name)?;
            store::put(database, spec)?;
            if kept.as_ref() != Some(&spec.expression) {
                store::set_due(database, &spec.name, expression.first(self.engine.now_ms()))?;
            }
            Ok(())
        })
    }

    /// Removes every schedule but those named: what a template no longer has is gone.
    ///
    /// # Errors
    /// When the database fails.
    pub fn keep_schedules(&self, names: &[String]) -> Result<(), EngineError> {
        self.engine.write(|database| {
            store::names(database)?
                .iter()
                .filter(|name| !names.contains(name))
                .try_for_each(|name| store::delete(database, name))
        })
    }

    /// Serves what is due, the oldest first, each missed time by itself; answers whether anything was.
    ///
    /// # Errors
    /// When the database fails.
    pub fn pass(&self) -> Result<bool, EngineError> {
        let now_ms = self.engine.now_ms();
        let due = |next_ms: Option<i64>| next_ms.is_some_and(|next_ms| next_ms <= now_ms);
        let mut served = 0;
        while served < SERVED_PER_PASS_MAX && due(self.next_due_ms()?) {
            self.serve_one(now_ms)?;
            served += 1;
        }
        if served > 0 {
            self.engine.announce();
        }
        Ok(served > 0)
    }

    /// When anything is due next; a time that has come and was not served yet is in the past.
    ///
    /// # Errors
    /// When the database fails.
    pub fn next_due_ms(&self) -> Result<Option<i64>, EngineError> {
        self.engine.read(store::next_due_at)
    }

    fn serve_one(&self, now_ms: i64) -> Result<(), EngineError> {
        self.engine.write(|database| {
            let Some(due) = store::due(database, now_ms)? else { return Ok(()) };
            self.deliver(database, &due)?;
            store::set_due(database, &due.spec.name, parsed(&due.spec)?.after(due.at_ms))
        })
    }

    /// Sends under the role. What stands in the way here is the template, which no second try would mend: so the
    /// dead-letter queue is next, and what that one refuses is lost, as in AWS, and said so.
    fn deliver(&self, database: &Connection, due: &store::Due) -> Result<(), EngineError> {
        let spec = &due.spec;
        let mut execution = self.engine.next_id().simple().to_string();
        execution.truncate(16);
        let body = spec
            .input
            .replace("<aws.scheduler.scheduled-time>", &clock::seconds(due.at_ms))
            .replace("<aws.scheduler.execution-id>", &execution)
            .replace("<aws.scheduler.attempt-number>", "1")
            .replace("<aws.scheduler.schedule-arn>", &spec.arn);
        let message = Outgoing { body, sender: spec.role.clone(), ..Outgoing::default() };
        let Some(refusal) = self.offer(database, spec, &spec.queue_arn, &message)? else { return Ok(()) };
        tracing::warn!(schedule = spec.name, queue = spec.queue_arn, refusal = refusal.message, "not delivered");
        let Some(dead_letter_arn) = &spec.dead_letter_arn else {
            tracing::error!(schedule = spec.name, "a due time was lost: no dead-letter queue");
            return Ok(());
        };
        let message = dead_letter(due, &execution, &message, &refusal);
        if let Some(refusal) = self.offer(database, spec, dead_letter_arn, &message)? {
            tracing::error!(
                schedule = spec.name,
                queue = dead_letter_arn,
                refusal = refusal.message,
                "a due time was lost"
            );
        }
        Ok(())
    }

    fn offer(
        &self,
        database: &Connection,
        spec: &ScheduleSpec,
        queue_arn: &str,
        message: &Outgoing,
    ) -> Result<Option<Refusal>, EngineError> {
        let refused = |code, message: &str| Ok(Some(Refusal { code, message: message.to_owned() }));
        // A role is taken on by those whom it trusts only: its trust policy is its own resource policy.
        if let Err(denied) = self.gate.allow_service(SCHEDULER, "sts:AssumeRole", &spec.role_arn, &spec.arn) {
            return refused("AccessDenied", denied.message());
        }
        if let Err(denied) = self.gate.allow(&Principal::new(&spec.role), "sqs:SendMessage", queue_arn) {
            return refused("AccessDenied", denied.message());
        }
        let Some((queue, _)) = sqs::store::queue(database, arn::name(queue_arn))? else {
            return refused("AWS.SimpleQueueService.NonExistentQueue", "The specified queue does not exist.");
        };
        if sqs::message_bytes(&message.body, &message.attributes) > MESSAGE_BYTES_MAX {
            return refused("InvalidParameterValue", "The message is too long.");
        }
        sqs::store::send(database, &queue, &self.engine.next_id().to_string(), message, self.engine.now_ms())?;
        Ok(None)
    }
}

struct Refusal {
    code: &'static str,
    message: String,
}

/// The call that failed, with the reason in attributes, as AWS leaves it.
fn dead_letter(due: &store::Due, execution: &str, message: &Outgoing, refusal: &Refusal) -> Outgoing {
    let spec = &due.spec;
    let call = json!({ "MessageBody": message.body, "QueueUrl": arn::queue_url(arn::name(&spec.queue_arn)) });
    let attributes = [
        ("ERROR_CODE", refusal.code),
        ("ERROR_MESSAGE", &refusal.message),
        ("EXECUTION_ID", execution),
        ("IS_PAYLOAD_TRUNCATED", "false"),
        ("RETRY_ATTEMPTS", "0"),
        ("SCHEDULED_TIME", &clock::seconds(due.at_ms)),
        ("SCHEDULE_ARN", &spec.arn),
        ("TARGET_ARN", &spec.queue_arn),
    ]
    .map(|(name, text)| {
        let value = AttributeValue::Text(text.to_owned());
        (name.to_owned(), MessageAttribute { data_type: "String".to_owned(), value })
    });
    Outgoing { body: call.to_string(), attributes: attributes.into(), ..message.clone() }
}

fn parsed(spec: &ScheduleSpec) -> Result<Expression, EngineError> {
    Expression::parse(&spec.expression)
        .map_err(|reason| EngineError::unsupported(format!("the schedule {}: {reason}", spec.name)))
}
