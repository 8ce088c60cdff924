//! What Lambda keeps of a batch that it gives up: its on-failure record for a bucket, in its own form and under its own kind of key.

use serde_json::{Value, json};
use uuid::Uuid;

use crate::services::{StreamRecord, clock};

/// A batch that was tried often enough.
pub(super) struct GivenUp<'a> {
    /// The event source mapping.
    pub mapping: &'a str,
    pub function_arn: &'a str,
    pub table: &'a str,
    pub stream_arn: &'a str,
    pub records: &'a [StreamRecord],
    pub attempts: u32,
    pub at_ms: i64,
    pub id: Uuid,
}

impl GivenUp<'_> {
    /// `aws/lambda/<mapping>/<shard>/2026/01/05/2026-01-05T10.00.00-<id>`.
    pub fn key(&self) -> String {
        let mapping = Uuid::new_v5(&Uuid::NAMESPACE_OID, self.mapping.as_bytes());
        let at = clock::seconds(self.at_ms);
        let (date, time) = at.trim_end_matches('Z').split_once('T').unwrap_or_default();
        let (folder, time) = (date.replace('-', "/"), time.replace(':', "."));
        format!("aws/lambda/{mapping}/{}/{folder}/{date}T{time}-{}", self.shard(), self.id)
    }

    /// The record, with the payload that only a bucket gets.
    pub fn body(&self) -> Value {
        let number = |record: Option<&StreamRecord>| {
            record.and_then(|it| it.json.pointer("/dynamodb/SequenceNumber")).cloned().unwrap_or_default()
        };
        let arrival = |record: Option<&StreamRecord>| record.map(|it| clock::seconds(it.created_at_ms));
        let (first, last) = (self.records.first(), self.records.last());
        json!({
            "requestContext": {
                "requestId": self.id,
                "functionArn": self.function_arn,
                "condition": "RetryAttemptsExhausted",
                "approximateInvokeCount": self.attempts,
            },
            "responseContext": { "statusCode": 200, "executedVersion": "$LATEST", "functionError": "Unhandled" },
            "version": "1.0",
            "timestamp": clock::milliseconds(self.at_ms),
            "DDBStreamBatchInfo": {
                "shardId": self.shard(),
                "startSequenceNumber": number(first),
                "endSequenceNumber": number(last),
                "approximateArrivalOfFirstRecord": arrival(first),
                "approximateArrivalOfLastRecord": arrival(last),
                "batchSize": self.records.len(),
                "streamArn": self.stream_arn,
            },
            "payload": { "Records": self.records.iter().map(|record| &record.json).collect::<Vec<_>>() },
        })
    }

    /// A table has one shard here.
    fn shard(&self) -> String {
        format!("shardId-{:020}-{}", 1, self.table)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_batch_that_is_given_up_lies_under_its_mapping_shard_and_day() {
        let record = |seq| StreamRecord {
            seq,
            created_at_ms: 1_767_607_200_000,
            json: json!({ "dynamodb": { "SequenceNumber": seq.to_string() } }),
        };
        let records = [record(7), record(8)];
        let note = GivenUp {
            mapping: "Relay/Commits",
            function_arn: "arn:aws:lambda:eu-west-1:000000000000:function:relay",
            table: "events",
            stream_arn: "arn:aws:dynamodb:eu-west-1:000000000000:table/events/stream/label",
            records: &records,
            attempts: 11,
            at_ms: 1_767_607_261_500,
            id: Uuid::nil(),
        };
        let key = note.key();
        let (_, dated) = key.split_once("/shardId-00000000000000000001-events/").unwrap();
        assert_eq!(dated, "2026/01/05/2026-01-05T10.01.01-00000000-0000-0000-0000-000000000000");
        let body = note.body();
        assert_eq!(body["timestamp"], "2026-01-05T10:01:01.500Z");
        assert_eq!(body["requestContext"]["approximateInvokeCount"], 11);
        let batch = &body["DDBStreamBatchInfo"];
        assert_eq!((&batch["startSequenceNumber"], &batch["endSequenceNumber"]), (&json!("7"), &json!("8")));
        assert_eq!(batch["approximateArrivalOfLastRecord"], "2026-01-05T10:00:00Z");
        assert_eq!(body["payload"]["Records"].as_array().map(Vec::len), Some(2));
    }
}
