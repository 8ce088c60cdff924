//! What the API says, as far as it is read. Numbers that are amounts are not: the API deprecates them for texts.

use serde::{Deserialize, Serialize};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct NewVaultAccount<'a> {
    pub(super) name: &'a str,
    #[serde(rename = "hiddenOnUI")]
    pub(super) hidden_on_ui: bool,
    pub(super) customer_ref_id: &'a str,
    pub(super) auto_fuel: bool,
}

#[derive(Deserialize)]
pub(super) struct VaultAccount {
    pub(super) id: String,
    pub(super) name: String,
}

#[derive(Deserialize)]
pub(super) struct VaultAccounts {
    pub(super) accounts: Vec<VaultAccount>,
}

#[derive(Deserialize)]
pub(super) struct Wallet {
    #[serde(default)]
    pub(super) address: String,
}

#[derive(Deserialize)]
pub(super) struct Addresses {
    pub(super) addresses: Vec<WalletAddress>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct WalletAddress {
    #[serde(default)]
    pub(super) address: String,
    #[serde(default)]
    pub(super) address_format: String,
    #[serde(default)]
    pub(super) bip44_address_index: u32,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Transaction {
    pub(super) id: String,
    pub(super) asset_id: String,
    pub(super) status: String,
    #[serde(default)]
    pub(super) sub_status: Option<String>,
    #[serde(default)]
    pub(super) source: Peer,
    #[serde(default)]
    pub(super) source_address: Option<String>,
    #[serde(default)]
    pub(super) destination: Peer,
    #[serde(default)]
    pub(super) destination_address: Option<String>,
    #[serde(default)]
    pub(super) amount_info: AmountInfo,
    #[serde(default)]
    pub(super) tx_hash: Option<String>,
    #[serde(default)]
    pub(super) num_of_confirmations: Option<u64>,
}

#[derive(Default, Deserialize)]
pub(super) struct Peer {
    #[serde(rename = "type", default)]
    pub(super) kind: String,
    #[serde(default)]
    pub(super) name: Option<String>,
}

#[derive(Default, Deserialize)]
pub(super) struct AmountInfo {
    #[serde(default)]
    pub(super) amount: Option<String>,
}

/// An error's `message` may quote the request, so it is not read.
#[derive(Deserialize)]
pub(super) struct Refusal {
    #[serde(default)]
    pub(super) code: Option<i64>,
}
