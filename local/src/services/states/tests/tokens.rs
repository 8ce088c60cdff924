//! Tasks that wait for somebody to bring back their token.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::json;

use super::{FUNCTION, SEND_AND_WAIT, Stage, alone, fault, machine, pause};

fn caught(more: serde_json::Value) -> serde_json::Value {
    let mut state = pause(json!({ "Catch": [{ "ErrorEquals": ["States.ALL"], "Next": "Caught" }] }));
    state.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    machine(state, json!({ "Caught": { "Type": "Succeed" } }))
}

#[tokio::test]
async fn a_pause_ends_with_what_its_token_brings() {
    let state = pause(json!({ "ResultPath": "$.identity", "Next": "Done" }));
    let stage = Stage::new(machine(state, json!({ "Done": { "Type": "Succeed" } })));
    let arn = stage.start(json!({ "id": "7" })).await;
    assert_eq!(stage.status(&arn).await.as_str(), "RUNNING");
    stage.succeed(&stage.token(), &json!({ "result": "approved" })).await.unwrap();
    assert!(stage.world.aws.states.waiting().unwrap());
    stage.settle().await;
    assert_eq!(stage.output(&arn).await, json!({ "id": "7", "identity": { "result": "approved" } }));
    assert_eq!(
        stage.kinds(&arn).await,
        [
            "ExecutionStarted",
            "TaskStateEntered",
            "TaskScheduled",
            "TaskStarted",
            "TaskSubmitted",
            "TaskSucceeded",
            "TaskStateExited",
            "SucceedStateEntered",
            "SucceedStateExited",
            "ExecutionSucceeded"
        ]
    );
}

#[tokio::test]
async fn a_token_travels_in_a_message_too() {
    let state = json!({
        "Type": "Task",
        "Resource": SEND_AND_WAIT,
        "Parameters": { "QueueUrl": "queue", "MessageBody": { "token.$": "$$.Task.Token" } },
    });
    let stage = Stage::new(alone(state));
    let arn = stage.start(json!({})).await;
    let body: serde_json::Value = serde_json::from_str(stage.calls()[0].1["body"].as_str().unwrap()).unwrap();
    stage.succeed(body["token"].as_str().unwrap(), &json!("done")).await.unwrap();
    stage.settle().await;
    assert_eq!(stage.output(&arn).await, json!("done"));
}

#[tokio::test]
async fn a_token_can_bring_an_error() {
    let stage = Stage::new(caught(json!({})));
    let arn = stage.start(json!({})).await;
    stage.fail(&stage.token(), "Rejected").await.unwrap();
    stage.settle().await;
    assert_eq!(stage.output(&arn).await, json!({ "Error": "Rejected", "Cause": "so" }));
}

#[tokio::test]
async fn a_token_counts_once() {
    let stage = Stage::new(alone(pause(json!({}))));
    let arn = stage.start(json!({})).await;
    let token = stage.token();
    stage.succeed(&token, &json!(1)).await.unwrap();
    assert_eq!(stage.succeed(&token, &json!(2)).await, Err("TaskTimedOut".to_owned()));
    stage.settle().await;
    assert_eq!(stage.fail(&token, "Late").await, Err("TaskTimedOut".to_owned()));
    assert_eq!(stage.heartbeat(&token).await, Err("TaskTimedOut".to_owned()));
    assert_eq!(stage.output(&arn).await, json!(1));
}

#[tokio::test]
async fn a_token_that_nobody_gave_out_is_refused() {
    let stage = Stage::new(alone(pause(json!({}))));
    let arn = stage.start(json!({})).await;
    let elsewhere = Stage::new(alone(pause(json!({}))));
    assert_eq!(elsewhere.succeed("nonsense", &json!({})).await, Err("InvalidToken".to_owned()));
    assert_eq!(elsewhere.succeed(&stage.token(), &json!({})).await, Err("TaskDoesNotExist".to_owned()));
    // Right in everything but the secret.
    let forged = URL_SAFE_NO_PAD.encode(format!("{arn} 2 00000000000040008000000000000000"));
    assert_eq!(stage.succeed(&forged, &json!({})).await, Err("InvalidToken".to_owned()));
    stage.succeed(&stage.token(), &json!({})).await.unwrap();
}

#[tokio::test]
async fn a_pause_that_takes_too_long_times_out_and_its_token_with_it() {
    let stage = Stage::new(caught(json!({ "TimeoutSeconds": 60 })));
    let arn = stage.start(json!({})).await;
    let token = stage.token();
    stage.later(59).await;
    assert_eq!(stage.status(&arn).await.as_str(), "RUNNING");
    stage.world.seconds_pass(1);
    // Nobody has noticed yet, and still it is over.
    assert_eq!(stage.succeed(&token, &json!({})).await, Err("TaskTimedOut".to_owned()));
    stage.settle().await;
    assert_eq!(stage.output(&arn).await, json!({ "Error": "States.Timeout", "Cause": "" }));
    assert_eq!(stage.succeed(&token, &json!({})).await, Err("TaskTimedOut".to_owned()));
    assert!(stage.kinds(&arn).await.contains(&"TaskTimedOut".to_owned()));
}

#[tokio::test]
async fn a_second_attempt_has_a_token_of_its_own() {
    let retry = json!([{ "ErrorEquals": ["States.Timeout"], "IntervalSeconds": 5 }]);
    let stage = Stage::new(alone(pause(json!({ "TimeoutSeconds": 60, "Retry": retry }))));
    let arn = stage.start(json!({})).await;
    let first = stage.token();
    stage.later(60).await;
    stage.later(5).await;
    let second = stage.token();
    assert_ne!(first, second);
    assert_eq!(stage.succeed(&first, &json!(1)).await, Err("TaskTimedOut".to_owned()));
    stage.later(59).await;
    stage.succeed(&second, &json!(2)).await.unwrap();
    stage.settle().await;
    assert_eq!(stage.output(&arn).await, json!(2));
}

#[tokio::test]
async fn a_task_that_falls_silent_is_given_up_and_a_heartbeat_keeps_it() {
    let stage = Stage::new(caught(json!({ "TimeoutSeconds": 60, "HeartbeatSeconds": 10 })));
    let arn = stage.start(json!({})).await;
    let token = stage.token();
    for _ in 0..3 {
        stage.later(9).await;
        stage.heartbeat(&token).await.unwrap();
    }
    assert_eq!(stage.status(&arn).await.as_str(), "RUNNING");
    stage.later(10).await;
    assert_eq!(stage.heartbeat(&token).await, Err("TaskTimedOut".to_owned()));
    assert_eq!(stage.output(&arn).await["Error"], "States.HeartbeatTimeout");
}

#[tokio::test]
async fn heartbeats_do_not_put_off_the_timeout() {
    let stage = Stage::new(caught(json!({ "TimeoutSeconds": 15, "HeartbeatSeconds": 10 })));
    let arn = stage.start(json!({})).await;
    stage.later(9).await;
    stage.heartbeat(&stage.token()).await.unwrap();
    stage.later(6).await;
    assert_eq!(stage.output(&arn).await["Error"], "States.Timeout");
}

#[tokio::test]
async fn a_call_that_fails_fails_the_task_whose_token_it_carried() {
    let retry = json!([{ "ErrorEquals": ["Transient"] }]);
    let stage = Stage::new(alone(pause(json!({ "Retry": retry }))));
    stage.script.will(FUNCTION, fault("Transient"));
    let arn = stage.start(json!({})).await;
    let first = stage.token();
    assert_eq!(stage.succeed(&first, &json!(1)).await, Err("TaskTimedOut".to_owned()));
    stage.later(1).await;
    stage.succeed(&stage.token(), &json!(2)).await.unwrap();
    stage.settle().await;
    assert_eq!(stage.output(&arn).await, json!(2));
}

#[tokio::test]
async fn an_output_that_is_no_json_is_refused() {
    let stage = Stage::new(alone(pause(json!({}))));
    stage.start(json!({})).await;
    for output in ["{", &json!("x".repeat(262_144)).to_string()] {
        let sent = stage.client.send_task_success().task_token(stage.token()).output(output).send().await;
        assert!(sent.unwrap_err().into_service_error().is_invalid_output());
    }
}
