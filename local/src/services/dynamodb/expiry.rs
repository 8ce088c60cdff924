//! When items expire: asked of the store, so that a clock that is moved stops where something ends.

use dynoxide::storage::Storage;

use crate::engine::EngineError;

/// When the next item can be swept away. An item has expired in the second after the one that it names.
///
/// It reads the pinned store's own tables, as there is no public way to ask.
pub(super) fn next_ms(items: &Storage) -> Result<Option<i64>, EngineError> {
    let tables = items.list_ttl_enabled_tables().map_err(|error| EngineError::Dynamo(error.to_string()))?;
    let mut next: Option<i64> = None;
    for table in tables {
        let Some(attribute) = table.ttl_attribute else { continue };
        let name = table.table_name.replace('"', "\"\"");
        let path = format!("$.\"{attribute}\".N");
        let mut statement = items.conn().prepare_cached(&format!(
            "SELECT MIN(CAST(json_extract(item_json, ?1) AS INTEGER)) FROM \"{name}\" \
             WHERE CAST(json_extract(item_json, ?1) AS INTEGER) >= 0"
        ))?;
        let expires_s: Option<i64> = statement.query_row([path], |row| row.get(0))?;
        next = [next, expires_s].into_iter().flatten().min();
    }
    Ok(next.map(|expires_s| expires_s.saturating_add(1).saturating_mul(1_000)))
}
