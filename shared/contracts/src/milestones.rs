//! Milestone events: the few stable facts by which contexts and partners talk.
//!
//! A type here is never changed, only joined by its next version. Schemas are generated into `events/schemas`.

use schemars::{JsonSchema, Schema, schema_for};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Namespace of deterministic milestone ids (a random UUID of our own).
const NAMESPACE: Uuid = Uuid::from_u128(0x8d1f_6c0e_52c4_4f0b_9b8e_7a3a_c0d5_1e27);

/// Somebody asked to become a customer of the bank.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ApplicationSubmittedV1 {
    /// Who applies.
    pub customer_id: Uuid,
    /// The application.
    pub application_id: Uuid,
}

/// An application was approved; what belongs to a customer may be opened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ApplicationApprovedV1 {
    /// Who applied.
    pub customer_id: Uuid,
    /// The application.
    pub application_id: Uuid,
}

/// An application ended without an approval: declined, or expired.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ApplicationRefusedV1 {
    /// Who applied.
    pub customer_id: Uuid,
    /// The application.
    pub application_id: Uuid,
}

/// Everything that a new customer needs is open: the journey that began with the application is over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct CustomerOnboardedV1 {
    /// The customer.
    pub customer_id: Uuid,
    /// The application that led to it.
    pub application_id: Uuid,
}

/// A customer passed everything that is asked of them; the other contexts may open what is theirs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct CustomerActivatedV1 {
    /// The customer.
    pub customer_id: Uuid,
}

/// A customer has an account in every asset.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct AccountsOpenedV1 {
    /// The customer.
    pub customer_id: Uuid,
}

/// A customer can pay in: every account has its reference or its address.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct DepositInstructionsReadyV1 {
    /// The customer.
    pub customer_id: Uuid,
}

/// Compliance decided about an application that was paused for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ReviewDecidedV1 {
    /// The review case.
    pub case_id: Uuid,
    /// Who applied.
    pub customer_id: Uuid,
    /// The application.
    pub application_id: Uuid,
    /// What was decided.
    pub decision: ReviewDecision,
}

/// What compliance decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ReviewDecision {
    /// They may be a customer.
    Approved,
    /// They may not.
    Declined,
}

/// Compliance needs to know something from somebody who applied.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct InformationRequestedV1 {
    /// The review case.
    pub case_id: Uuid,
    /// Who applied.
    pub customer_id: Uuid,
    /// The application.
    pub application_id: Uuid,
    /// Where the vault keeps the question: a reference, which says nothing.
    pub question: String,
}

/// Somebody who applied answered what compliance needed to know.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct InformationProvidedV1 {
    /// Who applied.
    pub customer_id: Uuid,
    /// The application.
    pub application_id: Uuid,
    /// Where the vault keeps the question that it answers.
    pub question: String,
    /// Where the vault keeps the answer.
    pub answer: String,
}

/// Compliance has a case about a customer, and money does not move until it is decided.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct CustomerFreezeOrderedV1 {
    /// The review case.
    pub case_id: Uuid,
    /// The customer.
    pub customer_id: Uuid,
    /// Which way money does not move.
    pub side: FrozenSide,
}

/// Which way a customer's money does not move.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum FrozenSide {
    /// Nothing that the customer asks for.
    Debits,
    /// Nothing that comes in for the customer.
    Credits,
    /// Neither.
    Both,
}

/// Compliance decided about somebody who is a customer. If they may stay one, what the case had frozen moves again; if not, the bank
/// parts from them, and it stays frozen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct MonitoringDecidedV1 {
    /// The review case.
    pub case_id: Uuid,
    /// The customer.
    pub customer_id: Uuid,
    /// What was decided.
    pub decision: ReviewDecision,
}

/// Somebody is to be forgotten: they are a customer no more, and nobody has anything to do with them from now on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct CustomerErasureRequestedV1 {
    /// Who.
    pub customer_id: Uuid,
}

const COMPLIANCE: &str = "granary.compliance";
const IDENTITY: &str = "granary.identity";
const LEDGER: &str = "granary.ledger";
const ONBOARDING: &str = "granary.onboarding";

/// Ties each milestone to its `detail-type` and to the context that it comes from.
macro_rules! milestones {
    ($($variant:ident, $name:ident = $detail_type:literal, $source:ident;)+) => {
        /// Any milestone.
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub enum Milestone {
            $(#[doc = concat!("See [`", stringify!($variant), "`].")] $variant($variant),)+
        }

        impl Milestone {
            /// The bus's `detail-type`.
            #[must_use]
            pub const fn detail_type(&self) -> &'static str {
                match self { $(Self::$variant(_) => $name,)+ }
            }

            /// The bus's `source`: the context that it comes from.
            #[must_use]
            pub const fn source(&self) -> &'static str {
                match self { $(Self::$variant(_) => $source,)+ }
            }

            fn data(&self) -> Result<serde_json::Value, serde_json::Error> {
                match self { $(Self::$variant(data) => serde_json::to_value(data),)+ }
            }
        }

        $(#[doc = concat!("`detail-type` of [`", stringify!($variant), "`].")] pub const $name: &str = $detail_type;)+

        /// The `source` of every milestone, by `detail-type`.
        pub const SOURCES: &[(&str, &str)] = &[$(($name, $source),)+];

        /// The schema of every milestone's `detail`, by `detail-type`.
        #[must_use]
        pub fn schemas() -> Vec<(&'static str, Schema)> {
            vec![$(($name, schema_for!(Detail<$variant>)),)+]
        }
    };
}

milestones! {
    ApplicationSubmittedV1, APPLICATION_SUBMITTED_V1 = "ApplicationSubmitted.v1", ONBOARDING;
    ApplicationApprovedV1, APPLICATION_APPROVED_V1 = "ApplicationApproved.v1", ONBOARDING;
    ApplicationRefusedV1, APPLICATION_REFUSED_V1 = "ApplicationRefused.v1", ONBOARDING;
    CustomerOnboardedV1, CUSTOMER_ONBOARDED_V1 = "CustomerOnboarded.v1", ONBOARDING;
    InformationProvidedV1, INFORMATION_PROVIDED_V1 = "InformationProvided.v1", ONBOARDING;
    InformationRequestedV1, INFORMATION_REQUESTED_V1 = "InformationRequested.v1", COMPLIANCE;
    ReviewDecidedV1, REVIEW_DECIDED_V1 = "ReviewDecided.v1", COMPLIANCE;
    CustomerFreezeOrderedV1, CUSTOMER_FREEZE_ORDERED_V1 = "CustomerFreezeOrdered.v1", COMPLIANCE;
    MonitoringDecidedV1, MONITORING_DECIDED_V1 = "MonitoringDecided.v1", COMPLIANCE;
    CustomerActivatedV1, CUSTOMER_ACTIVATED_V1 = "CustomerActivated.v1", IDENTITY;
    CustomerErasureRequestedV1, CUSTOMER_ERASURE_REQUESTED_V1 = "CustomerErasureRequested.v1", IDENTITY;
    AccountsOpenedV1, ACCOUNTS_OPENED_V1 = "AccountsOpened.v1", LEDGER;
    DepositInstructionsReadyV1, DEPOSIT_INSTRUCTIONS_READY_V1 = "DepositInstructionsReady.v1", LEDGER;
}

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

/// What is read of the bus's own envelope around a milestone.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Delivered<T> {
    /// Which milestone it is.
    #[serde(rename = "detail-type")]
    pub detail_type: String,
    /// The milestone.
    pub detail: Detail<T>,
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
