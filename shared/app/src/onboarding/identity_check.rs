use std::sync::Arc;

use contracts::tasks::{CallIdentityProvider, IdentityCall, IdentityCalled, RunStanding};
use domain::{
    ids::{ApplicationId, CustomerId, ProviderApplicantId, StreamId, WorkflowRunId},
    onboarding::{
        Moment,
        application::{self, Application, ApplicationCommand, EXPIRES_AFTER, IdentityCheckProvider, Stage, Submission},
        content::ApplicationContent,
        eligibility::EligibilityError,
        run::{self, IdentityRunClaim, IdentityRunClaimCommand},
    },
};

use super::{Of, OnboardingError, load, record_standing, stream_of, submission_of};
use crate::{
    commit::Cause,
    ports::{Applicant, IdentityProvider, IdentityRun, IdentityStanding, PortError, Reader, SdkTokens, Vault},
    streams::Streams,
};

/// Checks of applicants at the identity provider. Its API has no idempotency keys, so a run is looked for by its tag before one is
/// started. Applicants carry no tag: one whose answer was lost stays behind there, without a run.
#[derive(Clone)]
pub struct IdentityChecks {
    /// The context's streams.
    pub streams: Streams,
    /// Where the applications are.
    pub vault: Arc<dyn Vault>,
    /// The provider.
    pub provider: Arc<dyn IdentityProvider>,
    /// Which one it is.
    pub provider_name: IdentityCheckProvider,
    /// Where an app finds what the provider's component wants.
    pub sdk_tokens: Arc<dyn SdkTokens>,
    /// Who reads the vault here, for its audit log.
    pub reader: &'static str,
}

impl IdentityChecks {
    /// Does what a workflow asks for.
    ///
    /// # Errors
    /// See [`OnboardingError`]. Asking again is safe.
    pub async fn call(&self, call: &CallIdentityProvider, cause: &Cause) -> Result<IdentityCalled, OnboardingError> {
        let of = Of { customer: CustomerId::new(call.customer), application: ApplicationId::new(call.application) };
        let submission = submission_of(&load(&self.streams, of.customer).await?, of.application)?;
        let standing = match call.call {
            IdentityCall::CreateRun => self.create(of, submission, cause).await?,
            IdentityCall::CheckRun => self.check(of, submission, cause).await?,
            IdentityCall::CloseRun => self.close(of, submission).await?,
        };
        Ok(IdentityCalled { standing })
    }

    async fn create(&self, of: Of, submission: Submission, cause: &Cause) -> Result<RunStanding, OnboardingError> {
        if submission.standing_result().is_some() || submission.stage != Stage::Open {
            return Ok(RunStanding::Final);
        }
        let run = match submission.run {
            // The token may not have been kept before the crash that made this a repeat.
            Some(run) => self.provider.run(*run.id.as_uuid()).await?,
            None => {
                let run = match self.provider.find_run(of.customer, *of.application.as_uuid()).await? {
                    Some(run) => run,
                    None => {
                        let applicant = self.applicant(of, &submission, cause).await?;
                        self.provider.start_run(*applicant.as_uuid(), of.customer, *of.application.as_uuid()).await?
                    }
                };
                if !self.record_run(of, &run, cause).await? {
                    return Ok(RunStanding::Open); // Somebody was faster, and keeps the token of the run that counts.
                }
                run
            }
        };
        if let Some(token) = &run.sdk_token {
            self.sdk_tokens.keep(of.customer, *of.application.as_uuid(), token).await?;
        }
        let submission = record_standing(&self.streams, of, WorkflowRunId::new(run.id), run.standing, cause).await?;
        Ok(if submission.standing_result().is_some() { RunStanding::Final } else { RunStanding::Open })
    }

    /// The provider's id of the person: created once, and recorded before anything is built on it.
    async fn applicant(
        &self,
        of: Of,
        submission: &Submission,
        cause: &Cause,
    ) -> Result<ProviderApplicantId, OnboardingError> {
        if let Some(recorded) = submission.applicant {
            return Ok(recorded);
        }
        let reader = Reader {
            who: self.reader.to_owned(),
            why: format!("the identity provider checks application {}", of.application),
        };
        let content = ApplicationContent::from_vault(&self.vault.open(&submission.content, &reader).await?)?;
        let created = ProviderApplicantId::new(self.provider.create_applicant(&applicant_of(&content)?).await?);
        let command = ApplicationCommand::RecordApplicant { application: of.application, applicant: created };
        let at = Moment::of(self.streams.now());
        let recorded = self
            .streams
            .dispatch::<Application, OnboardingError>(&stream_of(of.customer), cause, |state| {
                let known = state.find(of.application).and_then(|it| it.applicant);
                Ok(if known.is_some() { vec![] } else { application::decide(state, &command, at)? })
            })
            .await;
        match recorded {
            Ok(loaded) => {
                let standing = submission_of(&loaded, of.application)?.applicant.unwrap_or(created);
                if standing != created {
                    self.provider.delete_applicant(*created.as_uuid()).await?; // Somebody was faster.
                }
                Ok(standing)
            }
            Err(refused @ OnboardingError::Application(_)) => {
                // The application ended meanwhile: nobody is to be known there because of it.
                self.provider.delete_applicant(*created.as_uuid()).await?;
                Err(refused)
            }
            Err(error) => Err(error),
        }
    }

    /// Records a run and claims it for the application, both or neither. Answers whether it is the one that counts.
    async fn record_run(&self, of: Of, run: &IdentityRun, cause: &Cause) -> Result<bool, OnboardingError> {
        let id = WorkflowRunId::new(run.id);
        let Of { customer, application } = of;
        let claim = IdentityRunClaimCommand::Claim { customer, application };
        self.streams
            .retrying(|| async {
                let loaded = load(&self.streams, customer).await?;
                let submission = submission_of(&loaded, application)?;
                if let Some(started) = submission.run {
                    return Ok(started.id == id);
                }
                let at = Moment::of(self.streams.now());
                let applicant = ProviderApplicantId::new(run.applicant);
                let mut events = Vec::new();
                let mut state = loaded.state.clone();
                for command in [
                    ApplicationCommand::RecordApplicant { application, applicant },
                    ApplicationCommand::StartRun { application, run: id, provider: self.provider_name },
                ] {
                    let more = application::decide(&state, &command, at)?;
                    state = more.iter().fold(state, application::evolve);
                    events.extend(more);
                }
                let claimed = self.streams.load::<IdentityRunClaim>(StreamId::from(id)).await?;
                let claims = run::decide(&claimed.state, &claim)?;
                let mut unit = self.streams.unit(cause);
                unit.commit(loaded, events)?;
                unit.commit(claimed, claims)?;
                self.streams.append(unit).await?;
                Ok(true)
            })
            .await
    }

    /// Asks the provider, as its webhook did not come in time.
    async fn check(&self, of: Of, submission: Submission, cause: &Cause) -> Result<RunStanding, OnboardingError> {
        if submission.standing_result().is_some() {
            return Ok(RunStanding::Final);
        }
        let id = submission.run.ok_or(OnboardingError::RunMissing)?.id;
        let run = self.provider.run(*id.as_uuid()).await?;
        // A review is the provider's to finish; only an applicant who never came is not waited for. And a run may be abandoned because
        // it was closed as too old: this call comes late, then, and that is no decline.
        let is_old = self.streams.now() - submission.submitted_at.time() >= EXPIRES_AFTER;
        if is_old && matches!(run.standing, IdentityStanding::Open | IdentityStanding::Abandoned) {
            return Ok(RunStanding::Expired);
        }
        let submission = record_standing(&self.streams, of, id, run.standing, cause).await?;
        Ok(if submission.standing_result().is_some() { RunStanding::Final } else { RunStanding::Open })
    }

    /// Leaves no open run behind. A run that is final stays: it is the record of what was decided.
    async fn close(&self, of: Of, submission: Submission) -> Result<RunStanding, OnboardingError> {
        if submission.identity.is_some() {
            return Ok(RunStanding::Final);
        }
        let run = match submission.run {
            Some(run) => found(self.provider.run(*run.id.as_uuid()).await)?,
            None => self.provider.find_run(of.customer, *of.application.as_uuid()).await?,
        };
        let unfinished = match run {
            Some(run) => is_unfinished(run.standing).then_some(run.applicant),
            None => submission.applicant.map(|it| *it.as_uuid()),
        };
        if let Some(applicant) = unfinished {
            self.provider.delete_applicant(applicant).await?;
        }
        Ok(RunStanding::Final)
    }
}

/// What is gone needs no closing.
fn found(run: Result<IdentityRun, PortError>) -> Result<Option<IdentityRun>, PortError> {
    match run {
        Ok(run) => Ok(Some(run)),
        Err(PortError::Missing { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

const fn is_unfinished(standing: IdentityStanding) -> bool {
    match standing {
        IdentityStanding::Open | IdentityStanding::InReview | IdentityStanding::Failed => true,
        IdentityStanding::Approved | IdentityStanding::Declined | IdentityStanding::Abandoned => false,
    }
}

fn applicant_of(content: &ApplicationContent) -> Result<Applicant, OnboardingError> {
    // It was supported when the application was taken; if it no longer is, that is a refusal like any other.
    let country = content.country().ok_or(EligibilityError::CountryNotSupported)?;
    Ok(Applicant {
        first_name: content.first_name(),
        last_name: content.last_name(),
        birth_date: content.birth_date(),
        street: content.street(),
        town: content.town(),
        postcode: content.postcode(),
        country: country.alpha3.to_owned(),
    })
}
