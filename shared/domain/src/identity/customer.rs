//! A customer: somebody signed up, confirmed the e-mail address, applied, and was approved.
//!
//! What becomes of an application is decided elsewhere and arrives in any order, so every order leads to the same state.

use std::collections::BTreeSet;

use money::BusinessDate;
use serde::{Deserialize, Serialize};

use super::erasure::{self, Erasure, Retention};
use crate::aggregate::{Aggregate, Decider};
use crate::error::{Class, Classify};
use crate::ids::{ApplicationId, Fingerprint, RetentionClass, StaffId, VaultRef};
use crate::moment::Moment;

/// A person who signed up. Streams `customer#<uuid>`.
#[derive(Debug)]
pub struct Customer;

/// What happened to one customer.
///
/// These names are stored. Add a new version instead of changing one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", content = "data")]
pub enum CustomerEvent {
    /// Somebody asked to become a customer.
    #[serde(rename = "customer.signed-up.v1")]
    SignedUp {
        /// Where the vault keeps the address.
        email: VaultRef,
    },
    /// They asked to be let in, by an application.
    #[serde(rename = "customer.applied.v1")]
    Applied {
        /// The application.
        application: ApplicationId,
    },
    /// The application ended without an approval.
    #[serde(rename = "customer.application-ended.v1")]
    ApplicationEnded {
        /// The application.
        application: ApplicationId,
    },
    /// An application was approved: from here on they may use the bank.
    #[serde(rename = "customer.activated.v1")]
    Activated {},
    /// They are to be forgotten, as far as the law allows, and may no longer use the bank.
    #[serde(rename = "customer.erasure-requested.v1")]
    ErasureRequested {
        /// Who asked for it.
        by: StaffId,
        /// Where the vault keeps why.
        reason: VaultRef,
        /// When.
        at: Moment,
        /// What is kept for a while. The keys of all other classes are due at once.
        kept: Vec<Retention>,
    },
    /// The key of a class of their personal data was destroyed: nothing opens it any more.
    #[serde(rename = "customer.key-destroyed.v1")]
    KeyDestroyed {
        /// The class.
        class: RetentionClass,
        /// When.
        at: Moment,
        /// The hash of the key as it was kept. Absent if nothing had ever been kept under one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        key: Option<Fingerprint>,
    },
}

/// How far a customer has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum CustomerStatus {
    /// Nobody signed up under this id.
    #[default]
    #[serde(rename = "n")]
    None,
    /// Signed up, with an e-mail address that is theirs.
    #[serde(rename = "s")]
    SignedUp,
    /// An application of theirs is under way.
    #[serde(rename = "p")]
    Applying,
    /// May use the bank.
    #[serde(rename = "a")]
    Active,
    /// Is no customer any more, and is forgotten as far as the law allows.
    #[serde(rename = "x")]
    Erased,
}

/// What the events of one customer add up to.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct CustomerState {
    /// How far the customer has come.
    #[serde(rename = "s")]
    pub status: CustomerStatus,
    /// Where the vault keeps the address, from the sign-up on.
    #[serde(rename = "e", default, skip_serializing_if = "Option::is_none")]
    pub email: Option<VaultRef>,
    /// Applications that are under way.
    #[serde(rename = "o", default, skip_serializing_if = "BTreeSet::is_empty")]
    pub open: BTreeSet<ApplicationId>,
    /// Applications that ended without an approval: news of their submission may still come.
    #[serde(rename = "x", default, skip_serializing_if = "BTreeSet::is_empty")]
    pub ended: BTreeSet<ApplicationId>,
    /// How far they are forgotten.
    #[serde(rename = "f", default, skip_serializing_if = "Option::is_none")]
    pub erasure: Option<Erasure>,
}

/// What may be asked of a customer's stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CustomerCommand {
    /// Make a customer of whoever signed up.
    SignUp {
        /// Where the vault keeps the address.
        email: VaultRef,
    },
    /// They applied.
    Apply {
        /// The application.
        application: ApplicationId,
    },
    /// An application of theirs ended without an approval.
    EndApplication {
        /// The application.
        application: ApplicationId,
    },
    /// An application of theirs was approved.
    Activate,
    /// Forget them, as far as the law allows.
    RequestErasure {
        /// Who asks for it.
        by: StaffId,
        /// Where the vault keeps why.
        reason: VaultRef,
        /// When it is asked.
        at: Moment,
    },
    /// A key of theirs was destroyed.
    NoteDestroyed {
        /// The class that it opened.
        class: RetentionClass,
        /// When.
        at: Moment,
        /// The hash of the key as it was kept, if there was one.
        key: Option<Fingerprint>,
    },
}

/// Why a customer's stream says no.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CustomerError {
    /// Nobody signed up under this id.
    #[error("the customer has not signed up")]
    NotSignedUp,
    /// The customer signed up with another address.
    #[error("the customer signed up with another e-mail address")]
    DifferentEmail,
    /// They were forgotten.
    #[error("the customer is erased")]
    Erased,
    /// Nobody asked for their erasure.
    #[error("nobody asked for the customer's erasure")]
    NotErased,
    /// The law still requires what the key opens.
    #[error("the law requires this for longer")]
    StillRequired,
}

impl Classify for CustomerError {
    fn class(&self) -> Class {
        match self {
            Self::NotSignedUp | Self::DifferentEmail | Self::Erased => Class::Rejected,
            Self::NotErased | Self::StillRequired => Class::Bug,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::NotSignedUp => "CUSTOMER_NOT_SIGNED_UP",
            Self::DifferentEmail => "CUSTOMER_DIFFERENT_EMAIL",
            Self::Erased => "CUSTOMER_ERASED",
            Self::NotErased => "CUSTOMER_NOT_ERASED",
            Self::StillRequired => "CUSTOMER_DATA_STILL_REQUIRED",
        }
    }
}

/// What happens to a customer because of a command.
///
/// # Errors
///
/// See [`CustomerError`].
pub fn decide(state: &CustomerState, command: &CustomerCommand) -> Result<Vec<CustomerEvent>, CustomerError> {
    match command {
        CustomerCommand::SignUp { .. } if state.status == CustomerStatus::Erased => Err(CustomerError::Erased),
        CustomerCommand::SignUp { email } => match &state.email {
            None => Ok(vec![CustomerEvent::SignedUp { email: email.clone() }]),
            Some(known) if known == email => Ok(vec![]),
            Some(_) => Err(CustomerError::DifferentEmail),
        },
        CustomerCommand::Apply { application } => match state.status {
            CustomerStatus::None => Err(CustomerError::NotSignedUp),
            CustomerStatus::Erased => Err(CustomerError::Erased),
            CustomerStatus::Active => Ok(vec![]), // The approval was faster than the news of the submission.
            CustomerStatus::SignedUp | CustomerStatus::Applying => {
                let known = state.open.contains(application) || state.ended.contains(application);
                Ok(if known { vec![] } else { vec![CustomerEvent::Applied { application: *application }] })
            }
        },
        CustomerCommand::EndApplication { application } => match state.status {
            CustomerStatus::None => Err(CustomerError::NotSignedUp),
            CustomerStatus::Active | CustomerStatus::Erased => Ok(vec![]),
            CustomerStatus::SignedUp | CustomerStatus::Applying => Ok(if state.ended.contains(application) {
                vec![]
            } else {
                vec![CustomerEvent::ApplicationEnded { application: *application }]
            }),
        },
        CustomerCommand::Activate => match state.status {
            CustomerStatus::None => Err(CustomerError::NotSignedUp),
            CustomerStatus::SignedUp | CustomerStatus::Applying => Ok(vec![CustomerEvent::Activated {}]),
            CustomerStatus::Active => Ok(vec![]),
            CustomerStatus::Erased => Err(CustomerError::Erased),
        },
        CustomerCommand::RequestErasure { by, reason, at } => match state.status {
            CustomerStatus::None => Err(CustomerError::NotSignedUp),
            CustomerStatus::Erased => Ok(vec![]),
            CustomerStatus::SignedUp | CustomerStatus::Applying | CustomerStatus::Active => {
                let kept = erasure::kept(state.status, *at);
                Ok(vec![CustomerEvent::ErasureRequested { by: *by, reason: reason.clone(), at: *at, kept }])
            }
        },
        CustomerCommand::NoteDestroyed { class, at, key } => match &state.erasure {
            None => Err(CustomerError::NotErased),
            Some(erasure) if erasure.gone.contains_key(class) => Ok(vec![]),
            Some(erasure) if BusinessDate::of(at.time()) < erasure.due(*class) => Err(CustomerError::StillRequired),
            Some(_) => Ok(vec![CustomerEvent::KeyDestroyed { class: *class, at: *at, key: *key }]),
        },
    }
}

/// The customer after one more event.
#[must_use]
pub fn evolve(mut state: CustomerState, event: &CustomerEvent) -> CustomerState {
    match event {
        CustomerEvent::SignedUp { email } => {
            CustomerState { status: CustomerStatus::SignedUp, email: Some(email.clone()), ..CustomerState::default() }
        }
        CustomerEvent::Applied { application } => {
            state.open.insert(*application);
            CustomerState { status: CustomerStatus::Applying, ..state }
        }
        CustomerEvent::ApplicationEnded { application } => {
            state.open.remove(application);
            state.ended.insert(*application);
            let status = if state.open.is_empty() { CustomerStatus::SignedUp } else { CustomerStatus::Applying };
            CustomerState { status, ..state }
        }
        // What became of their applications no longer matters.
        CustomerEvent::Activated {} => CustomerState {
            status: CustomerStatus::Active,
            email: state.email,
            open: BTreeSet::new(),
            ended: BTreeSet::new(),
            erasure: None,
        },
        CustomerEvent::ErasureRequested { by, at, kept, .. } => CustomerState {
            status: CustomerStatus::Erased,
            email: state.email,
            open: BTreeSet::new(),
            ended: BTreeSet::new(),
            erasure: Some(Erasure::of(*at, *by, kept)),
        },
        CustomerEvent::KeyDestroyed { class, at, .. } => {
            if let Some(erasure) = &mut state.erasure {
                erasure.gone.insert(*class, *at);
            }
            state
        }
    }
}

impl Aggregate for Customer {
    const KIND: &'static str = "customer";
    const STATE_VERSION: u32 = 4;

    type State = CustomerState;
    type Event = CustomerEvent;

    fn evolve(state: CustomerState, event: &CustomerEvent) -> CustomerState {
        evolve(state, event)
    }
}

impl Decider for Customer {
    type Command = CustomerCommand;
    type Error = CustomerError;

    fn decide(state: &CustomerState, command: &CustomerCommand) -> Result<Vec<CustomerEvent>, CustomerError> {
        decide(state, command)
    }
}

#[cfg(test)]
#[path = "customer_tests.rs"]
mod tests;
