//! Ids that are the same everywhere in the graph, and finding things by them.

use async_graphql::{Context, ID, Interface, Object};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use domain::ids::{AccountId, ApplicationId, CustomerId, OperationId, PositionId};

use crate::{
    auth::{Viewer, caller},
    errors::ApiError,
    ledger::{Account, find_account},
    limits,
    onboarding::{Application, find_application},
    savings::{SavingsPosition, find_position},
};

/// What an id names. Clients see it as one opaque text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum NodeId {
    Account(AccountId),
    Application(CustomerId, ApplicationId),
    Customer(CustomerId),
    Operation(OperationId),
    Position(PositionId),
}

impl NodeId {
    /// Reads an id of ours.
    pub(crate) fn read(id: &str) -> Option<Self> {
        let text = String::from_utf8(URL_SAFE_NO_PAD.decode(id).ok()?).ok()?;
        match text.split_once(':')? {
            ("Account", id) => id.parse().ok().map(Self::Account),
            ("Application", id) => {
                let (customer, application) = id.split_once('#')?;
                Some(Self::Application(customer.parse().ok()?, application.parse().ok()?))
            }
            ("Customer", id) => id.parse().ok().map(Self::Customer),
            ("Operation", id) => id.parse().ok().map(Self::Operation),
            ("SavingsPosition", id) => id.parse().ok().map(Self::Position),
            _ => None,
        }
    }
}

impl NodeId {
    /// Whether it names a savings position of this customer.
    pub(crate) fn is_position_of(&self, owner: CustomerId) -> bool {
        matches!(self, Self::Position(id) if id.customer == owner)
    }
}

impl From<NodeId> for ID {
    fn from(id: NodeId) -> Self {
        let text = match id {
            NodeId::Account(id) => format!("Account:{id}"),
            NodeId::Application(customer, id) => format!("Application:{customer}#{id}"),
            NodeId::Customer(id) => format!("Customer:{id}"),
            NodeId::Operation(id) => format!("Operation:{id}"),
            NodeId::Position(id) => format!("SavingsPosition:{id}"),
        };
        Self(URL_SAFE_NO_PAD.encode(text))
    }
}

/// Anything that can be found again by its id.
#[derive(Interface)]
#[graphql(field(name = "id", ty = "ID", desc = "The same for as long as the thing exists."))]
pub(crate) enum Node {
    Account(Account),
    Application(Application),
    SavingsPosition(SavingsPosition),
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
    let customer = caller(ctx)?.customer();
    match NodeId::read(id) {
        Some(NodeId::Account(id)) if id.customer == customer => {
            Ok(find_account(ctx, &id, None).await?.map(Node::Account))
        }
        Some(NodeId::Application(of, id)) if of == customer => {
            Ok(find_application(ctx, of, id).await?.map(Node::Application))
        }
        Some(NodeId::Position(id)) if id.customer == customer => {
            Ok(find_position(ctx, &id, None).await?.map(Node::SavingsPosition))
        }
        // An answer of its own for a stranger's id would tell that it exists.
        Some(
            NodeId::Account(_)
            | NodeId::Application(..)
            | NodeId::Customer(_)
            | NodeId::Operation(_)
            | NodeId::Position(_),
        )
        | None => Ok(None),
    }
}
