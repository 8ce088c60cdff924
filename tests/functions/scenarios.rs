//! What each function is given, in a bank that was brought to where it has something to do.

use std::sync::Arc;

use app::{
    commit::{Actor, Cause},
    streams::Streams,
};
use async_trait::async_trait;
use aws::{DynamoEventStore, SdkClock};
use aws_sdk_dynamodb::{primitives::Blob, types::AttributeValue};
use bytes::Bytes;
use domain::{
    ids::{ApplicationId, CustomerId, StreamId, WorkflowRunId},
    onboarding::run::{IdentityRunClaim, IdentityRunClaimEvent},
};
use granary::{services::OPERATOR, template::FunctionPlan};
use serde_json::{Value, json};
use simulators::{
    delivery::{Deliver, NoAnswer},
    fireblocks::{Confirm, Deposit, Endpoint},
};
use uuid::Uuid;

use super::{
    banks::Banks,
    compliance, erasure, mails,
    samples::{
        APPLICATION, CUSTOMER, REFERENCE, TRANSACTION, bytes, clearbank_webhook, commits, job, of, sample,
        transaction_settled, with_job,
    },
    workflow::{Workflow, asked_for},
};
use crate::support::{APPLY, Bank, Person, application};

const TAKE: &str = "mutation($input: SavingsMoveInput!) { takeFromSavings(input: $input) {
    operation { id status } account { version available { amount } } position { version principal { amount } } } }";

/// Those whose requests the function is given. Both banks take their tokens, and neither knows them from a log-in.
#[derive(Default)]
pub struct People {
    /// A customer who saves.
    pub customer: Option<Person>,
    /// Somebody of whom the bank knows nothing, as their confirmation was lost.
    pub newcomer: Option<Person>,
    /// Somebody of compliance.
    pub staff: Option<Person>,
}

impl People {
    pub async fn meet(banks: &Banks, function: &FunctionPlan) -> Self {
        let pool = match function.logical_id.as_str() {
            "Graphql" | "CallOnfido" | "CallScreening" | "RescreenCustomer" | "ReviewMonitor" | "SendMail"
            | "GraphqlBackoffice" => banks.third().await,
            _ => return Self::default(),
        };
        if function.logical_id == "GraphqlBackoffice" {
            let staff = pool.staff("grace@granary.example", &["compliance"]).await;
            return Self { staff: Some(staff), ..Self::default() };
        }
        let customer = pool.newcomer("ada@example.com").await;
        let newcomer = pool.newcomer("bob@example.com").await;
        Self { customer: Some(customer), newcomer: Some(newcomer), staff: None }
    }
}

/// Brings the bank to where the function has something to do, and answers what it is given.
pub async fn prepare(bank: &Bank, function: &FunctionPlan, people: &People) -> Vec<Value> {
    let own = if function.logical_id == "ClearbankWebhook" { clearbank_webhook() } else { sample(&function.name) };
    match function.logical_id.as_str() {
        "OnfidoWebhook" => {
            let signature = bank.local.identity_provider().provider.sign(own["body"].as_str().unwrap().as_bytes());
            vec![with_header(&own, "x-sha2-signature", signature)]
        }
        "FireblocksWebhook" => {
            let signature = bank.local.custodian().custodian.sign(own["body"].as_str().unwrap().as_bytes()).unwrap();
            vec![with_header(&own, "fireblocks-webhook-signature", signature)]
        }
        "CognitoPostConfirmation" => {
            invoke(bank, "CognitoPreSignUp", &sample("cognito-pre-sign-up")).await;
            vec![own]
        }
        "FollowApplication" => {
            put(bank, "IdentityEvents", &sample("project-customers"), &format!("customer#{CUSTOMER}"), 1).await;
            vec![own]
        }
        // The sample is of one context; the others' are commits that they really make.
        "OnboardingRelay" => {
            applied(bank, 3).await;
            vec![stream_of(bank, "OnboardingEvents")]
        }
        "LedgerRelay" => {
            invoke(bank, "OpenAccounts", &sample("open-accounts")).await;
            vec![stream_of(bank, "LedgerEvents")]
        }
        "ComplianceRelay" => {
            compliance::case(bank, 8).await;
            vec![stream_of(bank, "ComplianceEvents")]
        }
        "PublishComplianceMilestones" => vec![sample("project-cases")],
        "CallScreening" => compliance::screening(bank, own, people).await,
        "SendMail" => mails::welcome(bank, own, people).await,
        "ReviewMonitor" => monitor(bank, own, people).await,
        "RescreenCustomer" => compliance::monitored(bank, own, people).await,
        "StartMonitoring" => {
            compliance::screened(bank, true).await;
            vec![own]
        }
        "EndMonitoring" => {
            compliance::screened(bank, true).await;
            invoke(bank, "StartMonitoring", &sample("start-monitoring")).await;
            vec![own]
        }
        "StartRescreening" => compliance::rounds(bank, own),
        "AssessRisk" => {
            compliance::screened(bank, false).await;
            vec![own]
        }
        "ReviewCase" => {
            compliance::screened(bank, true).await;
            vec![own]
        }
        "FollowInformation" => {
            compliance::case(bank, 4).await;
            vec![own]
        }
        "ErasePersonalData" => {
            erasure::requested(bank).await;
            vec![own]
        }
        "EscalateCases" => {
            compliance::case(bank, 4).await;
            compliance::project(bank, 4).await;
            vec![own]
        }
        "GraphqlBackoffice" => compliance::requests(bank, own, people).await,
        "PublishOnboardingMilestones" => vec![sample("start-onboarding")],
        "PublishLedgerMilestones" => vec![sample("allocate-addresses")],
        "CallOnfido" => identity_check(bank, own, people).await,
        "PauseOnboarding" => {
            applied(bank, 4).await;
            let workflow = Workflow::start(bank, &sample("start-onboarding")).await;
            let asked = workflow.awaits_identity().await;
            let mut early = own.clone();
            early["awaited"] = json!("accounts");
            vec![early, asked_for(own, &asked)] // The one waits, and the other finds what it would wait for.
        }
        "DecideApplication" => {
            applied(bank, 4).await;
            vec![own]
        }
        "ApplyIdentityResult" => {
            applied(bank, 3).await;
            claim_run(bank).await;
            let workflow = Workflow::start(bank, &sample("start-onboarding")).await;
            invoke(bank, "PauseOnboarding", &workflow.awaits_identity().await).await;
            let webhook = sample("onfido-webhook")["body"].as_str().unwrap().to_owned();
            keep_webhook(bank, &job(&own), webhook);
            vec![own]
        }
        "ResumeOnboarding" => {
            applied(bank, 5).await;
            let workflow = Workflow::start(bank, &sample("start-onboarding")).await;
            invoke(bank, "PauseOnboarding", &workflow.awaits_accounts().await).await;
            vec![own]
        }
        "AllocateAddresses" => {
            invoke(bank, "OpenAccounts", &sample("open-accounts")).await;
            vec![own]
        }
        "SettleDeposit" => {
            invoke(bank, "OpenAccounts", &sample("open-accounts")).await;
            let payment = transaction_settled().replace(REFERENCE, &reference_of_pounds(bank).await);
            keep_webhook(bank, &job(&own), payment);
            vec![own]
        }
        "ReleaseSuspense" => {
            compliance::frozen_and_free_again(bank).await;
            vec![own]
        }
        "SettleCryptoDeposit" => crypto_deposits(bank, own).await,
        "StartPayouts" => {
            invoke(bank, "ProjectSavings", &sample("project-savings")).await;
            vec![own]
        }
        "PayYield" => {
            put(bank, "LedgerEvents", &sample("project-savings"), &position(CUSTOMER), 1).await;
            let mut job = job(&own);
            job["week"] = json!("2026-W16"); // The first in which the position of the other sample earns.
            vec![with_job(own, &job)]
        }
        "Graphql" => requests(bank, own, people).await,
        _ => vec![own],
    }
}

/// What comes through a door that is guarded by a signature, with one that is nobody's here: the committed sample's.
pub fn forged(function: &FunctionPlan) -> Option<Value> {
    match function.logical_id.as_str() {
        "ClearbankWebhook" => Some(with_header(&clearbank_webhook(), "digitalsignature", "bm9ib2R5J3M=".to_owned())),
        "OnfidoWebhook" | "FireblocksWebhook" => Some(sample(&function.name)),
        _ => None,
    }
}

/// The workflow has an application checked, and the vault holds what was written into it.
async fn identity_check(bank: &Bank, own: Value, people: &People) -> Vec<Value> {
    let person = people.customer.as_ref().unwrap();
    confirmed(bank, &person.sub).await;
    let apply = request(&sample("graphql"), person, APPLY, application(APPLICATION.parse().unwrap()));
    invoke(bank, "Graphql", &apply).await;
    let workflow = Workflow::start(bank, &of(&person.sub, sample("start-onboarding"))).await;
    let asked = workflow.asks().await;
    vec![asked_for(of(&person.sub, own), &asked)]
}

/// The identity provider's monitor of a customer has found somebody, and its webhook is stored.
async fn monitor(bank: &Bank, own: Value, people: &People) -> Vec<Value> {
    let person = people.customer.as_ref().unwrap();
    for call in identity_check(bank, sample("call-onfido"), people).await {
        invoke(bank, "CallOnfido", &call).await;
    }
    compliance::watch(bank, person).await;
    let (provider, run) = (&bank.local.identity_provider().provider, bank.run_of(person).unwrap());
    let nowhere = simulators::onfido::Endpoint { path: "/".to_owned(), deliver: Arc::new(Nobody) };
    let found = ["5f0a1c2e-7b3d-4e68-9a10-2c4d6e8fa0b1".to_owned()];
    provider.find_matches(run, &found, bank.now_ms(), &nowhere).await.unwrap();
    let webhook = json!({ "payload": { "resource_type": "watchlist_monitor",
        "action": "watchlist_monitor.matches_updated", "object": { "id": provider.monitor(run), "status": "complete" } } });
    keep_webhook(bank, &job(&own), webhook.to_string());
    vec![own]
}

/// A deposit that is being confirmed, and one that is final.
async fn crypto_deposits(bank: &Bank, own: Value) -> Vec<Value> {
    invoke(bank, "OpenAccounts", &sample("open-accounts")).await;
    let claim = "addr#ETH#0x8f3a1c5e7b9d2046a8c0e2f4b6d8091a3c5e7f90";
    put(bank, "LedgerEvents", &sample("project-accounts"), claim, 1).await;
    let address = claim.rsplit('#').next().unwrap();
    let endpoint = Endpoint { path: "/".to_owned(), deliver: Arc::new(Nobody) };
    let mut events = Vec::new();
    for (confirm, digit) in [(Confirm::Slowly, "0"), (Confirm::AtOnce, "1")] {
        let (asset, amount) = ("ETH".to_owned(), "0.25".to_owned());
        let deposit = Deposit { asset, address: address.to_owned(), amount, confirm, ..Deposit::default() };
        let custodian = &bank.local.custodian().custodian;
        let (transaction, _) = custodian.deposit(&deposit, bank.now_ms(), &endpoint).await.unwrap();
        let webhook = sample("fireblocks-webhook")["body"].as_str().unwrap().to_owned();
        let mut job = job(&own);
        let (object, _) = job["object"].as_str().unwrap().rsplit_once('/').unwrap();
        job["object"] = json!(format!("{object}/{}.json", digit.repeat(64)));
        keep_webhook(bank, &job, webhook.replace(TRANSACTION, &transaction.id.to_string()));
        events.push(with_job(own.clone(), &job));
    }
    events
}

/// A customer who saves looks at everything and takes from the savings; a newcomer becomes a customer and applies.
async fn requests(bank: &Bank, own: Value, people: &People) -> Vec<Value> {
    let (customer, newcomer) = (people.customer.as_ref().unwrap(), people.newcomer.as_ref().unwrap());
    confirmed(bank, &customer.sub).await;
    invoke(bank, "OpenAccounts", &of(&customer.sub, sample("open-accounts"))).await;
    invoke(bank, "CognitoPreSignUp", &of(&newcomer.sub, sample("cognito-pre-sign-up"))).await;
    put(bank, "LedgerEvents", &of(&customer.sub, sample("project-savings")), &position(&customer.sub), 1).await;
    bank.settle().await;
    let everything = r#"{ viewer { id status
        accounts { nodes { id asset version available { amount } } }
        operations(first: 10) { nodes { id } }
        savings { id version principal { amount } }
        depositInstructions(asset: "GBP") { reference } } }"#;
    let take = json!({ "operationId": Uuid::from_u128(1), "money": { "asset": "USDC", "amount": "12.5" } });
    let apply = application(APPLICATION.parse().unwrap());
    vec![
        own.clone(),
        request(&own, customer, everything, Value::Null),
        request(&own, customer, TAKE, take),
        request(&own, newcomer, "mutation { ensureCustomer { status version } }", Value::Null),
        request(&own, newcomer, APPLY, apply),
    ]
}

/// Somebody signed up and confirmed.
pub(super) async fn confirmed(bank: &Bank, sub: &str) {
    for (function, folder) in
        [("CognitoPreSignUp", "cognito-pre-sign-up"), ("CognitoPostConfirmation", "cognito-post-confirmation")]
    {
        invoke(bank, function, &of(sub, sample(folder))).await;
    }
}

pub(super) fn request(sample: &Value, person: &Person, query: &str, input: Value) -> Value {
    let mut event = with_header(sample, "authorization", format!("Bearer {}", person.token));
    event["body"] = json!(json!({ "query": query, "variables": { "input": input } }).to_string());
    event
}

/// The application of the samples, with this many of its commits.
async fn applied(bank: &Bank, commits: u32) {
    let stream = format!("application#{CUSTOMER}");
    put(bank, "OnboardingEvents", &sample("project-applications"), &stream, commits).await;
}

/// Which application the identity provider's run in the samples belongs to.
async fn claim_run(bank: &Bank) {
    let webhook: Value = serde_json::from_str(sample("onfido-webhook")["body"].as_str().unwrap()).unwrap();
    let run: Uuid = webhook["payload"]["object"]["id"].as_str().unwrap().parse().unwrap();
    let store = DynamoEventStore::new(bank.dynamodb(), bank.table("OnboardingEvents"));
    let clock = SdkClock::new(&bank.local.sdk_config(OPERATOR));
    let streams = Streams::new(Arc::new(store), Arc::new(clock));
    let claimed = IdentityRunClaimEvent::Claimed {
        customer: CustomerId::new(CUSTOMER.parse().unwrap()),
        application: ApplicationId::new(APPLICATION.parse().unwrap()),
    };
    let (stream, cause) = (StreamId::from(WorkflowRunId::new(run)), Cause::by(Actor::System("call-onfido")));
    streams.record::<IdentityRunClaim>(&stream, &cause, &[claimed]).await.unwrap();
}

/// The first commits of a stream as a sample tells of them.
pub(super) async fn put(bank: &Bank, table: &str, sample: &Value, stream: &str, count: u32) {
    for (kind, commit) in commits(sample, stream, 0..count) {
        let row = [
            ("pk", AttributeValue::S(commit.stream.to_string())),
            ("sk", AttributeValue::N(commit.version.0.to_string())),
            ("c", AttributeValue::S(commit.body)),
            ("p", AttributeValue::B(Blob::new(commit.previous.0))),
            ("s", AttributeValue::S(commit.state)),
            ("sv", AttributeValue::N(commit.state_version.to_string())),
            ("k", AttributeValue::S(kind)),
        ];
        let row = row.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        bank.dynamodb().put_item().table_name(bank.table(table)).set_item(Some(row)).send().await.unwrap();
    }
}

fn position(customer: &str) -> String {
    format!("savings#{customer}#usdc-savings")
}

/// The stream's records, as the relay gets them.
fn stream_of(bank: &Bank, table: &str) -> Value {
    let records = bank.local.aws().dynamodb.stream_records(&bank.table(table), 0, 100).unwrap();
    json!({ "Records": records.into_iter().map(|record| record.json).collect::<Vec<_>>() })
}

/// A webhook where the job says that it is.
pub fn keep_webhook(bank: &Bank, job: &Value, body: String) {
    let bucket = &bank.local.plan().bucket("RawWebhooks").unwrap().name;
    bank.local.aws().s3.put(bucket, job["object"].as_str().unwrap(), body.into()).unwrap();
}

fn with_header(event: &Value, name: &str, value: String) -> Value {
    let mut event = event.clone();
    event["headers"][name] = json!(value);
    event
}

/// What a payer of the one customer's pounds would write.
pub async fn reference_of_pounds(bank: &Bank) -> String {
    let commits = bank.items("LedgerEvents").await;
    let mut claims =
        commits.iter().filter(|it| it["k"].as_s().unwrap() == "ref" && it["c"].as_s().unwrap().contains("#GBP"));
    let stream = claims.next().unwrap()["pk"].as_s().unwrap();
    stream.strip_prefix("ref#").unwrap().to_owned()
}

/// Invokes a function in process, which must do it.
pub async fn invoke(bank: &Bank, logical_id: &str, event: &Value) {
    let answer = bank.local.lambdas().invoke(logical_id, bytes(event)).await;
    let answer: Value =
        serde_json::from_slice(&answer.unwrap_or_else(|error| panic!("{logical_id}: {error}"))).unwrap();
    let failures = answer.get("batchItemFailures").and_then(Value::as_array).map_or(0, Vec::len);
    assert_eq!(failures, 0, "{logical_id} fails in process: {answer}");
}

/// Takes no webhook: those that a function needs are put where it looks for them.
struct Nobody;

#[async_trait]
impl Deliver for Nobody {
    async fn post(&self, _: http::Request<Bytes>) -> Result<http::Response<Bytes>, NoAnswer> {
        Err(NoAnswer)
    }
}
