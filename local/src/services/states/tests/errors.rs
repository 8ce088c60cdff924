//! Errors: tried again, caught, or the end.

use serde_json::{Value, json};

use super::{FUNCTION, SEND, Stage, alone, fault, machine, task};
use crate::services::testing::MONDAY_MS;

fn after_error(state: Value) -> Value {
    machine(state, json!({ "Caught": { "Type": "Succeed" } }))
}

/// When each attempt was made, in milliseconds after the start, until the execution is over.
async fn attempts(stage: &Stage, arn: &str) -> Vec<i64> {
    let mut made = vec![0; stage.calls().len()];
    while let Some(at_ms) = stage.world.aws.states.next_due_ms().unwrap() {
        stage.world.clock.advance_ms(at_ms - stage.world.aws.engine().now_ms());
        stage.settle().await;
        made.resize(stage.calls().len(), at_ms - MONDAY_MS);
    }
    assert_ne!(stage.status(arn).await.as_str(), "RUNNING");
    made
}

#[tokio::test]
async fn an_error_is_tried_again_with_growing_pauses_and_then_stands() {
    let retry = json!([{ "ErrorEquals": ["Transient"], "IntervalSeconds": 2, "BackoffRate": 1.5, "MaxAttempts": 3 }]);
    let stage = Stage::new(alone(task(json!({ "Retry": retry }))));
    for _ in 0..4 {
        stage.script.will(FUNCTION, fault("Transient"));
    }
    let arn = stage.start(json!({})).await;
    assert_eq!(attempts(&stage, &arn).await, [0, 2_000, 5_000, 9_500]);
    assert_eq!(stage.error(&arn).await, "Transient");
    assert_eq!(stage.describe(&arn).await.cause.as_deref(), Some("because Transient"));
}

#[tokio::test]
async fn unless_said_otherwise_there_are_three_more_attempts_each_pause_twice_the_last() {
    let stage = Stage::new(alone(task(json!({ "Retry": [{ "ErrorEquals": ["States.ALL"] }] }))));
    for _ in 0..3 {
        stage.script.will(FUNCTION, fault("X"));
    }
    stage.script.will(FUNCTION, Ok(json!("at last")));
    let arn = stage.start(json!({})).await;
    assert_eq!(attempts(&stage, &arn).await, [0, 1_000, 3_000, 7_000]);
    assert_eq!(stage.output(&arn).await, json!("at last"));
}

#[tokio::test]
async fn a_pause_is_never_longer_than_the_longest() {
    let retry = json!([{ "ErrorEquals": ["X"], "IntervalSeconds": 3, "BackoffRate": 10, "MaxDelaySeconds": 5, "MaxAttempts": 3 }]);
    let stage = Stage::new(alone(task(json!({ "Retry": retry }))));
    for _ in 0..4 {
        stage.script.will(FUNCTION, fault("X"));
    }
    let arn = stage.start(json!({})).await;
    assert_eq!(attempts(&stage, &arn).await, [0, 3_000, 8_000, 13_000]);
}

#[tokio::test]
async fn jitter_is_between_nothing_and_the_whole_pause_and_repeats_with_the_engine() {
    let pauses = || async {
        let retry = json!([{ "ErrorEquals": ["X"], "IntervalSeconds": 100, "BackoffRate": 1, "MaxAttempts": 6, "JitterStrategy": "FULL" }]);
        let stage = Stage::new(alone(task(json!({ "Retry": retry }))));
        for _ in 0..7 {
            stage.script.will(FUNCTION, fault("X"));
        }
        let arn = stage.start(json!({})).await;
        let made = attempts(&stage, &arn).await;
        made.windows(2).map(|pair| pair[1] - pair[0]).collect::<Vec<_>>()
    };
    let first = pauses().await;
    assert_eq!(first.len(), 6);
    assert!(first.iter().all(|pause| (0..=100_000).contains(pause)), "{first:?}");
    assert!(first.windows(2).any(|pair| pair[0] != pair[1]), "{first:?}");
    assert_eq!(first, pauses().await);
}

#[tokio::test]
async fn each_retrier_counts_for_itself_and_only_the_first_that_knows_the_error_counts() {
    let retry = json!([
        { "ErrorEquals": ["A"], "IntervalSeconds": 1, "MaxAttempts": 1 },
        { "ErrorEquals": ["B"], "IntervalSeconds": 10, "MaxAttempts": 1 },
        { "ErrorEquals": ["States.ALL"], "IntervalSeconds": 100, "MaxAttempts": 5 },
    ]);
    let parameters = json!({ "tried.$": "$$.State.RetryCount" });
    let stage = Stage::new(alone(task(json!({ "Retry": retry, "Parameters": parameters }))));
    for error in ["A", "B", "A"] {
        stage.script.will(FUNCTION, fault(error));
    }
    let arn = stage.start(json!({})).await;
    assert_eq!(attempts(&stage, &arn).await, [0, 1_000, 11_000]);
    assert_eq!(stage.error(&arn).await, "A");
    let tried: Vec<_> = stage.calls().into_iter().map(|(_, with)| with["tried"].clone()).collect();
    assert_eq!(tried, [0, 1, 2]);
}

#[tokio::test]
async fn a_state_that_is_come_to_again_has_all_its_attempts_again() {
    let retry = json!([{ "ErrorEquals": ["X"], "MaxAttempts": 1 }]);
    let first = task(json!({ "Retry": retry, "Catch": [{ "ErrorEquals": ["X"], "Next": "Again" }], "Next": "Done" }));
    let again = json!({ "Type": "Pass", "Result": {}, "Next": "First" });
    let stage = Stage::new(machine(first, json!({ "Again": again, "Done": { "Type": "Succeed" } })));
    for _ in 0..3 {
        stage.script.will(FUNCTION, fault("X"));
    }
    let arn = stage.start(json!({})).await;
    assert_eq!(attempts(&stage, &arn).await, [0, 1_000, 1_000, 2_000]);
    stage.output(&arn).await;
}

#[tokio::test]
async fn a_caught_error_goes_into_the_data_that_came_in() {
    let catch = json!([
        { "ErrorEquals": ["Rejected"], "ResultPath": "$.failure", "Next": "Caught" },
        { "ErrorEquals": ["States.ALL"], "ResultPath": null, "Next": "Caught" },
    ]);
    let state = task(json!({ "Catch": catch, "InputPath": "$.a", "ResultPath": null, "OutputPath": "$.a" }));
    for (error, wanted) in [
        ("Rejected", json!({ "a": 1, "failure": { "Error": "Rejected", "Cause": "because Rejected" } })),
        ("Other", json!({ "a": 1 })),
    ] {
        let stage = Stage::new(after_error(state.clone()));
        stage.script.will(FUNCTION, fault(error));
        let arn = stage.start(json!({ "a": 1 })).await;
        assert_eq!(stage.output(&arn).await, wanted);
        let kinds = stage.kinds(&arn).await;
        assert!(kinds.contains(&"LambdaFunctionFailed".to_owned()), "{kinds:?}");
    }
}

#[tokio::test]
async fn the_wildcards_take_what_they_are_for() {
    let taken = |wanted: &'static str, error: &'static str| async move {
        let stage = Stage::new(after_error(task(json!({ "Catch": [{ "ErrorEquals": [wanted], "Next": "Caught" }] }))));
        stage.script.will(FUNCTION, fault(error));
        let arn = stage.start(json!({})).await;
        stage.status(&arn).await.as_str() == "SUCCEEDED"
    };
    for (wanted, error, is_taken) in [
        ("States.ALL", "Anything", true),
        ("States.ALL", "States.Timeout", true),
        ("States.ALL", "States.DataLimitExceeded", false),
        ("States.ALL", "States.Runtime", false),
        ("States.DataLimitExceeded", "States.DataLimitExceeded", true),
        ("States.Runtime", "States.Runtime", false),
        ("States.TaskFailed", "Anything", true),
        ("States.TaskFailed", "States.Timeout", false),
        ("States.Timeout", "States.HeartbeatTimeout", true),
        ("States.HeartbeatTimeout", "States.Timeout", false),
        ("Other", "Anything", false),
    ] {
        assert_eq!(taken(wanted, error).await, is_taken, "{wanted} of {error}");
    }
}

#[tokio::test]
async fn a_state_catches_what_its_own_paths_do_wrong_and_nothing_catches_a_misfit() {
    let catch = json!([{ "ErrorEquals": ["States.ALL"], "ResultPath": "$.failure.Error", "Next": "Caught" }]);
    let of = |more: Value| {
        let mut state = task(json!({ "Catch": catch }));
        state.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        Stage::new(after_error(state))
    };
    for (more, error) in [
        (json!({ "Parameters": { "x.$": "$.b" } }), "States.ParameterPathFailure"),
        (json!({ "ResultSelector": { "x.$": "$.b" } }), "States.ParameterPathFailure"),
        (json!({ "ResultPath": "$.a.b" }), "States.ResultPathMatchFailure"),
    ] {
        let stage = of(more);
        let arn = stage.start(json!({ "a": 1 })).await;
        assert_eq!(stage.output(&arn).await["failure"]["Error"]["Error"], error);
    }
    let stage = of(json!({ "InputPath": "$.b" }));
    let arn = stage.start(json!({ "a": 1 })).await;
    assert_eq!(stage.error(&arn).await, "States.Runtime");
    let stage = of(json!({ "Parameters": { "x.$": "$.b" } }));
    let arn = stage.start(json!({ "failure": "no object" })).await;
    assert_eq!(stage.error(&arn).await, "States.ResultPathMatchFailure");
}

#[tokio::test]
async fn a_call_that_does_not_fit_its_service_is_a_misfit() {
    let send = json!({ "Type": "Task", "Resource": SEND, "Parameters": { "QueueUrl.$": "$.url", "MessageBody": "x" } });
    let stage = Stage::new(alone(send));
    let arn = stage.start(json!({ "url": 7 })).await;
    assert_eq!(stage.error(&arn).await, "States.Runtime");
    assert_eq!(stage.calls(), []);
}
