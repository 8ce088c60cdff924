use std::{collections::BTreeMap, sync::Mutex};

use app::ports::{Clock, Jobs, Objects};
use bytes::Bytes;
use lambda_kit::webhook::BODY_BYTES_MAX;
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use simulators::onfido as simulated;
use time::{OffsetDateTime, macros::datetime};

use super::*;

const COMPLETED: &str = include_str!("../../../events/samples/providers/onfido-workflow-run-completed.json");
const RUN: &str = "onfido:9f2d7c14-6b3e-4a58-8c01-5d7e9b2a4f63";

/// A bucket and a queue, either of which may be out of order.
#[derive(Default)]
struct Outside {
    objects: Mutex<BTreeMap<String, Bytes>>,
    jobs: Mutex<Vec<(String, String)>>,
    broken: Mutex<Option<&'static str>>,
}

impl Outside {
    fn work(&self, part: &'static str) -> Result<(), PortError> {
        if *self.broken.lock().unwrap() == Some(part) {
            return Err(PortError::Unavailable { attempted: part, reason: "out of order".into() });
        }
        Ok(())
    }

    fn keys(&self) -> Vec<String> {
        self.objects.lock().unwrap().keys().cloned().collect()
    }

    fn jobs(&self) -> Vec<(String, String)> {
        self.jobs.lock().unwrap().clone()
    }
}

#[async_trait]
impl Objects for Outside {
    async fn put(&self, key: &str, bytes: Bytes, _: &'static str) -> Result<(), PortError> {
        self.work("bucket")?;
        self.objects.lock().unwrap().insert(key.to_owned(), bytes);
        Ok(())
    }

    async fn get(&self, _: &str) -> Result<Bytes, PortError> {
        Err(PortError::Missing { attempted: "read" })
    }
}

#[async_trait]
impl Jobs for Outside {
    async fn send(&self, body: String, group: &str) -> Result<(), PortError> {
        self.work("queue")?;
        self.jobs.lock().unwrap().push((body, group.to_owned()));
        Ok(())
    }
}

struct Stopped;

#[async_trait]
impl Clock for Stopped {
    fn now(&self) -> OffsetDateTime {
        datetime!(2026-11-21 10:16 UTC)
    }

    async fn back_off(&self, _: u32) {}
}

fn world() -> (simulated::Onfido, Arc<Outside>, Receiver<Onfido>) {
    let onfido = simulated::Onfido::open(None).unwrap();
    let outside = Arc::new(Outside::default());
    let tokens = WebhookTokens::from_text(&onfido.webhook_token().into()).unwrap();
    let receiver = Receiver::new(Onfido { tokens }, outside.clone(), outside.clone(), Arc::new(Stopped));
    (onfido, outside, receiver)
}

fn request(body: &str, signature: &str) -> HttpRequest {
    HttpRequest {
        method: "POST".to_owned(),
        path: "/webhooks/onfido".to_owned(),
        query: String::new(),
        headers: [("x-sha2-signature".to_owned(), signature.to_owned())].into(),
        body: body.to_owned().into(),
        id: "request-1".to_owned(),
    }
}

async fn receive(receiver: &Receiver<Onfido>, body: &str, signature: &str) -> (u64, Value) {
    let answer = receiver.receive(request(body, signature)).await.into_answer().unwrap();
    let answer: Value = serde_json::from_slice(&answer).unwrap();
    let body = serde_json::from_str(answer["body"].as_str().unwrap()).unwrap();
    (answer["statusCode"].as_u64().unwrap(), body)
}

#[tokio::test]
async fn a_result_is_stored_and_then_published() {
    let (onfido, outside, receiver) = world();
    let signature = onfido.sign(COMPLETED.as_bytes());
    assert_eq!(receive(&receiver, COMPLETED, &signature).await.0, 200);
    let digest = hex::encode(Sha256::digest(COMPLETED));
    let key = format!("webhooks/onfido/2026-11-21/{digest}.json");
    assert_eq!(outside.objects.lock().unwrap()[&key], COMPLETED);
    let job = format!(r#"{{"object":"{key}","correlationId":"{RUN}"}}"#);
    assert_eq!(outside.jobs(), [(job.clone(), RUN.to_owned())]);

    // The same again: the same object, and a job that says the same.
    assert_eq!(receive(&receiver, COMPLETED, &signature).await.0, 200);
    assert_eq!(outside.keys(), [key]);
    assert_eq!(outside.jobs(), [(job.clone(), RUN.to_owned()), (job, RUN.to_owned())]);
}

#[tokio::test]
async fn what_could_not_be_stored_or_published_is_to_be_sent_again() {
    let (onfido, outside, receiver) = world();
    let signature = onfido.sign(COMPLETED.as_bytes());
    for part in ["bucket", "queue"] {
        *outside.broken.lock().unwrap() = Some(part);
        let (status, body) = receive(&receiver, COMPLETED, &signature).await;
        assert_eq!((status, &body["error"]["code"]), (503, &"PORT_UNAVAILABLE".into()), "{part}");
        assert_eq!(outside.jobs(), []);
    }
    *outside.broken.lock().unwrap() = None;
    assert_eq!(receive(&receiver, COMPLETED, &signature).await.0, 200);
    assert_eq!(outside.jobs().len(), 1);
}

#[tokio::test]
async fn what_is_not_signed_is_refused_and_kept_apart() {
    let (onfido, outside, receiver) = world();
    let altered = COMPLETED.replace("approved", "declined");
    for (signature, code) in [
        (String::new(), "SIGNATURE_MISSING"),
        ("zz".to_owned(), "SIGNATURE_MALFORMED"),
        (onfido.sign(COMPLETED.as_bytes()), "SIGNATURE_MISMATCH"),
    ] {
        let (status, body) = receive(&receiver, &altered, &signature).await;
        assert_eq!((status, &body["error"]["code"]), (401, &code.into()));
        assert!(outside.keys().contains(&format!("quarantine/onfido/2026-11-21/{code}/request-1")));
    }
    assert_eq!((outside.keys().len(), outside.jobs()), (3, vec![]));
}

#[tokio::test]
async fn what_is_too_large_is_not_even_verified() {
    let (onfido, outside, receiver) = world();
    let large = format!("{COMPLETED}{}", " ".repeat(BODY_BYTES_MAX));
    let (status, body) = receive(&receiver, &large, &onfido.sign(large.as_bytes())).await;
    assert_eq!((status, &body["error"]["code"]), (413, &"WEBHOOK_TOO_LARGE".into()));
    let kept = outside.objects.lock().unwrap();
    assert_eq!(kept["quarantine/onfido/2026-11-21/WEBHOOK_TOO_LARGE/request-1"].len(), 64 * 1024);
}

#[tokio::test]
async fn the_providers_own_webhook_that_cannot_be_used_is_kept_whole() {
    let (onfido, outside, receiver) = world();
    for (body, code) in [
        (COMPLETED.replace("\"approved\"", "\"marvellous\""), "UNKNOWN_STATUS"),
        (COMPLETED.replace("\"action\"", "\"event\""), "MALFORMED"),
    ] {
        let (status, answer) = receive(&receiver, &body, &onfido.sign(body.as_bytes())).await;
        assert_eq!((status, &answer["error"]["code"]), (400, &code.into()));
        let key = format!("webhooks/unusable/onfido/2026-11-21/{code}/request-1");
        assert_eq!(outside.objects.lock().unwrap()[&key], body);
    }
    assert_eq!(outside.jobs(), []);
}

#[tokio::test]
async fn other_kinds_are_acknowledged_and_only_unknown_ones_are_set_aside() {
    let (onfido, outside, receiver) = world();
    for (kind, action) in [("check", "check.completed"), ("novelty", "novelty.seen")] {
        let body = format!(r#"{{"payload":{{"resource_type":"{kind}","action":"{action}","object":{{"id":"x"}}}}}}"#);
        assert_eq!(receive(&receiver, &body, &onfido.sign(body.as_bytes())).await.0, 200);
    }
    let keys = outside.keys();
    assert_eq!(keys.iter().filter(|key| key.starts_with("webhooks/onfido/")).count(), 2);
    assert_eq!(keys.last().unwrap(), "webhooks/unusable/onfido/2026-11-21/UNKNOWN_KIND/request-1");
    assert_eq!((keys.len(), outside.jobs()), (3, vec![]));
}

#[test]
fn start_up_fails_without_a_token() {
    let config = aws_types::SdkConfig::builder().build();
    let env = |tokens: &str| Env::new([("ONFIDO_WEBHOOK_TOKENS".to_owned(), tokens.to_owned())]);
    for env in [Env::default(), env(" , ")] {
        assert_eq!(connect(&config, &env).err().map(|error| error.error_type).as_deref(), Some("Configuration"));
    }
}
