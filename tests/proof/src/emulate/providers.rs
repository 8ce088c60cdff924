//! The simulated providers on a socket, as the emulator's functions reach them, and their way to the bank's door.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use async_trait::async_trait;
use axum::{Router, extract::State, http};
use simulators::{
    clearbank::{self, ReplyKey},
    delivery::Deliver,
    fireblocks, onfido, screening,
};
use time::OffsetDateTime;
use tokio::{net::TcpListener, task::JoinHandle};

use super::stack::failed;
use crate::Failed;

/// How often what is due is looked for.
const LOOK_EVERY: Duration = Duration::from_millis(200);

/// All of them.
pub struct Providers {
    pub clearbank: clearbank::Bank,
    pub onfido: onfido::Onfido,
    pub fireblocks: fireblocks::Fireblocks,
    pub screening: screening::Screening,
    url: String,
    served: JoinHandle<()>,
}

/// The bank's time is real time here.
pub fn now_ms() -> i64 {
    i64::try_from(OffsetDateTime::now_utc().unix_timestamp_nanos() / 1_000_000).unwrap()
}

impl Providers {
    /// Opens them with nothing remembered, and serves those that the bank calls.
    pub async fn serve() -> Result<Arc<Self>, Failed> {
        let listener = TcpListener::bind("127.0.0.1:0").await.map_err(failed("listen"))?;
        let url = format!("http://{}", listener.local_addr().map_err(failed("listen"))?);
        let clearbank = clearbank::Bank::open(None).map_err(failed("open ClearBank"))?;
        let onfido = onfido::Onfido::open(None).map_err(failed("open Onfido"))?;
        let fireblocks = fireblocks::Fireblocks::open(None).map_err(failed("open Fireblocks"))?;
        let screening = screening::Screening::open(None).map_err(failed("open the screening provider"))?;
        Ok(Arc::new_cyclic(|providers| {
            let router = Router::new().fallback(answer).with_state(providers.clone());
            let served = tokio::spawn(async move {
                let _ended = axum::serve(listener, router).await;
            });
            Self { clearbank, onfido, fireblocks, screening, url, served }
        }))
    }

    /// What the deployment says of them.
    pub fn parameters(&self) -> BTreeMap<String, String> {
        let parameters = [
            ("ClearBankPublicKeys", self.clearbank.public_key_pem().to_owned()),
            ("OnfidoApiUrl", format!("{}/onfido/v3.6", self.url)),
            ("OnfidoApiToken", self.onfido.api_token().to_owned()),
            ("OnfidoWorkflowId", self.onfido.workflow_id().to_string()),
            ("OnfidoWebhookTokens", self.onfido.webhook_token().to_owned()),
            ("ScreeningApiUrl", format!("{}/screening", self.url)),
            ("ScreeningApiKey", self.screening.api_key().to_owned()),
            ("FireblocksApiUrl", format!("{}/fireblocks", self.url)),
            ("FireblocksApiKey", self.fireblocks.api_key().to_owned()),
            ("FireblocksJwksUrl", format!("{}/fireblocks/keys", self.url)),
        ];
        parameters.map(|(name, value)| (name.to_owned(), value)).into()
    }

    /// Sends webhooks again, and lets chains grow, as long as the endpoints are used.
    pub fn work(self: &Arc<Self>, ways: &Arc<Ways>) -> JoinHandle<()> {
        let (providers, ways) = (Arc::clone(self), Arc::clone(ways));
        tokio::spawn(async move {
            loop {
                let _nothing_due = providers.clearbank.deliver_due(now_ms(), &ways.clearbank).await;
                let _nothing_due = providers.onfido.deliver_due(now_ms(), &ways.onfido).await;
                let _nothing_due = providers.fireblocks.deliver_due(now_ms(), &ways.fireblocks).await;
                tokio::time::sleep(LOOK_EVERY).await;
            }
        })
    }
}

impl Drop for Providers {
    fn drop(&mut self) {
        self.served.abort();
    }
}

async fn answer(
    State(providers): State<std::sync::Weak<Providers>>,
    request: http::Request<axum::body::Body>,
) -> http::Response<axum::body::Body> {
    let refused = |status: u16| {
        let mut response = http::Response::new(axum::body::Body::empty());
        *response.status_mut() = http::StatusCode::from_u16(status).unwrap();
        response
    };
    let Some(providers) = providers.upgrade() else { return refused(502) };
    let (parts, body) = request.into_parts();
    let Ok(body) = axum::body::to_bytes(body, usize::MAX).await else { return refused(400) };
    let request = http::Request::from_parts(parts, body);
    let answer = if request.uri().path().starts_with("/onfido/") {
        providers.onfido.handle(request, now_ms()).await
    } else if request.uri().path().starts_with("/fireblocks/") {
        providers.fireblocks.handle(request, now_ms()).await
    } else if request.uri().path().starts_with("/screening/") {
        providers.screening.handle(request, now_ms()).await
    } else {
        return refused(502);
    };
    answer.map(axum::body::Body::from)
}

/// Where each provider's webhooks go.
pub struct Ways {
    pub clearbank: clearbank::Endpoint,
    pub onfido: onfido::Endpoint,
    pub fireblocks: fireblocks::Endpoint,
}

impl Ways {
    /// All through one door; the bank partner checks our answers with this key.
    pub fn through(door: &Arc<dyn Deliver>, reply_key: Vec<u8>) -> Self {
        let deliver = || Arc::clone(door);
        Self {
            clearbank: clearbank::Endpoint {
                path: "/webhooks/clearbank".to_owned(),
                deliver: deliver(),
                reply_key: Arc::new(HandedOver(reply_key)),
            },
            onfido: onfido::Endpoint { path: "/webhooks/onfido".to_owned(), deliver: deliver() },
            fireblocks: fireblocks::Endpoint { path: "/webhooks/fireblocks".to_owned(), deliver: deliver() },
        }
    }
}

/// Our public key as the bank partner has it.
struct HandedOver(Vec<u8>);

#[async_trait]
impl ReplyKey for HandedOver {
    async fn public_key_der(&self) -> Option<Vec<u8>> {
        Some(self.0.clone())
    }
}
