//! Receives the identity provider's webhooks: verify, store, publish, and only then answer.
//!
//! The provider sends again what was not answered with a 2xx, so whatever fails after the verification answers 5xx. Duplicates are
//! harmless: the same bytes go under the same key, and the first final result of a run stands.

#[cfg(test)]
mod tests;

use std::sync::Arc;

use app::ports::{Clock, Jobs, Objects, PortError};
use aws::{S3Objects, SdkClock, SqsJobs};
use bytes::Bytes;
use contracts::jobs::ApplyIdentityResult;
use domain::error::Classify as _;
use futures::future::BoxFuture;
use lambda_kit::{
    Env, Function, FunctionError, Handler,
    http_event::{HttpRequest, HttpResponse},
    quarantine::{Origin, Quarantine},
    sqs::chain,
};
use providers::onfido::{Event, RunNews, SIGNATURE_HEADER, SignatureError, Webhook, WebhookError, WebhookTokens};
use secrecy::SecretString;
use sha2::{Digest as _, Sha256};

/// See the module.
pub const FUNCTION: Function = Function {
    name: "onfido-webhook",
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

/// The largest webhook that is read.
const BODY_BYTES_MAX: usize = 256 * 1024;
const UNKNOWN_KIND: &str = "UNKNOWN_KIND";

struct Receiver {
    tokens: WebhookTokens,
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
        let tokens = SecretString::from(env.get("ONFIDO_WEBHOOK_TOKENS")?);
        let tokens = WebhookTokens::from_text(&tokens).map_err(|error| FunctionError::new("Configuration", error))?;
        let objects: Arc<dyn Objects> =
            Arc::new(S3Objects::new(aws_sdk_s3::Client::new(config), env.get("RAW_BUCKET")?));
        let queue = env.get("APPLY_IDENTITY_RESULT_QUEUE_URL")?;
        Ok(Self {
            tokens,
            jobs: Arc::new(SqsJobs::new(aws_sdk_sqs::Client::new(config), queue)),
            clock: Arc::new(SdkClock::new(config)),
            quarantine: Quarantine::new("onfido", Arc::clone(&objects)),
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
            Refusal::Unsigned(error) => (401, error.code(), error.to_string()),
            Refusal::Unreadable(error) => (400, error.code(), error.to_string()),
            Refusal::Later(error) => {
                tracing::error!(code = error.code(), error = %chain(error), "the webhook was not taken");
                return HttpResponse::refusal(503, error.code(), "not taken; send it again");
            }
        };
        let origin = match refusal {
            Refusal::Unreadable(_) => {
                tracing::error!(code, request = %request.id, "the identity provider's own webhook cannot be used");
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
        let signature = request.header(SIGNATURE_HEADER).unwrap_or_default();
        self.tokens.verify(&request.body, signature).map_err(Refusal::Unsigned)?;
        let webhook = Webhook::parse(&request.body).map_err(Refusal::Unreadable)?;

        let digest = hex::encode(Sha256::digest(&request.body));
        let object = format!("webhooks/onfido/{}/{digest}.json", self.clock.now().date());
        self.objects.put(&object, request.body.clone(), "application/json").await?;
        match webhook.event {
            Event::Run(news) => self.publish(object, &news).await?,
            Event::Unneeded { .. } => {}
            Event::Unknown { .. } => {
                // Its name is the provider's, yet it is not logged: whatever is not understood may hold anything.
                tracing::warn!(code = UNKNOWN_KIND, object, "a webhook of an unknown kind was set aside");
                self.quarantine.keep(request, Origin::Provider, UNKNOWN_KIND, self.clock.now()).await;
            }
        }
        Ok(())
    }

    async fn publish(&self, object: String, news: &RunNews) -> Result<(), PortError> {
        let correlation_id = format!("onfido:{}", news.run);
        let job = ApplyIdentityResult { object, correlation_id: correlation_id.clone() };
        let body = serde_json::to_string(&job)
            .map_err(|error| PortError::Unavailable { attempted: "write a job", reason: error.to_string().into() })?;
        self.jobs.send(body, &correlation_id).await
    }
}
