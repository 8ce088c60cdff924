//! The provider itself: ends runs, says so, and says it again.

use std::{
    collections::VecDeque,
    fs, io,
    path::Path,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use bytes::Bytes;
use http::{HeaderValue, Request, Response, header::CONTENT_TYPE};
use serde::{Deserialize, Serialize};
use serde_json::Map;
use time::{OffsetDateTime, macros::format_description};
use uuid::{Uuid, uuid};

use super::{
    Delivery, Endpoint, Outcome, Run, Verdict,
    kept::{KeptWebhook, Shelf, storage},
    log::Log,
    model::{Applicant, Watched},
    payload,
};
use crate::private;

/// Documented.
const ANSWER_WITHIN: Duration = Duration::from_secs(10);
/// Assumed, as nothing is documented: after half a minute, then each time twice as late, ten times in all (about four hours).
const FIRST_RETRY_MS: i64 = 30 * 1_000;
const ATTEMPTS_MAX: u32 = 10;
const REPLY_KEPT_MAX: usize = 2_000;
/// Older finished webhooks are forgotten beyond this many, so that a long run does not eat the memory.
const WEBHOOKS_KEPT_MAX: usize = 10_000;
/// The one workflow that was built in the dashboard.
const WORKFLOW: Uuid = uuid!("7c9d2f60-5a1e-4c3b-9b7d-2f8e61a40c55");

/// Why the simulator could not do its part.
#[derive(Debug, thiserror::Error)]
pub enum OnfidoError {
    /// No run, or no webhook, has this id.
    #[error("nothing has the id {id}")]
    Unknown {
        /// The id that was asked for.
        id: Uuid,
    },
    /// The applicant was deleted, and the run with them.
    #[error("the applicant of run {id} was deleted")]
    Deleted {
        /// The run.
        id: Uuid,
    },
    /// The clock shows a time that no calendar has.
    #[error("the time is out of range")]
    TimeOutOfRange,
    /// A token could not be made.
    #[error("no token could be made")]
    Random,
    /// Something kept is damaged, or could not be written.
    #[error("something kept could not be read or written")]
    Unreadable {
        /// What serde said.
        #[source]
        source: serde_json::Error,
    },
    /// The disk refused.
    #[error("the simulator's files could not be used")]
    Storage {
        /// What the system said.
        #[source]
        source: io::Error,
    },
}

/// How API calls fail, when they are told to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The call is not carried out, and this status is answered.
    Status(u16),
    /// The call is carried out, and its answer is lost: whoever is in between answers 504.
    AnswerLost,
}

/// What the dashboard hands out once.
#[derive(Serialize, Deserialize)]
struct Tokens {
    api_token: String,
    webhook_token: String,
}

/// What changes.
pub(super) struct State {
    pub(super) applicants: Shelf<Applicant>,
    pub(super) runs: Shelf<Run>,
    pub(super) monitors: Shelf<Watched>,
    webhooks: Shelf<KeptWebhook>,
    faults: VecDeque<(u32, Fault)>,
    pub(super) log: Log,
}

/// Onfido, as seen by its customer.
pub struct Onfido {
    tokens: Tokens,
    state: Mutex<State>,
}

impl std::fmt::Debug for Onfido {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Onfido").finish_non_exhaustive()
    }
}

impl Onfido {
    /// Keeps everything under `dir`, or in memory only. The tokens are made on first use.
    ///
    /// # Errors
    /// When the directory cannot be used, or holds what was not written here.
    pub fn open(dir: Option<&Path>) -> Result<Self, OnfidoError> {
        let dir = dir.map(|dir| dir.join("onfido"));
        let shelf = |name: &str| dir.as_ref().map(|dir| dir.join(name));
        let mut state = State {
            applicants: Shelf::open(shelf("applicants"))?,
            runs: Shelf::open(shelf("runs"))?,
            monitors: Shelf::open(shelf("monitors"))?,
            webhooks: Shelf::open(shelf("webhooks"))?,
            faults: VecDeque::new(),
            log: Log::default(),
        };
        state.end_what_was_told()?;
        Ok(Self { tokens: Tokens::open(dir.as_deref())?, state: Mutex::new(state) })
    }

    /// What calls of the API must carry.
    #[must_use]
    pub fn api_token(&self) -> &str {
        &self.tokens.api_token
    }

    /// The key of the webhooks' signatures.
    #[must_use]
    pub fn webhook_token(&self) -> &str {
        &self.tokens.webhook_token
    }

    /// The workflow that runs are started of. There is no other.
    #[must_use]
    pub fn workflow_id(&self) -> Uuid {
        WORKFLOW
    }

    /// The `X-SHA2-Signature` header over exactly these bytes.
    #[must_use]
    pub fn sign(&self, body: &[u8]) -> String {
        payload::sign(&self.tokens.webhook_token, body)
    }

    /// Every run, newest first.
    #[must_use]
    pub fn runs(&self) -> Vec<Run> {
        self.state().runs.all().rev().cloned().collect()
    }

    /// How many applicants there are that were not deleted.
    #[must_use]
    pub fn applicant_count(&self) -> usize {
        self.state().applicants.len()
    }

    /// Lets the next calls of the API fail, after those that were told to before.
    pub fn fail_next(&self, calls: u32, fault: Fault) {
        if calls > 0 {
            self.state().faults.push_back((calls, fault));
        }
    }

    /// Ends a run and sends its webhook once. A run that is over may be ended again with another verdict, as somebody at the
    /// provider can in the dashboard.
    ///
    /// # Errors
    /// When there is no such run, or no applicant any more. A refused webhook is an outcome, not an error.
    pub async fn complete(
        &self,
        run: Uuid,
        verdict: Verdict,
        now_ms: i64,
        to: &Endpoint,
    ) -> Result<Delivery, OnfidoError> {
        let id = self.end(run, verdict, now_ms)?;
        self.attempt(id, now_ms, to).await
    }

    /// Sends the same bytes again, acknowledged or not: delivery is at least once.
    ///
    /// # Errors
    /// When no webhook has this id.
    pub async fn redeliver(&self, id: Uuid, now_ms: i64, to: &Endpoint) -> Result<Delivery, OnfidoError> {
        self.attempt(id, now_ms, to).await
    }

    /// Sends everything again whose time has come.
    ///
    /// # Errors
    /// When the outcome of an attempt cannot be kept.
    pub async fn deliver_due(&self, now_ms: i64, to: &Endpoint) -> Result<Vec<Delivery>, OnfidoError> {
        let is_due = |kept: &&KeptWebhook| kept.delivery.next_due_ms.is_some_and(|due| due <= now_ms);
        let due: Vec<Uuid> = self.state().webhooks.all().filter(is_due).map(|kept| kept.delivery.id).collect();
        let mut sent = Vec::with_capacity(due.len());
        for id in due {
            sent.push(self.attempt(id, now_ms, to).await?);
        }
        Ok(sent)
    }

    /// When the next webhook is sent again by itself.
    #[must_use]
    pub fn next_due_ms(&self) -> Option<i64> {
        self.state().webhooks.all().filter_map(|kept| kept.delivery.next_due_ms).min()
    }

    /// Every webhook, oldest first.
    #[must_use]
    pub fn deliveries(&self) -> Vec<Delivery> {
        self.state().webhooks.all().map(|kept| kept.delivery.clone()).collect()
    }

    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Kept before it is sent: a crash in between loses no webhook. It is due again only when a retry would be, so that nobody
    /// else sends it while the first attempt is being answered.
    fn end(&self, id: Uuid, verdict: Verdict, now_ms: i64) -> Result<Uuid, OnfidoError> {
        let mut state = self.state();
        let mut run = state.runs.get(id).cloned().ok_or(OnfidoError::Unknown { id })?;
        let applicant = state.applicants.get(run.applicant_id).ok_or(OnfidoError::Deleted { id })?;
        run.end(verdict, &applicant.details, timestamp(now_ms)?);
        let delivery = first_delivery(&run, now_ms);
        let webhook = KeptWebhook { body: payload::run_completed(&run)?, delivery, run: Some(run.clone()) };
        let webhook_id = webhook.delivery.id;
        state.webhooks.put(webhook_id, webhook)?;
        state.runs.put(id, run)?;
        state.forget_old()?;
        Ok(webhook_id)
    }

    async fn attempt(&self, id: Uuid, now_ms: i64, to: &Endpoint) -> Result<Delivery, OnfidoError> {
        let mut kept = self.state().webhooks.get(id).cloned().ok_or(OnfidoError::Unknown { id })?;
        let request = self.request(&kept, to)?;
        let answer = match tokio::time::timeout(ANSWER_WITHIN, to.deliver.post(request)).await {
            Ok(Ok(answer)) => Some(answer),
            Ok(Err(_)) | Err(_) => None,
        };
        let delivery = &mut kept.delivery;
        // A duplicate of a webhook that was once acknowledged is not sent again by itself, whatever becomes of it.
        let was_delivered = delivery.outcome == Outcome::Delivered;
        let wait = FIRST_RETRY_MS.saturating_mul(1_i64.checked_shl(delivery.attempts).unwrap_or(i64::MAX));
        delivery.attempts = delivery.attempts.saturating_add(1);
        delivery.status = answer.as_ref().map(|answer| answer.status().as_u16());
        delivery.reply = answer.as_ref().map(readable).unwrap_or_default();
        (delivery.outcome, delivery.next_due_ms) = if answer.is_some_and(|answer| answer.status().is_success()) {
            (Outcome::Delivered, None)
        } else if was_delivered {
            (Outcome::Failed, None)
        } else if delivery.attempts < ATTEMPTS_MAX {
            (Outcome::Failed, Some(now_ms.saturating_add(wait)))
        } else {
            (Outcome::GivenUp, None)
        };
        let delivery = kept.delivery.clone();
        self.state().webhooks.put(id, kept)?;
        Ok(delivery)
    }

    fn request(&self, kept: &KeptWebhook, to: &Endpoint) -> Result<Request<Bytes>, OnfidoError> {
        let invalid = |what: &str| storage(io::Error::new(io::ErrorKind::InvalidInput, what));
        let mut request = Request::new(Bytes::from(kept.body.clone()));
        *request.method_mut() = http::Method::POST;
        *request.uri_mut() = to.path.parse().map_err(|_| invalid("the endpoint's path is not a path"))?;
        let signature = self.sign(kept.body.as_bytes());
        let signature = HeaderValue::try_from(signature).map_err(|_| invalid("the signature is not a header"))?;
        request.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        request.headers_mut().insert("x-sha2-signature", signature);
        Ok(request)
    }
}

impl State {
    /// The fault that the call at hand is to suffer.
    pub(super) fn next_fault(&mut self) -> Option<Fault> {
        let (calls, fault) = self.faults.front_mut()?;
        let fault = *fault;
        *calls = calls.saturating_sub(1);
        if *calls == 0 {
            self.faults.pop_front();
        }
        Some(fault)
    }

    /// Ends the runs of which a webhook says that they are over: whoever is killed between the two files has kept the webhook.
    fn end_what_was_told(&mut self) -> Result<(), OnfidoError> {
        let is_open = |run: &&Run| self.runs.get(run.id).is_some_and(|kept| !kept.status.is_over());
        let told: Vec<Run> = self.webhooks.all().filter_map(|it| it.run.as_ref()).filter(is_open).cloned().collect();
        told.into_iter().try_for_each(|run| self.runs.put(run.id, run))
    }

    /// Deletes an applicant and ends what is open of theirs; answers whether they were there.
    pub(super) fn delete_applicant(&mut self, id: Uuid, at: &str) -> Result<bool, OnfidoError> {
        if self.applicants.get(id).is_none() {
            return Ok(false);
        }
        let open: Vec<Run> =
            self.runs.all().filter(|run| run.applicant_id == id && !run.status.is_over()).cloned().collect();
        for mut run in open {
            // Assumed: nobody can finish it any more, and no webhook says so.
            run.end(Verdict::Abandoned, &Map::new(), at.to_owned());
            self.runs.put(run.id, run)?;
        }
        self.applicants.remove(id)?;
        Ok(true)
    }

    /// Keeps a webhook that is no news of a run, before it is sent; answers its id.
    pub(super) fn keep_webhook(&mut self, body: String, run: &Run, now_ms: i64) -> Result<Uuid, OnfidoError> {
        let delivery = first_delivery(run, now_ms);
        let id = delivery.id;
        self.webhooks.put(id, KeptWebhook { body, delivery, run: None })?;
        self.forget_old()?;
        Ok(id)
    }

    fn forget_old(&mut self) -> Result<(), OnfidoError> {
        if self.webhooks.len() <= WEBHOOKS_KEPT_MAX {
            return Ok(());
        }
        let finished = |kept: &&KeptWebhook| matches!(kept.delivery.outcome, Outcome::Delivered | Outcome::GivenUp);
        let oldest = self.webhooks.all().find(finished).map(|kept| kept.delivery.id);
        oldest.map_or(Ok(()), |id| self.webhooks.remove(id)) // If all of them still wait for an answer, none may be dropped.
    }
}

impl Tokens {
    fn open(dir: Option<&Path>) -> Result<Self, OnfidoError> {
        let path = dir.map(|dir| dir.join("tokens.json"));
        if let Some(path) = path.as_ref().filter(|path| path.exists()) {
            let text = fs::read(path).map_err(storage)?;
            return serde_json::from_slice(&text).map_err(|source| OnfidoError::Unreadable { source });
        }
        let tokens = Self { api_token: format!("api_sandbox.{}", token()?), webhook_token: token()? };
        if let Some(path) = path {
            let text = serde_json::to_vec(&tokens).map_err(|source| OnfidoError::Unreadable { source })?;
            private::write(&path, &text).map_err(storage)?;
        }
        Ok(tokens)
    }
}

/// A webhook that was not sent yet. It is due again only when a retry would be.
fn first_delivery(run: &Run, now_ms: i64) -> Delivery {
    Delivery {
        id: crate::chance::uuid(),
        run_id: run.id,
        run_status: run.status,
        attempts: 0,
        status: None,
        outcome: Outcome::Waiting,
        reply: String::new(),
        next_due_ms: Some(now_ms.saturating_add(FIRST_RETRY_MS)),
    }
}

/// A random text that goes into a header and into a setting as it stands.
pub(super) fn token() -> Result<String, OnfidoError> {
    let mut bytes = [0; 24];
    crate::chance::fill(&mut bytes).map_err(|_| OnfidoError::Random)?;
    Ok(hex::encode(bytes))
}

/// As the API writes it: to the second, in UTC.
pub(super) fn timestamp(now_ms: i64) -> Result<String, OnfidoError> {
    let format = format_description!("[year]-[month]-[day]T[hour]:[minute]:[second]Z");
    at(now_ms)?.format(format).map_err(|_| OnfidoError::TimeOutOfRange)
}

pub(super) fn at(now_ms: i64) -> Result<OffsetDateTime, OnfidoError> {
    OffsetDateTime::from_unix_timestamp(now_ms.div_euclid(1_000)).map_err(|_| OnfidoError::TimeOutOfRange)
}

fn readable(answer: &Response<Bytes>) -> String {
    String::from_utf8_lossy(answer.body()).chars().take(REPLY_KEPT_MAX).collect()
}

#[cfg(test)]
#[path = "provider_tests.rs"]
mod tests;
