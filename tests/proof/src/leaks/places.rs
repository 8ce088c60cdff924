//! Everything that the bank keeps, sends or says, byte by byte.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex},
};

use aws_sdk_dynamodb::types::AttributeValue;
use bytes::Bytes;
use granary::services::OPERATOR;
use serde_json::{Value, json};

use super::search::Search;
use crate::world::Bank;

/// A place, and what stands there.
pub type Places = Vec<(String, Vec<u8>)>;

/// Which of the texts stand where.
pub fn found<'a>(places: &Places, search: &'a Search) -> BTreeSet<(String, &'a str)> {
    let found = |(place, bytes): &(String, Vec<u8>)| {
        search.found(bytes).into_iter().map(|text| (place.clone(), text)).collect::<Vec<_>>()
    };
    places.iter().flat_map(found).collect()
}

/// How many bytes of each place were looked at.
pub fn sizes(places: &Places) -> BTreeMap<&str, usize> {
    let mut sizes = BTreeMap::<&str, usize>::new();
    for (place, bytes) in places {
        *sizes.entry(place).or_default() += bytes.len();
    }
    sizes
}

/// All that is at rest: tables, streams, queues, executions, object keys, what relays gave up on, and what is archived.
pub async fn everywhere(bank: &Bank) -> Places {
    let mut places = queues(bank);
    for table in &bank.local.plan().tables {
        places.extend(table_of(bank, &table.logical_id).await);
    }
    places.extend(streams(bank));
    places.extend(executions(bank).await);
    for bucket in ["RelayFailures", "Archive"] {
        places.extend(objects(bank, bucket));
    }
    for bucket in &bank.local.plan().buckets {
        let keys = bank.local.aws().s3.keys(&bucket.name, "").unwrap();
        places.extend(keys.into_iter().map(|key| ("object keys".to_owned(), key.into_bytes())));
    }
    places
}

fn bytes_of(value: &AttributeValue, into: &mut Vec<u8>) {
    into.push(b'\n');
    match value {
        AttributeValue::S(text) | AttributeValue::N(text) => into.extend(text.as_bytes()),
        AttributeValue::B(bytes) => into.extend(bytes.as_ref()),
        AttributeValue::M(members) => members.iter().for_each(|(name, value)| {
            into.extend(name.as_bytes());
            bytes_of(value, into);
        }),
        AttributeValue::L(values) => values.iter().for_each(|value| bytes_of(value, into)),
        AttributeValue::Ss(texts) | AttributeValue::Ns(texts) => into.extend(texts.join("\n").as_bytes()),
        AttributeValue::Bs(values) => values.iter().for_each(|bytes| into.extend(bytes.as_ref())),
        AttributeValue::Bool(_) | AttributeValue::Null(_) => {}
        other => panic!("an attribute of a new kind: {other:?}"),
    }
}

pub fn queues(bank: &Bank) -> Places {
    let sqs = &bank.local.aws().sqs;
    let mut places = Places::new();
    for queue in sqs.names().unwrap() {
        for message in sqs.peek(&queue, 10_000).unwrap() {
            places.push((format!("queue {queue}"), message.body.clone().into_bytes()));
            places.push((format!("queue {queue}"), message.lambda_record(&queue).to_string().into_bytes()));
        }
    }
    places
}

pub async fn table_of(bank: &Bank, logical_id: &str) -> Places {
    let bytes = |item| {
        let mut bytes = Vec::new();
        bytes_of(&AttributeValue::M(item), &mut bytes);
        bytes
    };
    bank.items(logical_id).await.into_iter().map(|item| (format!("table {logical_id}"), bytes(item))).collect()
}

pub fn streams(bank: &Bank) -> Places {
    let mut places = Places::new();
    for table in bank.local.plan().tables.iter().filter(|table| table.stream_view.is_some()) {
        for record in bank.local.aws().dynamodb.stream_records(&table.name, 0, usize::MAX).unwrap() {
            places.push((format!("stream {}", table.logical_id), record.json.to_string().into_bytes()));
        }
    }
    places
}

pub fn objects(bank: &Bank, bucket: &str) -> Places {
    let name = &bank.local.plan().buckets.iter().find(|it| it.logical_id == bucket).unwrap().name;
    let s3 = &bank.local.aws().s3;
    let keys = s3.keys(name, "").unwrap();
    keys.iter().map(|key| (format!("bucket {bucket}"), s3.get(name, key).unwrap().unwrap().body.to_vec())).collect()
}

/// Every execution with its input, its output and its whole history, as Step Functions itself tells them.
pub async fn executions(bank: &Bank) -> Places {
    let mut places = Places::new();
    for machine in step_functions(bank, "ListStateMachines", json!({}), "stateMachines").await {
        let place = format!("executions of {}", text(&machine, "name"));
        let of_machine = json!({ "stateMachineArn": machine["stateMachineArn"] });
        for execution in step_functions(bank, "ListExecutions", of_machine, "executions").await {
            let of_execution = json!({ "executionArn": execution["executionArn"] });
            let described = step_functions_page(bank, "DescribeExecution", &of_execution).await;
            places.push((place.clone(), described.to_string().into_bytes()));
            for event in step_functions(bank, "GetExecutionHistory", of_execution, "events").await {
                places.push((place.clone(), event.to_string().into_bytes()));
            }
        }
    }
    places
}

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().unwrap()
}

/// All pages of a list. On the wire: a client would drop what it does not know and mask what it does.
async fn step_functions(bank: &Bank, operation: &str, mut request: Value, list: &str) -> Vec<Value> {
    let mut all = Vec::new();
    loop {
        let mut page = step_functions_page(bank, operation, &request).await;
        all.append(page[list].as_array_mut().unwrap());
        match page["nextToken"].take() {
            Value::Null => return all,
            next => request["nextToken"] = next,
        }
    }
}

async fn step_functions_page(bank: &Bank, operation: &str, request: &Value) -> Value {
    let scope = format!("AWS4-HMAC-SHA256 Credential={OPERATOR}/20261120/eu-west-2/states/aws4_request");
    let request = http::Request::post("http://states.eu-west-2.amazonaws.com/")
        .header("authorization", scope)
        .header("content-type", "application/x-amz-json-1.0")
        .header("x-amz-target", format!("AWSStepFunctions.{operation}"))
        .body(Bytes::from(request.to_string()))
        .unwrap();
    let response = bank.local.aws().call(request).await;
    assert_eq!(response.status(), 200, "{operation}: {:?}", response.body());
    serde_json::from_slice(response.body()).unwrap()
}

/// Every token that a state of any execution ever waited under.
pub fn task_tokens(executions: &Places) -> BTreeSet<String> {
    let mut tokens = BTreeSet::new();
    for (_, bytes) in executions {
        collect_tokens(&serde_json::from_slice(bytes).unwrap(), &mut tokens);
    }
    tokens
}

fn collect_tokens(value: &Value, into: &mut BTreeSet<String>) {
    match value {
        Value::Object(members) => members.iter().for_each(|(name, value)| match value {
            Value::String(token) if name == "taskToken" => drop(into.insert(token.clone())),
            value => collect_tokens(value, into),
        }),
        Value::Array(values) => values.iter().for_each(|value| collect_tokens(value, into)),
        // Step Functions keeps JSON as text.
        Value::String(text) if text.starts_with(['{', '[']) => {
            if let Ok(value) = serde_json::from_str(text) {
                collect_tokens(&value, into);
            }
        }
        Value::String(_) | Value::Number(_) | Value::Bool(_) | Value::Null => {}
    }
}

/// Everything that is logged on this thread, as an operator would see it.
#[derive(Clone, Default)]
pub struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    /// Listens for as long as both guards are kept.
    pub fn listen() -> (Self, (tracing::subscriber::DefaultGuard, tracing::Dispatch)) {
        let log = Self::default();
        let written = log.clone();
        let subscriber = tracing_subscriber::fmt().with_max_level(tracing::Level::INFO).with_ansi(false);
        let subscriber = subscriber.with_writer(move || written.clone()).finish();
        // With one dispatcher alone, tracing asks the thread that meets a log line first whether anybody wants it, and other tests'
        // threads want none. With two it asks both.
        let another = tracing::Dispatch::new(tracing::subscriber::NoSubscriber::new());
        (log, (tracing::subscriber::set_default(subscriber), another))
    }

    pub fn place(&self) -> (String, Vec<u8>) {
        ("log".to_owned(), self.0.lock().unwrap().clone())
    }
}

impl std::io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
