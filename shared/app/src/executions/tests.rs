use serde_json::{Value, json};
use time::{Duration, macros::datetime};
use uuid::Uuid;

use super::*;

const ID: ExecutionId =
    ExecutionId { customer: CustomerId::new(Uuid::from_u128(1)), application: ApplicationId::new(Uuid::from_u128(2)) };

/// Two calls at once, each parked by itself, and a pause behind them.
fn definition() -> Value {
    let park = |next: &str, catch: Value| {
        json!({
            "Type": "Task", "Resource": "arn:aws:states:::lambda:invoke.waitForTaskToken",
            "Parameters": { "FunctionName": "arn:aws:lambda:eu-west-1:1:function:pause", "Payload": { "awaited": "operator" } },
            "Catch": catch, "Next": next,
        })
    };
    let call = |park: &str| {
        json!({
            "Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken",
            "Parameters": { "QueueUrl": "https://queue" },
            "Catch": [{ "ErrorEquals": ["States.ALL"], "ResultPath": "$.error", "Next": park }], "End": true,
        })
    };
    let rejected =
        json!([{ "ErrorEquals": ["Rejected"], "Next": "Undo" }, { "ErrorEquals": ["States.ALL"], "Next": "Lost" }]);
    json!({
        "StartAt": "Both",
        "States": {
            "Both": { "Type": "Parallel", "Branches": [
                { "StartAt": "Left", "States": { "Left": call("ParkAtLeft"), "ParkAtLeft": park("Left", rejected) } },
                { "StartAt": "Right", "States": { "Right": call("ParkAtRight"), "ParkAtRight": park("Right", json!([])) } },
            ], "Next": "Choose" },
            "Choose": { "Type": "Choice", "Choices": [{ "Variable": "$.x", "StringEquals": "y", "Next": "Wait" }], "Default": "Undo" },
            "Wait": {
                "Type": "Task", "Resource": "arn:aws:states:::lambda:invoke.waitForTaskToken",
                "Parameters": { "Payload": { "awaited": "identity" } }, "Next": "Undo",
            },
            "Undo": { "Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "Next": "Done" },
            "Done": { "Type": "Succeed" },
            "Lost": { "Type": "Fail", "Error": "Lost" },
        },
    })
}

fn recorded(status: ExecutionStatus, events: &[(u64, RecordedKind)]) -> Recorded {
    let start = datetime!(2026-01-31 09:30 UTC);
    let event = |(index, (previous, kind)): (usize, &(u64, RecordedKind))| {
        let id = u64::try_from(index).unwrap() + 1;
        let at = start + Duration::seconds(i64::try_from(id).unwrap());
        RecordedEvent { id, previous: *previous, at, kind: kind.clone() }
    };
    Recorded {
        status,
        started_at: start,
        ended_at: None,
        definition: definition().to_string(),
        events: events.iter().enumerate().map(event).collect(),
    }
}

fn entered(state: &str) -> RecordedKind {
    RecordedKind::Entered { state: state.to_owned(), kind: "Task".to_owned() }
}

fn exited(state: &str) -> RecordedKind {
    RecordedKind::Exited { state: state.to_owned() }
}

fn went(wrong: &str) -> RecordedKind {
    RecordedKind::Went { wrong: Some(wrong.to_owned()) }
}

/// Both branches were entered; the left one failed twice, the second time for good, and is parked.
fn parked() -> Vec<(u64, RecordedKind)> {
    vec![
        (0, RecordedKind::Other),
        (1, entered("Both")),
        (2, entered("Left")),
        (2, entered("Right")),
        (3, RecordedKind::Other), // 5: scheduled
        (5, went("Transient")),
        (6, RecordedKind::Other), // 7: scheduled again
        (7, went("Bug")),
        (8, exited("Left")),
        (9, entered("ParkAtLeft")),
    ]
}

#[test]
fn a_parked_state_tells_what_brought_it_there_while_its_neighbour_waits_for_a_provider() {
    let execution = Execution::of(ID, &recorded(ExecutionStatus::Running, &parked())).unwrap();
    let states: Vec<_> =
        execution.states.iter().map(|it| (it.name.as_str(), it.status, it.error.as_deref(), it.entered)).collect();
    let expected = [
        ("Both", StateStatus::Active, None, 1),
        ("Left", StateStatus::Failed, Some("Bug"), 1),
        ("Right", StateStatus::Active, None, 1),
        ("ParkAtLeft", StateStatus::Active, None, 1),
    ];
    assert_eq!(states, expected);
    let waits: Vec<_> = execution.waits.iter().map(|it| (it.state.as_str(), it.reason, it.error.as_deref())).collect();
    assert_eq!(waits, [("Right", WaitReason::Provider, None), ("ParkAtLeft", WaitReason::Operator, Some("Bug"))]);
    assert_eq!(execution.waits[1].since.to_string(), "2026-01-31T09:30:10.000Z");
    assert!(execution.parked("ParkAtLeft").is_some());
    assert!(execution.parked("Right").is_none(), "it waits, and for nobody of operations");
    assert!(execution.parked("ParkAtRight").is_none(), "nobody is there");
}

#[test]
fn what_can_be_unwound_is_read_from_the_definition() {
    let execution = Execution::of(ID, &recorded(ExecutionStatus::Running, &parked())).unwrap();
    assert!(execution.can_unwind("ParkAtLeft"));
    assert!(!execution.can_unwind("ParkAtRight"), "it knows no way back");
    assert!(!execution.can_unwind("Left"), "what catches everything is no way back");
    assert!(!execution.can_unwind("Nowhere"));
}

#[test]
fn a_state_that_was_entered_again_shows_its_last_time() {
    let mut events = parked();
    events.extend([(10, exited("ParkAtLeft")), (11, entered("Left"))]);
    let again = Execution::of(ID, &recorded(ExecutionStatus::Running, &events)).unwrap();
    let left = &again.states[1];
    assert_eq!((left.status, left.entered, left.error.as_deref(), left.left_at), (StateStatus::Active, 2, None, None));
    let park = &again.states[3];
    assert_eq!((park.status, park.error.as_deref()), (StateStatus::Passed, None));
    assert_eq!(again.waits.len(), 2);
    assert_eq!(again.waits[0].error, None, "it was let go on, not led here by an error");
}

#[test]
fn a_state_that_was_cut_off_or_that_the_execution_ended_in_is_not_active() {
    let mut events = parked();
    events.extend([(4, RecordedKind::Aborted), (9, exited("Both")), (12, entered("Lost"))]);
    let failed = Execution::of(ID, &recorded(ExecutionStatus::Failed, &events)).unwrap();
    let right = &failed.states[2];
    assert_eq!((right.status, right.left_at.is_some()), (StateStatus::Failed, true));
    assert_eq!(failed.states.last().map(|it| (it.name.as_str(), it.status)), Some(("Lost", StateStatus::Failed)));
    assert!(failed.waits.is_empty());
    let ended = Execution::of(ID, &recorded(ExecutionStatus::Succeeded, &[(0, entered("Done"))])).unwrap();
    assert_eq!(ended.states[0].status, StateStatus::Passed);
}

#[test]
fn the_definition_that_is_shown_says_how_states_follow_each_other_and_names_nothing_else() {
    let execution = Execution::of(ID, &recorded(ExecutionStatus::Running, &parked())).unwrap();
    let text = execution.definition.to_string();
    for secret in ["arn:", "queue", "awaited", "Variable", "ResultPath"] {
        assert!(!text.contains(secret), "{secret}: {text}");
    }
    let states = &execution.definition["States"];
    assert_eq!(states["Choose"], json!({ "Type": "Choice", "Choices": [{ "Next": "Wait" }], "Default": "Undo" }));
    let left = &states["Both"]["Branches"][0]["States"]["Left"];
    assert_eq!(
        *left,
        json!({ "Type": "Task", "Catch": [{ "ErrorEquals": ["States.ALL"], "Next": "ParkAtLeft" }], "End": true })
    );
}

#[test]
fn an_execution_is_named_after_its_application_and_what_is_no_definition_is_none() {
    assert_eq!(ID.to_string().parse(), Ok(ID));
    for wrong in ["", "00000000-0000-0000-0000-000000000001", "a.b", "00000000-0000-0000-0000-000000000001."] {
        assert!(wrong.parse::<ExecutionId>().is_err(), "{wrong}");
    }
    let mut broken = recorded(ExecutionStatus::Running, &parked());
    broken.definition = "{}".to_owned();
    assert_eq!(Execution::of(ID, &broken), None);
}
