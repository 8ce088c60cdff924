//! Tables as the template describes them.

use std::str::FromStr;

use dynoxide::{actions::create_table, storage::Storage};
use serde_json::{Value, json};

use super::operations::settle;
use crate::{engine::EngineError, services::arn::STREAM_LABEL};

/// A table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableSpec {
    /// Its name.
    pub name: String,
    /// The partition key.
    pub partition: KeyAttribute,
    /// The sort key.
    pub sort: Option<KeyAttribute>,
    /// What its stream shows, if it has one.
    pub stream: Option<StreamView>,
    /// The attribute that says when an item expires.
    pub ttl: Option<String>,
}

/// A key attribute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyAttribute {
    /// Its name.
    pub name: String,
    /// Its type.
    pub kind: KeyKind,
}

/// The type of a key attribute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyKind {
    /// A string.
    S,
    /// A number.
    N,
    /// Bytes.
    B,
}

impl KeyKind {
    fn code(self) -> &'static str {
        match self {
            Self::S => "S",
            Self::N => "N",
            Self::B => "B",
        }
    }
}

impl FromStr for KeyKind {
    type Err = EngineError;

    fn from_str(text: &str) -> Result<Self, EngineError> {
        [Self::S, Self::N, Self::B]
            .into_iter()
            .find(|kind| kind.code() == text)
            .ok_or_else(|| EngineError::unsupported(format!("the AttributeType {text}")))
    }
}

/// What a stream record shows of its item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StreamView {
    /// The keys only.
    KeysOnly,
    /// The item after the change.
    NewImage,
    /// The item before the change.
    OldImage,
    /// Both.
    NewAndOldImages,
}

impl StreamView {
    fn code(self) -> &'static str {
        match self {
            Self::KeysOnly => "KEYS_ONLY",
            Self::NewImage => "NEW_IMAGE",
            Self::OldImage => "OLD_IMAGE",
            Self::NewAndOldImages => "NEW_AND_OLD_IMAGES",
        }
    }
}

impl FromStr for StreamView {
    type Err = EngineError;

    fn from_str(text: &str) -> Result<Self, EngineError> {
        [Self::KeysOnly, Self::NewImage, Self::OldImage, Self::NewAndOldImages]
            .into_iter()
            .find(|view| view.code() == text)
            .ok_or_else(|| EngineError::unsupported(format!("the StreamViewType {text}")))
    }
}

/// Makes the table if it is missing and brings its stream and expiry to what `spec` says.
pub(super) fn create(items: &Storage, spec: &TableSpec) -> Result<(), EngineError> {
    let failed = |error: dynoxide::DynoxideError| EngineError::Dynamo(error.to_string());
    let (schema, attributes) = keys(spec);
    match items.get_table_metadata(&spec.name).map_err(failed)? {
        None => {
            let request = serde_json::from_value(json!({
                "TableName": spec.name,
                "KeySchema": schema,
                "AttributeDefinitions": attributes,
                "BillingMode": "PAY_PER_REQUEST",
            }))
            .map_err(|error| EngineError::Dynamo(error.to_string()))?;
            // The store writes the description first and the table second: half of it would stay half for ever.
            items.begin_transaction().map_err(failed)?;
            let made = settle(create_table::execute(items, request));
            if made.is_ok() { items.commit() } else { items.rollback() }.map_err(failed)?;
            made.map_err(failed)?;
        }
        Some(table) => {
            let stored = |text: &str| serde_json::from_str::<Value>(text).unwrap_or_default();
            if stored(&table.key_schema) != schema || stored(&table.attribute_definitions) != attributes {
                return Err(EngineError::Differs { what: format!("the table {}", spec.name) });
            }
        }
    }
    match spec.stream {
        Some(view) => items.enable_stream(&spec.name, view.code(), STREAM_LABEL).map_err(failed)?,
        None => items.disable_stream(&spec.name).map_err(failed)?,
    }
    items.update_ttl_config(&spec.name, spec.ttl.as_deref(), spec.ttl.is_some()).map_err(failed)
}

fn keys(spec: &TableSpec) -> (Value, Value) {
    let keys: Vec<_> = [Some((&spec.partition, "HASH")), spec.sort.as_ref().map(|sort| (sort, "RANGE"))]
        .into_iter()
        .flatten()
        .collect();
    let schema = keys.iter().map(|(key, role)| json!({ "AttributeName": key.name, "KeyType": role })).collect();
    let attributes =
        keys.iter().map(|(key, _)| json!({ "AttributeName": key.name, "AttributeType": key.kind.code() })).collect();
    (schema, attributes)
}
