use std::sync::{Mutex, OnceLock};

use axum::{body::Body, http::Request};
use bytes::Bytes;
use http_body_util::BodyExt as _;
use rusqlite::Connection;
use serde_json::Value;
use simulators::{
    clearbank::{Bank, Endpoint, ReplyKey},
    delivery::{Deliver, NoAnswer},
    fireblocks, onfido,
};
use tower::ServiceExt as _;

use super::*;
use crate::{
    engine::clock::ManualClock,
    services::cognito::{ClientConfig, NoTriggers, PasswordPolicy, PoolConfig},
};

/// A webhook receiver that refuses everything and remembers what it was sent.
#[derive(Default)]
struct Refuser(Mutex<Vec<Bytes>>);

#[async_trait::async_trait]
impl Deliver for Refuser {
    async fn post(&self, request: Request<Bytes>) -> Result<http::Response<Bytes>, NoAnswer> {
        self.0.lock().unwrap().push(request.into_body());
        let mut response = http::Response::new(Bytes::from_static(b"no"));
        *response.status_mut() = StatusCode::BAD_REQUEST;
        Ok(response)
    }
}

#[async_trait::async_trait]
impl ReplyKey for Refuser {
    async fn public_key_der(&self) -> Option<Vec<u8>> {
        None
    }
}

struct StoppedClock;

#[async_trait::async_trait]
impl ClockHands for StoppedClock {
    fn now_ms(&self) -> i64 {
        0
    }

    async fn advance(&self, _: std::time::Duration) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
        Err("it stands".into())
    }
}

#[tokio::test]
async fn a_clock_that_cannot_be_moved_is_no_success() {
    let (router, _) = dev();
    let request = Request::post("/dev/clock/advance").header("content-type", "application/json");
    let request = request.body(Body::from(r#"{"by":"P1D"}"#)).unwrap();
    assert_eq!(router.oneshot(request).await.unwrap().status(), 500);
}

fn dev() -> (Router, Arc<Refuser>) {
    static PEM: OnceLock<String> = OnceLock::new();
    let pem = PEM.get_or_init(|| Bank::open(None).unwrap().private_key_pem().to_owned());
    let receiver = Arc::new(Refuser::default());
    let endpoint = Endpoint { path: "/hook".to_owned(), deliver: receiver.clone(), reply_key: receiver.clone() };
    let clock = Arc::new(ManualClock::new(0));
    let payments = ClearBank { bank: Arc::new(Bank::with_key(pem, None).unwrap()), endpoint, clock: clock.clone() };
    let pool = PoolConfig {
        pool_id: "eu-west-1_x".to_owned(),
        issuer: "http://localhost/cognito/eu-west-1_x".to_owned(),
        region: "eu-west-1".to_owned(),
        clients: vec![ClientConfig::new("app")],
        groups: vec!["compliance".to_owned(), "auditor".to_owned()],
        password_policy: PasswordPolicy::default(),
    };
    let db = Arc::new(Mutex::new(Connection::open_in_memory().unwrap()));
    let cognito = Arc::new(Cognito::open(db, clock.clone(), pool, Arc::new(NoTriggers)).unwrap());
    let screening = ScreeningDoor {
        provider: Arc::new(simulators::screening::Screening::open(None).unwrap()),
        clock: clock.clone(),
    };
    let deliver = || Arc::clone(&receiver) as Arc<dyn Deliver>;
    let identity = OnfidoDoor {
        provider: Arc::new(onfido::Onfido::open(None).unwrap()),
        endpoint: onfido::Endpoint { path: "/hook".to_owned(), deliver: deliver() },
        clock: clock.clone(),
    };
    let custody = FireblocksDoor {
        custodian: Arc::new(fireblocks::Fireblocks::with_key(pem, None).unwrap()),
        endpoint: fireblocks::Endpoint { path: "/hook".to_owned(), deliver: deliver() },
        clock,
    };
    let (payments, clock) = (Arc::new(payments), Arc::new(StoppedClock));
    let mail = MailDoor(crate::services::testing::World::new().aws);
    let doors = Doors { payments, identity, custody, screening, mail, clock };
    (router(&cognito, doors), receiver)
}

async fn post_payment(router: &Router, body: &str) -> (u16, Value) {
    let request = Request::post("/dev/clearbank/payments")
        .header("content-type", "application/json")
        .body(Body::from(body.to_owned()))
        .unwrap();
    let response = router.clone().oneshot(request).await.unwrap();
    let status = response.status().as_u16();
    (status, serde_json::from_slice(&response.into_body().collect().await.unwrap().to_bytes()).unwrap())
}

#[tokio::test]
async fn a_payment_is_sent_as_it_was_ordered() {
    let (router, receiver) = dev();
    for (amount, written) in [("\"1000.00\"", "1000.00"), ("0.10", "0.10"), ("\"-5\"", "-5"), ("1.001", "1.001")] {
        let order = format!(r#"{{"reference":"GR1","asset":"GBP","amount":{amount},"payerName":"Bo"}}"#);
        let (status, answer) = post_payment(&router, &order).await;
        assert_eq!(status, 200);
        assert_eq!(answer["deliveries"][0]["outcome"]["state"], "failed");
        assert_eq!(answer["deliveries"][0]["status"], 400);
        assert!(answer["transactionId"].is_string());
        let sent = receiver.0.lock().unwrap().pop().unwrap();
        let sent = String::from_utf8(sent.to_vec()).unwrap();
        assert!(sent.contains(&format!("\"Amount\":{written},")) && sent.contains("\"OwnerName\":\"Bo\""), "{sent}");
    }
}

#[tokio::test]
async fn a_duplicate_is_the_same_bytes_again() {
    let (router, receiver) = dev();
    let id = "3f2504e0-4f89-41d3-9a0c-0305e82c3301";
    let order = format!(r#"{{"reference":"GR1","asset":"EUR","amount":"1","transactionId":"{id}","duplicate":true}}"#);
    let (_, answer) = post_payment(&router, &order).await;
    assert_eq!(answer["transactionId"], id);
    assert_eq!(answer["deliveries"][1]["attempts"], 2);
    let sent = receiver.0.lock().unwrap();
    assert_eq!(sent[0], sent[1]);
}

#[tokio::test]
async fn an_order_that_is_none_is_refused() {
    let (router, receiver) = dev();
    for order in [
        "",
        "{",
        "{}",
        r#"{"reference":"x","asset":"GBP","amount":"ten"}"#,
        r#"{"reference":"x","asset":"GBP","amount":"1","typo":1}"#,
    ] {
        let (status, answer) = post_payment(&router, order).await;
        assert!((400..500).contains(&status), "{order}: {status}");
        assert_eq!(answer["error"]["code"], "NOT_A_PAYMENT");
    }
    // What a form on a foreign page could send.
    let request = Request::post("/dev/clearbank/payments")
        .header("content-type", "text/plain")
        .body(Body::from(r#"{"reference":"x","asset":"GBP","amount":"1"}"#))
        .unwrap();
    assert_eq!(router.oneshot(request).await.unwrap().status(), 415);
    assert!(receiver.0.lock().unwrap().is_empty());
}

#[tokio::test]
async fn the_outbox_starts_empty() {
    let (router, _) = dev();
    let request = Request::get("/dev/outbox?to=ada@example.com").body(Body::empty()).unwrap();
    let response = router.oneshot(request).await.unwrap();
    assert_eq!(response.into_body().collect().await.unwrap().to_bytes(), "[]");
}

#[tokio::test]
async fn somebody_is_made_staff_and_made_so_again() {
    let (router, _) = dev();
    let hire = |body: &str| {
        let request = Request::post("/dev/staff").header("content-type", "application/json");
        let (router, request) = (router.clone(), request.body(Body::from(body.to_owned())).unwrap());
        async move {
            let response = router.oneshot(request).await.unwrap();
            let status = response.status().as_u16();
            let bytes = response.into_body().collect().await.unwrap().to_bytes();
            (status, serde_json::from_slice::<Value>(&bytes).unwrap())
        }
    };
    let grace = r#"{"email":"grace@granary.example","password":"Correct-horse-1","groups":["compliance"]}"#;
    let (status, first) = hire(grace).await;
    assert_eq!((status, &first["groups"]), (200, &serde_json::json!(["compliance"])), "{first}");
    assert_eq!(hire(&grace.replace("horse", "zebra")).await, (200, first));
    for (refused, status) in [
        (grace.replace("compliance", "kings"), 400),
        (grace.replace("Correct-horse-1", "horse"), 400),
        (grace.replace("grace@granary.example", "grace"), 400),
        (grace.replace("groups", "crowds"), 422),
    ] {
        let (told, answer) = hire(&refused).await;
        assert_eq!((told, &answer["error"]["code"]), (status, &serde_json::json!("NOT_STAFF")), "{refused}");
    }
}
