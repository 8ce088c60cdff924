use std::sync::Arc;

use contracts::tasks::{
    AssessRisk, Assessed, CallScreening, RiskVerdict as Told, Screened, ScreeningCheck, ScreeningOutcome,
};
use domain::{
    compliance::screening::{
        Check, Found, RiskVerdict, Screening, ScreeningCommand, ScreeningError, ScreeningState, decide,
    },
    ids::{ApplicationId, CustomerId, ScreenedId, StreamId, VaultRef},
    moment::Moment,
    onboarding::content::ApplicationContent,
};

use super::ComplianceError;
use crate::{
    commit::Cause,
    ports::{Reader, ScreenedPerson, ScreeningProvider, Vault},
    streams::{Loaded, Streams},
};

/// Looking people up at the screening provider. The first answer to a check is recorded and stands: asked again, it is answered
/// from there, so that a repeat finds nothing else because a list has changed meanwhile.
#[derive(Clone)]
pub struct Screenings {
    /// The context's streams.
    pub streams: Streams,
    /// Where the applications are.
    pub vault: Arc<dyn Vault>,
    /// Who knows the lists.
    pub provider: Arc<dyn ScreeningProvider>,
    /// Who reads the vault here, for its audit log.
    pub reader: &'static str,
}

impl Screenings {
    /// Looks up whoever applies, and answers what was found.
    ///
    /// # Errors
    /// See [`ComplianceError`]. Asking again is safe.
    pub async fn check(&self, call: &CallScreening, cause: &Cause) -> Result<Screened, ComplianceError> {
        let (customer, application) = (CustomerId::new(call.customer), ApplicationId::new(call.application));
        let check = check_of(call.check);
        let before = self.streams.load::<Screening>(stream_of(customer)).await?;
        if let Some(found) = answer_to(&before.state, application, check) {
            return Ok(screened(found));
        }
        let person = self.person(customer, application, &call.content).await?;
        let matches = self.provider.look_up(check, &person).await?;
        let command = ScreeningCommand::CompleteCheck { application, check, matches };
        let after = ask(&self.streams, customer, &command, cause).await?;
        // Of two that asked at the same time, both answer what was recorded.
        Ok(screened(answer_to(&after.state, application, check).ok_or(ScreeningError::ChecksMissing)?))
    }

    async fn person(
        &self,
        customer: CustomerId,
        application: ApplicationId,
        content: &str,
    ) -> Result<ScreenedPerson, ComplianceError> {
        let content: VaultRef = content.parse()?;
        if content != VaultRef::of_customer(customer, content.slot())? {
            return Err(ComplianceError::ForeignContent);
        }
        let reader = Reader {
            who: self.reader.to_owned(),
            why: format!("the screening provider checks application {application}"),
        };
        let content = ApplicationContent::from_vault(&self.vault.open(&content, &reader).await?)?;
        Ok(ScreenedPerson {
            first_name: content.first_name(),
            last_name: content.last_name(),
            birth_date: content.birth_date(),
            nationality: content.nationality(),
        })
    }
}

/// Makes a risk of what the checks found. A risk that was assessed stands.
///
/// # Errors
/// See [`ComplianceError`]. Asking again is safe.
pub async fn assess(streams: &Streams, task: &AssessRisk, cause: &Cause) -> Result<Assessed, ComplianceError> {
    let (customer, application) = (CustomerId::new(task.customer), ApplicationId::new(task.application));
    let loaded = ask(streams, customer, &ScreeningCommand::AssessRisk { application }, cause).await?;
    let risk = loaded.state.find(application).and_then(|subject| subject.risk);
    let verdict = match risk.ok_or(ScreeningError::ChecksMissing)?.verdict {
        RiskVerdict::Approve => Told::Approve,
        RiskVerdict::Review => Told::Review,
        RiskVerdict::Decline => Told::Decline,
    };
    Ok(Assessed { verdict })
}

/// Runs one command on a customer's screening.
async fn ask(
    streams: &Streams,
    customer: CustomerId,
    command: &ScreeningCommand,
    cause: &Cause,
) -> Result<Loaded<Screening>, ComplianceError> {
    let at = Moment::of(streams.now());
    streams
        .dispatch::<Screening, ComplianceError>(&stream_of(customer), cause, |state| Ok(decide(state, command, at)?))
        .await
}

fn stream_of(customer: CustomerId) -> StreamId {
    StreamId::from(ScreenedId(customer))
}

fn answer_to(state: &ScreeningState, application: ApplicationId, check: Check) -> Option<&Found> {
    state.find(application)?.checks.get(&check)
}

fn screened(found: &Found) -> Screened {
    let outcome = if found.matches.is_empty() { ScreeningOutcome::Clear } else { ScreeningOutcome::Hit };
    Screened { outcome }
}

const fn check_of(told: ScreeningCheck) -> Check {
    match told {
        ScreeningCheck::Sanctions => Check::Sanctions,
        ScreeningCheck::Pep => Check::Pep,
        ScreeningCheck::Fraud => Check::Fraud,
    }
}

#[cfg(test)]
#[path = "screening_tests.rs"]
mod tests;
