//! The way of a webhook to its receiver, the same for every provider.

use bytes::Bytes;

/// Nobody answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("nobody answered")]
pub struct NoAnswer;

/// The way to the receiver: a socket, or a router in the same process.
#[async_trait::async_trait]
pub trait Deliver: Send + Sync {
    /// Posts one webhook and brings the answer back.
    async fn post(&self, request: http::Request<Bytes>) -> Result<http::Response<Bytes>, NoAnswer>;
}
