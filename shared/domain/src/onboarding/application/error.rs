use crate::error::{Class, Classify};

/// Why the stream of a customer's applications says no.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ApplicationError {
    /// The id names an application with another content.
    #[error("this application id was used for another application")]
    Reused,
    /// One at a time.
    #[error("another application is under way")]
    UnderWay,
    /// Nobody applies again after a decline.
    #[error("an application was declined before")]
    DeclinedBefore,
    /// Nobody applies again after an approval.
    #[error("an application was approved before")]
    ApprovedBefore,
    /// No such application.
    #[error("there is no such application")]
    Unknown,
    /// It ended without an approval.
    #[error("the application is over")]
    Ended,
    /// Nobody knows yet who it is.
    #[error("the applicant has not been identified")]
    NotIdentified,
    /// The provider said no.
    #[error("the identity provider declined the applicant")]
    IdentityDeclined,
    /// Compliance said no.
    #[error("compliance declined the applicant")]
    ReviewDeclined,
    /// Compliance has not decided.
    #[error("compliance has not decided")]
    InReview,
    /// Nobody asked that, or not of this application.
    #[error("nothing was asked by this name")]
    NothingAsked,
    /// It was answered before, and otherwise.
    #[error("this was answered before")]
    AnsweredBefore,
    /// Somebody else created an applicant at the same time.
    #[error("the provider knows the person by another id")]
    OtherApplicant,
    /// Somebody else started a check at the same time.
    #[error("another check was started for the application")]
    OtherRun,
    /// News of a check that is not the application's.
    #[error("the check belongs to something else")]
    ForeignRun,
    /// The provider came to a result before the application could expire.
    #[error("the applicant has been identified")]
    Identified,
    /// Not everything is open.
    #[error("the accounts are not ready")]
    NotReady,
}

impl Classify for ApplicationError {
    fn class(&self) -> Class {
        match self {
            Self::Reused | Self::Unknown | Self::NothingAsked => Class::Invalid,
            Self::UnderWay
            | Self::DeclinedBefore
            | Self::ApprovedBefore
            | Self::Ended
            | Self::IdentityDeclined
            | Self::ReviewDeclined
            | Self::Identified
            | Self::AnsweredBefore => Class::Rejected,
            Self::OtherApplicant | Self::OtherRun => Class::Conflict,
            Self::NotReady => Class::Transient,
            Self::NotIdentified | Self::InReview | Self::ForeignRun => Class::Bug,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Reused => "APPLICATION_REUSED",
            Self::UnderWay => "APPLICATION_OPEN",
            Self::DeclinedBefore => "APPLICATION_DECLINED",
            Self::ApprovedBefore => "APPLICATION_APPROVED_BEFORE",
            Self::Unknown => "APPLICATION_UNKNOWN",
            Self::Ended => "APPLICATION_ENDED",
            Self::NotIdentified => "APPLICATION_NOT_IDENTIFIED",
            Self::IdentityDeclined => "APPLICATION_IDENTITY_DECLINED",
            Self::ReviewDeclined => "APPLICATION_REVIEW_DECLINED",
            Self::InReview => "APPLICATION_IN_REVIEW",
            Self::NothingAsked => "INFORMATION_NOT_REQUESTED",
            Self::AnsweredBefore => "INFORMATION_PROVIDED_BEFORE",
            Self::OtherApplicant => "APPLICATION_OTHER_APPLICANT",
            Self::OtherRun => "APPLICATION_OTHER_RUN",
            Self::ForeignRun => "APPLICATION_FOREIGN_RUN",
            Self::Identified => "APPLICATION_IDENTIFIED",
            Self::NotReady => "APPLICATION_NOT_READY",
        }
    }
}
