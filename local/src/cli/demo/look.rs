//! Looking at what the bank answers, and insisting on it.

use std::time::Duration;

use serde_json::Value;

use crate::cli::CliError;

/// How long something may take that happens behind the scenes.
const PATIENCE: Duration = Duration::from_secs(20);
const LOOK_AGAIN_AFTER: Duration = Duration::from_millis(50);

/// Looks until there is something to see.
pub async fn wait_for<F>(what: &str, mut look: impl FnMut() -> F) -> Result<Value, CliError>
where
    F: Future<Output = Result<Option<Value>, CliError>>,
{
    let patience = tokio::time::timeout(PATIENCE, async {
        loop {
            if let Some(seen) = look().await? {
                return Ok(seen);
            }
            tokio::time::sleep(LOOK_AGAIN_AFTER).await;
        }
    });
    patience.await.map_err(|_| unexpected(&format!("no {what} within {PATIENCE:?}")))?
}

/// Fails loudly on any difference.
pub fn expect(what: &str, expected: &str, seen: &str) -> Result<(), CliError> {
    if expected == seen { Ok(()) } else { Err(unexpected(&format!("{what} is {seen}, not {expected}"))) }
}

/// A demo that ends here.
pub fn unexpected(what: &str) -> CliError {
    CliError::Unexpected(what.to_owned())
}

/// The value at a place, or null.
pub fn at<'a>(value: &'a Value, pointer: &str) -> &'a Value {
    value.pointer(pointer).unwrap_or(&Value::Null)
}

/// A text as it is, anything else as JSON.
pub fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// The text at a place.
pub fn text_at(value: &Value, pointer: &str) -> String {
    text(at(value, pointer))
}

/// A list's items; nothing has none.
pub fn list_at(value: &Value, pointer: &str) -> Vec<Value> {
    at(value, pointer).as_array().cloned().unwrap_or_default()
}
