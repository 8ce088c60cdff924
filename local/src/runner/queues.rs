//! Queues that feed functions.

use std::{collections::HashSet, sync::Arc};

use serde::Deserialize;
use serde_json::json;

use super::{Lambdas, RunnerError};
use crate::{
    services::{Aws, arn},
    template::{EventSource, Plan},
};

/// One event source mapping of a queue.
pub struct QueueSource {
    aws: Arc<Aws>,
    lambdas: Arc<Lambdas>,
    function: String,
    queue: String,
    batch_size: usize,
    report_item_failures: bool,
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
    pub fn all(plan: &Plan, aws: &Arc<Aws>, lambdas: &Arc<Lambdas>) -> Result<Vec<Self>, RunnerError> {
        let mut sources = Vec::new();
        for function in &plan.functions {
            for event in &function.events {
                let EventSource::Sqs { queue_arn, batch_size, report_item_failures, .. } = event else { continue };
                sources.push(Self {
                    aws: Arc::clone(aws),
                    lambdas: Arc::clone(lambdas),
                    function: function.logical_id.clone(),
                    queue: arn::name(queue_arn).to_owned(),
                    batch_size: usize::try_from(*batch_size).unwrap_or(1),
                    report_item_failures: *report_item_failures,
                });
            }
        }
        Ok(sources)
    }

    /// Takes one batch, if there is one, through the function. Whatever is not done stays invisible until its time is over.
    pub async fn pass(&self) -> Result<bool, RunnerError> {
        let messages = self.aws.sqs.receive(&self.queue, self.batch_size, None)?;
        if messages.is_empty() {
            return Ok(false);
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

    /// The queue's name.
    pub fn queue(&self) -> &str {
        &self.queue
    }
}
