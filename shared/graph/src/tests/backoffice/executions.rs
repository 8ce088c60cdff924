//! What operations see of workflows, and do to those that are parked.

use app::commit::{Actor, Cause};
use domain::{
    ids::{ApplicantId, StaffId},
    moment::Moment,
    onboarding::application::{Application, ApplicationEvent},
};
use serde_json::{Value, json};

use super::{
    super::fakes::only_error,
    world::{APPLICATION, CUSTOMER, EXECUTION, GRACE, OLDER, PARKED, World},
};
use crate::Group;

const WHY: &str = "the provider is back since noon";

fn mutation(name: &str) -> String {
    format!(
        "mutation($input: ExecutionInput!) {{ backOffice {{ {name}(input: $input) {{ execution {{ id status }} }} }} }}"
    )
}

fn input(state: &str, why: &str) -> Value {
    json!({ "input": { "executionId": EXECUTION.to_string(), "state": state, "reason": why } })
}

async fn done(world: &World, who: StaffId, name: &str, variables: Value) -> Result<Value, String> {
    let told = world.ask(Some((who, &[Group::Operations])), &mutation(name), variables).await;
    match told.body["errors"].is_null() {
        true => Ok(told.body["data"]["backOffice"][name]["execution"].clone()),
        false => Err(only_error(&told)["extensions"]["code"].as_str().unwrap().to_owned()),
    }
}

#[tokio::test]
async fn an_execution_shows_where_it_stands_and_no_token() {
    let world = World::with_risk(50).await;
    let query = format!(
        "{{ backOffice {{ execution(id: \"{EXECUTION}\") {{ id customerId applicationId status startedAt endedAt definition \
         states {{ name type status enteredAt leftAt entered error }} waits {{ state for since error }} }} }} }}"
    );
    let shown = world.data(GRACE, &query, Value::Null).await["execution"].clone();
    let at = "2026-01-31T09:30:00.000Z";
    assert_eq!(shown["waits"], json!([{ "state": PARKED, "for": "OPERATOR", "since": at, "error": "Bug" }]));
    assert_eq!(
        shown["states"],
        json!([
            { "name": "Call", "type": "Task", "status": "FAILED", "enteredAt": at, "leftAt": at, "entered": 1, "error": "Bug" },
            { "name": PARKED, "type": "Task", "status": "ACTIVE", "enteredAt": at, "leftAt": null, "entered": 1, "error": null },
        ])
    );
    assert_eq!((&shown["status"], &shown["applicationId"]), (&json!("RUNNING"), &json!(APPLICATION.to_string())));
    assert!(!shown.to_string().contains("token"), "{shown}");
    for none in [format!("{CUSTOMER}.{OLDER}"), "nonsense".to_owned()] {
        let query = format!("{{ backOffice {{ execution(id: \"{none}\") {{ id }} }} }}");
        assert_eq!(world.data(GRACE, &query, Value::Null).await["execution"], Value::Null);
    }
}

#[tokio::test]
async fn a_parked_state_goes_on_once() {
    let world = World::with_risk(50).await;
    let resumed = done(&world, GRACE, "resumeExecution", input(PARKED, WHY)).await.unwrap();
    assert_eq!(resumed["id"], EXECUTION.to_string());
    assert_eq!(
        done(&world, GRACE, "resumeExecution", input(PARKED, WHY)).await,
        Err("EXECUTION_NOT_PARKED".to_owned())
    );
    assert_eq!(*world.engine.told.lock().unwrap(), ["token-1: {}"]);
}

#[tokio::test]
async fn what_is_unwound_is_told_so_and_what_is_approved_only_goes_forward() {
    let world = World::with_risk(50).await;
    done(&world, GRACE, "unwindExecution", input(PARKED, WHY)).await.unwrap();
    assert_eq!(*world.engine.told.lock().unwrap(), ["token-1: Rejected GIVEN_UP_BY_OPERATIONS"]);

    let world = World::with_risk(50).await;
    let streams = &world.office.operations.streams;
    let approved = ApplicationEvent::Approved { application: APPLICATION, at: Moment::of(streams.now()) };
    let (stream, cause) = (ApplicantId(CUSTOMER).into(), Cause::by(Actor::System("tests")));
    streams.record::<Application>(&stream, &cause, &[approved]).await.unwrap();
    assert_eq!(
        done(&world, GRACE, "unwindExecution", input(PARKED, WHY)).await,
        Err("EXECUTION_PAST_APPROVAL".to_owned())
    );
    assert!(world.engine.told.lock().unwrap().is_empty());
}

#[tokio::test]
async fn what_cannot_be_done_to_an_execution_is_refused_with_its_own_code() {
    let world = World::with_risk(50).await;
    let other = json!({ "input": { "executionId": format!("{CUSTOMER}.{OLDER}"), "state": PARKED, "reason": WHY } });
    let nonsense = json!({ "input": { "executionId": "nonsense", "state": PARKED, "reason": WHY } });
    for (variables, code) in [
        (input("Call", WHY), "EXECUTION_NOT_PARKED"),
        (input("Nowhere", WHY), "EXECUTION_NOT_PARKED"),
        (input(PARKED, "because"), "REASON_TOO_SHORT"),
        (other, "EXECUTION_UNKNOWN"),
        (nonsense, "EXECUTION_UNKNOWN"),
    ] {
        for name in ["resumeExecution", "unwindExecution"] {
            assert_eq!(done(&world, GRACE, name, variables.clone()).await, Err(code.to_owned()), "{variables}");
        }
    }
    let themselves = StaffId::new(*CUSTOMER.as_uuid());
    assert_eq!(done(&world, themselves, "unwindExecution", input(PARKED, WHY)).await, Err("CASE_OWN".to_owned()));
    assert!(world.engine.told.lock().unwrap().is_empty());
}

#[tokio::test]
async fn applications_are_looked_through_by_how_far_they_are_and_by_id() {
    let world = World::with_risk(50).await;
    let list = |arguments: String| {
        let query = format!(
            "{{ backOffice {{ applications{arguments} {{ nodes {{ id customerId executionId status }} }} }} }}"
        );
        let world = &world;
        async move { world.data(GRACE, &query, Value::Null).await["applications"]["nodes"].clone() }
    };
    let one = json!([{
        "id": APPLICATION.to_string(), "customerId": CUSTOMER.to_string(), "executionId": EXECUTION.to_string(),
        "status": "SUBMITTED",
    }]);
    assert_eq!(list(String::new()).await, one);
    assert_eq!(list("(status: SUBMITTED)".to_owned()).await, one);
    assert_eq!(list("(status: DECLINED)".to_owned()).await, json!([]));
    for id in [APPLICATION.to_string(), CUSTOMER.to_string()] {
        assert_eq!(list(format!("(find: \" {id} \")")).await, one);
        assert_eq!(list(format!("(find: \"{id}\", status: DECLINED)")).await, json!([]));
    }
    assert_eq!(list(format!("(find: \"{OLDER}\")")).await, json!([]));
    let query = "{ backOffice { applications(find: \"Ada\") { nodes { id } } } }";
    assert_eq!(world.refused(query, Value::Null).await, "BAD_INPUT");
}
