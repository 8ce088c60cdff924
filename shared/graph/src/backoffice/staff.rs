//! Who asks.

use async_graphql::{Context, Enum, ID, Object, SimpleObject};

use super::guard::{Allow, Group, READERS};
use crate::{auth::caller, errors::ApiError};

/// What somebody may do here.
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum StaffGroup {
    /// Reviews people and payments.
    Compliance,
    /// Runs the bank day by day.
    Operations,
    /// Reads and changes nothing.
    Auditor,
}

impl StaffGroup {
    const fn of(group: Group) -> Option<Self> {
        match group {
            Group::Compliance => Some(Self::Compliance),
            Group::Operations => Some(Self::Operations),
            Group::Auditor => Some(Self::Auditor),
            Group::Partners => None,
        }
    }
}

/// Somebody who works here.
#[derive(SimpleObject)]
struct StaffMember {
    /// What stands in everything that they do.
    id: ID,
    /// What they may do.
    groups: Vec<StaffGroup>,
}

#[derive(Default)]
pub(crate) struct StaffQuery;

#[Object]
impl StaffQuery {
    /// Who asks.
    #[graphql(guard = "Allow(READERS)")]
    async fn me(&self, ctx: &Context<'_>) -> Result<StaffMember, ApiError> {
        let caller = caller(ctx)?;
        let groups = Group::ALL.into_iter().filter(|group| caller.is_in(*group)).filter_map(StaffGroup::of);
        Ok(StaffMember { id: ID(caller.staff().to_string()), groups: groups.collect() })
    }
}
