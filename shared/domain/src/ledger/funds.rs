//! The one refusal that accounts and savings share.

use crate::error::{Class, Classify};

/// More was asked for than there is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("more is asked for than there is")]
pub struct InsufficientFunds;

impl Classify for InsufficientFunds {
    fn class(&self) -> Class {
        Class::Rejected
    }

    fn code(&self) -> &'static str {
        "INSUFFICIENT_FUNDS"
    }
}
