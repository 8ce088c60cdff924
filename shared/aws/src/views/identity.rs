//! Queries of the identity context.

use app::{
    ports::PortError,
    projection::customers::{self, DUE, customer_key, due_until},
    views::{AtVersion, CustomerView, ErasureViews, IdentityViews},
};
use async_trait::async_trait;
use aws_sdk_dynamodb::types::AttributeValue;
use domain::ids::CustomerId;
use money::BusinessDate;

use super::{DynamoViews, at_version, document};
use crate::error::port;

#[async_trait]
impl IdentityViews for DynamoViews {
    async fn customer(&self, id: CustomerId) -> Result<Option<AtVersion<CustomerView>>, PortError> {
        self.row(customers::NAME, &customer_key(id)).await?.as_ref().map(at_version).transpose()
    }
}

#[async_trait]
impl ErasureViews for DynamoViews {
    async fn due_for_erasure(&self, by: BusinessDate, limit: u16) -> Result<Vec<CustomerId>, PortError> {
        let pk = self.generation(customers::NAME).await?.pk(DUE);
        let answer = self
            .client
            .query()
            .table_name(&self.table)
            .key_condition_expression("pk = :pk AND sk < :until")
            .expression_attribute_values(":pk", AttributeValue::S(pk))
            .expression_attribute_values(":until", AttributeValue::S(due_until(by)))
            .limit(i32::from(limit.max(1)))
            .send()
            .await
            .map_err(|error| port("list whose keys are due", &error))?;
        answer.items().iter().map(document).collect()
    }
}
