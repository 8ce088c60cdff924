//! Milestone events: the few stable facts by which contexts and partners talk.
//!
//! A type here is never changed, only joined by its next version. Schemas are generated into `events/schemas`.

use schemars::{JsonSchema, Schema, schema_for};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Namespace of deterministic milestone ids (a random UUID of our own).
const NAMESPACE: Uuid = Uuid::from_u128(0x8d1f_6c0e_52c4_4f0b_9b8e_7a3a_c0d5_1e27);

/// A customer passed everything that is asked of them; the other contexts may open what is theirs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct CustomerActivatedV1 {
    /// The customer.
    pub customer_id: Uuid,
}

/// Any milestone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Milestone {
    /// See [`CustomerActivatedV1`].
    CustomerActivatedV1(CustomerActivatedV1),
}

impl Milestone {
    /// The bus's `detail-type`.
    #[must_use]
    pub const fn detail_type(&self) -> &'static str {
        match self {
            Self::CustomerActivatedV1(_) => CUSTOMER_ACTIVATED_V1,
        }
    }

    /// The bus's `source`: the context that it comes from.
    #[must_use]
    pub const fn source(&self) -> &'static str {
        match self {
            Self::CustomerActivatedV1(_) => "granary.identity",
        }
    }

    fn data(&self) -> Result<serde_json::Value, serde_json::Error> {
        match self {
            Self::CustomerActivatedV1(data) => serde_json::to_value(data),
        }
    }
}

/// `detail-type` of [`CustomerActivatedV1`].
pub const CUSTOMER_ACTIVATED_V1: &str = "CustomerActivated.v1";

/// A milestone on its way to the bus.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Envelope {
    /// The bus's `source`.
    pub source: &'static str,
    /// The bus's `detail-type`.
    pub detail_type: &'static str,
    /// The bus's `detail`: a [`Detail`] as JSON.
    pub detail: String,
}

/// The `detail` of every milestone event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Detail<T> {
    /// The same for every delivery of the same milestone.
    pub id: Uuid,
    /// When it happened: RFC 3339, UTC.
    pub occurred_at: String,
    /// What ties together everything that one outside request led to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub correlation_id: Option<String>,
    /// W3C trace context.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub traceparent: Option<String>,
    /// What happened.
    pub data: T,
}

/// Where a milestone comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin<'a> {
    /// The stream id.
    pub stream: &'a str,
    /// The commit.
    pub version: u32,
    /// The event within the commit.
    pub index: usize,
    /// When it was decided.
    pub occurred_at: &'a str,
    /// The commit's correlation id.
    pub correlation_id: Option<&'a str>,
    /// The commit's trace context.
    pub traceparent: Option<&'a str>,
}

impl Envelope {
    /// Wraps a milestone. Its id follows from where it comes from, so publishing it twice gives the same event.
    ///
    /// # Errors
    /// When the milestone does not serialise.
    pub fn new(milestone: &Milestone, origin: &Origin<'_>) -> Result<Self, serde_json::Error> {
        let name = format!("{}@{}.{}", origin.stream, origin.version, origin.index);
        let detail = Detail {
            id: Uuid::new_v5(&NAMESPACE, name.as_bytes()),
            occurred_at: origin.occurred_at.to_owned(),
            correlation_id: origin.correlation_id.map(str::to_owned),
            traceparent: origin.traceparent.map(str::to_owned),
            data: milestone.data()?,
        };
        Ok(Self {
            source: milestone.source(),
            detail_type: milestone.detail_type(),
            detail: serde_json::to_string(&detail)?,
        })
    }
}

/// The schema of every milestone's `detail`, by `detail-type`.
#[must_use]
pub fn schemas() -> Vec<(&'static str, Schema)> {
    vec![(CUSTOMER_ACTIVATED_V1, schema_for!(Detail<CustomerActivatedV1>))]
}
