//! Money that finds no owner is acknowledged and waits in suspense: never lost, never guessed.

use money::Asset;
use serde_json::json;
use simulators::clearbank::{Direction, Payment};

use crate::support::{Bank, keys};

#[tokio::test]
async fn an_unknown_reference_is_acknowledged_and_posted_to_suspense() {
    let bank = Bank::open().await;
    let ada = bank.customer("ada@example.com").await;
    for reference in ["rent November", "GR0000000000", ""] {
        let deliveries = bank.pay(reference, "GBP", "250.00").await;
        assert_eq!(deliveries[0].status, Some(200));
    }
    assert_eq!(bank.internal("suspense", Asset::Gbp).await, 75_000);
    assert_eq!(bank.internal("bank-settlement", Asset::Gbp).await, -75_000);
    assert_eq!(bank.available(&ada).await, "0.00");
    bank.assert_nothing_set_aside();
}

#[tokio::test]
async fn euros_under_the_reference_of_a_pound_account_wait_in_suspense() {
    let bank = Bank::open().await;
    let ada = bank.customer("ada@example.com").await;
    let reference = bank.reference(&ada, "GBP").await;
    let deliveries = bank.pay(&reference, "EUR", "31.00").await;
    assert_eq!(deliveries[0].status, Some(200));
    assert_eq!(bank.internal("suspense", Asset::Eur).await, 3_100);
    assert_eq!(bank.internal("suspense", Asset::Gbp).await, 0);
    assert_eq!(bank.available(&ada).await, "0.00");
}

#[tokio::test]
async fn money_that_left_the_bank_unasked_is_on_the_books_the_other_way_round() {
    let bank = Bank::open().await;
    let ada = bank.customer("ada@example.com").await;
    let reference = bank.reference(&ada, "GBP").await;
    let payment = Payment { direction: Direction::Debit, ..Payment::credit("GBP", "9.00", &reference) };
    let payments = bank.local.payments();
    let now = bank.local.aws().engine().now_ms();
    let delivery = payments.bank.pay(&payment, now, &payments.endpoint).await.unwrap();
    bank.settle().await;
    assert_eq!(delivery.status, Some(200));
    assert_eq!(bank.internal("suspense", Asset::Gbp).await, -900);
    assert_eq!(bank.internal("bank-settlement", Asset::Gbp).await, 900);
    assert_eq!(bank.available(&ada).await, "0.00");
}

#[tokio::test]
async fn the_books_of_matched_and_unmatched_money_add_up_to_nothing() {
    let bank = Bank::open().await;
    let ada = bank.customer("ada@example.com").await;
    let reference = bank.reference(&ada, "GBP").await;
    for (reference, amount) in [(reference.as_str(), "10.01"), ("nobody", "0.02"), (reference.as_str(), "300.00")] {
        bank.order(json!({ "reference": reference, "asset": "GBP", "amount": amount })).await;
    }
    bank.settle().await;
    assert_eq!(bank.available(&ada).await, "310.01");
    let bank_side = bank.internal("bank-settlement", Asset::Gbp).await;
    let suspense = bank.internal("suspense", Asset::Gbp).await;
    assert_eq!(31_001 + suspense + bank_side, 0);
}

#[tokio::test]
async fn a_payment_of_ours_that_comes_back_unsent_is_not_credited_though_it_quotes_a_reference() {
    let bank = Bank::open().await;
    let ada = bank.customer("ada@example.com").await;
    let reference = bank.reference(&ada, "GBP").await;
    let simulator = simulators::clearbank::Bank::with_key(&keys().clearbank, None).unwrap();
    let body = Payment::credit("GBP", "8.00", &reference).webhook_body(0, 1).unwrap();
    let body = String::from_utf8(body).unwrap().replace("\"IsReturn\":false", "\"IsReturn\":true");
    let signature = simulator.sign(body.as_bytes()).unwrap();
    assert_eq!(bank.webhook(body, Some(&signature)).await.0, 200);
    bank.settle().await;
    assert_eq!(bank.available(&ada).await, "0.00");
    assert_eq!(bank.internal("suspense", Asset::Gbp).await, 800);
}

#[tokio::test]
async fn a_genuine_webhook_of_an_unknown_kind_is_acknowledged_and_set_aside_for_a_person() {
    let bank = Bank::open().await;
    let simulator = simulators::clearbank::Bank::with_key(&keys().clearbank, None).unwrap();
    let body = r#"{"Type":"Sepa.Ct.InboundPayment.Recalled","Version":1,"Payload":{"PaymentId":"x"},"Nonce":7}"#;
    let signature = simulator.sign(body.as_bytes()).unwrap();
    let (status, reply) = bank.webhook(body, Some(&signature)).await;
    assert_eq!((status, reply), (200, json!({ "Nonce": 7 })));
    bank.settle().await;
    let set_aside = bank.local.aws().sqs.peek(&bank.queue("SettleDepositDeadLetters"), 10).unwrap();
    let record = set_aside[0].lambda_record("any");
    assert_eq!(record["messageAttributes"]["errorCode"]["stringValue"], "WEBHOOK_WITHOUT_PAYMENT");
}
