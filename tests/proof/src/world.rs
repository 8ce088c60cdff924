//! A bank in memory whose clock the test holds, and people who use it through its doors.

mod keys;
mod office;

use std::sync::{Arc, Mutex};

use aws_sdk_cognitoidentityprovider as cognito;
use bytes::Bytes;
use cognito::types::AuthFlowType;
use granary::{
    dev::{PaymentOrder, Payments as _},
    engine::clock::{Clock, ManualClock},
    runner::{Faults, LocalBank, Options},
    services::OPERATOR,
};
use serde_json::{Value, json};
use simulators::{clearbank, onfido::Verdict};
use time::{OffsetDateTime, macros::datetime};
use uuid::Uuid;

pub use keys::keys;
pub use office::{OFFICE, suspect};

/// When every test begins.
pub const BEGINNING: OffsetDateTime = datetime!(2026-11-20 12:00 UTC);
pub const TEMPLATE: &str = include_str!("../../../infra/template.yaml");
pub const APPLY: &str = "mutation($input: SubmitApplicationInput!) { submitApplication(input: $input) { version application { id status } } }";
pub const PASSWORD: &str = "Correct-horse-7-battery";

/// A bank in memory.
pub struct Bank {
    pub local: Arc<LocalBank>,
    pub clock: Arc<ManualClock>,
}

/// A door that takes every webhook and passes none on.
#[derive(Default)]
struct Kept(Mutex<Vec<Bytes>>);

#[async_trait::async_trait]
impl simulators::delivery::Deliver for Kept {
    async fn post(
        &self,
        request: http::Request<Bytes>,
    ) -> Result<http::Response<Bytes>, simulators::delivery::NoAnswer> {
        self.0.lock().unwrap().push(request.into_body());
        Ok(http::Response::new(Bytes::new()))
    }
}

/// Somebody with an e-mail address.
#[derive(Clone)]
pub struct Person {
    pub email: String,
    pub sub: String,
    pub token: String,
}

impl Bank {
    pub async fn open() -> Self {
        Self::open_with(TEMPLATE).await
    }

    /// A bank wired by another template than the committed one.
    pub async fn open_with(template: &str) -> Self {
        Self::start(Options { template: template.to_owned(), ..options() }).await
    }

    /// A bank whose functions and messages fare as somebody decides.
    pub async fn open_under(faults: Arc<dyn Faults>) -> Self {
        Self::start(Options { faults: Some(faults), ..options() }).await
    }

    /// A bank with these options, but for the clock, which stands at the beginning.
    pub async fn start(options: Options) -> Self {
        let beginning = i64::try_from(BEGINNING.unix_timestamp_nanos() / 1_000_000).unwrap();
        let clock = Arc::new(ManualClock::new(beginning));
        let options = Options { clock: Arc::clone(&clock) as Arc<dyn Clock>, ..options };
        Self { local: LocalBank::open(&options).await.unwrap(), clock }
    }

    /// Works until nothing is due.
    pub async fn settle(&self) {
        self.local.settle().await.unwrap();
    }

    /// Moves the clock, then works until nothing is due.
    pub async fn advance(&self, by: time::Duration) {
        self.clock.advance_ms(i64::try_from(by.whole_milliseconds()).unwrap());
        self.settle().await;
    }

    pub fn pool(&self) -> cognito::Client {
        let config = self.local.sdk_config("an-app");
        let config = cognito::config::Builder::from(&config).endpoint_url("http://127.0.0.1:4000/cognito").build();
        cognito::Client::from_conf(config)
    }

    pub fn client_id(&self) -> String {
        self.local.plan().user_pools[0].clients[0].id.clone()
    }

    /// DynamoDB, as the owner of the bank sees it.
    pub fn dynamodb(&self) -> aws_sdk_dynamodb::Client {
        aws_sdk_dynamodb::Client::new(&self.local.sdk_config(OPERATOR))
    }

    pub fn table(&self, logical_id: &str) -> String {
        self.local.plan().table(logical_id).unwrap().name.clone()
    }

    pub fn queue(&self, logical_id: &str) -> String {
        self.local.plan().queue(logical_id).unwrap().name.clone()
    }

    /// Signs up; answers the sub.
    pub async fn sign_up(&self, email: &str) -> String {
        let answer =
            self.pool().sign_up().client_id(self.client_id()).username(email).password(PASSWORD).send().await.unwrap();
        answer.user_sub().to_owned()
    }

    pub fn code_for(&self, email: &str) -> String {
        let mails = self.local.cognito().outbox().mails().unwrap();
        mails.iter().rev().find(|mail| mail.to == email).and_then(|mail| mail.code.clone()).unwrap()
    }

    pub async fn confirm(&self, email: &str) -> Result<(), cognito::Error> {
        let code = self.code_for(email);
        let pool = self.pool();
        pool.confirm_sign_up().client_id(self.client_id()).username(email).confirmation_code(code).send().await?;
        Ok(())
    }

    pub async fn log_in(&self, email: &str) -> String {
        self.tokens(email).await.access_token().unwrap().to_owned()
    }

    pub async fn tokens(&self, email: &str) -> cognito::types::AuthenticationResultType {
        let login = self
            .pool()
            .initiate_auth()
            .client_id(self.client_id())
            .auth_flow(AuthFlowType::UserPasswordAuth)
            .auth_parameters("USERNAME", email)
            .auth_parameters("PASSWORD", PASSWORD)
            .send()
            .await
            .unwrap();
        login.authentication_result().unwrap().clone()
    }

    /// Somebody who signed up, confirmed and logged in, and has not applied.
    pub async fn newcomer(&self, email: &str) -> Person {
        let sub = self.sign_up(email).await;
        self.confirm(email).await.unwrap();
        let token = self.log_in(email).await;
        self.settle().await;
        Person { email: email.to_owned(), sub, token }
    }

    /// A newcomer who applied and was approved, and whose accounts are open.
    pub async fn customer(&self, email: &str) -> Person {
        let person = self.newcomer(email).await;
        self.approved(&person).await;
        person
    }

    /// Somebody applies and is approved.
    pub async fn approved(&self, person: &Person) {
        self.graphql_with(person, APPLY, application(Uuid::new_v4())).await;
        self.settle().await;
        self.identified(person, Verdict::Approved).await;
    }

    /// The identity provider's newest run of a person.
    pub fn run_of(&self, person: &Person) -> Option<Uuid> {
        let runs = self.local.identity_provider().provider.runs();
        runs.iter().find(|run| run.customer_user_id.as_deref() == Some(&person.sub)).map(|run| run.id)
    }

    /// The identity provider ends its run of a person, tells us by webhook, and everything follows.
    pub async fn identified(&self, person: &Person, verdict: Verdict) {
        let run = self.run_of(person).expect("the provider runs a check");
        let door = self.local.identity_provider();
        door.provider.complete(run, verdict, self.clock.now_ms(), &door.endpoint).await.unwrap();
        self.settle().await;
    }

    /// The whole answer to a GraphQL request, with its status.
    pub async fn graphql_raw(&self, token: Option<&str>, body: &str) -> (u16, Value) {
        let mut request = http::Request::post("/graphql").header("content-type", "application/json");
        if let Some(token) = token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        let response = self.local.call(request.body(Bytes::from(body.to_owned())).unwrap()).await;
        (response.status().as_u16(), serde_json::from_slice(response.body()).unwrap())
    }

    /// The data of a GraphQL request that must not fail.
    pub async fn graphql(&self, person: &Person, query: &str) -> Value {
        let (_, mut answer) = self.graphql_raw(Some(&person.token), &json!({ "query": query }).to_string()).await;
        assert!(answer.get("errors").is_none(), "{answer}");
        answer["data"].take()
    }

    /// The data of a mutation with an input, which must not fail.
    pub async fn graphql_with(&self, person: &Person, mutation: &str, input: Value) -> Value {
        let mut answer = self.answer_to(person, mutation, input).await;
        assert!(answer.get("errors").is_none(), "{answer}");
        answer["data"].take()
    }

    /// The code of the error that a mutation with an input fails with.
    pub async fn refusal_of(&self, person: &Person, mutation: &str, input: Value) -> String {
        let answer = self.answer_to(person, mutation, input).await;
        answer["errors"][0]["extensions"]["code"].as_str().unwrap_or_else(|| panic!("{answer}")).to_owned()
    }

    async fn answer_to(&self, person: &Person, mutation: &str, input: Value) -> Value {
        let body = json!({ "query": mutation, "variables": { "input": input } }).to_string();
        self.graphql_raw(Some(&person.token), &body).await.1
    }

    /// The person's pounds: balances, entries.
    pub async fn pounds(&self, person: &Person) -> Value {
        let query = r#"{ viewer { account(asset: "GBP") { version available { amount } pending { amount } held { amount }
            entries(first: 100) { nodes { amount { amount } balanceAfter { amount } operation { id } } } } } }"#;
        self.graphql(person, query).await["viewer"]["account"].take()
    }

    pub async fn available(&self, person: &Person) -> String {
        self.pounds(person).await["available"]["amount"].as_str().unwrap().to_owned()
    }

    pub async fn reference(&self, person: &Person, asset: &str) -> String {
        let query = format!("{{ viewer {{ depositInstructions(asset: \"{asset}\") {{ reference }} }} }}");
        let data = self.graphql(person, &query).await;
        data["viewer"]["depositInstructions"]["reference"].as_str().unwrap().to_owned()
    }

    /// Where a person's crypto is sent to.
    pub async fn address(&self, person: &Person, asset: &str) -> String {
        let query = format!("{{ viewer {{ depositInstructions(asset: \"{asset}\") {{ address }} }} }}");
        let data = self.graphql(person, &query).await;
        data["viewer"]["depositInstructions"]["address"].as_str().unwrap().to_owned()
    }

    /// A deposit that the custodian confirms at once, and everything that follows.
    pub async fn deposit_crypto(&self, asset: &str, address: &str, amount: &str) {
        let order = json!({ "asset": asset, "address": address, "amount": amount, "confirm": "at-once" });
        self.local.custodian().deposit(serde_json::from_value(order).unwrap()).await.unwrap();
        self.settle().await;
    }

    /// The same person with a new token, as tokens end on the bank's clock.
    pub async fn again(&self, person: &Person) -> Person {
        Person { token: self.log_in(&person.email).await, ..person.clone() }
    }

    pub fn now_ms(&self) -> i64 {
        self.clock.now_ms()
    }

    /// The identity provider ends a run, and its webhook, which it believes delivered, comes to us only as text with its signature.
    pub async fn onfido_webhook_of(&self, run: Uuid, verdict: Verdict) -> (String, String) {
        let door = self.local.identity_provider();
        let kept = Arc::new(Kept::default());
        let endpoint = simulators::onfido::Endpoint { deliver: Arc::clone(&kept) as _, ..door.endpoint.clone() };
        door.provider.complete(run, verdict, self.clock.now_ms(), &endpoint).await.unwrap();
        let body = String::from_utf8(kept.0.lock().unwrap().pop().unwrap().to_vec()).unwrap();
        let signature = door.provider.sign(body.as_bytes());
        (body, signature)
    }

    /// A POST to a door, as text.
    pub async fn post(&self, path: &str, headers: &[(&str, &str)], body: String) -> (u16, Value) {
        let mut request = http::Request::post(path).header("content-type", "application/json");
        for (name, value) in headers.iter().filter(|(_, value)| !value.is_empty()) {
            request = request.header(*name, *value);
        }
        let response = self.local.call(request.body(Bytes::from(body)).unwrap()).await;
        (response.status().as_u16(), serde_json::from_slice(response.body()).unwrap_or_default())
    }

    /// A payment at the bank partner, delivered to our door, and everything that follows.
    pub async fn pay(&self, reference: &str, asset: &str, amount: &str) -> Vec<clearbank::Delivery> {
        let order = json!({ "reference": reference, "asset": asset, "amount": amount });
        let deliveries = self.order(order).await;
        self.settle().await;
        deliveries
    }

    pub async fn order(&self, order: Value) -> Vec<clearbank::Delivery> {
        let order: PaymentOrder = serde_json::from_value(order).unwrap();
        self.local.payments().pay(order).await.unwrap()
    }

    /// A POST to the webhook door, as bytes.
    pub async fn webhook(&self, body: impl Into<Bytes>, signature: Option<&str>) -> (u16, Value) {
        let mut request = http::Request::post("/webhooks/clearbank").header("content-type", "application/json");
        if let Some(signature) = signature {
            request = request.header("DigitalSignature", signature);
        }
        let response = self.local.call(request.body(body.into()).unwrap()).await;
        (response.status().as_u16(), serde_json::from_slice(response.body()).unwrap_or(Value::Null))
    }

    /// Every item of a table.
    pub async fn items(
        &self,
        logical_id: &str,
    ) -> Vec<std::collections::HashMap<String, aws_sdk_dynamodb::types::AttributeValue>> {
        let pages = self.dynamodb().scan().table_name(self.table(logical_id)).into_paginator().items().send();
        pages.collect::<Result<Vec<_>, _>>().await.unwrap()
    }

    /// How many messages a queue holds, visible or not.
    pub fn waiting_in(&self, logical_id: &str) -> u64 {
        let counts = self.local.aws().sqs.counts(&self.queue(logical_id)).unwrap();
        counts.visible + counts.in_flight + counts.delayed
    }

    /// Nothing was set aside anywhere.
    pub fn assert_nothing_set_aside(&self) {
        for queue in &self.local.plan().queues {
            if queue.logical_id.ends_with("DeadLetters") || queue.logical_id == "ParkedQueue" {
                let aside = self.local.aws().sqs.peek(&queue.name, 1).unwrap();
                assert!(self.waiting_in(&queue.logical_id) == 0, "{} holds for one {aside:?}", queue.logical_id);
            }
        }
    }

    /// The balance of an internal account, in smallest units, as the projection has it.
    pub async fn internal(&self, code: &str, asset: money::Asset) -> i128 {
        use app::views::LedgerViews as _;
        aws::DynamoViews::new(self.dynamodb(), self.table("LedgerProjections"))
            .internal(code, asset)
            .await
            .unwrap()
            .units()
    }
}

/// The committed bank, in memory.
pub fn options() -> Options {
    Options {
        data: None,
        public_url: "http://127.0.0.1:4000".to_owned(),
        clock: Arc::new(ManualClock::new(0)),
        template: TEMPLATE.to_owned(),
        definitions: granary::cli::definitions(),
        keys: Some(keys().clone()),
        faults: None,
        permissions: None,
    }
}

/// A good application, under this id.
pub fn application(id: Uuid) -> Value {
    json!({
        "applicationId": id,
        "firstName": "Ada", "lastName": "Byron", "birthDate": "1990-12-10", "nationality": "GB",
        "address": { "street": "12 St James's Square", "town": "London", "postcode": "SW1Y 4JH", "country": "GB" },
        "document": { "kind": "PASSPORT", "number": "925076473", "issuingCountry": "GB" },
        "bankAccount": { "holder": "Ada Byron", "sortCode": "040004", "accountNumber": "00012345" },
    })
}
