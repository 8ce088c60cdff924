//! Queries of the ledger context: savings.

use app::{
    ports::{PortError, PositionIndex},
    projection::{
        accounts::partition,
        savings::{self, ALL_POSITIONS, POSITION_PREFIX, position_key, saved_key, saved_prefix},
    },
    views::{AtVersion, SAVED_DAYS_MAX, SavedView, SavingsView, SavingsViews},
};
use async_trait::async_trait;
use aws_sdk_dynamodb::types::AttributeValue;
use domain::ids::{CustomerId, PositionId};
use money::BusinessDate;

use super::{DynamoViews, at_version, document};
use crate::error::port;

impl DynamoViews {
    /// Every position there is. For the trial balance.
    ///
    /// # Errors
    /// When the table cannot be read.
    pub async fn all_positions(&self) -> Result<Vec<AtVersion<SavingsView>>, PortError> {
        self.all(POSITION_PREFIX).await
    }
}

#[async_trait]
impl SavingsViews for DynamoViews {
    async fn position(&self, id: &PositionId) -> Result<Option<AtVersion<SavingsView>>, PortError> {
        self.row(savings::NAME, &position_key(id)).await?.as_ref().map(at_version).transpose()
    }

    async fn positions(&self, customer: CustomerId) -> Result<Vec<AtVersion<SavingsView>>, PortError> {
        self.few(savings::NAME, &partition(customer), POSITION_PREFIX).await
    }

    async fn saved(&self, id: &PositionId, from: BusinessDate, to: BusinessDate) -> Result<Vec<SavedView>, PortError> {
        let days = i32::try_from(from.days_until(to).saturating_add(1)).unwrap_or(i32::MAX);
        let answer = self
            .client
            .query()
            .table_name(&self.table)
            .key_condition_expression("pk = :pk AND sk BETWEEN :first AND :to")
            .expression_attribute_values(
                ":pk",
                AttributeValue::S(self.generation(savings::NAME).await?.pk(&partition(id.customer))),
            )
            .expression_attribute_values(":first", AttributeValue::S(saved_prefix(&id.product)))
            .expression_attribute_values(":to", AttributeValue::S(saved_key(id, to).sk))
            // Newest first: a row a day at most, and the one before the first day.
            .scan_index_forward(false)
            .limit(days.clamp(1, i32::from(SAVED_DAYS_MAX)) + 1)
            .send()
            .await
            .map_err(|error| port("list what was saved", &error))?;
        let mut saved = answer.items().iter().map(document).collect::<Result<Vec<SavedView>, _>>()?;
        let needed = saved.iter().position(|it| it.date <= from).map_or(saved.len(), |last| last + 1);
        saved.truncate(needed);
        saved.reverse();
        Ok(saved)
    }
}

#[async_trait]
impl PositionIndex for DynamoViews {
    async fn page(&self, after: Option<String>, limit: u16) -> Result<(Vec<PositionId>, Option<String>), PortError> {
        self.listed(savings::NAME, ALL_POSITIONS, after, limit).await
    }
}
