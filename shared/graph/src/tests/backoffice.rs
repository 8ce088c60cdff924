//! What people who work here are told.

mod engine;
mod erasure;
mod executions;
mod freezes;
mod suspense;
mod table;
mod world;

use app::views::CaseStatus;
use domain::{
    compliance::case::TEXT_CHARS_MAX,
    ids::{CaseId, StaffId},
};
use serde_json::{Value, json};
use uuid::Uuid;

use self::world::{ALAN, APPLICATION, CUSTOMER, GRACE, NOTE, OLDER, World};
use crate::Group;

const FIRST: &str = "11111111-1111-4111-8111-111111111111";
const SECOND: &str = "22222222-2222-4222-8222-222222222222";
const THIRD: &str = "33333333-3333-4333-8333-333333333333";
const WHY: &str = "the customer rang about it";

fn mutation(name: &str, input: &str, selection: &str) -> String {
    format!("mutation($input: {input}!) {{ backOffice {{ {name}(input: $input) {{ {selection} }} }} }}")
}

fn decide() -> String {
    mutation("decideReview", "DecideReviewInput", "review { status decision opinions { by verdict at } version }")
}

fn decision(world: &World, id: &str, decision: &str) -> Value {
    json!({ "reviewId": world.case().to_string(), "decisionId": id, "decision": decision, "reason": "It is not them." })
}

/// The actors of the commits of the review, in order.
fn actors(world: &World) -> Vec<String> {
    let commits = world.store.0.lock().unwrap();
    let of_case = commits.iter().filter(|commit| commit.stream.kind() == "case");
    of_case.map(|commit| commit.names().unwrap().by).collect()
}

#[tokio::test]
async fn a_review_shows_what_a_person_needs_to_decide_and_nothing_personal() {
    let world = World::with_risk(81).await;
    let id = world.case();
    let query = format!(
        "{{ backOffice {{ review(id: \"{id}\") {{ id status decision reason risk level approvalsNeeded dueAt openedAt \
         closedAt assignee customerId applicationId evidence {{ check entity score }} opinions {{ by }} \
         timeline {{ kind at actor assignee hasText textId }} version }} }} }}"
    );
    let review = world.data(GRACE, &query, Value::Null).await["review"].clone();
    let at = "2026-01-31T09:30:00.000Z";
    let expected = json!({
        "id": id.to_string(), "status": "OPEN", "decision": null, "reason": "PEP", "risk": 81, "level": 0,
        "approvalsNeeded": 2, "dueAt": "2026-02-01T09:30:00.000Z", "openedAt": at, "closedAt": null, "assignee": null,
        "customerId": CUSTOMER.to_string(), "applicationId": APPLICATION.to_string(),
        "evidence": [{ "check": "PEP", "entity": "Q7259", "score": 81 }], "opinions": [],
        "timeline": [
            { "kind": "OPENED", "at": at, "actor": "system", "assignee": null, "hasText": false, "textId": null },
            { "kind": "NOTE_ADDED", "at": at, "actor": GRACE.to_string(), "assignee": null, "hasText": true,
              "textId": world.note().await },
        ],
        "version": 1,
    });
    assert_eq!(review, expected);
    assert!(world.vault.read.lock().unwrap().is_empty());
    for none in [CaseId::of_application(CUSTOMER, OLDER).to_string(), "nonsense".to_owned()] {
        let query = format!("{{ backOffice {{ review(id: \"{none}\") {{ id }} }} }}");
        assert_eq!(world.data(GRACE, &query, Value::Null).await["review"], Value::Null);
    }
}

#[tokio::test]
async fn reviews_are_listed_by_how_far_they_are_and_whose_they_are() {
    let world = World::with_risk(50).await;
    world.open(OLDER, 50).await;
    let assign =
        mutation("assignReview", "AssignReviewInput", "review { assignee timeline { kind assignee } version }");
    let input = json!({ "reviewId": world.case().to_string(), "to": ALAN.to_string() });
    let assigned = world.data(GRACE, &assign, input.clone()).await["assignReview"]["review"].clone();
    assert_eq!((&assigned["assignee"], &assigned["version"]), (&json!(ALAN.to_string()), &json!(2)));
    let entry = json!({ "kind": "ASSIGNED", "assignee": ALAN.to_string() });
    assert_eq!(assigned["timeline"][2], entry);
    assert_eq!(world.data(GRACE, &assign, input).await["assignReview"]["review"]["version"], 2, "it is so already");

    let list = |who: StaffId, arguments: &str| {
        let query =
            format!("{{ backOffice {{ reviews{arguments} {{ nodes {{ id }} pageInfo {{ hasNextPage }} }} }} }}");
        let world = &world;
        async move {
            let page = world.data(who, &query, Value::Null).await["reviews"].clone();
            (page["nodes"].as_array().unwrap().len(), page["pageInfo"]["hasNextPage"] == true)
        }
    };
    assert_eq!(list(GRACE, "").await, (2, false));
    assert_eq!(list(GRACE, "(first: 1)").await, (1, true));
    assert_eq!(list(GRACE, "(first: 1, after: \"at-0\")").await, (1, false));
    assert_eq!(list(GRACE, "(status: DECIDED)").await, (0, false));
    assert_eq!(list(GRACE, "(assignedToMe: true)").await, (0, false));
    assert_eq!(list(ALAN, "(assignedToMe: true)").await, (1, false));
    for arguments in ["first: 0", "first: 101", "after: \"nonsense\""] {
        let query = format!("{{ backOffice {{ reviews({arguments}) {{ nodes {{ id }} }} }} }}");
        assert_eq!(world.refused(&query, Value::Null).await, "BAD_INPUT", "{arguments}");
    }
}

#[tokio::test]
async fn a_risky_review_takes_two_people_and_their_ids_stand_in_what_they_did() {
    let world = World::with_risk(81).await;
    let first = decision(&world, FIRST, "APPROVE");
    for _ in 0..2 {
        let review = world.data(GRACE, &decide(), first.clone()).await["decideReview"]["review"].clone();
        assert_eq!((&review["status"], &review["version"]), (&json!("OPEN"), &json!(2)));
        assert_eq!(review["opinions"][0]["by"], GRACE.to_string());
    }
    let review = world.data(ALAN, &decide(), decision(&world, SECOND, "APPROVE")).await;
    let review = &review["decideReview"]["review"];
    assert_eq!((&review["status"], &review["decision"]), (&json!("DECIDED"), &json!("APPROVED")));
    let by = |staff: StaffId| format!("staff:{staff}");
    assert_eq!(actors(&world), ["system:tests".to_owned(), "system:tests".to_owned(), by(GRACE), by(ALAN)]);
    let commits = world.store.0.lock().unwrap();
    let newest = commits.last().unwrap().names().unwrap();
    assert_eq!(
        (newest.causation.as_deref(), newest.correlation.as_deref()),
        (Some("request-1"), Some("correlation-1"))
    );
    for commit in commits.iter() {
        assert!(!commit.body.contains("not them") && !commit.body.contains("cousin"), "{}", commit.body);
    }
}

#[tokio::test]
async fn what_cannot_be_done_to_a_review_is_refused_with_its_own_code() {
    let world = World::with_risk(50).await;
    let note = mutation("addReviewNote", "AddReviewNoteInput", "review { version }");
    let input = |text: &str| json!({ "reviewId": world.case().to_string(), "noteId": FIRST, "text": text });
    assert_eq!(world.data(GRACE, &note, input("first")).await["addReviewNote"]["review"]["version"], 2);
    assert_eq!(world.data(GRACE, &note, input("first")).await["addReviewNote"]["review"]["version"], 2);
    let with = |name: &str, value: &str| {
        let mut input = input("first");
        input[name] = json!(value);
        input
    };
    for (input, code) in [
        (input("second"), "CASE_TEXT_REUSED"),
        (input(" "), "TEXT_EMPTY"),
        (input(&"x".repeat(TEXT_CHARS_MAX + 1)), "TEXT_TOO_LONG"),
        (with("noteId", "mine"), "BAD_INPUT"),
        (with("reviewId", "mine"), "BAD_INPUT"),
        (with("reviewId", FIRST), "CASE_UNKNOWN"),
    ] {
        assert_eq!(world.refused(&note, input.clone()).await, code, "{input}");
    }
    let assign = mutation("assignReview", "AssignReviewInput", "review { version }");
    let nobody = json!({ "reviewId": world.case().to_string(), "to": "grace@granary.example" });
    assert_eq!(world.refused(&assign, nobody).await, "BAD_INPUT");
    world.data(ALAN, &decide(), decision(&world, SECOND, "DECLINE")).await;
    assert_eq!(world.refused(&decide(), decision(&world, THIRD, "DECLINE")).await, "CASE_CLOSED");
    let row = world.office.compliance.case(world.case()).await.unwrap().unwrap();
    assert_eq!(row.view.status, CaseStatus::Decided);
}

#[tokio::test]
async fn while_the_customer_is_asked_nothing_is_decided() {
    let world = World::with_risk(50).await;
    let ask = mutation("requestInformation", "RequestInformationInput", "review { status timeline { kind textId } }");
    let input = json!({ "reviewId": world.case().to_string(), "questionId": FIRST, "text": "Where were you born?" });
    let review = world.data(GRACE, &ask, input).await["requestInformation"]["review"].clone();
    assert_eq!(
        (&review["status"], &review["timeline"][2]["kind"]),
        (&json!("AWAITS_CUSTOMER"), &json!("INFORMATION_REQUESTED"))
    );
    assert_eq!(world.refused(&decide(), decision(&world, SECOND, "APPROVE")).await, "CASE_AWAITS_CUSTOMER");
}

#[tokio::test]
async fn a_text_is_shown_for_a_reason_that_the_audit_log_keeps() {
    let world = World::with_risk(50).await;
    let (reveal, note) = (mutation("revealText", "RevealTextInput", "text"), world.note().await);
    let input = |review: CaseId, text: &str, why: &str| json!({ "reviewId": review.to_string(), "textId": text, "reason": why });
    let shown = world.data(GRACE, &reveal, input(world.case(), &note, WHY)).await;
    assert_eq!(shown["revealText"]["text"], NOTE);
    {
        let read = world.vault.read.lock().unwrap();
        let [(slot, reader)] = read.as_slice() else { panic!("{read:?}") };
        assert_eq!((slot, reader.who.as_str(), reader.why.as_str()), (&note, format!("staff:{GRACE}").as_str(), WHY));
    }
    world.open(OLDER, 50).await;
    let other = CaseId::of_application(CUSTOMER, OLDER);
    for (input, code) in [
        (input(world.case(), &note, "because"), "REASON_TOO_SHORT"),
        (input(world.case(), &note, &"x".repeat(501)), "REASON_TOO_LONG"),
        (input(world.case(), "email", WHY), "TEXT_UNKNOWN"),
        (input(other, &note, WHY), "TEXT_UNKNOWN"),
        (input(CaseId::new(Uuid::nil()), &note, WHY), "CASE_UNKNOWN"),
    ] {
        assert_eq!(world.refused(&reveal, input.clone()).await, code, "{input}");
    }
    assert_eq!(world.vault.read.lock().unwrap().len(), 1, "what is refused is not read");
}

#[tokio::test]
async fn an_application_is_shown_as_it_was_written() {
    let world = World::with_risk(50).await;
    let reveal = mutation(
        "revealPersonalData",
        "RevealPersonalDataInput",
        "applicationId firstName lastName birthDate nationality address { street town postcode country } \
         document { kind number issuingCountry } bankAccount { holder iban sortCode accountNumber }",
    );
    let input =
        |application: Value| json!({ "customerId": CUSTOMER.to_string(), "applicationId": application, "reason": WHY });
    let expected = json!({
        "applicationId": APPLICATION.to_string(),
        "firstName": "Ada", "lastName": "Lovelace", "birthDate": "1990-12-10", "nationality": "GB",
        "address": { "street": "12 St James's Square", "town": "London", "postcode": "SW1Y 4JH", "country": "GB" },
        "document": { "kind": "PASSPORT", "number": "533401372", "issuingCountry": "GB" },
        "bankAccount": { "holder": "Ada Lovelace", "iban": "GB33BUKB20201555555555", "sortCode": null, "accountNumber": null },
    });
    for application in [Value::Null, json!(APPLICATION.to_string())] {
        let shown = world.data(GRACE, &reveal, input(application)).await;
        assert_eq!(shown["revealPersonalData"], expected);
    }
    let before = world.vault.read.lock().unwrap().len();
    assert_eq!(before, 2);
    assert_eq!(world.refused(&reveal, input(json!(OLDER.to_string()))).await, "APPLICATION_UNKNOWN");
    assert_eq!(world.refused(&reveal, input(json!("mine"))).await, "BAD_INPUT");
    let stranger = json!({ "customerId": Uuid::from_u128(0x57a6).to_string(), "reason": WHY });
    assert_eq!(world.refused(&reveal, stranger).await, "APPLICATION_UNKNOWN");
    let oneself = json!({ "customerId": GRACE.to_string(), "reason": WHY });
    assert_eq!(world.refused(&reveal, oneself).await, "CASE_OWN");
    let brief = json!({ "customerId": CUSTOMER.to_string(), "reason": "         x" });
    assert_eq!(world.refused(&reveal, brief).await, "REASON_TOO_SHORT");
    assert_eq!(world.vault.read.lock().unwrap().len(), before);
}

#[tokio::test]
async fn a_customers_file_leads_to_their_reviews() {
    let world = World::with_risk(50).await;
    let query = |id: &str| {
        format!(
            "{{ backOffice {{ customer(id: \"{id}\") {{ id status applications {{ id status submittedAt decidedAt \
             steps {{ name status }} review {{ id status }} }} }} }} }}"
        )
    };
    let file = world.data(GRACE, &query(&CUSTOMER.to_string()), Value::Null).await["customer"].clone();
    let application = json!({
        "id": APPLICATION.to_string(), "status": "SUBMITTED", "submittedAt": "2026-01-31T09:30:00.000Z",
        "decidedAt": null, "steps": [{ "name": "SUBMISSION", "status": "DONE" }],
        "review": { "id": world.case().to_string(), "status": "OPEN" },
    });
    assert_eq!(file, json!({ "id": CUSTOMER.to_string(), "status": "APPLYING", "applications": [application] }));
    for none in [GRACE.to_string(), "nonsense".to_owned()] {
        assert_eq!(world.data(GRACE, &query(&none), Value::Null).await["customer"], Value::Null);
    }
}

#[tokio::test]
async fn somebody_is_told_who_they_are_and_whoever_does_not_work_here_is_nobody() {
    let world = World::with_risk(50).await;
    let query = "{ backOffice { me { id groups } } }";
    let told = world.ask(Some((ALAN, &[Group::Auditor, Group::Partners])), query, Value::Null).await;
    let me = json!({ "id": ALAN.to_string(), "groups": ["AUDITOR"] });
    assert_eq!(told.body["data"]["backOffice"]["me"], me);
    let told = world.ask(Some((ALAN, &[Group::Partners])), query, Value::Null).await;
    assert_eq!(told.body["data"], Value::Null);
}

#[tokio::test]
async fn a_version_that_is_not_there_yet_is_bad_input() {
    let world = World::with_risk(50).await;
    let query = |version: u32| {
        format!("{{ backOffice {{ review(id: \"{}\", atLeastVersion: {version}) {{ version }} }} }}", world.case())
    };
    assert_eq!(world.data(GRACE, &query(1), Value::Null).await["review"]["version"], 1);
    assert_eq!(world.refused(&query(2), Value::Null).await, "BAD_INPUT");
}
