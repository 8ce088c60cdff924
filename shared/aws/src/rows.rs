//! Projection rows on DynamoDB: `pk`, `sk`, `d` the document; a view row also has `v` the version applied, `h` its hash and `st` the
//! stream; a total has `n`, its count of smallest units (38 digits at most, more than any i128 balance that can be reached).

pub(crate) mod generations;

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use app::{
    commit::Hash,
    ports::PortError,
    projection::{self, Applied, Change, Generation, Generations as _, RowChange, RowKey, Rows},
};
use async_trait::async_trait;
use aws_sdk_dynamodb::{
    Client,
    error::BuildError,
    operation::transact_write_items::TransactWriteItemsError,
    primitives::Blob,
    types::{AttributeValue, Delete, Put, TransactWriteItem, Update},
};
use domain::ids::{StreamId, Version};

use crate::error::{port, unbuilt};

const APPLY: &str = "apply a commit to its rows";

/// One context's projections table.
#[derive(Debug, Clone)]
pub struct DynamoRows {
    client: Client,
    table: String,
}

impl DynamoRows {
    /// Over a table.
    #[must_use]
    pub fn new(client: Client, table: impl Into<String>) -> Self {
        Self { client, table: table.into() }
    }

    /// Everything that the table's view rows say was applied, by the stream that they show: rows of the generations that are
    /// read. For verification.
    ///
    /// # Errors
    /// When the table cannot be read.
    pub async fn all_applied(&self) -> Result<BTreeMap<StreamId, Applied>, PortError> {
        let current = self.current().await?;
        let mut all = BTreeMap::new();
        let mut start = None;
        loop {
            let page = self
                .client
                .scan()
                .table_name(&self.table)
                .projection_expression("pk, sk, st, v, h")
                .filter_expression("attribute_exists(st)")
                .set_exclusive_start_key(start)
                .send()
                .await
                .map_err(|error| port("scan view rows", &error))?;
            for item in page.items().iter().filter(|item| current.reads(item)) {
                let stream = item.get("st").and_then(|it| it.as_s().ok()).and_then(|it| it.parse().ok());
                if let (Some(stream), Some(applied)) = (stream, applied_of(item)) {
                    all.insert(stream, applied);
                }
            }
            start = page.last_evaluated_key().cloned();
            if start.is_none() {
                return Ok(all);
            }
        }
    }

    /// Which generation of each projection is read.
    pub(crate) async fn current(&self) -> Result<Current, PortError> {
        let mut current = Vec::new();
        for shown in projection::all() {
            let generation = self.pointer(shown.projection.name()).await?.current;
            current.push((shown.projection, generation));
        }
        Ok(Current(current))
    }

    fn view_put(&self, change: &Change) -> Result<Put, BuildError> {
        let mut item = key_of(&change.key);
        item.extend([
            ("st".to_owned(), AttributeValue::S(change.stream.to_string())),
            ("v".to_owned(), AttributeValue::N(change.version.0.to_string())),
            ("h".to_owned(), AttributeValue::B(Blob::new(change.hash.0))),
            ("d".to_owned(), AttributeValue::S(change.document.clone())),
        ]);
        let put = Put::builder().table_name(&self.table).set_item(Some(item));
        match change.expected {
            None => put.condition_expression("attribute_not_exists(pk)"),
            Some(version) => put
                .condition_expression("v = :expected")
                .expression_attribute_values(":expected", AttributeValue::N(version.0.to_string())),
        }
        .build()
    }

    fn other(&self, change: &RowChange) -> Result<TransactWriteItem, BuildError> {
        match change {
            RowChange::Put(key, document) => {
                let mut item = key_of(key);
                item.insert("d".to_owned(), AttributeValue::S(document.clone()));
                let put = Put::builder().table_name(&self.table).set_item(Some(item)).build()?;
                Ok(TransactWriteItem::builder().put(put).build())
            }
            RowChange::Add(key, money) => {
                let update = Update::builder()
                    .table_name(&self.table)
                    .set_key(Some(key_of(key)))
                    .update_expression("ADD n :units")
                    .expression_attribute_values(":units", AttributeValue::N(money.units().to_string()))
                    .build()?;
                Ok(TransactWriteItem::builder().update(update).build())
            }
            RowChange::Remove(key) => {
                let delete = Delete::builder().table_name(&self.table).set_key(Some(key_of(key))).build()?;
                Ok(TransactWriteItem::builder().delete(delete).build())
            }
        }
    }
}

/// Which generation of each projection is read, for scans of a whole table.
pub(crate) struct Current(Vec<(Arc<dyn projection::Projection>, Generation)>);

impl Current {
    /// Whether queries read this row.
    pub(crate) fn reads(&self, item: &HashMap<String, AttributeValue>) -> bool {
        let Some((generation, key)) = stored_key_of(item).map(|stored| Generation::split(&stored)) else {
            return false;
        };
        self.0.iter().any(|(projection, current)| *current == generation && projection.owns(&key))
    }
}

#[async_trait]
impl Rows for DynamoRows {
    async fn shown(&self, key: &RowKey) -> Result<Option<(Applied, String)>, PortError> {
        const SHOWN: &str = "read what a view row shows";
        let answer = self
            .client
            .get_item()
            .table_name(&self.table)
            .set_key(Some(key_of(key)))
            .projection_expression("v, h, d")
            .consistent_read(true)
            .send()
            .await
            .map_err(|error| port(SHOWN, &error))?;
        let shown = |item| Some((applied_of(item)?, item.get("d")?.as_s().ok()?.clone()));
        answer.item().map(|item| shown(item).ok_or(PortError::Corrupt { attempted: SHOWN })).transpose()
    }

    async fn apply(&self, change: Change) -> Result<bool, PortError> {
        let put = self.view_put(&change).map_err(|error| unbuilt(APPLY, error))?;
        let mut items = vec![TransactWriteItem::builder().put(put).build()];
        for other in &change.others {
            items.push(self.other(other).map_err(|error| unbuilt(APPLY, error))?);
        }
        match self.client.transact_write_items().set_transact_items(Some(items)).send().await {
            Ok(_) => Ok(true),
            Err(error) => match error.as_service_error() {
                // The view row moved, or someone is moving it or one of the totals right now: look again.
                Some(TransactWriteItemsError::TransactionCanceledException(cancelled))
                    if cancelled.cancellation_reasons().iter().any(|reason| {
                        matches!(reason.code(), Some("ConditionalCheckFailed" | "TransactionConflict"))
                    }) =>
                {
                    Ok(false)
                }
                _ => Err(port(APPLY, &error)),
            },
        }
    }
}

fn key_of(key: &RowKey) -> HashMap<String, AttributeValue> {
    HashMap::from([
        ("pk".to_owned(), AttributeValue::S(key.pk.clone())),
        ("sk".to_owned(), AttributeValue::S(key.sk.clone())),
    ])
}

fn stored_key_of(item: &HashMap<String, AttributeValue>) -> Option<RowKey> {
    let text = |name: &str| item.get(name)?.as_s().ok();
    Some(RowKey::new(text("pk")?, text("sk")?))
}

fn applied_of(item: &HashMap<String, AttributeValue>) -> Option<Applied> {
    let version = item.get("v")?.as_n().ok()?.parse().ok()?;
    let hash = Hash::from_slice(item.get("h")?.as_b().ok()?.as_ref())?;
    Some(Applied { version: Version(version), hash })
}
