//! What the identity context shows.

use async_trait::async_trait;
use domain::{identity::customer::CustomerStatus, ids::CustomerId};
use serde::{Deserialize, Serialize};

use super::AtVersion;
use crate::ports::PortError;

/// A customer as the customer sees themself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CustomerView {
    /// Who.
    pub id: CustomerId,
    /// Where they are in their life with the bank.
    pub status: CustomerStatus,
}

/// The identity context's read models.
#[async_trait]
pub trait IdentityViews: Send + Sync {
    /// One customer; one read.
    async fn customer(&self, id: CustomerId) -> Result<Option<AtVersion<CustomerView>>, PortError>;
}
