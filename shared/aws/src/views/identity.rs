//! Queries of the identity context.

use app::{
    ports::PortError,
    projection::customers::{self, customer_key},
    views::{AtVersion, CustomerView, IdentityViews},
};
use async_trait::async_trait;
use domain::ids::CustomerId;

use super::{DynamoViews, at_version};

#[async_trait]
impl IdentityViews for DynamoViews {
    async fn customer(&self, id: CustomerId) -> Result<Option<AtVersion<CustomerView>>, PortError> {
        self.row(customers::NAME, &customer_key(id)).await?.as_ref().map(at_version).transpose()
    }
}
