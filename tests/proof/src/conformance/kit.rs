//! What many questions need: sending, receiving, publishing, starting.

use std::time::Duration;

use aws_sdk_dynamodb::types::AttributeValue as Attr;
use aws_sdk_eventbridge::types::PutEventsRequestEntry;
use aws_sdk_sfn::{operation::describe_execution::DescribeExecutionOutput, types::ExecutionStatus};
use aws_sdk_sqs::types::{Message, MessageSystemAttributeName as System};
use serde_json::{Value, json};

use super::{
    finding::Finding,
    target::{Ask, Target},
};

/// How long something may take that is done at once.
pub const SOON: Duration = Duration::from_secs(30);

impl Target {
    /// A queue's URL.
    pub async fn url(&self, queue: &str) -> Result<String, Finding> {
        let found = self.sqs.get_queue_url().queue_name(format!("conformance-{queue}")).send().await?;
        Ok(found.queue_url().unwrap_or_default().to_owned())
    }

    /// Receives once, with everything that is known about a message.
    pub async fn receive(&self, queue: &str, max: i32) -> Result<Vec<Message>, Finding> {
        let request = self.sqs.receive_message().queue_url(self.url(queue).await?).max_number_of_messages(max);
        let request = request.message_system_attribute_names(System::All).message_attribute_names("All");
        Ok(request.send().await?.messages.unwrap_or_default())
    }

    /// Deletes a received message.
    pub async fn delete(&self, queue: &str, message: &Message) -> Result<(), Finding> {
        let handle = message.receipt_handle().unwrap_or_default();
        self.sqs.delete_message().queue_url(self.url(queue).await?).receipt_handle(handle).send().await?;
        Ok(())
    }

    /// Changes how long a received message stays hidden.
    pub async fn hide(&self, queue: &str, message: &Message, seconds: i32) -> Result<(), Finding> {
        let change = self.sqs.change_message_visibility().queue_url(self.url(queue).await?);
        change.receipt_handle(message.receipt_handle().unwrap_or_default()).visibility_timeout(seconds).send().await?;
        Ok(())
    }

    /// What became of an execution, once it is over.
    pub async fn over(&self, execution: &str, within: Duration) -> Result<DescribeExecutionOutput, Finding> {
        self.eventually("the execution is over", within, || async {
            let described = self.states.describe_execution().execution_arn(execution).send().await?;
            Ok(Some(described).filter(|it| it.status() != &ExecutionStatus::Running))
        })
        .await
    }
}

impl Ask {
    /// Whether a message is of this question.
    pub fn is_mine(&self, message: &Message) -> bool {
        message.body().unwrap_or_default().contains(&self.id)
    }

    /// A body that says whose it is.
    pub fn body(&self, n: i64) -> String {
        json!({ "case": self.id, "n": n }).to_string()
    }

    /// Sends a message of this question, and answers its id.
    pub async fn send(&self, queue: &str, n: i64) -> Result<String, Finding> {
        let sent = self.sqs.send_message().queue_url(self.url(queue).await?).message_body(self.body(n)).send().await?;
        Ok(sent.message_id().unwrap_or_default().to_owned())
    }

    /// The same into a group of this question; the number makes the deduplication id.
    pub async fn send_in(&self, queue: &str, group: &str, n: i64) -> Result<String, Finding> {
        let message = self.sqs.send_message().queue_url(self.url(queue).await?).message_body(self.body(n));
        let message = message.message_group_id(self.group(group)).message_deduplication_id(format!("{}-{n}", self.id));
        Ok(message.send().await?.sequence_number().unwrap_or_default().to_owned())
    }

    /// A group of this question.
    pub fn group(&self, name: &str) -> String {
        format!("{}-{name}", self.id)
    }

    /// Receives once and keeps what is of this question; what an earlier question left behind goes.
    pub async fn mine(&self, queue: &str, max: i32) -> Result<Vec<Message>, Finding> {
        let (mine, others) = self.receive(queue, max).await?.into_iter().partition::<Vec<_>, _>(|it| self.is_mine(it));
        for other in others {
            self.delete(queue, &other).await?;
        }
        Ok(mine)
    }

    /// Receives until there is a message of this question.
    pub async fn next(&self, queue: &str) -> Result<Message, Finding> {
        self.eventually(&format!("a message in {queue}"), SOON, || async { Ok(self.mine(queue, 1).await?.pop()) }).await
    }

    /// Receives and deletes until there are so many messages of this question, waits for more that should not come, and answers the
    /// numbers in their bodies.
    pub async fn numbers(&self, queue: &str, count: usize, within: Duration) -> Result<Vec<i64>, Finding> {
        let what = format!("{count} messages in {queue}");
        let found = std::sync::Mutex::new(Vec::new());
        let look = || async {
            for message in self.mine(queue, 10).await? {
                self.delete(queue, &message).await?;
                if let Ok(mut found) = found.lock() {
                    found.push(number(&message));
                }
            }
            Ok(found.lock().is_ok_and(|it| it.len() >= count).then_some(()))
        };
        let outcome = self.eventually(&what, within, &look).await;
        if outcome.is_ok() {
            self.quiet().await?;
            look().await?;
        }
        let numbers = found.into_inner().unwrap_or_default();
        outcome.map_err(|Finding(late)| Finding::new(format!("{late}, only {numbers:?}")))?;
        Ok(numbers)
    }

    /// Puts one event of this question on the bus.
    pub async fn put_event(&self, source: &str, detail_type: &str, detail: &Value) -> Result<String, Finding> {
        let entry = PutEventsRequestEntry::builder().event_bus_name("conformance").source(source);
        let entry = entry.detail_type(detail_type).detail(detail.to_string()).build();
        let put = self.events.put_events().entries(entry).send().await?;
        let entry = put.entries().first();
        let id = entry.and_then(|it| it.event_id()).map(str::to_owned);
        id.ok_or_else(|| Finding::new(format!("the event was not taken: {entry:?}")))
    }

    /// Starts an execution under this question's id.
    pub async fn start(&self, machine: &str, input: &Value) -> Result<String, Finding> {
        let started = self.states.start_execution().state_machine_arn(self.machine(machine)).name(&self.id);
        Ok(started.input(input.to_string()).send().await?.execution_arn().to_owned())
    }

    /// What the function has been given of this question, an element for each invocation.
    pub async fn heard(&self) -> Result<Vec<Value>, Finding> {
        let found = self.dynamodb.query().table_name("conformance-heard").consistent_read(true);
        let found = found
            .key_condition_expression("pk = :case AND begins_with(sk, :heard)")
            .expression_attribute_values(":case", Attr::S(self.id.clone()))
            .expression_attribute_values(":heard", Attr::S("heard-".to_owned()));
        let notes = found.send().await?.items.unwrap_or_default();
        let note =
            |item: std::collections::HashMap<String, Attr>| serde_json::from_str(item.get("note")?.as_s().ok()?).ok();
        Ok(notes.into_iter().filter_map(note).collect())
    }

    /// The same once there is something about it.
    pub async fn heard_once<T>(
        &self,
        what: &str,
        within: Duration,
        look: impl Fn(&[Value]) -> Option<T>,
    ) -> Result<T, Finding> {
        let last = std::sync::Mutex::new(Vec::new());
        let outcome = self
            .eventually(what, within, || async {
                let heard = self.heard().await?;
                let seen = look(&heard);
                if let Ok(mut last) = last.lock() {
                    *last = heard;
                }
                Ok(seen)
            })
            .await;
        outcome.map_err(|Finding(late)| Finding::new(format!("{late}: heard {}", json!(last.into_inner().ok()))))
    }
}

/// The number in a message's body.
pub fn number(message: &Message) -> i64 {
    let body: Value = serde_json::from_str(message.body().unwrap_or_default()).unwrap_or_default();
    body["n"].as_i64().or_else(|| body["detail"]["n"].as_i64()).unwrap_or(-1)
}

/// What SQS itself knows about a message.
pub fn system(message: &Message, name: &System) -> String {
    message.attributes().and_then(|it| it.get(name)).cloned().unwrap_or_default()
}

/// The numbers that one invocation of the function was given.
pub fn given(invocation: &Value) -> Vec<i64> {
    invocation["seen"].as_array().into_iter().flatten().filter_map(|seen| seen["n"].as_i64()).collect()
}
