//! The compliance context: what is found about people, and who decides.

mod cases;
mod monitoring;
mod screening;

use domain::{
    compliance::{
        case::{CaseError, TextError},
        screening::ScreeningError,
    },
    error::{Class, Classify},
    ids::IdError,
    onboarding::eligibility::EligibilityError,
};

pub use cases::*;
pub use monitoring::{Rounds, begin_monitoring, end_monitoring, record_found, review_monitor};
pub use screening::{Screenings, assess};

use crate::{ports::PortError, store::StoreError};

/// Why compliance did not do what it was asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ComplianceError {
    /// The case refused.
    #[error(transparent)]
    Case(#[from] CaseError),
    /// Nobody may write that.
    #[error(transparent)]
    Text(#[from] TextError),
    /// A case is to be opened about a risk that was never assessed.
    #[error("the risk of the application was not assessed")]
    RiskUnknown,
    /// The screening refused.
    #[error(transparent)]
    Screening(#[from] ScreeningError),
    /// What the vault kept of an application is something else.
    #[error(transparent)]
    Content(#[from] EligibilityError),
    /// Somebody is to be looked up by what another customer wrote.
    #[error("the application's content is not this customer's")]
    ForeignContent,
    /// A job names a round that is none.
    #[error("the round of a job is none")]
    RoundMalformed,
    /// A reference could not be built.
    #[error(transparent)]
    Id(#[from] IdError),
    /// The event store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The vault, or the provider.
    #[error(transparent)]
    Port(#[from] PortError),
}

impl Classify for ComplianceError {
    fn class(&self) -> Class {
        match self {
            Self::Case(error) => error.class(),
            Self::Text(error) => error.class(),
            Self::RiskUnknown | Self::ForeignContent => Class::Bug,
            Self::Screening(error) => error.class(),
            Self::Content(error) => error.class(),
            Self::RoundMalformed => Class::Invalid,
            Self::Id(error) => error.class(),
            Self::Store(error) => error.class(),
            // The provider, the only one who refuses here, refuses what we ask it, not the person: somebody has to look.
            Self::Port(PortError::Refused { .. }) => Class::Bug,
            Self::Port(error) => error.class(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Case(error) => error.code(),
            Self::Text(error) => error.code(),
            Self::RiskUnknown => "CASE_RISK_UNKNOWN",
            Self::Screening(error) => error.code(),
            Self::Content(error) => error.code(),
            Self::ForeignContent => "SCREENING_FOREIGN_CONTENT",
            Self::RoundMalformed => "ROUND_MALFORMED",
            Self::Id(error) => error.code(),
            Self::Store(error) => error.code(),
            Self::Port(error) => error.code(),
        }
    }
}

#[cfg(test)]
mod tests;
