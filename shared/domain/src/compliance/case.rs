//! What a person has to decide: whether somebody may be a customer whom the checks did not clear, or may stay one whom a list
//! knows since.
//!
//! Every word that is written about it lies in the vault. An opinion is asked of people, and enough of them who agree close the
//! case; the clock only ever makes it louder, it never decides.

mod decide;
mod error;
mod state;
mod text;

use serde::{Deserialize, Serialize};
use time::Duration;

pub use decide::{decide, evolve};
pub use error::CaseError;
pub use state::{Assignee, CaseState, Entry, EntryKind, GivenOpinion, Review, Standing};
pub use text::{TEXT_CHARS_MAX, TextError, check_text};

use super::screening::{Check, EntityId, TWO_PEOPLE_FROM};
use crate::aggregate::{Aggregate, Decider};
use crate::freeze::FreezeSide;
use crate::ids::{ApplicationId, CustomerId, StaffId, TextId, VaultRef};
use crate::moment::Moment;

/// From this risk on a case is urgent.
pub const URGENT_FROM: u8 = TWO_PEOPLE_FROM;

/// How long an urgent case may take.
pub const URGENT_DUE_AFTER: Duration = Duration::hours(24);

/// How long any other case may take. Waiting for the customer does not stop this clock.
pub const DUE_AFTER: Duration = Duration::hours(72);

/// How much longer each escalation gives.
pub const ESCALATION_GIVES: Duration = Duration::days(1);

/// How often a case is escalated. After that there is nobody left to call.
pub const LEVELS_MAX: u8 = 3;

/// How many assignments, notes and questions a case takes. Opinions have as much again, so that a full case can be decided.
pub const ENTRIES_MAX: usize = 250;

/// One case. Streams `case#<id>`.
#[derive(Debug)]
pub struct Case;

/// Why a person has to look: the gravest kind of list on which somebody alike was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum CaseReason {
    /// They may be under sanctions.
    #[serde(rename = "sanctions")]
    Sanctions,
    /// They may be known for a crime.
    #[serde(rename = "fraud")]
    Fraud,
    /// They may be politically exposed.
    #[serde(rename = "pep")]
    Pep,
    /// Nobody alike is on a list, and still it was not cleared.
    #[serde(rename = "risk")]
    Risk,
}

/// Somebody on a list who may be the person, as the checks found them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    /// Which check found them.
    pub check: Check,
    /// Who, by the provider's id of them.
    pub entity: EntityId,
    /// How alike they are, in percent.
    pub score: u8,
}

/// What one person thinks should be decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Opinion {
    /// They may be a customer.
    #[serde(rename = "approve")]
    Approve,
    /// They may not.
    #[serde(rename = "decline")]
    Decline,
}

/// What was decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum CaseDecision {
    /// They may be a customer.
    #[serde(rename = "approved")]
    Approved,
    /// They may not.
    #[serde(rename = "declined")]
    Declined,
}

/// What happened to one case.
///
/// These names are stored. Add a new version instead of changing one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", content = "data")]
pub enum CaseEvent {
    /// The checks did not clear somebody who applies.
    #[serde(rename = "case.opened.v1")]
    Opened {
        /// Who applies.
        customer: CustomerId,
        /// The application.
        application: ApplicationId,
        /// Why a person has to look.
        reason: CaseReason,
        /// From 0 to 100.
        risk: u8,
        /// What the checks found.
        evidence: Vec<Evidence>,
        /// How many people an approval needs.
        approvals: u8,
        /// When it has to be decided.
        due: Moment,
        /// When.
        at: Moment,
    },
    /// Somebody who is a customer may be on a list since.
    #[serde(rename = "case.monitoring-opened.v1")]
    MonitoringOpened {
        /// The customer.
        customer: CustomerId,
        /// Why a person has to look.
        reason: CaseReason,
        /// From 0 to 100.
        risk: u8,
        /// Who was found.
        evidence: Vec<Evidence>,
        /// How many people an approval needs.
        approvals: u8,
        /// What policy freezes until it is decided.
        freeze: Option<FreezeSide>,
        /// When it has to be decided.
        due: Moment,
        /// When.
        at: Moment,
    },
    /// Somebody is to see to it.
    #[serde(rename = "case.assigned.v1")]
    Assigned {
        /// Who.
        to: StaffId,
        /// Who said so.
        by: StaffId,
        /// When.
        at: Moment,
    },
    /// Somebody wrote something down.
    #[serde(rename = "case.note-added.v1")]
    NoteAdded {
        /// The id that they picked.
        id: TextId,
        /// Where the vault keeps it.
        note: VaultRef,
        /// Who.
        by: StaffId,
        /// When.
        at: Moment,
    },
    /// The customer is asked. Until they answer nothing is decided.
    #[serde(rename = "case.information-requested.v1")]
    InformationRequested {
        /// Who applies.
        customer: CustomerId,
        /// The application.
        application: ApplicationId,
        /// The id that whoever asks picked.
        id: TextId,
        /// Where the vault keeps the question.
        question: VaultRef,
        /// Who asks.
        by: StaffId,
        /// When.
        at: Moment,
    },
    /// The customer answered.
    #[serde(rename = "case.information-received.v1")]
    InformationReceived {
        /// The question.
        question: VaultRef,
        /// Where the vault keeps the answer.
        answer: VaultRef,
        /// When.
        at: Moment,
    },
    /// Somebody said what should be decided, in place of what they said before.
    #[serde(rename = "case.opinion-given.v1")]
    OpinionGiven {
        /// The id that they picked.
        id: TextId,
        /// Who.
        by: StaffId,
        /// What.
        verdict: Opinion,
        /// Where the vault keeps why.
        reason: VaultRef,
        /// When.
        at: Moment,
    },
    /// Enough people agree.
    #[serde(rename = "case.decided.v1")]
    Decided {
        /// Who applied.
        customer: CustomerId,
        /// The application.
        application: ApplicationId,
        /// What was decided.
        decision: CaseDecision,
        /// Everybody who was of that opinion, in the order in which they gave it.
        by: Vec<StaffId>,
        /// When.
        at: Moment,
    },
    /// Enough people agree about somebody who is a customer.
    #[serde(rename = "case.monitoring-decided.v1")]
    MonitoringDecided {
        /// The customer.
        customer: CustomerId,
        /// What was decided: whether they stay one.
        decision: CaseDecision,
        /// What policy had frozen.
        freeze: Option<FreezeSide>,
        /// Everybody who was of that opinion, in the order in which they gave it.
        by: Vec<StaffId>,
        /// When.
        at: Moment,
    },
    /// It was due and nobody had decided.
    #[serde(rename = "case.escalated.v1")]
    Escalated {
        /// How often by now.
        level: u8,
        /// When it is due next.
        due: Moment,
        /// When.
        at: Moment,
    },
    /// The application ended in another way. Before the case was opened, this keeps it from ever being.
    #[serde(rename = "case.withdrawn.v1")]
    Withdrawn {
        /// When.
        at: Moment,
    },
}

/// What may be asked of a case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CaseCommand {
    /// A person has to look.
    Open {
        /// Who applies.
        customer: CustomerId,
        /// The application.
        application: ApplicationId,
        /// From 0 to 100.
        risk: u8,
        /// What the checks found.
        evidence: Vec<Evidence>,
    },
    /// A person has to look at somebody who is a customer.
    OpenMonitoring {
        /// The customer.
        customer: CustomerId,
        /// From 0 to 100.
        risk: u8,
        /// Who was found.
        evidence: Vec<Evidence>,
        /// What policy freezes until it is decided.
        freeze: Option<FreezeSide>,
    },
    /// Let somebody see to it.
    Assign {
        /// Whom.
        to: StaffId,
        /// Who says so.
        by: StaffId,
    },
    /// Write something down.
    AddNote {
        /// The id that they picked.
        id: TextId,
        /// Where the vault keeps it.
        note: VaultRef,
        /// Who.
        by: StaffId,
    },
    /// Ask the customer.
    RequestInformation {
        /// The id that whoever asks picked.
        id: TextId,
        /// Where the vault keeps the question.
        question: VaultRef,
        /// Who asks.
        by: StaffId,
    },
    /// The customer answered.
    ReceiveInformation {
        /// The question.
        question: VaultRef,
        /// Where the vault keeps the answer.
        answer: VaultRef,
    },
    /// Say what should be decided.
    GiveOpinion {
        /// The id that they picked.
        id: TextId,
        /// Who.
        by: StaffId,
        /// What.
        verdict: Opinion,
        /// Where the vault keeps why.
        reason: VaultRef,
    },
    /// Make it louder, if it is due.
    Escalate,
    /// The application ended in another way.
    Withdraw,
}

impl CaseReason {
    /// Why a person has to look at this.
    #[must_use]
    pub fn of(evidence: &[Evidence]) -> Self {
        let found = |check| evidence.iter().any(|it| it.check == check);
        let gravest = [Check::Sanctions, Check::Fraud, Check::Pep].into_iter().find(|check| found(*check));
        match gravest {
            Some(Check::Sanctions) => Self::Sanctions,
            Some(Check::Fraud) => Self::Fraud,
            Some(Check::Pep) => Self::Pep,
            None => Self::Risk,
        }
    }
}

impl Aggregate for Case {
    const KIND: &'static str = "case";
    const STATE_VERSION: u32 = 2;

    type State = CaseState;
    type Event = CaseEvent;

    fn evolve(state: CaseState, event: &CaseEvent) -> CaseState {
        evolve(state, event)
    }
}

impl Decider for Case {
    type Command = (CaseCommand, Moment);
    type Error = CaseError;

    fn decide(state: &CaseState, (command, at): &(CaseCommand, Moment)) -> Result<Vec<CaseEvent>, CaseError> {
        decide(state, command, *at)
    }
}

#[cfg(test)]
mod tests;
