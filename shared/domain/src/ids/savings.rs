use std::fmt;
use std::str::FromStr;

use super::{CustomerId, IdError};

/// A savings product, by a name of lower-case letters, digits and hyphens: `usdc-savings`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ProductId(String);

impl ProductId {
    const LENGTH_MAX: usize = 32;

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ProductId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl FromStr for ProductId {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        let is_plain = text.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-'));
        if is_plain && (1..=Self::LENGTH_MAX).contains(&text.len()) {
            Ok(Self(text.to_owned()))
        } else {
            Err(IdError::new("product id"))
        }
    }
}

/// What a customer saves in one product: `<customer>#usdc-savings`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PositionId {
    /// Whose it is.
    pub customer: CustomerId,
    /// In what it is saved.
    pub product: ProductId,
}

impl PositionId {
    /// The position of this customer in this product.
    #[must_use]
    pub const fn new(customer: CustomerId, product: ProductId) -> Self {
        Self { customer, product }
    }
}

impl fmt::Display for PositionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}#{}", self.customer, self.product)
    }
}

impl FromStr for PositionId {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        let invalid = IdError::new("position id");
        let (customer, product) = text.split_once('#').ok_or(invalid)?;
        Ok(Self { customer: customer.parse().map_err(|_| invalid)?, product: product.parse().map_err(|_| invalid)? })
    }
}
