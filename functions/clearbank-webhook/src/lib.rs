//! Receives the bank's webhooks, and answers with the signed nonce.
//!
//! The bank sends again until it has our signed nonce. Duplicates are harmless: what follows is booked under the bank's own
//! transaction id.

use std::sync::Arc;

use app::ports::{PortError, Signer};
use async_trait::async_trait;
use aws::{KmsSigner, S3Objects, SdkClock, SqsJobs};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use contracts::jobs::SettleDeposit;
use lambda_kit::{
    Env, Function, FunctionError,
    http_event::{HttpRequest, HttpResponse},
    webhook::{Next, Provider, Reason, Receiver, Stored, Unverified},
};
use providers::clearbank::{Keys, SIGNATURE_HEADER, Webhook, WebhookKind, reply_body};

/// See the module.
pub const FUNCTION: Function = Function {
    name: "clearbank-webhook",
    init: |config, env| Box::pin(async move { Ok(connect(&config, &env)?.handler()) }),
};

struct ClearBank {
    keys: Keys,
    signer: Arc<dyn Signer>,
}

fn connect(config: &aws_types::SdkConfig, env: &Env) -> Result<Receiver<ClearBank>, FunctionError> {
    let keys = Keys::from_pem(env.get("CLEARBANK_PUBLIC_KEYS")?)
        .map_err(|error| FunctionError::new("Configuration", error))?;
    let signer = Arc::new(KmsSigner::new(aws_sdk_kms::Client::new(config), env.get("REPLY_KEY_ID")?));
    let queue = env.get("SETTLE_DEPOSIT_QUEUE_URL")?;
    Ok(Receiver::new(
        ClearBank { keys, signer },
        Arc::new(S3Objects::new(aws_sdk_s3::Client::new(config), env.get("RAW_BUCKET")?)),
        Arc::new(SqsJobs::new(aws_sdk_sqs::Client::new(config), queue)),
        Arc::new(SdkClock::new(config)),
    ))
}

#[async_trait]
impl Provider for ClearBank {
    type Webhook = Webhook;

    const NAME: &'static str = "clearbank";

    async fn verify(&self, request: &HttpRequest) -> Result<(), Unverified> {
        let signature = request.header(SIGNATURE_HEADER).unwrap_or_default();
        self.keys.verify(&request.body, signature).map_err(|error| Unverified::Forged(error.into()))
    }

    fn read(&self, body: &[u8]) -> Result<Webhook, Reason> {
        Ok(Webhook::parse(body)?)
    }

    /// A kind that nobody here knows may be about money: it is handed on like a payment, and set aside there for a person.
    fn next(&self, webhook: &Webhook, stored: Stored) -> Result<Next, PortError> {
        let about = match webhook.kind {
            WebhookKind::Test => return Ok(Next::Nothing),
            _ => webhook.payment().map_or(stored.digest, |payment| payment.transaction_id.to_string()),
        };
        let correlation_id = format!("clearbank:{about}");
        Next::job(&SettleDeposit { object: stored.object, correlation_id: correlation_id.clone() }, correlation_id)
    }

    async fn acknowledge(&self, webhook: &Webhook) -> Result<HttpResponse, PortError> {
        let reply = reply_body(&webhook.nonce);
        let signature = STANDARD.encode(self.signer.sign(&reply).await?);
        let reply = String::from_utf8_lossy(&reply).into_owned();
        Ok(HttpResponse::new(200, "application/json", reply).with_header("DigitalSignature", signature))
    }
}
