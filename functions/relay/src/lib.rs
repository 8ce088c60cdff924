//! Publishes one context's commits, from the stream of its events table to its topic.
//!
//! A commit that is published twice does no harm: consumers trust versions. One that is not taken is tried again from there on.
//! Nothing may ever change or remove a commit: a record that says so is an alarm, and is not published.

use std::{collections::HashMap, sync::Arc};

use app::ports::Topic;
use aws::SnsTopic;
use bytes::Bytes;
use contracts::commits::CommitMessage;
use futures::future::BoxFuture;
use lambda_kit::{
    Function, FunctionError, Handler,
    stream::{self, EventRecord},
};
use serde::Deserialize;
use serde_dynamo::AttributeValue;

/// See the module.
pub const FUNCTION: Function = Function {
    name: "relay",
    init: |config, env| {
        Box::pin(async move {
            let topic = SnsTopic::new(aws_sdk_sns::Client::new(&config), env.get("TOPIC_ARN")?);
            let topic: Arc<dyn Topic> = Arc::new(topic);
            let context: Arc<str> = env.get("CONTEXT")?.into();
            Ok(Arc::new(move |bytes: Bytes| {
                let (topic, context) = (Arc::clone(&topic), Arc::clone(&context));
                Box::pin(async move {
                    let failed = relay(topic.as_ref(), &context, &stream::records(&bytes)?).await?;
                    stream::begin_again_at(failed)
                }) as BoxFuture<'static, _>
            }) as Handler)
        })
    },
};

/// Publishes the records and answers the sequence number of the first that was not taken.
async fn relay(topic: &dyn Topic, context: &str, records: &[EventRecord]) -> Result<Option<String>, FunctionError> {
    let mut messages = Vec::new();
    let mut numbers = Vec::new();
    for record in records {
        if record.event_name != "INSERT" {
            let keys = format!("{:?}", record.change.keys);
            tracing::error!(code = "HISTORY_TOUCHED", context, change = %record.event_name, keys, "a commit was touched");
            continue;
        }
        // A record that is no commit fails the batch: Lambda bisects it, and in the end stores it whole for an operator.
        let message = message_of(record.change.new_image.inner())
            .ok_or_else(|| FunctionError::new("Bug", "a record of the events table is no commit"))?;
        messages.push(message);
        numbers.push(record.change.sequence_number.clone());
    }
    let outcomes = topic.publish(&messages).await;
    let failed =
        outcomes.iter().zip(numbers).find_map(|(outcome, number)| outcome.as_ref().err().map(|it| (it, number)));
    let Some((error, number)) = failed else { return Ok(None) };
    tracing::warn!(context, error = %lambda_kit::sqs::chain(error), "not every commit was taken");
    // Without a number nothing can be told apart, so the whole batch comes again.
    number.map(Some).ok_or_else(|| FunctionError::new("Transient", "not every commit was taken"))
}

/// The commit's names alone.
#[derive(Deserialize)]
struct Names {
    ev: Vec<Name>,
}

#[derive(Deserialize)]
struct Name {
    #[serde(rename = "type")]
    name: String,
}

fn message_of(image: &HashMap<String, AttributeValue>) -> Option<CommitMessage> {
    let text = |name: &str| match image.get(name)? {
        AttributeValue::S(text) => Some(text.clone()),
        _ => None,
    };
    let number = |name: &str| match image.get(name)? {
        AttributeValue::N(number) => number.parse().ok(),
        _ => None,
    };
    let AttributeValue::B(previous) = image.get("p")? else { return None };
    let commit = text("c")?;
    let names: Names = serde_json::from_str(&commit).ok()?;
    let mut types: Vec<_> = names.ev.into_iter().map(|event| event.name).collect();
    types.dedup();
    Some(CommitMessage {
        stream: text("pk")?,
        version: number("sk")?,
        kind: text("k")?,
        prev: hex::encode(previous),
        types,
        commit,
        state: text("s")?,
        state_version: number("sv")?,
    })
}
