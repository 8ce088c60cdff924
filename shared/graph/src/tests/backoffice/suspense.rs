//! Money without an owner, and why somebody is frozen.

use serde_json::{Value, json};

use super::{
    WHY, mutation,
    world::{ALAN, CUSTOMER, FREEZE, FREEZE_REASON, GRACE, PAYER, WROTE, World, deposit},
};
use crate::Group;

const LIST: &str = "{ backOffice { suspense { nodes { id amount { asset amount } reason customerId since } } } }";

fn release() -> String {
    mutation("releaseDeposit", "ReleaseDepositInput", "depositId customerId amount { asset amount }")
}

fn to(deposit: &str, customer: &str) -> Value {
    json!({ "depositId": deposit, "customerId": customer, "reason": "Ada Lovelace showed us the receipt." })
}

#[tokio::test]
async fn what_waits_is_listed_until_it_is_released_and_says_nothing_personal() {
    let world = World::with_risk(50).await;
    let (id, customer) = (deposit().to_string(), CUSTOMER.to_string());
    let amount = json!({ "asset": "GBP", "amount": "123.45" });
    let waits = json!({ "id": id, "amount": amount, "reason": "UNKNOWN_REFERENCE", "customerId": null,
        "since": "2026-01-31T09:30:00.000Z" });
    assert_eq!(world.data(GRACE, LIST, Value::Null).await["suspense"]["nodes"], json!([waits]));
    for _ in 0..2 {
        let released = world.data(ALAN, &release(), to(&id, &customer)).await;
        let expected = json!({ "depositId": id, "customerId": customer, "amount": amount });
        assert_eq!(released["releaseDeposit"], expected);
    }
    assert_eq!(world.data(GRACE, LIST, Value::Null).await["suspense"]["nodes"], json!([]));
    let commits = world.store.0.lock().unwrap();
    assert!(commits.iter().all(|commit| !commit.body.contains("receipt") && !commit.state.contains("receipt")));
    let released = commits.iter().filter(|commit| commit.body.contains("deposit.released.v1"));
    let by: Vec<_> = released.map(|commit| commit.names().unwrap().by).collect();
    assert_eq!(by, [format!("staff:{ALAN}")]);
}

#[tokio::test]
async fn what_cannot_be_released_is_refused() {
    let world = World::with_risk(50).await;
    let (id, customer) = (deposit().to_string(), CUSTOMER.to_string());
    let unknown = "clearbank#00000000-0000-0000-0000-0000000000d1";
    for (input, code) in [
        (to(unknown, &customer), "SUSPENSE_UNKNOWN"),
        (to("mine", &customer), "BAD_INPUT"),
        (to(&id, "hers"), "BAD_INPUT"),
        (to(&id, &ALAN.to_string()), "NOT_FOUND"),
        (json!({ "depositId": id, "customerId": customer, "reason": " " }), "TEXT_EMPTY"),
    ] {
        assert_eq!(world.refused(&release(), input.clone()).await, code, "{input}");
    }
    let freeze = mutation("freezeCustomer", "FreezeInput", "customer { frozen }");
    let other = "44444444-4444-4444-8444-444444444444";
    let both = json!({ "customerId": customer, "freezeId": other, "side": "CREDITS", "reason": "A court says so." });
    world.data(GRACE, &freeze, both).await;
    assert_eq!(world.refused(&release(), to(&id, &customer)).await, "CUSTOMER_FROZEN");
}

#[tokio::test]
async fn who_paid_is_shown_to_compliance_for_a_reason() {
    let world = World::with_risk(50).await;
    let reveal = mutation("revealPayer", "RevealPayerInput", "details wrote");
    let input = |id: &str| json!({ "depositId": id, "reason": WHY });
    let shown = world.data(GRACE, &reveal, input(&deposit().to_string())).await;
    assert_eq!(shown["revealPayer"], json!({ "details": PAYER, "wrote": WROTE }));
    let read: Vec<_> =
        world.vault.read.lock().unwrap().iter().map(|(slot, it)| (slot.clone(), it.why.clone())).collect();
    assert_eq!(read, [("payer".to_owned(), WHY.to_owned()), ("remittance".to_owned(), WHY.to_owned())]);
    let unknown = input("clearbank#00000000-0000-0000-0000-0000000000d1");
    assert_eq!(world.refused(&reveal, unknown).await, "SUSPENSE_UNKNOWN");
}

#[tokio::test]
async fn why_somebody_was_frozen_and_why_not_any_longer_is_shown_to_compliance_for_a_reason() {
    let world = World::with_risk(50).await;
    let reveal = mutation("revealFreeze", "RevealFreezeInput", "text liftedText");
    let input = |freeze: &str| json!({ "customerId": CUSTOMER.to_string(), "freezeId": freeze, "reason": WHY });
    let freeze = FREEZE.to_string();
    let shown = world.data(ALAN, &reveal, input(&freeze)).await;
    assert_eq!(shown["revealFreeze"], json!({ "text": FREEZE_REASON, "liftedText": null }));
    let lift = mutation("unfreezeCustomer", "UnfreezeInput", "customer { freezes { by liftedBy hasReason } }");
    let why = json!({ "customerId": CUSTOMER.to_string(), "freezeId": freeze, "reason": "We were wrong." });
    let lifted = world.data(ALAN, &lift, why).await;
    let expected = json!([{ "by": GRACE.to_string(), "liftedBy": ALAN.to_string(), "hasReason": true }]);
    assert_eq!(lifted["unfreezeCustomer"]["customer"]["freezes"], expected);
    let shown = world.data(ALAN, &reveal, input(&freeze)).await;
    assert_eq!(shown["revealFreeze"], json!({ "text": FREEZE_REASON, "liftedText": "We were wrong." }));
    let whys: Vec<_> = world.vault.read.lock().unwrap().iter().map(|(_, reader)| reader.why.clone()).collect();
    assert_eq!(whys, [WHY; 3]);
    assert_eq!(world.refused(&reveal, input("44444444-4444-4444-8444-444444444444")).await, "FREEZE_UNKNOWN");
    let told = world.ask(Some((GRACE, &[Group::Operations])), &reveal, json!({ "input": input(&freeze) })).await;
    assert_eq!(told.body["errors"][0]["extensions"]["code"], "FORBIDDEN");
}
