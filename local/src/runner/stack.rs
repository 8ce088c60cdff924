//! A plan on this machine with nothing of a bank around it: neither an identity pool nor providers, and functions of the caller's own.

use std::{sync::Arc, time::Duration};

use aws_smithy_runtime_api::client::http::SharedHttpClient;
use aws_types::SdkConfig;
use lambda_kit::Function;

use super::{Lambdas, RunnerError, clockwork::Clockwork, wiring};
use crate::{
    engine::{Engine, clock::Clock},
    iam::Policies,
    services::{self, Aws, NoOutbound},
    template::Plan,
};

/// A plan that runs in memory.
pub struct Stack {
    aws: Arc<Aws>,
    clockwork: Clockwork,
    http: SharedHttpClient,
}

impl Stack {
    /// Makes what the plan says, and starts its functions, each of which must be among those given.
    ///
    /// # Errors
    /// See [`RunnerError`].
    pub async fn open(plan: &Arc<Plan>, functions: &[Function], clock: Arc<dyn Clock>) -> Result<Self, RunnerError> {
        let engine = Engine::open(None, Arc::clone(&clock))?;
        let policies = Arc::new(Policies::new(plan));
        let aws = Aws::new(engine, Arc::clone(&policies) as _);
        wiring::provision(&aws, plan, None)?;
        let http = services::connector(Arc::clone(&aws), Arc::new(NoOutbound));
        let lambdas = Arc::new(Lambdas::start_these(plan, &http, functions, &clock, None).await?);
        let clockwork = Clockwork::new(plan, &aws, &lambdas, &policies, None)?;
        Ok(Self { aws, clockwork, http })
    }

    /// An SDK configuration whose calls are answered in process, for `principal`.
    #[must_use]
    pub fn sdk_config(&self, principal: &str) -> SdkConfig {
        services::sdk_config(principal, self.http.clone(), Arc::clone(self.aws.engine().clock()))
    }

    /// Works until nothing is due at this moment of the clock.
    ///
    /// # Errors
    /// When the engine fails.
    pub async fn settle(&self) -> Result<(), RunnerError> {
        self.clockwork.settle().await
    }

    /// Moves the clock forward from due time to due time, works at each, and answers when nothing is due.
    ///
    /// # Errors
    /// When the engine fails, or the clock cannot be kept.
    pub async fn advance(&self, by: Duration) -> Result<(), RunnerError> {
        self.clockwork.advance(by).await
    }
}
