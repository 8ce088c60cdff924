//! Limits in one table of DynamoDB. `pk` is `rate#<provider>`, with `tat`, or `permits#<workflow>`, with `holders`.

mod permits;
mod rate;

use std::collections::HashMap;

use aws_sdk_dynamodb::{error::SdkError, operation::update_item::UpdateItemError, types::AttributeValue};

pub use permits::{DynamoPermits, Place};
pub use rate::{DynamoRate, Quota};

type Item = HashMap<String, AttributeValue>;

/// The item as it is, if that is why an update was refused; nothing in it if there is none.
fn refused<R>(error: &SdkError<UpdateItemError, R>) -> Option<Item> {
    match error.as_service_error() {
        Some(UpdateItemError::ConditionalCheckFailedException(failed)) => Some(failed.item.clone().unwrap_or_default()),
        _ => None,
    }
}

/// Milliseconds since 1970, as a number of DynamoDB.
fn number(ms: i64) -> AttributeValue {
    AttributeValue::N(ms.to_string())
}

fn ms_of(value: Option<&AttributeValue>) -> Option<i64> {
    value.and_then(|it| it.as_n().ok()).and_then(|it| it.parse().ok())
}
