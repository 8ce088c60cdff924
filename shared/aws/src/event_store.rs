//! The event store on DynamoDB: `pk` is the stream, `sk` the version, one item one commit.
//!
//! Attribute names are one or two letters because an item of at most 1,024 bytes costs one write unit:
//! `c` the commit's body, `p` the previous hash, `s` the state, `sv` the state's version, `k` the stream's kind.

use std::collections::HashMap;

use app::{
    commit::{Commit, Hash},
    store::{EventStore, ScanCursor, StoreError, Transaction},
};
use async_trait::async_trait;
use aws_sdk_dynamodb::{
    Client,
    operation::{put_item::PutItemError, transact_write_items::TransactWriteItemsError},
    primitives::Blob,
    types::{AttributeValue, ConditionCheck, Put, TransactWriteItem},
};
use aws_smithy_runtime_api::client::result::SdkError;
use domain::ids::{StreamId, Version};

use crate::error::store as store_error;

/// The optimistic lock: a version is written once.
const ABSENT: &str = "attribute_not_exists(pk)";

type Item = HashMap<String, AttributeValue>;

/// One context's events table.
#[derive(Debug, Clone)]
pub struct DynamoEventStore {
    client: Client,
    table: String,
}

impl DynamoEventStore {
    /// Over a table.
    #[must_use]
    pub fn new(client: Client, table: impl Into<String>) -> Self {
        Self { client, table: table.into() }
    }

    async fn put(&self, commit: &Commit) -> Result<(), StoreError> {
        let outcome = self
            .client
            .put_item()
            .table_name(&self.table)
            .set_item(Some(item_of(commit)))
            .condition_expression(ABSENT)
            .send()
            .await;
        match outcome {
            Ok(_) => Ok(()),
            Err(error) => match error.as_service_error() {
                Some(PutItemError::ConditionalCheckFailedException(_)) => {
                    // The SDK retries a put whose answer was lost; the second try then meets the first one's item.
                    self.conflict_unless_ours(commit).await
                }
                Some(PutItemError::TransactionConflictException(_)) => Err(StoreError::Conflict),
                _ => Err(store_error("put a commit", &error)),
            },
        }
    }

    async fn conflict_unless_ours(&self, commit: &Commit) -> Result<(), StoreError> {
        let found = self.read(&commit.stream, commit.version, 1).await?;
        // A relaxed append would otherwise record its facts twice. Without a causation id two commands may look alike.
        let ours = commit.names()?.causation.is_some() && found.first() == Some(commit);
        if ours { Ok(()) } else { Err(StoreError::Conflict) }
    }

    async fn transact(&self, transaction: &Transaction) -> Result<(), StoreError> {
        let unbuildable = |error: aws_sdk_dynamodb::error::BuildError| StoreError::Unbuildable(error.to_string());
        let mut items = Vec::new();
        for commit in &transaction.commits {
            let put = Put::builder()
                .table_name(&self.table)
                .set_item(Some(item_of(commit)))
                .condition_expression(ABSENT)
                .build()
                .map_err(unbuildable)?;
            items.push(TransactWriteItem::builder().put(put).build());
        }
        for (stream, version) in &transaction.unchanged {
            let check = ConditionCheck::builder()
                .table_name(&self.table)
                .set_key(Some(key_of(stream, *version)))
                .condition_expression(ABSENT)
                .build()
                .map_err(unbuildable)?;
            items.push(TransactWriteItem::builder().condition_check(check).build());
        }
        match self.client.transact_write_items().set_transact_items(Some(items)).send().await {
            Ok(_) => Ok(()),
            Err(error) if is_conflict(&error) => Err(StoreError::Conflict),
            Err(error) => Err(store_error("commit a transaction", &error)),
        }
    }
}

/// A condition that failed, or another transaction in the way: either way the streams have to be loaded again.
fn is_conflict<R>(error: &SdkError<TransactWriteItemsError, R>) -> bool {
    let Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) = error.as_service_error() else {
        return matches!(error.as_service_error(), Some(TransactWriteItemsError::TransactionInProgressException(_)));
    };
    let codes = || cancelled.cancellation_reasons().iter().filter_map(|reason| reason.code());
    codes().any(|code| matches!(code, "ConditionalCheckFailed" | "TransactionConflict"))
}

#[async_trait]
impl EventStore for DynamoEventStore {
    async fn head(&self, stream: &StreamId) -> Result<Option<Commit>, StoreError> {
        let answer = self
            .client
            .query()
            .table_name(&self.table)
            .key_condition_expression("pk = :pk")
            .expression_attribute_values(":pk", AttributeValue::S(stream.to_string()))
            .scan_index_forward(false)
            .limit(1)
            .consistent_read(true)
            .send()
            .await
            .map_err(|error| store_error("read a head", &error))?;
        answer.items().first().map(commit_of).transpose()
    }

    async fn read(&self, stream: &StreamId, from: Version, limit: u16) -> Result<Vec<Commit>, StoreError> {
        let answer = self
            .client
            .query()
            .table_name(&self.table)
            .key_condition_expression("pk = :pk AND sk >= :from")
            .expression_attribute_values(":pk", AttributeValue::S(stream.to_string()))
            .expression_attribute_values(":from", AttributeValue::N(from.0.to_string()))
            .limit(i32::from(limit))
            .consistent_read(true)
            .send()
            .await
            .map_err(|error| store_error("read commits", &error))?;
        answer.items().iter().map(commit_of).collect()
    }

    async fn append(&self, transaction: Transaction) -> Result<(), StoreError> {
        match (transaction.commits.as_slice(), transaction.unchanged.as_slice()) {
            ([], _) => Err(StoreError::Unbuildable("a transaction without a commit".to_owned())),
            ([commit], []) => self.put(commit).await,
            _ => self.transact(&transaction).await,
        }
    }

    async fn scan(&self, after: Option<ScanCursor>) -> Result<(Vec<Commit>, Option<ScanCursor>), StoreError> {
        let answer = self
            .client
            .scan()
            .table_name(&self.table)
            .set_exclusive_start_key(after.map(|cursor| key_of(&cursor.stream, cursor.version)))
            .consistent_read(true)
            .send()
            .await
            .map_err(|error| store_error("scan commits", &error))?;
        let commits = answer.items().iter().map(commit_of).collect::<Result<Vec<_>, _>>()?;
        let next = answer.last_evaluated_key().map(cursor_of).transpose()?;
        Ok((commits, next))
    }
}

fn key_of(stream: &StreamId, version: Version) -> Item {
    HashMap::from([
        ("pk".to_owned(), AttributeValue::S(stream.to_string())),
        ("sk".to_owned(), AttributeValue::N(version.0.to_string())),
    ])
}

fn item_of(commit: &Commit) -> Item {
    let mut item = key_of(&commit.stream, commit.version);
    item.extend([
        ("c".to_owned(), AttributeValue::S(commit.body.clone())),
        ("p".to_owned(), AttributeValue::B(Blob::new(commit.previous.0))),
        ("s".to_owned(), AttributeValue::S(commit.state.clone())),
        ("sv".to_owned(), AttributeValue::N(commit.state_version.to_string())),
        ("k".to_owned(), AttributeValue::S(commit.stream.kind().to_owned())),
    ]);
    item
}

fn cursor_of(key: &Item) -> Result<ScanCursor, StoreError> {
    let (stream, version) = place_of(key)?;
    Ok(ScanCursor { stream, version })
}

fn place_of(item: &Item) -> Result<(StreamId, Version), StoreError> {
    let stream = text(item, "pk", "pk")?;
    let incomplete = |attribute| StoreError::Incomplete { stream: stream.to_owned(), attribute };
    let version = number(item, "sk").ok_or_else(|| incomplete("sk"))?;
    Ok((stream.parse().map_err(|_| incomplete("pk"))?, Version(version)))
}

/// The commit that an item holds.
fn commit_of(item: &Item) -> Result<Commit, StoreError> {
    let (stream, version) = place_of(item)?;
    let incomplete = |attribute| StoreError::Incomplete { stream: stream.to_string(), attribute };
    let previous = item.get("p").and_then(|it| it.as_b().ok()).and_then(|blob| Hash::from_slice(blob.as_ref()));
    Ok(Commit {
        previous: previous.ok_or_else(|| incomplete("p"))?,
        body: text(item, "c", &stream.to_string())?.to_owned(),
        state: text(item, "s", &stream.to_string())?.to_owned(),
        state_version: number(item, "sv").ok_or_else(|| incomplete("sv"))?,
        stream,
        version,
    })
}

fn text<'a>(item: &'a Item, attribute: &'static str, stream: &str) -> Result<&'a str, StoreError> {
    let value = item.get(attribute).and_then(|it| it.as_s().ok());
    value.map(String::as_str).ok_or_else(|| StoreError::Incomplete { stream: stream.to_owned(), attribute })
}

fn number(item: &Item, attribute: &str) -> Option<u32> {
    item.get(attribute)?.as_n().ok()?.parse().ok()
}
