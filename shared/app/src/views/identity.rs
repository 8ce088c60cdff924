//! What the identity context shows.

use async_trait::async_trait;
use domain::{
    identity::{
        customer::{CustomerState, CustomerStatus},
        erasure::{Erasure, LegalGround},
    },
    ids::{CustomerId, RetentionClass, StaffId},
    moment::Moment,
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
    /// Their erasure, once it was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub erasure: Option<ErasureView>,
}

/// How a customer's erasure stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErasureView {
    /// When it was asked for.
    pub requested_at: Moment,
    /// Who asked for it.
    pub requested_by: StaffId,
    /// Every class of their personal data.
    pub classes: Vec<ErasedClassView>,
}

/// What becomes of one class of personal data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErasedClassView {
    /// Which.
    pub class: RetentionClass,
    /// From when on its key has to go.
    pub due: BusinessDate,
    /// What requires it until then. None: it was due at once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ground: Option<LegalGround>,
    /// When its key was destroyed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub destroyed_at: Option<Moment>,
}

impl ErasureView {
    /// Of an erasure as it is.
    #[must_use]
    pub fn of(erasure: &Erasure) -> Self {
        let class = |class| ErasedClassView {
            class,
            due: erasure.due(class),
            ground: erasure.ground(class),
            destroyed_at: erasure.gone.get(&class).copied(),
        };
        Self {
            requested_at: erasure.requested_at,
            requested_by: erasure.requested_by,
            classes: RetentionClass::ALL.map(class).to_vec(),
        }
    }
}

impl CustomerView {
    /// Of a customer as they are.
    #[must_use]
    pub fn of(id: CustomerId, state: &CustomerState) -> Self {
        let erase_on = state.erasure.as_ref().and_then(Erasure::next_due);
        Self { id, status: state.status, erase_on, erasure: state.erasure.as_ref().map(ErasureView::of) }
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
