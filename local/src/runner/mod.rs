//! The local bank: the template's functions, wired as the template says, in one process.

mod clockwork;
pub mod console;
mod edge;
mod faults;
mod given_up;
mod lambdas;
mod left;
mod options;
mod outside;
mod providers;
mod queues;
mod registry;
mod stack;
mod streams;
mod tasks;
#[cfg(test)]
mod tests;
mod wiring;

use std::sync::{Arc, Mutex};

use aws_types::SdkConfig;
use bytes::Bytes;
use rusqlite::Connection;

pub use edge::Edge;
pub use faults::{Call, Fate, Faults, Refusal};
pub use lambdas::{Invoked, Lambdas};
pub use left::Left;
pub use options::{Keys, Options, RunnerError};
pub use queues::Delivery;
pub use registry::registry;
pub use stack::Stack;

use crate::{
    dev,
    engine::Engine,
    iam::Policies,
    services::{self, Aws, cognito::Cognito},
    template::{self, Plan, Pseudo},
};
use clockwork::Clockwork;
use outside::{Outside, Triggers};
use providers::{Providers, Simulators};

/// A bank on this machine.
pub struct LocalBank {
    aws: Arc<Aws>,
    plan: Arc<Plan>,
    lambdas: Arc<Lambdas>,
    edge: Edge,
    cognito: Arc<Cognito>,
    simulators: Simulators,
    providers: Arc<Providers>,
    clockwork: Clockwork,
    http: aws_smithy_runtime_api::client::http::SharedHttpClient,
}

impl LocalBank {
    /// Opens the data, makes what the template describes, and starts the functions.
    ///
    /// # Errors
    /// See [`RunnerError`].
    pub async fn open(options: &Options) -> Result<Arc<Self>, RunnerError> {
        let data = options.data.as_deref();
        let engine = Engine::open(data, Arc::clone(&options.clock))?;
        let simulators = Simulators::open(options)?;
        let parameters = simulators.parameters(&options.public_url);
        let pseudo = Pseudo { public_url: options.public_url.clone(), ..Pseudo::default() };
        let plan = Arc::new(template::load(&options.template, &options.definitions, &parameters, &pseudo)?);
        let policies = Arc::new(Policies::of_a_bank(&plan, options.permissions.clone()));
        let aws = Aws::new(engine, Arc::clone(&policies) as _);
        wiring::provision(&aws, &plan, options.keys.as_ref())?;

        let outside = Arc::new(Outside::new(simulators.clone()));
        let http = services::connector(Arc::clone(&aws), Arc::clone(&outside) as _);
        let lambdas = Arc::new(Lambdas::start(&plan, &http, options).await?);
        let edge = Edge::new(&plan, Arc::clone(&lambdas), Arc::clone(&policies), Arc::clone(&options.clock));

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
        outside.connect(&cognito);
        aws.attach("cognito-idp", Arc::new(outside::PoolGuest(Arc::downgrade(&cognito))))?;

        let providers = Arc::new(simulators.connect(&aws, &plan, &edge)?);
        Ok(Arc::new(Self {
            clockwork: Clockwork::new(&plan, &aws, &lambdas, &policies, Some(Arc::clone(&providers)))?,
            providers,
            simulators,
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
        &self.providers.clearbank
    }

    /// The simulated identity provider, and where it delivers to.
    #[must_use]
    pub fn identity_provider(&self) -> &dev::OnfidoDoor {
        &self.providers.onfido
    }

    /// The simulated screening provider.
    #[must_use]
    pub fn screening(&self) -> &dev::ScreeningDoor {
        &self.providers.screening
    }

    /// The simulated custodian, and where it delivers to.
    #[must_use]
    pub fn custodian(&self) -> &dev::FireblocksDoor {
        &self.providers.fireblocks
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
        let clock = Arc::new(clockwork::ClockHands(Arc::clone(self)));
        let doors = self.providers.doors(clock);
        edge::router(&self.edge, &self.cognito, &self.simulators, doors).merge(console::router(&self.plan))
    }

    /// One request from outside, without a socket.
    pub async fn call(&self, request: http::Request<Bytes>) -> http::Response<Bytes> {
        self.edge.call(request).await
    }
}
