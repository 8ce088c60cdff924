//! One payment, whichever webhook announced it.

use std::fmt;

use money::{Asset, AssetKind, Money, MoneyError};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::value::RawValue;
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

/// What the ledger needs to know about a settled payment. Everything personal in it is secret.
#[derive(Debug, Clone)]
pub struct InboundPayment {
    /// ClearBank's id; the same however often the webhook comes.
    pub transaction_id: Uuid,
    /// Always positive; the direction says which way.
    pub amount: Money,
    /// Which way it moved.
    pub direction: Direction,
    /// Whether it undoes an earlier payment. A credit that does is our own payment coming back, and nobody's deposit: its
    /// reference is what we wrote ourselves.
    pub is_return: bool,
    /// What the payer typed. Secret: people type names into it.
    pub reference: Option<SecretString>,
    /// Who paid.
    pub payer: PayerDetails,
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

impl InboundPayment {
    /// From `TransactionSettled` version 6.
    pub(super) fn from_transaction_settled_v6(payload: &RawValue) -> Result<Self, WebhookError> {
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
        let reference = secret(wire.reference);
        Ok(Self {
            transaction_id: wire.transaction_id,
            amount: amount(asset, wire.amount, "Amount")?,
            direction,
            is_return: wire.is_return,
            payer: PayerDetails::from_party(wire.counterpart_account, reference.as_ref()),
            reference,
        })
    }

    /// From `Sepa.Instant.Inbound.Payment.Settled` version 1.
    pub(super) fn from_sepa_instant_v1(payload: &RawValue) -> Result<Self, WebhookError> {
        let wire: wire::SepaInstantInboundSettled<'_> = parse(payload)?;
        Ok(Self::from_sepa(
            wire.transaction_id,
            amount(Asset::Eur, wire.instructed_amount, "InstructedAmount")?,
            PayerDetails {
                name: secret(Some(wire.debtor_name)),
                iban: secret(Some(wire.debtor_account)),
                reference: secret(wire.transaction_reference),
                ..PayerDetails::default()
            },
        ))
    }

    /// From `Sepa.Ct.InboundPayment.Completed` version 1.
    pub(super) fn from_sepa_credit_transfer_v1(payload: &RawValue) -> Result<Self, WebhookError> {
        let wire: wire::SepaCreditTransferInboundCompleted<'_> = parse(payload)?;
        let asset = match currency(&wire.instructed_amount.currency)? {
            Asset::Eur => Asset::Eur,
            _ => return Err(WebhookError::Malformed { part: "Currency" }), // The scheme moves nothing but euros.
        };
        Ok(Self::from_sepa(
            wire.transaction_id,
            amount(asset, wire.instructed_amount.amount, "InstructedAmount")?,
            PayerDetails {
                name: secret(Some(wire.debtor.name)),
                iban: secret(Some(wire.debtor_account.iban)),
                reference: secret(wire.transaction_reference),
                ..PayerDetails::default()
            },
        ))
    }

    /// The types say inbound, there is no field for it, and returns have types of their own.
    fn from_sepa(transaction_id: Uuid, amount: Money, payer: PayerDetails) -> Self {
        Self {
            transaction_id,
            amount,
            direction: Direction::Credit,
            is_return: false,
            reference: payer.reference.clone(),
            payer,
        }
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
