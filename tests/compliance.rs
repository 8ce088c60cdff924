//! Applicants whom the lists know, and the people who decide about them.

use serde_json::{Value, json};
use simulators::{onfido::Verdict, screening::Fault};
use time::Duration;
use uuid::Uuid;

use crate::support::{APPLY, Bank, Person, suspect};

const INBOX: &str =
    "{ backOffice { reviews(status: OPEN) { nodes { id customerId applicationId reason risk level approvalsNeeded
    assignee status evidence { check entity score } } } } }";
const ASSIGN: &str =
    "mutation($input: AssignReviewInput!) { backOffice { assignReview(input: $input) { review { assignee } } } }";
const ASK: &str = "mutation($input: RequestInformationInput!) { backOffice { requestInformation(input: $input) {
    review { status } } } }";
const DECIDE: &str = "mutation($input: DecideReviewInput!) { backOffice { decideReview(input: $input) {
    review { status decision opinions { by verdict } } } } }";
const ANSWER: &str = "mutation($input: ProvideInformationInput!) { provideInformation(input: $input) {
    application { status } } }";
const BORN: &str = "1961-03-04";

/// Somebody who applied, is who they say, and is screened.
async fn screened(bank: &Bank, email: &str) -> Person {
    let person = bank.newcomer(email).await;
    bank.graphql_with(&person, APPLY, suspect(Uuid::new_v4())).await;
    bank.settle().await;
    bank.identified(&person, Verdict::Approved).await;
    person
}

async fn status(bank: &Bank, person: &Person) -> String {
    let data = bank.graphql(person, "{ viewer { application { status } } }").await;
    data["viewer"]["application"]["status"].as_str().unwrap().to_owned()
}

/// The one review in the inbox.
async fn review(bank: &Bank, staff: &Person) -> Value {
    let mut inbox = bank.office(staff, INBOX, Value::Null).await;
    let reviews = inbox["reviews"]["nodes"].as_array_mut().unwrap();
    assert_eq!(reviews.len(), 1, "{reviews:?}");
    reviews.remove(0)
}

fn decision(review: &Value, decision: &str) -> Value {
    json!({ "reviewId": review["id"], "decisionId": Uuid::new_v4(), "decision": decision, "reason": "It is another person." })
}

async fn open_executions(bank: &Bank) -> usize {
    bank.local.aws().states.open().unwrap().len()
}

#[tokio::test]
async fn whom_nobody_lists_is_screened_three_times_and_let_in() {
    let bank = Bank::open().await;
    let ada = screened(&bank, "ada@example.com").await;
    assert_eq!(status(&bank, &ada).await, "APPROVED");
    let calls = bank.local.screening().provider.calls();
    assert_eq!(calls.len(), 3, "{calls:?}");
    let data = bank.graphql(&ada, "{ viewer { application { steps { name status } } } }").await;
    let steps = data["viewer"]["application"]["steps"].to_string();
    assert!(steps.contains(r#"{"name":"SCREENING","status":"DONE"}"#), "{steps}");
    bank.assert_nothing_set_aside();
}

#[tokio::test]
async fn a_likeness_waits_for_two_people_and_the_customers_answer() {
    let bank = Bank::open().await;
    bank.list("sanction", "1961-03-05");
    let ivy = screened(&bank, "ivy@example.com").await;
    assert_eq!(status(&bank, &ivy).await, "IN_REVIEW");

    let (grace, alan) = (
        bank.staff("grace@granary.example", &["compliance"]).await,
        bank.staff("alan@granary.example", &["compliance"]).await,
    );
    let case = review(&bank, &grace).await;
    assert_eq!((&case["reason"], &case["approvalsNeeded"]), (&json!("SANCTIONS"), &json!(2)), "{case}");
    assert_eq!(case["evidence"][0]["entity"], "NK-orlovsky");

    bank.office(&grace, ASSIGN, json!({ "reviewId": case["id"], "to": grace.sub })).await;
    let question =
        json!({ "reviewId": case["id"], "questionId": Uuid::new_v4(), "text": "Where were you born, Konstantin?" });
    bank.office(&grace, ASK, question.clone()).await;
    bank.office(&grace, ASK, question).await; // A second click.
    bank.settle().await;
    assert_eq!(bank.office_refusal(&alan, DECIDE, decision(&case, "APPROVE")).await, "CASE_AWAITS_CUSTOMER");

    let asked = bank.graphql(&ivy, "{ viewer { application { id status informationRequest { id question } } } }").await;
    let application = &asked["viewer"]["application"];
    assert_eq!(application["status"], "INFORMATION_NEEDED");
    assert_eq!(application["informationRequest"]["question"], "Where were you born, Konstantin?");
    let answer = json!({ "applicationId": case["applicationId"], "requestId": application["informationRequest"]["id"],
        "text": "In Leeds, on a Saturday." });
    for _ in 0..2 {
        let told = bank.graphql_with(&ivy, ANSWER, answer.clone()).await;
        assert_eq!(told["provideInformation"]["application"]["status"], "IN_REVIEW");
    }
    bank.settle().await;

    let first = bank.office(&grace, DECIDE, decision(&case, "APPROVE")).await;
    assert_eq!(first["decideReview"]["review"]["decision"], Value::Null, "one is not enough");
    assert_eq!(status(&bank, &ivy).await, "IN_REVIEW");
    let second = bank.office(&alan, DECIDE, decision(&case, "APPROVE")).await;
    assert_eq!(second["decideReview"]["review"]["decision"], "APPROVED");
    bank.settle().await;
    assert_eq!(status(&bank, &ivy).await, "APPROVED");
    assert_eq!(bank.office_refusal(&grace, DECIDE, decision(&case, "DECLINE")).await, "CASE_CLOSED");
    assert_eq!(open_executions(&bank).await, 0);
    bank.assert_nothing_set_aside();
}

#[tokio::test]
async fn a_decline_by_compliance_leaves_nothing_behind() {
    let bank = Bank::open().await;
    bank.list("role.pep", BORN);
    let ivy = screened(&bank, "ivy@example.com").await;
    let grace = bank.staff("grace@granary.example", &["compliance"]).await;
    let case = review(&bank, &grace).await;
    assert_eq!((&case["reason"], &case["approvalsNeeded"]), (&json!("PEP"), &json!(1)), "{case}");
    let id =
        json!({ "reviewId": case["id"], "decisionId": Uuid::new_v4(), "decision": "DECLINE", "reason": "It is them." });
    bank.office(&grace, DECIDE, id.clone()).await;
    bank.office(&grace, DECIDE, id).await;
    bank.settle().await;
    assert_eq!(status(&bank, &ivy).await, "DECLINED");
    assert_eq!(open_executions(&bank).await, 0);
    assert!(bank.local.identity_provider().provider.runs().iter().all(|run| run.status.is_over()));
    assert!(!bank.items("LedgerEvents").await.iter().any(|it| it["pk"].as_s().unwrap().contains(&ivy.sub)));
    bank.assert_nothing_set_aside();
}

#[tokio::test]
async fn whoever_is_certainly_sanctioned_is_declined_without_a_case() {
    let bank = Bank::open().await;
    bank.list("sanction", BORN);
    let ivy = screened(&bank, "ivy@example.com").await;
    assert_eq!(status(&bank, &ivy).await, "DECLINED");
    let grace = bank.staff("grace@granary.example", &["compliance"]).await;
    let inbox = bank.office(&grace, INBOX, Value::Null).await;
    assert_eq!(inbox["reviews"]["nodes"], json!([]));
}

#[tokio::test]
async fn a_case_that_nobody_decides_gets_louder_and_decides_nothing() {
    let bank = Bank::open().await;
    bank.list("role.pep", BORN);
    let ivy = screened(&bank, "ivy@example.com").await;
    bank.local.advance(std::time::Duration::from_secs(4 * 24 * 3600)).await.unwrap();
    let grace = bank.staff("grace@granary.example", &["compliance"]).await;
    bank.assert_nothing_set_aside();
    let level = review(&bank, &grace).await["level"].as_u64().unwrap();
    assert!((1..=2).contains(&level), "{level}");
    let ivy = bank.again(&ivy).await;
    assert_eq!(status(&bank, &ivy).await, "IN_REVIEW");
    assert_eq!(open_executions(&bank).await, 1);
}

#[tokio::test]
async fn a_provider_that_is_away_costs_time_and_no_customer() {
    let bank = Bank::open().await;
    bank.local.screening().provider.fail_next(4, Fault::Status(503));
    let ada = screened(&bank, "ada@example.com").await;
    assert_eq!(status(&bank, &ada).await, "SCREENING");
    bank.local.advance(std::time::Duration::from_secs(3600)).await.unwrap();
    let ada = bank.again(&ada).await;
    assert_eq!(status(&bank, &ada).await, "APPROVED");
    bank.assert_nothing_set_aside();
}

#[tokio::test]
async fn only_the_group_of_compliance_decides_and_reveals() {
    let bank = Bank::open().await;
    bank.list("role.pep", BORN);
    let ivy = screened(&bank, "ivy@example.com").await;
    let grace = bank.staff("grace@granary.example", &["compliance"]).await;
    let case = review(&bank, &grace).await;
    let reveal =
        "mutation($input: RevealPersonalDataInput!) { backOffice { revealPersonalData(input: $input) { lastName } } }";
    let whom = json!({ "customerId": ivy.sub, "reason": "to compare with the list" });
    for group in ["operations", "auditor", "partners"] {
        let other = bank.staff(&format!("{group}@granary.example"), &[group]).await;
        assert_eq!(bank.office_refusal(&other, DECIDE, decision(&case, "APPROVE")).await, "FORBIDDEN", "{group}");
        assert_eq!(bank.office_refusal(&other, reveal, whom.clone()).await, "FORBIDDEN", "{group}");
    }
    assert_eq!(bank.office_refusal(&ivy, DECIDE, decision(&case, "APPROVE")).await, "FORBIDDEN");
    let told = bank.office(&grace, reveal, whom).await;
    assert_eq!(told["revealPersonalData"]["lastName"], "Orlovsky-Reznik");
    bank.advance(Duration::minutes(1)).await;
}
