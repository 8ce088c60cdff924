use crate::error::{Class, Classify};

/// Why a case says no.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CaseError {
    /// No such case.
    #[error("there is no such case")]
    Unknown,
    /// It was decided or withdrawn.
    #[error("the case is closed")]
    Closed,
    /// It is about a customer, not about an application: there is no application to which a question could belong.
    #[error("nobody is asked in a case that is about no application")]
    NoApplication,
    /// Whoever works here and is the customer keeps out of it.
    #[error("nobody works on a case about themselves")]
    Own,
    /// First the customer has to answer.
    #[error("the case waits for the customer's answer")]
    AwaitsCustomer,
    /// The id names another text.
    #[error("this id was used for another text")]
    TextReused,
    /// Nothing more can be written, only decided.
    #[error("the case takes no more entries")]
    Full,
    /// Nobody asked that.
    #[error("the answer is to no question of this case")]
    QuestionUnknown,
    /// The question has an answer, and it is another one.
    #[error("the question was answered differently before")]
    AnsweredBefore,
}

impl Classify for CaseError {
    fn class(&self) -> Class {
        match self {
            Self::Unknown | Self::TextReused => Class::Invalid,
            Self::Closed | Self::NoApplication | Self::Own | Self::AwaitsCustomer | Self::Full => Class::Rejected,
            Self::QuestionUnknown | Self::AnsweredBefore => Class::Bug,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Unknown => "CASE_UNKNOWN",
            Self::Closed => "CASE_CLOSED",
            Self::NoApplication => "CASE_NO_APPLICATION",
            Self::Own => "CASE_OWN",
            Self::AwaitsCustomer => "CASE_AWAITS_CUSTOMER",
            Self::TextReused => "CASE_TEXT_REUSED",
            Self::Full => "CASE_FULL",
            Self::QuestionUnknown => "CASE_QUESTION_UNKNOWN",
            Self::AnsweredBefore => "CASE_ANSWERED_BEFORE",
        }
    }
}
