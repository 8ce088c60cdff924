//! Applicants and workflow runs, with the API's own field names.

use std::str::FromStr;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use uuid::Uuid;

/// Somebody who is to be identified. No Debug: it is personal data from one end to the other.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Applicant {
    pub(super) id: Uuid,
    pub(super) created_at: String,
    pub(super) href: String,
    pub(super) sandbox: bool,
    pub(super) delete_at: Option<String>,
    /// As it was sent: `first_name`, `last_name`, `dob`, `address` and what else there was.
    #[serde(flatten)]
    pub(super) details: Map<String, Value>,
}

/// Somebody whom the provider goes on looking for, as the API answers it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Monitor {
    pub(super) id: Uuid,
    pub(super) applicant_id: Uuid,
    pub(super) created_at: String,
    pub(super) deleted_at: Option<String>,
    pub(super) report_name: String,
    pub(super) tags: Vec<String>,
    pub(super) is_sandbox: bool,
}

/// A monitor with whom it has found, of whom the API has a list of its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Watched {
    pub(super) monitor: Monitor,
    pub(super) matches: Vec<String>,
}

/// How a workflow run stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Onfido works on it.
    Processing,
    /// The applicant is to do something.
    AwaitingInput,
    /// We are to do something.
    AwaitingClientInput,
    /// It ended well.
    Approved,
    /// It ended badly.
    Declined,
    /// It ended with a question for a person.
    Review,
    /// The applicant let it lie.
    Abandoned,
    /// It broke.
    Error,
}

impl Status {
    /// Whether nothing more happens by itself.
    #[must_use]
    pub fn is_over(self) -> bool {
        match self {
            Self::Processing | Self::AwaitingInput | Self::AwaitingClientInput => false,
            Self::Approved | Self::Declined | Self::Review | Self::Abandoned | Self::Error => true,
        }
    }

    /// The API's text.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Processing => "processing",
            Self::AwaitingInput => "awaiting_input",
            Self::AwaitingClientInput => "awaiting_client_input",
            Self::Approved => "approved",
            Self::Declined => "declined",
            Self::Review => "review",
            Self::Abandoned => "abandoned",
            Self::Error => "error",
        }
    }
}

/// How a workflow run is to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// This is the person.
    Approved,
    /// It is not, or must not be.
    Declined,
    /// Somebody is to look at it.
    Review,
    /// The applicant let it lie.
    Abandoned,
    /// The workflow broke.
    Error,
}

/// The word is none of the verdicts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a run ends approved, declined, review, abandoned or error")]
pub struct NoVerdict;

impl FromStr for Verdict {
    type Err = NoVerdict;

    fn from_str(word: &str) -> Result<Self, NoVerdict> {
        match word {
            "approved" => Ok(Self::Approved),
            "declined" => Ok(Self::Declined),
            "review" => Ok(Self::Review),
            "abandoned" => Ok(Self::Abandoned),
            "error" => Ok(Self::Error),
            _ => Err(NoVerdict),
        }
    }
}

impl From<Verdict> for Status {
    fn from(verdict: Verdict) -> Self {
        match verdict {
            Verdict::Approved => Self::Approved,
            Verdict::Declined => Self::Declined,
            Verdict::Review => Self::Review,
            Verdict::Abandoned => Self::Abandoned,
            Verdict::Error => Self::Error,
        }
    }
}

/// Why a run broke.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunError {
    /// The kind of failure.
    #[serde(rename = "type")]
    pub kind: String,
    /// In words.
    pub message: String,
}

/// The page that leads an applicant through a run without an app.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    /// Where it is.
    pub url: String,
    /// Where it leads when done.
    pub completed_redirect_url: Option<String>,
    /// Where it leads when expired.
    pub expired_redirect_url: Option<String>,
    /// When it expires.
    pub expires_at: Option<String>,
    /// In which language it is.
    pub language: Option<String>,
}

/// One workflow run, as the API answers it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Run {
    /// Onfido's id.
    pub id: Uuid,
    /// Whose run.
    pub applicant_id: Uuid,
    /// Of which workflow.
    pub workflow_id: Uuid,
    /// In which version.
    pub workflow_version_id: u32,
    /// How it stands.
    pub status: Status,
    /// Labels that whoever started it chose.
    pub tags: Vec<String>,
    /// Our customer, as whoever started it said.
    pub customer_user_id: Option<String>,
    /// Onfido's own page about it.
    pub dashboard_url: String,
    /// What the workflow gives out.
    pub output: Option<Value>,
    /// Why it ended as it did.
    pub reasons: Vec<String>,
    /// Only of status `error`.
    pub error: Option<RunError>,
    /// For the app; gone once the run is over.
    pub sdk_token: Option<String>,
    /// For those without an app.
    pub link: Link,
    /// When it was started.
    pub created_at: String,
    /// When it changed last.
    pub updated_at: String,
}

impl Run {
    /// Ends the run. `details` are the applicant's, which a usual workflow gives out as read from the document.
    pub(super) fn end(&mut self, verdict: Verdict, details: &Map<String, Value>, at: String) {
        self.status = verdict.into();
        self.updated_at = at;
        self.sdk_token = None;
        self.error = None;
        self.reasons = Vec::new();
        let document = |result: &str, sub_result: &str| {
            json!({
                "result": result,
                "sub_result": sub_result,
                "document_type": "passport",
                "first_name": details.get("first_name"),
                "last_name": details.get("last_name"),
                "date_of_birth": details.get("dob"),
            })
        };
        self.output = match verdict {
            Verdict::Approved => Some(document("clear", "clear")),
            Verdict::Declined => {
                self.reasons.push("document_not_accepted".to_owned());
                Some(document("consider", "rejected"))
            }
            Verdict::Review => {
                self.reasons.push("document_needs_a_look".to_owned());
                Some(document("consider", "caution"))
            }
            Verdict::Abandoned => None,
            Verdict::Error => {
                let kind = "workflow_execution_error".to_owned();
                self.error = Some(RunError { kind, message: "The workflow run could not go on.".to_owned() });
                None
            }
        };
    }
}
