//! A transaction, in this bank's words.

use app::ports::{CustodyStatus, CustodyTransaction};
use money::{Asset, Money};
use secrecy::SecretString;
use uuid::Uuid;

use super::wire;

/// Our own things at the custodian. What moves from there into a vault account is no deposit of a customer: a sweep, gas.
const OURS: [&str; 6] =
    ["VAULT_ACCOUNT", "EXCHANGE_ACCOUNT", "INTERNAL_WALLET", "FIAT_ACCOUNT", "COMPOUND", "GAS_STATION"];
/// Everybody else's.
const THEIRS: [&str; 8] = [
    "UNKNOWN",
    "EXTERNAL_WALLET",
    "ONE_TIME_ADDRESS",
    "NETWORK_CONNECTION",
    "UNMANAGED_WALLET",
    "CONTRACT",
    "END_USER_WALLET",
    "OEC_PARTNER",
];
/// It has arrived, and nobody may touch it until somebody at the custodian or here has decided.
const FROZEN: [&str; 3] = ["AUTO_FREEZE", "FROZEN_MANUALLY", "REJECTED_AML_SCREENING"];

/// The custodian's name of an asset. Only the main networks': a test network's coin has another name, and is nothing we keep.
pub(super) fn asset_id(asset: Asset) -> Option<&'static str> {
    match asset {
        Asset::Usdc => Some("USDC"), // Of Ethereum; those of other chains have longer names.
        Asset::Btc => Some("BTC"),
        Asset::Eth => Some("ETH"),
        Asset::Gbp | Asset::Eur => None,
    }
}

/// Not what the documentation says a transaction is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Undocumented;

/// Reads a transaction.
pub(super) fn read(wire: wire::Transaction) -> Result<CustodyTransaction, Undocumented> {
    let id: Uuid = wire.id.parse().map_err(|_| Undocumented)?;
    let incoming = is_incoming(&wire.source.kind, &wire.destination.kind)?;
    let asset = Asset::ALL.into_iter().find(|asset| asset_id(*asset) == Some(wire.asset_id.as_str()));
    let amount = asset.map(|asset| amount(asset, wire.amount_info.amount.as_deref())).transpose();
    let amount = match amount {
        Ok(amount) => amount,
        Err(Undocumented) if incoming => return Err(Undocumented),
        Err(Undocumented) => None, // What goes out may move nothing, a call of a contract for one.
    };
    let status = status(&wire.status, wire.sub_status.as_deref())?;
    let address = wire.destination_address.unwrap_or_default();
    if incoming && status == CustodyStatus::Completed && address.is_empty() {
        return Err(Undocumented); // Of several destinations, for one: a person has to say whose is what.
    }
    let origin = serde_json::json!({
        "source": wire.source.kind,
        "sourceName": wire.source.name,
        "sourceAddress": wire.source_address,
        "transactionHash": wire.tx_hash,
    });
    Ok(CustodyTransaction {
        id,
        amount,
        custodian_asset: wire.asset_id,
        incoming,
        address,
        origin: SecretString::from(origin.to_string()),
        status,
        confirmations: u32::try_from(wire.num_of_confirmations.unwrap_or_default()).unwrap_or(u32::MAX),
    })
}

fn is_incoming(source: &str, destination: &str) -> Result<bool, Undocumented> {
    match destination {
        // Several of our accounts at once, or several of somebody else's: only the latter is nothing to us.
        "MULTI_DESTINATION" if !OURS.contains(&source) => Err(Undocumented),
        "VAULT_ACCOUNT" if OURS.contains(&source) => Ok(false),
        "VAULT_ACCOUNT" if THEIRS.contains(&source) => Ok(true),
        "VAULT_ACCOUNT" => Err(Undocumented),
        _ => Ok(false),
    }
}

/// Exactly what the text says. Zeros after an asset's last decimal change nothing, and are not refused.
fn amount(asset: Asset, text: Option<&str>) -> Result<Money, Undocumented> {
    let text = text.ok_or(Undocumented)?;
    let is_longer = |(_, fraction): (&str, &str)| fraction.len() > usize::from(asset.decimals());
    let text = if text.split_once('.').is_some_and(is_longer) {
        text.trim_end_matches('0').trim_end_matches('.')
    } else {
        text
    };
    let money = Money::parse(asset, text).map_err(|_| Undocumented)?;
    if money.is_negative() { Err(Undocumented) } else { Ok(money) }
}

fn status(status: &str, sub_status: Option<&str>) -> Result<CustodyStatus, Undocumented> {
    if sub_status.is_some_and(|it| FROZEN.contains(&it)) {
        return Ok(CustodyStatus::Pending);
    }
    match status {
        "SUBMITTED"
        | "PENDING_AML_SCREENING"
        | "PENDING_ENRICHMENT"
        | "PENDING_AUTHORIZATION"
        | "QUEUED"
        | "PENDING_SIGNATURE"
        | "PENDING_3RD_PARTY"
        | "PENDING_3RD_PARTY_MANUAL_APPROVAL"
        | "PENDING_EMAIL_APPROVAL"
        | "BROADCASTING"
        | "CONFIRMING"
        | "PARTIALLY_COMPLETED"
        | "CANCELLING" => Ok(CustodyStatus::Pending),
        "COMPLETED" => Ok(CustodyStatus::Completed),
        "CANCELLED" | "REJECTED" | "FAILED" | "TIMEOUT" | "BLOCKED" => Ok(CustodyStatus::Failed),
        _ => Err(Undocumented),
    }
}

#[cfg(test)]
#[path = "transaction_tests.rs"]
mod tests;
