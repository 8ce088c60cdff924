//! What the identity context shows.

use async_trait::async_trait;
use domain::{
    identity::{
        customer::{CustomerState, CustomerStatus},
        erasure::Erasure,
    },
    ids::CustomerId,
};
use money::BusinessDate;
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
    /// When the next of their keys has to be destroyed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub erase_on: Option<BusinessDate>,
}

impl CustomerView {
    /// Of a customer as they are.
    #[must_use]
    pub fn of(id: CustomerId, state: &CustomerState) -> Self {
        let erase_on = state.erasure.as_ref().and_then(Erasure::next_due);
        Self { id, status: state.status, erase_on }
    }
}

/// Whose keys have to be destroyed.
#[async_trait]
pub trait ErasureViews: Send + Sync {
    /// The customers who have a key that has to be gone by this day, the longest due first, `limit` at most.
    async fn due_for_erasure(&self, by: BusinessDate, limit: u16) -> Result<Vec<CustomerId>, PortError>;
}

/// The identity context's read models.
#[async_trait]
pub trait IdentityViews: Send + Sync {
    /// One customer; one read.
    async fn customer(&self, id: CustomerId) -> Result<Option<AtVersion<CustomerView>>, PortError>;
}
