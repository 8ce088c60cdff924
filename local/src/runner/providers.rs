//! The simulated providers: opened first, as the template's parameters name their addresses and secrets, and connected last,
//! as they deliver to the bank's own door.

use std::{collections::BTreeMap, path::Path, sync::Arc};

use bytes::Bytes;
use simulators::{clearbank, fireblocks, onfido, screening};

use super::{
    Edge, RunnerError,
    options::Options,
    outside::{BankReplyKey, WebhookDoor},
};
use crate::{dev, engine::clock::Clock, services::Aws, template::Plan};

/// Where the identity provider answers, below the public address.
const ONFIDO: &str = "/sim/onfido";
/// Where the custodian answers, below the public address.
const FIREBLOCKS: &str = "/sim/fireblocks";
/// Where the screening provider answers, below the public address.
const SCREENING: &str = "/sim/screening";

/// The providers by themselves.
#[derive(Clone)]
pub struct Simulators {
    clearbank: Arc<clearbank::Bank>,
    onfido: Arc<onfido::Onfido>,
    fireblocks: Arc<fireblocks::Fireblocks>,
    screening: Arc<screening::Screening>,
    clock: Arc<dyn Clock>,
}

impl Simulators {
    /// Opens what they remember.
    ///
    /// # Errors
    /// When any of it cannot be read.
    pub fn open(options: &Options) -> Result<Self, RunnerError> {
        let data: Option<&Path> = options.data.as_deref();
        let (clearbank, fireblocks) = match &options.keys {
            Some(keys) => (
                clearbank::Bank::with_key(&keys.clearbank, data),
                fireblocks::Fireblocks::with_key(&keys.custodian, data),
            ),
            None => (clearbank::Bank::open(data), fireblocks::Fireblocks::open(data)),
        };
        Ok(Self {
            clearbank: Arc::new(clearbank.map_err(RunnerError::simulator)?),
            onfido: Arc::new(onfido::Onfido::open(data).map_err(RunnerError::simulator)?),
            fireblocks: Arc::new(fireblocks.map_err(RunnerError::simulator)?),
            screening: Arc::new(screening::Screening::open(data).map_err(RunnerError::simulator)?),
            clock: Arc::clone(&options.clock),
        })
    }

    /// What a deployment would say of them.
    #[must_use]
    pub fn parameters(&self, public_url: &str) -> BTreeMap<String, String> {
        let parameters = [
            ("ClearBankPublicKeys", self.clearbank.public_key_pem().to_owned()),
            ("OnfidoApiUrl", format!("{public_url}{ONFIDO}/v3.6")),
            ("OnfidoApiToken", self.onfido.api_token().to_owned()),
            ("OnfidoWorkflowId", self.onfido.workflow_id().to_string()),
            ("OnfidoWebhookTokens", self.onfido.webhook_token().to_owned()),
            ("FireblocksApiUrl", format!("{public_url}{FIREBLOCKS}")),
            ("FireblocksApiKey", self.fireblocks.api_key().to_owned()),
            ("FireblocksJwksUrl", format!("{public_url}{FIREBLOCKS}/keys")),
            ("ScreeningApiUrl", format!("{public_url}{SCREENING}")),
            ("ScreeningApiKey", self.screening.api_key().to_owned()),
        ];
        parameters.map(|(name, value)| (name.to_owned(), value)).into()
    }

    /// Answers a request to one of their addresses; `None`: it is to none of them.
    pub async fn answer(&self, request: http::Request<Bytes>) -> Option<http::Response<Bytes>> {
        let path = request.uri().path();
        let below = |prefix: &str| path.strip_prefix(prefix).is_some_and(|rest| rest.starts_with('/'));
        let (to_onfido, to_fireblocks, to_screening) = (below(ONFIDO), below(FIREBLOCKS), below(SCREENING));
        let now_ms = self.clock.now_ms();
        if to_onfido {
            Some(self.onfido.handle(request, now_ms).await)
        } else if to_fireblocks {
            Some(self.fireblocks.handle(request, now_ms).await)
        } else if to_screening {
            Some(self.screening.handle(request, now_ms).await)
        } else {
            None
        }
    }

    /// Shows them the way to the bank's door, and hands over its public keys.
    ///
    /// # Errors
    /// When the template lacks a key.
    pub fn connect(&self, aws: &Arc<Aws>, plan: &Plan, edge: &Edge) -> Result<Providers, RunnerError> {
        let key = |name: &'static str, absent| {
            Ok::<_, RunnerError>(plan.key(name).ok_or(RunnerError::Absent(absent))?.id.clone())
        };
        let reply_key = key("WebhookReplyKey", "key WebhookReplyKey")?;
        let request_key = key("CustodianRequestKey", "key CustodianRequestKey")?;
        let request_key = aws.kms.public_key_der(&request_key)?;
        self.fireblocks.register(&request_key);

        let door = Arc::new(WebhookDoor(edge.clone()));
        let clock = &self.clock;
        Ok(Providers {
            clearbank: Arc::new(dev::ClearBank {
                bank: Arc::clone(&self.clearbank),
                endpoint: clearbank::Endpoint {
                    path: "/webhooks/clearbank".to_owned(),
                    deliver: Arc::clone(&door) as _,
                    reply_key: Arc::new(BankReplyKey { aws: Arc::clone(aws), key: reply_key }),
                },
                clock: Arc::clone(clock),
            }),
            onfido: dev::OnfidoDoor {
                provider: Arc::clone(&self.onfido),
                endpoint: onfido::Endpoint { path: "/webhooks/onfido".to_owned(), deliver: Arc::clone(&door) as _ },
                clock: Arc::clone(clock),
            },
            fireblocks: dev::FireblocksDoor {
                custodian: Arc::clone(&self.fireblocks),
                endpoint: fireblocks::Endpoint { path: "/webhooks/fireblocks".to_owned(), deliver: door },
                clock: Arc::clone(clock),
            },
            screening: dev::ScreeningDoor { provider: Arc::clone(&self.screening), clock: Arc::clone(clock) },
            mail: dev::MailDoor(Arc::clone(aws)),
        })
    }
}

/// The providers with their way to the bank's door.
pub struct Providers {
    /// The bank partner.
    pub clearbank: Arc<dev::ClearBank>,
    /// The identity provider.
    pub onfido: dev::OnfidoDoor,
    /// The custodian.
    pub fireblocks: dev::FireblocksDoor,
    /// The screening provider.
    pub screening: dev::ScreeningDoor,
    /// Who delivers mails.
    pub mail: dev::MailDoor,
}

impl Providers {
    /// Their switches, on a laptop.
    #[must_use]
    pub fn doors(&self, clock: Arc<dyn dev::ClockHands>) -> dev::Doors {
        let payments = Arc::clone(&self.clearbank) as _;
        let (identity, custody, screening) = (self.onfido.clone(), self.fireblocks.clone(), self.screening.clone());
        let mail = self.mail.clone();
        dev::Doors { payments, identity, custody, screening, mail, clock }
    }

    /// Lets each do what is due; answers whether anything was.
    ///
    /// # Errors
    /// When one of them fails.
    pub async fn deliver_due(&self, now_ms: i64) -> Result<bool, RunnerError> {
        let clearbank = self.clearbank.bank.deliver_due(now_ms, &self.clearbank.endpoint).await;
        let onfido = self.onfido.provider.deliver_due(now_ms, &self.onfido.endpoint).await;
        let fireblocks = self.fireblocks.custodian.deliver_due(now_ms, &self.fireblocks.endpoint).await;
        let quiet = clearbank.map_err(RunnerError::simulator)?.is_empty()
            & onfido.map_err(RunnerError::simulator)?.is_empty()
            & fireblocks.map_err(RunnerError::simulator)?.is_empty();
        Ok(!quiet)
    }

    /// When any of them has something to do next.
    #[must_use]
    pub fn next_due_ms(&self) -> [Option<i64>; 3] {
        [self.clearbank.bank.next_due_ms(), self.onfido.provider.next_due_ms(), self.fireblocks.custodian.next_due_ms()]
    }
}
