//! Which way money may not move: the one word that compliance and the ledger share about a frozen customer.

use serde::{Deserialize, Serialize};

/// Which of a customer's money does not move.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum FreezeSide {
    /// Nothing that the customer asks for.
    #[serde(rename = "debits")]
    Debits,
    /// Nothing that comes in for the customer.
    #[serde(rename = "credits")]
    Credits,
    /// Neither.
    #[serde(rename = "both")]
    Both,
}

impl FreezeSide {
    /// Every side there is.
    pub const ALL: [Self; 3] = [Self::Debits, Self::Credits, Self::Both];

    /// Whether the customer may move nothing.
    #[must_use]
    pub const fn stops_debits(self) -> bool {
        match self {
            Self::Debits | Self::Both => true,
            Self::Credits => false,
        }
    }

    /// Whether nothing may come in.
    #[must_use]
    pub const fn stops_credits(self) -> bool {
        match self {
            Self::Credits | Self::Both => true,
            Self::Debits => false,
        }
    }

    /// The least that stops what either stops.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Debits, Self::Debits) => Self::Debits,
            (Self::Credits, Self::Credits) => Self::Credits,
            (Self::Debits | Self::Credits | Self::Both, _) => Self::Both,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_sides_together_stop_what_either_stops() {
        for one in FreezeSide::ALL {
            for other in FreezeSide::ALL {
                let both = one.and(other);
                assert_eq!(both.stops_debits(), one.stops_debits() || other.stops_debits());
                assert_eq!(both.stops_credits(), one.stops_credits() || other.stops_credits());
            }
        }
    }
}
