//! One call, one action of the store.

use bytes::Bytes;
use dynoxide::{
    DynoxideError,
    actions::{
        batch_get_item, batch_write_item, delete_item, describe_table, describe_time_to_live, get_item, list_tables,
        put_item, query, scan, transact_get_items, transact_write_items, update_item, vector_lifecycle,
    },
    storage::Storage,
};
use futures::FutureExt;
use serde::{Serialize, de::DeserializeOwned};

use super::Refusal;
use crate::services::{arn::REGION, fault::Fault};

/// Whether an operation can bring stream records.
pub(super) fn writes(operation: &str) -> bool {
    matches!(operation, "PutItem" | "UpdateItem" | "DeleteItem" | "BatchWriteItem" | "TransactWriteItems")
}

/// Runs an operation on the store. Tables come from the template, so nothing here makes or drops one.
pub(super) fn run(items: &Storage, operation: &str, body: &Bytes) -> Result<Bytes, Refusal> {
    match operation {
        "GetItem" => answer(get_item::execute(items, read(body)?)),
        "PutItem" => answer(put_item::execute(items, read(body)?)),
        "UpdateItem" => answer(update_item::execute(items, read(body)?)),
        "DeleteItem" => answer(delete_item::execute(items, read(body)?)),
        "Query" => answer(query::execute(items, read(body)?)),
        "Scan" => answer(scan::execute(items, read(body)?)),
        "BatchGetItem" => answer(batch_get_item::execute(items, read(body)?)),
        "BatchWriteItem" => answer(batch_write_item::execute(items, read(body)?)),
        "TransactGetItems" => answer(transact_get_items::execute(items, read(body)?)),
        "TransactWriteItems" => answer(transact_write_items::execute(items, read(body)?)),
        "ListTables" => answer(list_tables::execute(items, read(body)?)),
        "DescribeTimeToLive" => answer(describe_time_to_live::execute(items, read(body)?)),
        "DescribeTable" => {
            let lifecycle = vector_lifecycle::VectorIndexLifecycle::new();
            let body = answer(describe_table::execute(items, read(body)?, &lifecycle))?;
            Ok(in_our_region(&body))
        }
        other => Err(Fault::unknown_operation("DynamoDB", other).into()),
    }
}

/// Drives one of the store's futures. They never wait, because its native backend is synchronous.
pub(super) fn settle<T>(future: impl Future<Output = dynoxide::Result<T>>) -> dynoxide::Result<T> {
    future.now_or_never().unwrap_or_else(|| {
        Err(DynoxideError::InternalServerError("the embedded store waited for something".to_owned()))
    })
}

fn answer<T: Serialize>(future: impl Future<Output = dynoxide::Result<T>>) -> Result<Bytes, Refusal> {
    let answer = settle(future)?;
    let body = serde_json::to_vec(&answer).map_err(|error| DynoxideError::InternalServerError(error.to_string()))?;
    Ok(Bytes::from(body))
}

fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, Refusal> {
    serde_json::from_slice(body).map_err(|error| {
        let text = error.to_string();
        // The store marks its own findings; the parser adds a position that AWS does not show.
        let finding = text.rfind(" at line ").and_then(|end| text.get(..end)).unwrap_or(&text);
        for marker in ["VALIDATION_REQUEST:", "VALIDATION_AS_READ:", "VALIDATION:"] {
            if let Some(finding) = finding.strip_prefix(marker) {
                return DynoxideError::ValidationException(finding.to_owned()).into();
            }
        }
        for marker in ["SERIALIZATION_AS_READ:", "SERIALIZATION:"] {
            if let Some(finding) = finding.strip_prefix(marker) {
                return DynoxideError::SerializationException(finding.to_owned()).into();
            }
        }
        if finding.contains("missing field") || finding.contains("Supplied AttributeValue") {
            return DynoxideError::ValidationException(finding.to_owned()).into();
        }
        DynoxideError::SerializationException(finding.to_owned()).into()
    })
}

/// The store has a region of its own in its ARNs.
fn in_our_region(body: &Bytes) -> Bytes {
    match std::str::from_utf8(body) {
        Ok(text) => text.replace("arn:aws:dynamodb:dynoxide:", &format!("arn:aws:dynamodb:{REGION}:")).into(),
        Err(_) => body.clone(),
    }
}
