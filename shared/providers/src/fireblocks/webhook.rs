//! Webhooks of version 2, as far as they are believed: that there is news of something, not what the news is.

use serde::Deserialize;
use uuid::Uuid;

use super::WebhookError;

/// What all kinds that tell of a transaction begin with.
const TRANSACTION: &str = "transaction.";
/// Documented kinds of which nothing here depends, by what they begin with.
const UNNEEDED: [&str; 12] = [
    "vault_account.",
    "external_wallet.",
    "internal_wallet.",
    "contract_wallet.",
    "embedded_wallet.",
    "onchain_data.",
    "connection.",
    "network_connection.",
    "exchange_account.",
    "fiat_account.",
    "ticket.",
    "whitelist.",
];

/// A webhook.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Webhook {
    /// The custodian's id of it, the same however often it is sent.
    pub id: Uuid,
    /// What it is about.
    pub event: Event,
}

/// What a webhook is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// There is news of a transaction: created, another status, more confirmations.
    Transaction {
        /// The custodian's id of the transaction.
        id: Uuid,
    },
    /// A documented kind that nobody here needs.
    Unneeded {
        /// Its name.
        kind: String,
    },
    /// A kind that nobody here knows.
    Unknown {
        /// Its name.
        kind: String,
    },
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Envelope {
    id: Uuid,
    event_type: String,
    resource_id: Option<String>,
    data: Option<Data>,
}

/// Amounts, addresses and statuses are in there too, and are left there.
#[derive(Deserialize)]
struct Data {
    id: Option<String>,
}

impl Webhook {
    /// Reads the body.
    ///
    /// # Errors
    /// When it is not the documented envelope, or names no transaction although it tells of one.
    pub fn parse(body: &[u8]) -> Result<Self, WebhookError> {
        let envelope: Envelope =
            serde_json::from_slice(body).map_err(|_| WebhookError::Malformed { part: "the envelope" })?;
        let kind = envelope.event_type;
        let event = if kind.starts_with(TRANSACTION) {
            // What kind of news it is makes no difference: the transaction is read again.
            Event::Transaction { id: transaction_id(envelope.resource_id, envelope.data)? }
        } else if UNNEEDED.iter().any(|prefix| kind.starts_with(prefix)) {
            Event::Unneeded { kind }
        } else {
            Event::Unknown { kind }
        };
        Ok(Self { id: envelope.id, event })
    }
}

/// `resourceId` is documented as optional, and some kinds carry other data than the transaction.
fn transaction_id(resource_id: Option<String>, data: Option<Data>) -> Result<Uuid, WebhookError> {
    let resource = id(resource_id, "resourceId")?;
    let data = id(data.and_then(|data| data.id), "data.id")?;
    match (resource, data) {
        (Some(resource), Some(data)) if resource != data => Err(WebhookError::Malformed { part: "resourceId" }),
        (Some(id), _) | (None, Some(id)) => Ok(id),
        (None, None) => Err(WebhookError::Malformed { part: "resourceId" }),
    }
}

fn id(text: Option<String>, part: &'static str) -> Result<Option<Uuid>, WebhookError> {
    text.map(|text| text.parse().map_err(|_| WebhookError::Malformed { part })).transpose()
}
