use contracts::tasks::{DecideApplication, Decision};
use domain::{
    ids::{ApplicationId, CustomerId},
    onboarding::application::ApplicationCommand,
};

use super::{OnboardingError, ask, execution_name};
use crate::{commit::Cause, ports::Permits, streams::Streams};

/// Decides an application as its workflow asks: what that means, and whether it may be, is the application's own business.
/// Whoever has nothing more to do gives its permit back.
///
/// # Errors
/// See [`OnboardingError`]. Asking again is safe.
pub async fn decide_application(
    streams: &Streams,
    permits: &dyn Permits,
    task: &DecideApplication,
    cause: &Cause,
) -> Result<(), OnboardingError> {
    let application = ApplicationId::new(task.application);
    let command = match task.decision {
        Decision::Approve => ApplicationCommand::Approve { application },
        Decision::Decline => ApplicationCommand::Decline { application },
        Decision::Expire => ApplicationCommand::Expire { application },
        Decision::Complete => ApplicationCommand::Complete { application },
    };
    ask(streams, CustomerId::new(task.customer), &command, cause).await?;
    match task.decision {
        Decision::Approve => Ok(()), // It goes on.
        Decision::Decline | Decision::Expire | Decision::Complete => {
            Ok(permits.give_back(&execution_name(task.customer, task.application)).await?)
        }
    }
}
