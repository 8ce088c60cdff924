//! The people on duty: once the weather is calm they send back what was set aside, and let parked workflows go on.

use bytes::Bytes;
use granary::services::{OPERATOR, Outgoing};
use serde_json::{Value, json};
use time::{OffsetDateTime, Weekday, format_description::well_known::Rfc3339};

use super::life::Life;
use crate::{Failed, world::Bank};

const HOUR_S: u64 = 3600;
/// What does not go through in as many rounds never will.
const ROUNDS_MAX: u32 = 12;

/// What was done.
#[derive(Debug, Default, Clone, Copy)]
pub struct Duty {
    pub sent_back: u64,
    pub batches_republished: u64,
    pub workflows_resumed: u64,
    pub webhooks_redelivered: u64,
}

impl std::ops::AddAssign for Duty {
    fn add_assign(&mut self, other: Self) {
        self.sent_back += other.sent_back;
        self.batches_republished += other.batches_republished;
        self.workflows_resumed += other.workflows_resumed;
        self.webhooks_redelivered += other.webhooks_redelivered;
    }
}

/// Works until nothing is set aside and nothing moves.
pub async fn on_duty(life: &mut Life) -> Result<Duty, Failed> {
    let mut duty = Duty::default();
    life.bank.local.advance(std::time::Duration::from_secs(8 * HOUR_S)).await.unwrap();
    for _ in 0..ROUNDS_MAX {
        // Long enough for every visibility timeout, every wait of a workflow's retry and every provider's next try.
        see_the_payouts_through(&life.bank).await;
        let round = Duty {
            sent_back: send_back(&life.bank),
            batches_republished: republish(life).await,
            workflows_resumed: resume(&life.bank).await,
            webhooks_redelivered: redeliver(&life.bank).await,
        };
        let quiet = round.sent_back + round.batches_republished + round.workflows_resumed + round.webhooks_redelivered;
        duty += round;
        if quiet == 0 && !life.bank.local.in_flight().unwrap() {
            return Ok(duty);
        }
        life.bank.settle().await;
        if round.sent_back + round.batches_republished > 0 {
            pay_whom_the_schedule_missed(&life.bank);
        }
    }
    let left: Vec<_> =
        set_aside(&life.bank).into_iter().map(|(queue, message)| format!("{queue}: {message}")).collect();
    Err(Failed::new(format!("what is set aside comes back again and again: {}", left.join("; "))))
}

/// Hours pass. The week is paid on Monday and, to whom the projection showed too late, on Tuesday: nobody audits between the two.
async fn see_the_payouts_through(bank: &Bank) {
    let mut now = OffsetDateTime::from_unix_timestamp(bank.now_ms() / 1000).unwrap() + time::Duration::hours(8);
    while matches!(now.weekday(), Weekday::Monday) || (now.weekday() == Weekday::Tuesday && now.hour() < 2) {
        now += time::Duration::hours(1);
    }
    let by_ms = now.unix_timestamp() * 1000 - bank.now_ms();
    bank.local.advance(std::time::Duration::from_millis(u64::try_from(by_ms).unwrap())).await.unwrap();
}

/// The schedule pays whom the projection shows by Tuesday. What was set aside until now may be a position that it has not shown;
/// the schedule's message, sent again, pays whoever was not paid and nobody twice.
fn pay_whom_the_schedule_missed(bank: &Bank) {
    let now = OffsetDateTime::from_unix_timestamp(bank.now_ms() / 1000).unwrap();
    let body = json!({ "scheduledAt": now.format(&Rfc3339).unwrap() }).to_string();
    bank.local.aws().sqs.send(&bank.queue("StartPayoutsQueue"), &Outgoing { body, ..Outgoing::default() }).unwrap();
}

fn is_aside(queue: &str) -> bool {
    queue.ends_with("DeadLetters") || queue == "ParkedQueue"
}

fn set_aside(bank: &Bank) -> Vec<(String, String)> {
    let mut aside = Vec::new();
    for queue in bank.local.plan().queues.iter().filter(|queue| is_aside(&queue.logical_id)) {
        for message in bank.local.aws().sqs.peek(&queue.name, 100).unwrap() {
            let record = message.lambda_record(&queue.name);
            let said = |name: &str| {
                record["messageAttributes"][name]["stringValue"].as_str().unwrap_or("no reason").to_owned()
            };
            aside.push((queue.logical_id.clone(), format!("{} ({})", said("errorCode"), said("errorReason"))));
        }
    }
    aside
}

/// Every message that was set aside goes to the queue that it came from.
fn send_back(bank: &Bank) -> u64 {
    let sqs = &bank.local.aws().sqs;
    let mut sent = 0;
    for queue in bank.local.plan().queues.iter().filter(|queue| is_aside(&queue.logical_id)) {
        while let Some(message) = sqs.receive(&queue.name, 1, None).unwrap().pop() {
            let record = message.lambda_record(&queue.name);
            let named = record["messageAttributes"]["source"]["stringValue"].as_str().map(str::to_owned);
            let source = named.or_else(|| message.dead_letter_source.clone());
            // A delivery that its topic, rule or schedule gave up on names no queue: nothing here makes one do so.
            let source =
                source.unwrap_or_else(|| panic!("{} holds what came from nowhere: {record}", queue.logical_id));
            let mut attributes = message.attributes.clone();
            attributes.retain(|name, _| {
                !["errorClass", "errorCode", "errorReason", "source", "messageId"].contains(&name.as_str())
            });
            let back = Outgoing {
                body: message.body.clone(),
                attributes,
                group: message.group.clone(),
                sender: message.sender.clone(),
                ..Outgoing::default()
            };
            sqs.send(source.rsplit(':').next().unwrap(), &back).unwrap();
            sqs.delete(&queue.name, &message.receipt_handle).unwrap();
            sent += 1;
        }
    }
    sent
}

/// Every batch that a relay gave up on is given to it again.
async fn republish(life: &mut Life) -> u64 {
    let bank = &life.bank;
    let plan = bank.local.plan();
    let bucket = &plan.buckets.iter().find(|it| it.logical_id == "RelayFailures").unwrap().name;
    let s3 = &bank.local.aws().s3;
    let mut republished = 0;
    for key in s3.keys(bucket, "").unwrap() {
        if !life.republished.insert(key.clone()) {
            continue;
        }
        let failure: Value = serde_json::from_slice(&s3.get(bucket, &key).unwrap().unwrap().body).unwrap();
        let named = failure["requestContext"]["functionArn"].as_str().unwrap();
        let function = plan.functions.iter().find(|it| named.starts_with(&it.arn)).unwrap();
        let event = Bytes::from(failure["payload"].to_string());
        let answer = bank.local.lambdas().invoke(&function.logical_id, event).await.unwrap();
        let answer: Value = serde_json::from_slice(&answer).unwrap();
        assert_eq!(answer["batchItemFailures"], json!([]), "a batch is refused in calm weather");
        republished += 1;
    }
    republished
}

/// Every workflow that waits for an operator goes on where it was parked.
async fn resume(bank: &Bank) -> u64 {
    let mut resumed = 0;
    for row in bank.items("OnboardingPauses").await {
        if !row["sk"].as_s().unwrap().contains("#operator#") {
            continue;
        }
        let signed = format!("AWS4-HMAC-SHA256 Credential={OPERATOR}/20260101/eu-west-1/states/aws4_request");
        let answer = json!({ "taskToken": row["token"].as_s().unwrap(), "output": "{}" });
        let request = http::Request::post("/")
            .header("authorization", signed)
            .header("content-type", "application/x-amz-json-1.0")
            .header("x-amz-target", "AWSStepFunctions.SendTaskSuccess")
            .body(Bytes::from(answer.to_string()))
            .unwrap();
        // A token that is over belongs to a row that nobody removed; its time will.
        resumed += u64::from(bank.local.aws().call(request).await.status().is_success());
    }
    resumed
}

/// Every webhook that a provider gave up on is asked for again, as their dashboards allow.
async fn redeliver(bank: &Bank) -> u64 {
    let now_ms = bank.now_ms();
    let mut redelivered = 0;
    let payments = bank.local.payments();
    for delivery in payments.bank.deliveries() {
        if delivery.next_due_ms.is_none() && delivery.status != Some(200) {
            payments.bank.redeliver(delivery.id, now_ms, &payments.endpoint).await.unwrap();
            redelivered += 1;
        }
    }
    let identity = bank.local.identity_provider();
    for delivery in identity.provider.deliveries() {
        if delivery.next_due_ms.is_none() && delivery.status != Some(200) {
            identity.provider.redeliver(delivery.id, now_ms, &identity.endpoint).await.unwrap();
            redelivered += 1;
        }
    }
    let custody = bank.local.custodian();
    for delivery in custody.custodian.deliveries() {
        if delivery.next_due_ms.is_none() && delivery.status != Some(200) {
            custody.custodian.redeliver(delivery.id, now_ms, &custody.endpoint).await.unwrap();
            redelivered += 1;
        }
    }
    redelivered
}
