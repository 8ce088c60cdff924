//! What is done when somebody asks to slow down, and what becomes of permits whose holders are gone.

use std::{collections::HashMap, fs, sync::Arc, time::Duration};

use aws_sdk_dynamodb::types::AttributeValue;
use granary::{
    iam::Part,
    runner::{Call, Fate, Faults, Refusal},
    services::{Outgoing, arn},
    template::{EventSource, FunctionPlan, Plan},
};
use serde_json::{Value, json};
use simulators::onfido::Verdict;

use super::{
    journeys::{Journey, Play},
    mishaps::{REDELIVERY, applicant, failed, journey, pass},
};
use crate::world::Bank;

/// Everything but queues asks to slow down.
#[derive(Debug)]
struct SlowDown;

impl Faults for SlowDown {
    fn call(&self, call: &Call) -> Fate {
        if call.service == "sqs" { Fate::Pass } else { Fate::Refused(Refusal::Throttled) }
    }
}

pub fn all(plan: &Plan) -> Vec<Journey> {
    let again = plan.functions.iter().filter_map(come_again);
    let vanished = ["StartOnboardingQueue", "CallOnfidoQueue", "CallScreeningQueue", "SendMailQueue"].map(vanished);
    again.chain(vanished).chain([vanished_before_news(), vanished_before_accounts(), resumed_later()]).collect()
}

fn body_of_sample(folder: &str) -> String {
    let path = format!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../events/samples/{}.json"), folder);
    let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
    let sample: Value = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{path}: {error}"));
    sample["Records"][0]["body"].as_str().unwrap_or_default().to_owned()
}

/// A message whose function is asked to slow down: a copy of it comes later.
fn come_again(function: &FunctionPlan) -> Option<Journey> {
    let queue = function.events.iter().find_map(|event| match event {
        EventSource::Sqs { queue_arn, .. } => Some(arn::name(queue_arn).to_owned()),
        EventSource::Stream { .. } | EventSource::Http { .. } => None,
    })?;
    let body = body_of_sample(&function.name);
    let play: Play = Box::new(move |bank| {
        let (queue, body) = (queue.clone(), body.clone());
        Box::pin(async move {
            bank.local.aws().sqs.send(&queue, &Outgoing { body, ..Outgoing::default() }).map_err(failed)?;
            pass(bank, Duration::from_secs(5)).await
        })
    });
    let name = format!("{} asked to slow down", function.logical_id);
    Some(Journey { faults: || Some(Arc::new(SlowDown)), ..journey(name, Vec::new(), play) })
}

/// All permits are held by executions that are over.
async fn all_held(bank: &Bank) {
    let plan = bank.local.plan();
    let permits: u32 = plan.function("StartOnboarding").unwrap().env["ONBOARDING_PERMITS"].parse().unwrap();
    let lease = HashMap::from([
        ("until".to_owned(), AttributeValue::N("0".to_owned())),
        ("by".to_owned(), AttributeValue::S("nobody".to_owned())),
    ]);
    let holders = (0..permits).map(|number| (format!("gone-{number}"), AttributeValue::M(lease.clone()))).collect();
    let put = bank.dynamodb().put_item().table_name(bank.table("Limits"));
    let put = put.item("pk", AttributeValue::S("permits#onboarding".to_owned()));
    put.item("holders", AttributeValue::M(holders)).send().await.unwrap();
}

/// Whoever takes messages from this queue finds no permit, and that those who hold them are gone.
fn vanished(queue: &'static str) -> Journey {
    let folder = match queue {
        "StartOnboardingQueue" => "start-onboarding",
        "CallOnfidoQueue" => "call-onfido",
        "SendMailQueue" => "send-mail",
        _ => "call-screening",
    };
    let body = body_of_sample(folder);
    let play: Play = Box::new(move |bank| {
        let body = body.clone();
        Box::pin(async move {
            all_held(bank).await;
            let queue = bank.queue(queue);
            bank.local.aws().sqs.send(&queue, &Outgoing { body, ..Outgoing::default() }).map_err(failed)?;
            pass(bank, REDELIVERY).await
        })
    });
    journey(format!("{queue} without permits"), Vec::new(), play)
}

fn vanished_before_news() -> Journey {
    let play: Play = Box::new(|bank| {
        Box::pin(async move {
            let ada = applicant(bank).await;
            all_held(bank).await;
            bank.identified(&ada, Verdict::Approved).await;
            pass(bank, REDELIVERY).await
        })
    });
    journey("news without permits", Vec::new(), play)
}

/// Accounts that are opened late, and then there is no permit to go on.
fn vanished_before_accounts() -> Journey {
    let play: Play = Box::new(|bank| {
        Box::pin(async move {
            let ada = applicant(bank).await;
            bank.identified(&ada, Verdict::Approved).await;
            all_held(bank).await;
            let opened = json!({
                "version": "0", "id": "6a7e8feb-b491-4cf7-a9f1-bf3703467718", "detail-type": "AccountsOpened.v1",
                "source": "granary.ledger", "account": "000000000000", "time": "2026-11-20T12:00:00Z",
                "region": "eu-west-1", "resources": [],
                "detail": { "id": "0b5e8c0e-5c3a-5d0e-9b0a-7d3c6a1b2c3d", "occurredAt": "2026-11-20T12:00:00Z",
                    "data": { "customerId": ada.sub } },
            });
            let (queue, body) = (bank.queue("ResumeOnboardingQueue"), opened.to_string());
            bank.local.aws().sqs.send(&queue, &Outgoing { body, ..Outgoing::default() }).map_err(failed)?;
            pass(bank, REDELIVERY).await
        })
    });
    journey("accounts without permits", vec![Part::whole("OpenAccounts/Commit")], play)
}

/// A state that waits for what is there already, of an execution without a permit.
fn resumed_later() -> Journey {
    let play: Play = Box::new(|bank| {
        Box::pin(async move {
            let ada = applicant(bank).await;
            let pauses = bank.items("OnboardingPauses").await;
            let token =
                pauses.iter().find_map(|row| Some(row.get("execution").and(row.get("token"))?.as_s().ok()?.clone()));
            bank.identified(&ada, Verdict::Approved).await;
            let rows = bank.items("OnboardingEvents").await;
            let submitted = rows.iter().find_map(|row| {
                let body: Value = serde_json::from_str(row["c"].as_s().ok()?).ok()?;
                body["ev"][0]["data"]["application"].as_str().map(str::to_owned)
            });
            let task = json!({ "awaited": "identity", "customer": ada.sub, "application": submitted.unwrap_or_default(),
                "correlationId": "again", "taskToken": token, "execution": "of nobody", "state": "AwaitIdentity" });
            bank.local.lambdas().invoke("PauseOnboarding", task.to_string().into()).await.map_err(failed)?;
            pass(bank, Duration::from_secs(60)).await?;
            // And of one that has a permit: it works on under it.
            let lease = AttributeValue::M(HashMap::from([
                ("until".to_owned(), AttributeValue::N((bank.now_ms() + 3_600_000).to_string())),
                ("by".to_owned(), AttributeValue::S("nobody".to_owned())),
            ]));
            let holder = format!("{}.{}", ada.sub, task["application"].as_str().unwrap_or_default());
            let put = bank.dynamodb().put_item().table_name(bank.table("Limits"));
            let put = put.item("pk", AttributeValue::S("permits#onboarding".to_owned()));
            let put = put.item("holders", AttributeValue::M(HashMap::from([(holder, lease)])));
            put.send().await.map_err(failed)?;
            bank.local.lambdas().invoke("PauseOnboarding", task.to_string().into()).await.map_err(failed)?;
            Ok(())
        })
    });
    journey("resumed later, and at once", Vec::new(), play)
}
