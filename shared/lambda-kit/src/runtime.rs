//! Running a function on the Lambda runtime.

use bytes::Bytes;
use lambda_runtime::{LambdaEvent, service_fn};
use serde_json::value::RawValue;
use tracing_subscriber::{EnvFilter, fmt, prelude::*};

use crate::{Env, Function, FunctionError};

/// Runs `function` until the runtime ends the process. The only place that reads the environment.
///
/// # Errors
/// When start-up fails, or the Runtime API cannot be reached.
pub fn run(function: Function) -> Result<(), lambda_runtime::Error> {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?.block_on(serve(function))
}

async fn serve(function: Function) -> Result<(), lambda_runtime::Error> {
    log();
    let config = aws_config::load_defaults(aws_config::BehaviorVersion::latest()).await;
    let handler = (function.init)(config, Env::new(std::env::vars())).await?;
    lambda_runtime::run(service_fn(|event: LambdaEvent<Box<RawValue>>| {
        let answer = handler(Bytes::from(event.payload.get().to_owned().into_bytes()));
        async move {
            let bytes = answer.await.map_err(diagnostic)?;
            let text = String::from_utf8(bytes.to_vec()).map_err(|error| diagnostic(bug(error)))?;
            RawValue::from_string(text).map_err(|error| diagnostic(bug(error)))
        }
    }))
    .await
}

fn bug(error: impl std::fmt::Display) -> FunctionError {
    FunctionError::new("Bug", error)
}

/// Step Functions matches on `error_type`, so it is set by hand rather than taken from a Rust type's name.
fn diagnostic(error: FunctionError) -> lambda_runtime::Diagnostic {
    lambda_runtime::Diagnostic { error_type: error.error_type, error_message: error.message }
}

/// One JSON object a line, at the level that `AWS_LAMBDA_LOG_LEVEL` names.
fn log() {
    let level = std::env::var("AWS_LAMBDA_LOG_LEVEL").unwrap_or_else(|_| "INFO".to_owned());
    let filter = EnvFilter::try_new(level).unwrap_or_else(|_| EnvFilter::new("INFO"));
    let json = fmt::layer().json().flatten_event(true).with_current_span(true).with_span_list(false);
    // A second start in one process keeps the first subscriber.
    let _already_logging = tracing_subscriber::registry().with(filter).with(json).try_init();
}
