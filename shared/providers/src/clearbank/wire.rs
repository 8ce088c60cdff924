//! The documented fields, named as the provider names them. Only what is used is read; the raw bytes are kept anyway.

use serde::Deserialize;
use serde_json::value::RawValue;
use uuid::Uuid;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Envelope<'a> {
    #[serde(rename = "Type")]
    pub(super) kind: String,
    pub(super) version: u32,
    #[serde(borrow)]
    pub(super) payload: &'a RawValue,
    #[serde(borrow)]
    pub(super) nonce: &'a RawValue,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct TransactionSettled<'a> {
    pub(super) transaction_id: Uuid,
    pub(super) status: String,
    /// A raw number: a double would not hold it exactly.
    #[serde(borrow)]
    pub(super) amount: &'a RawValue,
    pub(super) currency_code: Option<String>,
    pub(super) debit_credit_code: String,
    pub(super) reference: Option<String>,
    #[serde(default)]
    pub(super) is_return: bool,
    pub(super) counterpart_account: Option<Party>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Party {
    #[serde(rename = "IBAN")]
    pub(super) iban: Option<String>,
    #[serde(rename = "BBAN")]
    pub(super) bban: Option<String>,
    pub(super) owner_name: Option<String>,
    pub(super) transaction_owner_name: Option<String>,
    pub(super) institution_name: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct SepaInstantInboundSettled<'a> {
    pub(super) transaction_id: Uuid,
    pub(super) debtor_name: String,
    pub(super) debtor_account: String,
    #[serde(borrow)]
    pub(super) instructed_amount: &'a RawValue,
    pub(super) transaction_reference: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct SepaCreditTransferInboundCompleted<'a> {
    #[serde(borrow)]
    pub(super) instructed_amount: InstructedAmount<'a>,
    pub(super) debtor: SepaParty,
    pub(super) debtor_account: SepaAccount,
    pub(super) transaction_id: Uuid,
    pub(super) transaction_reference: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct InstructedAmount<'a> {
    #[serde(borrow)]
    pub(super) amount: &'a RawValue,
    pub(super) currency: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct SepaParty {
    pub(super) name: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct SepaAccount {
    pub(super) iban: String,
}
