use std::fmt;
use std::str::FromStr;

use money::Week;
use uuid::Uuid;

use super::{CustomerId, IdError, PositionId, uuid_from};

/// Namespace of the ids of payouts (a random UUID of our own).
const PAYOUTS: Uuid = Uuid::from_u128(0x5b0c_95f4_1d5e_4a0b_8a3c_0f6f_2f4f_9d61);
/// Owner of the operations that the bank does by itself to pay interest.
const YIELD: &str = "yield";

/// Whose ids an operation's id is one of: a partner such as `clearbank`, or a customer.
///
/// Two owners may pick the same id without meeting.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OperationOwner(String);

impl OperationOwner {
    const LENGTH_MAX: usize = 36;

    /// The owner of this name: lower-case letters, digits and hyphens, at most as long as a customer's id.
    ///
    /// # Errors
    ///
    /// The name has another shape.
    pub fn try_new(name: &str) -> Result<Self, IdError> {
        name.parse()
    }
}

impl From<CustomerId> for OperationOwner {
    fn from(customer: CustomerId) -> Self {
        Self(customer.to_string())
    }
}

impl fmt::Display for OperationOwner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl FromStr for OperationOwner {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        let is_plain = text.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-'));
        if is_plain && (1..=Self::LENGTH_MAX).contains(&text.len()) {
            Ok(Self(text.to_owned()))
        } else {
            Err(IdError::new("operation owner"))
        }
    }
}

/// A deposit, withdrawal, transfer, …: `<owner>#<id>`. Whoever asks for it picks the id, so asking again is safe.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OperationId {
    /// Whose id it is.
    pub owner: OperationOwner,
    /// The id that the owner picked.
    pub id: Uuid,
}

impl OperationId {
    /// The operation that this owner calls by this id.
    #[must_use]
    pub const fn new(owner: OperationOwner, id: Uuid) -> Self {
        Self { owner, id }
    }

    /// The payout of what a position earned in a week. There is one, whoever pays it and whenever.
    #[must_use]
    pub fn of_payout(position: &PositionId, week: Week) -> Self {
        let id = Uuid::new_v5(&PAYOUTS, format!("{position}@{week}").as_bytes());
        Self { owner: OperationOwner(YIELD.to_owned()), id }
    }
}

impl fmt::Display for OperationId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}#{}", self.owner, self.id)
    }
}

impl FromStr for OperationId {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        let invalid = IdError::new("operation id");
        let (owner, id) = text.split_once('#').ok_or(invalid)?;
        Ok(Self { owner: owner.parse().map_err(|_| invalid)?, id: uuid_from(id).ok_or(invalid)? })
    }
}
