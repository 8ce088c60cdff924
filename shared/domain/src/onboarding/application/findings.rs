//! What others found about somebody who applies, or decided about them.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Who proves that people are who they say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum IdentityCheckProvider {
    /// Onfido.
    #[serde(rename = "onfido")]
    Onfido,
}

/// What the identity provider found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum IdentityResult {
    /// It is the person.
    #[serde(rename = "approved")]
    Approved,
    /// It is not, or the applicant gave up.
    #[serde(rename = "declined")]
    Declined,
}

/// What compliance decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum ReviewResult {
    /// They may be a customer.
    #[serde(rename = "approved")]
    Approved,
    /// They may not.
    #[serde(rename = "declined")]
    Declined,
}

/// Why an application was declined.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum DeclineReason {
    /// The identity provider said no.
    #[serde(rename = "identity")]
    Identity,
    /// Compliance said no.
    #[serde(rename = "review")]
    Review,
    /// A step before the approval was refused: by a rule, by the provider, or by somebody of operations.
    #[serde(rename = "refused")]
    Refused,
}

/// Why the mail that welcomes a customer reaches nobody.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Undeliverable {
    /// Who delivers it does not take it, and would not take it again.
    #[serde(rename = "refused")]
    Refused,
    /// No address is known.
    #[serde(rename = "no-address")]
    NoAddress,
    /// They were forgotten meanwhile.
    #[serde(rename = "erased")]
    Erased,
}

impl fmt::Display for IdentityCheckProvider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Onfido => "onfido",
        })
    }
}
