//! Queues that feed functions.

use std::{
    collections::HashSet,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
};

use serde::Deserialize;
use serde_json::json;

use super::{Lambdas, RunnerError};
use crate::{
    iam::{Policies, QUEUE_SOURCE_ACTIONS},
    services::{Authorizer as _, Aws, Message, Outgoing, arn},
    template::{EventSource, Plan},
};

/// How a message reaches a function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delivery {
    /// At once, and once.
    Now,
    /// Not before this many milliseconds are over: late, and behind those that came after it.
    Later(i64),
    /// At once, and a copy of it this many milliseconds later.
    Twice(i64),
}

/// One event source mapping of a queue.
pub struct QueueSource {
    aws: Arc<Aws>,
    lambdas: Arc<Lambdas>,
    policies: Arc<Policies>,
    function: String,
    queue: String,
    queue_arn: String,
    batch_size: usize,
    report_item_failures: bool,
    idle_until_ms: AtomicI64,
}

/// What a function answers that reports failures one by one. An empty answer reports none.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct BatchResponse {
    #[serde(default)]
    pub(super) batch_item_failures: Vec<ItemFailure>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ItemFailure {
    pub(super) item_identifier: String,
}

impl QueueSource {
    /// Those of a plan.
    ///
    /// # Errors
    /// When a queue is not in the plan.
    pub fn all(
        plan: &Plan,
        aws: &Arc<Aws>,
        lambdas: &Arc<Lambdas>,
        policies: &Arc<Policies>,
    ) -> Result<Vec<Self>, RunnerError> {
        let mut sources = Vec::new();
        for function in &plan.functions {
            for event in &function.events {
                let EventSource::Sqs { queue_arn, batch_size, report_item_failures, .. } = event else { continue };
                sources.push(Self {
                    aws: Arc::clone(aws),
                    lambdas: Arc::clone(lambdas),
                    policies: Arc::clone(policies),
                    function: function.logical_id.clone(),
                    queue: arn::name(queue_arn).to_owned(),
                    queue_arn: queue_arn.clone(),
                    batch_size: usize::try_from(*batch_size).unwrap_or(1),
                    report_item_failures: *report_item_failures,
                    idle_until_ms: AtomicI64::new(i64::MIN),
                });
            }
        }
        Ok(sources)
    }

    /// Takes one batch, if there is one, through the function. Whatever is not done stays invisible until its time is over.
    pub async fn pass(&self) -> Result<bool, RunnerError> {
        if self.is_idle() || !self.may_poll() {
            return Ok(false);
        }
        let messages = self.aws.sqs.receive(&self.queue, self.batch_size, None)?;
        if messages.is_empty() {
            return Ok(false);
        }
        let messages = self.delivered(messages)?;
        if messages.is_empty() {
            return Ok(true);
        }
        let records: Vec<_> = messages.iter().map(|message| message.lambda_record(&self.queue)).collect();
        let event = json!({ "Records": records }).to_string();
        let answer = match self.lambdas.invoke(&self.function, event.into()).await {
            Ok(answer) => answer,
            Err(error) => {
                tracing::error!(function = %self.function, %error, messages = messages.len(), "invocation failed");
                return Ok(true);
            }
        };
        let response: BatchResponse = match serde_json::from_slice(&answer) {
            Ok(response) if self.report_item_failures => response,
            Ok(_) => BatchResponse::default(),
            Err(error) => {
                // As Lambda does: an answer that cannot be read fails the whole batch.
                tracing::error!(function = %self.function, %error, "the answer is no batch response");
                return Ok(true);
            }
        };
        let failed: HashSet<_> = response.batch_item_failures.iter().map(|it| it.item_identifier.as_str()).collect();
        for message in messages.iter().filter(|message| !failed.contains(message.id.to_string().as_str())) {
            self.aws.sqs.delete(&self.queue, &message.receipt_handle)?;
        }
        Ok(true)
    }

    /// Lambda polls as the function: what its role may not do is not done, and the messages wait.
    fn may_poll(&self) -> bool {
        QUEUE_SOURCE_ACTIONS.iter().all(|action| {
            let allowed = self.policies.allow(&self.function, action, &self.queue_arn);
            if let Err(denied) = &allowed {
                tracing::error!(function = %self.function, %denied, "a queue cannot be polled");
            }
            allowed.is_ok()
        })
    }

    /// Whether it takes nothing at the moment.
    fn is_idle(&self) -> bool {
        let Some(faults) = self.lambdas.faults() else { return false };
        let now_ms = self.aws.engine().now_ms();
        if self.idle_until_ms.load(Ordering::Relaxed) <= now_ms {
            let until_ms = faults.idle_until_ms(&self.queue, now_ms);
            self.idle_until_ms.store(until_ms.unwrap_or(i64::MIN), Ordering::Relaxed);
        }
        self.idle_until_ms.load(Ordering::Relaxed) > now_ms
    }

    /// When it begins to take messages again, if it takes none.
    pub fn next_due_ms(&self) -> Option<i64> {
        Some(self.idle_until_ms.load(Ordering::Relaxed)).filter(|at_ms| *at_ms != i64::MIN)
    }

    /// Those of the received messages that come through now.
    fn delivered(&self, messages: Vec<Message>) -> Result<Vec<Message>, RunnerError> {
        let Some(faults) = self.lambdas.faults() else { return Ok(messages) };
        let (sqs, now_ms) = (&self.aws.sqs, self.aws.engine().now_ms());
        let mut delivered = Vec::with_capacity(messages.len());
        for message in messages {
            if message.fifo.is_some() {
                // A FIFO queue neither repeats nor overtakes.
                delivered.push(message);
                continue;
            }
            match faults.delivery(&self.queue, message.receive_count) {
                Delivery::Now => {}
                Delivery::Later(by_ms) => {
                    sqs.postpone(&self.queue, &message.receipt_handle, now_ms.saturating_add(by_ms))?;
                    continue;
                }
                Delivery::Twice(by_ms) => {
                    let copy = Outgoing {
                        body: message.body.clone(),
                        attributes: message.attributes.clone(),
                        group: message.group.clone(),
                        delay_s: u32::try_from(by_ms / 1000).ok(),
                        sender: message.sender.clone(),
                        ..Outgoing::default()
                    };
                    sqs.send(&self.queue, &copy)?;
                }
            }
            delivered.push(message);
        }
        Ok(delivered)
    }

    /// The queue's name.
    pub fn queue(&self) -> &str {
        &self.queue
    }
}
