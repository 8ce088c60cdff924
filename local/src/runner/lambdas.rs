//! Invoking functions in process, with Lambda's limits.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use aws_smithy_runtime_api::client::http::SharedHttpClient;
use bytes::Bytes;
use lambda_kit::{Env, FunctionError, Handler};
use tracing::Instrument as _;

use super::{RunnerError, registry};
use crate::{
    engine::clock::Clock,
    services,
    template::{FunctionPlan, Plan},
};

/// How an invocation ended.
pub type Invoked = Result<Bytes, FunctionError>;

struct Lambda {
    handler: Handler,
    timeout: Duration,
}

/// The template's functions, started.
pub struct Lambdas(BTreeMap<String, Lambda>);

impl Lambdas {
    /// Starts every function of the plan, each with its own variables and under its own principal.
    ///
    /// # Errors
    /// When a function is unknown to this binary or does not start.
    pub async fn start(plan: &Plan, http: &SharedHttpClient, clock: &Arc<dyn Clock>) -> Result<Self, RunnerError> {
        let functions = registry();
        let mut started = BTreeMap::new();
        for it in &plan.functions {
            let function = functions.iter().find(|function| function.name == it.name);
            let function = function.ok_or_else(|| unknown(it))?;
            let config = services::sdk_config(&it.logical_id, http.clone(), Arc::clone(clock));
            let handler = (function.init)(config, Env::new(it.env.clone()))
                .await
                .map_err(|error| RunnerError::Start { logical_id: it.logical_id.clone(), error })?;
            let timeout = Duration::from_secs(u64::from(it.timeout_s));
            started.insert(it.logical_id.clone(), Lambda { handler, timeout });
        }
        Ok(Self(started))
    }

    /// Invokes a function by its logical id. A panic, a timeout and an unknown function are failures as Lambda reports them.
    pub async fn invoke(&self, logical_id: &str, event: Bytes) -> Invoked {
        let Some(lambda) = self.0.get(logical_id) else {
            return Err(FunctionError::new("ResourceNotFoundException", format!("no function {logical_id}")));
        };
        let span = tracing::info_span!("invocation", function = logical_id);
        // A task of its own, so that a panic ends the invocation and not the bank (a release build aborts on any panic).
        let mut task = tokio::spawn((lambda.handler)(event).instrument(span));
        match tokio::time::timeout(lambda.timeout, &mut task).await {
            Ok(Ok(outcome)) => outcome,
            Ok(Err(panic)) => Err(FunctionError::new("Runtime.ExitError", panic)),
            Err(_) => {
                task.abort();
                Err(FunctionError::new("Sandbox.Timedout", format!("timed out after {:?}", lambda.timeout)))
            }
        }
    }
}

fn unknown(plan: &FunctionPlan) -> RunnerError {
    RunnerError::UnknownFunction { logical_id: plan.logical_id.clone(), folder: plan.name.clone() }
}
