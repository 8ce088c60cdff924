use std::sync::Arc;

use domain::{
    ids::{ApplicationId, CustomerId, Fingerprint, RetentionClass, VaultRef},
    onboarding::{
        Moment,
        application::{Application, ApplicationCommand, decide},
        content::ApplicationContent,
    },
};

use super::{OnboardingError, load};
use crate::{
    commit::Cause,
    ports::Vault,
    streams::{Loaded, Streams},
};

/// How much of a fingerprint tells the contents under one application id apart in the vault.
const SLOT_HEX_DIGITS: usize = 16;

/// What a customer sends.
#[derive(Debug)]
pub struct NewApplication {
    /// Who applies.
    pub customer: CustomerId,
    /// The id that they picked.
    pub application: ApplicationId,
    /// What they wrote.
    pub content: ApplicationContent,
}

/// Takes an application: what was written goes into the vault, and the event that points at it into the stream. The same
/// application again answers what is stored.
///
/// # Errors
/// See [`OnboardingError`]: the bank may refuse the content, and [`domain::onboarding::application::ApplicationError`] an
/// application at this time.
pub async fn submit_application(
    streams: &Streams,
    vault: &Arc<dyn Vault>,
    new: &NewApplication,
    cause: &Cause,
) -> Result<Loaded<Application>, OnboardingError> {
    let content = &new.content.to_vault()?;
    let fingerprint = vault.fingerprint(new.customer, RetentionClass::Identity, content).await?;
    let reference = &VaultRef::of_customer(new.customer, &slot(new.application, &fingerprint))?;
    let command = &ApplicationCommand::Submit { application: new.application, content: reference.clone(), fingerprint };
    streams
        .retrying(|| async {
            let loaded = load(streams, new.customer).await?;
            let now = streams.now();
            let events = decide(&loaded.state, command, Moment::of(now))?;
            if events.is_empty() {
                return Ok(loaded); // A repeat, and what the bank would say of it today is of no matter.
            }
            // Nothing is kept of somebody whom the bank does not take.
            new.content.check(now.to_offset(time::UtcOffset::UTC).date())?;
            vault.keep(reference, content).await?;
            let mut unit = streams.unit(cause);
            let after = unit.commit(loaded, events)?;
            streams.append(unit).await?;
            Ok(after)
        })
        .await
}

/// A slot is written once, so another content under the same id must not meet the first one's.
fn slot(application: ApplicationId, fingerprint: &Fingerprint) -> String {
    let digits: String = fingerprint.to_string().chars().take(SLOT_HEX_DIGITS).collect();
    format!("application-{application}-{digits}")
}
