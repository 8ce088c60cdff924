use std::fmt;
use std::str::FromStr;

use super::{CustomerId, IdError, OperationId, uuid_from};

/// Where in the vault a piece of personal data lies: `customer:<uuid>/email`, that is a subject and one of its slots.
///
/// It carries no personal data itself: the subject has to end in a UUID, so that a name or an address cannot be one,
/// and slots are named by the program.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct VaultRef {
    text: String,
    slash: usize,
}

impl VaultRef {
    const LENGTH_MAX: usize = 128;

    /// The slot of this subject.
    ///
    /// # Errors
    ///
    /// The subject is not `<kind>:…<uuid>`, or the slot is not lower-case letters, digits and hyphens.
    pub fn try_new(subject: &str, slot: &str) -> Result<Self, IdError> {
        let is_valid =
            is_subject(subject) && is_slot(slot) && subject.len().saturating_add(slot.len()) < Self::LENGTH_MAX;
        if is_valid {
            Ok(Self { text: format!("{subject}/{slot}"), slash: subject.len() })
        } else {
            Err(IdError::new("vault reference"))
        }
    }

    /// A slot of a customer.
    ///
    /// # Errors
    ///
    /// The slot is not lower-case letters, digits and hyphens.
    pub fn of_customer(customer: CustomerId, slot: &str) -> Result<Self, IdError> {
        Self::try_new(&format!("customer:{customer}"), slot)
    }

    /// A slot of an operation, for people who are no customers: whoever paid something in.
    ///
    /// # Errors
    ///
    /// The slot is not lower-case letters, digits and hyphens.
    pub fn of_operation(operation: &OperationId, slot: &str) -> Result<Self, IdError> {
        Self::try_new(&format!("op:{operation}"), slot)
    }

    /// Whose data it is.
    #[must_use]
    pub fn subject(&self) -> &str {
        self.text.get(..self.slash).unwrap_or_default()
    }

    /// Which customer's data it is, if it is one's.
    #[must_use]
    pub fn customer(&self) -> Option<CustomerId> {
        self.subject().strip_prefix("customer:")?.parse().ok()
    }

    /// Which piece of it.
    #[must_use]
    pub fn slot(&self) -> &str {
        self.text.get(self.slash.saturating_add(1)..).unwrap_or_default()
    }

    /// The whole text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl fmt::Display for VaultRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.text)
    }
}

impl FromStr for VaultRef {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        let (subject, slot) = text.split_once('/').ok_or(IdError::new("vault reference"))?;
        Self::try_new(subject, slot)
    }
}

/// `customer:<uuid>`, or with something between that tells whose UUID it is: `op:clearbank#<uuid>`.
fn is_subject(text: &str) -> bool {
    text.split_once(':').is_some_and(|(kind, rest)| {
        let (owner, id) = rest.split_once('#').map_or((None, rest), |(owner, id)| (Some(owner), id));
        is_slot(kind) && owner.is_none_or(is_slot) && uuid_from(id).is_some_and(|uuid| uuid.to_string() == id)
    })
}

fn is_slot(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-'))
}
