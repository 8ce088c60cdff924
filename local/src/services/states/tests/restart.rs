//! A process may die at any moment.

use std::future::pending;

use async_trait::async_trait;
use futures::FutureExt as _;
use serde_json::{Value, json};

use super::{EventEntry, FUNCTION, Stage, TaskFault, Tasks, alone, fault, machine, pause, task};

/// Functions that never answer.
struct Silence;

#[async_trait]
impl Tasks for Silence {
    async fn invoke_lambda(&self, _: &str, _: &str, _: Value) -> Result<Value, TaskFault> {
        pending().await
    }

    async fn send_message(&self, _: &str, _: &str, _: String, _: Option<String>) -> Result<Value, TaskFault> {
        pending().await
    }

    async fn put_events(&self, _: &str, _: Vec<EventEntry>) -> Result<Value, TaskFault> {
        pending().await
    }
}

#[tokio::test]
async fn a_call_that_was_under_way_is_made_again() {
    let dir = tempfile::tempdir().unwrap();
    let definition = alone(task(json!({})));
    let stage = Stage::in_folder(dir.path(), definition.clone());
    let arn = stage.begin("run", &json!({ "a": 1 })).await;
    // The process dies while the function works: the call is never answered.
    assert!(stage.world.aws.states.pass(&Silence).now_or_never().is_none());
    drop(stage);

    let stage = Stage::in_folder(dir.path(), definition);
    assert!(stage.world.aws.states.waiting().unwrap());
    stage.settle().await;
    assert_eq!(stage.calls(), [(FUNCTION.to_owned(), json!({ "a": 1 }))]);
    assert_eq!(stage.output(&arn).await, json!({ "a": 1 }));
}

#[tokio::test]
async fn a_token_is_still_waited_for() {
    let dir = tempfile::tempdir().unwrap();
    let definition = alone(pause(json!({})));
    let stage = Stage::in_folder(dir.path(), definition.clone());
    let arn = stage.start(json!({})).await;
    let token = stage.token();
    drop(stage);

    let stage = Stage::in_folder(dir.path(), definition);
    stage.settle().await;
    assert_eq!(stage.calls(), [], "a pause whose call was answered is not called again");
    stage.succeed(&token, &json!("here")).await.unwrap();
    drop(stage);

    let stage = Stage::in_folder(dir.path(), alone(pause(json!({}))));
    stage.settle().await;
    assert_eq!(stage.output(&arn).await, json!("here"));
}

#[tokio::test]
async fn a_token_that_came_back_while_its_call_was_never_answered_counts() {
    let dir = tempfile::tempdir().unwrap();
    let definition = alone(pause(json!({})));
    let stage = Stage::in_folder(dir.path(), definition.clone());
    let arn = stage.begin("run", &json!({})).await;
    assert!(stage.world.aws.states.pass(&Silence).now_or_never().is_none());
    drop(stage);

    // The call is made again with the same token, which somebody may have kept since the first one.
    let stage = Stage::in_folder(dir.path(), definition);
    stage.settle().await;
    stage.succeed(&stage.token(), &json!(1)).await.unwrap();
    stage.settle().await;
    assert_eq!(stage.output(&arn).await, json!(1));
}

#[tokio::test]
async fn timers_and_used_up_attempts_are_kept() {
    let dir = tempfile::tempdir().unwrap();
    let retry = json!([{ "ErrorEquals": ["X"], "IntervalSeconds": 30, "MaxAttempts": 1 }]);
    let wait = json!({ "Type": "Wait", "Seconds": 60, "Next": "Work" });
    let definition =
        machine(wait, json!({ "Work": { "Type": "Task", "Resource": FUNCTION, "Retry": retry, "End": true } }));
    let stage = Stage::in_folder(dir.path(), definition.clone());
    let arn = stage.start(json!({})).await;
    drop(stage);

    // Each opening begins at the same moment of the clock.
    let stage = Stage::in_folder(dir.path(), definition.clone());
    stage.settle().await;
    assert_eq!(stage.calls(), []);
    stage.script.will(FUNCTION, fault("X"));
    stage.later(60).await;
    assert_eq!(stage.calls().len(), 1);
    drop(stage);

    let stage = Stage::in_folder(dir.path(), definition);
    stage.script.will(FUNCTION, fault("X"));
    stage.later(89).await;
    assert_eq!(stage.calls(), []);
    stage.later(1).await;
    assert_eq!(stage.error(&arn).await, "X");
}

#[tokio::test]
async fn branches_that_were_done_are_not_done_again() {
    let dir = tempfile::tempdir().unwrap();
    let branch = |name: &str, mut state: Value| {
        state["End"] = json!(true);
        json!({ "StartAt": name, "States": { name: state } })
    };
    let branches = json!([branch("Works", task(json!({}))), branch("Waits", pause(json!({})))]);
    let definition = alone(json!({ "Type": "Parallel", "Branches": branches }));
    let stage = Stage::in_folder(dir.path(), definition.clone());
    let arn = stage.start(json!({ "a": 1 })).await;
    let calls = stage.calls();
    let token = calls.iter().find_map(|(_, with)| with["token"].as_str()).unwrap().to_owned();
    assert_eq!(calls.len(), 2);
    drop(stage);

    let stage = Stage::in_folder(dir.path(), definition);
    stage.succeed(&token, &json!(2)).await.unwrap();
    stage.settle().await;
    assert_eq!(stage.calls(), []);
    assert_eq!(stage.output(&arn).await, json!([{ "a": 1 }, 2]));
}

#[tokio::test]
async fn an_execution_keeps_the_definition_that_it_was_started_with() {
    let dir = tempfile::tempdir().unwrap();
    let definition = |result: &str| {
        let end = json!({ "End": { "Type": "Pass", "Result": result, "End": true } });
        machine(json!({ "Type": "Wait", "Seconds": 1, "Next": "End" }), end)
    };
    let stage = Stage::in_folder(dir.path(), definition("old"));
    let before = stage.begin("before", &json!({})).await;
    stage.settle().await;
    drop(stage);

    let stage = Stage::in_folder(dir.path(), definition("new"));
    let after = stage.begin("after", &json!({})).await;
    stage.world.aws.states.keep_state_machines(&[]).unwrap();
    stage.settle().await;
    stage.later(1).await;
    assert_eq!(stage.output(&before).await, json!("old"));
    assert_eq!(stage.output(&after).await, json!("new"));
}
