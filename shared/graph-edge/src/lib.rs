//! GraphQL over HTTP: tokens, media types, statuses, and a page to explore a schema with. Two functions stand behind it.
//!
//! It must not know what a schema holds, nor where that is kept.
//!
//! A request without a token is executed, and guarded fields refuse it; one with a token that is not good is not executed.

mod edge;
mod media;
mod request;
#[cfg(feature = "testing")]
pub mod testing;
mod tokens;

pub use edge::Edge;
pub use tokens::{TokenError, Tokens};
