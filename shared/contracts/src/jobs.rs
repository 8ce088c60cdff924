//! Messages that one function leaves for another on a queue. They carry pointers, never personal data.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::tasks::Awaited;

/// A bank webhook that was verified and stored, and is now to be booked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SettleDeposit {
    /// Where the raw bytes are in the raw-webhook bucket.
    pub object: String,
    /// What ties together everything that this webhook leads to.
    pub correlation_id: String,
}

/// A webhook of the identity provider that was verified and stored, and whose result is now to reach its application.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ApplyIdentityResult {
    /// Where the raw bytes are in the raw-webhook bucket.
    pub object: String,
    /// What ties together everything that this webhook leads to.
    pub correlation_id: String,
}

/// A webhook of the custodian that was verified and stored: the transaction that it names is to be read again and booked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SettleCryptoDeposit {
    /// Where the raw bytes are in the raw-webhook bucket.
    pub object: String,
    /// What ties together everything that this webhook leads to.
    pub correlation_id: String,
}

/// A state of a workflow was made to wait while what it waits for came: it is to be resumed once there is a permit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ResumeApplication {
    /// Who applies.
    pub customer: Uuid,
    /// The application.
    pub application: Uuid,
    /// What was waited for.
    pub awaited: Awaited,
    /// What ties together everything that the application leads to.
    pub correlation_id: String,
}

/// The weekly payout is due, as the schedule says, or goes on with the next page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct StartPayouts {
    /// When the schedule was due: RFC 3339. The week that ended last before it is the one that is paid.
    pub scheduled_at: String,
    /// Where the list of positions goes on; from its beginning if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
}

/// One savings position is to be paid, week by week, through a named week.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PayYield {
    /// Whose position.
    pub customer: Uuid,
    /// In which product, by its id.
    pub product: String,
    /// The last week to be paid, e.g. `2026-W47`.
    pub week: String,
}

/// It is time to destroy the keys of personal data that nothing requires any longer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ErasePersonalData {
    /// When the schedule was due: RFC 3339. For people: what is due is decided by the bank's own clock.
    pub scheduled_at: String,
}

/// It is time to look for review cases that nobody decided in time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct EscalateCases {
    /// When the schedule was due: RFC 3339. Cases that are due by then are meant.
    pub scheduled_at: String,
}

/// A time that all customers are looked for again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Round {
    /// Its day: `YYYY-MM-DD`.
    pub day: String,
    /// How the screening provider's lists stood when it began.
    pub index: String,
}

/// It is time to see whether customers are to be looked for again, as the schedule says; or that goes on with a page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct StartRescreening {
    /// When the schedule was due: RFC 3339. Its day is the day of the round.
    pub scheduled_at: String,
    /// The round that goes on; absent where none has begun.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub round: Option<Round>,
    /// Where the list of customers goes on; from its beginning if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
}

/// One customer is to be looked for again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RescreenCustomer {
    /// Who.
    pub customer: Uuid,
    /// In which round.
    pub round: Round,
}

/// A webhook of the identity provider's monitor that was verified and stored: what it has found is to be read and looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ReviewMonitor {
    /// Where the raw bytes are in the raw-webhook bucket.
    pub object: String,
    /// What ties together everything that this webhook leads to.
    pub correlation_id: String,
}
