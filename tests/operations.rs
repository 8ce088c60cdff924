//! Workflows that are parked, and the people of operations who let them go on or give them up.

use serde_json::{Value, json};
use simulators::onfido::{Fault, Verdict};
use time::Duration;
use uuid::Uuid;

use crate::support::{APPLY, Bank, Person, application};

const STANDING: &str = "{ viewer { status application { status } } }";
const WHY: &str = "the provider is itself again";

/// Somebody whose application is parked, as the provider refuses what it is asked.
async fn parked(bank: &Bank, email: &str) -> (Person, Uuid) {
    let (person, id) = (bank.newcomer(email).await, Uuid::new_v4());
    bank.local.identity_provider().provider.fail_next(1, Fault::Status(422));
    bank.graphql_with(&person, APPLY, application(id)).await;
    bank.settle().await;
    (person, id)
}

fn execution(person: &Person, application: Uuid) -> String {
    format!("{}.{application}", person.sub)
}

async fn seen(bank: &Bank, staff: &Person, id: &str) -> Value {
    let query = format!(
        "{{ backOffice {{ execution(id: \"{id}\") {{ status states {{ name status entered error }} waits {{ state for error }} }} }} }}"
    );
    bank.office(staff, &query, Value::Null).await["execution"].clone()
}

fn mutation(name: &str) -> String {
    format!(
        "mutation($input: ExecutionInput!) {{ backOffice {{ {name}(input: $input) {{ execution {{ status waits {{ state for }} }} }} }} }}"
    )
}

fn at(id: &str, state: &str) -> Value {
    json!({ "executionId": id, "state": state, "reason": WHY })
}

async fn standing(bank: &Bank, person: &Person) -> Value {
    let person = bank.again(person).await;
    bank.graphql(&person, STANDING).await["viewer"].clone()
}

#[tokio::test]
async fn what_is_parked_says_why_and_goes_on_without_doing_anything_twice() {
    let bank = Bank::open().await;
    let (ada, id) = parked(&bank, "ada@example.com").await;
    let staff = bank.staff("omar@granary.example", &["operations"]).await;
    let id = execution(&ada, id);
    let shown = seen(&bank, &staff, &id).await;
    assert_eq!(shown["status"], "RUNNING");
    assert_eq!(shown["waits"], json!([{ "state": "ParkAtCreateRun", "for": "OPERATOR", "error": "Bug" }]));
    assert_eq!(
        shown["states"],
        json!([
            { "name": "CreateRun", "status": "FAILED", "entered": 1, "error": "Bug" },
            { "name": "ParkAtCreateRun", "status": "ACTIVE", "entered": 1, "error": null },
        ])
    );

    let resumed = bank.office(&staff, &mutation("resumeExecution"), at(&id, "ParkAtCreateRun")).await;
    assert_eq!(resumed["resumeExecution"]["execution"]["status"], "RUNNING");
    bank.settle().await;
    let again = bank.office_refusal(&staff, &mutation("resumeExecution"), at(&id, "ParkAtCreateRun")).await;
    assert_eq!(again, "EXECUTION_NOT_PARKED");
    let shown = seen(&bank, &staff, &id).await;
    assert_eq!(shown["waits"], json!([{ "state": "AwaitIdentity", "for": "IDENTITY", "error": null }]));
    assert_eq!(bank.local.identity_provider().provider.runs().len(), 1);

    bank.identified(&ada, Verdict::Approved).await;
    assert_eq!(standing(&bank, &ada).await["status"], "ACTIVE");
    assert_eq!(seen(&bank, &staff, &id).await["status"], "SUCCEEDED");
}

#[tokio::test]
async fn what_is_given_up_is_undone_and_the_applicant_declined() {
    let bank = Bank::open().await;
    let (ada, id) = parked(&bank, "ada@example.com").await;
    let staff = bank.staff("omar@granary.example", &["operations"]).await;
    let id = execution(&ada, id);
    bank.office(&staff, &mutation("unwindExecution"), at(&id, "ParkAtCreateRun")).await;
    bank.settle().await;
    let stood = standing(&bank, &ada).await;
    assert_eq!(stood["application"]["status"], "DECLINED");
    assert_eq!(bank.local.aws().states.open().unwrap().len(), 0);
    assert_eq!(seen(&bank, &staff, &id).await["status"], "SUCCEEDED");
    for row in bank.items("OnboardingPauses").await {
        assert!(!row["sk"].as_s().unwrap().starts_with("pause#"), "a pause is left: {:?}", row["sk"]);
    }
}

#[tokio::test]
async fn a_state_that_is_parked_again_at_once_can_be_resumed_again() {
    let bank = Bank::open().await;
    let (ada, id) = parked(&bank, "ada@example.com").await;
    let staff = bank.staff("omar@granary.example", &["operations"]).await;
    let id = execution(&ada, id);
    for _ in 0..2 {
        bank.local.identity_provider().provider.fail_next(1, Fault::Status(422));
        bank.office(&staff, &mutation("resumeExecution"), at(&id, "ParkAtCreateRun")).await;
        bank.settle().await;
        let shown = seen(&bank, &staff, &id).await;
        assert_eq!(shown["waits"][0]["state"], "ParkAtCreateRun");
    }
    bank.office(&staff, &mutation("resumeExecution"), at(&id, "ParkAtCreateRun")).await;
    bank.settle().await;
    assert_eq!(standing(&bank, &ada).await["application"]["status"], "IDENTITY_CHECK");
    bank.advance(Duration::hours(1)).await;
}

#[tokio::test]
async fn only_operations_may_and_applications_are_found() {
    let bank = Bank::open().await;
    let (ada, application) = parked(&bank, "ada@example.com").await;
    let id = execution(&ada, application);
    let grace = bank.staff("grace@granary.example", &["compliance"]).await;
    for name in ["resumeExecution", "unwindExecution"] {
        assert_eq!(bank.office_refusal(&grace, &mutation(name), at(&id, "ParkAtCreateRun")).await, "FORBIDDEN");
    }
    let list = |arguments: String| {
        let query = format!(
            "{{ backOffice {{ applications{arguments} {{ nodes {{ id customerId executionId status }} }} }} }}"
        );
        let (bank, grace) = (&bank, &grace);
        async move { bank.office(grace, &query, Value::Null).await["applications"]["nodes"].clone() }
    };
    let hers = json!([{ "id": application, "customerId": ada.sub, "executionId": id, "status": "SUBMITTED" }]);
    for arguments in [
        String::new(),
        "(status: SUBMITTED)".to_owned(),
        format!("(find: \"{application}\")"),
        format!("(find: \"{}\")", ada.sub),
    ] {
        assert_eq!(list(arguments.clone()).await, hers, "{arguments}");
    }
    let staff = bank.staff("omar@granary.example", &["operations"]).await;
    bank.office(&staff, &mutation("unwindExecution"), at(&id, "ParkAtCreateRun")).await;
    bank.settle().await;
    assert_eq!(list("(status: SUBMITTED)".to_owned()).await, json!([]));
    assert_eq!(list("(status: DECLINED)".to_owned()).await[0]["id"], application.to_string());
    assert_eq!(list(String::new()).await.as_array().unwrap().len(), 1);
}
