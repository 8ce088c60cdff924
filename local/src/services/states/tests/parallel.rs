//! Branches side by side.

use serde_json::{Value, json};

use super::{FUNCTION, Stage, alone, fault, machine, pause};

fn branch(name: &str, mut state: Value) -> Value {
    state["End"] = json!(true);
    json!({ "StartAt": name, "States": { name: state } })
}

fn function(name: &str) -> Value {
    json!({ "Type": "Task", "Resource": format!("{FUNCTION}-{name}") })
}

fn parallel(branches: Value, more: Value) -> Value {
    let mut state = json!({ "Type": "Parallel", "Branches": branches });
    state.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    state
}

#[tokio::test]
async fn branches_get_the_same_input_and_their_results_stand_in_order() {
    let slow = branch("Slow", json!({ "Type": "Wait", "Seconds": 5 }));
    let quick = branch("Quick", json!({ "Type": "Pass", "Parameters": { "n.$": "$.n" } }));
    let more = json!({
        "Parameters": { "n.$": "$.a" },
        "ResultSelector": { "first.$": "$[0].n", "second.$": "$[1]" },
        "ResultPath": "$.both",
    });
    let stage = Stage::new(alone(parallel(json!([slow, quick]), more)));
    let arn = stage.start(json!({ "a": 7 })).await;
    assert_eq!(stage.world.aws.states.open().unwrap()[0].states, ["First", "Slow"]);
    stage.later(5).await;
    assert_eq!(stage.output(&arn).await, json!({ "a": 7, "both": { "first": 7, "second": { "n": 7 } } }));
    let kinds = stage.kinds(&arn).await;
    for kind in ["ParallelStateEntered", "ParallelStateStarted", "ParallelStateSucceeded", "ParallelStateExited"] {
        assert_eq!(kinds.iter().filter(|it| *it == kind).count(), 1, "{kind} in {kinds:?}");
    }
}

#[tokio::test]
async fn a_failing_branch_cuts_off_the_others() {
    let branches = json!([branch("Waits", pause(json!({}))), branch("Fails", function("b"))]);
    let catch = json!([{ "ErrorEquals": ["Rejected"], "ResultPath": "$.failure", "Next": "Caught" }]);
    let state = parallel(branches, json!({ "Catch": catch }));
    let stage = Stage::new(machine(state, json!({ "Caught": { "Type": "Succeed" } })));
    stage.script.will(&format!("{FUNCTION}-b"), fault("Rejected"));
    let arn = stage.start(json!({ "a": 1 })).await;
    assert_eq!(stage.output(&arn).await["failure"]["Error"], "Rejected");
    let calls = stage.calls();
    let token = calls.iter().find_map(|(_, with)| with["token"].as_str()).unwrap();
    assert_eq!(stage.succeed(token, &json!({})).await, Err("TaskTimedOut".to_owned()));
    let kinds = stage.kinds(&arn).await;
    assert!(kinds.contains(&"TaskStateAborted".to_owned()), "{kinds:?}");
    assert!(kinds.contains(&"ParallelStateFailed".to_owned()), "{kinds:?}");
}

#[tokio::test]
async fn a_parallel_is_tried_again_as_a_whole() {
    let branches = json!([branch("One", function("a")), branch("Two", function("b"))]);
    let state = parallel(branches, json!({ "Retry": [{ "ErrorEquals": ["Transient"] }] }));
    let stage = Stage::new(alone(state));
    stage.script.will(&format!("{FUNCTION}-b"), fault("Transient"));
    let arn = stage.start(json!({ "a": 1 })).await;
    stage.later(1).await;
    assert_eq!(stage.output(&arn).await, json!([{ "a": 1 }, { "a": 1 }]));
    let mut called: Vec<_> = stage.calls().into_iter().map(|(target, _)| target).collect();
    called.sort();
    assert_eq!(called, ["a", "a", "b", "b"].map(|name| format!("{FUNCTION}-{name}")));
}

#[tokio::test]
async fn an_error_that_nothing_takes_ends_the_execution_however_deep_it_is() {
    let inner = branch("Deep", json!({ "Type": "Fail", "Error": "Lost" }));
    let mut inner = inner;
    inner["States"]["Deep"].as_object_mut().unwrap().remove("End");
    let middle = branch("Middle", parallel(json!([inner]), json!({})));
    let stage = Stage::new(alone(parallel(json!([middle, branch("Waits", pause(json!({})))]), json!({}))));
    let arn = stage.start(json!({})).await;
    assert_eq!(stage.error(&arn).await, "Lost");
    assert_eq!(stage.world.aws.states.open().unwrap(), []);
    assert_eq!(stage.world.aws.states.next_due_ms().unwrap(), None);
}
