use std::fmt;
use std::str::FromStr;

use super::{IdError, VaultRef, stored_as_text};

/// How long a kind of personal data is kept, and so which key opens it. Each has a key of its own for every customer, so that one can be
/// destroyed while another is still needed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RetentionClass {
    /// Who somebody is and how that was found out: what the law against money laundering keeps after the relationship ends.
    Identity,
    /// How somebody is reached. Nothing requires it once they are no customer.
    Contact,
    /// What was written about them in cases, and what they were asked and answered.
    Case,
    /// Who paid them: records of payments, kept as long as those who they are.
    Payment,
}

impl RetentionClass {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Identity, Self::Contact, Self::Case, Self::Payment];

    /// The stored name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Identity => "identity",
            Self::Contact => "contact",
            Self::Case => "case",
            Self::Payment => "payment",
        }
    }
}

impl VaultRef {
    /// How long what lies there is kept. The slot says it; one that nobody has classified counts as what is kept the longest, so that
    /// nothing is destroyed that the law may require.
    #[must_use]
    pub fn class(&self) -> RetentionClass {
        match self.slot().split('-').next() {
            Some("email") => RetentionClass::Contact,
            Some("case" | "question" | "answer" | "freeze" | "unfreeze" | "release") => RetentionClass::Case,
            Some("payer" | "remittance") => RetentionClass::Payment,
            _ => RetentionClass::Identity,
        }
    }
}

impl fmt::Display for RetentionClass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for RetentionClass {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        Self::ALL.into_iter().find(|class| class.name() == text).ok_or(IdError::new("retention class"))
    }
}

stored_as_text!(RetentionClass);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::CustomerId;

    #[test]
    fn a_reference_knows_how_long_its_data_is_kept() {
        for (slot, class) in [
            ("email", RetentionClass::Contact),
            ("application-0b5f7a3e-4c1d-4f5e-9a6b-2d8c7e1f3a90-9f2c4b7a1e", RetentionClass::Identity),
            ("case-note-1b9d6f2a", RetentionClass::Case),
            ("question-3f2e1d0c", RetentionClass::Case),
            ("answer-0f9e8d7c", RetentionClass::Case),
            ("freeze-3f2e1d0c", RetentionClass::Case),
            ("unfreeze-3f2e1d0c", RetentionClass::Case),
            ("release-3f2e1d0c", RetentionClass::Case),
            ("remittance", RetentionClass::Payment),
            ("payer-0f8b2c4d", RetentionClass::Payment),
            ("payer", RetentionClass::Payment),
            ("what-nobody-thought-of", RetentionClass::Identity),
            ("emails", RetentionClass::Identity),
        ] {
            let reference = VaultRef::of_customer(CustomerId::new(uuid::Uuid::nil()), slot).unwrap();
            assert_eq!(reference.class(), class, "{slot}");
        }
        for class in RetentionClass::ALL {
            assert_eq!(class.name().parse(), Ok(class));
        }
        assert!("customer".parse::<RetentionClass>().is_err());
    }
}
