//! Onfido (today Entrust IDV), API version 3.6: workflow runs and applicants over the API, results by signed webhooks.

mod client;
mod refusal;
mod signature;
mod webhook;
mod wire;

use domain::ids::CustomerId;
use uuid::Uuid;

pub use client::{ConfigError, Onfido};
pub use signature::{SIGNATURE_HEADER, SignatureError, TokenError, WebhookTokens};
pub use webhook::{Event, RunNews, Webhook, WebhookError};

const APPLICATION_TAG: &str = "application:";

/// The tag by which a workflow run is found again: the provider knows no idempotency key. It names the customer too, as the id of
/// an application is the customer's own choice, and two may choose the same.
#[must_use]
pub fn application_tag(customer: CustomerId, application: Uuid) -> String {
    format!("{APPLICATION_TAG}{customer}.{application}")
}

/// Whom a tag of ours names.
fn customer_of(tag: &str) -> Option<CustomerId> {
    let (customer, _) = tag.strip_prefix(APPLICATION_TAG)?.split_once('.')?;
    customer.parse().ok()
}
