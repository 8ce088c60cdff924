//! Showing personal data to people who work here: one piece at a time, for a reason that stands in the audit log.

use std::sync::Arc;

use domain::{
    compliance::case::{Case, CaseError},
    error::{Class, Classify},
    ids::{
        ApplicantId, ApplicationId, CaseId, ControlledId, CustomerId, FreezeId, IdError, OperationId, StaffId, VaultRef,
    },
    ledger::{
        controls::{Controls, ControlsError, Ground},
        operation::{Operation, OperationError, OperationState},
    },
    onboarding::{application::Application, content::ApplicationContent, eligibility::EligibilityError},
};
use secrecy::SecretString;

use crate::{
    ledger::REMITTANCE_SLOT,
    ports::{PortError, Reader, Vault},
    store::StoreError,
    streams::Streams,
    views::CaseView,
};

/// How short a reason may be, in characters: less says nothing to an auditor.
pub const REASON_CHARS_MIN: usize = 10;
/// How long it may be.
pub const REASON_CHARS_MAX: usize = 500;

/// Why somebody is shown nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RevealError {
    /// The reason says nothing.
    #[error("a reason has at least {REASON_CHARS_MIN} characters")]
    ReasonTooShort,
    /// The reason says too much.
    #[error("a reason has at most {REASON_CHARS_MAX} characters")]
    ReasonTooLong,
    /// There is no such case.
    #[error(transparent)]
    Case(#[from] CaseError),
    /// The case has no such text.
    #[error("the case has no such text")]
    TextUnknown,
    /// The customer made no such application.
    #[error("there is no such application")]
    ApplicationUnknown,
    /// There is no such freeze.
    #[error(transparent)]
    Controls(#[from] ControlsError),
    /// Nothing of this id waits, or waited, in suspense.
    #[error(transparent)]
    Operation(#[from] OperationError),
    /// A reference could not be built.
    #[error(transparent)]
    Id(#[from] IdError),
    /// What the vault holds is no application.
    #[error(transparent)]
    Content(#[from] EligibilityError),
    /// The event store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The vault.
    #[error(transparent)]
    Port(#[from] PortError),
}

impl Classify for RevealError {
    fn class(&self) -> Class {
        match self {
            Self::ReasonTooShort | Self::ReasonTooLong | Self::TextUnknown | Self::ApplicationUnknown => Class::Invalid,
            Self::Case(error) => error.class(),
            Self::Controls(error) => error.class(),
            Self::Operation(error) => error.class(),
            Self::Id(error) => error.class(),
            Self::Content(_) => Class::Bug,
            Self::Store(error) => error.class(),
            Self::Port(error) => error.class(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::ReasonTooShort => "REASON_TOO_SHORT",
            Self::ReasonTooLong => "REASON_TOO_LONG",
            Self::Case(error) => error.code(),
            Self::TextUnknown => "TEXT_UNKNOWN",
            Self::ApplicationUnknown => "APPLICATION_UNKNOWN",
            Self::Controls(error) => error.code(),
            Self::Operation(error) => error.code(),
            Self::Id(error) => error.code(),
            Self::Content(error) => error.code(),
            Self::Store(error) => error.code(),
            Self::Port(error) => error.code(),
        }
    }
}

/// What somebody who works here gives as the reason for reading personal data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Purpose {
    staff: StaffId,
    reader: Reader,
}

impl Purpose {
    /// Who reads, and why.
    ///
    /// # Errors
    /// [`RevealError::ReasonTooShort`] and [`RevealError::ReasonTooLong`].
    pub fn try_new(staff: StaffId, reason: &str) -> Result<Self, RevealError> {
        let reason = reason.trim();
        match reason.chars().count() {
            ..REASON_CHARS_MIN => Err(RevealError::ReasonTooShort),
            REASON_CHARS_MIN..=REASON_CHARS_MAX => {
                let reader = Reader { who: format!("staff:{staff}"), why: reason.to_owned() };
                Ok(Self { staff, reader })
            }
            _ => Err(RevealError::ReasonTooLong),
        }
    }

    /// Who, as the audit log knows them, and why.
    #[must_use]
    pub const fn reader(&self) -> &Reader {
        &self.reader
    }

    /// Nobody is shown what is written about themselves: the pool gives everybody one id, as a customer and as staff.
    pub(crate) fn is_not_about(&self, customer: CustomerId) -> Result<(), CaseError> {
        if self.staff.as_uuid() == customer.as_uuid() { Err(CaseError::Own) } else { Ok(()) }
    }
}

/// What was written about a freeze.
#[derive(Debug)]
pub struct FreezeReasons {
    /// Why it was ordered.
    pub frozen: SecretString,
    /// Why it was lifted, if somebody did.
    pub lifted: Option<SecretString>,
}

/// Who paid.
#[derive(Debug)]
pub struct Payer {
    /// Names and account details, in JSON, as the bank or the custodian has them.
    pub details: SecretString,
    /// What they wrote with it.
    pub wrote: Option<SecretString>,
}

/// What is read for people who work here.
#[derive(Clone)]
pub struct Reveals {
    /// The compliance context's streams, which are only read.
    pub compliance: Streams,
    /// The onboarding context's streams, which are only read.
    pub onboarding: Streams,
    /// The ledger context's streams, which are only read.
    pub ledger: Streams,
    /// Where personal data is.
    pub vault: Arc<dyn Vault>,
}

impl Reveals {
    /// A text that was written about a case, by its slot.
    ///
    /// # Errors
    /// [`CaseError::Unknown`] and [`RevealError::TextUnknown`]: a case opens no text but its own. See [`RevealError`].
    pub async fn text(&self, case: CaseId, slot: &str, purpose: &Purpose) -> Result<SecretString, RevealError> {
        let loaded = self.compliance.load::<Case>(case.into()).await?;
        let view = CaseView::of(case, &loaded.state).ok_or(CaseError::Unknown)?;
        purpose.is_not_about(view.customer)?;
        let text = view.text(slot).ok_or(RevealError::TextUnknown)?;
        self.open(text, purpose).await
    }

    /// What a customer wrote into an application; into the newest, if none is named.
    ///
    /// # Errors
    /// [`RevealError::ApplicationUnknown`]; see [`RevealError`].
    pub async fn application(
        &self,
        customer: CustomerId,
        application: Option<ApplicationId>,
        purpose: &Purpose,
    ) -> Result<(ApplicationId, ApplicationContent), RevealError> {
        purpose.is_not_about(customer)?;
        let loaded = self.onboarding.load::<Application>(ApplicantId(customer).into()).await?;
        let submission = match application {
            Some(id) => loaded.state.find(id),
            None => loaded.state.submissions.last(),
        };
        let submission = submission.ok_or(RevealError::ApplicationUnknown)?;
        let content = self.open(&submission.content, purpose).await?;
        Ok((submission.id, ApplicationContent::from_vault(&content)?))
    }

    /// Why somebody who works here froze a customer, and why somebody lifted it, if anybody did.
    ///
    /// # Errors
    /// `FREEZE_UNKNOWN`, and [`RevealError::TextUnknown`] for one that a case ordered: its reasons are the case's. See [`RevealError`].
    pub async fn freeze(
        &self,
        customer: CustomerId,
        freeze: FreezeId,
        purpose: &Purpose,
    ) -> Result<FreezeReasons, RevealError> {
        purpose.is_not_about(customer)?;
        let controls = self.ledger.load::<Controls>(ControlledId(customer).into()).await?;
        let known = controls.state.freezes.iter().find(|it| it.id == freeze).ok_or(ControlsError::Unknown)?;
        let written = |ground: &Ground| match ground {
            Ground::Staff { reason, .. } => Some(reason.clone()),
            Ground::Policy { .. } => None,
        };
        let frozen = written(&known.ground).ok_or(RevealError::TextUnknown)?;
        let frozen = self.open(&frozen, purpose).await?;
        let lifted = match known.lifted_by.as_ref().and_then(written) {
            Some(lifted) => Some(self.open(&lifted, purpose).await?),
            None => None,
        };
        Ok(FreezeReasons { frozen, lifted })
    }

    /// Who paid what waits, or waited, in suspense, and what they wrote with it.
    ///
    /// # Errors
    /// `SUSPENSE_UNKNOWN`; see [`RevealError`].
    pub async fn payer(&self, operation: &OperationId, purpose: &Purpose) -> Result<Payer, RevealError> {
        let loaded = self.ledger.load::<Operation>(operation.clone().into()).await?;
        let payer = match loaded.state {
            OperationState::Suspended { payer, .. } | OperationState::Released { payer, .. } => payer,
            OperationState::None
            | OperationState::Pending { .. }
            | OperationState::Settled { .. }
            | OperationState::Failed { .. }
            | OperationState::Moved { .. } => return Err(OperationError::NotSuspended.into()),
        };
        if let Some(customer) = payer.customer() {
            purpose.is_not_about(customer)?;
        }
        let details = self.open(&payer, purpose).await?;
        let wrote = match self.open(&VaultRef::of_operation(operation, REMITTANCE_SLOT)?, purpose).await {
            Err(RevealError::Port(PortError::Missing { .. })) => None, // They wrote nothing, or nobody has to look for the owner.
            opened => Some(opened?),
        };
        Ok(Payer { details, wrote })
    }

    async fn open(&self, reference: &VaultRef, purpose: &Purpose) -> Result<SecretString, RevealError> {
        Ok(self.vault.open(reference, &purpose.reader).await?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_says_something_and_not_everything() {
        let purpose = |reason: &str| Purpose::try_new(StaffId::new(uuid::Uuid::nil()), reason);
        assert_eq!(purpose("  too brief  "), Err(RevealError::ReasonTooShort));
        assert_eq!(purpose(&"ö".repeat(REASON_CHARS_MIN - 1)), Err(RevealError::ReasonTooShort));
        assert_eq!(purpose(&"ö".repeat(REASON_CHARS_MAX + 1)), Err(RevealError::ReasonTooLong));
        let Purpose { reader, .. } = purpose(" the customer rang about it ").unwrap();
        assert_eq!(reader.who, "staff:00000000-0000-0000-0000-000000000000");
        assert_eq!(reader.why, "the customer rang about it");
        assert!(purpose(&"ö".repeat(REASON_CHARS_MAX)).is_ok());
    }
}
