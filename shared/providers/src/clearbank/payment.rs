//! One payment, whichever webhook announced it.

use std::fmt;

use money::{Asset, AssetKind, Money, MoneyError};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::value::RawValue;
use time::OffsetDateTime;
use uuid::Uuid;

use super::{
    WebhookError,
    wire::{self, Party},
};

/// Which way the money moved, seen from our account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// To us.
    Credit,
    /// From us.
    Debit,
}

/// `TransactionSettled` version 6.
#[derive(Debug, Clone)]
pub struct TransactionSettledV6 {
    /// The way it came: `FasterPayments`, `Chaps`, `Bacs`, `Transfer`.
    pub scheme: Option<String>,
    /// What it says, normalised.
    pub payment: InboundPayment,
}

/// `Sepa.Instant.Inbound.Payment.Settled` version 1.
#[derive(Debug, Clone)]
pub struct SepaInstantInboundSettledV1 {
    /// ClearBank's id of the payment, beside that of the transaction.
    pub payment_id: Uuid,
    /// What it says, normalised.
    pub payment: InboundPayment,
}

/// What the ledger needs to know about a settled payment. Everything personal in it is secret.
#[derive(Debug, Clone)]
pub struct InboundPayment {
    /// ClearBank's id; the same however often the webhook comes.
    pub transaction_id: Uuid,
    /// Always positive; the direction says which way.
    pub amount: Money,
    /// Which way it moved.
    pub direction: Direction,
    /// Whether it is one of our own payments coming back.
    pub is_return: bool,
    /// What the payer typed. Secret: people type names into it.
    pub reference: Option<SecretString>,
    /// Who paid.
    pub payer: PayerDetails,
    /// When it settled.
    pub settled_at: OffsetDateTime,
}

/// Who paid, and what they wrote. It can be neither printed nor serialised, except for the vault.
#[derive(Clone, Default)]
pub struct PayerDetails {
    name: Option<SecretString>,
    iban: Option<SecretString>,
    bban: Option<SecretString>,
    institution: Option<SecretString>,
    reference: Option<SecretString>,
}

impl fmt::Debug for PayerDetails {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PayerDetails([REDACTED])")
    }
}

impl PayerDetails {
    /// The one way out: what the vault encrypts. What is absent is left out.
    #[must_use]
    pub fn to_vault_json(&self) -> SecretString {
        let parts = [
            ("name", &self.name),
            ("iban", &self.iban),
            ("bban", &self.bban),
            ("institution", &self.institution),
            ("reference", &self.reference),
        ];
        let members = parts.into_iter().filter_map(|(key, value)| {
            value.as_ref().map(|value| (key.to_owned(), serde_json::Value::from(value.expose_secret())))
        });
        SecretString::from(serde_json::Value::Object(members.collect()).to_string())
    }

    fn from_party(party: Option<Party>, reference: Option<&SecretString>) -> Self {
        let reference = reference.cloned();
        let Some(party) = party else {
            return Self { reference, ..Self::default() };
        };
        Self {
            name: secret(party.transaction_owner_name).or_else(|| secret(party.owner_name)),
            iban: secret(party.iban),
            bban: secret(party.bban),
            institution: secret(party.institution_name),
            reference,
        }
    }
}

impl TransactionSettledV6 {
    pub(super) fn parse(payload: &RawValue) -> Result<Self, WebhookError> {
        let wire: wire::TransactionSettled<'_> = parse(payload)?;
        if wire.status != "Settled" {
            return Err(WebhookError::Malformed { part: "Status" });
        }
        let asset = match wire.currency_code.as_deref() {
            None => Asset::Gbp, // Optional in the documentation, where pounds are the only currency.
            Some(code) => currency(code)?,
        };
        let direction = match wire.debit_credit_code.as_str() {
            "Credit" => Direction::Credit,
            "Debit" => Direction::Debit,
            _ => return Err(WebhookError::Malformed { part: "DebitCreditCode" }),
        };
        let amount = amount(asset, wire.amount, "Amount")?;
        let reference = secret(wire.reference);
        Ok(Self {
            scheme: wire.scheme,
            payment: InboundPayment {
                transaction_id: wire.transaction_id,
                amount,
                direction,
                is_return: wire.is_return,
                payer: PayerDetails::from_party(wire.counterpart_account, reference.as_ref()),
                reference,
                settled_at: wire.timestamp_settled,
            },
        })
    }
}

impl SepaInstantInboundSettledV1 {
    pub(super) fn parse(payload: &RawValue) -> Result<Self, WebhookError> {
        let wire: wire::SepaInstantInboundSettled<'_> = parse(payload)?;
        let amount = amount(Asset::Eur, wire.instructed_amount, "InstructedAmount")?;
        let reference = secret(wire.transaction_reference);
        let payer = PayerDetails {
            name: secret(Some(wire.debtor_name)),
            iban: secret(Some(wire.debtor_account)),
            reference: reference.clone(),
            ..PayerDetails::default()
        };
        Ok(Self {
            payment_id: wire.payment_id,
            payment: InboundPayment {
                transaction_id: wire.transaction_id,
                amount,
                direction: Direction::Credit, // The type says inbound; there is no field for it.
                is_return: false,             // Returns have a type of their own.
                reference,
                payer,
                settled_at: wire.timestamp_submitted, // The payload has no later time.
            },
        })
    }
}

/// serde's own message is dropped: it may quote the value.
fn parse<'a, T: serde::Deserialize<'a>>(payload: &'a RawValue) -> Result<T, WebhookError> {
    serde_json::from_str(payload.get()).map_err(|_| WebhookError::Malformed { part: "Payload" })
}

fn currency(code: &str) -> Result<Asset, WebhookError> {
    let asset: Asset = code.parse().map_err(|_| WebhookError::UnknownCurrency)?;
    match asset.kind() {
        AssetKind::Fiat => Ok(asset),
        AssetKind::Crypto => Err(WebhookError::UnknownCurrency), // A bank cannot have settled it.
    }
}

/// From the number's own text: a JSON number is exact until something reads it as a double.
fn amount(asset: Asset, number: &RawValue, part: &'static str) -> Result<Money, WebhookError> {
    let text = number.get();
    // Zeros that end a fraction say nothing, and a serialiser may write them: 10.500 is 10.50.
    let text = if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { text };
    let amount = Money::parse(asset, text).map_err(|error| match error {
        MoneyError::OverPrecise { .. } => WebhookError::AmountOverPrecise,
        MoneyError::AssetMismatch { .. } | MoneyError::Overflow | MoneyError::NotANumber | MoneyError::UnknownAsset => {
            WebhookError::Malformed { part }
        }
    })?;
    if amount.is_positive() { Ok(amount) } else { Err(WebhookError::AmountNotPositive) }
}

/// Blank counts as absent.
fn secret(text: Option<String>) -> Option<SecretString> {
    text.filter(|text| !text.trim().is_empty()).map(SecretString::from)
}
