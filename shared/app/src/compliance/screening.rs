use std::sync::Arc;

use contracts::tasks::{
    AssessRisk, Assessed, CallScreening, RiskVerdict as Told, Screened, ScreeningCheck, ScreeningOutcome,
};
use domain::{
    compliance::screening::{
        Check, Found, RiskVerdict, Screening, ScreeningCommand, ScreeningError, ScreeningState, decide, evolve,
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
        let why = format!("the screening provider checks application {application}");
        let person = self.read(customer, &call.content, why).await?;
        let matches = self.provider.look_up(check, &person).await?;
        // Where the vault keeps who is looked for is noted, for the day on which they are a customer.
        let note = ScreeningCommand::NoteSubject { application, content: call.content.parse()? };
        let command = ScreeningCommand::CompleteCheck { application, check, matches };
        let after = ask(&self.streams, customer, &[command, note], cause).await?;
        // Of two that asked at the same time, both answer what was recorded.
        Ok(screened(answer_to(&after.state, application, check).ok_or(ScreeningError::ChecksMissing)?))
    }

    /// Reads who is looked for out of the vault. The audit log keeps why.
    pub(super) async fn read(
        &self,
        customer: CustomerId,
        content: &str,
        why: String,
    ) -> Result<ScreenedPerson, ComplianceError> {
        let content: VaultRef = content.parse()?;
        if content != VaultRef::of_customer(customer, content.slot())? {
            return Err(ComplianceError::ForeignContent);
        }
        let reader = Reader { who: self.reader.to_owned(), why };
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
    let loaded = ask(streams, customer, &[ScreeningCommand::AssessRisk { application }], cause).await?;
    let risk = loaded.state.find(application).and_then(|subject| subject.risk);
    let verdict = match risk.ok_or(ScreeningError::ChecksMissing)?.verdict {
        RiskVerdict::Approve => Told::Approve,
        RiskVerdict::Review => Told::Review,
        RiskVerdict::Decline => Told::Decline,
    };
    Ok(Assessed { verdict })
}

/// Runs one command after the other on a customer's screening, in one commit, for as long as there is something to do.
async fn ask(
    streams: &Streams,
    customer: CustomerId,
    commands: &[ScreeningCommand],
    cause: &Cause,
) -> Result<Loaded<Screening>, ComplianceError> {
    let at = Moment::of(streams.now());
    let decided = |state: &ScreeningState| {
        let (mut state, mut events) = (state.clone(), Vec::new());
        for command in commands {
            let decided = decide(&state, command, at)?;
            if decided.is_empty() {
                break;
            }
            state = decided.iter().fold(state, evolve);
            events.extend(decided);
        }
        Ok(events)
    };
    streams.dispatch::<Screening, ComplianceError>(&stream_of(customer), cause, decided).await
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
