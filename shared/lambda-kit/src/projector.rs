//! Functions that project one context's commits off a queue.

use std::sync::Arc;

use app::projection::{ProjectionError, Projector, commit_of};
use aws_types::SdkConfig;

use crate::{
    Env, FunctionError, Handler,
    sqs::{self, Pace},
};

/// Makes a handler of a projector. Commits of different streams add to the same totals, so a batch is worked off one by one; it
/// begins by looking which generations there are.
///
/// # Errors
/// See [`sqs::batches`].
pub fn handler(aws: &SdkConfig, env: &Env, projector: Projector) -> Result<Handler, FunctionError> {
    sqs::batches(aws, env, Pace::OneByOne, move || {
        let batch = Arc::new(projector.batch());
        move |message| {
            let batch = Arc::clone(&batch);
            async move {
                let malformed = |error: serde_json::Error| ProjectionError::Malformed(error.to_string());
                let commit = commit_of(serde_json::from_str(&message.body).map_err(malformed)?)?;
                batch.project(&commit).await
            }
        }
    })
}
