//! Receives the custodian's webhooks.
//!
//! The signature is checked with the key that it names; the pool of published keys is fetched when a signature names a key that is
//! not known yet. Duplicates are harmless: what follows asks the custodian itself.

use std::sync::Arc;

use app::ports::{Clock, PortError};
use async_trait::async_trait;
use aws::{S3Objects, SdkClock, SqsJobs};
use contracts::jobs::SettleCryptoDeposit;
use lambda_kit::{
    Env, Function, FunctionError,
    http_event::HttpRequest,
    jwks::KeyRing,
    webhook::{Next, Provider, Reason, Receiver, Stored, Unverified},
};
use providers::fireblocks::{DetachedJws, Event, SIGNATURE_HEADER, SignatureError, Webhook};

/// See the module.
pub const FUNCTION: Function = Function {
    name: "fireblocks-webhook",
    init: |config, env| Box::pin(async move { Ok(connect(&config, &env)?.handler()) }),
};

struct Custodian {
    keys: KeyRing,
}

fn connect(config: &aws_types::SdkConfig, env: &Env) -> Result<Receiver<Custodian>, FunctionError> {
    let clock: Arc<dyn Clock> = Arc::new(SdkClock::new(config));
    let keys = KeyRing::connect(config, env.get("FIREBLOCKS_JWKS_URL")?, Arc::clone(&clock))?;
    let queue = env.get("SETTLE_CRYPTO_DEPOSIT_QUEUE_URL")?;
    Ok(Receiver::new(
        Custodian { keys },
        Arc::new(S3Objects::new(aws_sdk_s3::Client::new(config), env.get("RAW_BUCKET")?)),
        Arc::new(SqsJobs::new(aws_sdk_sqs::Client::new(config), queue)),
        clock,
    ))
}

#[async_trait]
impl Provider for Custodian {
    type Webhook = Webhook;

    const NAME: &'static str = "fireblocks";

    async fn verify(&self, request: &HttpRequest) -> Result<(), Unverified> {
        let forged = |error: SignatureError| Unverified::Forged(error.into());
        let signature = DetachedJws::parse(request.header(SIGNATURE_HEADER).unwrap_or_default()).map_err(forged)?;
        let key = self.keys.find(signature.key_id()).await.map_err(Unverified::Later)?;
        // The custodian sends again what is answered with a 5xx, and never what is answered with a 4xx: a key that was
        // published after we last looked must not cost a webhook.
        let key = key.ok_or_else(|| Unverified::NotYet(SignatureError::UnknownKey.into()))?;
        signature.verify(&request.body, &key).map_err(forged)
    }

    fn read(&self, body: &[u8]) -> Result<Webhook, Reason> {
        Ok(Webhook::parse(body)?)
    }

    fn next(&self, webhook: &Webhook, stored: Stored) -> Result<Next, PortError> {
        let about = match webhook.event {
            Event::Transaction { id } => id,
            // It may be about money: it is handed on like a transaction, and set aside there for a person.
            Event::Unknown { .. } => webhook.id,
            Event::Unneeded { .. } => return Ok(Next::Nothing),
        };
        let correlation_id = format!("fireblocks:{about}");
        Next::job(
            &SettleCryptoDeposit { object: stored.object, correlation_id: correlation_id.clone() },
            correlation_id,
        )
    }
}

#[cfg(test)]
mod tests;
