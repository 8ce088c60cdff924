//! What state machines and their tasks say to each other. Ids only: an execution's state and history hold no personal data, and
//! every value is a string, as ASL's numbers are doubles.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// What the onboarding execution is started with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct StartOnboarding {
    /// Who applies.
    pub customer: Uuid,
    /// The application, by the id that the customer chose.
    pub application: Uuid,
    /// Where the vault keeps what they wrote: a reference, which says nothing.
    pub content: String,
    /// What ties together everything that the application leads to.
    pub correlation_id: String,
}

/// What is to be done at the identity provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum IdentityCall {
    /// Create the applicant and start the workflow run, unless that was done.
    CreateRun,
    /// Read the run again, as its webhook did not come in time.
    CheckRun,
    /// Leave no open run behind.
    CloseRun,
}

/// A call that waits in the identity provider's queue, with the token of the state that waits for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CallIdentityProvider {
    /// What is to be done.
    pub call: IdentityCall,
    /// Who applies.
    pub customer: Uuid,
    /// The application.
    pub application: Uuid,
    /// See [`StartOnboarding::correlation_id`].
    pub correlation_id: String,
    /// Whom to tell how it went.
    pub task_token: String,
}

/// How [`IdentityCall::CheckRun`] found the run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RunStanding {
    /// The applicant is not done yet.
    Open,
    /// It has a result, which the application knows now.
    Final,
    /// The application is too old to wait any longer.
    Expired,
}

/// What a call to the identity provider answers to its state machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct IdentityCalled {
    /// How the run stands now.
    pub standing: RunStanding,
}

/// Which mail is to be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MailKind {
    /// To whoever has become a customer.
    Welcome,
}

/// A mail that waits in the queue of those that are to be sent, with the token of the state that waits for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SendMail {
    /// Which.
    pub mail: MailKind,
    /// To whom.
    pub customer: Uuid,
    /// The application that it is about.
    pub application: Uuid,
    /// See [`StartOnboarding::correlation_id`].
    pub correlation_id: String,
    /// Whom to tell how it went.
    pub task_token: String,
}

/// What a mail answers to its state machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Mailed {
    /// What became of it.
    pub outcome: MailOutcome,
}

/// What became of a mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MailOutcome {
    /// It was handed to who delivers it.
    Sent,
    /// It reaches nobody, and nothing waits for it.
    Undeliverable,
}

/// What an execution may wait for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Awaited {
    /// The identity provider's result.
    Identity,
    /// The ledger's accounts.
    Accounts,
    /// Where the customer can pay in.
    Instructions,
    /// What compliance decides.
    Review,
    /// Somebody of operations.
    Operator,
}

impl Awaited {
    /// The stored name, as in JSON.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Identity => "identity",
            Self::Accounts => "accounts",
            Self::Instructions => "instructions",
            Self::Review => "review",
            Self::Operator => "operator",
        }
    }
}

/// What the pausing task is called with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PauseOnboarding {
    /// What is waited for.
    pub awaited: Awaited,
    /// Who applies.
    pub customer: Uuid,
    /// The application.
    pub application: Uuid,
    /// See [`StartOnboarding::correlation_id`].
    pub correlation_id: String,
    /// Whom to tell when it is there.
    pub task_token: String,
    /// The execution that waits, by its ARN.
    pub execution: String,
    /// The state that waits.
    pub state: String,
}

/// How the wait for [`Awaited::Identity`] or [`Awaited::Review`] ended, as the paused state gets it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// This is the person, or they may be a customer.
    Approved,
    /// Not so; or the applicant gave up.
    Declined,
}

/// What a paused state is resumed with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Resumed {
    /// Only of [`Awaited::Identity`] and [`Awaited::Review`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub result: Option<Verdict>,
}

/// What becomes of an application.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Decision {
    /// The pivot: from here on the saga only goes forward.
    Approve,
    /// The provider said no.
    Decline,
    /// Nobody came.
    Expire,
    /// Everything is open: the journey is over.
    Complete,
}

/// What the deciding task is called with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DecideApplication {
    /// What is decided.
    pub decision: Decision,
    /// Who applies.
    pub customer: Uuid,
    /// The application.
    pub application: Uuid,
    /// See [`StartOnboarding::correlation_id`].
    pub correlation_id: String,
}

/// What somebody who applies is looked for in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ScreeningCheck {
    /// Lists of sanctioned people.
    Sanctions,
    /// Politically exposed people, those close to them included.
    Pep,
    /// People known for fraud and other crimes.
    Fraud,
}

/// A call that waits in the screening provider's queue, with the token of the state that waits for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CallScreening {
    /// What they are looked for in.
    pub check: ScreeningCheck,
    /// Who applies.
    pub customer: Uuid,
    /// The application.
    pub application: Uuid,
    /// See [`StartOnboarding::content`].
    pub content: String,
    /// See [`StartOnboarding::correlation_id`].
    pub correlation_id: String,
    /// Whom to tell how it went.
    pub task_token: String,
}

/// What a check answers to its state machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Screened {
    /// What was found.
    pub outcome: ScreeningOutcome,
}

/// What a check found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ScreeningOutcome {
    /// Nobody like them.
    Clear,
    /// Somebody who may be them.
    Hit,
}

/// What the task is called with that scores the risk of a customer from what the checks found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AssessRisk {
    /// Who applies.
    pub customer: Uuid,
    /// The application.
    pub application: Uuid,
    /// See [`StartOnboarding::correlation_id`].
    pub correlation_id: String,
}

/// How the risk was assessed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Assessed {
    /// What policy makes of it.
    pub verdict: RiskVerdict,
}

/// What policy makes of a risk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RiskVerdict {
    /// Nobody needs to look at it.
    Approve,
    /// A person decides.
    Review,
    /// The bank does not take such a risk.
    Decline,
}

/// What is to be done with the review case of an application.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CaseAction {
    /// Open it, unless it is open.
    Open,
    /// Withdraw it, unless it was decided or never opened: the application ends by another way.
    Withdraw,
}

/// What the task is called with that opens and withdraws review cases.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ReviewCase {
    /// What is to be done.
    pub action: CaseAction,
    /// Who applies.
    pub customer: Uuid,
    /// The application.
    pub application: Uuid,
    /// See [`StartOnboarding::correlation_id`].
    pub correlation_id: String,
}
