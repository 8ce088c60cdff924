//! Functions that receive a provider's webhooks: cap, verify, store, hand on a pointer, and only then acknowledge.
//!
//! A provider sends again what was not acknowledged, so whatever fails after the verification answers 5xx. Duplicates are harmless:
//! the same bytes go under the same key, and what follows is idempotent by the provider's own ids.

use std::{fmt, sync::Arc};

use app::ports::{Clock, Jobs, Objects, PortError};
use async_trait::async_trait;
use bytes::Bytes;
use domain::error::Classify;
use futures::future::BoxFuture;
use serde::Serialize;
use sha2::{Digest as _, Sha256};

use crate::{
    Handler,
    http_event::{HttpRequest, HttpResponse},
    quarantine::{Origin, Quarantine},
    sqs::chain,
};

/// The largest webhook that is read. The longest of any provider's stay under half of it.
pub const BODY_BYTES_MAX: usize = 256 * 1024;

/// What is a provider's own.
#[async_trait]
pub trait Provider: Send + Sync + 'static {
    /// A genuine webhook, as it was read.
    type Webhook: Send + Sync;

    /// The provider's name in keys of objects and in logs.
    const NAME: &'static str;

    /// Verifies the signature over the raw bytes, before anything of them is read.
    async fn verify(&self, request: &HttpRequest) -> Result<(), Unverified>;

    /// Reads genuine bytes.
    fn read(&self, body: &[u8]) -> Result<Self::Webhook, Reason>;

    /// What is to be done about a webhook that is stored.
    ///
    /// # Errors
    /// When the pointer to it cannot be written.
    fn next(&self, webhook: &Self::Webhook, stored: Stored) -> Result<Next, PortError>;

    /// The answer once all of that is safe.
    ///
    /// # Errors
    /// When the answer needs what cannot be had.
    async fn acknowledge(&self, webhook: &Self::Webhook) -> Result<HttpResponse, PortError> {
        let _any = webhook;
        Ok(HttpResponse::new(200, "application/json", "{}"))
    }
}

/// Why a webhook is not taken: a stable code and a text.
#[derive(Debug, Clone)]
pub struct Reason {
    code: &'static str,
    message: String,
}

impl<E: Classify + fmt::Display> From<E> for Reason {
    fn from(error: E) -> Self {
        Self { code: error.code(), message: error.to_string() }
    }
}

/// Why nobody knows that it is the provider's.
#[derive(Debug)]
pub enum Unverified {
    /// It is not.
    Forged(Reason),
    /// It may be, once we know more.
    NotYet(Reason),
    /// What it would be verified with cannot be had.
    Later(PortError),
}

/// Where a webhook lies.
#[derive(Debug)]
pub struct Stored {
    /// Its key in the bucket.
    pub object: String,
    /// The SHA-256 of its bytes, in hexadecimal.
    pub digest: String,
}

/// What is done about a stored webhook.
#[derive(Debug)]
pub enum Next {
    /// A pointer goes to the queue.
    HandOn {
        /// The pointer.
        body: String,
        /// What it is about, which is its message group too.
        correlation_id: String,
    },
    /// A pointer goes to the queue of what else this provider tells: see [`Receiver::with_other_jobs`].
    HandOnElsewhere {
        /// The pointer.
        body: String,
        /// What it is about, which is its message group too.
        correlation_id: String,
    },
    /// It is set aside for a person, under this code.
    SetAside(&'static str),
    /// Nothing: it is of a kind that is not needed.
    Nothing,
}

impl Next {
    /// A pointer to what is stored.
    ///
    /// # Errors
    /// When it does not serialise.
    pub fn job<T: Serialize>(job: &T, correlation_id: String) -> Result<Self, PortError> {
        Ok(Self::HandOn { body: written(job)?, correlation_id })
    }

    /// A pointer to what is stored, for the other queue.
    ///
    /// # Errors
    /// When it does not serialise.
    pub fn other_job<T: Serialize>(job: &T, correlation_id: String) -> Result<Self, PortError> {
        Ok(Self::HandOnElsewhere { body: written(job)?, correlation_id })
    }
}

fn written<T: Serialize>(job: &T) -> Result<String, PortError> {
    serde_json::to_string(job)
        .map_err(|error| PortError::Unavailable { attempted: "write a job", reason: error.to_string().into() })
}

/// Receives one provider's webhooks.
pub struct Receiver<P> {
    provider: P,
    objects: Arc<dyn Objects>,
    jobs: Arc<dyn Jobs>,
    other_jobs: Arc<dyn Jobs>,
    clock: Arc<dyn Clock>,
    quarantine: Quarantine,
}

/// Why a webhook is not taken.
enum Refusal {
    TooLarge,
    Unverified(Unverified),
    Unreadable(Reason),
    Later(PortError),
}

impl From<PortError> for Refusal {
    fn from(error: PortError) -> Self {
        Self::Later(error)
    }
}

impl<P: Provider> Receiver<P> {
    /// With the bucket of the raw bytes and the queue of the pointers.
    #[must_use]
    pub fn new(provider: P, objects: Arc<dyn Objects>, jobs: Arc<dyn Jobs>, clock: Arc<dyn Clock>) -> Self {
        let quarantine = Quarantine::new(P::NAME, Arc::clone(&objects));
        Self { provider, objects, other_jobs: Arc::clone(&jobs), jobs, clock, quarantine }
    }

    /// With another queue, for what is not about the same kind of thing.
    #[must_use]
    pub fn with_other_jobs(self, other_jobs: Arc<dyn Jobs>) -> Self {
        Self { other_jobs, ..self }
    }

    /// The function.
    #[must_use]
    pub fn handler(self) -> Handler {
        let receiver = Arc::new(self);
        Arc::new(move |bytes: Bytes| {
            let receiver = Arc::clone(&receiver);
            Box::pin(async move { receiver.receive(HttpRequest::from_event(&bytes)?).await.into_answer() })
                as BoxFuture<'static, _>
        })
    }

    /// Answers one request.
    pub async fn receive(&self, request: HttpRequest) -> HttpResponse {
        let (status, origin, Reason { code, message }) = match self.take(&request).await {
            Ok(response) => return response,
            Err(Refusal::Later(error) | Refusal::Unverified(Unverified::Later(error))) => {
                tracing::error!(
                    provider = P::NAME,
                    code = error.code(),
                    error = %chain(&error),
                    "the webhook was not taken"
                );
                return HttpResponse::refusal(503, error.code(), "not taken; send it again");
            }
            Err(Refusal::TooLarge) => {
                let message = "the body is larger than 256 KiB".to_owned();
                (413, Origin::Anybody, Reason { code: "WEBHOOK_TOO_LARGE", message })
            }
            Err(Refusal::Unverified(Unverified::NotYet(reason))) => (503, Origin::Anybody, reason),
            Err(Refusal::Unverified(Unverified::Forged(reason))) => (401, Origin::Anybody, reason),
            Err(Refusal::Unreadable(reason)) => (400, Origin::Provider, reason),
        };
        match origin {
            Origin::Provider => {
                tracing::error!(provider = P::NAME, code, request = %request.id, "a genuine webhook cannot be used");
            }
            Origin::Anybody => {
                let bytes = request.body.len();
                tracing::warn!(provider = P::NAME, code, request = %request.id, bytes, "webhook refused");
            }
        }
        self.quarantine.keep(&request, origin, code, self.clock.now()).await;
        HttpResponse::refusal(status, code, &message)
    }

    async fn take(&self, request: &HttpRequest) -> Result<HttpResponse, Refusal> {
        if request.body.len() > BODY_BYTES_MAX {
            return Err(Refusal::TooLarge);
        }
        self.provider.verify(request).await.map_err(Refusal::Unverified)?;
        let webhook = self.provider.read(&request.body).map_err(Refusal::Unreadable)?;

        let digest = hex::encode(Sha256::digest(&request.body));
        let object = format!("webhooks/{}/{}/{digest}.json", P::NAME, self.clock.now().date());
        self.objects.put(&object, request.body.clone(), "application/json").await?;
        match self.provider.next(&webhook, Stored { object, digest })? {
            Next::HandOn { body, correlation_id } => self.jobs.send(body, &correlation_id).await?,
            Next::HandOnElsewhere { body, correlation_id } => self.other_jobs.send(body, &correlation_id).await?,
            Next::SetAside(code) => {
                // Its name is the provider's, yet it is not logged: whatever is not understood may hold anything.
                tracing::warn!(provider = P::NAME, code, request = %request.id, "a webhook was set aside");
                self.quarantine.keep(request, Origin::Provider, code, self.clock.now()).await;
            }
            Next::Nothing => {}
        }
        Ok(self.provider.acknowledge(&webhook).await?)
    }
}
