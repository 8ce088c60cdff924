//! Which definitions are taken, and what is said of the others.

use serde_json::{Value, json};

use super::{FUNCTION, INVOKE_AND_WAIT, PUT, SEND_AND_WAIT, alone, machine, pause, task};
use crate::services::{
    arn,
    states::{Definition, StateMachineSpec, StatesError},
};

/// A definition with everything in it that there is.
fn sample() -> Value {
    let retry = json!([{
        "Comment": "c", "ErrorEquals": ["Transient", "Lambda.Unknown"], "IntervalSeconds": 2, "MaxAttempts": 8,
        "BackoffRate": 2.5, "MaxDelaySeconds": 300, "JitterStrategy": "FULL",
    }]);
    let catch = json!([{ "ErrorEquals": ["States.ALL"], "ResultPath": "$.error", "Next": "Failed" }]);
    json!({
        "Comment": "c",
        "QueryLanguage": "JSONPath",
        "Version": "1.0",
        "TimeoutSeconds": 86400,
        "StartAt": "Ask",
        "States": {
            "Ask": {
                "Type": "Task",
                "Comment": "c",
                "Resource": INVOKE_AND_WAIT,
                "InputPath": "$.a",
                "Parameters": { "FunctionName": FUNCTION, "Payload": { "token.$": "$$.Task.Token", "deep": { "x": 1 } } },
                "ResultSelector": { "result.$": "$.result" },
                "ResultPath": "$.asked",
                "OutputPath": "$",
                "TimeoutSeconds": 60,
                "HeartbeatSeconds": 10,
                "Retry": retry,
                "Catch": catch,
                "Next": "Send",
            },
            "Send": {
                "Type": "Task",
                "Resource": SEND_AND_WAIT,
                "Parameters": { "QueueUrl": "q", "MessageBody": { "a.$": "$.a" }, "MessageGroupId.$": "$.g" },
                "Next": "Put",
            },
            "Put": {
                "Type": "Task",
                "Resource": PUT,
                "Parameters": { "Entries": [{
                    "Source": "s", "DetailType": "t", "Detail": { "a": 1 }, "EventBusName": "b", "Resources": ["r"],
                }] },
                "Next": "Work",
            },
            "Work": { "Type": "Task", "Resource": FUNCTION, "ResultPath": null, "Next": "Which" },
            "Which": {
                "Type": "Choice",
                "Choices": [
                    { "Comment": "c", "Variable": "$.a", "StringEquals": "x", "Next": "Pause" },
                    { "And": [
                        { "Variable": "$.b", "IsPresent": true },
                        { "Not": { "Or": [{ "Variable": "$.b", "NumericLessThan": 3 }] } },
                    ], "Next": "Both" },
                ],
                "Default": "Failed",
            },
            "Pause": { "Type": "Wait", "Seconds": 1, "Next": "Note" },
            "Note": { "Type": "Pass", "Parameters": { "x": { "y": 1 } }, "Next": "Done" },
            "Both": {
                "Type": "Parallel",
                "Branches": [
                    { "Comment": "c", "StartAt": "One", "States": { "One": { "Type": "Pass", "Result": { "x": 1 }, "End": true } } },
                    { "StartAt": "Two", "States": { "Two": { "Type": "Succeed" } } },
                ],
                "Retry": retry,
                "Catch": catch,
                "Next": "Done",
            },
            "Done": { "Type": "Succeed" },
            "Failed": { "Type": "Fail", "Error": "E", "Cause": "C" },
        },
    })
}

fn refusal(definition: &Value) -> String {
    Definition::parse(&definition.to_string()).expect_err(&definition.to_string()).to_string()
}

#[test]
fn everything_that_there_is_is_taken() {
    Definition::parse(&sample().to_string()).unwrap();
}

/// The pointers of all objects below a value.
fn objects(value: &Value, at: &str, found: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            found.push(at.to_owned());
            fields.iter().for_each(|(name, value)| objects(value, &format!("{at}/{name}"), found));
        }
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(index, value)| objects(value, &format!("{at}/{index}"), found));
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[test]
fn a_field_that_nobody_knows_is_refused_wherever_it_stands_but_in_data() {
    let sample = sample();
    let mut found = Vec::new();
    objects(&sample, "", &mut found);
    let mut refused = 0;
    for at in &found {
        let mut definition = sample.clone();
        definition.pointer_mut(at).unwrap()["Surprise"] = json!(true);
        let is_data = ["/Payload", "/MessageBody", "/Detail", "/ResultSelector", "/Result", "/Note/Parameters"]
            .iter()
            .any(|data| at.contains(data));
        match Definition::parse(&definition.to_string()) {
            Ok(_) => assert!(is_data, "taken at {at}"),
            Err(error) => {
                assert!(!is_data, "refused at {at}: {error}");
                assert!(error.path.ends_with(".Surprise") || error.problem.contains("comparison"), "at {at}: {error}");
                refused += 1;
            }
        }
    }
    assert!(refused > 25, "only {refused} of {} objects refuse", found.len());
}

#[test]
fn a_refusal_says_where() {
    let mut definition = sample();
    definition["States"]["Both"]["Branches"][0]["States"]["One"]["Retries"] = json!([]);
    assert_eq!(refusal(&definition), "$.States.Both.Branches[0].States.One.Retries: there is no such field here");
}

#[test]
fn transitions_lead_somewhere_and_to_every_state() {
    let with = |change: fn(&mut Value)| {
        let mut definition = sample();
        change(&mut definition);
        refusal(&definition)
    };
    assert!(with(|it| it["StartAt"] = json!("Nowhere")).contains("$.StartAt: there is no state Nowhere here"));
    assert!(with(|it| drop(it.as_object_mut().unwrap().remove("StartAt"))).contains("StartAt is missing"));
    assert!(with(|it| it["States"]["Pause"]["Next"] = json!("Nowhere")).contains("$.States.Pause: leads to Nowhere"));
    assert!(with(|it| it["States"]["Which"]["Default"] = json!("Nowhere")).contains("leads to Nowhere"));
    assert!(with(|it| it["States"]["Ask"]["Catch"][0]["Next"] = json!("Nowhere")).contains("leads to Nowhere"));
    // Into a branch and out of it there is no way.
    assert!(with(|it| it["States"]["Pause"]["Next"] = json!("One")).contains("leads to One"));
    let island = |it: &mut Value| it["States"]["Island"] = json!({ "Type": "Pass", "Next": "Done" });
    assert!(with(island).contains("$.States.Island: no other state leads here"));
    let twice = |it: &mut Value| it["States"]["One"] = json!({ "Type": "Succeed" });
    assert!(with(twice).contains("another branch has a state of this name"));
}

#[test]
fn what_is_not_done_here_is_refused_by_name() {
    let said = |state: Value| refusal(&alone(state));
    assert!(said(json!({ "Type": "Map", "End": true })).contains("the state type Map is not supported"));
    assert!(said(json!({ "Type": "Pass", "QueryLanguage": "JSONata" })).contains("only JSONPath"));
    assert!(refusal(&json!({ "QueryLanguage": "JSONata" })).contains("$.QueryLanguage: only JSONPath"));
    for resource in [
        "arn:aws:states:::dynamodb:putItem",
        "arn:aws:states:::events:putEvents.waitForTaskToken",
        "arn:aws:states:::lambda:invoke.sync",
        "arn:aws:states:eu-west-1:000000000000:activity:a",
        "arn:aws:lambda:eu-west-1:000000000000:function:work.waitForTaskToken",
    ] {
        assert!(said(task(json!({ "Resource": resource }))).contains(&format!("the resource {resource} is not")));
    }
    let format = json!({ "x.$": "States.Format('{}', $.a)" });
    assert!(said(json!({ "Type": "Pass", "Parameters": format })).contains("intrinsic functions are not supported"));
    for path in
        ["$..a", "$.a[*]", "$.a[?(@.b)]", "$['a']", "a.b", "$.a.", "$.a[1:2]", "$$.Execution.RoleArn", "$$.Map.Item"]
    {
        let problem = said(json!({ "Type": "Pass", "InputPath": path }));
        assert!(problem.starts_with("$.States.First.InputPath: "), "{path}: {problem}");
    }
    assert!(said(json!({ "Type": "Pass", "ResultPath": "$.a[0]" })).contains("nothing can be put at $.a[0]"));
    assert!(said(json!({ "Type": "Pass", "ResultPath": "$$.Execution.Input" })).contains("nothing can be put"));
    let delay = json!({ "QueueUrl": "q", "MessageBody": "b", "DelaySeconds": 3 });
    let send = json!({ "Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage", "Parameters": delay });
    assert!(said(send).contains("$.States.First.Parameters.DelaySeconds: the parameter is not supported"));
}

#[test]
fn a_token_stands_only_where_something_waits_for_it() {
    let token = json!({ "t.$": "$$.Task.Token" });
    assert!(refusal(&alone(task(json!({ "Parameters": token })))).contains("only a task that waits"));
    assert!(refusal(&alone(json!({ "Type": "Pass", "Parameters": token }))).contains("only a task that waits"));
    assert!(refusal(&alone(pause(json!({ "ResultSelector": token })))).contains("only a task that waits"));
    assert!(refusal(&alone(pause(json!({ "OutputPath": "$$.Task.Token" })))).contains("for Parameters only"));
}

#[test]
fn retriers_and_catchers_make_sense() {
    let retry = |retry: Value| refusal(&alone(task(json!({ "Retry": retry }))));
    let all = json!({ "ErrorEquals": ["States.ALL"] });
    let one = json!({ "ErrorEquals": ["X"] });
    assert!(retry(json!([all, one])).contains("States.ALL must stand alone and last"));
    assert!(retry(json!([{ "ErrorEquals": ["X", "States.ALL"] }])).contains("States.ALL must stand alone and last"));
    assert!(retry(json!([{ "ErrorEquals": [] }])).contains("a list that is not empty"));
    assert!(retry(json!([{ "ErrorEquals": ["States.Nonsense"] }])).contains("States.Nonsense is no error's name"));
    assert!(retry(json!([])).contains("a list that is not empty"));
    for (field, value) in [
        ("IntervalSeconds", json!(0)),
        ("IntervalSeconds", json!(1.5)),
        ("MaxAttempts", json!(-1)),
        ("BackoffRate", json!(0.9)),
        ("BackoffRate", json!(1.0001)),
        ("MaxDelaySeconds", json!(1)),
        ("JitterStrategy", json!("SOME")),
    ] {
        let problem = retry(json!([{ "ErrorEquals": ["X"], field: value }]));
        assert!(problem.starts_with(&format!("$.States.First.Retry[0].{field}: ")), "{problem}");
    }
    let catch = json!([{ "ErrorEquals": ["States.ALL"], "Next": "End" }, { "ErrorEquals": ["X"], "Next": "End" }]);
    let caught = machine(task(json!({ "Catch": catch })), json!({ "End": { "Type": "Succeed" } }));
    assert!(refusal(&caught).contains("$.States.First.Catch[0].ErrorEquals: States.ALL must stand alone and last"));
}

#[test]
fn states_have_what_they_need_and_nothing_twice() {
    let said = |state: Value| refusal(&machine(state, json!({ "End": { "Type": "Succeed" } })));
    assert!(said(json!({ "Type": "Task", "Next": "End" })).contains("the field Resource is missing"));
    assert!(said(json!({ "Type": "Choice", "Choices": [] })).contains("a list that is not empty"));
    assert!(said(json!({ "Type": "Wait" })).contains("exactly one of Seconds"));
    assert!(
        said(json!({ "Type": "Wait", "Seconds": 1, "Timestamp": "2026-01-05T10:00:00Z" })).contains("exactly one of")
    );
    assert!(said(json!({ "Type": "Wait", "Timestamp": "tomorrow" })).contains("RFC 3339"));
    assert!(said(json!({ "Type": "Pass", "End": true, "Next": "End" })).contains("there is a Next too"));
    assert!(said(json!({ "Type": "Pass", "End": false })).contains("$.States.First.End: must be true"));
    assert!(refusal(&json!({ "StartAt": "A", "States": { "A": { "Type": "Pass" } } })).contains("either Next or End"));
    assert!(said(json!({ "Type": "Fail", "Error": "a", "ErrorPath": "$.a" })).contains("there is a Error too"));
    assert!(said(task(json!({ "TimeoutSeconds": 5, "HeartbeatSeconds": 5 }))).contains("less than TimeoutSeconds"));
    assert!(said(json!({ "Type": "Pass", "Parameters": { "a": 1, "a.$": "$.a" } })).contains("a is there twice"));
    let bad = json!({ "Type": "Choice", "Choices": [{ "Variable": "$.a", "NumericEquals": "1", "Next": "End" }] });
    assert!(said(bad).contains("the value is not of the comparison's kind"));
    let two = json!({ "Type": "Choice", "Choices": [{ "Variable": "$.a", "IsNull": true, "IsString": true, "Next": "End" }] });
    assert!(said(two).contains("exactly one comparison, this one has 2"));
    let nested = json!({ "Type": "Choice", "Choices": [{ "Not": { "Variable": "$.a", "IsNull": true, "Next": "End" }, "Next": "End" }] });
    assert!(said(nested).contains("exactly one comparison, this one has 2"));
}

#[test]
fn a_name_that_is_written_twice_is_not_silently_one() {
    let text = r#"{"StartAt":"A","States":{"A":{"Type":"Succeed"},"A":{"Type":"Fail"}}}"#;
    assert!(Definition::parse(text).unwrap_err().problem.contains("the field A is there twice"));
}

#[test]
fn a_machine_whose_definition_is_refused_is_not_made() {
    let stage = super::Stage::new(alone(json!({ "Type": "Succeed" })));
    let definition = alone(json!({ "Type": "Map" })).to_string();
    let (name, arn, role) = ("bad".to_owned(), arn::state_machine("bad"), "MachineRole".to_owned());
    let refused = stage.world.aws.states.create_state_machine(&StateMachineSpec { name, arn, role, definition });
    assert!(matches!(refused.unwrap_err(), StatesError::Definition { machine, .. } if machine == "bad"));
}
