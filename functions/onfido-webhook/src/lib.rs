//! Receives the identity provider's webhooks: how runs stand, and that a monitor has found somebody.
//!
//! The provider sends again what was not answered with a 2xx. Duplicates are harmless: the first final result of a run stands, and
//! whoever a monitor has found is known from then on.

#[cfg(test)]
mod tests;

use std::sync::Arc;

use app::ports::PortError;
use async_trait::async_trait;
use aws::{S3Objects, SdkClock, SqsJobs};
use contracts::jobs::{ApplyIdentityResult, ReviewMonitor};
use lambda_kit::{
    Env, Function, FunctionError,
    http_event::HttpRequest,
    webhook::{Next, Provider, Reason, Receiver, Stored, Unverified},
};
use providers::onfido::{Event, SIGNATURE_HEADER, Webhook, WebhookTokens};
use secrecy::SecretString;

/// See the module.
pub const FUNCTION: Function = Function {
    name: "onfido-webhook",
    init: |config, env| Box::pin(async move { Ok(connect(&config, &env)?.handler()) }),
};

const UNKNOWN_KIND: &str = "UNKNOWN_KIND";

struct Onfido {
    tokens: WebhookTokens,
}

fn connect(config: &aws_types::SdkConfig, env: &Env) -> Result<Receiver<Onfido>, FunctionError> {
    let tokens = SecretString::from(env.get("ONFIDO_WEBHOOK_TOKENS")?);
    let tokens = WebhookTokens::from_text(&tokens).map_err(|error| FunctionError::new("Configuration", error))?;
    let queues = aws_sdk_sqs::Client::new(config);
    let (results, monitors) = (env.get("APPLY_IDENTITY_RESULT_QUEUE_URL")?, env.get("REVIEW_MONITOR_QUEUE_URL")?);
    let receiver = Receiver::new(
        Onfido { tokens },
        Arc::new(S3Objects::new(aws_sdk_s3::Client::new(config), env.get("RAW_BUCKET")?)),
        Arc::new(SqsJobs::new(queues.clone(), results)),
        Arc::new(SdkClock::new(config)),
    );
    Ok(receiver.with_other_jobs(Arc::new(SqsJobs::new(queues, monitors))))
}

#[async_trait]
impl Provider for Onfido {
    type Webhook = Webhook;

    const NAME: &'static str = "onfido";

    async fn verify(&self, request: &HttpRequest) -> Result<(), Unverified> {
        let signature = request.header(SIGNATURE_HEADER).unwrap_or_default();
        self.tokens.verify(&request.body, signature).map_err(|error| Unverified::Forged(error.into()))
    }

    fn read(&self, body: &[u8]) -> Result<Webhook, Reason> {
        Ok(Webhook::parse(body)?)
    }

    fn next(&self, webhook: &Webhook, stored: Stored) -> Result<Next, PortError> {
        let news = match &webhook.event {
            Event::Run(news) => news,
            Event::MonitorMatches { monitor } => {
                let correlation_id = format!("onfido:{monitor}");
                let job = ReviewMonitor { object: stored.object, correlation_id: correlation_id.clone() };
                return Next::other_job(&job, correlation_id);
            }
            Event::Unneeded { .. } => return Ok(Next::Nothing),
            Event::Unknown { .. } => return Ok(Next::SetAside(UNKNOWN_KIND)),
        };
        let correlation_id = format!("onfido:{}", news.run);
        Next::job(
            &ApplyIdentityResult { object: stored.object, correlation_id: correlation_id.clone() },
            correlation_id,
        )
    }
}
