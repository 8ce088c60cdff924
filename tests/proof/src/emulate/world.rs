//! The bank on the emulator, with those around it.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use aws::DynamoViews;
use aws_sdk_dynamodb::types::AttributeValue;
use bytes::Bytes;
use serde_json::{Value, json};
use simulators::delivery::Deliver;
use tokio::task::JoinHandle;

use super::{
    door::Door,
    providers::{Providers, Ways},
    stack::{Stack, Wanted, failed},
};
use crate::Failed;

/// How long something may take that happens behind the scenes.
const PATIENCE: Duration = Duration::from_secs(60);
const LOOK_AGAIN_AFTER: Duration = Duration::from_millis(100);

/// See the module.
pub struct World {
    pub stack: Stack,
    pub door: Door,
    /// The emulator's own address, for what is no part of AWS: mails.
    pub emulator: Door,
    pub providers: Arc<Providers>,
    pub ways: Arc<Ways>,
    pub dynamodb: aws_sdk_dynamodb::Client,
    pub sqs: aws_sdk_sqs::Client,
    pub sfn: aws_sdk_sfn::Client,
    pub pool: aws_sdk_cognitoidentityprovider::Client,
    work: JoinHandle<()>,
}

impl World {
    /// Opens the providers, deploys the bank, and lets each know the other's keys.
    pub async fn open(mut wanted: Wanted) -> Result<Self, Failed> {
        let providers = Providers::serve().await?;
        wanted.parameters = providers.parameters();
        let stack = Stack::up(&wanted).await?;
        let config = stack.sdk_config();
        let reply_key = public_key(&stack, "WebhookReplyKeyId").await?;
        providers.fireblocks.register(&public_key(&stack, "CustodianRequestKeyId").await?);
        let door = Door::new(stack.output("ApiUrl")?, &stack.up.endpoint)?;
        let emulator = Door::new(&stack.up.endpoint, &stack.up.endpoint)?;
        let ways = Arc::new(Ways::through(&(Arc::new(door.clone()) as Arc<dyn Deliver>), reply_key));
        let work = providers.work(&ways);
        Ok(Self {
            door,
            emulator,
            ways,
            work,
            providers,
            dynamodb: aws_sdk_dynamodb::Client::new(&config),
            sqs: aws_sdk_sqs::Client::new(&config),
            sfn: aws_sdk_sfn::Client::new(&config),
            pool: aws_sdk_cognitoidentityprovider::Client::new(&config),
            stack,
        })
    }

    /// Takes everything down.
    pub async fn close(self) -> Result<(), Failed> {
        self.work.abort();
        self.stack.down().await
    }

    /// A POST to a door of the bank's.
    pub async fn post(
        &self,
        path: &str,
        headers: &[(&str, &str)],
        body: impl Into<Bytes>,
    ) -> Result<(u16, Value), Failed> {
        let mut request = http::Request::post(path).header("content-type", "application/json");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let answer = self.door.send(request.body(body.into()).map_err(failed("write a request"))?).await?;
        let body = serde_json::from_slice(answer.body())
            .unwrap_or_else(|_| Value::String(String::from_utf8_lossy(answer.body()).into_owned()));
        Ok((answer.status().as_u16(), body))
    }

    /// Something of the emulator's own.
    pub async fn emulator_says(&self, path: &str) -> Result<Value, Failed> {
        let request = http::Request::get(path).body(Bytes::new()).map_err(failed("write a request"))?;
        serde_json::from_slice(self.emulator.send(request).await?.body()).map_err(failed("understand the emulator"))
    }

    /// Every item of a table.
    pub async fn items(
        &self,
        logical_id: &str,
    ) -> Result<Vec<std::collections::HashMap<String, AttributeValue>>, Failed> {
        let (table, mut start, mut all) = (self.stack.physical(logical_id)?, None, Vec::new());
        loop {
            let page = self.dynamodb.scan().table_name(table).set_exclusive_start_key(start);
            let page = page.send().await.map_err(failed("scan"))?;
            start = page.last_evaluated_key().cloned();
            all.extend(page.items.unwrap_or_default());
            if start.is_none() {
                return Ok(all);
            }
        }
    }

    /// What queries read of the ledger.
    pub fn ledger_views(&self) -> Result<DynamoViews, Failed> {
        Ok(DynamoViews::new(self.dynamodb.clone(), self.stack.physical("LedgerProjections")?))
    }

    /// Waits until a function has logged a line, since then, that says all of this.
    pub async fn logged(&self, since_ms: i64, all: &[&str]) -> Result<(), Failed> {
        let group = self.stack.physical("FunctionLogs")?;
        wait_for(&format!("line in {group} with {all:?}"), || async {
            let asked = json!({ "logGroupName": group, "startTime": since_ms, "limit": 10_000 });
            let found = self.stack.call("logs", "filter_log_events", asked).await?;
            let lines = found["events"].as_array().map_or(&[][..], Vec::as_slice).iter();
            let mut lines = lines.filter_map(|event| event["message"].as_str());
            Ok(lines.any(|line| all.iter().all(|part| line.contains(part))).then_some(()))
        })
        .await
    }

    /// How many messages a queue holds, seen or not.
    pub async fn waiting_in(&self, logical_id: &str) -> Result<u32, Failed> {
        use aws_sdk_sqs::types::QueueAttributeName as Name;
        let answer = self.sqs.get_queue_attributes().queue_url(self.stack.physical(logical_id)?);
        let names = [
            Name::ApproximateNumberOfMessages,
            Name::ApproximateNumberOfMessagesNotVisible,
            Name::ApproximateNumberOfMessagesDelayed,
        ];
        let answer = answer.set_attribute_names(Some(names.to_vec())).send().await.map_err(failed("count messages"))?;
        let counts = answer.attributes.unwrap_or_default();
        Ok(counts.values().filter_map(|count| count.parse::<u32>().ok()).sum())
    }

    /// What every queue holds that holds anything: all of them, or only those where work is set aside.
    pub async fn queues_with_messages(&self, only_set_aside: bool) -> Result<BTreeMap<String, u32>, Failed> {
        let mut found = BTreeMap::new();
        for (name, physical) in &self.stack.up.resources {
            if !physical.contains("://")
                || (only_set_aside && !(name.ends_with("DeadLetters") || name == "ParkedQueue"))
            {
                continue;
            }
            let waiting = self.waiting_in(name).await?;
            if waiting > 0 {
                found.insert(name.clone(), waiting);
            }
        }
        Ok(found)
    }

    /// Fails if work was set aside anywhere.
    pub async fn nothing_is_set_aside(&self) -> Result<(), Failed> {
        let aside = self.queues_with_messages(true).await?;
        if aside.is_empty() { Ok(()) } else { Err(Failed::new(format!("work was set aside: {aside:?}"))) }
    }

    /// Waits until no queue holds anything that will be worked on.
    pub async fn settle(&self) -> Result<(), Failed> {
        wait_for("quiet queues", || async {
            let mut held = self.queues_with_messages(false).await?;
            held.retain(|name, _| !name.ends_with("DeadLetters") && name != "ParkedQueue");
            Ok(held.is_empty().then_some(()))
        })
        .await
    }

    /// How many messages of dead letters or the like there are, taken out, with their attributes.
    pub async fn take_from(&self, logical_id: &str) -> Result<Vec<aws_sdk_sqs::types::Message>, Failed> {
        let queue = self.stack.physical(logical_id)?;
        let received = self.sqs.receive_message().queue_url(queue).max_number_of_messages(10);
        let received = received.message_attribute_names("All").send().await.map_err(failed("receive"))?;
        let messages = received.messages.unwrap_or_default();
        for message in &messages {
            let handle = message.receipt_handle().unwrap_or_default();
            self.sqs.delete_message().queue_url(queue).receipt_handle(handle).send().await.map_err(failed("delete"))?;
        }
        Ok(messages)
    }

    /// Sends a message as whoever feeds the queue would.
    pub async fn send_to(&self, logical_id: &str, body: &Value) -> Result<(), Failed> {
        let queue = self.stack.physical(logical_id)?;
        let sent = self.sqs.send_message().queue_url(queue).message_body(body.to_string()).send().await;
        sent.map_err(failed("send")).map(drop)
    }

    /// Open executions of the saga.
    pub async fn open_executions(&self) -> Result<usize, Failed> {
        let open = self.sfn.list_executions().state_machine_arn(self.stack.output("OnboardingSagaArn")?);
        let open = open.status_filter(aws_sdk_sfn::types::ExecutionStatus::Running).send().await;
        Ok(open.map_err(failed("list executions"))?.executions().len())
    }
}

/// Looks until there is something to see.
pub async fn wait_for<T, F>(what: &str, look: impl FnMut() -> F) -> Result<T, Failed>
where
    F: Future<Output = Result<Option<T>, Failed>>,
{
    wait_at_most(PATIENCE, what, look).await
}

/// Looks until there is something to see, so long.
pub async fn wait_at_most<T, F>(patience: Duration, what: &str, mut look: impl FnMut() -> F) -> Result<T, Failed>
where
    F: Future<Output = Result<Option<T>, Failed>>,
{
    let found = tokio::time::timeout(patience, async {
        loop {
            if let Some(seen) = look().await? {
                return Ok(seen);
            }
            tokio::time::sleep(LOOK_AGAIN_AFTER).await;
        }
    });
    found.await.map_err(|_| Failed::new(format!("no {what} within {patience:?}")))?
}

/// Fails on any difference.
pub fn expect<T: PartialEq + std::fmt::Debug>(what: &str, seen: T, expected: T) -> Result<(), Failed> {
    if seen == expected { Ok(()) } else { Err(Failed::new(format!("{what} is {seen:?}, not {expected:?}"))) }
}

async fn public_key(stack: &Stack, output: &str) -> Result<Vec<u8>, Failed> {
    let answer = stack.call("kms", "get_public_key", json!({ "KeyId": stack.output(output)? })).await?;
    let hexadecimal = answer["PublicKey"].as_str().unwrap_or_default();
    hex::decode(hexadecimal).map_err(failed("read a public key"))
}
