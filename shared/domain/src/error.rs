//! The one classification of everything that can go wrong.

use std::fmt;

use money::{DateError, MoneyError};

/// What an error means for whoever has to deal with it. It alone decides retry, log level and the error's outer name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Class {
    /// The rules say no. An outcome like any other: acknowledge it.
    Rejected,
    /// The request makes no sense, and will make none when repeated.
    Invalid,
    /// Somebody else was faster. Read again, decide again.
    Conflict,
    /// It will pass. Try again.
    Transient,
    /// Too many calls. Try again later, without spending a retry.
    Throttled,
    /// Our mistake: a person has to look.
    Bug,
}

impl Class {
    /// Every class there is.
    pub const ALL: [Self; 6] =
        [Self::Rejected, Self::Invalid, Self::Conflict, Self::Transient, Self::Throttled, Self::Bug];

    /// The name that workflows and logs know the class by.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Rejected => "Rejected",
            Self::Invalid => "Invalid",
            Self::Conflict => "Conflict",
            Self::Transient => "Transient",
            Self::Throttled => "Throttled",
            Self::Bug => "Bug",
        }
    }
}

impl fmt::Display for Class {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// An error that knows its class and its code.
pub trait Classify {
    /// What it means for whoever has to deal with it.
    fn class(&self) -> Class;

    /// Its own name, in capitals. Clients rely on it: never change one.
    fn code(&self) -> &'static str;
}

impl Classify for DateError {
    fn class(&self) -> Class {
        Class::Invalid
    }

    fn code(&self) -> &'static str {
        "DATE_INVALID"
    }
}

impl Classify for MoneyError {
    fn class(&self) -> Class {
        match self {
            Self::AssetMismatch { .. } => Class::Bug,
            // By itself it is a text that was too long. Where our own arithmetic overflows, the outer error says Bug.
            Self::Overflow | Self::OverPrecise { .. } | Self::NotANumber | Self::UnknownAsset => Class::Invalid,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::AssetMismatch { .. } => "MONEY_ASSET_MISMATCH",
            Self::Overflow => "MONEY_OVERFLOW",
            Self::OverPrecise { .. } => "MONEY_OVER_PRECISE",
            Self::NotANumber => "MONEY_NOT_A_NUMBER",
            Self::UnknownAsset => "MONEY_UNKNOWN_ASSET",
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use money::{Asset, BusinessDate, Money, Week};

    use super::*;
    use crate::compliance::case::{CaseError, TextError};
    use crate::compliance::screening::ScreeningError;
    use crate::identity::customer::CustomerError;
    use crate::ids::IdError;
    use crate::ledger::account::AccountError;
    use crate::ledger::address::AddressClaimError;
    use crate::ledger::controls::ControlsError;
    use crate::ledger::funds::InsufficientFunds;
    use crate::ledger::holder::HolderError;
    use crate::ledger::journal::JournalError;
    use crate::ledger::operation::OperationError;
    use crate::ledger::product::ProductError;
    use crate::ledger::reference::DepositReferenceClaimError;
    use crate::ledger::savings::SavingsError;
    use crate::onboarding::application::ApplicationError;
    use crate::onboarding::eligibility::{EligibilityError, Field};
    use crate::onboarding::run::IdentityRunClaimError;

    #[test]
    fn a_class_is_shown_by_its_name() {
        for class in Class::ALL {
            assert_eq!(class.to_string(), class.name());
        }
    }

    /// Clients and operators rely on these.
    #[test]
    fn every_error_has_its_own_stable_code_and_its_class() {
        let (held, given) = (Asset::Gbp, Asset::Eur);
        let (day, week): (BusinessDate, Week) = ("2026-11-20".parse().unwrap(), "2026-W47".parse().unwrap());
        let errors: Vec<Box<dyn Classify>> = vec![
            Box::new(MoneyError::AssetMismatch { left: held, right: given }),
            Box::new(MoneyError::Overflow),
            Box::new(MoneyError::OverPrecise { asset: held, text_decimals: 3 }),
            Box::new(MoneyError::NotANumber),
            Box::new(MoneyError::UnknownAsset),
            Box::new(DateError),
            Box::new(IdError::new("id")),
            Box::new(ControlsError::Frozen),
            Box::new(ControlsError::Reused),
            Box::new(ControlsError::Unknown),
            Box::new(ControlsError::ByPolicy),
            Box::new(ControlsError::Own),
            Box::new(ControlsError::Full),
            Box::new(CaseError::Unknown),
            Box::new(CaseError::Closed),
            Box::new(CaseError::NoApplication),
            Box::new(CaseError::Own),
            Box::new(CaseError::AwaitsCustomer),
            Box::new(CaseError::TextReused),
            Box::new(CaseError::Full),
            Box::new(CaseError::QuestionUnknown),
            Box::new(CaseError::AnsweredBefore),
            Box::new(TextError::Empty),
            Box::new(TextError::TooLong),
            Box::new(ScreeningError::ChecksMissing),
            Box::new(ScreeningError::SubjectUnknown),
            Box::new(ScreeningError::ScoreTooHigh),
            Box::new(CustomerError::NotSignedUp),
            Box::new(CustomerError::DifferentEmail),
            Box::new(ApplicationError::Reused),
            Box::new(ApplicationError::UnderWay),
            Box::new(ApplicationError::DeclinedBefore),
            Box::new(ApplicationError::ApprovedBefore),
            Box::new(ApplicationError::Unknown),
            Box::new(ApplicationError::Ended),
            Box::new(ApplicationError::NotIdentified),
            Box::new(ApplicationError::IdentityDeclined),
            Box::new(ApplicationError::OtherApplicant),
            Box::new(ApplicationError::OtherRun),
            Box::new(ApplicationError::ForeignRun),
            Box::new(ApplicationError::Identified),
            Box::new(ApplicationError::NotReady),
            Box::new(ApplicationError::ReviewDeclined),
            Box::new(ApplicationError::InReview),
            Box::new(ApplicationError::NothingAsked),
            Box::new(ApplicationError::AnsweredBefore),
            Box::new(EligibilityError::UnderAge),
            Box::new(EligibilityError::CountryNotSupported),
            Box::new(EligibilityError::Field(Field::Town)),
            Box::new(EligibilityError::Iban),
            Box::new(EligibilityError::Unreadable),
            Box::new(IdentityRunClaimError::Taken),
            Box::new(AccountError::NotOpen),
            Box::new(AccountError::WrongAsset { held, given }),
            Box::new(AccountError::AmountNotPositive),
            Box::new(AccountError::OpenedDifferently),
            Box::new(AccountError::NotPending),
            Box::new(InsufficientFunds),
            Box::new(OperationError::DifferentRequest),
            Box::new(OperationError::AmountNotPositive),
            Box::new(OperationError::NothingToMove),
            Box::new(OperationError::WrongAsset { held, given }),
            Box::new(OperationError::WrongDirection),
            Box::new(OperationError::SettledBefore),
            Box::new(SavingsError::NotOpen),
            Box::new(SavingsError::WrongAsset { held, given }),
            Box::new(SavingsError::AmountNotPositive),
            Box::new(SavingsError::EarlierWeekDue { due: week }),
            Box::new(SavingsError::WeekNotOver { week }),
            Box::new(SavingsError::Ahead { last: day }),
            Box::new(ProductError::Unknown),
            Box::new(ProductError::WrongAsset { held, given }),
            Box::new(HolderError::NotOpen),
            Box::new(HolderError::ReadyDifferently),
            Box::new(AddressClaimError::Taken),
            Box::new(JournalError::TooFewPostings),
            Box::new(JournalError::ZeroPosting),
            Box::new(JournalError::WrongAsset { held, given }),
            Box::new(JournalError::Unbalanced { off_by: Money::zero(held) }),
            Box::new(DepositReferenceClaimError::Taken),
        ];
        let classes: BTreeMap<_, _> = errors.iter().map(|error| (error.code(), error.class())).collect();
        assert_eq!(classes.len(), errors.len(), "two errors share a code");
        let expected = [
            ("ACCOUNT_AMOUNT_NOT_POSITIVE", Class::Invalid),
            ("ACCOUNT_NOT_OPEN", Class::Rejected),
            ("ACCOUNT_NOT_PENDING", Class::Bug),
            ("ACCOUNT_OPENED_DIFFERENTLY", Class::Rejected),
            ("ACCOUNT_WRONG_ASSET", Class::Rejected),
            ("APPLICATION_APPROVED_BEFORE", Class::Rejected),
            ("APPLICATION_COUNTRY_NOT_SUPPORTED", Class::Rejected),
            ("APPLICATION_DECLINED", Class::Rejected),
            ("APPLICATION_ENDED", Class::Rejected),
            ("APPLICATION_FIELD_INVALID", Class::Invalid),
            ("APPLICATION_FOREIGN_RUN", Class::Bug),
            ("APPLICATION_IBAN_INVALID", Class::Invalid),
            ("APPLICATION_IDENTIFIED", Class::Rejected),
            ("APPLICATION_IDENTITY_DECLINED", Class::Rejected),
            ("APPLICATION_IN_REVIEW", Class::Bug),
            ("APPLICATION_NOT_IDENTIFIED", Class::Bug),
            ("APPLICATION_NOT_READY", Class::Transient),
            ("APPLICATION_OPEN", Class::Rejected),
            ("APPLICATION_OTHER_APPLICANT", Class::Conflict),
            ("APPLICATION_OTHER_RUN", Class::Conflict),
            ("APPLICATION_REUSED", Class::Invalid),
            ("APPLICATION_REVIEW_DECLINED", Class::Rejected),
            ("APPLICATION_UNDER_AGE", Class::Rejected),
            ("APPLICATION_UNKNOWN", Class::Invalid),
            ("APPLICATION_UNREADABLE", Class::Bug),
            ("CASE_ANSWERED_BEFORE", Class::Bug),
            ("CASE_AWAITS_CUSTOMER", Class::Rejected),
            ("CASE_CLOSED", Class::Rejected),
            ("CASE_FULL", Class::Rejected),
            ("CASE_NO_APPLICATION", Class::Rejected),
            ("CASE_OWN", Class::Rejected),
            ("CASE_QUESTION_UNKNOWN", Class::Bug),
            ("CASE_TEXT_REUSED", Class::Invalid),
            ("CASE_UNKNOWN", Class::Invalid),
            ("CUSTOMER_DIFFERENT_EMAIL", Class::Rejected),
            ("CUSTOMER_FROZEN", Class::Rejected),
            ("CUSTOMER_NOT_SIGNED_UP", Class::Rejected),
            ("DATE_INVALID", Class::Invalid),
            ("DEPOSIT_ADDRESS_TAKEN", Class::Bug),
            ("DEPOSIT_AMOUNT_NOT_POSITIVE", Class::Invalid),
            ("DEPOSIT_REFERENCE_TAKEN", Class::Conflict),
            ("DEPOSIT_SETTLED_BEFORE", Class::Invalid),
            ("DEPOSIT_WRONG_ASSET", Class::Bug),
            ("DEPOSIT_WRONG_DIRECTION", Class::Bug),
            ("FREEZES_FULL", Class::Rejected),
            ("FREEZE_BY_POLICY", Class::Rejected),
            ("FREEZE_OWN", Class::Rejected),
            ("FREEZE_REUSED", Class::Invalid),
            ("FREEZE_UNKNOWN", Class::Invalid),
            ("HOLDER_NOT_OPEN", Class::Bug),
            ("HOLDER_READY_DIFFERENTLY", Class::Bug),
            ("IDENTITY_RUN_TAKEN", Class::Bug),
            ("ID_INVALID", Class::Invalid),
            ("INFORMATION_NOT_REQUESTED", Class::Invalid),
            ("INFORMATION_PROVIDED_BEFORE", Class::Rejected),
            ("INSUFFICIENT_FUNDS", Class::Rejected),
            ("JOURNAL_TOO_FEW_POSTINGS", Class::Bug),
            ("JOURNAL_UNBALANCED", Class::Bug),
            ("JOURNAL_WRONG_ASSET", Class::Bug),
            ("JOURNAL_ZERO_POSTING", Class::Bug),
            ("MONEY_ASSET_MISMATCH", Class::Bug),
            ("MONEY_NOT_A_NUMBER", Class::Invalid),
            ("MONEY_OVERFLOW", Class::Invalid),
            ("MONEY_OVER_PRECISE", Class::Invalid),
            ("MONEY_UNKNOWN_ASSET", Class::Invalid),
            ("OPERATION_AMOUNT_NOT_POSITIVE", Class::Invalid),
            ("OPERATION_REUSED", Class::Invalid),
            ("PRODUCT_UNKNOWN", Class::Invalid),
            ("PRODUCT_WRONG_ASSET", Class::Invalid),
            ("RISK_CHECKS_MISSING", Class::Bug),
            ("SAVINGS_AHEAD", Class::Transient),
            ("SAVINGS_AMOUNT_NOT_POSITIVE", Class::Invalid),
            ("SAVINGS_EARLIER_WEEK_DUE", Class::Transient),
            ("SAVINGS_NOT_OPEN", Class::Rejected),
            ("SAVINGS_WEEK_NOT_OVER", Class::Transient),
            ("SAVINGS_WRONG_ASSET", Class::Invalid),
            ("SCREENING_SCORE_TOO_HIGH", Class::Bug),
            ("SCREENING_SUBJECT_UNKNOWN", Class::Bug),
            ("TEXT_EMPTY", Class::Invalid),
            ("TEXT_TOO_LONG", Class::Invalid),
        ];
        assert_eq!(classes.into_iter().collect::<Vec<_>>(), expected);
    }

    #[test]
    fn an_error_that_only_passes_another_on_has_its_code() {
        assert_eq!(AccountError::Money(MoneyError::Overflow).code(), MoneyError::Overflow.code());
        assert_eq!(OperationError::Journal(JournalError::ZeroPosting).code(), JournalError::ZeroPosting.code());
        assert_eq!(AccountError::Insufficient(InsufficientFunds).code(), InsufficientFunds.code());
        assert_eq!(SavingsError::Insufficient(InsufficientFunds).code(), InsufficientFunds.code());
    }

    #[test]
    fn arithmetic_that_overflows_in_the_books_is_our_mistake() {
        let overflow = MoneyError::Overflow;
        assert_eq!(AccountError::Money(overflow).class(), Class::Bug);
        assert_eq!(OperationError::Money(overflow).class(), Class::Bug);
        assert_eq!(SavingsError::Money(overflow).class(), Class::Bug);
        assert_eq!(JournalError::Money(overflow).class(), Class::Bug);
    }

    #[test]
    fn classes_are_known_by_their_names() {
        let names = Class::ALL.map(Class::name);
        assert_eq!(names, ["Rejected", "Invalid", "Conflict", "Transient", "Throttled", "Bug"]);
    }
}
