//! Erasing customers.

use serde_json::{Value, json};

use super::{
    mutation,
    world::{ALAN, APPLICATION, CUSTOMER, FORMER, GRACE, World},
};

const REASON: &str = "Ada Lovelace wrote to us on the eighteenth.";
const FILE: &str =
    "id status erasure { requestedAt requestedBy data { class dueOn atOnce legalGround destroyedAt certificate } }";
const AT: &str = "2026-01-31T09:30:00.000Z";

fn erase() -> String {
    mutation("eraseCustomer", "EraseCustomerInput", &format!("customer {{ {FILE} }}"))
}

fn input(customer: &str, reason: &str) -> Value {
    json!({ "customerId": customer, "reason": reason })
}

#[tokio::test]
async fn a_customer_is_erased_once_and_the_file_says_what_is_kept_and_why() {
    let world = World::with_risk(50).await;
    let kept = |class: &str| {
        json!({ "class": class, "dueOn": "2031-01-31", "atOnce": false, "legalGround": "MONEY_LAUNDERING",
            "destroyedAt": null, "certificate": null })
    };
    let contact = json!({ "class": "CONTACT", "dueOn": "2026-01-31", "atOnce": true, "legalGround": null,
        "destroyedAt": null, "certificate": null });
    let file = json!({ "id": FORMER.to_string(), "status": "ERASED", "erasure": { "requestedAt": AT,
        "requestedBy": ALAN.to_string(), "data": [kept("IDENTITY"), contact, kept("CASE"), kept("PAYMENT")] } });
    for _ in 0..2 {
        let erased = world.data(ALAN, &erase(), input(&FORMER.to_string(), REASON)).await;
        assert_eq!(erased["eraseCustomer"]["customer"], file);
    }
    let query = format!("{{ backOffice {{ customer(id: \"{FORMER}\") {{ {FILE} }} }} }}");
    assert_eq!(world.data(GRACE, &query, Value::Null).await["customer"], file);
    // Whoever asks after somebody else is told so, and changes nothing.
    let before = world.store.0.lock().unwrap().len();
    assert_eq!(world.refused(&erase(), input(&FORMER.to_string(), REASON)).await, "ERASURE_ALREADY_REQUESTED");
    let commits = world.store.0.lock().unwrap();
    assert_eq!(commits.len(), before);
    assert!(commits.iter().all(|commit| !commit.body.contains("Lovelace") && !commit.state.contains("Lovelace")));
}

#[tokio::test]
async fn nobody_is_erased_with_whom_the_bank_is_not_done() {
    let world = World::with_risk(50).await;
    let former = FORMER.to_string();
    for (given, code) in [
        (input(&CUSTOMER.to_string(), REASON), "ERASURE_APPLICATION_RUNNING"),
        (input(&former, "  "), "TEXT_EMPTY"),
        (input(&former, &"long".repeat(1001)), "TEXT_TOO_LONG"),
        (input("nobody", REASON), "BAD_INPUT"),
        (input(&APPLICATION.to_string(), REASON), "NOT_FOUND"),
    ] {
        assert_eq!(world.refused(&erase(), given.clone()).await, code, "{given}");
    }
    let query = format!("{{ backOffice {{ customer(id: \"{FORMER}\") {{ status erasure {{ requestedAt }} }} }} }}");
    let file = world.data(GRACE, &query, Value::Null).await["customer"].take();
    assert_eq!(file, json!({ "status": "ACTIVE", "erasure": null }));
}
