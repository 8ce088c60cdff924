//! A document as lines, so that two of them can be compared by line.

use serde_json::Value;

/// Each leaf with the way to it.
pub(super) fn lines(path: &str, value: &Value, into: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                lines(&format!("{path}/{name}"), value, into);
            }
        }
        Value::Array(items) => {
            into.push(format!("{path} has {}", items.len()));
            for (index, value) in items.iter().enumerate() {
                lines(&format!("{path}/{index}"), value, into);
            }
        }
        Value::String(text) => into.push(format!("{path} = {text}")),
        Value::Null | Value::Bool(_) | Value::Number(_) => into.push(format!("{path} = {value}")),
    }
}
