//! Every function of the template as a compiled binary under a Lambda Runtime API, against the same function in process.

mod banks;
mod binaries;
mod compliance;
mod erasure;
mod mails;
mod process;
mod runtime_api;
mod samples;
mod scenarios;
mod state;
mod workflow;

use std::os::unix::process::ExitStatusExt as _;

use aws_lc_rs::signature::{RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use bytes::Bytes;
use futures::{StreamExt as _, stream};
use granary::template::FunctionPlan;
use serde_json::Value;

use crate::support::Bank;
use banks::Banks;
use process::Process;
use runtime_api::Answer;
use samples::bytes;

/// JSON, but no event of any function.
const NO_EVENTS: [&str; 3] = ["\"no event\"", "{}", r#"{"Records":"none","version":2,"awaited":"nothing"}"#];
/// How a function says so: the tasks of a state machine by the name of a class, as those retry by it.
const REFUSALS: [&str; 2] = ["InvalidEvent: ", "Invalid: TASK_INPUT_MALFORMED"];
const SIGTERM: i32 = 15;
/// How many functions are tried side by side.
const AT_ONCE: usize = 4;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_compiled_function_answers_and_writes_what_it_does_in_process() {
    let differences = of_each_function(|banks, function| async move { differences(&banks, &function).await }).await;
    assert!(differences.is_empty(), "{}", differences.join("\n\n"));
}

async fn differences(banks: &Banks, function: &FunctionPlan) -> Vec<String> {
    let name = &function.logical_id;
    let mut differences = Vec::new();
    let events = banks.prepare(function).await;
    let before = state::lines(&banks.compiled, banks.since).await;
    differences.extend(
        state::difference(&before, &state::lines(&banks.in_process, banks.since).await)
            .map(|it| format!("{name} begins with different states: {it}")),
    );

    let mut process = Process::start(function, &banks.aws_url);
    process.ready().await;
    let forged = scenarios::forged(function).map(|event| [bytes(&event), bytes(&event)]);
    let events = events.into_iter().map(|event| (event, true)).chain(forged.map(|event| (event, false)));
    for ([to_compiled, to_in_process], is_good) in events {
        banks.catch_up();
        let compiled = process.invoke(to_compiled).await;
        let compiled = comparable(compiled, &banks.compiled, banks);
        let in_process = in_process(&banks.in_process, name, to_in_process).await;
        let in_process = comparable(in_process, &banks.in_process, banks);
        if compiled != in_process {
            differences.push(format!("{name} answers\n  {compiled:?} compiled and\n  {in_process:?} in process"));
        }
        if is_taken(&compiled) != is_good {
            differences.push(format!("{name} takes what it must refuse or refuses its own event: {compiled:?}"));
        }
    }
    let after = state::lines(&banks.compiled, banks.since).await;
    differences.extend(
        state::difference(&after, &state::lines(&banks.in_process, banks.since).await)
            .map(|it| format!("{name} leaves different states: {it}")),
    );
    let set_aside = after.iter().filter(|line| is_set_aside(line));
    differences.extend(set_aside.map(|line| format!("{name} sets its own event aside: {line}")));
    if after == before {
        differences
            .push(format!("{name} changes nothing, so this test shows nothing: give it an event with an effect"));
    }
    if !differences.is_empty() {
        differences.push(format!("{name} said:\n{}", process.said()));
    }
    differences
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_compiled_function_refuses_what_is_no_event_and_lives_on() {
    let failures = of_each_function(|banks, function| async move {
        let name = &function.logical_id;
        let events = banks.prepare(&function).await;
        let mut failures = Vec::new();
        let mut process = Process::start(&function, &banks.aws_url);
        for event in NO_EVENTS {
            let refused = process.invoke(event.into()).await;
            let in_process = in_process(&banks.in_process, name, event.into()).await;
            let is_coded = refused.as_ref().is_err_and(|it| REFUSALS.iter().any(|code| it.starts_with(code)));
            if refused != in_process || !is_coded {
                failures.push(format!("{name} given {event} answers\n  {refused:?} and\n  {in_process:?} in process"));
            }
        }
        banks.catch_up();
        for [event, _] in events {
            let answered = process.invoke(event).await;
            if !is_taken(&answered) {
                failures.push(format!("{name} refuses its own event after malformed ones: {answered:?}"));
            }
        }
        failures
    });
    let failures = failures.await;
    assert!(failures.is_empty(), "{}", failures.join("\n\n"));
}

#[tokio::test]
async fn a_compiled_function_ends_when_it_is_told_to_and_when_the_runtime_api_is_gone() {
    let banks = Banks::open().await;
    for function in &banks.compiled.local.plan().functions {
        let name = &function.logical_id;
        let start = || Process::start(function, &banks.aws_url);
        let (mut abandoned, mut terminated) = (start(), start());
        abandoned.ready().await;
        terminated.ready().await;
        let (abandoned, terminated) = (abandoned.abandon().await, terminated.terminate().await);
        // It ends by itself and orderly, with an error: Lambda never takes its API away from a function that is well.
        assert_eq!(abandoned.status.code(), Some(1), "{name} said:\n{}", abandoned.log);
        // Nothing is half done between two invocations, so the signal's own effect is the right one.
        assert_eq!(terminated.status.signal(), Some(SIGTERM), "{name} said:\n{}", terminated.log);
        for ended in [abandoned, terminated] {
            assert!(!ended.log.contains("panicked"), "{name} said:\n{}", ended.log);
        }
    }
}

#[tokio::test]
async fn a_compiled_function_without_its_variables_does_not_start_and_names_one() {
    let banks = Banks::open().await;
    for function in &banks.compiled.local.plan().functions {
        let mut bare = function.clone();
        bare.env.clear();
        let ended = Process::start(&bare, &banks.aws_url).end().await;
        let name = &function.logical_id;
        assert_eq!(ended.status.code(), Some(1), "{name} said:\n{}", ended.log);
        let named = function.env.keys().any(|variable| ended.log.contains(&format!("variable {variable} is not set")));
        assert!(named, "{name} said:\n{}", ended.log);
    }
}

/// What a check finds in each function, with banks of its own and its variables in them.
async fn of_each_function<F>(check: fn(Banks, FunctionPlan) -> F) -> Vec<String>
where
    F: Future<Output = Vec<String>> + Send + 'static,
{
    binaries::binaries(); // Before any bank's clock stands still.
    let functions = Banks::open().await.compiled.local.plan().functions.clone();
    let found = stream::iter(functions).map(|FunctionPlan { logical_id, .. }| async move {
        let name = logical_id.clone();
        let found = tokio::spawn(async move {
            let banks = Banks::open().await;
            let function = banks.compiled.local.plan().function(&logical_id).unwrap().clone();
            check(banks, function).await
        });
        found.await.unwrap_or_else(|panic| vec![format!("{name}: {panic}")])
    });
    found.buffer_unordered(AT_ONCE).concat().await
}

async fn in_process(bank: &Bank, logical_id: &str, event: Bytes) -> Answer {
    let answer = bank.local.lambdas().invoke(logical_id, event).await;
    answer.map(|bytes| String::from_utf8(bytes.to_vec()).unwrap()).map_err(|error| error.to_string())
}

/// Whether an answer says that everything was done: of an event through a door, of a batch, or of anything else.
fn is_taken(answer: &Answer) -> bool {
    let Ok(text) = answer else { return false };
    let answer: Value = serde_json::from_str(text).unwrap();
    let has_status = answer.get("statusCode").is_none_or(|status| status == 200);
    let has_errors = answer["body"].as_str().is_some_and(|body| body.contains("\"errors\""));
    has_status && !has_errors && answer["batchItemFailures"].as_array().is_none_or(Vec::is_empty)
}

fn is_set_aside(line: &str) -> bool {
    let queue = line.strip_prefix("message in ").and_then(|it| it.split_once(':'));
    queue.is_some_and(|(queue, _)| queue == "ParkedQueue" || queue.ends_with("DeadLetters"))
}

/// The answer without times, and without a signature of ours once that is verified: each bank has keys of its own.
fn comparable(answer: Answer, bank: &Bank, banks: &Banks) -> Answer {
    let text = answer?;
    let answer: Value = serde_json::from_str(&text).unwrap();
    let text = match answer["headers"]["DigitalSignature"].as_str() {
        Some(signature) => {
            let key = &bank.local.plan().key("WebhookReplyKey").unwrap().id;
            let key = bank.local.aws().kms.public_key_der(key).unwrap();
            let body = answer["body"].as_str().unwrap();
            let verified = UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, key)
                .verify(body.as_bytes(), &STANDARD.decode(signature).unwrap());
            assert!(verified.is_ok(), "the signature is not this bank's");
            text.replace(signature, "(signed)")
        }
        None => text,
    };
    Ok(state::mask_times(&text, banks.since))
}
