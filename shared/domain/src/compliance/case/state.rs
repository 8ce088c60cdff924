use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::{CaseDecision, CaseReason, Evidence, Opinion};
use crate::freeze::FreezeSide;
use crate::ids::{ApplicationId, CustomerId, StaffId, TextId, VaultRef};
use crate::moment::Moment;

/// What the events of one case add up to.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum CaseState {
    /// Nobody had to look.
    #[default]
    #[serde(rename = "n")]
    NotOpened,
    /// The application ended before anybody had to look, and nobody will.
    #[serde(rename = "b")]
    Barred,
    /// Somebody had to.
    #[serde(rename = "o")]
    Opened(Box<Review>),
}

impl CaseState {
    /// The case, once it was opened.
    #[must_use]
    pub fn opened(&self) -> Option<&Review> {
        match self {
            Self::NotOpened | Self::Barred => None,
            Self::Opened(review) => Some(review),
        }
    }
}

/// How far a case is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Standing {
    /// Opinions are asked for.
    #[serde(rename = "o")]
    Open,
    /// The customer was asked something.
    #[serde(rename = "a")]
    AwaitsCustomer,
    /// Decided.
    #[serde(rename = "d")]
    Decided(CaseDecision),
    /// The application ended in another way.
    #[serde(rename = "w")]
    Withdrawn,
}

/// Who sees to a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Assignee {
    /// Who.
    #[serde(rename = "t")]
    pub to: StaffId,
    /// Who said so.
    #[serde(rename = "b")]
    pub by: StaffId,
}

/// What somebody thinks should be decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct GivenOpinion {
    /// Who.
    #[serde(rename = "b")]
    pub by: StaffId,
    /// What.
    #[serde(rename = "o")]
    pub verdict: Opinion,
    /// Since when.
    #[serde(rename = "at")]
    pub at: Moment,
}

/// What a line of a case's history is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum EntryKind {
    /// It was opened.
    #[serde(rename = "o")]
    Opened,
    /// Somebody is to see to it.
    #[serde(rename = "a")]
    Assigned,
    /// Somebody wrote something down.
    #[serde(rename = "n")]
    NoteAdded,
    /// The customer was asked.
    #[serde(rename = "q")]
    InformationRequested,
    /// The customer answered.
    #[serde(rename = "r")]
    InformationReceived,
    /// Somebody would let them in.
    #[serde(rename = "y")]
    ApprovalGiven,
    /// Somebody would not.
    #[serde(rename = "x")]
    DeclineGiven,
    /// It was decided.
    #[serde(rename = "d")]
    Decided,
    /// Nobody had decided in time.
    #[serde(rename = "e")]
    Escalated,
    /// The application ended in another way.
    #[serde(rename = "w")]
    Withdrawn,
}

/// A line of a case's history.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// What it is about.
    #[serde(rename = "k")]
    pub kind: EntryKind,
    /// When.
    #[serde(rename = "at")]
    pub at: Moment,
    /// Who, if it was one of us.
    #[serde(rename = "b", default, skip_serializing_if = "Option::is_none")]
    pub by: Option<StaffId>,
    /// Whom it was assigned to.
    #[serde(rename = "t", default, skip_serializing_if = "Option::is_none")]
    pub to: Option<StaffId>,
    /// The id that the writer of its text picked.
    #[serde(rename = "i", default, skip_serializing_if = "Option::is_none")]
    pub id: Option<TextId>,
    /// Where the vault keeps its text.
    #[serde(rename = "v", default, skip_serializing_if = "Option::is_none")]
    pub text: Option<VaultRef>,
}

/// A case that was opened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Review {
    /// Whom it is about.
    #[serde(rename = "c")]
    pub customer: CustomerId,
    /// The application; none, if somebody is a customer by now.
    #[serde(rename = "a", default, skip_serializing_if = "Option::is_none")]
    pub application: Option<ApplicationId>,
    /// What policy freezes until it is decided.
    #[serde(rename = "f", default, skip_serializing_if = "Option::is_none")]
    pub freeze: Option<FreezeSide>,
    /// Why a person has to look.
    #[serde(rename = "r")]
    pub reason: CaseReason,
    /// From 0 to 100.
    #[serde(rename = "k")]
    pub risk: u8,
    /// What the checks found.
    #[serde(rename = "e")]
    pub evidence: Vec<Evidence>,
    /// How many people an approval needs.
    #[serde(rename = "n")]
    pub approvals: u8,
    /// When it was opened.
    #[serde(rename = "at")]
    pub opened_at: Moment,
    /// When it has to be decided.
    #[serde(rename = "d")]
    pub due: Moment,
    /// How often it was escalated.
    #[serde(rename = "l")]
    pub level: u8,
    /// How far it is.
    #[serde(rename = "s")]
    pub standing: Standing,
    /// When it was decided or withdrawn.
    #[serde(rename = "x", default, skip_serializing_if = "Option::is_none")]
    pub closed_at: Option<Moment>,
    /// Who sees to it.
    #[serde(rename = "w", default, skip_serializing_if = "Option::is_none")]
    pub assignee: Option<Assignee>,
    /// Who took it upon themselves, and was not given it by somebody else since.
    #[serde(rename = "m", default, skip_serializing_if = "BTreeSet::is_empty")]
    pub volunteers: BTreeSet<StaffId>,
    /// One opinion a person, their latest, in the order in which these were given.
    #[serde(rename = "o", default, skip_serializing_if = "Vec::is_empty")]
    pub opinions: Vec<GivenOpinion>,
    /// Everything that happened.
    #[serde(rename = "h")]
    pub history: Vec<Entry>,
}

impl Review {
    /// What this person thinks should be decided.
    #[must_use]
    pub fn opinion_of(&self, staff: StaffId) -> Option<Opinion> {
        self.opinions.iter().find(|it| it.by == staff).map(|it| it.verdict)
    }

    /// Whether nothing can happen to it any more.
    #[must_use]
    pub const fn is_closed(&self) -> bool {
        match self.standing {
            Standing::Open | Standing::AwaitsCustomer => false,
            Standing::Decided(_) | Standing::Withdrawn => true,
        }
    }

    /// Whether its being due will be followed by anything.
    #[must_use]
    pub const fn can_escalate(&self) -> bool {
        !self.is_closed() && self.level < super::LEVELS_MAX
    }

    /// The line whose text was written under this id.
    pub(super) fn written(&self, id: TextId) -> Option<&Entry> {
        self.history.iter().find(|it| it.id == Some(id))
    }

    /// What was answered to this question: nothing, if it was never asked; then the answer, once there is one.
    pub(super) fn answered(&self, question: &VaultRef) -> Option<Option<&VaultRef>> {
        let asked = |it: &Entry| it.kind == EntryKind::InformationRequested && it.text.as_ref() == Some(question);
        let since = self.history.iter().skip_while(|it| !asked(it));
        let mut since = since.skip_while(|it| !matches!(it.kind, EntryKind::InformationReceived)).peekable();
        self.history.iter().any(asked).then(|| since.peek().and_then(|it| it.text.as_ref()))
    }
}
