//! Crypto deposits by way of the custodian.

use granary::dev::DepositOrder;
use serde_json::{Value, json};
use simulators::fireblocks::Fault;

use crate::support::{Bank, Person};

async fn balances(bank: &Bank, person: &Person, asset: &str) -> (String, String) {
    let query =
        format!("{{ viewer {{ account(asset: \"{asset}\") {{ available {{ amount }} pending {{ amount }} }} }} }}");
    let data = bank.graphql(person, &query).await;
    let text = |field: &str| data["viewer"]["account"][field]["amount"].as_str().unwrap().to_owned();
    (text("available"), text("pending"))
}

fn both(available: &str, pending: &str) -> (String, String) {
    (available.to_owned(), pending.to_owned())
}

async fn deposit(bank: &Bank, order: Value) {
    let order: DepositOrder = serde_json::from_value(order).unwrap();
    bank.local.custodian().deposit(order).await.unwrap();
    bank.settle().await;
}

#[tokio::test]
async fn a_deposit_is_pending_at_once_and_available_when_it_is_confirmed() {
    let bank = Bank::open().await;
    let ada = bank.customer("ada@example.com").await;
    for (asset, amount, nothing) in [
        ("USDC", "500.000000", "0.000000"),
        ("BTC", "0.12345678", "0.00000000"),
        ("ETH", "0.500000000000000001", "0.000000000000000000"),
    ] {
        let ada = bank.again(&ada).await;
        let address = bank.address(&ada, asset).await;
        deposit(&bank, json!({ "asset": asset, "address": address, "amount": amount, "confirm": "slowly" })).await;
        assert_eq!(balances(&bank, &ada, asset).await, both(nothing, amount));
        bank.local.advance(std::time::Duration::from_secs(1800)).await.unwrap();
        let ada = bank.again(&ada).await;
        assert_eq!(balances(&bank, &ada, asset).await, both(amount, nothing));
    }
    let ada = bank.again(&ada).await;
    let data = bank.graphql(&ada, "{ viewer { operations { nodes { kind status } } } }").await;
    for operation in data["viewer"]["operations"]["nodes"].as_array().unwrap() {
        assert_eq!((operation["kind"].as_str(), operation["status"].as_str()), (Some("DEPOSIT"), Some("SETTLED")));
    }
    assert_eq!(bank.internal("custody-hot", money::Asset::Usdc).await, -500_000_000);
    bank.assert_nothing_set_aside();
}

#[tokio::test]
async fn webhooks_that_come_twice_credit_once() {
    let bank = Bank::open().await;
    let ada = bank.customer("ada@example.com").await;
    let address = bank.address(&ada, "USDC").await;
    let order =
        json!({ "asset": "USDC", "address": address, "amount": "500", "confirm": "at-once", "duplicate": true });
    deposit(&bank, order).await;
    assert_eq!(balances(&bank, &ada, "USDC").await, both("500.000000", "0.000000"));
    bank.assert_nothing_set_aside();
}

#[tokio::test]
async fn what_a_webhook_claims_is_not_believed() {
    let bank = Bank::open().await;
    let ada = bank.customer("ada@example.com").await;
    let address = bank.address(&ada, "USDC").await;
    let order = json!({ "asset": "USDC", "address": address, "amount": "5", "claims": "5000", "confirm": "at-once" });
    deposit(&bank, order).await;
    assert_eq!(balances(&bank, &ada, "USDC").await, both("5.000000", "0.000000"));
}

#[tokio::test]
async fn a_deposit_that_fails_is_pending_no_longer_and_never_credited() {
    let bank = Bank::open().await;
    let ada = bank.customer("ada@example.com").await;
    let address = bank.address(&ada, "ETH").await;
    let nothing = "0.000000000000000000";
    let order = json!({ "asset": "ETH", "address": address, "amount": "2", "confirm": "slowly", "fail": true });
    deposit(&bank, order).await;
    assert_eq!(balances(&bank, &ada, "ETH").await, both(nothing, "2.000000000000000000"));
    bank.local.advance(std::time::Duration::from_secs(1800)).await.unwrap();
    assert_eq!(balances(&bank, &ada, "ETH").await, both(nothing, nothing));
    let data = bank.graphql(&ada, "{ viewer { operations { nodes { kind status } } } }").await;
    assert_eq!(data["viewer"]["operations"]["nodes"][0]["status"], "FAILED");
}

#[tokio::test]
async fn dust_and_what_is_sent_to_an_address_of_nobody_wait_in_suspense() {
    let bank = Bank::open().await;
    let ada = bank.customer("ada@example.com").await;
    let address = bank.address(&ada, "USDC").await;
    deposit(&bank, json!({ "asset": "USDC", "address": address, "amount": "0.999999", "confirm": "at-once" })).await;
    assert_eq!(balances(&bank, &ada, "USDC").await, both("0.000000", "0.000000"));
    assert_eq!(bank.internal("suspense", money::Asset::Usdc).await, 999_999);

    let nobody = "0x00000000000000000000000000000000000000aa";
    deposit(&bank, json!({ "asset": "USDC", "address": nobody, "amount": "7", "confirm": "at-once" })).await;
    assert_eq!(bank.internal("suspense", money::Asset::Usdc).await, 7_999_999);
    assert_eq!(bank.internal("custody-hot", money::Asset::Usdc).await, -7_999_999);
    bank.assert_nothing_set_aside();
}

#[tokio::test]
async fn an_asset_that_the_bank_does_not_keep_is_set_aside_with_its_code() {
    let bank = Bank::open().await;
    let ada = bank.customer("ada@example.com").await;
    let address = bank.address(&ada, "ETH").await;
    deposit(&bank, json!({ "asset": "SHIB", "address": address, "amount": "1000000", "confirm": "at-once" })).await;
    bank.local.advance(std::time::Duration::from_secs(6 * 3600)).await.unwrap();
    let waiting = bank.local.aws().sqs.peek(&bank.queue("SettleCryptoDepositDeadLetters"), 10).unwrap();
    assert!(!waiting.is_empty());
    for message in waiting {
        assert!(format!("{:?}", message.attributes).contains("CUSTODY_ASSET_UNKNOWN"));
    }
}

#[tokio::test]
async fn a_custodian_that_is_away_only_makes_it_later() {
    for fault in [Fault::Status(500), Fault::Status(429), Fault::AnswerLost] {
        let bank = Bank::open().await;
        // Already the addresses have to wait for it.
        bank.local.custodian().custodian.fail_next(2, fault);
        let ada = bank.customer("ada@example.com").await;
        bank.local.advance(std::time::Duration::from_secs(3600)).await.unwrap();
        let ada = bank.again(&ada).await;
        let address = bank.address(&ada, "BTC").await;
        bank.local.custodian().custodian.fail_next(2, fault);
        deposit(&bank, json!({ "asset": "BTC", "address": address, "amount": "1", "confirm": "at-once" })).await;
        bank.local.advance(std::time::Duration::from_secs(1800)).await.unwrap();
        let ada = bank.again(&ada).await;
        assert_eq!(balances(&bank, &ada, "BTC").await, both("1.00000000", "0.00000000"), "{fault:?}");
    }
}

#[tokio::test]
async fn a_webhook_without_a_good_signature_is_refused() {
    let bank = Bank::open().await;
    let body = r#"{"id":"1b9a7c5e-0d2f-4d55-9b3e-0e6d4f3b2a10","eventType":"transaction.created"}"#;
    for (signature, code) in [("", "SIGNATURE_MISSING"), ("a.b.c", "SIGNATURE_MALFORMED")] {
        let headers = [("fireblocks-webhook-signature", signature)];
        let (status, answer) = bank.post("/webhooks/fireblocks", &headers, body.to_owned()).await;
        assert_eq!((status, answer["error"]["code"].as_str()), (401, Some(code)), "{answer}");
    }
}

#[tokio::test]
async fn completion_before_its_confirmations_backwards_webhooks_and_transfers_of_our_own_credit_nothing_twice() {
    let bank = Bank::open().await;
    let ada = bank.customer("ada@example.com").await;
    let address = bank.address(&ada, "BTC").await;
    deposit(
        &bank,
        json!({ "asset": "BTC", "address": address, "amount": "1", "confirm": "at-once", "completesAt": 1 }),
    )
    .await;
    assert_eq!(balances(&bank, &ada, "BTC").await, both("0.00000000", "1.00000000"));
    bank.local.advance(std::time::Duration::from_secs(900)).await.unwrap();
    assert_eq!(balances(&bank, &ada, "BTC").await, both("1.00000000", "0.00000000"));
    bank.assert_nothing_set_aside();
    let order = json!({ "asset": "BTC", "address": address, "amount": "2", "confirm": "at-once-backwards" });
    deposit(&bank, order).await;
    assert_eq!(balances(&bank, &ada, "BTC").await, both("3.00000000", "0.00000000"));
    let order =
        json!({ "asset": "BTC", "address": address, "amount": "2", "confirm": "at-once", "source": "VAULT_ACCOUNT" });
    deposit(&bank, order).await;
    assert_eq!(balances(&bank, &ada, "BTC").await, both("3.00000000", "0.00000000"));
    bank.assert_nothing_set_aside();
}
