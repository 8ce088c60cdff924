//! Who may see and do what. Whoever is in no group that a field names is refused.

use async_graphql::{Context, Guard};

use crate::{auth::caller, errors::ApiError};

/// A group of the identity pool that means something to the bank.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Group {
    /// Reviews people and payments.
    Compliance,
    /// Runs the bank day by day.
    Operations,
    /// Reads and changes nothing.
    Auditor,
    /// Staff of partners, who do not work here.
    Partners,
}

impl Group {
    /// Every group.
    pub const ALL: [Self; 4] = [Self::Compliance, Self::Operations, Self::Auditor, Self::Partners];

    /// What tokens call it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Compliance => "compliance",
            Self::Operations => "operations",
            Self::Auditor => "auditor",
            Self::Partners => "partners",
        }
    }
}

/// Who may read about reviews and customers, though nothing that is personal.
pub(super) const READERS: &[Group] = &[Group::Compliance, Group::Operations, Group::Auditor];
/// Who may work on reviews and read what is personal.
pub(super) const COMPLIANCE: &[Group] = &[Group::Compliance];

/// Who may stop a customer's money, and let it move again.
pub(super) const FREEZERS: &[Group] = &[Group::Compliance, Group::Operations];

/// Lets in members of these groups only.
pub(super) struct Allow(pub(super) &'static [Group]);

impl Guard for Allow {
    async fn check(&self, ctx: &Context<'_>) -> async_graphql::Result<()> {
        let caller = caller(ctx)?;
        if self.0.iter().any(|group| caller.is_in(*group)) {
            return Ok(());
        }
        tracing::info!(person = %caller.person, field = ctx.field().name(), "refused");
        Err(ApiError::forbidden().into())
    }
}
