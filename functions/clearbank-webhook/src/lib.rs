//! Receives the bank's webhooks: verify, store, publish, and only then answer with the signed nonce.
//!
//! The bank sends again until it has our signed nonce, so whatever fails after the verification answers 5xx. Duplicates are
//! harmless: the same bytes go under the same key, and what follows is booked under the bank's own transaction id.

use std::sync::Arc;

use app::ports::{Clock, Jobs, Objects, PortError, Signer};
use aws::{KmsSigner, S3Objects, SdkClock, SqsJobs};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use bytes::Bytes;
use contracts::jobs::SettleDeposit;
use domain::error::Classify as _;
use futures::future::BoxFuture;
use lambda_kit::{
    Env, Function, FunctionError, Handler,
    http_event::{HttpRequest, HttpResponse},
    quarantine::{Origin, Quarantine},
    sqs::chain,
};
use providers::clearbank::{Keys, SIGNATURE_HEADER, Webhook, WebhookError, WebhookKind, reply_body};
use sha2::{Digest as _, Sha256};

/// See the module.
pub const FUNCTION: Function = Function {
    name: "clearbank-webhook",
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

/// The largest webhook that is read. The bank's longest, with an ISO 20022 document, stay under half of it.
const BODY_BYTES_MAX: usize = 256 * 1024;

struct Receiver {
    keys: Keys,
    objects: Arc<dyn Objects>,
    jobs: Arc<dyn Jobs>,
    signer: Arc<dyn Signer>,
    clock: Arc<dyn Clock>,
    quarantine: Quarantine,
}

/// Why a webhook is not taken.
enum Refusal {
    TooLarge,
    Unsigned(providers::clearbank::SignatureError),
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
        let keys = Keys::from_pem(env.get("CLEARBANK_PUBLIC_KEYS")?)
            .map_err(|error| FunctionError::new("Configuration", error))?;
        let objects: Arc<dyn Objects> =
            Arc::new(S3Objects::new(aws_sdk_s3::Client::new(config), env.get("RAW_BUCKET")?));
        Ok(Self {
            keys,
            jobs: Arc::new(SqsJobs::new(aws_sdk_sqs::Client::new(config), env.get("SETTLE_DEPOSIT_QUEUE_URL")?)),
            signer: Arc::new(KmsSigner::new(aws_sdk_kms::Client::new(config), env.get("REPLY_KEY_ID")?)),
            clock: Arc::new(SdkClock::new(config)),
            quarantine: Quarantine::new("clearbank", Arc::clone(&objects)),
            objects,
        })
    }

    async fn receive(&self, request: HttpRequest) -> HttpResponse {
        let refusal = match self.take(&request).await {
            Ok(response) => return response,
            Err(refusal) => refusal,
        };
        let (status, code, message) = match &refusal {
            Refusal::TooLarge => (413, "WEBHOOK_TOO_LARGE", "the body is larger than 256 KiB".to_owned()),
            Refusal::Unsigned(error) => (401, error.code(), error.to_string()),
            Refusal::Unreadable(error) => (400, error.code(), error.to_string()),
            Refusal::Later(error) => {
                tracing::error!(code = error.code(), error = %chain(error), "the webhook was not taken");
                return HttpResponse::refusal(503, error.code(), "not taken; send it again");
            }
        };
        let origin = match refusal {
            Refusal::Unreadable(_) => {
                tracing::error!(code, request = %request.id, "the bank's own webhook cannot be used");
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

    async fn take(&self, request: &HttpRequest) -> Result<HttpResponse, Refusal> {
        if request.body.len() > BODY_BYTES_MAX {
            return Err(Refusal::TooLarge);
        }
        let signature = request.header(SIGNATURE_HEADER).unwrap_or_default();
        self.keys.verify(&request.body, signature).map_err(Refusal::Unsigned)?;
        let webhook = Webhook::parse(&request.body).map_err(Refusal::Unreadable)?;

        let digest = hex::encode(Sha256::digest(&request.body));
        let object = format!("webhooks/clearbank/{}/{digest}.json", self.clock.now().date());
        self.objects.put(&object, request.body.clone(), "application/json").await?;
        // A kind that nobody here knows may be about money: it is handed on like a payment, and set aside there for a person.
        let correlation_id = match webhook.kind {
            WebhookKind::Test => None,
            _ => Some(webhook.payment().map_or(digest, |payment| payment.transaction_id.to_string())),
        };
        if let Some(correlation_id) = correlation_id {
            let correlation_id = format!("clearbank:{correlation_id}");
            let job = SettleDeposit { object, correlation_id: correlation_id.clone() };
            let body = serde_json::to_string(&job).map_err(|error| PortError::Unavailable {
                attempted: "write a job",
                reason: error.to_string().into(),
            })?;
            self.jobs.send(body, &correlation_id).await?;
        }

        let reply = reply_body(&webhook.nonce);
        let signature = STANDARD.encode(self.signer.sign(&reply).await?);
        let reply = String::from_utf8_lossy(&reply).into_owned();
        Ok(HttpResponse::new(200, "application/json", reply).with_header("DigitalSignature", signature))
    }
}
