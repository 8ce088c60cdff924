//! Fireblocks: webhooks of version 2, and the part of its API that keeps customers' crypto.
//!
//! A webhook only says that something happened. What happened is read from the API, by a request that we sign.

mod client;
mod error;
mod request;
mod signature;
mod transaction;
mod webhook;
mod wire;

pub use client::Fireblocks;
pub use error::{ConfigError, WebhookError};
pub use signature::{DetachedJws, SIGNATURE_HEADER, SignatureError};
pub use webhook::{Event, Webhook};
