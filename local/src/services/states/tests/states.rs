//! What each type of state does with its data.

use serde_json::{Value, json};

use super::{FUNCTION, INVOKE, PUT, SEND, Stage, alone, machine, task};

async fn output_of(definition: Value, input: Value) -> Value {
    let stage = Stage::new(definition);
    let arn = stage.start(input).await;
    stage.output(&arn).await
}

async fn error_of(definition: Value, input: Value) -> String {
    let stage = Stage::new(definition);
    let arn = stage.start(input).await;
    stage.error(&arn).await
}

#[tokio::test]
async fn a_pass_hands_on_its_input_its_parameters_or_its_result() {
    let input = json!({ "a": { "b": 1 }, "c": 2 });
    assert_eq!(output_of(alone(json!({ "Type": "Pass" })), input.clone()).await, input);
    let parameters =
        json!({ "Type": "Pass", "Parameters": { "x.$": "$.a.b", "y": { "z.$": "$" }, "l": [{ "n.$": "$.c" }, 4] } });
    assert_eq!(
        output_of(alone(parameters), input.clone()).await,
        json!({ "x": 1, "y": { "z": input }, "l": [{ "n": 2 }, 4] })
    );
    let result = json!({ "Type": "Pass", "Result": { "d": 3 }, "ResultPath": "$.a.e" });
    assert_eq!(output_of(alone(result), input).await, json!({ "a": { "b": 1, "e": { "d": 3 } }, "c": 2 }));
}

#[tokio::test]
async fn paths_choose_what_comes_in_and_what_goes_out() {
    let input = json!({ "a": { "b": [10, 20] }, "c": 2 });
    let of = |more: Value| {
        let mut state = json!({ "Type": "Pass" });
        state.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        output_of(alone(state), input.clone())
    };
    assert_eq!(of(json!({ "InputPath": "$.a" })).await, json!({ "b": [10, 20] }));
    assert_eq!(of(json!({ "OutputPath": "$.a.b[1]" })).await, json!(20));
    assert_eq!(of(json!({ "InputPath": null })).await, json!({}));
    assert_eq!(of(json!({ "OutputPath": null })).await, json!({}));
    assert_eq!(of(json!({ "Result": 1, "ResultPath": null })).await, input);
    // The result goes into what came into the state, not into what it saw of that.
    assert_eq!(
        of(json!({ "InputPath": "$.a", "ResultPath": "$.seen" })).await,
        json!({ "a": { "b": [10, 20] }, "c": 2, "seen": { "b": [10, 20] } })
    );
}

#[tokio::test]
async fn paths_that_lead_nowhere_fail_under_the_names_that_aws_gives() {
    let failure = |state: Value| error_of(alone(state), json!({ "a": 1 }));
    assert_eq!(failure(json!({ "Type": "Pass", "InputPath": "$.b" })).await, "States.Runtime");
    assert_eq!(failure(json!({ "Type": "Pass", "OutputPath": "$.b" })).await, "States.Runtime");
    assert_eq!(failure(json!({ "Type": "Pass", "Parameters": { "x.$": "$.b" } })).await, "States.ParameterPathFailure");
    assert_eq!(failure(json!({ "Type": "Pass", "ResultPath": "$.a.b" })).await, "States.ResultPathMatchFailure");
}

#[tokio::test]
async fn the_context_says_who_runs_what_and_since_when() {
    let state = json!({ "Type": "Pass", "Parameters": {
        "execution.$": "$$.Execution.Id",
        "name.$": "$$.Execution.Name",
        "input.$": "$$.Execution.Input.a",
        "started.$": "$$.Execution.StartTime",
        "state.$": "$$.State.Name",
        "entered.$": "$$.State.EnteredTime",
        "retries.$": "$$.State.RetryCount",
        "machine.$": "$$.StateMachine.Id",
        "machineName.$": "$$.StateMachine.Name",
    } });
    let definition = machine(
        json!({ "Type": "Wait", "Seconds": 1, "Next": "Second" }),
        json!({ "Second": { "Type": "Pass", "End": true, "Parameters": state["Parameters"] } }),
    );
    let stage = Stage::new(definition);
    let arn = stage.start(json!({ "a": 7 })).await;
    stage.later(1).await;
    assert_eq!(
        stage.output(&arn).await,
        json!({
            "execution": "arn:aws:states:eu-west-1:000000000000:execution:machine:run",
            "name": "run",
            "input": 7,
            "started": "2026-01-05T10:00:00.000Z",
            "state": "Second",
            "entered": "2026-01-05T10:00:01.000Z",
            "retries": 0,
            "machine": "arn:aws:states:eu-west-1:000000000000:stateMachine:machine",
            "machineName": "machine",
        })
    );
}

#[tokio::test]
async fn a_wait_ends_when_its_time_has_come() {
    let at = |more: Value| {
        let mut state = json!({ "Type": "Wait" });
        state.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        alone(state)
    };
    let input = json!({ "seconds": 90, "at": "2026-01-05T10:01:30Z" });
    for delay in [
        json!({ "Seconds": 90 }),
        json!({ "SecondsPath": "$.seconds" }),
        json!({ "Timestamp": "2026-01-05T11:01:30+01:00" }),
        json!({ "TimestampPath": "$.at" }),
    ] {
        let stage = Stage::new(at(delay.clone()));
        let arn = stage.start(input.clone()).await;
        assert_eq!(
            stage.world.aws.states.next_due_ms().unwrap(),
            Some(crate::services::testing::MONDAY_MS + 90_000),
            "{delay}"
        );
        stage.later(89).await;
        assert_eq!(stage.status(&arn).await.as_str(), "RUNNING", "{delay}");
        stage.later(1).await;
        assert_eq!(stage.output(&arn).await, input, "{delay}");
        assert_eq!(stage.world.aws.states.next_due_ms().unwrap(), None);
    }
    assert_eq!(error_of(at(json!({ "SecondsPath": "$.at" })), input).await, "States.Runtime");
}

#[tokio::test]
async fn succeed_and_fail_end_an_execution() {
    let succeed = alone(json!({ "Type": "Succeed", "InputPath": "$.a", "OutputPath": "$.b" }));
    assert_eq!(output_of(succeed, json!({ "a": { "b": 1 } })).await, json!(1));

    let stage = Stage::new(alone(json!({ "Type": "Fail", "Error": "Refused", "CausePath": "$.why" })));
    let arn = stage.start(json!({ "why": "too young" })).await;
    assert_eq!(stage.error(&arn).await, "Refused");
    assert_eq!(stage.describe(&arn).await.cause.as_deref(), Some("too young"));
    assert_eq!(stage.kinds(&arn).await, ["ExecutionStarted", "FailStateEntered", "ExecutionFailed"]);
}

#[tokio::test]
async fn a_function_by_its_own_arn_takes_the_parameters_and_gives_the_result() {
    let stage = Stage::new(alone(task(json!({ "Parameters": { "id.$": "$.id" }, "ResultPath": "$.done" }))));
    stage.script.will(FUNCTION, Ok(json!({ "ok": true })));
    let arn = stage.start(json!({ "id": "7" })).await;
    assert_eq!(stage.calls(), [(FUNCTION.to_owned(), json!({ "id": "7" }))]);
    assert_eq!(stage.output(&arn).await, json!({ "id": "7", "done": { "ok": true } }));
    assert_eq!(
        stage.kinds(&arn).await,
        [
            "ExecutionStarted",
            "TaskStateEntered",
            "LambdaFunctionScheduled",
            "LambdaFunctionStarted",
            "LambdaFunctionSucceeded",
            "TaskStateExited",
            "ExecutionSucceeded"
        ]
    );
}

#[tokio::test]
async fn lambda_invoke_answers_as_lambdas_own_api() {
    let state = json!({
        "Type": "Task",
        "Resource": INVOKE,
        "Parameters": { "FunctionName": "work", "Payload.$": "$.job" },
        "ResultSelector": { "answer.$": "$.Payload.ok", "status.$": "$.StatusCode" },
    });
    let stage = Stage::new(alone(state));
    stage.script.will("work", Ok(json!({ "ok": "yes" })));
    let arn = stage.start(json!({ "job": { "id": 1 } })).await;
    assert_eq!(stage.calls(), [("work".to_owned(), json!({ "id": 1 }))]);
    assert_eq!(stage.output(&arn).await, json!({ "answer": "yes", "status": 200 }));
    assert_eq!(
        stage.kinds(&arn).await,
        [
            "ExecutionStarted",
            "TaskStateEntered",
            "TaskScheduled",
            "TaskStarted",
            "TaskSucceeded",
            "TaskStateExited",
            "ExecutionSucceeded"
        ]
    );
}

#[tokio::test]
async fn messages_and_events_are_sent_as_json() {
    let send = json!({
        "Type": "Task",
        "Resource": SEND,
        "Parameters": { "QueueUrl": "queue", "MessageBody": { "id.$": "$.id" }, "MessageGroupId.$": "$.group" },
        "ResultPath": null,
        "Next": "Put",
    });
    let put = json!({
        "Type": "Task",
        "Resource": PUT,
        "Parameters": { "Entries": [{
            "EventBusName": "milestones", "Source": "granary", "DetailType": "Done.v1", "Detail": { "id.$": "$.id" },
        }] },
        "ResultPath": null,
        "End": true,
    });
    let stage = Stage::new(machine(send, json!({ "Put": put })));
    let input = json!({ "id": "7", "group": "g" });
    let arn = stage.start(input.clone()).await;
    assert_eq!(stage.output(&arn).await, input);
    let about = [arn.as_str(), "arn:aws:states:eu-west-1:000000000000:stateMachine:machine"];
    assert_eq!(
        stage.calls(),
        [
            ("queue".to_owned(), json!({ "body": "{\"id\":\"7\"}", "group": "g" })),
            (
                "bus".to_owned(),
                json!([{
                    "bus": "milestones",
                    "source": "granary",
                    "detail_type": "Done.v1",
                    "detail": "{\"id\":\"7\"}",
                    "resources": about,
                }])
            )
        ]
    );
}
