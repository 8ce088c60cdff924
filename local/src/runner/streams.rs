//! DynamoDB streams that feed functions: in order, one batch at a time, again and again until the retries are used up, and then
//! stored whole for an operator.

use std::sync::{Arc, Mutex, PoisonError};

use serde_json::{Value, json};

use super::{Lambdas, RunnerError, given_up::GivenUp, queues::BatchResponse};
use crate::{
    iam::{Policies, STREAM_SOURCE_ACTIONS},
    services::{Authorizer as _, Aws, Pattern, Presence, StreamRecord, arn},
    template::{EventSource, Plan},
};

/// The wait after the first failure; it doubles.
const BACK_OFF_FIRST_MS: i64 = 200;
/// The longest wait between two tries.
const BACK_OFF_MAX_MS: i64 = 60_000;

/// One event source mapping of a stream.
pub struct StreamSource {
    aws: Arc<Aws>,
    lambdas: Arc<Lambdas>,
    policies: Arc<Policies>,
    id: String,
    function: String,
    function_arn: String,
    table: String,
    stream_arn: String,
    batch_size: usize,
    retries_max: Option<u32>,
    bisect: bool,
    report_item_failures: bool,
    on_failure_bucket: Option<String>,
    filters: Vec<Pattern>,
    trying: Mutex<Trying>,
}

/// Where the tries of the batch at the stream's position stand.
#[derive(Debug, Clone, Copy)]
struct Trying {
    attempts: u32,
    limit: usize,
    not_before_ms: i64,
}

impl StreamSource {
    /// Those of a plan.
    ///
    /// # Errors
    /// When a table is not in the plan.
    pub fn all(
        plan: &Plan,
        aws: &Arc<Aws>,
        lambdas: &Arc<Lambdas>,
        policies: &Arc<Policies>,
    ) -> Result<Vec<Self>, RunnerError> {
        let mut sources = Vec::new();
        for function in &plan.functions {
            for event in &function.events {
                let EventSource::Stream {
                    id,
                    table,
                    stream_arn,
                    batch_size,
                    report_item_failures,
                    max_retries,
                    bisect,
                    on_failure_bucket_arn,
                    filters,
                } = event
                else {
                    continue;
                };
                let batch_size = usize::try_from(*batch_size).unwrap_or(1);
                sources.push(Self {
                    aws: Arc::clone(aws),
                    lambdas: Arc::clone(lambdas),
                    policies: Arc::clone(policies),
                    id: id.clone(),
                    function: function.logical_id.clone(),
                    function_arn: function.arn.clone(),
                    table: arn::name(table).to_owned(),
                    stream_arn: stream_arn.clone(),
                    batch_size,
                    retries_max: *max_retries,
                    bisect: *bisect,
                    report_item_failures: *report_item_failures,
                    on_failure_bucket: on_failure_bucket_arn.as_deref().map(|bucket| arn::name(bucket).to_owned()),
                    filters: filters.iter().map(Pattern::parse).collect::<Result<_, _>>()?,
                    trying: Mutex::new(Trying { attempts: 0, limit: batch_size, not_before_ms: i64::MIN }),
                });
            }
        }
        Ok(sources)
    }

    /// Takes one batch, if there is one and its time has come, through the function.
    pub async fn pass(&self) -> Result<bool, RunnerError> {
        let trying = self.trying();
        if trying.not_before_ms > self.aws.engine().now_ms() || self.is_idle(trying) {
            return Ok(false);
        }
        let mut records = self.pending(trying.limit)?;
        let Some(last) = records.last().map(|record| record.seq) else { return Ok(false) };
        if !STREAM_SOURCE_ACTIONS.iter().all(|action| self.may(action, &self.stream_arn)) {
            return Ok(false);
        }
        // What no filter lets through counts as taken, and the function never hears of it.
        let passed_over = records.iter().take_while(|record| !self.wants(record)).last();
        if let Some(record) = passed_over {
            self.done(record.seq)?;
            return Ok(true);
        }
        records.retain(|record| self.wants(record));
        let event = json!({ "Records": records.iter().map(|record| &record.json).collect::<Vec<_>>() });
        match self.invoke(&event).await {
            Ok(None) if self.lambdas.faults().is_some_and(|faults| faults.batch_again(&self.id)) => {}
            Ok(None) => self.done(last)?,
            Ok(Some(first_failed)) => {
                self.begin_again_at(&first_failed, &records, trying, "not every record was taken")?
            }
            Err(error) => self.failed(&records, trying, &error)?,
        }
        Ok(true)
    }

    /// Answers the sequence number to begin again at, if the function named one.
    async fn invoke(&self, event: &Value) -> Result<Option<String>, String> {
        let answer = self.lambdas.invoke(&self.function, event.to_string().into()).await;
        let answer = answer.map_err(|error| error.to_string())?;
        if !self.report_item_failures {
            return Ok(None);
        }
        let response: BatchResponse = serde_json::from_slice(&answer).map_err(|error| error.to_string())?;
        // Lambda takes the lowest number that is named as the checkpoint.
        Ok(response
            .batch_item_failures
            .into_iter()
            .map(|it| it.item_identifier)
            .min_by_key(|it| it.parse::<u128>().ok()))
    }

    fn begin_again_at(
        &self,
        sequence_number: &str,
        records: &[StreamRecord],
        trying: Trying,
        reason: &str,
    ) -> Result<(), RunnerError> {
        let number = |record: &StreamRecord| {
            record.json.pointer("/dynamodb/SequenceNumber").and_then(Value::as_str) == Some(sequence_number)
        };
        let Some(index) = records.iter().position(number) else {
            return self.failed(records, trying, "the answer names a record that was not in the batch");
        };
        let (taken, rest) = records.split_at(index);
        let Some(last_taken) = taken.last() else { return self.failed(records, trying, reason) };
        self.done(last_taken.seq)?;
        self.failed(rest, Trying { attempts: 0, ..trying }, reason)
    }

    /// Tries again later, with half the batch where that helps to find the bad record; after the last try sets the batch aside.
    fn failed(&self, records: &[StreamRecord], trying: Trying, reason: &str) -> Result<(), RunnerError> {
        let attempts = trying.attempts + 1;
        tracing::warn!(function = %self.function, reason, attempts, records = records.len(), "stream batch failed");
        if self.bisect && records.len() > 1 {
            self.try_again(Trying { attempts: 0, limit: records.len() / 2, not_before_ms: i64::MIN });
            return Ok(());
        }
        if self.retries_max.is_some_and(|retries_max| attempts > retries_max) {
            self.set_aside(records, attempts, reason)?;
            return records.last().map_or(Ok(()), |last| self.done(last.seq));
        }
        let wait = BACK_OFF_FIRST_MS.saturating_mul(1 << attempts.min(12)).min(BACK_OFF_MAX_MS);
        let not_before_ms = self.aws.engine().now_ms().saturating_add(wait);
        self.try_again(Trying { attempts, limit: records.len(), not_before_ms });
        Ok(())
    }

    /// Lambda's on-failure record, with the payload, under the function's own permission.
    fn set_aside(&self, records: &[StreamRecord], attempts: u32, reason: &str) -> Result<(), RunnerError> {
        let Some(bucket) = &self.on_failure_bucket else { return Ok(()) };
        let note = GivenUp {
            mapping: &self.id,
            function_arn: &self.function_arn,
            table: &self.table,
            stream_arn: &self.stream_arn,
            records,
            attempts,
            at_ms: self.aws.engine().now_ms(),
            id: self.aws.engine().next_id(),
        };
        let key = note.key();
        // Lambda looks for the bucket first.
        if !self.may("s3:ListBucket", &arn::bucket(bucket)) || !self.may("s3:PutObject", &arn::object(bucket, &key)) {
            tracing::error!(function = %self.function, "a failed batch could not be stored and is lost");
            return Ok(());
        }
        let body = note.body();
        tracing::error!(function = %self.function, key, reason, "a batch was set aside");
        self.aws.s3.put(bucket, &key, body.to_string().into())?;
        Ok(())
    }

    /// Lambda reads the stream and keeps what failed as the function.
    fn may(&self, action: &str, resource: &str) -> bool {
        let allowed = self.policies.allow(&self.function, action, resource);
        if let Err(denied) = &allowed {
            tracing::error!(function = %self.function, %denied, "an event source mapping is not allowed to work");
        }
        allowed.is_ok()
    }

    fn wants(&self, record: &StreamRecord) -> bool {
        let matches = |filter: &Pattern| filter.matches(&record.json, Presence::OfAnyValue);
        self.filters.is_empty() || self.filters.iter().any(matches)
    }

    fn done(&self, seq: i64) -> Result<(), RunnerError> {
        self.aws.engine().set_position(&self.id, seq)?;
        self.try_again(Trying { attempts: 0, limit: self.batch_size, not_before_ms: i64::MIN });
        Ok(())
    }

    fn pending(&self, limit: usize) -> Result<Vec<StreamRecord>, RunnerError> {
        let position = self.aws.engine().position(&self.id)?.unwrap_or(0);
        Ok(self.aws.dynamodb.stream_records(&self.table, position, limit.max(1))?)
    }

    /// Whether it takes nothing at the moment, as is decided for the first try of a batch.
    fn is_idle(&self, trying: Trying) -> bool {
        let now_ms = self.aws.engine().now_ms();
        let until_ms = self.lambdas.faults().and_then(|faults| faults.idle_until_ms(&self.id, now_ms));
        let Some(until_ms) = until_ms.filter(|at_ms| *at_ms > now_ms) else { return false };
        self.try_again(Trying { not_before_ms: until_ms, ..trying });
        true
    }

    /// When the next try is due, if one is waited for.
    pub fn next_due_ms(&self) -> Option<i64> {
        Some(self.trying().not_before_ms).filter(|at| *at != i64::MIN)
    }

    /// Whether any record has not been taken.
    pub fn waiting(&self) -> Result<bool, RunnerError> {
        Ok(!self.pending(1)?.is_empty())
    }

    fn trying(&self) -> Trying {
        *self.trying.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn try_again(&self, trying: Trying) {
        *self.trying.lock().unwrap_or_else(PoisonError::into_inner) = trying;
    }
}
