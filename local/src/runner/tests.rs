//! The bank in memory over the real template, with a few resources of the tests' own beside it.

use std::{collections::BTreeMap, path::Path, sync::OnceLock};

use aws_sdk_dynamodb::types::AttributeValue as Attr;
use http_body_util::BodyExt as _;
use serde_json::{Value, json};
use serde_yaml_ng::Value as Yaml;
use simulators::clearbank;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt as _;

use super::*;
use crate::{
    engine::clock::{Clock, ManualClock},
    services::{EventEntry, OPERATOR, Outgoing, Tasks as _, arn, cognito::PoolKeys},
    template::tests::{TEMPLATE, definitions},
};

/// 2026-11-20T12:00:00Z, a Friday.
const FRIDAY_MS: i64 = 1_795_176_000_000;
const MINUTE_MS: i64 = 60_000;

const RESOURCES: &str = "
HeardQueue: {Type: AWS::SQS::Queue, Properties: {QueueName: heard}}
HourlyRole:
  Type: AWS::IAM::Role
  Properties:
    AssumeRolePolicyDocument:
      Version: '2012-10-17'
      Statement: [{Effect: Allow, Principal: {Service: scheduler.amazonaws.com}, Action: sts:AssumeRole}]
    Policies:
      - PolicyName: send
        PolicyDocument: {Version: '2012-10-17', Statement: [{Effect: Allow, Action: sqs:SendMessage, Resource: !GetAtt HeardQueue.Arn}]}
Hourly:
  Type: AWS::Scheduler::Schedule
  Properties:
    Name: hourly
    ScheduleExpression: cron(0 * * * ? *)
    FlexibleTimeWindow: {Mode: 'OFF'}
    Target: {Arn: !GetAtt HeardQueue.Arn, RoleArn: !GetAtt HourlyRole.Arn, Input: '\"an hour is over\"'}
Patience:
  Type: AWS::Serverless::StateMachine
  Properties:
    Name: patience
    Type: STANDARD
    DefinitionUri: patience.asl.json
    DefinitionSubstitutions: {HeardQueueUrl: !Ref HeardQueue}
    Policies: [{Version: '2012-10-17', Statement: [{Effect: Allow, Action: sqs:SendMessage, Resource: !GetAtt HeardQueue.Arn}]}]
";

/// Waits 90 seconds, then for an hour for a token that never comes.
const PATIENCE: &str = r#"{
  "StartAt": "Wait",
  "States": {
    "Wait": { "Type": "Wait", "Seconds": 90, "Next": "Ask" },
    "Ask": {
      "Type": "Task",
      "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken",
      "Parameters": { "QueueUrl": "${HeardQueueUrl}", "MessageBody": { "asked": true, "token.$": "$$.Task.Token" } },
      "TimeoutSeconds": 3600,
      "Catch": [{ "ErrorEquals": ["States.Timeout"], "ResultPath": null, "Next": "Say" }],
      "Next": "Done"
    },
    "Say": {
      "Type": "Task",
      "Resource": "arn:aws:states:::sqs:sendMessage",
      "Parameters": { "QueueUrl": "${HeardQueueUrl}", "MessageBody": "nobody answered" },
      "TimeoutSeconds": 60,
      "Next": "Done"
    },
    "Done": { "Type": "Succeed" }
  }
}"#;

fn keys() -> Keys {
    static KEYS: OnceLock<Keys> = OnceLock::new();
    let make = || {
        let pool = PoolKeys::generate().unwrap();
        let partner = clearbank::Bank::open(None).unwrap().private_key_pem().to_owned();
        Keys {
            signing: ["WebhookReplyKey", "CustodianRequestKey"].map(|key| (key.to_owned(), partner.clone())).into(),
            custodian: partner.clone(),
            clearbank: partner,
            id_tokens: pool.id_pem().to_owned(),
            access_tokens: pool.access_pem().to_owned(),
        }
    };
    KEYS.get_or_init(make).clone()
}

async fn bank() -> (Arc<LocalBank>, Arc<ManualClock>) {
    bank_in(None).await
}

async fn bank_in(data: Option<&Path>) -> (Arc<LocalBank>, Arc<ManualClock>) {
    let mut template: Yaml = serde_yaml_ng::from_str(TEMPLATE).unwrap();
    let own: serde_yaml_ng::Mapping = serde_yaml_ng::from_str(RESOURCES).unwrap();
    template["Resources"].as_mapping_mut().unwrap().extend(own);
    let mut definitions: BTreeMap<String, String> = definitions();
    definitions.insert("patience.asl.json".to_owned(), PATIENCE.to_owned());
    let clock = Arc::new(ManualClock::new(FRIDAY_MS));
    let options = Options {
        data: data.map(Path::to_owned),
        public_url: "http://127.0.0.1:4000".to_owned(),
        clock: Arc::clone(&clock) as Arc<dyn Clock>,
        template: serde_yaml_ng::to_string(&template).unwrap(),
        definitions,
        keys: Some(keys()),
        faults: None,
        permissions: None,
    };
    (LocalBank::open(&options).await.unwrap(), clock)
}

/// What was heard, and how many minutes after the beginning.
fn heard(bank: &LocalBank) -> Vec<(i64, String)> {
    let messages = bank.aws().sqs.peek("heard", 100).unwrap();
    let minutes = |at_ms: i64| (at_ms - FRIDAY_MS) / MINUTE_MS;
    messages.into_iter().map(|it| (minutes(it.sent_at_ms), it.body.chars().take(15).collect())).collect()
}

#[tokio::test]
async fn the_clock_stops_at_schedules_waits_timeouts_and_expiries_on_its_way() {
    let (bank, clock) = bank().await;
    let dynamodb = aws_sdk_dynamodb::Client::new(&bank.sdk_config(OPERATOR));
    let table = bank.plan().table("OnboardingPauses").unwrap().name.clone();
    let expires_s = FRIDAY_MS / 1_000 + 20 * 60;
    for (key, value) in [("short", expires_s), ("long", expires_s + 7 * 86_400)] {
        let put = dynamodb.put_item().table_name(&table).item("pk", Attr::S(key.to_owned()));
        let put = put.item("sk", Attr::S(key.to_owned())).item("ttl", Attr::N(value.to_string()));
        put.send().await.unwrap();
    }
    bank.aws().states.start(&arn::state_machine("patience"), "once", "{}").unwrap();
    assert!(bank.in_flight().unwrap());
    bank.settle().await.unwrap();
    // It only waits now, which is no work; and nobody moved the clock.
    assert!(!bank.in_flight().unwrap());
    assert_eq!(clock.now_ms(), FRIDAY_MS);

    bank.advance(std::time::Duration::from_secs(3 * 3_600 + 60)).await.unwrap();
    let expected = [
        (1, r#"{"asked":true,""#),
        (60, r#""an hour is ove"#),
        (61, "nobody answered"),
        (120, r#""an hour is ove"#),
        (180, r#""an hour is ove"#),
    ];
    assert_eq!(heard(&bank), expected.map(|(minute, body)| (minute, body.to_owned())));
    assert_eq!(clock.now_ms(), FRIDAY_MS + 181 * MINUTE_MS);
    assert_eq!(bank.aws().states.open().unwrap(), []);
    let left = dynamodb.scan().table_name(&table).send().await.unwrap();
    assert_eq!(left.items().iter().map(|item| item["pk"].as_s().unwrap()).collect::<Vec<_>>(), ["long"]);
}

#[tokio::test]
async fn the_weekly_payout_reaches_its_function() {
    let (bank, _) = bank().await;
    let queue = bank.plan().queue("StartPayoutsQueue").unwrap().name.clone();
    bank.aws().scheduler.keep_schedules(&["granary-weekly-payout".to_owned()]).unwrap();
    bank.advance(std::time::Duration::from_secs(4 * 86_400)).await.unwrap();
    assert!(!bank.in_flight().unwrap());
    for queue in [queue, bank.plan().queue("StartPayoutsDeadLetters").unwrap().name.clone()] {
        assert!(bank.aws().sqs.peek(&queue, 1).unwrap().is_empty(), "{queue}");
    }
    assert_eq!(bank.aws().scheduler.next_due_ms().unwrap(), Some(FRIDAY_MS + (9 * 24 + 13) * 60 * MINUTE_MS));
}

#[tokio::test]
async fn a_state_machine_calls_what_its_role_may_call_and_nothing_else() {
    let (bank, _) = bank().await;
    let tasks = &bank.clockwork.tasks;
    let (ours, others) = (arn::queue_url("heard"), arn::queue_url("granary-start-payouts"));
    let sent = tasks.send_message("Patience", &ours, "hello".to_owned(), Some("group".to_owned())).await.unwrap();
    assert_eq!(sent["MD5OfMessageBody"], "5d41402abc4b2a76b9719d911017c592");
    let message = bank.aws().sqs.peek("heard", 1).unwrap().remove(0);
    assert_eq!((message.sender.as_str(), message.group.as_deref()), ("Patience", Some("group")));
    for url in [others, arn::queue_url("nowhere")] {
        let fault = tasks.send_message("Patience", &url, "hello".to_owned(), None).await.unwrap_err();
        assert_eq!(fault.error, "SQS.AmazonSQSException", "{fault}");
    }

    let decide = bank.plan().function("DecideApplication").unwrap().arn.clone();
    let fault = tasks.invoke_lambda("Patience", &decide, json!({})).await.unwrap_err();
    assert_eq!(fault.error, "Lambda.AWSLambdaException");
    assert!(fault.cause.contains("lambda:InvokeFunction"), "{fault}");
    let fault = tasks.invoke_lambda("OnboardingSaga", &decide, json!({})).await.unwrap_err();
    let cause: Value = serde_json::from_str(&fault.cause).unwrap();
    assert_eq!((cause["errorType"].as_str().unwrap(), fault.error.as_str()), ("Invalid", "Invalid"));
    let fault = tasks.invoke_lambda("OnboardingSaga", &arn::function("nobody"), json!({})).await.unwrap_err();
    assert_eq!(fault.error, "Lambda.ResourceNotFoundException");

    let entry = |bus: &str| EventEntry {
        bus: Some(bus.to_owned()),
        source: "granary.tests".to_owned(),
        detail_type: "Said.v1".to_owned(),
        detail: "{}".to_owned(),
        resources: Vec::new(),
    };
    let put = tasks.put_events("PublishMilestones", vec![entry("granary-milestones")]).await.unwrap();
    assert_eq!(put["FailedEntryCount"], 0);
    assert!(tasks.put_events("Patience", vec![entry("granary-milestones")]).await.is_err());
}

#[tokio::test]
async fn the_simulated_providers_are_behind_the_public_port_and_known_to_the_functions() {
    let (bank, _) = bank().await;
    let get = |path: &'static str| {
        let router = bank.router();
        async move {
            let response =
                router.oneshot(http::Request::get(path).body(axum::body::Body::empty()).unwrap()).await.unwrap();
            let status = response.status().as_u16();
            let body = response.into_body().collect().await.unwrap().to_bytes();
            (status, serde_json::from_slice::<Value>(&body).unwrap_or_default())
        }
    };
    let (status, jwks) = get("/sim/fireblocks/keys/.well-known/jwks.json").await;
    assert_eq!((status, jwks["keys"].as_array().map(Vec::len)), (200, Some(1)));
    assert_eq!(get("/sim/onfido/v3.6/workflow_runs").await.0, 401);
    assert_eq!(get("/sim/stranger/v1").await.0, 404);
    assert_eq!(get("/dev/onfido/runs").await, (200, json!([])));
    assert_eq!(get("/dev/fireblocks/transactions").await, (200, json!([])));

    let variable = |function: &str, name: &str| bank.plan().function(function).unwrap().env[name].clone();
    assert_eq!(variable("CallOnfido", "ONFIDO_API_URL"), "http://127.0.0.1:4000/sim/onfido/v3.6");
    assert_eq!(variable("CallOnfido", "ONFIDO_API_TOKEN"), bank.identity_provider().provider.api_token());
    assert_eq!(variable("AllocateAddresses", "FIREBLOCKS_API_URL"), "http://127.0.0.1:4000/sim/fireblocks");
    assert_eq!(variable("FireblocksWebhook", "FIREBLOCKS_JWKS_URL"), "http://127.0.0.1:4000/sim/fireblocks/keys");
}

#[tokio::test]
async fn what_was_under_way_when_the_bank_died_is_done_at_the_next_start_and_not_a_timeout_later() {
    let folder = tempfile::tempdir().unwrap();
    let (before, _) = bank_in(Some(folder.path())).await;
    let queue = before.plan().queue("StartPayoutsQueue").unwrap().name.clone();
    let body = r#"{"scheduledAt":"2026-11-20T01:00:00Z"}"#.to_owned();
    before.aws().sqs.send(&queue, &Outgoing { body, ..Outgoing::default() }).unwrap();
    assert_eq!(before.aws().sqs.receive(&queue, 1, None).unwrap().len(), 1);
    assert_eq!(Left::read(folder.path(), before.plan()).unwrap(), Left { messages: 1, ..Left::default() });
    drop(before);

    let (after, _) = bank_in(Some(folder.path())).await;
    let stop = CancellationToken::new();
    let worker = tokio::spawn({
        let (after, stop) = (Arc::clone(&after), stop.clone());
        async move { after.run(&stop).await }
    });
    while after.in_flight().unwrap() {
        tokio::task::yield_now().await;
    }
    stop.cancel();
    worker.await.unwrap().unwrap();
    assert!(!Left::read(folder.path(), after.plan()).unwrap().is_anything());
    assert!(after.aws().sqs.peek("granary-start-payouts-dead-letters", 1).unwrap().is_empty());
}
