//! Staff have somebody erased, and whoever watched them stops.

use std::time::Duration;

use granary::services::Outgoing;
use serde_json::{Value, json};
use simulators::onfido::Verdict;
use uuid::Uuid;

use super::{EMAIL, World, id, is_erased};
use crate::support::{APPLY, Person, suspect};

const ERASE: &str = "mutation($input: EraseCustomerInput!) { backOffice { eraseCustomer(input: $input) {
    customer { status erasure { requestedBy data { class dueOn atOnce legalGround destroyedAt } } } } } }";
const FILE: &str = "status erasure { data { class destroyedAt certificate } }";
const INBOX: &str = "{ backOffice { reviews(status: OPEN) { nodes { id } } } }";
const DECIDE: &str =
    "mutation($input: DecideReviewInput!) { backOffice { decideReview(input: $input) { review { status } } } }";
const DAY: Duration = Duration::from_secs(24 * 3600);

impl World {
    /// Who is listed as looked for.
    async fn listed(&self) -> Vec<String> {
        let rows = self.bank.items("ComplianceProjections").await;
        let listed = rows.iter().filter(|row| row["pk"].as_s().unwrap() == "monitored");
        listed.map(|row| row["sk"].as_s().unwrap().clone()).collect()
    }

    /// How often the screening provider was asked about somebody.
    fn looked_up(&self) -> usize {
        let calls = self.bank.local.screening().provider.calls();
        calls.iter().filter(|call| call.uri.contains("/match/")).count()
    }

    fn send(&self, queue: &str, body: &Value) {
        let body = body.to_string();
        self.bank.local.aws().sqs.send(&self.bank.queue(queue), &Outgoing { body, ..Outgoing::default() }).unwrap();
    }
}

fn order(person: &Person) -> Value {
    json!({ "customerId": person.sub, "reason": "They wrote to us on the eighteenth." })
}

/// A milestone as the bus hands it on.
fn milestone(name: &str, data: Value) -> Value {
    json!({ "detail-type": name,
        "detail": { "id": Uuid::new_v4(), "occurredAt": "2026-11-20T12:00:00.000Z", "data": data } })
}

#[tokio::test]
async fn staff_ask_for_it_and_see_what_is_kept_and_what_is_gone() {
    let world = World::open().await;
    let bank = &world.bank;
    let ada = bank.customer(EMAIL).await;
    let grace = bank.staff("grace@granary.example", &["compliance"]).await;
    let olga = bank.staff("olga@granary.example", &["operations"]).await;
    assert_eq!(bank.office_refusal(&olga, ERASE, order(&ada)).await, "FORBIDDEN");
    for _ in 0..2 {
        let file = bank.office(&grace, ERASE, order(&ada)).await["eraseCustomer"]["customer"].take();
        assert_eq!((&file["status"], &file["erasure"]["requestedBy"]), (&json!("ERASED"), &json!(grace.sub)));
        let told = |class: &str| {
            let data = file["erasure"]["data"].as_array().unwrap();
            let data = data.iter().find(|it| it["class"] == class).unwrap();
            (data["dueOn"].clone(), data["atOnce"].clone(), data["legalGround"].clone())
        };
        assert_eq!(told("CONTACT"), (json!("2026-11-20"), json!(true), Value::Null));
        for class in ["IDENTITY", "CASE", "PAYMENT"] {
            assert_eq!(told(class), (json!("2031-11-20"), json!(false), json!("MONEY_LAUNDERING")));
        }
        bank.settle().await;
    }
    let alan = bank.staff("alan@granary.example", &["compliance"]).await;
    assert_eq!(bank.office_refusal(&alan, ERASE, order(&ada)).await, "ERASURE_ALREADY_REQUESTED");
    assert!(is_erased(&world.opened(id(&ada), "email").await));
    let file = format!("{{ backOffice {{ customer(id: \"{}\") {{ {FILE} }} }} }}", ada.sub);
    let file = bank.office(&grace, &file, Value::Null).await["customer"].take();
    let data = file["erasure"]["data"].as_array().unwrap();
    let gone: Vec<_> = data.iter().filter(|it| !it["destroyedAt"].is_null()).collect();
    assert_eq!(gone[0]["certificate"], format!("erasures/{}/contact.json", ada.sub));
    assert_eq!((gone.len(), world.certificates(id(&ada)).len()), (1, 1));
    world.assert_sound().await;
}

#[tokio::test]
async fn a_customer_with_a_case_of_monitoring_is_not_erased_before_it_is_decided() {
    let world = World::open().await;
    let bank = &world.bank;
    let ivy = bank.newcomer("ivy@example.com").await;
    bank.graphql_with(&ivy, APPLY, suspect(Uuid::new_v4())).await;
    bank.settle().await;
    bank.identified(&ivy, Verdict::Approved).await;
    bank.list("sanction", "1961-03-04");
    bank.local.advance(DAY).await.unwrap();
    let grace = bank.staff("grace@granary.example", &["compliance"]).await;
    assert_eq!(bank.office_refusal(&grace, ERASE, order(&ivy)).await, "ERASURE_CASE_OPEN");
    let inbox = bank.office(&grace, INBOX, Value::Null).await;
    let alan = bank.staff("alan@granary.example", &["compliance"]).await;
    for staff in [&grace, &alan] {
        let decision = json!({ "reviewId": inbox["reviews"]["nodes"][0]["id"], "decisionId": Uuid::new_v4(),
            "decision": "DECLINE", "reason": "It is them." });
        bank.office(staff, DECIDE, decision).await;
    }
    bank.settle().await;
    bank.office(&grace, ERASE, order(&ivy)).await;
    bank.settle().await;
    assert_eq!(world.listed().await, Vec::<String>::new());
    world.assert_sound().await;
}

#[tokio::test]
async fn whoever_is_forgotten_is_looked_for_no_more_whatever_comes_late() {
    let world = World::open().await;
    let bank = &world.bank;
    let (ada, bob) = (bank.customer(EMAIL).await, bank.customer("bob@example.com").await);
    let mut both = vec![ada.sub.clone(), bob.sub.clone()];
    both.sort();
    assert_eq!(world.listed().await, both);
    let the_other = vec![bob.sub.clone()];
    let run = bank.run_of(&ada).unwrap();
    let grace = bank.staff("grace@granary.example", &["compliance"]).await;
    bank.office(&grace, ERASE, order(&ada)).await;
    bank.settle().await;
    assert_eq!(world.listed().await, the_other);

    // The end twice, the approval after it, a job of a round that was under way, and what the provider's monitor finds.
    let customer = json!({ "customerId": ada.sub });
    let approved = json!({ "customerId": ada.sub, "applicationId": Uuid::new_v4() });
    let before = world.looked_up();
    let screened = || async {
        let rows = bank.items("ComplianceEvents").await;
        rows.iter().filter(|row| row["pk"].as_s().unwrap() == &format!("screening#{}", ada.sub)).count()
    };
    let commits = screened().await;
    for _ in 0..2 {
        world.send("EndMonitoringQueue", &milestone("CustomerErasureRequested.v1", customer.clone()));
        world.send("StartMonitoringQueue", &milestone("ApplicationApproved.v1", approved.clone()));
        let round = json!({ "day": "2026-11-21", "index": "a" });
        world.send("RescreenCustomerQueue", &json!({ "customer": ada.sub, "round": round }));
    }
    let door = bank.local.identity_provider();
    let found = ["5f0a1c2e-7b3d-4e68-9a10-2c4d6e8fa0b1".to_owned()];
    door.provider.find_matches(run, &found, bank.now_ms(), &door.endpoint).await.unwrap();
    bank.settle().await;
    assert_eq!((screened().await, world.looked_up()), (commits, before));
    assert_eq!(world.listed().await, the_other);

    // A day later only the other one is looked for, in three lists.
    bank.local.advance(DAY).await.unwrap();
    assert_eq!(world.looked_up() - before, 2 * 3, "the rest of this day and the next");
    assert_eq!(screened().await, commits);
    world.assert_sound().await;

    // The end of somebody who is not looked for yet, and then the beginning.
    let cleo = Uuid::new_v4();
    world.send("EndMonitoringQueue", &milestone("CustomerErasureRequested.v1", json!({ "customerId": cleo })));
    bank.settle().await;
    let late = json!({ "customerId": cleo, "applicationId": Uuid::new_v4() });
    world.send("StartMonitoringQueue", &milestone("ApplicationApproved.v1", late));
    bank.settle().await;
    assert_eq!(world.listed().await, the_other);
    bank.assert_nothing_set_aside();
    world.send("EndMonitoringQueue", &json!({}));
    bank.settle().await;
    assert_eq!(bank.waiting_in("EndMonitoringDeadLetters"), 1);
}
