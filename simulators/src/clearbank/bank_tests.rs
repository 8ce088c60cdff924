use std::sync::{Arc, OnceLock};

use tokio::sync::Notify;

use super::*;
use crate::clearbank::{Deliver, NoAnswer, ReplyKey};

const MINUTE_MS: i64 = 60 * 1_000;

#[derive(Clone, Copy, PartialEq)]
enum Habit {
    Acknowledges,
    SaysNonceInLowerCase,
    SignsSomethingElse,
    DoesNotSign,
    SaysAnotherNonce,
    Refuses,
    Hangs,
    IsGone,
}

/// The customer of the bank, with its own key.
struct Receiver {
    habit: Mutex<Habit>,
    key: &'static SigningKey,
    seen: Mutex<Vec<Request<Bytes>>>,
}

fn receivers_key() -> &'static SigningKey {
    static KEY: OnceLock<SigningKey> = OnceLock::new();
    KEY.get_or_init(|| SigningKey::generate().unwrap())
}

#[async_trait::async_trait]
impl ReplyKey for Receiver {
    async fn public_key_der(&self) -> Option<Vec<u8>> {
        Some(self.key.public_der())
    }
}

#[async_trait::async_trait]
impl Deliver for Receiver {
    async fn post(&self, request: Request<Bytes>) -> Result<Response<Bytes>, NoAnswer> {
        let habit = *self.habit.lock().unwrap();
        let said: serde_json::Value = serde_json::from_slice(request.body()).unwrap();
        let nonce = said["Nonce"].as_u64().unwrap();
        self.seen.lock().unwrap().push(request);
        let body = match habit {
            Habit::IsGone => return Err(NoAnswer),
            Habit::Hangs => std::future::pending::<String>().await,
            Habit::SaysNonceInLowerCase => format!("{{\"nonce\": {nonce}}}"),
            Habit::SaysAnotherNonce => format!("{{\"Nonce\":{}}}", nonce + 1),
            _ => format!("{{\"Nonce\":{nonce}}}"),
        };
        let signed = if habit == Habit::SignsSomethingElse { "else" } else { &body };
        let mut answer = Response::builder().status(if habit == Habit::Refuses { 503 } else { 200 });
        if habit != Habit::DoesNotSign {
            answer = answer.header("DigitalSignature", self.key.sign(signed.as_bytes()).unwrap());
        }
        Ok(answer.body(Bytes::from(body)).unwrap())
    }
}

fn receiver(habit: Habit) -> (Arc<Receiver>, Endpoint) {
    let receiver = Arc::new(Receiver { habit: Mutex::new(habit), key: receivers_key(), seen: Mutex::default() });
    let endpoint =
        Endpoint { path: "/webhooks/clearbank".to_owned(), deliver: receiver.clone(), reply_key: receiver.clone() };
    (receiver, endpoint)
}

fn bank(dir: Option<&Path>) -> Bank {
    static PEM: OnceLock<String> = OnceLock::new();
    let pem = PEM.get_or_init(|| SigningKey::generate().unwrap().private_pem().to_owned());
    Bank::with_key(pem, dir).unwrap()
}

#[tokio::test(start_paused = true)]
async fn an_answer_is_judged_as_documented() {
    for (habit, outcome) in [
        (Habit::Acknowledges, Outcome::Delivered),
        (Habit::SaysNonceInLowerCase, Outcome::Delivered),
        (Habit::SignsSomethingElse, Outcome::Failed(RetryReason::NonRepudiation)),
        (Habit::DoesNotSign, Outcome::Failed(RetryReason::NonRepudiation)),
        (Habit::SaysAnotherNonce, Outcome::Failed(RetryReason::Format)),
        (Habit::Refuses, Outcome::Failed(RetryReason::Http)),
        (Habit::Hangs, Outcome::Failed(RetryReason::Timeout)),
        (Habit::IsGone, Outcome::Failed(RetryReason::Timeout)),
    ] {
        let (_, endpoint) = receiver(habit);
        let delivery = bank(None).pay(&Payment::credit("GBP", "1.00", "x"), 0, &endpoint).await.unwrap();
        assert_eq!(delivery.outcome, outcome);
        assert_eq!(delivery.next_due_ms.is_none(), outcome == Outcome::Delivered);
    }
}

#[tokio::test]
async fn a_webhook_that_is_not_acknowledged_comes_again_with_the_same_bytes() {
    let (receiver, endpoint) = receiver(Habit::Refuses);
    let bank = bank(None);
    bank.pay(&Payment::credit("GBP", "1.00", "x"), 0, &endpoint).await.unwrap();
    assert_eq!(bank.next_due_ms(), Some(15 * MINUTE_MS));
    assert_eq!(bank.deliver_due(15 * MINUTE_MS - 1, &endpoint).await.unwrap(), []);
    *receiver.habit.lock().unwrap() = Habit::Acknowledges;
    let sent = bank.deliver_due(15 * MINUTE_MS, &endpoint).await.unwrap();
    assert_eq!(sent[0].outcome, Outcome::Delivered);
    assert_eq!(bank.next_due_ms(), None);

    let seen = receiver.seen.lock().unwrap();
    assert_eq!(seen[0].body(), seen[1].body());
    let header = |at: usize, name: &str| seen[at].headers().get(name).map(|value| value.to_str().unwrap().to_owned());
    assert_eq!(header(0, "x-delivery-attempt").as_deref(), Some("1"));
    assert_eq!(header(0, "x-retry-reason"), None);
    assert_eq!(header(1, "x-delivery-attempt").as_deref(), Some("2"));
    assert_eq!(header(1, "x-retry-reason").as_deref(), Some("HTTP"));
    assert_eq!(header(0, "digitalsignature"), header(1, "digitalsignature"));
    assert_eq!(seen[0].uri().path(), "/webhooks/clearbank");
}

#[tokio::test]
async fn after_a_day_it_is_given_up() {
    let (receiver, endpoint) = receiver(Habit::Refuses);
    let bank = bank(None);
    bank.pay(&Payment::credit("GBP", "1.00", "x"), 0, &endpoint).await.unwrap();
    while let Some(due) = bank.next_due_ms() {
        bank.deliver_due(due, &endpoint).await.unwrap();
    }
    assert_eq!(receiver.seen.lock().unwrap().len(), 1 + 24 * 4);
    assert_eq!(bank.deliveries()[0].outcome, Outcome::GivenUp(RetryReason::Http));
}

#[tokio::test]
async fn a_duplicate_carries_no_retry_reason() {
    let (receiver, endpoint) = receiver(Habit::Acknowledges);
    let bank = bank(None);
    let first = bank.pay(&Payment::credit("GBP", "1.00", "x"), 0, &endpoint).await.unwrap();
    let second = bank.redeliver(first.id, 1, &endpoint).await.unwrap();
    assert_eq!((second.attempts, second.outcome), (2, Outcome::Delivered));
    assert!(matches!(bank.redeliver(Uuid::nil(), 1, &endpoint).await, Err(BankError::Unknown { .. })));
    let seen = receiver.seen.lock().unwrap();
    assert_eq!(seen[0].body(), seen[1].body());
    assert!(seen[1].headers().get("x-retry-reason").is_none());
}

#[tokio::test]
async fn the_portals_test_event_is_delivered() {
    let (_, endpoint) = receiver(Habit::Acknowledges);
    let delivery = bank(None).test_event("hello", 0, &endpoint).await.unwrap();
    assert_eq!((delivery.kind.as_str(), delivery.outcome), ("FITestEvent", Outcome::Delivered));
}

#[tokio::test]
async fn a_restart_forgets_neither_the_key_nor_what_is_due() {
    let dir = tempfile::tempdir().unwrap();
    let (receiver, endpoint) = receiver(Habit::IsGone);
    let first = Bank::open(Some(dir.path())).unwrap();
    let sent = first.pay(&Payment::credit("EUR", "1.00", "x"), 0, &endpoint).await.unwrap();
    let pem = first.public_key_pem().to_owned();
    drop(first);

    *receiver.habit.lock().unwrap() = Habit::Acknowledges;
    let second = Bank::open(Some(dir.path())).unwrap();
    assert_eq!(second.public_key_pem(), pem);
    assert_eq!(second.deliveries(), [sent]);
    let again = second.deliver_due(15 * MINUTE_MS, &endpoint).await.unwrap();
    assert_eq!((again[0].attempts, again[0].outcome), (2, Outcome::Delivered));
}

/// Answers only when it is told to.
struct Slow {
    receiver: Arc<Receiver>,
    asked: Notify,
    may_answer: Notify,
}

#[async_trait::async_trait]
impl Deliver for Slow {
    async fn post(&self, request: Request<Bytes>) -> Result<Response<Bytes>, NoAnswer> {
        let answer = self.receiver.post(request).await;
        self.asked.notify_one();
        self.may_answer.notified().await;
        answer
    }
}

#[tokio::test(start_paused = true)]
async fn a_payment_is_not_sent_again_while_its_first_webhook_is_being_answered() {
    let (receiver, endpoint) = receiver(Habit::Acknowledges);
    let slow = Arc::new(Slow { receiver: receiver.clone(), asked: Notify::new(), may_answer: Notify::new() });
    let endpoint = Endpoint { deliver: slow.clone(), ..endpoint };
    let bank = bank(None);
    let payment = Payment::credit("GBP", "1.00", "x");
    let meanwhile = async {
        slow.asked.notified().await;
        let sent = bank.deliver_due(15 * MINUTE_MS - 1, &endpoint).await.unwrap();
        slow.may_answer.notify_one();
        sent
    };
    let (paid, meanwhile) = tokio::join!(bank.pay(&payment, 0, &endpoint), meanwhile);
    assert_eq!(paid.unwrap().outcome, Outcome::Delivered);
    assert_eq!(meanwhile, []);
    assert_eq!(receiver.seen.lock().unwrap().len(), 1);
    assert_eq!(bank.next_due_ms(), None);
}

#[tokio::test]
async fn a_payment_that_was_never_sent_is_not_lost() {
    let dir = tempfile::tempdir().unwrap();
    let (_, endpoint) = receiver(Habit::Acknowledges);
    bank(Some(dir.path())).keep("TransactionSettled", None, br#"{"Nonce":7}"#.to_vec(), 7, 0).unwrap();
    let sent = bank(Some(dir.path())).deliver_due(15 * MINUTE_MS, &endpoint).await.unwrap();
    assert_eq!((sent[0].attempts, sent[0].outcome), (1, Outcome::Delivered));
}
