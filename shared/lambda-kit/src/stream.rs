//! Reading a DynamoDB stream event.

use aws_lambda_events::event::dynamodb::Event;
pub use aws_lambda_events::event::dynamodb::EventRecord;
use aws_lambda_events::event::streams::{DynamoDbBatchItemFailure, DynamoDbEventResponse};
use bytes::Bytes;

use crate::{FunctionError, answer, event};

/// The records of a stream event, oldest first.
///
/// # Errors
/// `InvalidEvent` when it is none.
pub fn records(bytes: &Bytes) -> Result<Vec<EventRecord>, FunctionError> {
    event::<Event>(bytes).map(|event| event.records)
}

/// The answer that makes Lambda begin again at the first failed record, or go on if there is none.
///
/// # Errors
/// `Bug` when it does not serialise.
pub fn begin_again_at(first_failed: Option<String>) -> Result<Bytes, FunctionError> {
    let mut response = DynamoDbEventResponse::default();
    if let Some(sequence_number) = first_failed {
        let mut failure = DynamoDbBatchItemFailure::default();
        failure.item_identifier = Some(sequence_number);
        response.batch_item_failures.push(failure);
    }
    answer(&response)
}
