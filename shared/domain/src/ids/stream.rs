use std::fmt;
use std::num::ParseIntError;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::{
    AccountId, ApplicantId, AwaitedId, CaseId, ControlledId, CryptoAddress, CustomerId, DepositReference, HolderId,
    IdError, OperationId, PositionId, ScreenedId, WorkflowRunId,
};
use crate::aggregate::Aggregate;
use crate::identity::customer::Customer;
use crate::ledger::account::Account;
use crate::ledger::address::AddressClaim;
use crate::ledger::controls::Controls;
use crate::ledger::holder::Holder;
use crate::ledger::operation::Operation;
use crate::ledger::reference::DepositReferenceClaim;
use crate::ledger::savings::Savings;
use crate::ledger::waiting::Waiting;

/// The history of one thing: the kind of thing, `#`, and its id. `account#<uuid>#GBP`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StreamId(String);

impl StreamId {
    const LENGTH_MAX: usize = 128;

    /// The first segment, which says what aggregate it is.
    #[must_use]
    pub fn kind(&self) -> &str {
        self.0.split_once('#').map_or("", |(kind, _)| kind)
    }

    /// What follows the kind: the id of the thing.
    #[must_use]
    pub fn rest(&self) -> &str {
        self.0.split_once('#').map_or("", |(_, rest)| rest)
    }

    /// The whole text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for StreamId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl FromStr for StreamId {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        let is_valid = text.len() <= Self::LENGTH_MAX
            && text.split_once('#').is_some_and(|(kind, rest)| {
                !kind.is_empty()
                    && kind.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'-'))
                    && !rest.is_empty()
                    && rest.bytes().all(|byte| byte.is_ascii_graphic())
            });
        if is_valid { Ok(Self(text.to_owned())) } else { Err(IdError::new("stream id")) }
    }
}

/// Says of what kind the stream is that an id names, in both directions.
macro_rules! names_a_stream {
    ($($id:ty => $kind:expr),+ $(,)?) => {$(
        impl From<&$id> for StreamId {
            fn from(id: &$id) -> Self {
                Self(format!("{}#{id}", $kind))
            }
        }

        impl From<$id> for StreamId {
            fn from(id: $id) -> Self {
                Self::from(&id)
            }
        }

        impl TryFrom<&StreamId> for $id {
            type Error = IdError;

            fn try_from(stream: &StreamId) -> Result<Self, IdError> {
                if stream.kind() == $kind {
                    stream.rest().parse()
                } else {
                    Err(IdError::new(concat!("stream id of ", stringify!($id))))
                }
            }
        }
    )+};
}

names_a_stream!(
    CustomerId => Customer::KIND,
    ApplicantId => "application",
    WorkflowRunId => "run",
    AccountId => Account::KIND,
    OperationId => Operation::KIND,
    DepositReference => DepositReferenceClaim::KIND,
    PositionId => Savings::KIND,
    HolderId => Holder::KIND,
    CryptoAddress => AddressClaim::KIND,
    ScreenedId => "screening",
    CaseId => "case",
    ControlledId => Controls::KIND,
    AwaitedId => Waiting::KIND,
);

/// The place of a commit in its stream. The first is 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Version(pub u32);

impl Version {
    /// The place of the first commit.
    pub const FIRST: Self = Self(0);

    /// This place.
    #[must_use]
    pub const fn new(number: u32) -> Self {
        Self(number)
    }

    /// The place after this one.
    ///
    /// After the last there is none; the last again makes the store refuse the append, which is what should happen.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }

    /// The bare number.
    #[must_use]
    pub const fn number(self) -> u32 {
        self.0
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for Version {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        text.parse().map(Self).map_err(|_: ParseIntError| IdError::new("version"))
    }
}
