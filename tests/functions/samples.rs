//! The committed sample events, and what is made of them.

use std::{fs, ops::Range, path::Path};

use app::commit::Commit;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use bytes::Bytes;
use contracts::commits::CommitMessage;
use serde_json::{Value, json};
use simulators::clearbank;

use crate::support::keys;

/// The customer of the samples.
pub const CUSTOMER: &str = "6f1d2c1e-6b7a-4c55-9d3e-0a1b2c3d4e5f";
/// The customer's application.
pub const APPLICATION: &str = "0d4c9b52-3a5e-4f0c-8d57-2f6e1b7a9c34";
/// The transaction that the custodian's webhook tells of.
pub const TRANSACTION: &str = "b70701f4-d7b1-4795-a8ee-b09cdb5b850d";
/// The reference in the bank partner's sample, which is nobody's.
pub const REFERENCE: &str = "GR-SAMPLE-0001";

/// The committed sample event of the function in `functions/<folder>`.
pub fn sample(folder: &str) -> Value {
    let text = events_file(&format!("{folder}.json"));
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("events/samples/{folder}.json: {error}"))
}

/// The same event of another customer than the samples'.
pub fn of(customer: &str, event: Value) -> Value {
    serde_json::from_str(&event.to_string().replace(CUSTOMER, customer)).unwrap()
}

pub fn bytes(event: &Value) -> Bytes {
    event.to_string().into()
}

/// What is asked for in an event: the body of its only message, or all of it.
pub fn job(event: &Value) -> Value {
    match event["Records"][0]["body"].as_str() {
        Some(body) => serde_json::from_str(body).unwrap(),
        None => event.clone(),
    }
}

/// The event with another job.
pub fn with_job(mut event: Value, job: &Value) -> Value {
    match event["Records"].get_mut(0) {
        Some(record) => record["body"] = json!(job.to_string()),
        None => event = job.clone(),
    }
    event
}

/// The commits of one stream, of these versions, which a sample tells of.
pub fn commits(sample: &Value, stream: &str, versions: Range<u32>) -> Vec<(String, Commit)> {
    let messages = sample["Records"].as_array().unwrap().iter().map(|record| record["body"].as_str().unwrap());
    let messages = messages.map(|body| serde_json::from_str::<CommitMessage>(body).unwrap());
    let wanted = messages.filter(|it| it.stream == stream && versions.contains(&it.version));
    let commits = wanted.map(|message| (message.kind.clone(), app::projection::commit_of(message).unwrap()));
    let commits: Vec<_> = commits.collect();
    assert_eq!(commits.len(), versions.len(), "the sample has not every commit of {stream} in {versions:?}");
    commits
}

/// The bank partner's webhook behind the HTTP API. Made here, as its signature needs the simulated partner's key, which is
/// never committed.
pub fn clearbank_webhook() -> Value {
    let body = transaction_settled();
    let partner = clearbank::Bank::with_key(&keys().clearbank, None).unwrap();
    let mut event = sample("graphql"); // The envelope is the same for every function behind the HTTP API.
    event["routeKey"] = json!("POST /webhooks/clearbank");
    event["requestContext"]["routeKey"] = event["routeKey"].clone();
    event["rawPath"] = json!("/webhooks/clearbank");
    event["requestContext"]["http"]["path"] = event["rawPath"].clone();
    event["headers"]["content-length"] = json!(body.len().to_string());
    event["headers"]["digitalsignature"] = json!(partner.sign(body.as_bytes()).unwrap());
    // As API Gateway sends whatever it does not know to be text.
    event["body"] = json!(STANDARD.encode(body));
    event["isBase64Encoded"] = json!(true);
    event
}

pub fn transaction_settled() -> String {
    events_file("providers/clearbank-transaction-settled-v6.json")
}

fn events_file(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../events/samples").join(name);
    fs::read_to_string(&path).unwrap_or_else(|_| panic!("every function needs a sample event: events/samples/{name}"))
}
