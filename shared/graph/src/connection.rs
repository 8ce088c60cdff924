//! Lists after Relay's specification, forwards only.

use app::{
    ports::PortError,
    views::{PAGE_SIZE_MAX, Page, PageRequest},
};
use async_graphql::{
    OutputType,
    connection::{
        Connection as RelayConnection, DefaultConnectionName, DefaultEdgeName, Edge, EmptyFields, EnableNodesField,
    },
};

use crate::errors::ApiError;

/// How long a page is that nobody said the length of.
pub(crate) const FIRST_DEFAULT: u16 = 20;

/// A page of a list, with cursors.
pub(crate) type Connection<Node> =
    RelayConnection<String, Node, EmptyFields, EmptyFields, DefaultConnectionName, DefaultEdgeName, EnableNodesField>;

/// Reads a list's arguments.
pub(crate) fn page_request(first: Option<i32>, after: Option<String>) -> Result<PageRequest, ApiError> {
    let first = match first {
        None => FIRST_DEFAULT,
        Some(first) => u16::try_from(first)
            .ok()
            .filter(|first| (1..=PAGE_SIZE_MAX).contains(first))
            .ok_or_else(|| ApiError::bad_input(format!("`first` is from 1 to {PAGE_SIZE_MAX}")))?,
    };
    Ok(PageRequest { first, after })
}

/// The error of a list: a view that does not know the cursor says that nothing is there.
pub(crate) fn list_error(error: PortError) -> ApiError {
    match error {
        PortError::Missing { .. } => unknown_cursor(),
        other => other.into(),
    }
}

/// A cursor that is none of ours.
pub(crate) fn unknown_cursor() -> ApiError {
    ApiError::bad_input("`after` is not a cursor of this list")
}

/// A page as a connection.
pub(crate) fn connection<V, N: OutputType>(
    request: &PageRequest,
    page: Page<V>,
    node: impl Fn(V) -> N,
) -> Connection<N> {
    let mut connection = Connection::new(request.after.is_some(), page.has_next);
    connection.edges.extend(page.items.into_iter().map(|(cursor, view)| Edge::new(cursor, node(view))));
    connection
}
