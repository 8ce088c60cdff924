use std::sync::Arc;

use serde_json::{Value, json};

use super::*;
use crate::delivery::{Deliver, NoAnswer};

#[derive(Clone, Copy, PartialEq)]
enum Habit {
    Takes,
    Refuses,
    Redirects,
    Hangs,
    IsGone,
}

/// The customer of the provider.
struct Receiver {
    habit: Mutex<Habit>,
    seen: Mutex<Vec<Request<Bytes>>>,
}

#[async_trait::async_trait]
impl Deliver for Receiver {
    async fn post(&self, request: Request<Bytes>) -> Result<Response<Bytes>, NoAnswer> {
        let habit = *self.habit.lock().unwrap();
        self.seen.lock().unwrap().push(request);
        let status = match habit {
            Habit::IsGone => return Err(NoAnswer),
            Habit::Hangs => std::future::pending::<u16>().await,
            Habit::Refuses => 503,
            Habit::Redirects => 302,
            Habit::Takes => 204,
        };
        Ok(Response::builder().status(status).body(Bytes::from_static(b"said")).unwrap())
    }
}

impl Receiver {
    fn seen(&self) -> Vec<Request<Bytes>> {
        self.seen.lock().unwrap().clone()
    }
}

fn receiver(habit: Habit) -> (Arc<Receiver>, Endpoint) {
    let receiver = Arc::new(Receiver { habit: Mutex::new(habit), seen: Mutex::default() });
    (receiver.clone(), Endpoint { path: "/webhooks/onfido".to_owned(), deliver: receiver })
}

async fn call(onfido: &Onfido, method: &str, path: &str, body: Value) -> Value {
    let request = Request::builder()
        .method(method)
        .uri(format!("/v3.6/{path}"))
        .header("authorization", format!("Token token={}", onfido.api_token()))
        .header("content-type", "application/json")
        .body(Bytes::from(body.to_string()))
        .unwrap();
    serde_json::from_slice(onfido.handle(request, 1_700_000_000_000).await.body()).unwrap_or_default()
}

/// An applicant and a run of theirs.
async fn started(onfido: &Onfido) -> (Uuid, Uuid) {
    let ada = json!({"first_name": "Ada", "last_name": "Example", "dob": "1990-01-31"});
    let applicant = call(onfido, "POST", "applicants", ada).await;
    let order = json!({"applicant_id": applicant["id"], "workflow_id": onfido.workflow_id(), "tags": ["a:1"]});
    let run = call(onfido, "POST", "workflow_runs", order).await;
    (applicant["id"].as_str().unwrap().parse().unwrap(), run["id"].as_str().unwrap().parse().unwrap())
}

#[test]
fn a_signature_is_the_hexadecimal_hmac_of_the_raw_body() {
    let documented = "82bbe8cfeab629389822f4a3f79c157ad02e8e38e01cdefe9239d2ddec0dee88";
    assert_eq!(payload::sign("tok", br#"{"payload":{}}"#), documented);
}

#[tokio::test]
async fn a_run_that_ends_is_said_in_a_signed_webhook() {
    for (verdict, word) in [
        (Verdict::Approved, "approved"),
        (Verdict::Declined, "declined"),
        (Verdict::Review, "review"),
        (Verdict::Abandoned, "abandoned"),
        (Verdict::Error, "error"),
    ] {
        assert_eq!(word.parse(), Ok(verdict));
        let onfido = Onfido::open(None).unwrap();
        let (receiver, endpoint) = receiver(Habit::Takes);
        let (applicant, run) = started(&onfido).await;
        let delivery = onfido.complete(run, verdict, 1_700_000_000_999, &endpoint).await.unwrap();
        assert_eq!((delivery.outcome, delivery.attempts, delivery.next_due_ms), (Outcome::Delivered, 1, None));
        assert_eq!((delivery.status, delivery.reply.as_str()), (Some(204), "said"));

        let seen = receiver.seen();
        assert_eq!(seen[0].uri().path(), "/webhooks/onfido");
        assert_eq!(seen[0].headers()["x-sha2-signature"].to_str().unwrap(), onfido.sign(seen[0].body()));
        let said: Value = serde_json::from_slice(seen[0].body()).unwrap();
        let payload = &said["payload"];
        assert_eq!(payload["resource_type"], "workflow_run");
        assert_eq!(payload["action"], "workflow_run.completed");
        assert_eq!(payload["object"]["id"], json!(run));
        assert_eq!(payload["object"]["status"], word);
        assert_eq!(payload["object"]["completed_at_iso8601"], "2023-11-14T22:13:20Z");
        let resource = &payload["resource"];
        assert_eq!((&resource["status"], &resource["applicant_id"]), (&json!(word), &json!(applicant)));
        assert_eq!(resource["tags"], json!(["a:1"]));
        assert_eq!(resource["error"].is_object(), verdict == Verdict::Error);
        assert!(resource.get("sdk_token").is_none());

        let read = call(&onfido, "GET", &format!("workflow_runs/{run}"), Value::Null).await;
        assert_eq!((&read["status"], &read["sdk_token"]), (&json!(word), &Value::Null));
    }
}

#[tokio::test(start_paused = true)]
async fn only_a_success_in_time_counts_as_an_answer() {
    for (habit, outcome) in [
        (Habit::Takes, Outcome::Delivered),
        (Habit::Refuses, Outcome::Failed),
        (Habit::Redirects, Outcome::Failed),
        (Habit::Hangs, Outcome::Failed),
        (Habit::IsGone, Outcome::Failed),
    ] {
        let onfido = Onfido::open(None).unwrap();
        let (_, endpoint) = receiver(habit);
        let (_, run) = started(&onfido).await;
        let delivery = onfido.complete(run, Verdict::Approved, 0, &endpoint).await.unwrap();
        assert_eq!(delivery.outcome, outcome);
        assert_eq!(delivery.next_due_ms.is_none(), outcome == Outcome::Delivered);
    }
}

#[tokio::test]
async fn a_webhook_that_is_not_answered_comes_again_later_and_later_with_the_same_bytes() {
    let onfido = Onfido::open(None).unwrap();
    let (receiver, endpoint) = receiver(Habit::Refuses);
    let (_, run) = started(&onfido).await;
    onfido.complete(run, Verdict::Approved, 0, &endpoint).await.unwrap();
    assert_eq!(onfido.deliver_due(29_999, &endpoint).await.unwrap(), []);
    let mut waits = vec![];
    let mut now_ms = 0;
    while let Some(due) = onfido.next_due_ms() {
        waits.push((due - now_ms) / 1_000);
        now_ms = due;
        onfido.deliver_due(due, &endpoint).await.unwrap();
    }
    assert_eq!(waits, [30, 60, 120, 240, 480, 960, 1_920, 3_840, 7_680]);
    assert_eq!(onfido.deliveries()[0].outcome, Outcome::GivenUp);
    let seen = receiver.seen();
    assert_eq!(seen.len(), 10);
    assert!(seen.iter().all(|request| request.body() == seen[0].body()));
}

#[tokio::test]
async fn the_same_webhook_can_be_sent_twice() {
    let onfido = Onfido::open(None).unwrap();
    let (receiver, endpoint) = receiver(Habit::Takes);
    let (_, run) = started(&onfido).await;
    let first = onfido.complete(run, Verdict::Approved, 0, &endpoint).await.unwrap();
    let second = onfido.redeliver(first.id, 1, &endpoint).await.unwrap();
    assert_eq!((second.attempts, second.outcome), (2, Outcome::Delivered));
    *receiver.habit.lock().unwrap() = Habit::Refuses;
    let third = onfido.redeliver(first.id, 2, &endpoint).await.unwrap();
    assert_eq!((third.outcome, third.next_due_ms), (Outcome::Failed, None));
    let seen = receiver.seen();
    assert_eq!(seen[0].body(), seen[1].body());
    assert!(matches!(onfido.redeliver(Uuid::nil(), 1, &endpoint).await, Err(OnfidoError::Unknown { .. })));
}

#[tokio::test]
async fn a_run_can_be_decided_again_and_each_verdict_is_a_webhook_of_its_own() {
    let onfido = Onfido::open(None).unwrap();
    let (receiver, endpoint) = receiver(Habit::Takes);
    let (_, run) = started(&onfido).await;
    onfido.complete(run, Verdict::Review, 0, &endpoint).await.unwrap();
    onfido.complete(run, Verdict::Declined, 1_000, &endpoint).await.unwrap();
    assert_eq!(onfido.runs()[0].status, crate::onfido::Status::Declined);
    let seen = receiver.seen();
    assert_ne!(seen[0].body(), seen[1].body());
    assert!(matches!(
        onfido.complete(Uuid::nil(), Verdict::Approved, 0, &endpoint).await,
        Err(OnfidoError::Unknown { .. })
    ));
}

#[tokio::test]
async fn deleting_an_applicant_ends_what_is_open_and_leaves_what_is_over() {
    let onfido = Onfido::open(None).unwrap();
    let (receiver, endpoint) = receiver(Habit::Takes);
    let (applicant, over) = started(&onfido).await;
    onfido.complete(over, Verdict::Declined, 0, &endpoint).await.unwrap();
    let order = json!({"applicant_id": applicant, "workflow_id": onfido.workflow_id()});
    let open: Uuid = call(&onfido, "POST", "workflow_runs", order).await["id"].as_str().unwrap().parse().unwrap();
    call(&onfido, "DELETE", &format!("applicants/{applicant}"), Value::Null).await;

    assert_eq!(onfido.applicant_count(), 0);
    let status = |id: Uuid| onfido.runs().into_iter().find(|run| run.id == id).unwrap().status;
    assert_eq!(status(over), crate::onfido::Status::Declined);
    assert_eq!(status(open), crate::onfido::Status::Abandoned);
    assert!(matches!(onfido.complete(open, Verdict::Approved, 0, &endpoint).await, Err(OnfidoError::Deleted { .. })));
    assert_eq!(receiver.seen().len(), 1);
}

#[tokio::test]
async fn a_restart_forgets_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let (receiver, endpoint) = receiver(Habit::IsGone);
    let first = Onfido::open(Some(dir.path())).unwrap();
    let (applicant, older) = started(&first).await;
    let (_, newer) = started(&first).await;
    let sent = first.complete(older, Verdict::Approved, 0, &endpoint).await.unwrap();
    let tokens = (first.api_token().to_owned(), first.webhook_token().to_owned());
    drop(first);

    *receiver.habit.lock().unwrap() = Habit::Takes;
    let second = Onfido::open(Some(dir.path())).unwrap();
    assert_eq!((second.api_token(), second.webhook_token()), (tokens.0.as_str(), tokens.1.as_str()));
    assert_eq!(second.runs().iter().map(|run| run.id).collect::<Vec<_>>(), [newer, older]);
    assert_eq!(second.deliveries(), [sent]);
    let again = second.deliver_due(30_000, &endpoint).await.unwrap();
    assert_eq!((again[0].attempts, again[0].outcome), (2, Outcome::Delivered));
    let read = call(&second, "GET", &format!("applicants/{applicant}"), Value::Null).await;
    assert_eq!(read["first_name"], "Ada");
    call(&second, "DELETE", &format!("applicants/{applicant}"), Value::Null).await;
    assert_eq!(Onfido::open(Some(dir.path())).unwrap().applicant_count(), 1);
}

#[tokio::test]
async fn a_webhook_that_was_never_sent_is_not_lost() {
    let dir = tempfile::tempdir().unwrap();
    let (_, endpoint) = receiver(Habit::Takes);
    let killed = Onfido::open(Some(dir.path())).unwrap();
    let (_, run) = started(&killed).await;
    killed.end(run, Verdict::Approved, 0).unwrap();
    drop(killed);
    let sent = Onfido::open(Some(dir.path())).unwrap().deliver_due(30_000, &endpoint).await.unwrap();
    assert_eq!((sent[0].attempts, sent[0].outcome), (1, Outcome::Delivered));
}

#[tokio::test]
async fn a_run_is_over_if_the_webhook_that_says_so_was_kept() {
    let dir = tempfile::tempdir().unwrap();
    let killed = Onfido::open(Some(dir.path())).unwrap();
    let (_, run) = started(&killed).await;
    let open = killed.runs();
    killed.end(run, Verdict::Approved, 0).unwrap();
    killed.state().runs.put(run, open[0].clone()).unwrap(); // Killed between the two files.
    drop(killed);
    let again = Onfido::open(Some(dir.path())).unwrap();
    assert_eq!(again.runs()[0].status, crate::onfido::Status::Approved);
}
