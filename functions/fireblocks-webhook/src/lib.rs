//! Receives the custodian's webhooks: verifies, stores, hands on a pointer.
//!
//! The signature is checked over the raw bytes, with the key that it names, before anything is read; nothing is answered before
//! the bytes are safe. The pool of published keys is fetched when a signature names a key that is not known yet.

use std::sync::Arc;

use app::ports::{Clock, Jobs, Objects, PortError};
use aws::{S3Objects, SdkClock, SqsJobs};
use bytes::Bytes;
use contracts::jobs::SettleCryptoDeposit;
use domain::error::Classify as _;
use futures::future::BoxFuture;
use lambda_kit::{
    Env, Function, FunctionError, Handler,
    http_event::{HttpRequest, HttpResponse},
    jwks::KeyRing,
    quarantine::{Origin, Quarantine},
    sqs::chain,
};
use providers::fireblocks::{DetachedJws, Event, SIGNATURE_HEADER, SignatureError, Webhook, WebhookError};
use sha2::{Digest as _, Sha256};

/// See the module.
pub const FUNCTION: Function = Function {
    name: "fireblocks-webhook",
    init: |config, env| {
        Box::pin(async move {
            let receiver = Arc::new(Receiver::connect(&config, &env)?);
            Ok(Arc::new(move |bytes: Bytes| {
                let receiver = Arc::clone(&receiver);
                Box::pin(async move { receiver.receive(HttpRequest::from_event(&bytes)?).await.into_answer() })
                    as BoxFuture<'static, _>
            }) as Handler)
        })
    },
};

/// The largest webhook that is read. A transaction with all its network records stays far below it.
const BODY_BYTES_MAX: usize = 256 * 1024;

struct Receiver {
    keys: KeyRing,
    objects: Arc<dyn Objects>,
    jobs: Arc<dyn Jobs>,
    clock: Arc<dyn Clock>,
    quarantine: Quarantine,
}

/// Why a webhook is not taken.
enum Refusal {
    TooLarge,
    Unsigned(SignatureError),
    Unreadable(WebhookError),
    Later(PortError),
}

impl From<PortError> for Refusal {
    fn from(error: PortError) -> Self {
        Self::Later(error)
    }
}

impl Receiver {
    fn connect(config: &aws_types::SdkConfig, env: &Env) -> Result<Self, FunctionError> {
        let clock: Arc<dyn Clock> = Arc::new(SdkClock::new(config));
        let objects: Arc<dyn Objects> =
            Arc::new(S3Objects::new(aws_sdk_s3::Client::new(config), env.get("RAW_BUCKET")?));
        let queue = env.get("SETTLE_CRYPTO_DEPOSIT_QUEUE_URL")?;
        Ok(Self {
            keys: KeyRing::connect(config, env.get("FIREBLOCKS_JWKS_URL")?, Arc::clone(&clock))?,
            jobs: Arc::new(SqsJobs::new(aws_sdk_sqs::Client::new(config), queue)),
            clock,
            quarantine: Quarantine::new("fireblocks", Arc::clone(&objects)),
            objects,
        })
    }

    async fn receive(&self, request: HttpRequest) -> HttpResponse {
        let refusal = match self.take(&request).await {
            Ok(()) => return HttpResponse::new(200, "application/json", "{}"),
            Err(refusal) => refusal,
        };
        let (status, code, message) = match &refusal {
            Refusal::TooLarge => (413, "WEBHOOK_TOO_LARGE", "the body is larger than 256 KiB".to_owned()),
            // The custodian sends again what is answered with a 5xx, and never what is answered with a 4xx: a key that was
            // published after we last looked must not cost a webhook.
            Refusal::Unsigned(error @ SignatureError::UnknownKey) => (503, error.code(), error.to_string()),
            Refusal::Unsigned(error) => (401, error.code(), error.to_string()),
            Refusal::Unreadable(error) => (400, error.code(), error.to_string()),
            Refusal::Later(error) => {
                tracing::error!(code = error.code(), error = %chain(error), "the webhook was not taken");
                return HttpResponse::refusal(503, error.code(), "not taken; send it again");
            }
        };
        let origin = match refusal {
            Refusal::Unreadable(_) => {
                tracing::error!(code, request = %request.id, "the custodian's own webhook cannot be used");
                Origin::Provider
            }
            Refusal::TooLarge | Refusal::Unsigned(_) | Refusal::Later(_) => {
                tracing::warn!(code, request = %request.id, bytes = request.body.len(), "webhook refused");
                Origin::Anybody
            }
        };
        self.quarantine.keep(&request, origin, code, self.clock.now()).await;
        HttpResponse::refusal(status, code, &message)
    }

    async fn take(&self, request: &HttpRequest) -> Result<(), Refusal> {
        if request.body.len() > BODY_BYTES_MAX {
            return Err(Refusal::TooLarge);
        }
        let signature = DetachedJws::parse(request.header(SIGNATURE_HEADER).unwrap_or_default());
        let signature = signature.map_err(Refusal::Unsigned)?;
        let key = self.keys.find(signature.key_id()).await?.ok_or(Refusal::Unsigned(SignatureError::UnknownKey))?;
        signature.verify(&request.body, &key).map_err(Refusal::Unsigned)?;
        let webhook = Webhook::parse(&request.body).map_err(Refusal::Unreadable)?;

        let digest = hex::encode(Sha256::digest(&request.body));
        let object = format!("webhooks/fireblocks/{}/{digest}.json", self.clock.now().date());
        self.objects.put(&object, request.body.clone(), "application/json").await?;
        let about = match webhook.event {
            Event::Transaction { id } => id,
            // It may be about money: it is handed on like a transaction, and set aside there for a person.
            Event::Unknown { .. } => webhook.id,
            Event::Unneeded { .. } => return Ok(()),
        };
        let correlation_id = format!("fireblocks:{about}");
        let job = SettleCryptoDeposit { object, correlation_id: correlation_id.clone() };
        let body = serde_json::to_string(&job)
            .map_err(|error| PortError::Unavailable { attempted: "write a job", reason: error.to_string().into() })?;
        self.jobs.send(body, &correlation_id).await?;
        Ok(())
    }
}

#[cfg(test)]
mod tests;
