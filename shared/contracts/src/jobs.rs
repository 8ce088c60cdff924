//! Messages that one function leaves for another on a queue. They carry pointers, never personal data.

use serde::{Deserialize, Serialize};

/// A bank webhook that was verified and stored, and is now to be booked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SettleDeposit {
    /// Where the raw bytes are in the raw-webhook bucket.
    pub object: String,
    /// What ties together everything that this webhook leads to.
    pub correlation_id: String,
}
