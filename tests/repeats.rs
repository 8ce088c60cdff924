//! The same twice, out of order, late, or with a death in between: one effect.

use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::Bank;

#[tokio::test]
async fn the_same_webhook_again_books_nothing_again() {
    let bank = Bank::open().await;
    let ada = bank.customer("ada@example.com").await;
    let reference = bank.reference(&ada, "GBP").await;
    let order = json!({ "reference": reference, "asset": "GBP", "amount": "10.00", "transactionId": Uuid::new_v4(), "duplicate": true });
    for _ in 0..3 {
        for delivery in bank.order(order.clone()).await {
            assert_eq!(delivery.status, Some(200), "a duplicate is acknowledged");
        }
        bank.settle().await;
    }
    let pounds = bank.pounds(&ada).await;
    assert_eq!(pounds["available"]["amount"], "10.00");
    assert_eq!(pounds["entries"]["nodes"].as_array().unwrap().len(), 1);
    bank.assert_nothing_set_aside();
}

#[tokio::test]
async fn another_payment_under_an_id_that_is_booked_is_set_aside_with_its_reason() {
    let bank = Bank::open().await;
    let ada = bank.customer("ada@example.com").await;
    let reference = bank.reference(&ada, "GBP").await;
    let id = Uuid::new_v4();
    for amount in ["10.00", "99.00"] {
        bank.order(json!({ "reference": reference, "asset": "GBP", "amount": amount, "transactionId": id })).await;
        bank.settle().await;
    }
    assert_eq!(bank.available(&ada).await, "10.00");
    let set_aside = bank.local.aws().sqs.peek(&bank.queue("SettleDepositDeadLetters"), 10).unwrap();
    assert_eq!(set_aside.len(), 1);
    assert_eq!(reason(&set_aside[0]), "OPERATION_REUSED");
}

fn reason(message: &granary::services::Message) -> String {
    let record = message.lambda_record("any");
    record["messageAttributes"]["errorCode"]["stringValue"].as_str().unwrap_or_default().to_owned()
}

/// The messages of every commit so far, as the relay sends them.
async fn commits(bank: &Bank, events: &str) -> Vec<(String, u64, String)> {
    use aws_sdk_dynamodb::types::AttributeValue;
    let mut messages: Vec<_> = bank
        .items(events)
        .await
        .iter()
        .map(|item| {
            let text = |name: &str| item[name].as_s().unwrap().clone();
            let number = |name: &str| item[name].as_n().unwrap().parse::<u64>().unwrap();
            let AttributeValue::B(previous) = &item["p"] else { panic!("no hash") };
            let prev: String = previous.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
            let body = json!({ "stream": text("pk"), "version": number("sk"), "kind": text("k"), "prev": prev,
                "commit": text("c"), "state": text("s"), "stateVersion": number("sv") });
            (text("pk"), number("sk"), body.to_string())
        })
        .collect();
    messages.sort();
    messages
}

fn send(bank: &Bank, queue: &str, body: &str) {
    let outgoing = granary::services::Outgoing { body: body.to_owned(), ..Default::default() };
    bank.local.aws().sqs.send(&bank.queue(queue), &outgoing).unwrap();
}

/// What customers see, as the projections have it.
async fn everything_seen(bank: &Bank) -> Vec<String> {
    let mut seen: Vec<_> = bank
        .items("LedgerProjections")
        .await
        .iter()
        .map(|item| {
            let mut attributes: Vec<_> = item.iter().map(|(name, value)| format!("{name}={value:?}")).collect();
            attributes.sort();
            attributes.join(" ")
        })
        .collect();
    seen.sort();
    seen
}

#[tokio::test]
async fn commits_again_backwards_and_in_duplicate_change_no_row() {
    let bank = Bank::open().await;
    let ada = bank.customer("ada@example.com").await;
    let reference = bank.reference(&ada, "GBP").await;
    for amount in ["1.00", "2.00", "3.00"] {
        bank.pay(&reference, "GBP", amount).await;
    }
    let before = everything_seen(&bank).await;
    let commits = commits(&bank, "LedgerEvents").await;
    for (stream, _, body) in commits.iter().rev().chain(&commits) {
        let queue = if stream.starts_with("op#") { "ProjectOperationsQueue" } else { "ProjectAccountsQueue" };
        send(&bank, queue, body);
    }
    bank.settle().await;
    assert_eq!(everything_seen(&bank).await, before);
    bank.assert_nothing_set_aside();
}

#[tokio::test]
async fn projections_that_missed_everything_but_the_newest_commit_read_the_rest_from_the_store() {
    let bank = Bank::open().await;
    let ada = bank.customer("ada@example.com").await;
    let reference = bank.reference(&ada, "GBP").await;
    for amount in ["1.00", "2.00", "3.00"] {
        bank.pay(&reference, "GBP", amount).await;
    }
    let before = everything_seen(&bank).await;
    let table = bank.table("LedgerProjections");
    for item in bank.items("LedgerProjections").await {
        let delete = bank.dynamodb().delete_item().table_name(&table);
        delete.key("pk", item["pk"].clone()).key("sk", item["sk"].clone()).send().await.unwrap();
    }
    let mut newest = std::collections::BTreeMap::new();
    for (stream, version, body) in commits(&bank, "LedgerEvents").await {
        newest.insert(stream, (version, body));
    }
    for (stream, (_, body)) in &newest {
        let queue = if stream.starts_with("op#") { "ProjectOperationsQueue" } else { "ProjectAccountsQueue" };
        send(&bank, queue, body);
    }
    bank.settle().await;
    assert_eq!(everything_seen(&bank).await, before);
}

#[tokio::test]
async fn the_same_milestone_again_opens_nothing_again() {
    let bank = Bank::open().await;
    let ada = bank.customer("ada@example.com").await;
    let before = bank.items("LedgerEvents").await.len();
    let milestone = json!({ "version": "0", "id": Uuid::new_v4(), "detail-type": "CustomerActivated.v1", "source": "granary.identity",
        "detail": { "id": Uuid::new_v4(), "occurredAt": "2026-11-20T12:00:00.000Z", "data": { "customerId": ada.sub } } });
    for _ in 0..2 {
        send(&bank, "OpenAccountsQueue", &milestone.to_string());
    }
    bank.settle().await;
    assert_eq!(bank.items("LedgerEvents").await.len(), before);
    bank.assert_nothing_set_aside();
}

#[tokio::test]
async fn poison_is_set_aside_with_its_reason_and_its_neighbours_are_unharmed() {
    let bank = Bank::open().await;
    let ada = bank.customer("ada@example.com").await;
    let reference = bank.reference(&ada, "GBP").await;
    let poison = [
        ("SettleDepositQueue", "SettleDepositDeadLetters", "no json", "JOB_MALFORMED"),
        ("OpenAccountsQueue", "OpenAccountsDeadLetters", "{}", "MILESTONE_MALFORMED"),
        ("ProjectAccountsQueue", "ProjectAccountsDeadLetters", "[]", "COMMIT_MALFORMED"),
    ];
    for (queue, _, body, _) in poison {
        send(&bank, queue, body);
    }
    bank.pay(&reference, "GBP", "7.00").await;
    assert_eq!(bank.available(&ada).await, "7.00");
    for (queue, dead_letters, body, code) in poison {
        assert_eq!(bank.waiting_in(queue), 0);
        let set_aside = bank.local.aws().sqs.peek(&bank.queue(dead_letters), 10).unwrap();
        let found = set_aside.iter().find(|message| message.body == body);
        assert_eq!(reason(found.unwrap_or_else(|| panic!("{body} is not in {dead_letters}"))), code);
    }
}

#[tokio::test]
async fn work_that_cannot_be_done_yet_is_tried_again_and_then_parked_with_its_reason() {
    let bank = Bank::open().await;
    let job = r#"{"object":"webhooks/clearbank/not-there.json","correlationId":"x"}"#;
    send(&bank, "SettleDepositQueue", job);
    for attempt in 1..=5 {
        bank.advance(time::Duration::hours(1)).await;
        assert_eq!(bank.waiting_in("ParkedQueue"), u64::from(attempt == 5), "attempt {attempt}");
    }
    assert_eq!(bank.waiting_in("SettleDepositQueue"), 0);
    let parked = bank.local.aws().sqs.peek(&bank.queue("ParkedQueue"), 10).unwrap();
    assert_eq!(parked[0].body, job);
    assert_eq!(reason(&parked[0]), "PORT_UNAVAILABLE");
}

#[tokio::test]
async fn a_commit_that_does_not_continue_the_projected_history_is_set_aside_as_tampering() {
    let bank = Bank::open().await;
    bank.customer("ada@example.com").await;
    // The newest one: it is what the row shows, so it must be the very commit.
    let (_, _, body) = commits(&bank, "IdentityEvents").await.pop().unwrap();
    let mut forged: Value = serde_json::from_str(&body).unwrap();
    forged["commit"] = json!(forged["commit"].as_str().unwrap().replace("2026", "2025"));
    send(&bank, "ProjectCustomersQueue", &forged.to_string());
    bank.settle().await;
    let set_aside = bank.local.aws().sqs.peek(&bank.queue("ProjectCustomersDeadLetters"), 10).unwrap();
    assert_eq!(reason(&set_aside[0]), "CHAIN_BROKEN");
}

#[tokio::test]
async fn work_whose_time_was_up_comes_again_and_is_done_once() {
    let bank = Bank::open().await;
    let ada = bank.customer("ada@example.com").await;
    let reference = bank.reference(&ada, "GBP").await;
    bank.order(json!({ "reference": reference, "asset": "GBP", "amount": "4.00" })).await;

    // A consumer took the message, did the work, and died before it could say so.
    let queue = bank.queue("SettleDepositQueue");
    let taken = bank.local.aws().sqs.receive(&queue, 1, None).unwrap();
    let event = json!({ "Records": [taken[0].lambda_record(&queue)] }).to_string();
    bank.local.lambdas().invoke("SettleDeposit", event.into()).await.unwrap();
    bank.settle().await;
    assert_eq!(bank.available(&ada).await, "4.00");
    assert_eq!(bank.waiting_in("SettleDepositQueue"), 1);

    bank.advance(time::Duration::hours(1)).await;
    let ada = crate::support::Person { token: bank.log_in(&ada.email).await, ..ada };
    assert_eq!(bank.waiting_in("SettleDepositQueue"), 0);
    assert_eq!(bank.available(&ada).await, "4.00");
    bank.assert_nothing_set_aside();
}
