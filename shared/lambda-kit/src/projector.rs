//! Functions that project one context's commits off a queue.

use app::projection::{ProjectionError, Projector, commit_of};
use aws_types::SdkConfig;

use crate::{
    Env, FunctionError, Handler,
    sqs::{self, Pace},
};

/// Makes a handler of a projector. Commits of different streams add to the same totals, so a batch is worked off one by one.
///
/// # Errors
/// See [`sqs::paced`].
pub fn handler(aws: &SdkConfig, env: &Env, projector: Projector) -> Result<Handler, FunctionError> {
    sqs::paced(aws, env, Pace::OneByOne, move |message| {
        let projector = projector.clone();
        async move {
            let malformed = |error: serde_json::Error| ProjectionError::Malformed(error.to_string());
            let commit = commit_of(serde_json::from_str(&message.body).map_err(malformed)?)?;
            projector.project(&commit).await
        }
    })
}
