use contracts::tasks::{DecideApplication, Decision};
use domain::{
    ids::{ApplicationId, CustomerId},
    onboarding::application::ApplicationCommand,
};

use super::{OnboardingError, ask};
use crate::{commit::Cause, streams::Streams};

/// Decides an application as its workflow asks: what that means, and whether it may be, is the application's own business.
///
/// # Errors
/// See [`OnboardingError`]. Asking again is safe.
pub async fn decide_application(
    streams: &Streams,
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
    Ok(())
}
