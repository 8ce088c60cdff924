//! Invoking functions in process, with Lambda's limits.

use std::{
    collections::BTreeMap,
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use aws_smithy_runtime_api::client::http::SharedHttpClient;
use aws_types::SdkConfig;
use bytes::Bytes;
use lambda_kit::{Env, Function, FunctionError, Handler};
use tracing::Instrument as _;

use super::{Faults, Options, RunnerError, faults::Misfortune, registry};
use crate::{
    engine::clock::Clock,
    services,
    template::{FunctionPlan, Plan},
};

/// How an invocation ended.
pub type Invoked = Result<Bytes, FunctionError>;

/// What Lambda calls an invocation whose process is gone.
const DIED: &str = "Runtime.ExitError";

struct Lambda {
    function: Function,
    config: SdkConfig,
    env: Env,
    handler: RwLock<Handler>,
    timeout: Duration,
}

/// The template's functions, started.
pub struct Lambdas {
    functions: BTreeMap<String, Lambda>,
    misfortune: Option<Misfortune>,
}

impl Lambdas {
    /// Starts every function of the plan, each with its own variables and under its own principal.
    ///
    /// # Errors
    /// When a function is unknown to this binary or does not start.
    pub async fn start(plan: &Plan, http: &SharedHttpClient, options: &Options) -> Result<Self, RunnerError> {
        let misfortune = options.faults.clone().map(Misfortune::new);
        Self::start_these(plan, http, &registry(), &options.clock, misfortune).await
    }

    /// The same with functions of the caller's own.
    pub(super) async fn start_these(
        plan: &Plan,
        http: &SharedHttpClient,
        registry: &[Function],
        clock: &Arc<dyn Clock>,
        misfortune: Option<Misfortune>,
    ) -> Result<Self, RunnerError> {
        let http = misfortune.as_ref().map_or_else(|| http.clone(), |misfortune| misfortune.client(http));
        let mut functions = BTreeMap::new();
        for it in &plan.functions {
            let function = registry.iter().find(|function| function.name == it.name);
            let function = *function.ok_or_else(|| unknown(it))?;
            let config = services::sdk_config(&it.logical_id, http.clone(), Arc::clone(clock));
            let env = Env::new(it.env.clone());
            let handler = (function.init)(config.clone(), env.clone())
                .await
                .map_err(|error| RunnerError::Start { logical_id: it.logical_id.clone(), error })?;
            let timeout = Duration::from_secs(u64::from(it.timeout_s));
            let handler = RwLock::new(handler);
            functions.insert(it.logical_id.clone(), Lambda { function, config, env, handler, timeout });
        }
        Ok(Self { functions, misfortune })
    }

    /// Who decides what befalls functions and their messages.
    pub(super) fn faults(&self) -> Option<&Arc<dyn Faults>> {
        self.misfortune.as_ref().map(Misfortune::faults)
    }

    /// Invokes a function by its logical id. A panic, a timeout and an unknown function are failures as Lambda reports them.
    pub async fn invoke(&self, logical_id: &str, event: Bytes) -> Invoked {
        let Some(lambda) = self.functions.get(logical_id) else {
            return Err(FunctionError::new("ResourceNotFoundException", format!("no function {logical_id}")));
        };
        let handler = Arc::clone(&lambda.handler.read().unwrap_or_else(PoisonError::into_inner));
        let span = tracing::info_span!("invocation", function = logical_id);
        let work = handler(event).instrument(span);
        // A task of its own, so that a panic ends the invocation and not the bank (a release build aborts on any panic).
        let Some(misfortune) = &self.misfortune else { return lambda.finished(tokio::spawn(work)).await };
        let invocation = misfortune.invocation(logical_id);
        let task = tokio::spawn(Arc::clone(&invocation).run(work));
        let abort = task.abort_handle();
        let outcome = tokio::select! {
            biased;
            () = invocation.died() => {
                abort.abort();
                Err(FunctionError::new(DIED, "the process died"))
            }
            outcome = lambda.finished(task) => outcome,
        };
        let failed = outcome.as_ref().err().map(|error| error.error_type.as_str());
        misfortune.faults().ended(logical_id, invocation.number(), failed);
        if failed == Some(DIED) {
            lambda.restart().await?;
        }
        outcome
    }
}

impl Lambda {
    async fn finished(&self, mut task: tokio::task::JoinHandle<Invoked>) -> Invoked {
        match tokio::time::timeout(self.timeout, &mut task).await {
            Ok(Ok(outcome)) => outcome,
            Ok(Err(panic)) => Err(FunctionError::new(DIED, panic)),
            Err(_) => {
                task.abort();
                Err(FunctionError::new("Sandbox.Timedout", format!("timed out after {:?}", self.timeout)))
            }
        }
    }

    /// A new process: nothing that the function remembered is left.
    async fn restart(&self) -> Result<(), FunctionError> {
        let handler = (self.function.init)(self.config.clone(), self.env.clone()).await?;
        *self.handler.write().unwrap_or_else(PoisonError::into_inner) = handler;
        Ok(())
    }
}

fn unknown(plan: &FunctionPlan) -> RunnerError {
    RunnerError::UnknownFunction { logical_id: plan.logical_id.clone(), folder: plan.name.clone() }
}
