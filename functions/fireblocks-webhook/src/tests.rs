//! The simulated custodian on one side, a bucket and a queue in memory on the other.

use std::{
    collections::BTreeMap,
    sync::{Mutex, atomic::AtomicI64},
};

use app::ports::{Jobs, Objects};
use aws_smithy_async::rt::sleep::TokioSleep;
use aws_smithy_runtime_api::{
    client::{
        behavior_version::BehaviorVersion,
        http::{HttpConnector, HttpConnectorFuture, SharedHttpConnector, http_client_fn},
        orchestrator::{HttpRequest as SdkRequest, HttpResponse as SdkResponse},
    },
    http::StatusCode,
};
use aws_smithy_types::body::SdkBody;
use aws_types::SdkConfig;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use bytes::Bytes;
use lambda_kit::webhook::BODY_BYTES_MAX;
use simulators::{
    delivery::{Deliver, NoAnswer},
    fireblocks::{Deposit, Endpoint, Fireblocks, Outcome},
};
use time::OffsetDateTime;

use super::*;

/// 2027-01-15T08:00:00Z.
const NOW: i64 = 1_800_000_000;

/// The custodian's published keys, as long as it has somebody who answers.
#[derive(Clone, Debug)]
struct Published(Arc<Mutex<Option<Arc<Fireblocks>>>>);

impl HttpConnector for Published {
    fn call(&self, request: SdkRequest) -> HttpConnectorFuture {
        assert_eq!(request.uri(), "https://keys.example/.well-known/jwks.json");
        let (status, body) = match self.0.lock().unwrap().as_ref() {
            Some(custodian) => (200, custodian.published_keys().to_string()),
            None => (503, String::new()),
        };
        let status = StatusCode::try_from(status).unwrap();
        HttpConnectorFuture::ready(Ok(SdkResponse::new(status, SdkBody::from(body))))
    }
}

struct Hand(AtomicI64);

#[async_trait]
impl Clock for Hand {
    fn now(&self) -> OffsetDateTime {
        let seconds = self.0.load(std::sync::atomic::Ordering::SeqCst);
        OffsetDateTime::from_unix_timestamp(seconds).unwrap()
    }

    async fn back_off(&self, _: u32) {}
}

#[derive(Default)]
struct Kept {
    objects: Mutex<BTreeMap<String, Bytes>>,
    jobs: Mutex<Vec<(String, String)>>,
}

#[async_trait]
impl Objects for Kept {
    async fn put(&self, key: &str, bytes: Bytes, _: &'static str) -> Result<(), PortError> {
        self.objects.lock().unwrap().insert(key.to_owned(), bytes);
        Ok(())
    }

    async fn get(&self, _: &str) -> Result<Bytes, PortError> {
        Err(PortError::Missing { attempted: "read" })
    }
}

#[async_trait]
impl Jobs for Kept {
    async fn send(&self, body: String, group: &str) -> Result<(), PortError> {
        self.jobs.lock().unwrap().push((body, group.to_owned()));
        Ok(())
    }
}

struct World {
    custodian: Arc<Fireblocks>,
    published: Published,
    clock: Arc<Hand>,
    kept: Arc<Kept>,
    receiver: Arc<Receiver<Custodian>>,
}

/// API Gateway, as far as it matters here.
struct Edge(Arc<Receiver<Custodian>>);

#[async_trait]
impl Deliver for Edge {
    async fn post(&self, request: http::Request<Bytes>) -> Result<http::Response<Bytes>, NoAnswer> {
        let headers = request.headers().iter();
        let headers = headers.map(|(name, value)| (name.as_str().to_owned(), value.to_str().unwrap().to_owned()));
        let request = HttpRequest {
            method: "POST".to_owned(),
            path: request.uri().path().to_owned(),
            query: String::new(),
            headers: headers.collect(),
            body: request.body().clone(),
            id: "r1".to_owned(),
        };
        let answer = self.0.receive(request).await.into_answer().unwrap();
        let answer: serde_json::Value = serde_json::from_slice(&answer).unwrap();
        let status = u16::try_from(answer["statusCode"].as_u64().unwrap()).unwrap();
        Ok(http::Response::builder().status(status).body(Bytes::new()).unwrap())
    }
}

impl World {
    fn new() -> Self {
        let custodian = Arc::new(Fireblocks::open(None).unwrap());
        let published = Published(Arc::new(Mutex::new(Some(Arc::clone(&custodian)))));
        let connector = SharedHttpConnector::new(published.clone());
        let config = SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .sleep_impl(TokioSleep::new())
            .http_client(http_client_fn(move |_, _| connector.clone()))
            .build();
        let clock = Arc::new(Hand(NOW.into()));
        let kept = Arc::new(Kept::default());
        let keys = KeyRing::connect(&config, "https://keys.example", Arc::clone(&clock) as Arc<dyn Clock>).unwrap();
        let (objects, jobs) = (Arc::clone(&kept) as Arc<dyn Objects>, Arc::clone(&kept) as Arc<dyn Jobs>);
        let receiver = Arc::new(Receiver::new(Custodian { keys }, objects, jobs, Arc::clone(&clock) as Arc<dyn Clock>));
        Self { custodian, published, clock, kept, receiver }
    }

    fn endpoint(&self) -> Endpoint {
        Endpoint { path: "/webhooks/fireblocks".to_owned(), deliver: Arc::new(Edge(Arc::clone(&self.receiver))) }
    }

    async fn deposit(&self) -> (String, Vec<Outcome>) {
        let deposit = Deposit {
            asset: "BTC".to_owned(),
            address: "bc1q".to_owned(),
            amount: "0.5".to_owned(),
            ..Deposit::default()
        };
        let (made, sent) = self.custodian.deposit(&deposit, NOW * 1_000, &self.endpoint()).await.unwrap();
        (made.id.to_string(), sent.into_iter().map(|it| it.outcome).collect())
    }

    async fn post(&self, body: &[u8], signature: &str) -> u16 {
        let request = http::Request::post("/webhooks/fireblocks").header(SIGNATURE_HEADER, signature);
        let edge = Edge(Arc::clone(&self.receiver));
        edge.post(request.body(Bytes::copy_from_slice(body)).unwrap()).await.unwrap().status().as_u16()
    }

    fn keys(&self) -> Vec<String> {
        self.kept.objects.lock().unwrap().keys().cloned().collect()
    }
}

#[tokio::test]
async fn what_the_custodian_sends_is_stored_and_handed_on_by_its_transaction() {
    let world = World::new();
    let (id, outcomes) = world.deposit().await;
    assert_eq!(outcomes, [Outcome::Delivered, Outcome::Delivered]);
    let jobs = world.kept.jobs.lock().unwrap().clone();
    for (body, group) in &jobs {
        let job: SettleCryptoDeposit = serde_json::from_str(body).unwrap();
        assert_eq!((&job.correlation_id, group), (&format!("fireblocks:{id}"), &format!("fireblocks:{id}")));
        assert!(job.object.starts_with("webhooks/fireblocks/2027-01-15/"), "{}", job.object);
        assert!(world.keys().contains(&job.object));
        assert!(!body.contains("bc1q"), "a pointer, and nothing else");
    }
    assert_eq!((jobs.len(), world.keys().len()), (2, 2));
}

#[tokio::test]
async fn kinds_that_nobody_needs_are_kept_and_unknown_ones_are_handed_on() {
    let world = World::new();
    let body =
        |kind: &str| format!(r#"{{"id":"0b7a1f0e-52f5-4f2e-8a0d-1d8a1a4b9c11","eventType":"{kind}","data":{{}}}}"#);
    for (kind, jobs) in [("vault_account.created", 0), ("money.teleported", 1)] {
        let body = body(kind);
        assert_eq!(world.post(body.as_bytes(), &world.custodian.sign(body.as_bytes()).unwrap()).await, 200);
        assert_eq!(world.kept.jobs.lock().unwrap().len(), jobs, "{kind}");
    }
    assert_eq!(world.keys().len(), 2);
}

#[tokio::test]
async fn what_the_custodian_did_not_sign_is_refused_and_kept_apart() {
    let world = World::new();
    let body = b"{}";
    let good = world.custodian.sign(body).unwrap();
    let (_, signature) = good.split_once("..").unwrap();
    let as_if = |protected: &str| format!("{}..{signature}", URL_SAFE_NO_PAD.encode(protected));
    let unsigned = format!("{}..", URL_SAFE_NO_PAD.encode(r#"{"alg":"none","kid":"1"}"#));
    for (body, signature, status, code) in [
        (&b"{} "[..], good.as_str(), 401, "SIGNATURE_MISMATCH"),
        (body, "", 401, "SIGNATURE_MISSING"),
        (body, "x", 401, "SIGNATURE_MALFORMED"),
        (body, &unsigned, 401, "SIGNATURE_WRONG_ALGORITHM"),
        (body, &as_if(r#"{"alg":"RS256","kid":"1"}"#), 401, "SIGNATURE_WRONG_ALGORITHM"),
        (body, &as_if(r#"{"alg":"RS512","kid":"1","crit":["b64"]}"#), 401, "SIGNATURE_WRONG_ALGORITHM"),
        (body, &as_if(r#"{"alg":"RS512","kid":"1"}"#), 503, "SIGNATURE_UNKNOWN_KEY"),
        // Signed, and still of no use.
        (body, &good, 400, "MALFORMED"),
    ] {
        assert_eq!(world.post(body, signature).await, status, "{code}");
        assert!(world.keys().iter().any(|key| key.contains(code)), "{code}");
    }
    assert!(world.keys().contains(&"webhooks/unusable/fireblocks/2027-01-15/MALFORMED/r1".to_owned()));
    assert!(world.kept.jobs.lock().unwrap().is_empty());
    assert_eq!(world.post(&vec![b'x'; BODY_BYTES_MAX + 1], &good).await, 413);
}

#[tokio::test]
async fn a_key_that_was_published_a_moment_ago_costs_no_webhook() {
    let world = World::new();
    assert_eq!(world.deposit().await.1, [Outcome::Delivered, Outcome::Delivered]);
    world.custodian.rotate_key().unwrap();
    // The keys were looked at less than a minute ago, so the new one is unknown, and the webhook is sent again.
    assert_eq!(world.deposit().await.1, [Outcome::Failed, Outcome::Failed]);
    world.clock.0.fetch_add(60, std::sync::atomic::Ordering::SeqCst);
    let due = world.custodian.next_due_ms().unwrap();
    let again = world.custodian.deliver_due(due, &world.endpoint()).await.unwrap();
    assert_eq!(again.into_iter().map(|it| it.outcome).collect::<Vec<_>>(), [Outcome::Delivered, Outcome::Delivered]);
}

#[tokio::test]
async fn while_the_keys_cannot_be_had_webhooks_are_to_be_sent_again() {
    let world = World::new();
    let custodian = world.published.0.lock().unwrap().take();
    assert_eq!(world.deposit().await.1, [Outcome::Failed, Outcome::Failed]);
    assert!(world.keys().is_empty(), "nothing is known of them yet");
    *world.published.0.lock().unwrap() = custodian;
    world.clock.0.fetch_add(2, std::sync::atomic::Ordering::SeqCst);
    assert_eq!(world.deposit().await.1, [Outcome::Delivered, Outcome::Delivered]);
}
