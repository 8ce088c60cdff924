//! What a payment looks like in a webhook, field by field as the provider documents it.

use serde::Serialize;
use serde_json::value::RawValue;
use time::{OffsetDateTime, macros::format_description};
use uuid::Uuid;

use super::BankError;

/// Which way the money moved, seen from the account held at ClearBank.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// Into the account.
    Credit,
    /// Out of it.
    Debit,
}

/// Which webhook announces a payment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// `TransactionSettled` version 6.
    TransactionSettled,
    /// `Sepa.Instant.Inbound.Payment.Settled` version 1, which knows euros and credits only.
    SepaInstantInbound,
    /// `Sepa.Ct.InboundPayment.Completed` version 1, which knows credits only.
    SepaCreditTransfer,
}

/// One payment that someone makes to the bank's account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payment {
    /// ClearBank's id of the transaction.
    pub transaction_id: Uuid,
    /// The currency code, which `Sepa.Instant.Inbound.Payment.Settled` leaves out.
    pub asset: String,
    /// A JSON number's text, put into the body as it stands: nothing in between may round it.
    pub amount: String,
    /// What the payer typed.
    pub reference: String,
    /// The payer's name.
    pub payer_name: String,
    /// Which way the money moved.
    pub direction: Direction,
    /// Whether it is an earlier payment coming back, which only `TransactionSettled` tells.
    pub is_return: bool,
    /// Which webhook announces it.
    pub form: Form,
}

impl Payment {
    /// Money that comes in from an invented payer, announced as its currency usually is.
    #[must_use]
    pub fn credit(asset: &str, amount: &str, reference: &str) -> Self {
        let form = if asset == "EUR" { Form::SepaInstantInbound } else { Form::TransactionSettled };
        Self {
            transaction_id: crate::chance::uuid(),
            asset: asset.to_owned(),
            amount: amount.to_owned(),
            reference: reference.to_owned(),
            payer_name: "Ada Example".to_owned(),
            direction: Direction::Credit,
            is_return: false,
            form,
        }
    }

    /// The webhook's exact bytes.
    ///
    /// # Errors
    /// When the amount is not a JSON number, or the time has no date.
    pub fn webhook_body(&self, now_ms: i64, nonce: u32) -> Result<Vec<u8>, BankError> {
        let amount = json_number(&self.amount)?;
        match self.form {
            Form::TransactionSettled => envelope(self.kind(), 6, &self.transaction_settled(&amount, now_ms)?, nonce),
            Form::SepaInstantInbound => envelope(self.kind(), 1, &self.sepa_instant(&amount, now_ms)?, nonce),
            Form::SepaCreditTransfer => envelope(self.kind(), 1, &self.sepa_credit_transfer(&amount), nonce),
        }
    }

    pub(super) fn kind(&self) -> &'static str {
        match self.form {
            Form::TransactionSettled => "TransactionSettled",
            Form::SepaInstantInbound => "Sepa.Instant.Inbound.Payment.Settled",
            Form::SepaCreditTransfer => "Sepa.Ct.InboundPayment.Completed",
        }
    }

    fn transaction_settled<'a>(
        &'a self,
        amount: &'a RawValue,
        now_ms: i64,
    ) -> Result<TransactionSettled<'a>, BankError> {
        let at = timestamp(now_ms)?;
        let end_to_end = self.transaction_id.simple().to_string().chars().take(12).collect::<String>();
        Ok(TransactionSettled {
            transaction_id: self.transaction_id,
            status: "Settled",
            scheme: "FasterPayments",
            end_to_end_transaction_id: end_to_end.clone(),
            amount,
            timestamp_settled: at.clone(),
            timestamp_created: at,
            currency_code: &self.asset,
            debit_credit_code: match self.direction {
                Direction::Credit => "Credit",
                Direction::Debit => "Debit",
            },
            reference: &self.reference,
            is_return: self.is_return,
            account: Party {
                iban: "GB29CLRB04000412345678",
                bban: "CLRB04000412345678",
                owner_name: "GRANARY CLIENT MONEY",
                transaction_owner_name: "GRANARY CLIENT MONEY",
                institution_name: "ClearBank",
            },
            counterpart_account: Party {
                iban: "GB33BUKB20201555555555",
                bban: "BUKB20201555555555",
                owner_name: &self.payer_name,
                transaction_owner_name: &self.payer_name,
                institution_name: "Example Bank",
            },
            actual_end_to_end_transaction_id: end_to_end,
        })
    }

    fn sepa_instant<'a>(&'a self, amount: &'a RawValue, now_ms: i64) -> Result<SepaInstant<'a>, BankError> {
        let at = timestamp(now_ms)?;
        Ok(SepaInstant {
            transaction_id: self.transaction_id,
            payment_id: self.transaction_id,
            debtor_name: &self.payer_name,
            debtor_account: "DE89370400440532013000",
            creditor_name: "GRANARY CLIENT MONEY",
            creditor_account: "NL37CLRB0126383492",
            instructed_amount: amount,
            scheme_payment_method: "INST",
            timestamp_created: at.clone(),
            timestamp_submitted: at,
            end_to_end_id: self.transaction_id.simple().to_string(),
            additional_payment_properties: [Property { key: "CreditorAgentBic", value: "CLRBNL2A" }],
            transaction_reference: &self.reference,
        })
    }

    fn sepa_credit_transfer<'a>(&'a self, amount: &'a RawValue) -> SepaCreditTransfer<'a> {
        SepaCreditTransfer {
            payment_id: self.transaction_id,
            end_to_end_identification: self.transaction_id.simple().to_string(),
            instructed_amount: InstructedAmount { amount, currency: &self.asset },
            debtor: SepaParty { name: &self.payer_name, postal_address: ADDRESS },
            creditor: SepaParty { name: "GRANARY CLIENT MONEY", postal_address: ADDRESS },
            debtor_account: SepaAccount { iban: "DE89370400440532013000" },
            creditor_account: SepaAccount { iban: "NL37CLRB0126383492" },
            transaction_id: self.transaction_id,
            transaction_reference: &self.reference,
        }
    }
}

/// The bytes of the event that the portal's test button sends.
///
/// # Errors
/// Never in practice: a string is always JSON.
pub fn test_event_body(message: &str, nonce: u32) -> Result<Vec<u8>, BankError> {
    envelope("FITestEvent", 1, &message, nonce)
}

fn envelope<P: Serialize>(kind: &str, version: u32, payload: &P, nonce: u32) -> Result<Vec<u8>, BankError> {
    serde_json::to_vec(&Envelope { kind, version, payload, nonce }).map_err(|source| BankError::Build { source })
}

fn json_number(text: &str) -> Result<Box<RawValue>, BankError> {
    let is_number = text.starts_with(|first: char| first == '-' || first.is_ascii_digit());
    match RawValue::from_string(text.to_owned()) {
        Ok(raw) if is_number => Ok(raw),
        Ok(_) | Err(_) => Err(BankError::AmountNotANumber),
    }
}

/// Milliseconds, as in the documented examples.
fn timestamp(now_ms: i64) -> Result<String, BankError> {
    let format = format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:3]Z");
    OffsetDateTime::from_unix_timestamp_nanos(i128::from(now_ms) * 1_000_000)
        .ok()
        .and_then(|at| at.format(format).ok())
        .ok_or(BankError::TimeOutOfRange)
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Envelope<'a, P> {
    #[serde(rename = "Type")]
    kind: &'a str,
    version: u32,
    payload: &'a P,
    nonce: u32,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct TransactionSettled<'a> {
    transaction_id: Uuid,
    status: &'static str,
    scheme: &'static str,
    end_to_end_transaction_id: String,
    amount: &'a RawValue,
    timestamp_settled: String,
    timestamp_created: String,
    currency_code: &'a str,
    debit_credit_code: &'static str,
    reference: &'a str,
    is_return: bool,
    account: Party<'a>,
    counterpart_account: Party<'a>,
    actual_end_to_end_transaction_id: String,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Party<'a> {
    #[serde(rename = "IBAN")]
    iban: &'static str,
    #[serde(rename = "BBAN")]
    bban: &'static str,
    owner_name: &'a str,
    transaction_owner_name: &'a str,
    institution_name: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct SepaInstant<'a> {
    transaction_id: Uuid,
    payment_id: Uuid,
    debtor_name: &'a str,
    debtor_account: &'static str,
    creditor_name: &'static str,
    creditor_account: &'static str,
    instructed_amount: &'a RawValue,
    scheme_payment_method: &'static str,
    timestamp_created: String,
    timestamp_submitted: String,
    end_to_end_id: String,
    additional_payment_properties: [Property; 1],
    transaction_reference: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Property {
    key: &'static str,
    value: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct SepaCreditTransfer<'a> {
    payment_id: Uuid,
    end_to_end_identification: String,
    instructed_amount: InstructedAmount<'a>,
    debtor: SepaParty<'a>,
    creditor: SepaParty<'a>,
    debtor_account: SepaAccount,
    creditor_account: SepaAccount,
    transaction_id: Uuid,
    transaction_reference: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct InstructedAmount<'a> {
    amount: &'a RawValue,
    currency: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct SepaParty<'a> {
    name: &'a str,
    postal_address: PostalAddress,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct SepaAccount {
    iban: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct PostalAddress {
    building_number: &'static str,
    building_name: Option<&'static str>,
    street_name: &'static str,
    town_name: &'static str,
    country: &'static str,
    post_code: &'static str,
}

const ADDRESS: PostalAddress = PostalAddress {
    building_number: "1",
    building_name: None,
    street_name: "Example Street",
    town_name: "Amsterdam",
    country: "NL",
    post_code: "1234AB",
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_amount_is_written_as_it_was_typed() {
        for amount in ["1000.00", "0.1", "79228162514264337593543950335.01", "-5", "1e3"] {
            let body = Payment::credit("GBP", amount, "GR0").webhook_body(0, 7).unwrap();
            let text = String::from_utf8(body).unwrap();
            assert!(text.contains(&format!("\"Amount\":{amount},")), "{text}");
        }
    }

    #[test]
    fn an_amount_that_is_no_number_is_refused() {
        for amount in ["", "ten", "\"10\"", "true", "1,5", "01", "+1", "{}"] {
            let built = Payment::credit("GBP", amount, "GR0").webhook_body(0, 7);
            assert!(matches!(built, Err(BankError::AmountNotANumber)), "{amount}");
        }
    }

    #[test]
    fn the_fields_come_in_the_documented_order() {
        let body = Payment::credit("GBP", "1.00", "GR0").webhook_body(1_700_000_000_123, 7).unwrap();
        let text = String::from_utf8(body).unwrap();
        let order = [
            "{\"Type\":\"TransactionSettled\",\"Version\":6,\"Payload\":{\"TransactionId\"",
            "\"Status\":\"Settled\",\"Scheme\"",
            "\"EndToEndTransactionId\"",
            "\"TimestampSettled\":\"2023-11-14T22:13:20.123Z\",\"TimestampCreated\"",
            "\"CurrencyCode\":\"GBP\",\"DebitCreditCode\":\"Credit\",\"Reference\":\"GR0\",\"IsReturn\":false,\"Account\":{\"IBAN\"",
            "\"CounterpartAccount\":{\"IBAN\"",
            "\"ActualEndToEndTransactionId\"",
            "\"Nonce\":7}",
        ];
        let mut rest = text.as_str();
        for part in order {
            let (_, after) = rest.split_once(part).unwrap_or_else(|| panic!("{part} is missing or late in {text}"));
            rest = after;
        }
    }

    #[test]
    fn a_credit_transfer_is_written_as_documented() {
        let payment = Payment { form: Form::SepaCreditTransfer, ..Payment::credit("EUR", "0.10", "GR0") };
        let text = String::from_utf8(payment.webhook_body(0, 7).unwrap()).unwrap();
        let id = payment.transaction_id;
        let address = "{\"BuildingNumber\":\"1\",\"BuildingName\":null,\"StreetName\":\"Example Street\",\
                       \"TownName\":\"Amsterdam\",\"Country\":\"NL\",\"PostCode\":\"1234AB\"}";
        let documented = format!(
            "{{\"Type\":\"Sepa.Ct.InboundPayment.Completed\",\"Version\":1,\"Payload\":{{\"PaymentId\":\"{id}\",\
             \"EndToEndIdentification\":\"{}\",\"InstructedAmount\":{{\"Amount\":0.10,\"Currency\":\"EUR\"}},\
             \"Debtor\":{{\"Name\":\"Ada Example\",\"PostalAddress\":{address}}},\
             \"Creditor\":{{\"Name\":\"GRANARY CLIENT MONEY\",\"PostalAddress\":{address}}},\
             \"DebtorAccount\":{{\"Iban\":\"DE89370400440532013000\"}},\
             \"CreditorAccount\":{{\"Iban\":\"NL37CLRB0126383492\"}},\
             \"TransactionId\":\"{id}\",\"TransactionReference\":\"GR0\"}},\"Nonce\":7}}",
            id.simple()
        );
        assert_eq!(text, documented);
    }
}
