//! Queries over projection rows: one DynamoDB call each.

use std::collections::HashMap;

use app::{
    ports::PortError,
    projection::{
        RowKey,
        accounts::{account_key, entries_prefix, partition},
        customers::customer_key,
        operations::{LIST_PREFIX, internal_key},
    },
    views::{
        AccountView, AtVersion, CustomerView, EntryView, IdentityViews, LedgerViews, OperationView, Page, PageRequest,
    },
};
use async_trait::async_trait;
use aws_sdk_dynamodb::{Client, types::AttributeValue};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use domain::ids::{AccountId, CustomerId};
use money::{Asset, Money};
use serde::de::DeserializeOwned;

use crate::error::port;

type Item = HashMap<String, AttributeValue>;

/// One context's projections table, as queries read it.
#[derive(Debug, Clone)]
pub struct DynamoViews {
    client: Client,
    table: String,
}

impl DynamoViews {
    /// Over a table.
    #[must_use]
    pub fn new(client: Client, table: impl Into<String>) -> Self {
        Self { client, table: table.into() }
    }

    /// Every account there is. For the trial balance.
    ///
    /// # Errors
    /// When the table cannot be read.
    pub async fn all_accounts(&self) -> Result<Vec<AtVersion<AccountView>>, PortError> {
        let mut all = Vec::new();
        let mut start = None;
        loop {
            let page = self
                .client
                .scan()
                .table_name(&self.table)
                .filter_expression("begins_with(sk, :prefix)")
                .expression_attribute_values(":prefix", AttributeValue::S("account#".to_owned()))
                .set_exclusive_start_key(start)
                .send()
                .await
                .map_err(|error| port("scan accounts", &error))?;
            for item in page.items() {
                all.push(at_version(item)?);
            }
            start = page.last_evaluated_key().cloned();
            if start.is_none() {
                return Ok(all);
            }
        }
    }

    async fn row(&self, key: &RowKey) -> Result<Option<Item>, PortError> {
        let answer = self
            .client
            .get_item()
            .table_name(&self.table)
            .key("pk", AttributeValue::S(key.pk.clone()))
            .key("sk", AttributeValue::S(key.sk.clone()))
            .send()
            .await
            .map_err(|error| port("read a view", &error))?;
        Ok(answer.item)
    }

    /// Rows of a partition whose sort key begins with `prefix`, newest first, from just before the cursor on.
    async fn list<T: DeserializeOwned>(
        &self,
        pk: String,
        prefix: &str,
        page: &PageRequest,
    ) -> Result<Page<T>, PortError> {
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
        let items = answer.items().iter().take(wanted).map(|item| {
            let sk = item.get("sk").and_then(|it| it.as_s().ok()).ok_or(CORRUPT)?;
            Ok((URL_SAFE_NO_PAD.encode(sk), document(item)?))
        });
        Ok(Page { items: items.collect::<Result<_, PortError>>()?, has_next: answer.items().len() > wanted })
    }
}

const CORRUPT: PortError = PortError::Corrupt { attempted: "read a view" };

/// A cursor is the sort key of the row that it follows.
fn sort_key_of(cursor: &str, prefix: &str) -> Result<String, PortError> {
    let bytes = URL_SAFE_NO_PAD.decode(cursor).ok();
    let key = bytes.and_then(|bytes| String::from_utf8(bytes).ok()).filter(|key| key.starts_with(prefix));
    key.ok_or(PortError::Missing { attempted: "find the place of a cursor" })
}

fn document<T: DeserializeOwned>(item: &Item) -> Result<T, PortError> {
    let text = item.get("d").and_then(|it| it.as_s().ok()).ok_or(CORRUPT)?;
    serde_json::from_str(text).map_err(|_| CORRUPT)
}

fn at_version<T: DeserializeOwned>(item: &Item) -> Result<AtVersion<T>, PortError> {
    let version = item.get("v").and_then(|it| it.as_n().ok()).and_then(|it| it.parse().ok()).ok_or(CORRUPT)?;
    Ok(AtVersion { view: document(item)?, version })
}

#[async_trait]
impl IdentityViews for DynamoViews {
    async fn customer(&self, id: CustomerId) -> Result<Option<AtVersion<CustomerView>>, PortError> {
        self.row(&customer_key(id)).await?.as_ref().map(at_version).transpose()
    }
}

#[async_trait]
impl LedgerViews for DynamoViews {
    async fn account(&self, id: &AccountId) -> Result<Option<AtVersion<AccountView>>, PortError> {
        self.row(&account_key(id)).await?.as_ref().map(at_version).transpose()
    }

    async fn accounts(&self, customer: CustomerId) -> Result<Vec<AtVersion<AccountView>>, PortError> {
        let answer = self
            .client
            .query()
            .table_name(&self.table)
            .key_condition_expression("pk = :pk AND begins_with(sk, :prefix)")
            .expression_attribute_values(":pk", AttributeValue::S(partition(customer)))
            .expression_attribute_values(":prefix", AttributeValue::S("account#".to_owned()))
            .send()
            .await
            .map_err(|error| port("list accounts", &error))?;
        answer.items().iter().map(at_version).collect()
    }

    async fn entries(&self, account: &AccountId, page: &PageRequest) -> Result<Page<EntryView>, PortError> {
        self.list(partition(account.customer), &entries_prefix(account), page).await
    }

    async fn operations(&self, customer: CustomerId, page: &PageRequest) -> Result<Page<OperationView>, PortError> {
        self.list(partition(customer), LIST_PREFIX, page).await
    }

    async fn internal(&self, code: &str, asset: Asset) -> Result<Money, PortError> {
        let Some(item) = self.row(&internal_key(code, asset)).await? else { return Ok(Money::zero(asset)) };
        let units = item.get("n").and_then(|it| it.as_n().ok()).and_then(|it| it.parse().ok()).ok_or(CORRUPT)?;
        Ok(Money::new(asset, units))
    }
}
