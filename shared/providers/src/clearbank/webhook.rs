//! The envelope, and what is inside.

use std::fmt;

use super::{InboundPayment, WebhookError, wire::Envelope};

const TRANSACTION_SETTLED: &str = "TransactionSettled";
const SEPA_INSTANT_INBOUND: &str = "Sepa.Instant.Inbound.Payment.Settled";
const SEPA_CREDIT_TRANSFER_INBOUND: &str = "Sepa.Ct.InboundPayment.Completed";
const TEST: &str = "FITestEvent";

const KIND_CHARS_MAX: usize = 100;
const NONCE_CHARS_MAX: usize = 20;

/// One parsed webhook.
#[derive(Debug, Clone)]
pub struct Webhook {
    /// Which of those that are known here.
    pub kind: WebhookKind,
    /// What the answer must repeat. Not a key against duplicates: it is random.
    pub nonce: Nonce,
    /// What it says.
    pub event: Event,
}

/// Which webhook it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WebhookKind {
    /// `TransactionSettled`.
    TransactionSettled,
    /// `Sepa.Instant.Inbound.Payment.Settled`.
    SepaInstantInboundSettled,
    /// `Sepa.Ct.InboundPayment.Completed`.
    SepaCreditTransferInboundCompleted,
    /// `FITestEvent`, from the portal's test button.
    Test,
    /// One that is acknowledged and otherwise left alone.
    Other,
}

/// What a webhook says.
#[derive(Debug, Clone)]
pub enum Event {
    /// A transaction settled.
    TransactionSettled(InboundPayment),
    /// An instant euro payment arrived.
    SepaInstantInboundSettled(InboundPayment),
    /// An ordinary euro payment arrived.
    SepaCreditTransferInboundCompleted(InboundPayment),
    /// Somebody tests the connection.
    Test,
    /// A type that is not used here.
    Other {
        /// The type's name.
        kind: String,
        /// Its version.
        version: u32,
    },
}

/// The nonce, as the text of its JSON number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Nonce(String);

impl Nonce {
    /// The number's exact text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn parse(text: &str) -> Result<Self, WebhookError> {
        let digits = text.strip_prefix('-').unwrap_or(text);
        let is_integer = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
        if is_integer && text.len() <= NONCE_CHARS_MAX {
            Ok(Self(text.to_owned()))
        } else {
            Err(WebhookError::Malformed { part: "Nonce" })
        }
    }
}

impl fmt::Display for Nonce {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Webhook {
    /// Reads a body. Verify its signature first.
    ///
    /// # Errors
    /// When it is not the documented shape, or a payment in it cannot be booked as it stands.
    pub fn parse(body: &[u8]) -> Result<Self, WebhookError> {
        let envelope: Envelope<'_> =
            serde_json::from_slice(body).map_err(|_| WebhookError::Malformed { part: "body" })?;
        let nonce = Nonce::parse(envelope.nonce.get())?;
        let (kind, event) = match (envelope.kind.as_str(), envelope.version) {
            (TRANSACTION_SETTLED, 6) => (
                WebhookKind::TransactionSettled,
                Event::TransactionSettled(InboundPayment::from_transaction_settled_v6(envelope.payload)?),
            ),
            (SEPA_INSTANT_INBOUND, 1) => (
                WebhookKind::SepaInstantInboundSettled,
                Event::SepaInstantInboundSettled(InboundPayment::from_sepa_instant_v1(envelope.payload)?),
            ),
            (SEPA_CREDIT_TRANSFER_INBOUND, 1) => (
                WebhookKind::SepaCreditTransferInboundCompleted,
                Event::SepaCreditTransferInboundCompleted(InboundPayment::from_sepa_credit_transfer_v1(
                    envelope.payload,
                )?),
            ),
            // Fields change their meaning between versions: better refused, and sent again, than misread.
            (TRANSACTION_SETTLED, version) => {
                return Err(WebhookError::UnsupportedVersion { kind: TRANSACTION_SETTLED, version });
            }
            (SEPA_INSTANT_INBOUND, version) => {
                return Err(WebhookError::UnsupportedVersion { kind: SEPA_INSTANT_INBOUND, version });
            }
            (SEPA_CREDIT_TRANSFER_INBOUND, version) => {
                return Err(WebhookError::UnsupportedVersion { kind: SEPA_CREDIT_TRANSFER_INBOUND, version });
            }
            (TEST, _) => (WebhookKind::Test, Event::Test),
            (kind, version) => {
                if kind.is_empty() || kind.chars().count() > KIND_CHARS_MAX {
                    return Err(WebhookError::Malformed { part: "Type" });
                }
                (WebhookKind::Other, Event::Other { kind: kind.to_owned(), version })
            }
        };
        Ok(Self { kind, nonce, event })
    }

    /// The payment that it announces; none for tests and for types that are not used here.
    #[must_use]
    pub fn payment(&self) -> Option<&InboundPayment> {
        match &self.event {
            Event::TransactionSettled(payment)
            | Event::SepaInstantInboundSettled(payment)
            | Event::SepaCreditTransferInboundCompleted(payment) => Some(payment),
            Event::Test | Event::Other { .. } => None,
        }
    }
}

/// The answer's exact bytes, which are signed. The key is written as in the documentation's examples of webhooks.
#[must_use]
pub fn reply_body(nonce: &Nonce) -> Vec<u8> {
    format!("{{\"Nonce\":{nonce}}}").into_bytes()
}
