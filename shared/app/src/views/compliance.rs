//! What the compliance context shows to staff.

use async_trait::async_trait;
use domain::{
    compliance::case::{CaseDecision, CaseReason, CaseState, Entry, EntryKind, Evidence, Opinion, Standing},
    freeze::FreezeSide,
    ids::{ApplicationId, CaseId, CustomerId, StaffId, VaultRef},
    moment::Moment,
};
use serde::{Deserialize, Serialize};

use super::{AtVersion, Page, PageRequest};
use crate::ports::PortError;

/// A review case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaseView {
    /// Which case.
    pub id: CaseId,
    /// Whom it is about.
    pub customer: CustomerId,
    /// The application; none, if somebody is a customer by now.
    pub application: Option<ApplicationId>,
    /// What policy freezes until it is decided.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub freeze: Option<FreezeSide>,
    /// How far it is.
    pub status: CaseStatus,
    /// What was decided.
    pub decision: Option<CaseDecision>,
    /// Why a person has to look.
    pub reason: CaseReason,
    /// From 0 to 100.
    pub risk: u8,
    /// How often it was escalated.
    pub level: u8,
    /// How many people an approval needs. Whoever took the case upon themselves needs a second one in any case.
    pub approvals: u8,
    /// When it has to be decided.
    pub due: Moment,
    /// Whether somebody hears of it when it is due.
    pub can_escalate: bool,
    /// When it was opened.
    pub opened_at: Moment,
    /// When it was decided or withdrawn.
    pub closed_at: Option<Moment>,
    /// Who sees to it.
    pub assignee: Option<StaffId>,
    /// What the checks found.
    pub evidence: Vec<Evidence>,
    /// One opinion a person, their latest, in the order in which these were given.
    pub opinions: Vec<OpinionView>,
    /// Everything that happened, in order.
    pub timeline: Vec<TimelineEntry>,
}

/// How far a case is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CaseStatus {
    /// Opinions are asked for.
    Open,
    /// The customer was asked something.
    AwaitsCustomer,
    /// Decided.
    Decided,
    /// The application ended in another way.
    Withdrawn,
}

/// What somebody thinks should be decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpinionView {
    /// Who.
    pub by: StaffId,
    /// What.
    pub verdict: Opinion,
    /// Since when.
    pub at: Moment,
}

/// A line of a case's history.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TimelineEntry {
    /// What it is about.
    pub kind: TimelineKind,
    /// When.
    pub at: Moment,
    /// Who.
    pub actor: TimelineActor,
    /// Whom it was assigned to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<StaffId>,
    /// Where the vault keeps its text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<VaultRef>,
}

/// What a line of a case's history is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TimelineKind {
    /// It was opened.
    Opened,
    /// Somebody is to see to it.
    Assigned,
    /// Somebody wrote something down.
    NoteAdded,
    /// The customer was asked.
    InformationRequested,
    /// The customer answered.
    InformationReceived,
    /// Somebody would let them in.
    ApprovalGiven,
    /// Somebody would not.
    DeclineGiven,
    /// It was decided.
    Decided,
    /// Nobody had decided in time.
    Escalated,
    /// The application ended in another way.
    Withdrawn,
}

/// Who is behind a line of a case's history.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TimelineActor {
    /// Somebody who works here.
    Staff(StaffId),
    /// Who applies.
    Customer,
    /// The bank by itself.
    System,
}

impl std::fmt::Display for TimelineActor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Staff(id) => id.fmt(f),
            Self::Customer => f.write_str("customer"),
            Self::System => f.write_str("system"),
        }
    }
}

impl CaseView {
    /// What a state shows; `None` before the case was opened.
    #[must_use]
    pub fn of(id: CaseId, state: &CaseState) -> Option<Self> {
        let review = state.opened()?;
        let (status, decision) = match review.standing {
            Standing::Open => (CaseStatus::Open, None),
            Standing::AwaitsCustomer => (CaseStatus::AwaitsCustomer, None),
            Standing::Decided(decision) => (CaseStatus::Decided, Some(decision)),
            Standing::Withdrawn => (CaseStatus::Withdrawn, None),
        };
        let opinions = review.opinions.iter();
        Some(Self {
            id,
            customer: review.customer,
            application: review.application,
            freeze: review.freeze,
            status,
            decision,
            reason: review.reason,
            risk: review.risk,
            level: review.level,
            approvals: review.approvals,
            due: review.due,
            can_escalate: review.can_escalate(),
            opened_at: review.opened_at,
            closed_at: review.closed_at,
            assignee: review.assignee.map(|it| it.to),
            evidence: review.evidence.clone(),
            opinions: opinions.map(|it| OpinionView { by: it.by, verdict: it.verdict, at: it.at }).collect(),
            timeline: review.history.iter().map(TimelineEntry::of).collect(),
        })
    }

    /// The reference of a text of this case, by its slot. It names the text within the customer's part of the vault.
    #[must_use]
    pub fn text(&self, slot: &str) -> Option<&VaultRef> {
        self.timeline.iter().filter_map(|it| it.text.as_ref()).find(|text| text.slot() == slot)
    }
}

impl TimelineEntry {
    fn of(entry: &Entry) -> Self {
        let (kind, system) = match entry.kind {
            EntryKind::Opened => (TimelineKind::Opened, TimelineActor::System),
            EntryKind::Assigned => (TimelineKind::Assigned, TimelineActor::System),
            EntryKind::NoteAdded => (TimelineKind::NoteAdded, TimelineActor::System),
            EntryKind::InformationRequested => (TimelineKind::InformationRequested, TimelineActor::System),
            EntryKind::InformationReceived => (TimelineKind::InformationReceived, TimelineActor::Customer),
            EntryKind::ApprovalGiven => (TimelineKind::ApprovalGiven, TimelineActor::System),
            EntryKind::DeclineGiven => (TimelineKind::DeclineGiven, TimelineActor::System),
            EntryKind::Decided => (TimelineKind::Decided, TimelineActor::System),
            EntryKind::Escalated => (TimelineKind::Escalated, TimelineActor::System),
            EntryKind::Withdrawn => (TimelineKind::Withdrawn, TimelineActor::System),
        };
        let actor = entry.by.map_or(system, TimelineActor::Staff);
        Self { kind, at: entry.at, actor, to: entry.to, text: entry.text.clone() }
    }
}

/// Which cases.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CaseFilter {
    /// How far they are.
    pub status: CaseStatus,
    /// Only those that this person sees to.
    pub assignee: Option<StaffId>,
}

/// The compliance context's read models.
#[async_trait]
pub trait ComplianceViews: Send + Sync {
    /// One case; one read.
    async fn case(&self, id: CaseId) -> Result<Option<AtVersion<CaseView>>, PortError>;

    /// Cases by when they were opened, newest first; one read. A cursor that is not ours answers [`PortError::Missing`].
    async fn cases(&self, filter: CaseFilter, page: &PageRequest) -> Result<Page<AtVersion<CaseView>>, PortError>;

    /// Up to `limit` cases that are due by now and can be escalated, longest due first; one read.
    async fn overdue(&self, now: Moment, limit: u16) -> Result<Vec<CaseId>, PortError>;
}
