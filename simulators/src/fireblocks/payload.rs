//! What the API and the webhooks say.

use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    Status, Transaction,
    model::{DEFAULT_ACCOUNT, VaultAccount},
};

/// Of the one workspace.
const WORKSPACE: &str = "5f0e6a1c-8d7b-4c52-9a34-0b6f2f7f6e11";

/// A vault account as the API shows it. Balances are not played.
pub(super) fn account(account: &VaultAccount) -> Value {
    let asset = |id: &String| json!({ "id": id, "total": "0", "available": "0", "pending": "0", "frozen": "0", "lockedAmount": "0" });
    let assets: Vec<Value> = account.wallets.keys().map(asset).collect();
    let mut value = json!({
        "id": account.id.to_string(), "name": account.name, "hiddenOnUI": account.hidden, "assets": assets,
        "autoFuel": account.auto_fuel,
    });
    if let (Some(reference), Some(fields)) = (&account.customer_ref_id, value.as_object_mut()) {
        fields.insert("customerRefId".to_owned(), json!(reference));
    }
    value
}

/// A new wallet as the API answers it.
pub(super) fn wallet(account: &VaultAccount, address: &str) -> Value {
    json!({ "id": account.id.to_string(), "address": address, "legacyAddress": "", "tag": "" })
}

/// The addresses of a wallet, of which there is one.
pub(super) fn addresses(asset: &str, address: &str) -> Value {
    let format = if asset == "BTC" { "SEGWIT" } else { "BASE" };
    let address = json!({
        "assetId": asset, "address": address, "description": "", "tag": "", "type": "Permanent", "customerRefId": "",
        "addressFormat": format, "legacyAddress": "", "enterpriseAddress": "", "bip44AddressIndex": 0, "userDefined": false,
    });
    json!({ "addresses": [address], "paging": {} })
}

/// A transaction with this amount, as API and webhooks show it.
pub(super) fn transaction(transaction: &Transaction, amount: &str) -> Value {
    let (status, sub_status) = match transaction.status {
        Status::Confirming => ("CONFIRMING", "PENDING_BLOCKCHAIN_CONFIRMATIONS"),
        Status::Completed => ("COMPLETED", "CONFIRMED"),
        Status::Failed => ("FAILED", "DROPPED_BY_BLOCKCHAIN"),
    };
    let vault = transaction.vault_account;
    // The deprecated number loses digits, as it does there.
    let number: Option<Value> = serde_json::from_str(amount).ok();
    let is_external = transaction.source == "UNKNOWN";
    json!({
        "id": transaction.id,
        "assetId": transaction.asset_id,
        "operation": "TRANSFER",
        "status": status,
        "subStatus": sub_status,
        "source": {
            "type": transaction.source,
            "id": if is_external { Value::Null } else { json!(DEFAULT_ACCOUNT.to_string()) },
            "name": if is_external { "External" } else { "Default" },
            "subType": "",
        },
        "sourceAddress": transaction.source_address,
        "destination": { "type": "VAULT_ACCOUNT", "id": vault.to_string(), "name": format!("vault {vault}"), "subType": "" },
        "destinationAddress": transaction.address,
        "destinationAddressDescription": "",
        "destinationTag": "",
        "amount": number,
        "netAmount": number,
        "requestedAmount": number,
        "amountUSD": Value::Null,
        "fee": -1,
        "networkFee": -1,
        "amountInfo": { "amount": amount, "requestedAmount": amount, "netAmount": amount, "amountUSD": Value::Null },
        "feeInfo": {},
        "txHash": transaction.hash,
        "numOfConfirmations": transaction.confirmations,
        "createdAt": transaction.created_ms,
        "lastUpdated": transaction.updated_ms,
        "createdBy": "",
        "signedBy": [],
        "rejectedBy": "",
        "addressType": "",
        "note": "",
        "exchangeTxId": "",
        "signedMessages": [],
        "assetType": if transaction.asset_id == "USDC" { "ERC20" } else { "BASE_ASSET" },
    })
}

/// The body of a webhook. `createdAt` is documented in seconds and shown in milliseconds: what is shown is followed.
pub(super) fn webhook(id: Uuid, event_type: &str, about: &Transaction, now_ms: i64) -> Value {
    let amount = about.course.claims.as_ref().unwrap_or(&about.amount);
    json!({
        "id": id,
        "resourceId": about.id,
        "workspaceId": WORKSPACE,
        "eventType": event_type,
        "eventVersion": 1,
        "createdAt": now_ms,
        "data": transaction(about, amount),
    })
}
