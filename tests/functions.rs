//! Every function of the template as a compiled binary under a Lambda Runtime API, against the same function in process.

mod binaries;
mod process;
mod runtime_api;
mod scenarios;
mod state;

use std::os::unix::process::ExitStatusExt as _;

use aws_lc_rs::signature::{RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use bytes::Bytes;
use serde_json::Value;

use crate::support::Bank;
use process::Process;
use runtime_api::Answer;
use scenarios::{Banks, sample};

/// JSON, but no event of any function.
const NO_EVENT: &str = "\"no event\"";
const SIGTERM: i32 = 15;

#[tokio::test]
async fn a_compiled_function_answers_and_writes_what_it_does_in_process() {
    let functions = Banks::open().await.compiled.local.plan().functions.clone();
    let mut differences = Vec::new();
    for function in &functions {
        let name = &function.logical_id;
        let banks = Banks::open().await;
        let events = banks.prepare(function).await;
        // The same function, with the variables of the bank that it is to reach.
        let function = banks.compiled.local.plan().function(name).unwrap();
        let before = state::lines(&banks.compiled, banks.since).await;
        differences.extend(
            state::difference(&before, &state::lines(&banks.in_process, banks.since).await)
                .map(|it| format!("{name} begins with different states: {it}")),
        );

        let mut process = Process::start(function, &banks.aws_url);
        for event in events {
            let compiled = process.invoke(event.clone()).await;
            let compiled = comparable(compiled, &banks.compiled, &banks);
            let in_process = comparable(in_process(&banks.in_process, name, event).await, &banks.in_process, &banks);
            if compiled != in_process {
                differences.push(format!("{name} answers\n  {compiled:?} compiled and\n  {in_process:?} in process"));
            }
            if compiled.is_err() {
                differences.push(format!("{name} does not take its own event: {compiled:?}"));
            }
        }
        let after = state::lines(&banks.compiled, banks.since).await;
        differences.extend(
            state::difference(&after, &state::lines(&banks.in_process, banks.since).await)
                .map(|it| format!("{name} leaves different states: {it}")),
        );
        if after == before {
            differences
                .push(format!("{name} changes nothing, so this test shows nothing: give it an event with an effect"));
        }
    }
    assert!(differences.is_empty(), "{}", differences.join("\n\n"));
}

#[tokio::test]
async fn a_compiled_function_refuses_what_is_no_event_and_lives_on() {
    let banks = Banks::open().await;
    let bank = &banks.compiled;
    for function in &bank.local.plan().functions {
        let name = &function.logical_id;
        let mut process = Process::start(function, &banks.aws_url);
        let refused = process.invoke(NO_EVENT.into()).await;
        assert_eq!(refused, in_process(bank, name, NO_EVENT.into()).await, "{name}");
        assert!(refused.is_err_and(|error| error.starts_with("InvalidEvent: ")), "{name}");
        let event = if function.name == "clearbank-webhook" { sample("graphql") } else { sample(&function.name) };
        let answered = process.invoke(event.to_string().into()).await;
        assert!(answered.is_ok(), "{name} after a malformed event: {answered:?}");
    }
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

async fn in_process(bank: &Bank, logical_id: &str, event: Bytes) -> Answer {
    let answer = bank.local.lambdas().invoke(logical_id, event).await;
    answer.map(|bytes| String::from_utf8(bytes.to_vec()).unwrap()).map_err(|error| error.to_string())
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
