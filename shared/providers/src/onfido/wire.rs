//! The documented fields, named as the provider names them. Only what is used is read.

use app::ports::IdentityStanding;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use uuid::Uuid;

/// The body that creates an applicant. It borrows, so that personal data lives no longer than the request.
#[derive(Serialize)]
pub(super) struct CreateApplicant<'a> {
    pub(super) first_name: &'a str,
    pub(super) last_name: &'a str,
    pub(super) dob: &'a str,
    pub(super) address: Address<'a>,
}

#[derive(Serialize)]
pub(super) struct Address<'a> {
    pub(super) street: &'a str,
    pub(super) town: &'a str,
    pub(super) postcode: &'a str,
    pub(super) country: &'a str,
}

#[derive(Deserialize)]
pub(super) struct Applicant {
    pub(super) id: Uuid,
}

#[derive(Serialize)]
pub(super) struct StartRun<'a> {
    pub(super) workflow_id: Uuid,
    pub(super) applicant_id: Uuid,
    pub(super) customer_user_id: &'a str,
    pub(super) tags: [&'a str; 1],
}

#[derive(Deserialize)]
pub(super) struct Run {
    pub(super) id: Uuid,
    pub(super) applicant_id: Uuid,
    pub(super) status: Status,
    #[serde(default)]
    pub(super) tags: Option<Vec<String>>,
    #[serde(default)]
    pub(super) sdk_token: Option<SecretString>,
    #[serde(default)]
    pub(super) created_at: Option<String>,
}

/// A status that is not among these is refused: what it means for a person cannot be guessed.
#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Status {
    Processing,
    AwaitingInput,
    AwaitingClientInput,
    Approved,
    Declined,
    Review,
    Abandoned,
    Error,
}

impl Status {
    pub(super) fn standing(self) -> IdentityStanding {
        match self {
            Self::Processing | Self::AwaitingInput | Self::AwaitingClientInput => IdentityStanding::Open,
            Self::Approved => IdentityStanding::Approved,
            Self::Declined => IdentityStanding::Declined,
            Self::Review => IdentityStanding::InReview,
            Self::Abandoned => IdentityStanding::Abandoned,
            Self::Error => IdentityStanding::Failed,
        }
    }
}

#[derive(Deserialize)]
pub(super) struct Envelope<'a> {
    #[serde(borrow)]
    pub(super) payload: Payload<'a>,
}

/// The document's list of required fields says `event`; its property, and what is sent, is `action`.
#[derive(Deserialize)]
pub(super) struct Payload<'a> {
    pub(super) resource_type: String,
    pub(super) action: String,
    #[serde(borrow, default)]
    pub(super) object: Option<&'a RawValue>,
    /// From payload version 3 on.
    #[serde(borrow, default)]
    pub(super) resource: Option<&'a RawValue>,
}

#[derive(Deserialize)]
pub(super) struct RunObject {
    pub(super) id: Uuid,
    pub(super) status: String,
    #[serde(default)]
    pub(super) completed_at_iso8601: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct RunResource {
    #[serde(default)]
    pub(super) id: Option<Uuid>,
    #[serde(default)]
    pub(super) applicant_id: Option<Uuid>,
    #[serde(default)]
    pub(super) status: Option<String>,
    #[serde(default)]
    pub(super) tags: Option<Vec<String>>,
    #[serde(default)]
    pub(super) customer_user_id: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct MonitorObject {
    pub(super) id: Uuid,
}

#[derive(Deserialize)]
pub(super) struct Monitor {
    pub(super) id: Uuid,
    pub(super) applicant_id: Uuid,
}

#[derive(Deserialize)]
pub(super) struct MonitorMatches {
    pub(super) matches: Vec<MonitorMatch>,
}

/// Somebody on a list. The provider says no more of them here.
#[derive(Deserialize)]
pub(super) struct MonitorMatch {
    pub(super) id: String,
    /// Whether nobody has said yet that it is somebody else.
    pub(super) enabled: bool,
}
