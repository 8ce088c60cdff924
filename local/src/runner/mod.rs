//! The local bank: the template's functions, wired as the template says, in one process.

mod edge;
mod lambdas;
mod outside;
mod queues;
mod registry;
mod streams;
mod wiring;

use std::{
    path::PathBuf,
    sync::{Arc, Mutex},
    time::Duration,
};

use aws_types::SdkConfig;
use bytes::Bytes;
use futures::future::join_all;
use rusqlite::Connection;
use simulators::clearbank;
use tokio_util::sync::CancellationToken;

pub use edge::Edge;
pub use lambdas::{Invoked, Lambdas};
pub use registry::registry;

use crate::{
    dev,
    engine::{Engine, clock::Clock},
    iam::Policies,
    services::{self, Aws, cognito::Cognito},
    template::{self, Plan, Pseudo},
};
use outside::{BankReplyKey, Outside, Triggers, WebhookDoor};
use queues::QueueSource;
use streams::StreamSource;

/// The longest that the loop sleeps without looking for work, in real time.
const IDLE_MAX: Duration = Duration::from_millis(500);

/// How often expired items are looked for, on the bank's clock. DynamoDB itself promises days.
const TTL_SWEEP_EVERY_MS: i64 = 60_000;

/// What a local bank is started with.
#[derive(Debug, Clone)]
pub struct Options {
    /// Where data is kept; `None` keeps nothing.
    pub data: Option<PathBuf>,
    /// Where the outside reaches it, e.g. `http://127.0.0.1:4000`; tokens name it as part of their issuer.
    pub public_url: String,
    /// The bank's clock.
    pub clock: Arc<dyn Clock>,
    /// The template's text.
    pub template: String,
    /// Keys made beforehand, so that tests need not make them; `None` makes and keeps them.
    pub keys: Option<Keys>,
}

/// Keys of the simulated providers, as PEM.
#[derive(Debug, Clone)]
pub struct Keys {
    /// The bank partner's.
    pub clearbank: String,
    /// The pool's, for id tokens.
    pub id_tokens: String,
    /// The pool's, for access tokens.
    pub access_tokens: String,
}

/// Why a local bank does not start or stops working.
#[derive(Debug, thiserror::Error)]
pub enum RunnerError {
    /// The template asks for what the runner does not do.
    #[error("the template is refused:\n{0}")]
    Template(#[from] template::TemplateError),
    /// The engine.
    #[error("the local engine failed")]
    Engine(#[from] crate::engine::EngineError),
    /// The identity pool.
    #[error("the identity pool failed: {0}")]
    Cognito(String),
    /// A simulated provider.
    #[error("the simulated bank partner failed: {0}")]
    Simulator(String),
    /// A function of the template that this binary does not hold.
    #[error("the template's function {logical_id} is in no folder that this binary was built with ({folder})")]
    UnknownFunction {
        /// The template's name for it.
        logical_id: String,
        /// The folder that its code is in.
        folder: String,
    },
    /// A function that did not start.
    #[error("{logical_id} did not start: {error}")]
    Start {
        /// The template's name for it.
        logical_id: String,
        /// Why.
        error: lambda_kit::FunctionError,
    },
    /// Something that the template must have and has not.
    #[error("the template has no {0}")]
    Absent(&'static str),
    /// A file or a socket.
    #[error("{attempted}")]
    Io {
        /// What was attempted.
        attempted: String,
        /// The cause.
        #[source]
        source: std::io::Error,
    },
    /// The identity pool's database.
    #[error("the identity pool's database failed")]
    Sqlite(#[from] rusqlite::Error),
}

/// A bank on this machine.
pub struct LocalBank {
    aws: Arc<Aws>,
    plan: Arc<Plan>,
    lambdas: Arc<Lambdas>,
    edge: Edge,
    cognito: Arc<Cognito>,
    payments: Arc<dev::ClearBank>,
    streams: Vec<StreamSource>,
    queues: Vec<QueueSource>,
    http: aws_smithy_runtime_api::client::http::SharedHttpClient,
    // One step through time at a time.
    advancing: tokio::sync::Mutex<()>,
    // One pass at a time, whoever asks for it. Holds when expired items are looked for next.
    passing: tokio::sync::Mutex<i64>,
}

impl LocalBank {
    /// Opens the data, makes what the template describes, and starts the functions.
    ///
    /// # Errors
    /// See [`RunnerError`].
    pub async fn open(options: &Options) -> Result<Arc<Self>, RunnerError> {
        let data = options.data.as_deref();
        let engine = Engine::open(data, Arc::clone(&options.clock))?;
        let simulator = match &options.keys {
            Some(keys) => clearbank::Bank::with_key(&keys.clearbank, data),
            None => clearbank::Bank::open(data),
        };
        let simulator = Arc::new(simulator.map_err(|error| RunnerError::Simulator(error.to_string()))?);

        let parameters = [("ClearBankPublicKeys".to_owned(), simulator.public_key_pem().to_owned())].into();
        let pseudo = Pseudo { public_url: options.public_url.clone(), ..Pseudo::default() };
        let plan = Arc::new(template::load(&options.template, &parameters, &pseudo)?);
        let policies = Arc::new(Policies::new(&plan));
        let aws = Aws::new(engine, Arc::clone(&policies) as _);
        wiring::provision(&aws, &plan)?;

        let outside = Arc::new(Outside::default());
        let http = services::connector(Arc::clone(&aws), Arc::clone(&outside) as _);
        let lambdas = Arc::new(Lambdas::start(&plan, &http, &options.clock).await?);
        let edge = Edge::new(&plan, Arc::clone(&lambdas), Arc::clone(&options.clock));

        let triggers = Arc::new(Triggers::new(&plan, Arc::clone(&lambdas), Arc::clone(&policies))?);
        let database = match data {
            Some(dir) => Connection::open(dir.join("cognito.db"))?,
            None => Connection::open_in_memory()?,
        };
        let database = Arc::new(Mutex::new(database));
        let pool = outside::pool_config(&plan)?;
        let cognito = match &options.keys {
            Some(keys) => {
                let keys = services::cognito::PoolKeys::from_pem(&keys.id_tokens, &keys.access_tokens);
                Cognito::open_with_keys(database, Arc::clone(&options.clock), pool, triggers, &keys)
            }
            None => Cognito::open(database, Arc::clone(&options.clock), pool, triggers),
        };
        let cognito = Arc::new(cognito.map_err(|error| RunnerError::Cognito(error.to_string()))?);
        outside.connect(Arc::clone(&cognito));
        aws.attach("cognito-idp", Arc::new(outside::PoolGuest(Arc::clone(&cognito))))?;

        let reply_key = plan.key("WebhookReplyKey").ok_or(RunnerError::Absent("key WebhookReplyKey"))?.id.clone();
        let endpoint = clearbank::Endpoint {
            path: "/webhooks/clearbank".to_owned(),
            deliver: Arc::new(WebhookDoor(edge.clone())),
            reply_key: Arc::new(BankReplyKey { aws: Arc::clone(&aws), key: reply_key }),
        };
        let payments = dev::ClearBank { bank: simulator, endpoint, clock: Arc::clone(&options.clock) };

        Ok(Arc::new(Self {
            streams: StreamSource::all(&plan, &aws, &lambdas, &policies)?,
            queues: QueueSource::all(&plan, &aws, &lambdas)?,
            payments: Arc::new(payments),
            advancing: tokio::sync::Mutex::new(()),
            passing: tokio::sync::Mutex::new(i64::MIN),
            aws,
            plan,
            lambdas,
            edge,
            cognito,
            http,
        }))
    }

    /// Everything of AWS that this bank runs on.
    #[must_use]
    pub fn aws(&self) -> &Arc<Aws> {
        &self.aws
    }

    /// What the template says.
    #[must_use]
    pub fn plan(&self) -> &Arc<Plan> {
        &self.plan
    }

    /// The functions.
    #[must_use]
    pub fn lambdas(&self) -> &Arc<Lambdas> {
        &self.lambdas
    }

    /// The simulated bank partner, and where it delivers to.
    #[must_use]
    pub fn payments(&self) -> &Arc<dev::ClearBank> {
        &self.payments
    }

    /// The identity pool.
    #[must_use]
    pub fn cognito(&self) -> &Arc<Cognito> {
        &self.cognito
    }

    /// An SDK configuration whose calls are answered in process, for `principal`.
    #[must_use]
    pub fn sdk_config(&self, principal: &str) -> SdkConfig {
        services::sdk_config(principal, self.http.clone(), Arc::clone(self.aws.engine().clock()))
    }

    /// Everything that is reached from outside, on one port.
    pub fn router(self: &Arc<Self>) -> axum::Router {
        let clock = Arc::new(outside::ClockHands(Arc::clone(self)));
        edge::router(&self.edge, &self.cognito, Arc::clone(&self.payments) as _, clock)
    }

    /// One request from outside, without a socket.
    pub async fn call(&self, request: http::Request<Bytes>) -> http::Response<Bytes> {
        self.edge.call(request).await
    }

    /// Does what is due once; answers whether anything was.
    ///
    /// # Errors
    /// When the engine fails.
    async fn pass(&self) -> Result<bool, RunnerError> {
        let mut next_sweep = self.passing.lock().await;
        let now = self.aws.engine().now_ms();
        if *next_sweep <= now {
            *next_sweep = now.saturating_add(TTL_SWEEP_EVERY_MS);
            self.aws.dynamodb.sweep_ttl()?;
        }
        let delivered = self.payments.bank.deliver_due(now, &self.payments.endpoint).await;
        let delivered = delivered.map_err(|error| RunnerError::Simulator(error.to_string()))?;
        let streams = join_all(self.streams.iter().map(StreamSource::pass)).await;
        let queues = join_all(self.queues.iter().map(QueueSource::pass)).await;
        let mut busy = !delivered.is_empty();
        for outcome in streams.into_iter().chain(queues) {
            busy |= outcome?;
        }
        Ok(busy)
    }

    /// Works until nothing is due at this moment of the bank's clock.
    ///
    /// # Errors
    /// When the engine fails.
    pub async fn settle(&self) -> Result<(), RunnerError> {
        while self.pass().await? {}
        Ok(())
    }

    /// Works until `stop`.
    ///
    /// # Errors
    /// When the engine fails.
    pub async fn run(&self, stop: &CancellationToken) -> Result<(), RunnerError> {
        while !stop.is_cancelled() {
            if self.pass().await? {
                continue;
            }
            let idle = self.idle_for()?;
            tokio::select! {
                () = stop.cancelled() => {}
                () = self.aws.engine().work().notified() => {}
                () = tokio::time::sleep(idle) => {}
            }
        }
        Ok(())
    }

    /// Moves the bank's clock forward from due timer to due timer, works at each, and answers when nothing is due.
    ///
    /// # Errors
    /// When the engine fails, or the clock cannot be kept.
    pub async fn advance(&self, by: Duration) -> Result<(), RunnerError> {
        let _one_at_a_time = self.advancing.lock().await;
        let engine = self.aws.engine();
        let target_ms = engine.now_ms().saturating_add(i64::try_from(by.as_millis()).unwrap_or(i64::MAX));
        loop {
            self.settle().await?;
            let now_ms = engine.now_ms();
            let Ok(left) = u64::try_from(target_ms.saturating_sub(now_ms)) else { return Ok(()) };
            if left == 0 {
                return Ok(());
            }
            let step = self.next_due_ms(now_ms)?.and_then(|at| u64::try_from(at.saturating_sub(now_ms)).ok());
            let step = Duration::from_millis(step.unwrap_or(left).min(left));
            let moved = engine.clock().advance(step);
            moved.map_err(|source| RunnerError::Io { attempted: "move the clock".to_owned(), source })?;
            engine.announce();
        }
    }

    /// How long nothing can be due, as far as is known.
    fn idle_for(&self) -> Result<Duration, RunnerError> {
        let now = self.aws.engine().now_ms();
        let until = self.next_due_ms(now)?.map_or(i64::MAX, |next| next.saturating_sub(now));
        Ok(u64::try_from(until).map_or(Duration::ZERO, Duration::from_millis).min(IDLE_MAX))
    }

    /// The next moment after `now_ms` at which anything is due.
    fn next_due_ms(&self, now_ms: i64) -> Result<Option<i64>, RunnerError> {
        let mut next = self.payments.bank.next_due_ms();
        next = next.filter(|at| *at > now_ms);
        for source in &self.queues {
            next = [next, source.next_due_ms()?.filter(|at| *at > now_ms)].into_iter().flatten().min();
        }
        for source in &self.streams {
            next = [next, source.next_due_ms().filter(|at| *at > now_ms)].into_iter().flatten().min();
        }
        Ok(next)
    }

    /// Whether any message or stream record waits anywhere but in a dead-letter or parked queue.
    ///
    /// # Errors
    /// When the engine fails.
    pub fn in_flight(&self) -> Result<bool, RunnerError> {
        for source in &self.queues {
            if source.waiting()? {
                return Ok(true);
            }
        }
        for source in &self.streams {
            if source.waiting()? {
                return Ok(true);
            }
        }
        Ok(false)
    }
}
