//! Bad input at the doors: a clear coded refusal, and nothing changed.

use serde_json::{Value, json};
use simulators::clearbank::{Bank as Simulator, Payment};

use crate::support::{Bank, Person, TEMPLATE, keys};

const VIEWER: &str = r#"{"query":"{ viewer { id } }"}"#;

/// Everything that is stored anywhere, to see that nothing changed.
async fn everything(bank: &Bank) -> Vec<usize> {
    let mut counts = Vec::new();
    for table in &bank.local.plan().tables {
        counts.push(bank.items(&table.logical_id).await.len());
    }
    for queue in &bank.local.plan().queues {
        counts.push(usize::try_from(bank.waiting_in(&queue.logical_id)).unwrap());
    }
    let bucket = &bank.local.plan().bucket("RawWebhooks").unwrap().name;
    counts.push(bank.local.aws().s3.keys(bucket, "webhooks/clearbank/").unwrap().len());
    counts
}

#[tokio::test]
async fn a_webhook_that_is_unsigned_altered_oversized_or_malformed_is_refused() {
    let bank = Bank::open().await;
    let ada = bank.customer("ada@example.com").await;
    let reference = bank.reference(&ada, "GBP").await;
    let before = everything(&bank).await;

    let simulator = Simulator::with_key(&keys().clearbank, None).unwrap();
    let stranger = Simulator::open(None).unwrap();
    let genuine = Payment::credit("GBP", "5.00", &reference).webhook_body(0, 1).unwrap();
    let signature = simulator.sign(&genuine).unwrap();
    let altered: Vec<u8> = String::from_utf8(genuine.clone()).unwrap().replace("5.00", "9.00").into_bytes();
    let huge = vec![b' '; 256 * 1024 + 1];
    let signed = |body: &[u8]| simulator.sign(body).unwrap();
    type Case = (&'static str, Vec<u8>, Option<String>, u16, &'static str);
    let cases: Vec<Case> = vec![
        ("unsigned", genuine.clone(), None, 401, "SIGNATURE_MISSING"),
        ("garbled", genuine.clone(), Some("%%%".to_owned()), 401, "SIGNATURE_MALFORMED"),
        ("altered", altered, Some(signature), 401, "SIGNATURE_MISMATCH"),
        ("foreign", genuine.clone(), Some(stranger.sign(&genuine).unwrap()), 401, "SIGNATURE_MISMATCH"),
        ("oversized", huge.clone(), Some(signed(&huge)), 413, "WEBHOOK_TOO_LARGE"),
        ("no JSON", b"<xml/>".to_vec(), Some(signed(b"<xml/>")), 400, "MALFORMED"),
        ("not a webhook", b"{}".to_vec(), Some(signed(b"{}")), 400, "MALFORMED"),
    ];
    for (what, body, signature, status, code) in cases {
        let (seen, answer) = bank.webhook(body, signature.as_deref()).await;
        assert_eq!((seen, answer["error"]["code"].as_str()), (status, Some(code)), "{what}: {answer}");
    }
    bank.settle().await;
    assert_eq!(everything(&bank).await, before);
}

#[tokio::test]
async fn an_amount_that_is_negative_zero_over_precise_or_no_amount_is_refused_though_it_is_signed() {
    let bank = Bank::open().await;
    let ada = bank.customer("ada@example.com").await;
    let reference = bank.reference(&ada, "GBP").await;
    let before = everything(&bank).await;
    let simulator = Simulator::with_key(&keys().clearbank, None).unwrap();
    let genuine = Payment::credit("GBP", "5.25", &reference).webhook_body(0, 1).unwrap();
    let genuine = String::from_utf8(genuine).unwrap();
    assert!(genuine.contains("5.25"));
    for (amount, code) in [
        ("-5.25", "AMOUNT_NOT_POSITIVE"),
        ("0", "AMOUNT_NOT_POSITIVE"),
        ("0.00", "AMOUNT_NOT_POSITIVE"),
        ("5.255", "AMOUNT_OVER_PRECISE"),
        ("1e3", "MALFORMED"),
        ("\"5.25\"", "MALFORMED"),
        ("99999999999999999999999999999999999999999", "MALFORMED"),
    ] {
        let body = genuine.replace("5.25", amount);
        let signature = simulator.sign(body.as_bytes()).unwrap();
        let (status, answer) = bank.webhook(body, Some(&signature)).await;
        assert_eq!((status, answer["error"]["code"].as_str()), (400, Some(code)), "{amount}: {answer}");
    }
    let unknown = genuine.replace("\"GBP\"", "\"XAU\"");
    let (status, answer) = bank.webhook(unknown.clone(), Some(&simulator.sign(unknown.as_bytes()).unwrap())).await;
    assert_eq!((status, answer["error"]["code"].as_str()), (400, Some("UNKNOWN_CURRENCY")));
    bank.settle().await;
    assert_eq!(everything(&bank).await, before);
}

#[tokio::test]
async fn quarantine_keeps_what_was_refused_and_is_capped() {
    let bank = Bank::open().await;
    for _ in 0..50 {
        bank.webhook("{}", None).await;
    }
    let bucket = &bank.local.plan().bucket("RawWebhooks").unwrap().name;
    let kept = bank.local.aws().s3.keys(bucket, "quarantine/").unwrap().len();
    assert_eq!(kept, 20);
}

#[tokio::test]
async fn what_is_sent_to_the_simulator_is_checked_as_well() {
    let bank = Bank::open().await;
    let orders = [
        json!({ "reference": "x", "asset": "GBP", "amount": "-1.00" }),
        json!({ "reference": "x", "asset": "GBP", "amount": "0" }),
        json!({ "reference": "x", "asset": "GBP", "amount": "1.001" }),
        json!({ "reference": "x", "asset": "DOGE", "amount": "1.00" }),
        json!({ "reference": "x", "asset": "GBP", "amount": "many" }),
    ];
    for order in orders {
        use granary::dev::Payments as _;
        let parsed = serde_json::from_value(order.clone()).unwrap();
        // Either it is no payment at all, or it reaches our door and is refused there.
        let deliveries = bank.local.payments().pay(parsed).await.unwrap_or_default();
        assert!(deliveries.iter().all(|delivery| delivery.status == Some(400)), "{order}");
    }
    assert_eq!(bank.waiting_in("SettleDepositQueue"), 0);
}

fn code_of(answer: &Value) -> &str {
    answer["errors"][0]["extensions"]["code"].as_str().unwrap_or_default()
}

#[tokio::test]
async fn a_token_that_is_absent_expired_foreign_or_of_the_wrong_kind_opens_nothing() {
    let bank = Bank::open().await;
    let ada = bank.customer("ada@example.com").await;
    let id_token = bank.tokens(&ada.email).await.id_token().unwrap().to_owned();
    let elsewhere = Bank::open().await;
    let stranger: Person = elsewhere.customer("ada@example.com").await;

    let (_, answer) = bank.graphql_raw(None, VIEWER).await;
    assert_eq!(code_of(&answer), "UNAUTHENTICATED");
    let altered = format!("{}x", ada.token);
    for (what, token) in [("an id token", id_token.as_str()), ("altered", &altered), ("no token", "abc"), ("empty", "")]
    {
        let (status, answer) = bank.graphql_raw(Some(token), VIEWER).await;
        assert_eq!((status, code_of(&answer)), (401, "UNAUTHENTICATED"), "{what}: {answer}");
    }
    // The same keys and issuer sign tokens of a person whom this bank does not know.
    let (_, answer) = bank.graphql_raw(Some(&stranger.token), VIEWER).await;
    assert!(!code_of(&answer).is_empty(), "{answer}");

    let (status, _) = bank.graphql_raw(Some(&ada.token), VIEWER).await;
    assert_eq!(status, 200);
    bank.advance(time::Duration::hours(2)).await;
    let (status, answer) = bank.graphql_raw(Some(&ada.token), VIEWER).await;
    assert_eq!((status, code_of(&answer)), (401, "UNAUTHENTICATED"), "expired: {answer}");
}

#[tokio::test]
async fn malformed_graphql_is_refused_with_a_code() {
    let bank = Bank::open().await;
    let ada = bank.customer("ada@example.com").await;
    let before = everything(&bank).await;
    for (body, status) in [
        ("", 400),
        ("{", 400),
        ("[]", 422),
        (r#"{"query": 5}"#, 422),
        (r#"{"query": "{ viewer {"}"#, 400),
        (r#"{"query": "{ viewer { secrets } }"}"#, 422),
        (r#"{"query": "{ viewer { account(asset: \"DOGE\") { id } } }"}"#, 422),
        (r#"{"query": "{ viewer { accounts(first: 0) { nodes { id } } } }"}"#, 200),
        (r#"{"query": "{ viewer { accounts(first: 101) { nodes { id } } } }"}"#, 200),
        (r#"{"query": "{ viewer { operations(after: \"!\") { nodes { id } } } }"}"#, 200),
    ] {
        let (seen, answer) = bank.graphql_raw(Some(&ada.token), body).await;
        assert_eq!((seen, code_of(&answer)), (status, "BAD_INPUT"), "{body}: {answer}");
    }
    assert_eq!(everything(&bank).await, before);
}

/// The store behind the receiver is down: it must not be acknowledged, and the bank partner sends again.
#[tokio::test]
async fn a_webhook_that_cannot_be_stored_is_not_acknowledged_and_comes_again() {
    let (before, receiver) = TEMPLATE.split_once("  ClearbankWebhook:").unwrap();
    let receiver = receiver.replacen("s3:PutObject", "s3:GetObject", 1);
    let bank = Bank::open_with(&format!("{before}  ClearbankWebhook:{receiver}")).await;
    let deliveries = bank.order(json!({ "reference": "x", "asset": "GBP", "amount": "1.00" })).await;
    assert_eq!(deliveries[0].status, Some(503));
    assert_eq!(bank.waiting_in("SettleDepositQueue"), 0);
    let due = bank.local.payments().bank.next_due_ms().unwrap();
    assert_eq!(due - bank.local.aws().engine().now_ms(), 15 * 60 * 1000);
}
