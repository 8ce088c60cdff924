//! Which permissions a call needs: one for each table, and inside a transaction one for each action.

use serde_json::Value;

use super::Refusal;
use crate::services::{arn, fault::Fault};

/// The (action, resource) pairs that `operation` needs with this `body`.
pub(super) fn needed(operation: &str, body: &[u8]) -> Result<Vec<(String, String)>, Refusal> {
    let body: Value = serde_json::from_slice(body)
        .map_err(|error| Fault::new("SerializationException", format!("The body is not JSON: {error}")))?;
    let mut needed = match operation {
        "TransactWriteItems" => actions(&body, &["Put", "Update", "Delete", "ConditionCheck"], |action| match action {
            "ConditionCheck" => "ConditionCheckItem".to_owned(),
            other => format!("{other}Item"),
        }),
        // There is no permission of its own for a transaction either way.
        "TransactGetItems" => actions(&body, &["Get"], |action| format!("{action}Item")),
        "BatchGetItem" | "BatchWriteItem" => body
            .get("RequestItems")
            .and_then(Value::as_object)
            .into_iter()
            .flat_map(|tables| tables.keys())
            .map(|table| (operation.to_owned(), arn::table(arn::name(table))))
            .collect(),
        "ListTables" => vec![(operation.to_owned(), "*".to_owned())],
        _ => body
            .get("TableName")
            .and_then(Value::as_str)
            .map(|table| (operation.to_owned(), resource(table, body.get("IndexName").and_then(Value::as_str))))
            .into_iter()
            .collect(),
    };
    needed.sort();
    needed.dedup();
    Ok(needed)
}

fn actions(body: &Value, kinds: &[&str], permission: impl Fn(&str) -> String) -> Vec<(String, String)> {
    let items = body.get("TransactItems").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    items
        .iter()
        .flat_map(|item| kinds.iter().filter_map(|kind| Some((*kind, item.get(kind)?.get("TableName")?.as_str()?))))
        .map(|(kind, table)| (permission(kind), arn::table(arn::name(table))))
        .collect()
}

fn resource(table: &str, index: Option<&str>) -> String {
    let table = arn::table(arn::name(table));
    match index {
        Some(index) => format!("{table}/index/{index}"),
        None => table,
    }
}

/// Whether an action is about items and not about the table.
pub(super) fn reaches_items(action: &str) -> bool {
    !matches!(action, "DescribeTable" | "DescribeTimeToLive" | "ListTables")
}
