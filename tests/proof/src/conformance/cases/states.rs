//! Step Functions: what executions do with data, choices, time, branches and errors.

use std::time::Duration;

use aws_sdk_sfn::types::{ExecutionStatus as Status, HistoryEvent, HistoryEventType};
use serde_json::{Value, json};

use super::{Case, case};
use crate::conformance::{
    finding::{Finding, holds, refused, same},
    kit::{SOON, given},
    target::Ask,
};

const DATA: &str = "AWS Step Functions Developer Guide, Processing input and output in Step Functions";
const CHOICE: &str = "AWS Step Functions Developer Guide, Choice workflow state";
const ERRORS: &str = "AWS Step Functions Developer Guide, Handling errors in Step Functions workflows";
const WAIT: &str = "AWS Step Functions Developer Guide, Wait workflow state";
const PARALLEL: &str = "AWS Step Functions Developer Guide, Parallel workflow state";
const STRUCTURE: &str = "AWS Step Functions Developer Guide, State machine structure in Amazon States Language";
const START: &str = "AWS Step Functions API Reference, StartExecution";
const STOP: &str = "AWS Step Functions API Reference, StopExecution";
const EVENTS: &str = "AWS Step Functions Developer Guide, Add EventBridge events with Step Functions";

/// The questions of this file.
pub fn cases() -> Vec<Case> {
    vec![
        case("States: data is narrowed, added to, dropped and handed on", DATA, "states-data", data),
        case("States: the first choice that holds decides", CHOICE, "states-choice", choices),
        case("States: no choice that holds, and no default, is an error", CHOICE, "states-no-choice", no_choice),
        case("States: a choice about what is not there is a runtime error", CHOICE, "states-missing", missing),
        case("States: a task is tried again, later each time", ERRORS, "states-retry", retry),
        case("States: each retrier counts by itself", ERRORS, "states-retriers", retriers),
        case("States: what was tried often enough is caught", ERRORS, "states-exhausted", exhausted),
        case("States: no attempt more where there is to be none", ERRORS, "states-never", never),
        case("States: an error is caught by its name, and put where it should be", ERRORS, "states-catch", catch),
        case("States: an error that nobody catches fails the execution", ERRORS, "states-uncaught", uncaught),
        case("States: a wait of so many seconds, fixed or from the data", WAIT, "states-wait", wait),
        case("States: a wait until a time, and none until one that is over", WAIT, "states-until", until),
        case("States: an execution that takes too long times out", STRUCTURE, "states-deadline", deadline),
        case("States: branches give their results in their order", PARALLEL, "states-parallel", parallel),
        case("States: a branch that fails ends the others, and is caught", PARALLEL, "states-branch", branch_fails),
        case("States: an event is put on a bus", EVENTS, "states-publish", publish),
        case(
            "States: a start under the same name and input is the same execution while it runs",
            START,
            "states-same",
            same_name,
        ),
        case("States: a start under the same name with other input is refused", START, "states-other", other_input),
        case(
            "States: a start under the name of an execution that is over is refused",
            START,
            "states-over",
            name_of_old,
        ),
        case("States: a stopped execution is aborted, with its reason", STOP, "states-stop", stop),
    ]
}

/// Runs to its end.
async fn run(ask: &Ask, machine: &str, input: Value) -> Result<(Status, Value, String, String), Finding> {
    let execution = ask.start(machine, &input).await?;
    let over = ask.over(&execution, SOON).await?;
    let output = over.output().map_or(Ok(Value::Null), serde_json::from_str)?;
    let text = |text: Option<&str>| text.unwrap_or_default().to_owned();
    Ok((over.status().clone(), output, text(over.error()), text(over.cause())))
}

/// Its history, from the first event on.
async fn history(ask: &Ask, machine: &str) -> Result<Vec<HistoryEvent>, Finding> {
    let arn = ask.machine(machine).replace(":stateMachine:", ":execution:");
    let history = ask.states.get_execution_history().execution_arn(format!("{arn}:{}", ask.id)).max_results(1_000);
    Ok(history.send().await?.events)
}

async fn data(ask: Ask) -> Result<(), Finding> {
    let input = json!({ "order": { "id": "o1", "list": [1, "two", null], "more": true }, "other": 1.5 });
    let (status, output, ..) = run(&ask, "data", input.clone()).await?;
    same("the status", status, Status::Succeeded)?;
    let mut documented = input;
    documented["narrowed"] = json!({ "id": "o1", "fixed": "text", "nested": { "list": [1, "two", null] } });
    documented["added"] = json!({ "below": { "kept": true } });
    documented["context"] = json!({ "execution": ask.id, "state": "Context", "input": "o1" });
    same("the output", output, documented)
}

async fn choices(ask: Ask) -> Result<(), Finding> {
    let inputs = [
        (json!({}), "Missing"),
        (json!({ "kind": "number", "value": 10 }), "Big"),
        (json!({ "kind": "number", "value": 10.5 }), "Big"),
        (json!({ "kind": "text", "value": "account-*" }), "Matching"),
        (json!({ "kind": "text", "value": "aa" }), "Matching"),
        (json!({ "kind": "time", "value": "2026-01-05T09:59:59.999Z" }), "Early"),
        (json!({ "kind": "time", "value": "2026-01-05T10:30:00+01:00" }), "Early"),
        (json!({ "kind": "flag", "value": false }), "Off"),
        (json!({ "kind": "pair", "value": "x", "other": "x" }), "Same"),
        (json!({ "kind": "nothing", "value": null }), "Null"),
    ];
    for (number, (input, documented)) in inputs.into_iter().enumerate() {
        let one = ask.again(number);
        let (_, output, error, _) = run(&one, "choose", input.clone()).await?;
        same(&format!("where {input} leads ({error})"), output, json!(documented))?;
    }
    Ok(())
}

async fn no_choice(ask: Ask) -> Result<(), Finding> {
    for (number, value) in [json!(9), json!("ten"), Value::Null].into_iter().enumerate() {
        let one = ask.again(number);
        let (status, _, error, _) = run(&one, "choose", json!({ "kind": "number", "value": value })).await?;
        same(&format!("how {value} ends"), (status, error.as_str()), (Status::Failed, "States.NoChoiceMatched"))?;
    }
    Ok(())
}

async fn missing(ask: Ask) -> Result<(), Finding> {
    let (status, _, error, _) = run(&ask, "choose", json!({ "kind": "flag" })).await?;
    same("how it ends", (status, error.as_str()), (Status::Failed, "States.Runtime"))
}

/// When each attempt of a task began, in milliseconds.
async fn attempts(ask: &Ask) -> Result<Vec<i64>, Finding> {
    let events = history(ask, "retry").await?;
    let scheduled = events.iter().filter(|it| it.r#type() == &HistoryEventType::TaskScheduled);
    Ok(scheduled.map(|it| it.timestamp().to_millis().unwrap_or_default()).collect())
}

async fn retry(ask: Ask) -> Result<(), Finding> {
    let input = json!({ "case": ask.id, "n": 7, "fails": 2, "error": "Transient" });
    let (status, output, ..) = run(&ask, "retry", input).await?;
    same("the status", status, Status::Succeeded)?;
    same("the result", &output["result"], &json!({ "answer": { "case": ask.id, "n": 7 } }))?;
    let at = attempts(&ask).await?;
    same("attempts", at.len(), 3)?;
    let waits: Vec<_> = at.windows(2).map(|pair| pair[1] - pair[0]).collect();
    // The clock of the history has milliseconds, and a second more for a machine that has much to do.
    holds(&format!("{waits:?} are 1 s and 2 s"), (990..2_000).contains(&waits[0]) && (1_990..3_500).contains(&waits[1]))
}

async fn retriers(ask: Ask) -> Result<(), Finding> {
    let input = json!({ "case": ask.id, "n": 1, "fails": 1, "error": "Throttled" });
    let (status, ..) = run(&ask, "retry", input).await?;
    same("after one Throttled", status, Status::Succeeded)?;
    let two = ask.again(2);
    let (status, _, error, cause) =
        run(&two, "retry", json!({ "case": two.id, "n": 1, "fails": 2, "error": "Throttled" })).await?;
    same("after two", (status, error.as_str(), cause.as_str()), (Status::Failed, "Parked", "Throttled"))?;
    same("attempts", attempts(&two).await?.len(), 2)
}

async fn exhausted(ask: Ask) -> Result<(), Finding> {
    let input = json!({ "case": ask.id, "n": 1, "fails": -1, "error": "Transient" });
    let (status, _, error, cause) = run(&ask, "retry", input).await?;
    same("how it ends", (status, error.as_str(), cause.as_str()), (Status::Failed, "Parked", "Transient"))?;
    same("attempts", attempts(&ask).await?.len(), 3)
}

async fn never(ask: Ask) -> Result<(), Finding> {
    let input = json!({ "case": ask.id, "n": 1, "fails": 1, "error": "Never" });
    let (status, _, error, _) = run(&ask, "retry", input).await?;
    same("how it ends", (status, error.as_str()), (Status::Failed, "Parked"))?;
    same("attempts", attempts(&ask).await?.len(), 1)
}

async fn catch(ask: Ask) -> Result<(), Finding> {
    let input = json!({ "case": ask.id, "n": 1, "fails": -1, "error": "Rejected", "kept": { "a": 1 } });
    let (status, output, ..) = run(&ask, "retry", input.clone()).await?;
    same("the status", status, Status::Succeeded)?;
    same("the end", &output["end"], "refused")?;
    same("what was there before", &output["kept"], &input["kept"])?;
    same("the error", &output["failure"]["Error"], "Rejected")?;
    let cause: Value = serde_json::from_str(output["failure"]["Cause"].as_str().unwrap_or_default())?;
    same("the type in the cause", &cause["errorType"], "Rejected")?;
    same("the message in the cause", &cause["errorMessage"], "as the input said")?;
    same("attempts", attempts(&ask).await?.len(), 1)
}

async fn uncaught(ask: Ask) -> Result<(), Finding> {
    let input = json!({ "case": ask.id, "n": 1, "fails": -1, "error": "Bug" });
    let (status, _, error, cause) = run(&ask, "retry", input).await?;
    same("how it ends", (status, error.as_str()), (Status::Failed, "Bug"))?;
    holds(&format!("the cause {cause:?} is the function's"), cause.contains("as the input said"))?;
    let events = history(&ask, "retry").await?;
    same("the last event", events.last().map(|it| it.r#type().clone()), Some(HistoryEventType::ExecutionFailed))
}

/// How long an execution took, in milliseconds.
async fn took(ask: &Ask, machine: &str, input: Value) -> Result<(Status, i64), Finding> {
    let execution = ask.start(machine, &input).await?;
    let over = ask.over(&execution, SOON).await?;
    let at = |at: &aws_sdk_sfn::primitives::DateTime| at.to_millis().unwrap_or_default();
    Ok((over.status().clone(), over.stop_date().map_or(0, at) - at(over.start_date())))
}

async fn wait(ask: Ask) -> Result<(), Finding> {
    for (number, (input, documented)) in [(json!({}), 2_000), (json!({ "seconds": 3 }), 3_000)].into_iter().enumerate()
    {
        let one = ask.again(number);
        let (status, took) = took(&one, "patience", input).await?;
        same("the status", status, Status::Succeeded)?;
        holds(&format!("{took} ms are {documented}"), (documented - 10..documented + 1_500).contains(&took))?;
    }
    Ok(())
}

async fn until(ask: Ask) -> Result<(), Finding> {
    let (status, took_past) = took(&ask.again(0), "patience", json!({ "until": "2020-01-01T00:00:00Z" })).await?;
    same("the status", status, Status::Succeeded)?;
    holds(&format!("{took_past} ms are none"), took_past < 1_500)?;
    let execution = ask.start("data", &json!({ "order": { "id": "o", "list": [] } })).await?;
    let now = ask.over(&execution, SOON).await?.start_date().secs() + 3;
    let at = time::OffsetDateTime::from_unix_timestamp(now)?.format(&time::format_description::well_known::Rfc3339)?;
    let (status, took_future) = took(&ask.again(1), "patience", json!({ "until": at })).await?;
    same("the status", status, Status::Succeeded)?;
    holds(&format!("{took_future} ms are some seconds"), (1_000..4_500).contains(&took_future))
}

async fn deadline(ask: Ask) -> Result<(), Finding> {
    let (status, took) = took(&ask, "patience", json!({ "seconds": 60 })).await?;
    same("the status", status, Status::TimedOut)?;
    holds(&format!("{took} ms are 6 s"), (5_990..8_500).contains(&took))
}

async fn parallel(ask: Ask) -> Result<(), Finding> {
    let input = json!({ "case": ask.id, "n": 5 });
    let (status, output, ..) = run(&ask, "parallel", input).await?;
    same("the status", status, Status::Succeeded)?;
    same("the results", &output["both"], &json!(["first", { "answer": { "case": ask.id, "n": 5 } }]))?;
    same("invocations", ask.heard().await?.iter().map(given).collect::<Vec<_>>(), vec![vec![5]])
}

async fn branch_fails(ask: Ask) -> Result<(), Finding> {
    let input = json!({ "case": ask.id, "n": 5, "fails": -1, "error": "Rejected" });
    let (status, output, ..) = run(&ask, "parallel", input).await?;
    same("the status", status, Status::Succeeded)?;
    same("the end", &output["end"], "caught")?;
    same("the error", &output["failure"]["Error"], "Rejected")?;
    same("the results", &output["both"], &Value::Null)?;
    let events = history(&ask, "parallel").await?;
    let exited = events.iter().filter_map(|it| it.state_exited_event_details());
    let names: Vec<_> = exited.map(|it| it.name().to_owned()).collect();
    holds(&format!("{names:?} has no end of the slow branch"), !names.contains(&"First".to_owned()))
}

async fn publish(ask: Ask) -> Result<(), Finding> {
    let n = i64::from(u16::from_str_radix(&ask.id[..4], 16)?);
    let (status, output, ..) = run(&ask, "publish", json!({ "n": n })).await?;
    same("the status", status, Status::Succeeded)?;
    same("how many failed", &output, &json!({ "failed": 0 }))?;
    let event = ask
        .eventually("the event", SOON, || async {
            for message in ask.receive("events-by-machine", 10).await? {
                let event: Value = serde_json::from_str(message.body().unwrap_or_default())?;
                ask.delete("events-by-machine", &message).await?;
                if event["detail"]["n"] == n {
                    return Ok(Some(event));
                }
            }
            Ok(None)
        })
        .await?;
    same("its type", &event["detail-type"], "Said.v1")?;
    let resources = event["resources"].to_string();
    holds(
        &format!("{resources} name the execution"),
        resources.contains(&format!("execution:conformance-publish:{}", ask.id)),
    )
}

async fn same_name(ask: Ask) -> Result<(), Finding> {
    let first = ask.start("patience", &json!({ "seconds": 3 })).await?;
    same("the execution", ask.start("patience", &json!({ "seconds": 3 })).await?, first)
}

async fn other_input(ask: Ask) -> Result<(), Finding> {
    ask.start("patience", &json!({ "seconds": 3 })).await?;
    let again = ask.states.start_execution().state_machine_arn(ask.machine("patience")).name(&ask.id);
    refused("starting", again.input(r#"{"seconds":4}"#).send().await, &["ExecutionAlreadyExists"])
}

async fn name_of_old(ask: Ask) -> Result<(), Finding> {
    let input = json!({ "order": { "id": "o", "list": [] } });
    run(&ask, "data", input.clone()).await?;
    let again = ask.states.start_execution().state_machine_arn(ask.machine("data")).name(&ask.id);
    refused("starting", again.input(input.to_string()).send().await, &["ExecutionAlreadyExists"])
}

async fn stop(ask: Ask) -> Result<(), Finding> {
    let execution = ask.start("patience", &json!({ "seconds": 5 })).await?;
    ask.pass(Duration::from_secs(1)).await?;
    let stop = ask.states.stop_execution().execution_arn(&execution).error("Enough").cause("of this");
    stop.send().await?;
    let over = ask.over(&execution, SOON).await?;
    same("the status", over.status(), &Status::Aborted)?;
    same("the reason", (over.error(), over.cause()), (Some("Enough"), Some("of this")))
}
