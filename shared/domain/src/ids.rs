//! What names things: customers, their applications, accounts and positions, operations, references, addresses, vault slots, streams.
//!
//! Each id has its own type and one stored text. None is made here: they arrive in commands.

mod custody;
mod deposit_reference;
mod fingerprint;
mod operation;
mod retention;
mod savings;
mod stream;
mod vault_ref;

use std::fmt;
use std::str::FromStr;

use money::Asset;
use uuid::Uuid;

pub use custody::{ChainAddress, CryptoAddress, CustodyAccountId};
pub use deposit_reference::DepositReference;
pub use fingerprint::Fingerprint;
pub use operation::{OperationId, OperationOwner};
pub use retention::RetentionClass;
pub use savings::{PositionId, ProductId};
pub use stream::{StreamId, Version};
pub use vault_ref::VaultRef;

use crate::error::{Class, Classify};

/// A text is not the id that it should be.
///
/// It does not repeat the text, which may come from anywhere and hold anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a valid {expected}")]
pub struct IdError {
    expected: &'static str,
}

impl IdError {
    pub(crate) const fn new(expected: &'static str) -> Self {
        Self { expected }
    }
}

impl Classify for IdError {
    fn class(&self) -> Class {
        Class::Invalid
    }

    fn code(&self) -> &'static str {
        "ID_INVALID"
    }
}

/// Ids that are a UUID and nothing else.
macro_rules! uuid_ids {
    ($($(#[$doc:meta])+ $name:ident, $expected:literal;)+) => {$(
        $(#[$doc])+
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub Uuid);

        impl $name {
            /// The id with this UUID.
            #[must_use]
            pub const fn new(id: Uuid) -> Self {
                Self(id)
            }

            /// The bare id.
            #[must_use]
            pub const fn as_uuid(&self) -> &Uuid {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = IdError;

            fn from_str(text: &str) -> Result<Self, IdError> {
                uuid_from(text).map(Self).ok_or(IdError::new($expected))
            }
        }
    )+};
}

uuid_ids! {
    /// A customer: the `sub` that the identity pool gave to the person who signed up.
    CustomerId, "customer id";
    /// One application of a customer, by the id that the customer picked.
    ApplicationId, "application id";
    /// A run of the identity provider's workflow, by the provider's own id of it.
    WorkflowRunId, "workflow run id";
    /// A person at the identity provider, by the provider's own id of them.
    ProviderApplicantId, "provider's applicant id";
    /// A review case of compliance.
    CaseId, "case id";
    /// A freeze of a customer: picked by whoever freezes, or that of a review case.
    FreezeId, "freeze id";
    /// Somebody who works here: the `sub` that the identity pool gave them.
    StaffId, "staff id";
    /// A text that somebody wrote about a review case, by the id that they picked.
    TextId, "text id";
}

impl CaseId {
    /// Namespace of deterministic case ids (a random UUID of our own).
    const NAMESPACE: Uuid = Uuid::from_u128(0x5d3a_9c41_70e8_4b6f_a2c7_1f0b_86d4_93e5);

    /// The case of an application: the same one however often it is opened. Two customers may have picked the same application id.
    #[must_use]
    pub fn of_application(customer: CustomerId, application: ApplicationId) -> Self {
        Self(Uuid::new_v5(&Self::NAMESPACE, format!("{customer}/{application}").as_bytes()))
    }

    /// The case of what was found about a customer since: the same one however often that is looked at.
    #[must_use]
    pub fn of_monitoring(customer: CustomerId, number: u32) -> Self {
        Self(Uuid::new_v5(&Self::NAMESPACE, format!("{customer}/monitoring/{number}").as_bytes()))
    }
}

impl FreezeId {
    /// Namespace of the ids of freezes by policy (a random UUID of our own): no id that somebody picks meets one of them.
    const NAMESPACE: Uuid = Uuid::from_u128(0x9c64_12d7_0b5e_4f83_b1a9_6e2d_47c0_f815);

    /// The freeze that a review case orders: the same one however often it is ordered.
    #[must_use]
    pub fn of_case(case: CaseId) -> Self {
        Self(Uuid::new_v5(&Self::NAMESPACE, case.as_uuid().as_bytes()))
    }
}

/// Names for what there is once a customer. Each is the customer's id, and its type says whose stream is meant.
macro_rules! ids_of_a_customer {
    ($($(#[$doc:meta])+ $name:ident;)+) => {$(
        $(#[$doc])+
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub CustomerId);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = IdError;

            fn from_str(text: &str) -> Result<Self, IdError> {
                text.parse().map(Self)
            }
        }
    )+};
}

ids_of_a_customer! {
    /// A customer as one who applies.
    ApplicantId;
    /// A customer as one who holds accounts.
    HolderId;
    /// A customer as one who is looked for in lists.
    ScreenedId;
    /// A customer as one who may be forbidden something.
    ControlledId;
    /// A customer as one for whom money waits.
    AwaitedId;
}

/// A customer's account. There is one for each asset: `<customer>#GBP`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AccountId {
    /// Whose account it is.
    pub customer: CustomerId,
    /// What it holds.
    pub asset: Asset,
}

impl AccountId {
    /// The account of this customer in this asset.
    #[must_use]
    pub const fn new(customer: CustomerId, asset: Asset) -> Self {
        Self { customer, asset }
    }
}

impl fmt::Display for AccountId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}#{}", self.customer, self.asset)
    }
}

impl FromStr for AccountId {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        let invalid = IdError::new("account id");
        let (customer, asset) = text.split_once('#').ok_or(invalid)?;
        Ok(Self { customer: customer.parse().map_err(|_| invalid)?, asset: asset.parse().map_err(|_| invalid)? })
    }
}

/// Reads the hyphenated form only, in either case: partners write upper case, we write lower case.
fn uuid_from(text: &str) -> Option<Uuid> {
    const HYPHENATED_LENGTH: usize = 36;
    if text.len() == HYPHENATED_LENGTH { Uuid::try_parse(text).ok() } else { None }
}

/// Stores a type as the text that `Display` writes and `FromStr` reads.
macro_rules! stored_as_text {
    ($($name:ty),+ $(,)?) => {$(
        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    )+};
}
pub(crate) use stored_as_text;

stored_as_text!(
    CustomerId,
    ApplicationId,
    WorkflowRunId,
    ProviderApplicantId,
    ApplicantId,
    HolderId,
    ScreenedId,
    ControlledId,
    AwaitedId,
    FreezeId,
    CaseId,
    StaffId,
    TextId,
    AccountId,
    ProductId,
    PositionId,
    ChainAddress,
    CryptoAddress,
    CustodyAccountId,
    OperationOwner,
    OperationId,
    DepositReference,
    VaultRef,
    Fingerprint,
    StreamId,
);

#[cfg(test)]
mod tests;
