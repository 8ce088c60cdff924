//! The API through the real SDK.

use aws_sdk_sfn::{error::ProvideErrorMetadata as _, types::ExecutionStatus};
use serde_json::json;

use super::{MACHINE, Stage, alone, code, pause};
use crate::services::{arn, states::execution_arn, testing::Rules};

fn waiting() -> serde_json::Value {
    alone(pause(json!({})))
}

#[tokio::test]
async fn a_second_start_under_the_same_name_finds_the_first() {
    let stage = Stage::new(waiting());
    let start = |name: &str, input: &str| {
        stage.client.start_execution().state_machine_arn(arn::state_machine(MACHINE)).name(name).input(input).send()
    };
    let first = start("run", "{\"a\":1}").await.unwrap();
    assert_eq!(first.execution_arn, execution_arn(MACHINE, "run"));
    stage.world.seconds_pass(5);
    let second = start("run", "{\"a\":1}").await.unwrap();
    assert_eq!((second.execution_arn, second.start_date), (first.execution_arn, first.start_date));
    let other = start("run", "{\"a\":2}").await.unwrap_err().into_service_error();
    assert!(other.is_execution_already_exists(), "{other:?}");
    stage.settle().await;
    assert_eq!(stage.calls().len(), 1);

    stage.succeed(&stage.token(), &json!({})).await.unwrap();
    stage.settle().await;
    let closed = start("run", "{\"a\":1}").await.unwrap_err().into_service_error();
    assert!(closed.is_execution_already_exists(), "{closed:?}");
    start("another", "{\"a\":1}").await.unwrap();
}

#[tokio::test]
async fn a_start_that_cannot_be_is_refused_under_its_name() {
    let stage = Stage::new(waiting());
    let start = |machine: &str, name: &str, input: &str| {
        stage.client.start_execution().state_machine_arn(arn::state_machine(machine)).name(name).input(input).send()
    };
    let no_machine = start("none", "run", "{}").await.unwrap_err().into_service_error();
    assert!(no_machine.is_state_machine_does_not_exist());
    for name in ["a b", "a/b", &"x".repeat(81), "a:b"] {
        let refused = start(MACHINE, name, "{}").await.unwrap_err().into_service_error();
        assert!(refused.is_invalid_name(), "{name}: {refused:?}");
    }
    start(MACHINE, &"x".repeat(80), "{}").await.unwrap();
    for input in ["{", &json!("x".repeat(262_144)).to_string()] {
        let refused = start(MACHINE, "run", input).await.unwrap_err().into_service_error();
        assert!(refused.is_invalid_execution_input(), "{refused:?}");
    }
    let traced = stage.client.start_execution().state_machine_arn(arn::state_machine(MACHINE)).trace_header("x");
    let refused = traced.send().await.unwrap_err().into_service_error();
    assert!(refused.message().unwrap().contains("traceHeader"), "{refused:?}");
}

#[tokio::test]
async fn a_start_without_name_or_input_has_both() {
    let stage = Stage::new(alone(json!({ "Type": "Pass" })));
    let start = || stage.client.start_execution().state_machine_arn(arn::state_machine(MACHINE)).send();
    let (one, two) = (start().await.unwrap(), start().await.unwrap());
    assert_ne!(one.execution_arn, two.execution_arn);
    stage.settle().await;
    assert_eq!(stage.output(&one.execution_arn).await, json!({}));
}

#[tokio::test]
async fn a_description_says_how_an_execution_stands() {
    let stage = Stage::new(waiting());
    let arn = stage.start(json!({ "a": 1 })).await;
    let running = stage.describe(&arn).await;
    assert_eq!(running.state_machine_arn, arn::state_machine(MACHINE));
    assert_eq!(running.name.as_deref(), Some("run"));
    assert_eq!(running.status, ExecutionStatus::Running);
    assert_eq!(running.start_date.to_millis().unwrap(), crate::services::testing::MONDAY_MS);
    assert_eq!(running.stop_date, None);
    assert_eq!(running.input.as_deref(), Some("{\"a\":1}"));
    stage.world.clock.advance_ms(1_250);
    stage.succeed(&stage.token(), &json!("done")).await.unwrap();
    stage.settle().await;
    let over = stage.describe(&arn).await;
    assert_eq!(over.status, ExecutionStatus::Succeeded);
    assert_eq!(over.stop_date.unwrap().to_millis().unwrap(), crate::services::testing::MONDAY_MS + 1_250);
    assert_eq!(over.output.as_deref(), Some("\"done\""));
    let unknown = stage.client.describe_execution().execution_arn(execution_arn(MACHINE, "none")).send().await;
    assert!(unknown.unwrap_err().into_service_error().is_execution_does_not_exist());
}

#[tokio::test]
async fn a_stopped_execution_is_over() {
    let stage = Stage::new(waiting());
    let arn = stage.start(json!({})).await;
    let stop = || stage.client.stop_execution().execution_arn(&arn).error("Operator").cause("by hand").send();
    let stopped = stop().await.unwrap().stop_date;
    stage.world.seconds_pass(5);
    assert_eq!(stop().await.unwrap().stop_date, stopped);
    let description = stage.describe(&arn).await;
    assert_eq!(description.status, ExecutionStatus::Aborted);
    assert_eq!((description.error.as_deref(), description.cause.as_deref()), (Some("Operator"), Some("by hand")));
    assert_eq!(stage.succeed(&stage.token(), &json!({})).await, Err("TaskTimedOut".to_owned()));
    let kinds = stage.kinds(&arn).await;
    assert_eq!(kinds[kinds.len() - 2..], ["TaskStateAborted", "ExecutionAborted"]);
    let unknown = stage.client.stop_execution().execution_arn(execution_arn(MACHINE, "none")).send().await;
    assert!(unknown.unwrap_err().into_service_error().is_execution_does_not_exist());
}

#[tokio::test]
async fn executions_are_listed_newest_first_page_by_page() {
    let stage = Stage::new(waiting());
    for name in ["a", "b", "c"] {
        stage.begin(name, &json!({})).await;
    }
    stage.client.stop_execution().execution_arn(execution_arn(MACHINE, "b")).send().await.unwrap();
    let list = || stage.client.list_executions().state_machine_arn(arn::state_machine(MACHINE));
    let first = list().max_results(2).send().await.unwrap();
    let names =
        |found: &[aws_sdk_sfn::types::ExecutionListItem]| found.iter().map(|it| it.name.clone()).collect::<Vec<_>>();
    assert_eq!(names(&first.executions), ["c", "b"]);
    let second = list().max_results(2).set_next_token(first.next_token).send().await.unwrap();
    assert_eq!((names(&second.executions), second.next_token), (vec!["a".to_owned()], None));
    let running = list().status_filter(ExecutionStatus::Running).send().await.unwrap();
    assert_eq!(names(&running.executions), ["c", "a"]);
}

#[tokio::test]
async fn a_history_tells_what_went_in_and_out() {
    let stage = Stage::new(waiting());
    let arn = stage.start(json!({ "a": 1 })).await;
    stage.fail(&stage.token(), "Rejected").await.unwrap();
    stage.settle().await;
    let events = stage.history(&arn).await;
    assert_eq!(events.iter().map(|event| event.id).collect::<Vec<_>>(), (1..=7).collect::<Vec<_>>());
    assert_eq!(events.iter().map(|event| event.previous_event_id).collect::<Vec<_>>(), [0, 0, 2, 3, 4, 5, 6]);
    assert_eq!(events[0].execution_started_event_details.as_ref().unwrap().input(), Some("{\"a\":1}"));
    let entered = events[1].state_entered_event_details.as_ref().unwrap();
    assert_eq!((entered.name(), entered.input()), ("First", Some("{\"a\":1}")));
    let scheduled = events[2].task_scheduled_event_details.as_ref().unwrap();
    assert_eq!((scheduled.resource_type(), scheduled.resource()), ("lambda", "invoke.waitForTaskToken"));
    assert!(scheduled.parameters().contains(&stage.token()));
    let failed = events[5].task_failed_event_details.as_ref().unwrap();
    assert_eq!((failed.error(), failed.cause()), (Some("Rejected"), Some("so")));
    let ended = events[6].execution_failed_event_details.as_ref().unwrap();
    assert_eq!(ended.error(), Some("Rejected"));
}

#[tokio::test]
async fn machines_are_listed_and_described() {
    let stage = Stage::new(waiting());
    stage.define("another", alone(json!({ "Type": "Pass" })));
    let listed = stage.client.list_state_machines().send().await.unwrap().state_machines;
    assert_eq!(listed.iter().map(|it| it.name.as_str()).collect::<Vec<_>>(), ["another", MACHINE]);
    let described =
        stage.client.describe_state_machine().state_machine_arn(arn::state_machine(MACHINE)).send().await.unwrap();
    assert_eq!(described.definition, waiting().to_string());
    stage.world.aws.states.start(&arn::state_machine(MACHINE), "run", "{}").unwrap();
    stage.define(MACHINE, alone(json!({ "Type": "Pass" })));
    let execution = execution_arn(MACHINE, "run");
    let of_run = stage.client.describe_state_machine_for_execution().execution_arn(execution).send().await.unwrap();
    assert_eq!(of_run.definition, waiting().to_string(), "it goes on as it was started");
    stage.world.aws.states.keep_state_machines(&[arn::state_machine(MACHINE)]).unwrap();
    let gone = stage.client.describe_state_machine().state_machine_arn(arn::state_machine("another")).send().await;
    assert!(gone.unwrap_err().into_service_error().is_state_machine_does_not_exist());
}

#[tokio::test]
async fn every_action_asks_for_its_permission() {
    let (machine, execution) = (arn::state_machine(MACHINE), execution_arn(MACHINE, "run"));
    let asked = [
        ("StartExecution", machine.as_str()),
        ("ListExecutions", &machine),
        ("DescribeStateMachine", &machine),
        ("SendTaskSuccess", &machine),
        ("SendTaskFailure", &machine),
        ("SendTaskHeartbeat", &machine),
        ("DescribeExecution", &execution),
        ("GetExecutionHistory", &execution),
        ("DescribeStateMachineForExecution", &execution),
        ("StopExecution", &execution),
        ("ListStateMachines", "*"),
    ];
    let denied = asked.map(|(action, resource)| format!("states:{action} {resource}")).into();
    let stage = Stage::guarded(Rules { denied, ..Rules::default() }, waiting());
    stage.world.aws.states.start(&machine, "run", "{}").unwrap();
    stage.settle().await;
    let token = stage.token();
    let client = &stage.client;
    let refusals = [
        code(&client.start_execution().state_machine_arn(&machine).send().await.unwrap_err().into_service_error()),
        code(&client.list_executions().state_machine_arn(&machine).send().await.unwrap_err().into_service_error()),
        code(
            &client.describe_state_machine().state_machine_arn(&machine).send().await.unwrap_err().into_service_error(),
        ),
        code(&client.describe_execution().execution_arn(&execution).send().await.unwrap_err().into_service_error()),
        code(&client.get_execution_history().execution_arn(&execution).send().await.unwrap_err().into_service_error()),
        code(
            &client
                .describe_state_machine_for_execution()
                .execution_arn(&execution)
                .send()
                .await
                .unwrap_err()
                .into_service_error(),
        ),
        code(&client.stop_execution().execution_arn(&execution).send().await.unwrap_err().into_service_error()),
        code(&client.list_state_machines().send().await.unwrap_err().into_service_error()),
        stage.succeed(&token, &json!({})).await.unwrap_err(),
        stage.fail(&token, "X").await.unwrap_err(),
        stage.heartbeat(&token).await.unwrap_err(),
    ];
    assert!(refusals.iter().all(|code| code == "AccessDeniedException"), "{refusals:?}");
    assert_eq!(stage.world.aws.states.open().unwrap().len(), 1);
}

#[tokio::test]
async fn an_operation_that_is_not_here_is_refused_by_name() {
    let stage = Stage::new(waiting());
    let error = stage.client.list_activities().send().await.unwrap_err().into_service_error();
    assert_eq!(code(&error), "UnknownOperationException");
}
