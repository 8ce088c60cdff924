//! The partner itself: builds, signs, sends, checks the answer, and sends again.

use std::{
    fs, io,
    path::Path,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use bytes::Bytes;
use http::{HeaderValue, Request, Response, header::CONTENT_TYPE};
use uuid::Uuid;

use super::{
    Delivery, Endpoint, KeyError, Outcome, Payment, RetryReason,
    kept::{Kept, Store},
    key::{SigningKey, is_signed_by},
    payment::test_event_body,
};
use crate::private;

const ANSWER_WITHIN: Duration = Duration::from_secs(5);
const RETRY_EVERY_MS: i64 = 15 * 60 * 1_000;
const RETRY_FOR_MS: i64 = 24 * 60 * 60 * 1_000;
const REPLY_KEPT_MAX: usize = 2_000;
const SIGNATURE: &str = "DigitalSignature";

/// Why the simulator could not do its part.
#[derive(Debug, thiserror::Error)]
pub enum BankError {
    /// The amount cannot stand in JSON as a number.
    #[error("the amount is not a JSON number")]
    AmountNotANumber,
    /// The clock shows a time that no calendar has.
    #[error("the time is out of range")]
    TimeOutOfRange,
    /// No webhook has this id.
    #[error("no webhook has the id {id}")]
    Unknown {
        /// The id that was asked for.
        id: Uuid,
    },
    /// The body could not be built.
    #[error("the webhook could not be built")]
    Build {
        /// What serde said.
        #[source]
        source: serde_json::Error,
    },
    /// A kept file is damaged.
    #[error("a kept webhook could not be read or written")]
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
    /// The key failed.
    #[error(transparent)]
    Key(#[from] KeyError),
}

/// ClearBank, as seen by its customer.
pub struct Bank {
    key: SigningKey,
    store: Mutex<Store>,
}

impl std::fmt::Debug for Bank {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Bank").finish_non_exhaustive()
    }
}

impl Bank {
    /// Keeps key and webhooks under `dir`, or in memory only. The key is made on first use.
    ///
    /// # Errors
    /// When the directory cannot be used or no key can be made.
    pub fn open(dir: Option<&Path>) -> Result<Self, BankError> {
        let storage = |source| BankError::Storage { source };
        let Some(dir) = dir else {
            return Ok(Self { key: SigningKey::generate()?, store: Mutex::default() });
        };
        fs::create_dir_all(dir).map_err(storage)?;
        let path = dir.join("clearbank-key.pem");
        if path.exists() {
            let pem = fs::read_to_string(&path).map_err(storage)?;
            return Self::with_key(&pem, Some(dir));
        }
        let key = SigningKey::generate()?;
        private::write(&path, key.private_pem().as_bytes()).map_err(storage)?;
        Self::with_key(key.private_pem(), Some(dir))
    }

    /// Signs with the given PKCS#8 key.
    ///
    /// # Errors
    /// When the key or the directory cannot be used.
    pub fn with_key(private_pem: &str, dir: Option<&Path>) -> Result<Self, BankError> {
        let store = Store::open(dir.map(|dir| dir.join("clearbank-payments")))?;
        Ok(Self { key: SigningKey::from_pem(private_pem)?, store: Mutex::new(store) })
    }

    /// The private key, so that tests can keep one instead of making one each time.
    #[must_use]
    pub fn private_key_pem(&self) -> &str {
        self.key.private_pem()
    }

    /// What "Download Public Key" gives in the portal.
    #[must_use]
    pub fn public_key_pem(&self) -> &str {
        self.key.public_pem()
    }

    /// The `DigitalSignature` header over exactly these bytes.
    ///
    /// # Errors
    /// When the key fails.
    pub fn sign(&self, body: &[u8]) -> Result<String, BankError> {
        Ok(self.key.sign(body)?)
    }

    /// Writes a payment down, then sends its webhook once.
    ///
    /// # Errors
    /// When the webhook cannot be built or kept. A refused webhook is an outcome, not an error.
    pub async fn pay(&self, payment: &Payment, now_ms: i64, to: &Endpoint) -> Result<Delivery, BankError> {
        let nonce = nonce()?;
        let body = payment.webhook_body(now_ms, nonce)?;
        let id = self.keep(payment.kind(), Some(payment.transaction_id), body, nonce, now_ms)?;
        self.attempt(id, now_ms, to).await
    }

    /// What the portal's test button does.
    ///
    /// # Errors
    /// As for a payment.
    pub async fn test_event(&self, message: &str, now_ms: i64, to: &Endpoint) -> Result<Delivery, BankError> {
        let nonce = nonce()?;
        let id = self.keep("FITestEvent", None, test_event_body(message, nonce)?, nonce, now_ms)?;
        self.attempt(id, now_ms, to).await
    }

    /// Sends the same bytes again, acknowledged or not: delivery is at least once.
    ///
    /// # Errors
    /// When no webhook has this id.
    pub async fn redeliver(&self, id: Uuid, now_ms: i64, to: &Endpoint) -> Result<Delivery, BankError> {
        self.attempt(id, now_ms, to).await
    }

    /// Sends everything again whose time has come.
    ///
    /// # Errors
    /// When the outcome of an attempt cannot be kept.
    pub async fn deliver_due(&self, now_ms: i64, to: &Endpoint) -> Result<Vec<Delivery>, BankError> {
        let is_due = |kept: &&Kept| kept.delivery.next_due_ms.is_some_and(|due| due <= now_ms);
        let due: Vec<Uuid> = self.store().all().filter(is_due).map(|kept| kept.delivery.id).collect();
        let mut sent = Vec::with_capacity(due.len());
        for id in due {
            sent.push(self.attempt(id, now_ms, to).await?);
        }
        Ok(sent)
    }

    /// When the next webhook is sent again by itself.
    #[must_use]
    pub fn next_due_ms(&self) -> Option<i64> {
        self.store().all().filter_map(|kept| kept.delivery.next_due_ms).min()
    }

    /// Every webhook, oldest first.
    #[must_use]
    pub fn deliveries(&self) -> Vec<Delivery> {
        self.store().all().map(|kept| kept.delivery.clone()).collect()
    }

    fn store(&self) -> MutexGuard<'_, Store> {
        self.store.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Kept before it is sent: a crash in between loses no payment. It is due again only when a retry would be, so that
    /// nobody else sends it while the first attempt is being answered.
    fn keep(
        &self,
        kind: &str,
        transaction_id: Option<Uuid>,
        body: Vec<u8>,
        nonce: u32,
        now_ms: i64,
    ) -> Result<Uuid, BankError> {
        let id = crate::chance::uuid();
        let delivery = Delivery {
            id,
            transaction_id,
            kind: kind.to_owned(),
            attempts: 0,
            status: None,
            outcome: Outcome::Waiting,
            reply: String::new(),
            next_due_ms: Some(now_ms.saturating_add(RETRY_EVERY_MS)),
        };
        let body = String::from_utf8(body).map_err(|_| BankError::AmountNotANumber)?;
        self.store().add(Kept { order: 0, created_ms: now_ms, nonce, body, delivery })?;
        Ok(id)
    }

    async fn attempt(&self, id: Uuid, now_ms: i64, to: &Endpoint) -> Result<Delivery, BankError> {
        let mut kept = self.store().find(id).cloned().ok_or(BankError::Unknown { id })?;
        let request = self.request(&kept, to)?;
        let answer = match tokio::time::timeout(ANSWER_WITHIN, to.deliver.post(request)).await {
            Ok(Ok(answer)) => Some(answer),
            Ok(Err(_)) | Err(_) => None,
        };
        let verdict = verdict(answer.as_ref(), kept.nonce, to).await;
        kept.delivery.attempts += 1;
        kept.delivery.status = answer.as_ref().map(|answer| answer.status().as_u16());
        kept.delivery.reply = answer.as_ref().map(readable).unwrap_or_default();
        let next = now_ms.saturating_add(RETRY_EVERY_MS);
        let in_time = next <= kept.created_ms.saturating_add(RETRY_FOR_MS);
        // A duplicate of a webhook that was once acknowledged is not retried, whatever becomes of it.
        let was_delivered = kept.delivery.outcome == Outcome::Delivered;
        (kept.delivery.outcome, kept.delivery.next_due_ms) = match verdict {
            Ok(()) => (Outcome::Delivered, None),
            Err(reason) if in_time && !was_delivered => (Outcome::Failed(reason), Some(next)),
            Err(reason) if was_delivered => (Outcome::Failed(reason), None),
            Err(reason) => (Outcome::GivenUp(reason), None),
        };
        let delivery = kept.delivery.clone();
        self.store().save(kept)?;
        Ok(delivery)
    }

    fn request(&self, kept: &Kept, to: &Endpoint) -> Result<Request<Bytes>, BankError> {
        let mut request = Request::new(Bytes::from(kept.body.clone()));
        *request.method_mut() = http::Method::POST;
        *request.uri_mut() = to.path.parse().map_err(|_| BankError::Storage {
            source: io::Error::new(io::ErrorKind::InvalidInput, "the endpoint's path is not a path"),
        })?;
        let signature = HeaderValue::try_from(self.key.sign(kept.body.as_bytes())?).map_err(|_| KeyError::Sign)?;
        let headers = request.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json; charset=utf-8"));
        headers.insert("digitalsignature", signature);
        headers.insert("x-delivery-attempt", HeaderValue::from(kept.delivery.attempts + 1));
        // Not there on the first attempt, nor on a duplicate of what was acknowledged.
        if let Outcome::Failed(reason) = kept.delivery.outcome {
            headers.insert("x-retry-reason", HeaderValue::from_static(reason.as_str()));
        }
        Ok(request)
    }
}

async fn verdict(answer: Option<&Response<Bytes>>, nonce: u32, to: &Endpoint) -> Result<(), RetryReason> {
    let answer = answer.ok_or(RetryReason::Timeout)?;
    if answer.status() != http::StatusCode::OK {
        return Err(RetryReason::Http);
    }
    let signature = answer.headers().get(SIGNATURE).and_then(|value| value.to_str().ok());
    let key = to.reply_key.public_key_der().await;
    match (signature, key) {
        (Some(signature), Some(key)) if is_signed_by(&key, answer.body(), signature) => {}
        (Some(_) | None, Some(_) | None) => return Err(RetryReason::NonRepudiation),
    }
    let said: serde_json::Value = serde_json::from_slice(answer.body()).map_err(|_| RetryReason::Format)?;
    // One page of the documentation writes `Nonce`, the example of another `nonce`.
    let said = said.get("Nonce").or_else(|| said.get("nonce")).and_then(serde_json::Value::as_u64);
    if said == Some(u64::from(nonce)) { Ok(()) } else { Err(RetryReason::Format) }
}

fn readable(answer: &Response<Bytes>) -> String {
    String::from_utf8_lossy(answer.body()).chars().take(REPLY_KEPT_MAX).collect()
}

/// A random number of at most 31 bits: the documented examples all fit a signed 32-bit integer.
fn nonce() -> Result<u32, BankError> {
    let mut bytes = [0; 4];
    crate::chance::fill(&mut bytes).map_err(|_| KeyError::Generate)?;
    Ok(u32::from_be_bytes(bytes) >> 1)
}

#[cfg(test)]
#[path = "bank_tests.rs"]
mod tests;
