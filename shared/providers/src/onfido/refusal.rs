//! What an answer other than a success means to whoever asked.

use app::ports::{PortError, Reason};
use http::{Response, StatusCode};
use serde::Deserialize;
use serde_json::{Map, Value};

const NAME_CHARS_MAX: usize = 64;
const FIELDS_MAX: usize = 10;

#[derive(Deserialize)]
struct Body {
    error: Details,
}

/// The message is left unread: it may repeat what was sent.
#[derive(Deserialize)]
struct Details {
    #[serde(rename = "type", default)]
    kind: String,
    #[serde(default)]
    fields: Map<String, Value>,
}

/// Reads an answer that is no success.
pub(super) fn port_error(attempted: &'static str, response: &Response<impl AsRef<[u8]>>) -> PortError {
    let reason = || reason(response.status(), response.body().as_ref());
    match response.status() {
        StatusCode::NOT_FOUND | StatusCode::GONE => PortError::Missing { attempted },
        StatusCode::TOO_MANY_REQUESTS => PortError::Throttled { attempted },
        // A wrong or withdrawn token is ours to mend. Until then the work waits, and nobody is refused for it.
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => PortError::Unavailable { attempted, reason: reason() },
        StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_EARLY => PortError::Unavailable { attempted, reason: reason() },
        status if status.is_client_error() => PortError::Refused { attempted, reason: reason() },
        _ => PortError::Unavailable { attempted, reason: reason() },
    }
}

/// The status, the provider's own code, and the names of the fields; never a value.
fn reason(status: StatusCode, body: &[u8]) -> Reason {
    let mut text = status.as_str().to_owned();
    if let Ok(Body { error }) = serde_json::from_slice(body) {
        if is_name(&error.kind) {
            text = format!("{text} {}", error.kind);
        }
        let fields: Vec<String> = error.fields.iter().flat_map(|(name, value)| names(name, value)).collect();
        if !fields.is_empty() {
            text = format!("{text}: {}", fields.get(..FIELDS_MAX).unwrap_or(&fields).join(", "));
        }
    }
    text.into()
}

/// `address` with `[{"country": […]}]` becomes `address.country`.
fn names(name: &str, value: &Value) -> Vec<String> {
    if !is_name(name) {
        return Vec::new();
    }
    let inner: Vec<&Map<String, Value>> = match value {
        Value::Object(fields) => vec![fields],
        Value::Array(items) => items.iter().filter_map(Value::as_object).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Vec::new(),
    };
    let inner: Vec<String> = inner
        .into_iter()
        .flat_map(Map::keys)
        .filter(|field| is_name(field))
        .map(|field| format!("{name}.{field}"))
        .collect();
    if inner.is_empty() { vec![name.to_owned()] } else { inner }
}

fn is_name(text: &str) -> bool {
    let is_name_byte = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    !text.is_empty() && text.len() <= NAME_CHARS_MAX && text.bytes().all(is_name_byte)
}
