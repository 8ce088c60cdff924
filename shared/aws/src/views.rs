//! Queries over projection rows: one DynamoDB call each, and now and then one for the pointer that says which rows are read.

mod compliance;
mod identity;
mod ledger;
mod onboarding;
mod pointers;
mod savings;

use std::{collections::HashMap, sync::Arc};

use app::{
    ports::PortError,
    projection::RowKey,
    views::{AtVersion, Page, PageRequest},
};
use aws_sdk_dynamodb::{Client, types::AttributeValue};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::de::DeserializeOwned;

use crate::{DynamoRows, error::port};
use pointers::Pointers;

type Item = HashMap<String, AttributeValue>;

/// One context's projections table, as queries read it.
#[derive(Debug, Clone)]
pub struct DynamoViews {
    client: Client,
    table: String,
    pointers: Arc<Pointers>,
}

impl DynamoViews {
    /// Over a table.
    #[must_use]
    pub fn new(client: Client, table: impl Into<String>) -> Self {
        let pointers = Arc::new(Pointers::new(&client));
        Self { client, table: table.into(), pointers }
    }

    /// Everything that queries read of rows whose sort key begins with `prefix`: a scan of the whole table.
    async fn all<T: DeserializeOwned>(&self, prefix: &str) -> Result<Vec<AtVersion<T>>, PortError> {
        let current = DynamoRows::new(self.client.clone(), self.table.clone()).current().await?;
        let mut all = Vec::new();
        let mut start = None;
        loop {
            let page = self
                .client
                .scan()
                .table_name(&self.table)
                .filter_expression("begins_with(sk, :prefix)")
                .expression_attribute_values(":prefix", AttributeValue::S(prefix.to_owned()))
                .set_exclusive_start_key(start)
                .send()
                .await
                .map_err(|error| port("scan views", &error))?;
            for item in page.items().iter().filter(|item| current.reads(item)) {
                all.push(at_version(item)?);
            }
            start = page.last_evaluated_key().cloned();
            if start.is_none() {
                return Ok(all);
            }
        }
    }

    /// One row of a projection.
    async fn row(&self, projection: &'static str, key: &RowKey) -> Result<Option<Item>, PortError> {
        let key = self.generation(projection).await?.key(key);
        let answer = self
            .client
            .get_item()
            .table_name(&self.table)
            .key("pk", AttributeValue::S(key.pk))
            .key("sk", AttributeValue::S(key.sk))
            .send()
            .await
            .map_err(|error| port("read a view", &error))?;
        Ok(answer.item)
    }

    /// The view rows of a partition whose sort key begins with `prefix`: few.
    async fn few<T: DeserializeOwned>(
        &self,
        projection: &'static str,
        pk: &str,
        prefix: &str,
    ) -> Result<Vec<AtVersion<T>>, PortError> {
        let pk = self.generation(projection).await?.pk(pk);
        let answer = self
            .client
            .query()
            .table_name(&self.table)
            .key_condition_expression("pk = :pk AND begins_with(sk, :prefix)")
            .expression_attribute_values(":pk", AttributeValue::S(pk))
            .expression_attribute_values(":prefix", AttributeValue::S(prefix.to_owned()))
            .send()
            .await
            .map_err(|error| port("list views", &error))?;
        answer.items().iter().map(at_version).collect()
    }

    /// Rows of a partition whose sort key begins with `prefix`, newest first, from just before the cursor on.
    async fn list<T: DeserializeOwned>(
        &self,
        projection: &'static str,
        pk: &str,
        prefix: &str,
        page: &PageRequest,
    ) -> Result<Page<T>, PortError> {
        let pk = self.generation(projection).await?.pk(pk);
        let start = page.after.as_deref().map(|cursor| sort_key_of(cursor, prefix)).transpose()?;
        let answer = self
            .client
            .query()
            .table_name(&self.table)
            .key_condition_expression("pk = :pk AND begins_with(sk, :prefix)")
            .expression_attribute_values(":pk", AttributeValue::S(pk.clone()))
            .expression_attribute_values(":prefix", AttributeValue::S(prefix.to_owned()))
            .scan_index_forward(false)
            .limit(i32::from(page.first) + 1) // One more, to know whether more follow.
            .set_exclusive_start_key(start.map(|sk| {
                HashMap::from([("pk".to_owned(), AttributeValue::S(pk)), ("sk".to_owned(), AttributeValue::S(sk))])
            }))
            .send()
            .await
            .map_err(|error| port("list views", &error))?;
        let wanted = usize::from(page.first);
        let items = answer
            .items()
            .iter()
            .take(wanted)
            .map(|item| Ok((URL_SAFE_NO_PAD.encode(sort_key(item)?), document(item)?)));
        Ok(Page { items: items.collect::<Result<_, PortError>>()?, has_next: answer.items().len() > wanted })
    }
}

impl DynamoViews {
    /// A page of a list that everything is in, by sort key, and the cursor of the page after it, if there is one.
    async fn listed<T: DeserializeOwned>(
        &self,
        projection: &'static str,
        pk: &str,
        after: Option<String>,
        limit: u16,
    ) -> Result<(Vec<T>, Option<String>), PortError> {
        // A cursor is a sort key, so it holds in every generation.
        let pk = self.generation(projection).await?.pk(pk);
        let start = after.map(|sk| {
            HashMap::from([("pk".to_owned(), AttributeValue::S(pk.clone())), ("sk".to_owned(), AttributeValue::S(sk))])
        });
        let answer = self
            .client
            .query()
            .table_name(&self.table)
            .key_condition_expression("pk = :pk")
            .expression_attribute_values(":pk", AttributeValue::S(pk))
            .limit(i32::from(limit.max(1)))
            .set_exclusive_start_key(start)
            .send()
            .await
            .map_err(|error| port("list everything", &error))?;
        let items = answer.items().iter().map(document).collect::<Result<_, _>>()?;
        let next = answer.last_evaluated_key().map(|key| sort_key(key).map(str::to_owned)).transpose()?;
        Ok((items, next))
    }
}

const CORRUPT: PortError = PortError::Corrupt { attempted: "read a view" };

/// A cursor is the sort key of the row that it follows.
fn sort_key_of(cursor: &str, prefix: &str) -> Result<String, PortError> {
    let bytes = URL_SAFE_NO_PAD.decode(cursor).ok();
    let key = bytes.and_then(|bytes| String::from_utf8(bytes).ok()).filter(|key| key.starts_with(prefix));
    key.ok_or(PortError::Missing { attempted: "find the place of a cursor" })
}

fn sort_key(item: &Item) -> Result<&str, PortError> {
    item.get("sk").and_then(|it| it.as_s().ok()).map(String::as_str).ok_or(CORRUPT)
}

fn document<T: DeserializeOwned>(item: &Item) -> Result<T, PortError> {
    let text = item.get("d").and_then(|it| it.as_s().ok()).ok_or(CORRUPT)?;
    serde_json::from_str(text).map_err(|_| CORRUPT)
}

fn at_version<T: DeserializeOwned>(item: &Item) -> Result<AtVersion<T>, PortError> {
    let version = item.get("v").and_then(|it| it.as_n().ok()).and_then(|it| it.parse().ok()).ok_or(CORRUPT)?;
    Ok(AtVersion { view: document(item)?, version })
}
