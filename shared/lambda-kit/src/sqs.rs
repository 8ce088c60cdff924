//! Functions fed by a queue.
//!
//! Each message has its own outcome, decided by its error's class alone: done, again later, parked, or set aside as poison with
//! its reason. What was asked to slow down comes again as a fresh copy, so that it never spends a receive. One bad message never holds up its neighbours.

mod again;

use std::{collections::HashMap, future::Future, sync::Arc};

use again::{PATIENCE_MS, Past, SET_ASIDE_AT, Watch};
use app::ports::Urgency;
use aws_lambda_events::sqs::{BatchItemFailure, SqsBatchResponse, SqsEvent, SqsMessage};
use aws_sdk_sqs::{Client, types::MessageAttributeValue};
use aws_types::SdkConfig;
use bytes::Bytes;
use domain::error::{Class, Classify};
use futures::future::join_all;

use crate::{Env, FunctionError, Handler, answer, event};

/// The longest reason that goes with a message that is set aside.
const REASON_CHARS_MAX: usize = 500;

/// One message of a batch.
#[derive(Debug, Clone)]
pub struct Message {
    /// SQS's id of it: the causation id of whatever it leads to.
    pub id: String,
    /// Its body.
    pub body: String,
    /// Which delivery of it this is.
    pub attempt: Attempt,
    /// Whether it may wait any longer if it is asked to slow down.
    pub patience: Patience,
    /// Whether newer work goes first.
    pub urgency: Urgency,
}

/// Which delivery of a message it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Attempt {
    /// Should it fail for a reason that may pass, it is delivered again.
    Early,
    /// Should it fail, it is set aside.
    Last,
}

/// Whether a message may wait any longer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Patience {
    /// Asked to slow down, it comes again later.
    Left,
    /// It was asked to for six hours: once more, and it is parked.
    Over,
}

/// Which messages of a batch are handled at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pace {
    /// One of each message group.
    GroupsAtOnce,
    /// One only: for messages that contend for something whatever their group.
    OneByOne,
}

/// Where messages go that cannot be done.
#[derive(Debug, Clone)]
struct Aside {
    client: Client,
    watch: Watch,
    own: String,
    dead_letters: String,
    parked: String,
    receives_max: u32,
}

/// Makes a handler of a function of one message; message groups are handled at once.
///
/// # Errors
/// See [`paced`].
pub fn handler<H, F, E>(aws: &SdkConfig, env: &Env, handle: H) -> Result<Handler, FunctionError>
where
    H: Fn(Message) -> F + Send + Sync + 'static,
    F: Future<Output = Result<(), E>> + Send + 'static,
    E: Classify + std::error::Error + Send + Sync + 'static,
{
    paced(aws, env, Pace::GroupsAtOnce, handle)
}

/// Makes a handler of a function of one message, at a pace.
///
/// # Errors
/// See [`batches`].
pub fn paced<H, F, E>(aws: &SdkConfig, env: &Env, pace: Pace, handle: H) -> Result<Handler, FunctionError>
where
    H: Fn(Message) -> F + Send + Sync + 'static,
    F: Future<Output = Result<(), E>> + Send + 'static,
    E: Classify + std::error::Error + Send + Sync + 'static,
{
    let handle = Arc::new(handle);
    batches(aws, env, pace, move || {
        let handle = Arc::clone(&handle);
        move |message| handle(message)
    })
}

/// Makes a handler of what makes a function of one message for each batch anew, when its messages have been received: for what may
/// be remembered from message to message, and no longer.
///
/// # Errors
/// When `QUEUE_URL`, `DEAD_LETTER_URL`, `PARKED_URL` or `MAX_RECEIVES` is missing.
pub fn batches<B, H, F, E>(aws: &SdkConfig, env: &Env, pace: Pace, begin: B) -> Result<Handler, FunctionError>
where
    B: Fn() -> H + Send + Sync + 'static,
    H: Fn(Message) -> F + Send + Sync + 'static,
    F: Future<Output = Result<(), E>> + Send + 'static,
    E: Classify + std::error::Error + Send + Sync + 'static,
{
    let aside = Aside {
        client: Client::new(aws),
        watch: Watch::new(aws),
        own: env.get("QUEUE_URL")?.to_owned(),
        dead_letters: env.get("DEAD_LETTER_URL")?.to_owned(),
        parked: env.get("PARKED_URL")?.to_owned(),
        receives_max: env.number("MAX_RECEIVES")?,
    };
    Ok(Arc::new(move |bytes: Bytes| {
        let (aside, handle) = (aside.clone(), begin());
        Box::pin(async move {
            let batch: SqsEvent = event(&bytes)?;
            let outcomes = pace.groups(batch.records).into_iter().map(|group| in_turn(&aside, &handle, group));
            let mut response = SqsBatchResponse::default();
            response.batch_item_failures = join_all(outcomes).await.concat();
            answer(&response)
        })
    }))
}

impl Pace {
    /// What of a batch is handled in turn; these groups are handled at once.
    fn groups(self, records: Vec<SqsMessage>) -> Vec<Vec<SqsMessage>> {
        match self {
            Self::GroupsAtOnce => groups(records),
            Self::OneByOne => vec![records],
        }
    }
}

/// The batch by message group, in the order in which they came; a message without a group is one by itself.
///
/// A group is what its messages would contend for, for one an event stream: handled at once, they would make each other fail.
fn groups(records: Vec<SqsMessage>) -> Vec<Vec<SqsMessage>> {
    let mut places = HashMap::new();
    let mut groups: Vec<Vec<SqsMessage>> = Vec::new();
    for record in records {
        let group = record.attributes.get("MessageGroupId").cloned();
        let place = group.map_or(groups.len(), |group| *places.entry(group).or_insert(groups.len()));
        match groups.get_mut(place) {
            Some(group) => group.push(record),
            None => groups.push(vec![record]),
        }
    }
    groups
}

async fn in_turn<H, F, E>(aside: &Aside, handle: &H, group: Vec<SqsMessage>) -> Vec<BatchItemFailure>
where
    H: Fn(Message) -> F,
    F: Future<Output = Result<(), E>>,
    E: Classify + std::error::Error + 'static,
{
    let mut failures = Vec::new();
    for record in group {
        failures.extend(one(aside, handle, record).await);
    }
    failures
}

/// Handles one message; answers it as a failure only if it is to be delivered again.
async fn one<H, F, E>(aside: &Aside, handle: &H, record: SqsMessage) -> Option<BatchItemFailure>
where
    H: Fn(Message) -> F,
    F: Future<Output = Result<(), E>>,
    E: Classify + std::error::Error + 'static,
{
    let id = record.message_id.clone().unwrap_or_default();
    let receives = record.attributes.get("ApproximateReceiveCount").and_then(|it| it.parse().ok()).unwrap_or(1);
    let attempt = if receives < aside.receives_max { Attempt::Early } else { Attempt::Last };
    let now_ms = aside.watch.now_ms();
    let past = Past::of(&record, now_ms);
    let patience = if past.age_ms(now_ms) < PATIENCE_MS { Patience::Left } else { Patience::Over };
    let body = record.body.clone().unwrap_or_default();
    let message = Message { id: id.clone(), body, attempt, patience, urgency: past.urgency(now_ms) };
    let Err(error) = handle(message).await else { return None };
    let text = chain(&error);
    let destination = match error.class() {
        Class::Rejected => {
            tracing::info!(code = error.code(), error = %text, message = %id, "refused");
            return None;
        }
        Class::Throttled if patience == Patience::Left => {
            tracing::info!(code = error.code(), error = %text, message = %id, "asked to slow down");
            return aside.send_again(&record, past).await.err().map(|()| failure(id));
        }
        Class::Conflict | Class::Transient if attempt == Attempt::Early => {
            tracing::warn!(code = error.code(), error = %text, message = %id, receives, "to be tried again");
            return Some(failure(id));
        }
        Class::Conflict | Class::Transient | Class::Throttled => &aside.parked,
        Class::Invalid | Class::Bug => &aside.dead_letters,
    };
    tracing::error!(code = error.code(), error = %text, message = %id, receives, "set aside");
    match aside.send(destination, &record, error.class(), error.code(), &text).await {
        Ok(()) => None,
        Err(()) => Some(failure(id)), // Better again than lost: after the last try SQS itself moves it.
    }
}

fn failure(item_identifier: String) -> BatchItemFailure {
    let mut failure = BatchItemFailure::default();
    failure.item_identifier = item_identifier;
    failure
}

impl Aside {
    /// Puts a fresh copy of a message into its own queue, to be seen after a while.
    async fn send_again(&self, record: &SqsMessage, past: Past) -> Result<(), ()> {
        let id = record.message_id.as_deref().unwrap_or_default();
        self.client
            .send_message()
            .queue_url(&self.own)
            .message_body(record.body.clone().unwrap_or_default())
            .set_message_attributes(Some(past.attributes(record).ok_or(())?))
            .set_message_group_id(record.attributes.get("MessageGroupId").cloned())
            .delay_seconds(past.delay_s(id, self.watch.now_ms()))
            .send()
            .await
            .map_err(|error| {
                let error = aws_smithy_types::error::display::DisplayErrorContext(&error).to_string();
                tracing::error!(%error, "a message could not be sent again");
            })?;
        Ok(())
    }

    async fn send(
        &self,
        queue_url: &str,
        record: &SqsMessage,
        class: Class,
        code: &str,
        reason: &str,
    ) -> Result<(), ()> {
        let attribute = |value: &str| {
            let text: String = value.chars().take(REASON_CHARS_MAX).collect();
            MessageAttributeValue::builder().data_type("String").string_value(text).build().map_err(|_| ())
        };
        self.client
            .send_message()
            .queue_url(queue_url)
            .message_body(record.body.clone().unwrap_or_default())
            .message_attributes("errorClass", attribute(class.name())?)
            .message_attributes("errorCode", attribute(code)?)
            .message_attributes("errorReason", attribute(reason)?)
            .message_attributes("source", attribute(record.event_source_arn.as_deref().unwrap_or("unknown"))?)
            .message_attributes("messageId", attribute(record.message_id.as_deref().unwrap_or("unknown"))?)
            .message_attributes(SET_ASIDE_AT, attribute(&self.watch.now_ms().to_string())?)
            .send()
            .await
            .map_err(|error| {
                let error = aws_smithy_types::error::display::DisplayErrorContext(&error).to_string();
                tracing::error!(%error, "a message could not be set aside");
            })?;
        Ok(())
    }
}

/// An error with everything that caused it.
pub fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(id: &str, group: Option<&str>) -> SqsMessage {
        let mut message = SqsMessage::default();
        message.message_id = Some(id.to_owned());
        message.attributes.extend(group.map(|group| ("MessageGroupId".to_owned(), group.to_owned())));
        message
    }

    fn ids(pace: Pace) -> Vec<Vec<String>> {
        let batch = vec![
            message("1", Some("a")),
            message("2", None),
            message("3", Some("b")),
            message("4", Some("a")),
            message("5", None),
        ];
        pace.groups(batch).into_iter().map(|it| it.into_iter().filter_map(|it| it.message_id).collect()).collect()
    }

    #[test]
    fn messages_of_one_group_are_handled_in_turn_and_all_others_at_once() {
        assert_eq!(ids(Pace::GroupsAtOnce), [vec!["1", "4"], vec!["2"], vec!["3"], vec!["5"]]);
    }

    #[test]
    fn one_by_one_is_in_turn_whatever_the_group() {
        assert_eq!(ids(Pace::OneByOne), [vec!["1", "2", "3", "4", "5"]]);
    }
}
