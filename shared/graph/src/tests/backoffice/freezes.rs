//! Freezing customers.

use serde_json::{Value, json};

use super::{
    mutation,
    world::{ALAN, CUSTOMER, FREEZE, FREEZE_REASON, GRACE, World},
};
use crate::Group;

const OTHER: &str = "44444444-4444-4444-8444-444444444444";
const FILE: &str = "customer { id status frozen closing freezes { id side reviewId by at liftedAt } }";
const AT: &str = "2026-01-31T09:30:00.000Z";

fn freeze() -> String {
    mutation("freezeCustomer", "FreezeInput", FILE)
}

fn unfreeze() -> String {
    mutation("unfreezeCustomer", "UnfreezeInput", FILE)
}

fn input(freeze: &str, side: &str, reason: &str) -> Value {
    json!({ "customerId": CUSTOMER.to_string(), "freezeId": freeze, "side": side, "reason": reason })
}

fn lift(freeze: &str) -> Value {
    json!({ "customerId": CUSTOMER.to_string(), "freezeId": freeze, "reason": "We were wrong." })
}

#[tokio::test]
async fn a_freeze_stands_until_its_own_lift_and_says_nothing_personal() {
    let world = World::with_risk(50).await;
    let first = FREEZE.to_string();
    let frozen = world.data(ALAN, &freeze(), input(OTHER, "CREDITS", "Ada Lovelace rang.")).await;
    let one = |id: &str, side: &str, by: &str, lifted: Value| json!({ "id": id, "side": side, "reviewId": null, "by": by, "at": AT, "liftedAt": lifted });
    let (grace, alan) = (GRACE.to_string(), ALAN.to_string());
    let expected = |frozen: Value, lifted: Value| {
        let freezes = [one(&first, "DEBITS", &grace, lifted), one(OTHER, "CREDITS", &alan, Value::Null)];
        json!({ "id": CUSTOMER.to_string(), "status": "APPLYING", "frozen": frozen, "closing": false, "freezes": freezes })
    };
    assert_eq!(frozen["freezeCustomer"]["customer"], expected(json!("BOTH"), Value::Null));
    for _ in 0..2 {
        let lifted = world.data(ALAN, &unfreeze(), lift(&first)).await;
        assert_eq!(lifted["unfreezeCustomer"]["customer"], expected(json!("CREDITS"), json!(AT)));
    }
    // A late repeat freezes nothing.
    let again = world.data(GRACE, &freeze(), input(&first, "DEBITS", FREEZE_REASON)).await;
    assert_eq!(again["freezeCustomer"]["customer"], expected(json!("CREDITS"), json!(AT)));
    let query = format!("{{ backOffice {{ customer(id: \"{CUSTOMER}\") {{ frozen }} }} }}");
    assert_eq!(world.data(GRACE, &query, Value::Null).await["customer"], json!({ "frozen": "CREDITS" }));
    let commits = world.store.0.lock().unwrap();
    assert!(commits.iter().all(|commit| !commit.body.contains("Lovelace") && !commit.state.contains("Lovelace")));
}

#[tokio::test]
async fn what_makes_no_sense_is_refused() {
    let world = World::with_risk(50).await;
    let first = FREEZE.to_string();
    for (given, code) in [
        (input(&first, "BOTH", FREEZE_REASON), "FREEZE_REUSED"),
        (input(&first, "DEBITS", "for another reason"), "FREEZE_REUSED"),
        (input(OTHER, "DEBITS", "  "), "TEXT_EMPTY"),
        (input("mine", "DEBITS", "why not"), "BAD_INPUT"),
        (json!({ "customerId": ALAN.to_string(), "freezeId": OTHER, "side": "BOTH", "reason": "x" }), "NOT_FOUND"),
    ] {
        assert_eq!(world.refused(&freeze(), given.clone()).await, code, "{given}");
    }
    assert_eq!(world.refused(&unfreeze(), lift(OTHER)).await, "FREEZE_UNKNOWN");
}

#[tokio::test]
async fn operations_freeze_as_compliance_does_and_decide_nothing() {
    let world = World::with_risk(50).await;
    let ask = |query: String, input: Value| {
        let world = &world;
        async move { world.ask(Some((ALAN, &[Group::Operations])), &query, json!({ "input": input })).await.body }
    };
    let frozen = ask(freeze(), input(OTHER, "BOTH", "A court says so.")).await;
    assert_eq!(frozen["data"]["backOffice"]["freezeCustomer"]["customer"]["frozen"], "BOTH");
    let assign = mutation("assignReview", "AssignReviewInput", "review { id }");
    let refused = ask(assign, json!({ "reviewId": world.case().to_string(), "to": ALAN.to_string() })).await;
    assert_eq!(refused["errors"][0]["extensions"]["code"], "FORBIDDEN");
}
