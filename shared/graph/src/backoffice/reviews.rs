//! Reviews: cases in which a person decides.

use app::{
    streams::Loaded,
    views::{AtVersion, CaseFilter, CaseStatus, CaseView, OpinionView, TimelineEntry, TimelineKind},
};
use async_graphql::{Context, Enum, ID, Object, SimpleObject};
use domain::{
    compliance::{
        case::{Case, CaseDecision, CaseReason, Evidence as Found, Opinion},
        screening::Check,
    },
    ids::CaseId,
};

use super::{
    freezes::FreezeSide,
    guard::{Allow, READERS},
    office,
};
use crate::{
    auth::caller,
    connection::{Connection, connection, list_error, page_request},
    errors::ApiError,
    fresh::at_least,
    limits,
    scalars::DateTime,
};

/// How far a review is.
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "CaseStatus")]
pub(crate) enum ReviewStatus {
    /// Opinions are asked for.
    Open,
    /// The customer was asked something.
    AwaitsCustomer,
    /// Decided.
    Decided,
    /// The application ended in another way.
    Withdrawn,
}

/// Why a person has to look: the gravest kind of list on which somebody alike was found.
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "CaseReason")]
pub(crate) enum ReviewReason {
    /// They may be under sanctions.
    Sanctions,
    /// They may be known for a crime.
    Fraud,
    /// They may be politically exposed.
    Pep,
    /// Nobody alike is on a list, and still they were not cleared.
    Risk,
}

/// What was decided.
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "CaseDecision")]
pub(crate) enum ReviewOutcome {
    /// They may be a customer.
    Approved,
    /// They may not.
    Declined,
}

/// What somebody thinks should be decided.
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "Opinion")]
pub(crate) enum ReviewDecision {
    /// They may be a customer.
    Approve,
    /// They may not.
    Decline,
}

/// What somebody was looked for in.
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "Check")]
pub(crate) enum ScreeningCheck {
    /// Lists of sanctioned people.
    Sanctions,
    /// Politically exposed people, those close to them included.
    Pep,
    /// People known for fraud and other crimes.
    Fraud,
}

/// What happened to a review.
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "TimelineKind")]
pub(crate) enum ReviewEventKind {
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

/// Somebody on a list who may be the person.
#[derive(SimpleObject)]
struct ReviewEvidence {
    /// Which check found them.
    check: ScreeningCheck,
    /// Who, by the screening provider's id of them.
    entity: String,
    /// How alike they are, in percent.
    score: u8,
}

impl From<&Found> for ReviewEvidence {
    fn from(found: &Found) -> Self {
        Self { check: found.check.into(), entity: found.entity.to_string(), score: found.score }
    }
}

/// What one person thinks should be decided.
#[derive(SimpleObject)]
struct ReviewOpinion {
    /// Who.
    by: ID,
    /// What.
    verdict: ReviewDecision,
    /// Since when.
    at: DateTime,
}

impl From<&OpinionView> for ReviewOpinion {
    fn from(view: &OpinionView) -> Self {
        Self { by: ID(view.by.to_string()), verdict: view.verdict.into(), at: DateTime(view.at.to_string()) }
    }
}

/// A line of a review's history.
#[derive(SimpleObject)]
struct ReviewEvent {
    /// What happened.
    kind: ReviewEventKind,
    /// When.
    at: DateTime,
    /// Who: somebody's id, `customer`, or `system`.
    actor: String,
    /// Whom it was assigned to.
    assignee: Option<ID>,
    /// Whether something was written.
    has_text: bool,
    /// What `revealText` takes to show it.
    text_id: Option<ID>,
}

impl From<&TimelineEntry> for ReviewEvent {
    fn from(entry: &TimelineEntry) -> Self {
        Self {
            kind: entry.kind.into(),
            at: DateTime(entry.at.to_string()),
            actor: entry.actor.to_string(),
            assignee: entry.to.map(|staff| ID(staff.to_string())),
            has_text: entry.text.is_some(),
            text_id: entry.text.as_ref().map(|text| ID(text.slot().to_owned())),
        }
    }
}

/// A case in which a person decides.
pub(crate) struct Review(AtVersion<CaseView>);

impl Review {
    /// As the projection has it.
    pub(crate) const fn projected(row: AtVersion<CaseView>) -> Self {
        Self(row)
    }

    /// As a mutation left it.
    pub(crate) fn written(id: CaseId, loaded: &Loaded<Case>) -> Result<Self, ApiError> {
        match (CaseView::of(id, &loaded.state), loaded.version) {
            (Some(view), Some(version)) => Ok(Self(AtVersion { view, version: version.number() })),
            (None, _) | (_, None) => Err(ApiError::internal(&"a mutation left a case that was never opened")),
        }
    }

    const fn view(&self) -> &CaseView {
        &self.0.view
    }
}

/// A case in which a person decides.
#[Object]
impl Review {
    /// The same for as long as the review exists.
    async fn id(&self) -> ID {
        ID(self.view().id.to_string())
    }

    /// How far it is.
    async fn status(&self) -> ReviewStatus {
        self.view().status.into()
    }

    /// What was decided. Null until it was.
    async fn decision(&self) -> Option<ReviewOutcome> {
        self.view().decision.map(ReviewOutcome::from)
    }

    /// Why a person has to look.
    async fn reason(&self) -> ReviewReason {
        self.view().reason.into()
    }

    /// From 0 to 100.
    async fn risk(&self) -> u8 {
        self.view().risk
    }

    /// How often it was escalated.
    async fn level(&self) -> u8 {
        self.view().level
    }

    /// How many people an approval needs. Whoever took the review upon themselves needs a second one in any case.
    async fn approvals_needed(&self) -> u8 {
        self.view().approvals
    }

    /// When it has to be decided.
    async fn due_at(&self) -> DateTime {
        DateTime(self.view().due.to_string())
    }

    /// When it was opened.
    async fn opened_at(&self) -> DateTime {
        DateTime(self.view().opened_at.to_string())
    }

    /// When it was decided or withdrawn.
    async fn closed_at(&self) -> Option<DateTime> {
        self.view().closed_at.map(|at| DateTime(at.to_string()))
    }

    /// Who sees to it.
    async fn assignee(&self) -> Option<ID> {
        self.view().assignee.map(|staff| ID(staff.to_string()))
    }

    /// Whom it is about.
    async fn customer_id(&self) -> ID {
        ID(self.view().customer.to_string())
    }

    /// The application. Null if it is about somebody who is a customer: whom a list knows since.
    async fn application_id(&self) -> Option<ID> {
        self.view().application.map(|application| ID(application.to_string()))
    }

    /// What it freezes until it is decided. An approval lifts that; after a decline it stays.
    async fn freezes(&self) -> Option<FreezeSide> {
        self.view().freeze.map(FreezeSide::from)
    }

    /// What the checks found.
    async fn evidence(&self) -> Vec<ReviewEvidence> {
        self.view().evidence.iter().map(ReviewEvidence::from).collect()
    }

    /// One opinion a person, their latest, in the order in which these were given.
    async fn opinions(&self) -> Vec<ReviewOpinion> {
        self.view().opinions.iter().map(ReviewOpinion::from).collect()
    }

    /// Everything that happened, in order.
    async fn timeline(&self) -> Vec<ReviewEvent> {
        self.view().timeline.iter().map(ReviewEvent::from).collect()
    }

    /// The version that this shows. It grows with every change.
    async fn version(&self) -> u32 {
        self.0.version
    }
}

#[derive(Default)]
pub(crate) struct ReviewQuery;

#[Object]
impl ReviewQuery {
    /// Reviews by when they were opened, newest first. A change shows in it after a moment.
    #[graphql(guard = "Allow(READERS)", complexity = "limits::READ + limits::asked(first) * child_complexity")]
    async fn reviews(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How far they are; `OPEN`, if it is left out.")] status: Option<ReviewStatus>,
        #[graphql(desc = "Only those that the caller sees to.")] assigned_to_me: Option<bool>,
        #[graphql(desc = "At most this many: 1 to 100.", default = 20)] first: Option<i32>,
        #[graphql(desc = "Begin after this cursor.")] after: Option<String>,
    ) -> Result<Connection<Review>, ApiError> {
        let request = page_request(first, after)?;
        let me = caller(ctx)?.staff();
        let status = status.unwrap_or(ReviewStatus::Open).into();
        let filter = CaseFilter { status, assignee: (assigned_to_me == Some(true)).then_some(me) };
        let page = office(ctx)?.compliance.cases(filter, &request).await.map_err(list_error)?;
        Ok(connection(&request, page, Review::projected))
    }

    /// One review. Null if there is none of this id.
    #[graphql(guard = "Allow(READERS)", complexity = "limits::read_at_least(at_least_version) + child_complexity")]
    async fn review(
        &self,
        ctx: &Context<'_>,
        id: ID,
        #[graphql(desc = "Answer this version or a newer one, such as a mutation answered.")] at_least_version: Option<
            u32,
        >,
    ) -> Option<Result<Review, ApiError>> {
        find_review(ctx, id.parse().ok()?, at_least_version).await.transpose()
    }
}

/// One review, no older than this version.
pub(crate) async fn find_review(
    ctx: &Context<'_>,
    id: CaseId,
    at_least_version: Option<u32>,
) -> Result<Option<Review>, ApiError> {
    let office = office(ctx)?;
    let row = office.compliance.case(id).await?;
    let streams = &office.cases.streams;
    let found = at_least::<Case, _>(streams, id.into(), row, at_least_version, |state| CaseView::of(id, state)).await?;
    Ok(found.map(|(row, _)| Review(row)))
}
