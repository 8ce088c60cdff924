//! The customers' GraphQL endpoint.
