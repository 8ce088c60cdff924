//! Ids that are the same everywhere in the graph, and finding things by them.

use async_graphql::{Context, ID, Interface, Object};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use domain::ids::{AccountId, CustomerId, OperationId};

use crate::{
    auth::{Caller, Viewer, caller},
    errors::ApiError,
    ledger::{Account, find_account},
    limits,
};

/// What an id names. Clients see it as one opaque text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum NodeId {
    Account(AccountId),
    Customer(CustomerId),
    Operation(OperationId),
}

impl NodeId {
    /// Reads an id of ours.
    pub(crate) fn read(id: &str) -> Option<Self> {
        let text = String::from_utf8(URL_SAFE_NO_PAD.decode(id).ok()?).ok()?;
        match text.split_once(':')? {
            ("Account", id) => id.parse().ok().map(Self::Account),
            ("Customer", id) => id.parse().ok().map(Self::Customer),
            ("Operation", id) => id.parse().ok().map(Self::Operation),
            _ => None,
        }
    }
}

impl From<NodeId> for ID {
    fn from(id: NodeId) -> Self {
        let text = match id {
            NodeId::Account(id) => format!("Account:{id}"),
            NodeId::Customer(id) => format!("Customer:{id}"),
            NodeId::Operation(id) => format!("Operation:{id}"),
        };
        Self(URL_SAFE_NO_PAD.encode(text))
    }
}

/// Anything that can be found again by its id.
#[derive(Interface)]
#[graphql(field(name = "id", ty = "ID", desc = "The same for as long as the thing exists."))]
pub(crate) enum Node {
    Account(Account),
}

#[derive(Default)]
pub(crate) struct NodeQuery;

#[Object]
impl NodeQuery {
    /// Finds again what an id names. Null for what does not exist, and for what is not the caller's.
    #[graphql(guard = "Viewer", complexity = "limits::READ + child_complexity")]
    async fn node(&self, ctx: &Context<'_>, id: ID) -> Option<Result<Node, ApiError>> {
        find(ctx, &id).await.transpose()
    }
}

async fn find(ctx: &Context<'_>, id: &ID) -> Result<Option<Node>, ApiError> {
    let Caller { customer, .. } = caller(ctx)?;
    match NodeId::read(id) {
        Some(NodeId::Account(id)) if id.customer == *customer => Ok(find_account(ctx, &id).await?.map(Node::Account)),
        // An answer of its own for a stranger's id would tell that it exists.
        Some(NodeId::Account(_) | NodeId::Customer(_) | NodeId::Operation(_)) | None => Ok(None),
    }
}
