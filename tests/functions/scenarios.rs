//! Two banks in the same state, and the events that each function is given.

use std::{fs, path::Path, sync::Arc};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use bytes::Bytes;
use granary::{
    engine::clock::{Clock, ManualClock},
    runner::{LocalBank, Options},
    services,
    template::FunctionPlan,
};
use serde_json::{Value, json};
use simulators::clearbank;
use time::OffsetDateTime;
use tokio::net::TcpListener;

use crate::support::{Bank, TEMPLATE, keys};

/// The reference in the bank partner's sample, which is nobody's.
const SAMPLE_REFERENCE: &str = "GR-SAMPLE-0001";

/// A bank that compiled functions reach, and one that they do not.
pub struct Banks {
    /// Its AWS APIs and its outside are on loopback ports.
    pub compiled: Bank,
    pub in_process: Bank,
    pub aws_url: String,
    /// When both were opened, which is also what their clocks show: binaries have the real one.
    pub since: OffsetDateTime,
    public_url: String,
}

impl Banks {
    pub async fn open() -> Self {
        let since = OffsetDateTime::now_utc();
        let (outside, aws) = (listener().await, listener().await);
        let public_url = format!("http://{}", outside.local_addr().unwrap());
        let aws_url = format!("http://{}", aws.local_addr().unwrap());
        let compiled = open(&public_url, since).await;
        let router = compiled.local.router();
        tokio::spawn(async move { axum::serve(outside, router).await });
        tokio::spawn(services::serve(Arc::clone(compiled.local.aws()), aws, std::future::pending()));
        let in_process = open(&public_url, since).await;
        Self { compiled, in_process, aws_url, since, public_url }
    }

    /// Brings both banks to where the function has something to do, and answers what it is given.
    pub async fn prepare(&self, function: &FunctionPlan) -> Vec<Bytes> {
        match function.logical_id.as_str() {
            "ClearbankWebhook" => vec![bytes(&webhook())],
            "CognitoPostConfirmation" => {
                self.invoke("CognitoPreSignUp", &sample("cognito-pre-sign-up")).await;
                vec![bytes(&sample(&function.name))]
            }
            "SettleDeposit" => {
                let event = sample(&function.name);
                let job: Value = serde_json::from_str(event["Records"][0]["body"].as_str().unwrap()).unwrap();
                self.invoke("OpenAccounts", &sample("open-accounts")).await;
                for bank in [&self.compiled, &self.in_process] {
                    let payment = transaction_settled().replace(SAMPLE_REFERENCE, &reference_of_pounds(bank).await);
                    let bucket = &bank.local.plan().bucket("RawWebhooks").unwrap().name;
                    bank.local.aws().s3.put(bucket, job["object"].as_str().unwrap(), payment.into()).unwrap();
                }
                vec![bytes(&event)]
            }
            // The sample is of the other context; this one's are the commits that it really makes.
            "LedgerRelay" => {
                self.invoke("OpenAccounts", &sample("open-accounts")).await;
                let table = self.compiled.table("LedgerEvents");
                let records = self.compiled.local.aws().dynamodb.stream_records(&table, 0, 100).unwrap();
                let records: Vec<_> = records.into_iter().map(|record| record.json).collect();
                vec![bytes(&json!({ "Records": records }))]
            }
            "Graphql" => self.requests(&function.name).await,
            _ => vec![bytes(&sample(&function.name))],
        }
    }

    /// Somebody whose token both banks take: asks without it, becomes a customer, and looks at everything.
    async fn requests(&self, folder: &str) -> Vec<Bytes> {
        // The token comes from a third bank, so that it is none of the state that is compared.
        let pool = open(&self.public_url, self.since).await;
        let person = pool.customer("ada@example.com").await;
        let mut trigger = sample("cognito-post-confirmation").to_string();
        let somebody = sample("cognito-post-confirmation")["userName"].as_str().unwrap().to_owned();
        trigger = trigger.replace(&somebody, &person.sub);
        let trigger: Value = serde_json::from_str(&trigger).unwrap();
        self.invoke("CognitoPostConfirmation", &trigger).await;
        for bank in [&self.compiled, &self.in_process] {
            bank.settle().await;
        }
        let newcomer = {
            let sub = pool.sign_up("bob@example.com").await;
            pool.confirm("bob@example.com").await.unwrap();
            assert_ne!(sub, person.sub);
            pool.log_in("bob@example.com").await
        };
        let request = |token: &str, query: &str| {
            let mut event = sample(folder);
            event["headers"]["authorization"] = json!(format!("Bearer {token}"));
            event["body"] = json!(json!({ "query": query }).to_string());
            bytes(&event)
        };
        let everything = r#"{ viewer { id status
            accounts { nodes { id asset version available { amount } } }
            operations(first: 10) { nodes { id } }
            depositInstructions(asset: "GBP") { reference } } }"#;
        vec![
            bytes(&sample(folder)),
            request(&person.token, everything),
            request(&newcomer, "mutation { ensureCustomer { status version } }"),
        ]
    }

    async fn invoke(&self, logical_id: &str, event: &Value) {
        for bank in [&self.compiled, &self.in_process] {
            bank.local.lambdas().invoke(logical_id, bytes(event)).await.unwrap();
        }
    }
}

/// The committed sample event of the function in `functions/<folder>`.
pub fn sample(folder: &str) -> Value {
    let text = events_file(&format!("{folder}.json"));
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("events/samples/{folder}.json: {error}"))
}

/// The bank partner's webhook behind the HTTP API. Made here, as its signature needs the simulated partner's key, which is
/// never committed.
fn webhook() -> Value {
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

fn transaction_settled() -> String {
    events_file("providers/clearbank-transaction-settled-v6.json")
}

fn events_file(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../events/samples").join(name);
    fs::read_to_string(&path).unwrap_or_else(|_| panic!("every function needs a sample event: events/samples/{name}"))
}

fn bytes(event: &Value) -> Bytes {
    event.to_string().into()
}

/// What a payer of the one customer's pounds would write.
async fn reference_of_pounds(bank: &Bank) -> String {
    let commits = bank.items("LedgerEvents").await;
    let mut claims =
        commits.iter().filter(|it| it["k"].as_s().unwrap() == "ref" && it["c"].as_s().unwrap().contains("#GBP"));
    let stream = claims.next().unwrap()["pk"].as_s().unwrap();
    stream.strip_prefix("ref#").unwrap().to_owned()
}

async fn open(public_url: &str, now: OffsetDateTime) -> Bank {
    let now_ms = i64::try_from(now.unix_timestamp_nanos() / 1_000_000).unwrap();
    let clock = Arc::new(ManualClock::new(now_ms));
    let options = Options {
        data: None,
        public_url: public_url.to_owned(),
        clock: Arc::clone(&clock) as Arc<dyn Clock>,
        template: TEMPLATE.to_owned(),
        definitions: granary::cli::definitions(),
        keys: Some(keys().clone()),
    };
    Bank { local: LocalBank::open(&options).await.unwrap(), clock }
}

async fn listener() -> TcpListener {
    TcpListener::bind("127.0.0.1:0").await.unwrap()
}
