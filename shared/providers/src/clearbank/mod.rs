//! ClearBank's webhooks: `{Type, Version, Payload, Nonce}`, signed over the raw body.

mod error;
mod payment;
mod signature;
mod webhook;
mod wire;

pub use error::WebhookError;
pub use payment::{Direction, InboundPayment, PayerDetails};
pub use signature::{KeyError, Keys, SIGNATURE_HEADER, SignatureError};
pub use webhook::{Event, Nonce, Webhook, WebhookKind, reply_body};
