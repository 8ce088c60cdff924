//! Screening goes on: customers whom a list knows since, what is frozen of them, and the people who decide about them.

use std::time::Duration;

use granary::services::Outgoing;
use serde_json::{Value, json};
use simulators::{onfido::Verdict, screening::Fault};
use uuid::Uuid;

use crate::support::{APPLY, Bank, Person, suspect};

const SAVE: &str =
    "mutation($input: SavingsMoveInput!) { saveToSavings(input: $input) { account { available { amount } } } }";
const TAKE: &str =
    "mutation($input: SavingsMoveInput!) { takeFromSavings(input: $input) { account { available { amount } } } }";
const INBOX: &str = "{ backOffice { reviews(status: OPEN) { nodes { id customerId applicationId freezes reason risk
    approvalsNeeded evidence { check entity score } } } } }";
const DECIDE: &str = "mutation($input: DecideReviewInput!) { backOffice { decideReview(input: $input) { review { status decision } } } }";
const FREEZE: &str = "mutation($input: FreezeInput!) { backOffice { freezeCustomer(input: $input) {
    customer { status frozen freezes { id side by reviewId liftedAt } } } } }";
const UNFREEZE: &str = "mutation($input: UnfreezeInput!) { backOffice { unfreezeCustomer(input: $input) {
    customer { status frozen } } } }";
const DAY: Duration = Duration::from_secs(24 * 3600);
const BORN: &str = "1961-03-04";

/// A customer whom no list knows yet, with 500 USDC.
async fn customer(bank: &Bank) -> Person {
    let ivy = bank.newcomer("ivy@example.com").await;
    bank.graphql_with(&ivy, APPLY, suspect(Uuid::new_v4())).await;
    bank.settle().await;
    bank.identified(&ivy, Verdict::Approved).await;
    let address = bank.address(&ivy, "USDC").await;
    bank.deposit_crypto("USDC", &address, "500").await;
    ivy
}

fn amount(amount: &str) -> Value {
    json!({ "operationId": Uuid::new_v4(), "money": { "asset": "USDC", "amount": amount } })
}

async fn pass(bank: &Bank, person: &Person, time: Duration) -> Person {
    bank.local.advance(time).await.unwrap();
    bank.again(person).await
}

async fn status(bank: &Bank, person: &Person) -> String {
    bank.graphql(person, "{ viewer { status } }").await["viewer"]["status"].as_str().unwrap().to_owned()
}

async fn dollars(bank: &Bank, person: &Person) -> String {
    let data = bank.graphql(person, "{ viewer { account(asset: \"USDC\") { available { amount } } } }").await;
    data["viewer"]["account"]["available"]["amount"].as_str().unwrap().to_owned()
}

async fn compliance(bank: &Bank) -> [Person; 2] {
    [
        bank.staff("grace@granary.example", &["compliance"]).await,
        bank.staff("alan@granary.example", &["compliance"]).await,
    ]
}

async fn inbox(bank: &Bank, staff: &Person) -> Vec<Value> {
    let mut inbox = bank.office(staff, INBOX, Value::Null).await;
    inbox["reviews"]["nodes"].take().as_array().unwrap().clone()
}

fn decision(review: &Value, decision: &str) -> Value {
    json!({ "reviewId": review["id"], "decisionId": Uuid::new_v4(), "decision": decision, "reason": "It is another person." })
}

fn calls(bank: &Bank) -> usize {
    bank.local.screening().provider.calls().iter().filter(|call| call.uri.contains("/match/")).count()
}

#[tokio::test]
async fn a_customer_whom_a_list_knows_since_is_frozen_until_two_people_say_otherwise() {
    let bank = Bank::open().await;
    let ivy = customer(&bank).await;
    bank.graphql_with(&ivy, SAVE, amount("100")).await;
    bank.list("sanction", BORN);
    assert_eq!(status(&bank, &ivy).await, "ACTIVE", "nobody has looked yet");
    let ivy = pass(&bank, &ivy, DAY).await;
    assert_eq!(status(&bank, &ivy).await, "FROZEN");
    assert_eq!(bank.refusal_of(&ivy, SAVE, amount("1")).await, "CUSTOMER_FROZEN");
    assert_eq!(bank.refusal_of(&ivy, TAKE, amount("1")).await, "CUSTOMER_FROZEN");
    let [grace, alan] = compliance(&bank).await;
    let reviews = inbox(&bank, &grace).await;
    let [review] = reviews.as_slice() else { panic!("{reviews:?}") };
    assert_eq!((&review["customerId"], &review["applicationId"]), (&json!(ivy.sub), &Value::Null));
    assert_eq!(
        (&review["freezes"], &review["reason"], &review["approvalsNeeded"]),
        (&json!("BOTH"), &json!("SANCTIONS"), &json!(2))
    );
    assert_eq!(review["evidence"][0]["entity"], "NK-orlovsky");

    // What comes in meanwhile waits; what is earned stays due over the weekend.
    let address = bank.address(&ivy, "USDC").await;
    bank.deposit_crypto("USDC", &address, "50").await;
    assert_eq!(dollars(&bank, &ivy).await, "400.000000");
    assert_eq!(bank.internal("suspense", money::Asset::Usdc).await, 50_000_000);
    let ivy = pass(&bank, &ivy, DAY * 7).await;
    let [grace, alan] = [bank.again(&grace).await, bank.again(&alan).await];
    let query = "{ viewer { savings { paidToDate { amount } } } }";
    assert_eq!(bank.graphql(&ivy, query).await["viewer"]["savings"][0]["paidToDate"]["amount"], "0.000000");
    assert_eq!(inbox(&bank, &grace).await.len(), 1, "whoever is known is no news, however often they are found");

    bank.office(&grace, DECIDE, decision(review, "APPROVE")).await;
    bank.settle().await;
    assert_eq!(status(&bank, &ivy).await, "FROZEN", "one is not enough");
    let decided = bank.office(&alan, DECIDE, decision(review, "APPROVE")).await;
    assert_eq!(decided["decideReview"]["review"]["decision"], "APPROVED");
    bank.settle().await;
    assert_eq!(status(&bank, &ivy).await, "ACTIVE");
    assert_eq!(dollars(&bank, &ivy).await, "450.000000", "what came in meanwhile is theirs");
    assert_eq!(bank.internal("suspense", money::Asset::Usdc).await, 0);
    bank.graphql_with(&ivy, SAVE, amount("1")).await;
    let ivy = pass(&bank, &ivy, DAY * 7).await;
    assert_eq!(status(&bank, &ivy).await, "ACTIVE", "what was decided stands");
    assert_ne!(bank.graphql(&ivy, query).await["viewer"]["savings"][0]["paidToDate"]["amount"], "0.000000");
    bank.assert_nothing_set_aside();
}

#[tokio::test]
async fn whom_compliance_declines_stays_frozen_and_is_marked_for_closing() {
    let bank = Bank::open().await;
    let ivy = customer(&bank).await;
    bank.list("sanction", BORN);
    let ivy = pass(&bank, &ivy, DAY).await;
    let [grace, alan] = compliance(&bank).await;
    let review = inbox(&bank, &grace).await.remove(0);
    for staff in [&grace, &alan] {
        bank.office(staff, DECIDE, decision(&review, "DECLINE")).await;
    }
    bank.settle().await;
    assert_eq!(status(&bank, &ivy).await, "FROZEN");
    let file =
        format!("{{ backOffice {{ customer(id: \"{}\") {{ frozen closing freezes {{ id reviewId }} }} }} }}", ivy.sub);
    let file = bank.office(&grace, &file, Value::Null).await["customer"].take();
    assert_eq!(
        (&file["frozen"], &file["closing"], &file["freezes"][0]["reviewId"]),
        (&json!("BOTH"), &json!(true), &review["id"])
    );
    // Only its own case would lift it.
    let lift = json!({ "customerId": ivy.sub, "freezeId": file["freezes"][0]["id"], "reason": "They rang." });
    assert_eq!(bank.office_refusal(&grace, UNFREEZE, lift).await, "FREEZE_BY_POLICY");
    bank.assert_nothing_set_aside();
}

#[tokio::test]
async fn everybody_is_looked_for_once_a_day_and_once_more_when_the_lists_have_changed() {
    let bank = Bank::open().await;
    let ivy = customer(&bank).await;
    let before = calls(&bank);
    let ivy = pass(&bank, &ivy, DAY * 2).await;
    assert_eq!(calls(&bank), before + 3 * 3, "the rest of this day and two more, three lists");
    // Somebody is listed: everybody is looked for again, though not before somebody looks at how the lists stand.
    bank.list("sanction", BORN);
    assert_eq!(calls(&bank), before + 3 * 3);
    let ivy = pass(&bank, &ivy, DAY / 4).await;
    assert_eq!(calls(&bank), before + 4 * 3);
    assert_eq!(status(&bank, &ivy).await, "FROZEN");
    bank.assert_nothing_set_aside();
}

#[tokio::test]
async fn whatever_comes_twice_or_late_freezes_once_and_asks_once() {
    let bank = Bank::open().await;
    let ivy = customer(&bank).await;
    bank.list("sanction", BORN);
    let send = |queue: &str, body: Value| {
        let body = body.to_string();
        bank.local.aws().sqs.send(&bank.queue(queue), &Outgoing { body, ..Outgoing::default() }).unwrap();
    };
    let job = json!({ "customer": ivy.sub, "round": { "day": "2026-11-20", "index": "a" } });
    for _ in 0..3 {
        send("RescreenCustomerQueue", job.clone());
    }
    send("RescreenCustomerQueue", json!({ "customer": ivy.sub, "round": { "day": "2026-11-19", "index": "b" } }));
    send(
        "RescreenCustomerQueue",
        json!({ "customer": Uuid::new_v4(), "round": { "day": "2026-11-20", "index": "a" } }),
    );
    send("StartRescreeningQueue", json!({ "scheduledAt": "2026-11-20T12:25:00Z" }));
    send("StartRescreeningQueue", json!({ "scheduledAt": "2026-11-20T12:25:00Z" }));
    send("StartRescreeningQueue", json!({ "scheduledAt": "2026-11-01T12:25:00Z" }));
    bank.local.advance(DAY / 96).await.unwrap(); // Whoever is asked this often asks to slow down.
    let [grace, alan] = compliance(&bank).await;
    let reviews = inbox(&bank, &grace).await;
    assert_eq!(reviews.len(), 1, "{reviews:?}");
    let controls = |items: &[std::collections::HashMap<String, aws_sdk_dynamodb::types::AttributeValue>]| {
        items.iter().filter(|it| it["pk"].as_s().unwrap().starts_with("controls#")).count()
    };
    assert_eq!(controls(&bank.items("LedgerEvents").await), 1);
    for staff in [&grace, &alan] {
        bank.office(staff, DECIDE, decision(&reviews[0], "APPROVE")).await;
    }
    bank.settle().await;
    // The order comes once more, after what had lifted it.
    let order = json!({ "detail-type": "CustomerFreezeOrdered.v1", "detail": { "id": Uuid::new_v4(),
        "occurredAt": "2026-11-20T12:25:00.000Z",
        "data": { "caseId": reviews[0]["id"], "customerId": ivy.sub, "side": "both" } } });
    send("FollowControlsQueue", order);
    bank.settle().await;
    assert_eq!(status(&bank, &ivy).await, "ACTIVE");
    assert_eq!(controls(&bank.items("LedgerEvents").await), 2);
    for (queue, dead_letters, body, code) in [
        ("RescreenCustomerQueue", "RescreenCustomerDeadLetters", "{}", "JOB_MALFORMED"),
        ("StartRescreeningQueue", "StartRescreeningDeadLetters", "{}", "JOB_MALFORMED"),
        ("StartMonitoringQueue", "StartMonitoringDeadLetters", "{}", "MILESTONE_MALFORMED"),
        ("FollowControlsQueue", "FollowControlsDeadLetters", "{}", "MILESTONE_MALFORMED"),
    ] {
        send(queue, serde_json::from_str(body).unwrap());
        bank.settle().await;
        assert_eq!(bank.waiting_in(dead_letters), 1, "{code}");
    }
}

#[tokio::test]
async fn a_provider_that_is_away_costs_time_and_nobody_is_left_out() {
    let bank = Bank::open().await;
    let ivy = customer(&bank).await;
    bank.list("sanction", BORN);
    bank.local.screening().provider.fail_next(3, Fault::Status(503));
    let ivy = pass(&bank, &ivy, DAY).await;
    assert_eq!(status(&bank, &ivy).await, "FROZEN");
    bank.assert_nothing_set_aside();
}

#[tokio::test]
async fn staff_freeze_and_unfreeze_by_hand_and_each_ground_counts() {
    let bank = Bank::open().await;
    let ivy = customer(&bank).await;
    let olga = bank.staff("olga@granary.example", &["operations"]).await;
    let freeze = json!({ "customerId": ivy.sub, "freezeId": Uuid::new_v4(), "side": "DEBITS",
        "reason": "Konstantin says that somebody else has his phone." });
    for _ in 0..2 {
        let file = bank.office(&olga, FREEZE, freeze.clone()).await["freezeCustomer"]["customer"].take();
        assert_eq!(
            (&file["status"], &file["frozen"], file["freezes"].as_array().unwrap().len()),
            (&json!("FROZEN"), &json!("DEBITS"), 1)
        );
    }
    bank.settle().await;
    assert_eq!(bank.refusal_of(&ivy, SAVE, amount("1")).await, "CUSTOMER_FROZEN");
    bank.list("sanction", BORN);
    let ivy = pass(&bank, &ivy, DAY).await;
    let olga = bank.again(&olga).await;
    let lift = json!({ "customerId": ivy.sub, "freezeId": freeze["freezeId"], "reason": "The phone was found." });
    let file = bank.office(&olga, UNFREEZE, lift).await["unfreezeCustomer"]["customer"].take();
    assert_eq!((&file["status"], &file["frozen"]), (&json!("FROZEN"), &json!("BOTH")), "policy's own freeze stays");
    for table in ["LedgerEvents", "LedgerProjections"] {
        for item in bank.items(table).await {
            assert!(!format!("{item:?}").contains("somebody else has his phone"), "{table}");
        }
    }
    bank.assert_nothing_set_aside();
}

#[tokio::test]
async fn what_the_identity_providers_monitor_finds_is_looked_at_in_the_same_way() {
    let bank = Bank::open().await;
    let ivy = customer(&bank).await;
    let run = bank.run_of(&ivy).unwrap();
    let door = bank.local.identity_provider();
    let found = ["5f0a1c2e-7b3d-4e68-9a10-2c4d6e8fa0b1".to_owned()];
    for _ in 0..2 {
        let delivery = door.provider.find_matches(run, &found, bank.now_ms(), &door.endpoint).await.unwrap();
        assert_eq!(delivery.status, Some(200));
        door.provider.redeliver(delivery.id, bank.now_ms(), &door.endpoint).await.unwrap();
    }
    bank.settle().await;
    assert_eq!(status(&bank, &ivy).await, "FROZEN");
    let [grace, alan] = compliance(&bank).await;
    let reviews = inbox(&bank, &grace).await;
    let [review] = reviews.as_slice() else { panic!("{reviews:?}") };
    assert_eq!(review["evidence"][0]["entity"], format!("onfido:{}", found[0]));
    for staff in [&grace, &alan] {
        bank.office(staff, DECIDE, decision(review, "APPROVE")).await;
    }
    bank.settle().await;
    assert_eq!(status(&bank, &ivy).await, "ACTIVE");
    door.provider.find_matches(run, &found, bank.now_ms(), &door.endpoint).await.unwrap();
    bank.settle().await;
    assert_eq!(status(&bank, &ivy).await, "ACTIVE", "whoever was decided about is no news");
    bank.assert_nothing_set_aside();
}

#[tokio::test]
async fn a_monitor_that_the_provider_does_not_know_is_set_aside() {
    let bank = Bank::open().await;
    let body =
        json!({ "payload": { "resource_type": "watchlist_monitor", "action": "watchlist_monitor.matches_updated",
        "object": { "id": Uuid::new_v4(), "status": "complete" } } })
        .to_string();
    let signature = bank.local.identity_provider().provider.sign(body.as_bytes());
    for (signature, code) in [(signature.as_str(), 200), ("0".repeat(64).as_str(), 401)] {
        let (status, _) = bank.post("/webhooks/onfido", &[("x-sha2-signature", signature)], body.clone()).await;
        assert_eq!(status, code);
    }
    bank.settle().await;
    assert_eq!(bank.waiting_in("ReviewMonitorDeadLetters"), 1);
}
