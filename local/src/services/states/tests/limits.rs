//! How much and how long an execution may be.

use serde_json::json;

use super::{FUNCTION, Stage, alone, machine, pause, task};

#[tokio::test]
async fn an_execution_with_too_many_events_fails_with_its_last_one() {
    let stage = Stage::new(machine(
        json!({ "Type": "Pass", "Next": "Second" }),
        json!({ "Second": { "Type": "Pass", "Next": "First" } }),
    ));
    let arn = stage.start(json!({})).await;
    assert_eq!(stage.error(&arn).await, "States.Runtime");
    let history = stage.client.get_execution_history().execution_arn(&arn).reverse_order(true).max_results(2);
    let events = history.send().await.unwrap().events;
    let last: Vec<_> = events.iter().map(|event| (event.id, event.r#type.as_str())).collect();
    assert_eq!(last, [(25_000, "ExecutionFailed"), (24_999, "PassStateExited")]);
}

#[tokio::test]
async fn more_data_than_a_state_may_hold_is_an_error_that_no_wildcard_catches() {
    let catch = json!([{ "ErrorEquals": ["States.ALL"], "Next": "Caught" }]);
    let definition = machine(task(json!({ "Catch": catch })), json!({ "Caught": { "Type": "Succeed" } }));
    for (chars, is_allowed) in [(262_142, true), (262_143, false)] {
        let stage = Stage::new(definition.clone());
        stage.script.will(FUNCTION, Ok(json!("x".repeat(chars))));
        let arn = stage.start(json!({})).await;
        if is_allowed {
            stage.output(&arn).await;
        } else {
            assert_eq!(stage.error(&arn).await, "States.DataLimitExceeded");
        }
    }
    let doubled = alone(json!({ "Type": "Pass", "ResultPath": "$.again" }));
    let stage = Stage::new(doubled);
    let arn = stage.start(json!({ "x": "x".repeat(140_000) })).await;
    assert_eq!(stage.error(&arn).await, "States.DataLimitExceeded");
}

#[tokio::test]
async fn an_execution_that_takes_too_long_is_cut_off() {
    let mut definition = alone(pause(json!({ "Retry": [{ "ErrorEquals": ["States.ALL"] }] })));
    definition["TimeoutSeconds"] = json!(100);
    let stage = Stage::new(definition);
    let arn = stage.start(json!({})).await;
    stage.later(99).await;
    assert_eq!(stage.status(&arn).await.as_str(), "RUNNING");
    stage.later(1).await;
    assert_eq!(stage.status(&arn).await.as_str(), "TIMED_OUT");
    assert_eq!(stage.succeed(&stage.token(), &json!({})).await, Err("TaskTimedOut".to_owned()));
    let kinds = stage.kinds(&arn).await;
    assert_eq!(kinds[kinds.len() - 2..], ["TaskStateAborted", "ExecutionTimedOut"]);
}

#[tokio::test]
async fn executions_go_on_side_by_side() {
    let mut stage = Stage::new(alone(task(json!({}))));
    // Nobody's call is answered before three are under way.
    stage.script.together = Some(tokio::sync::Barrier::new(3));
    let mut started = Vec::new();
    for name in ["a", "b", "c"] {
        started.push(stage.begin(name, &json!({ "name": name })).await);
    }
    stage.settle().await;
    for (arn, name) in started.iter().zip(["a", "b", "c"]) {
        assert_eq!(stage.output(arn).await, json!({ "name": name }));
    }
    assert_eq!(stage.calls().len(), 3);
}

#[tokio::test]
async fn a_step_is_taken_once_even_by_two_passes_at_a_time() {
    let stage = Stage::new(alone(task(json!({}))));
    stage.begin("run", &json!({})).await;
    let states = &stage.world.aws.states;
    let (one, two) = futures::join!(states.pass(&stage.script), states.pass(&stage.script));
    assert_eq!((one.unwrap(), two.unwrap()), (true, false));
    assert_eq!(stage.calls().len(), 1);
}
