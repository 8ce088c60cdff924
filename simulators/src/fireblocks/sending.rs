//! Webhooks on their way: kept, signed, sent, and sent again.

use std::{io, time::Duration};

use bytes::Bytes;
use http::{HeaderValue, Request, Response, StatusCode, header::CONTENT_TYPE};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{
    Delivery, Endpoint, Fireblocks, FireblocksError, Outcome, Transaction, custodian::State, error::storage, payload,
};

/// Assumed.
const ANSWER_WITHIN: Duration = Duration::from_secs(10);
/// Documented: the seconds before each further attempt. After ten in all a webhook is given up.
const RETRIES_AFTER_SECONDS: [i64; 9] = [10, 30, 120, 300, 900, 1_800, 3_600, 7_200, 14_400];
const REPLY_KEPT_MAX: usize = 2_000;
/// Older finished webhooks are forgotten beyond this many, so that a long run does not eat the memory.
const WEBHOOKS_KEPT_MAX: usize = 10_000;

/// A webhook with the bytes that are sent, however often.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct KeptWebhook {
    pub(super) body: String,
    pub(super) delivery: Delivery,
}

impl Fireblocks {
    /// Keeps the transaction as it stands, and the webhook that says so. It is kept before it is sent: a crash in between loses
    /// no webhook. It is due again only when a retry would be, so that nobody else sends it while the first attempt is answered.
    pub(super) fn note(&self, about: &mut Transaction, event_type: &str, now_ms: i64) -> Result<Uuid, FireblocksError> {
        let id = crate::chance::uuid();
        let delivery = Delivery {
            id,
            transaction_id: about.id,
            event_type: event_type.to_owned(),
            attempts: 0,
            status: None,
            outcome: Outcome::Waiting,
            reply: String::new(),
            next_due_ms: retry_at(1, now_ms),
        };
        let body = payload::webhook(id, event_type, about, now_ms).to_string();
        let mut state = self.state();
        let key = about.id.to_string();
        // Of two files one is the first. A webhook of a transaction that is not there could never be believed; a transaction
        // that says nothing yet goes on by itself, and says so. A change without its webhook would never be heard of; a
        // webhook whose change is made a second time is said twice.
        if state.transactions.get(&key).is_none() {
            state.transactions.put(&key, about.clone())?;
        }
        state.webhooks.put(&id.to_string(), KeptWebhook { body, delivery })?;
        state.transactions.put(&key, about.clone())?;
        state.forget_old()?;
        Ok(id)
    }

    pub(super) async fn send(
        &self,
        webhooks: &[Uuid],
        copies: u32,
        now_ms: i64,
        to: &Endpoint,
    ) -> Result<Vec<Delivery>, FireblocksError> {
        let mut sent = Vec::new();
        for id in webhooks {
            for _ in 0..copies {
                sent.push(self.attempt(*id, now_ms, to).await?);
            }
        }
        Ok(sent)
    }

    pub(super) async fn attempt(&self, id: Uuid, now_ms: i64, to: &Endpoint) -> Result<Delivery, FireblocksError> {
        let kept = self.state().webhooks.get(&id.to_string()).cloned();
        let mut kept = kept.ok_or_else(|| FireblocksError::Unknown { id: id.to_string() })?;
        let request = self.request(&kept, to)?;
        let answer = match tokio::time::timeout(ANSWER_WITHIN, to.deliver.post(request)).await {
            Ok(Ok(answer)) => Some(answer),
            Ok(Err(_)) | Err(_) => None,
        };
        let delivery = &mut kept.delivery;
        // A duplicate of a webhook that was once acknowledged is not sent again by itself, whatever becomes of it.
        let was_delivered = delivery.outcome == Outcome::Delivered;
        delivery.attempts = delivery.attempts.saturating_add(1);
        delivery.status = answer.as_ref().map(|answer| answer.status().as_u16());
        delivery.reply = answer.as_ref().map(readable).unwrap_or_default();
        let again = retry_at(delivery.attempts, now_ms).filter(|_| !was_delivered && may_change(delivery.status));
        (delivery.outcome, delivery.next_due_ms) = match again {
            _ if answer.is_some_and(|answer| answer.status().is_success()) => (Outcome::Delivered, None),
            Some(again) => (Outcome::Failed, Some(again)),
            None if was_delivered => (Outcome::Failed, None),
            None => (Outcome::GivenUp, None),
        };
        let delivery = kept.delivery.clone();
        self.state().webhooks.put(&id.to_string(), kept)?;
        Ok(delivery)
    }

    fn request(&self, kept: &KeptWebhook, to: &Endpoint) -> Result<Request<Bytes>, FireblocksError> {
        let invalid = |what: &str| storage(io::Error::new(io::ErrorKind::InvalidInput, what));
        let mut request = Request::new(Bytes::from(kept.body.clone()));
        *request.method_mut() = http::Method::POST;
        *request.uri_mut() = to.path.parse().map_err(|_| invalid("the endpoint's path is not a path"))?;
        let signature = self.sign(kept.body.as_bytes())?;
        let signature = HeaderValue::try_from(signature).map_err(|_| invalid("the signature is not a header"))?;
        request.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        request.headers_mut().insert("fireblocks-webhook-signature", signature);
        Ok(request)
    }
}

impl State {
    fn forget_old(&mut self) -> Result<(), FireblocksError> {
        if self.webhooks.len() <= WEBHOOKS_KEPT_MAX {
            return Ok(());
        }
        let finished = |kept: &&KeptWebhook| matches!(kept.delivery.outcome, Outcome::Delivered | Outcome::GivenUp);
        let oldest = self.webhooks.all().find(finished).map(|kept| kept.delivery.id.to_string());
        oldest.map_or(Ok(()), |id| self.webhooks.remove(&id)) // If all of them still wait for an answer, none may be dropped.
    }
}

/// When a webhook is sent again that was sent so often.
fn retry_at(attempts: u32, now_ms: i64) -> Option<i64> {
    let place = usize::try_from(attempts).ok()?.checked_sub(1)?;
    let seconds = RETRIES_AFTER_SECONDS.get(place)?;
    Some(now_ms.saturating_add(seconds * 1_000))
}

/// Documented: what was not answered, and 5xx; of the 4xx only these two.
fn may_change(status: Option<u16>) -> bool {
    match status.and_then(|status| StatusCode::from_u16(status).ok()) {
        Some(StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_MANY_REQUESTS) | None => true,
        Some(status) => !status.is_client_error(),
    }
}

fn readable(answer: &Response<Bytes>) -> String {
    String::from_utf8_lossy(answer.body()).chars().take(REPLY_KEPT_MAX).collect()
}
