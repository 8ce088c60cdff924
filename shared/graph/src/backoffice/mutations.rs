//! Working on reviews.

use app::streams::Loaded;
use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use domain::{
    compliance::case::Case,
    ids::{CaseId, StaffId},
};
use uuid::Uuid;

use super::{
    cause,
    guard::{Allow, COMPLIANCE},
    office,
    reviews::{Review, ReviewDecision},
};
use crate::{auth::caller, errors::ApiError, limits, personal::PersonalText};

/// Who is to see to a review.
#[derive(InputObject)]
struct AssignReviewInput {
    /// The review's id.
    review_id: ID,
    /// Somebody's id; `BackOffice.me` answers one's own.
    to: ID,
}

/// Something to write down about a review.
#[derive(InputObject)]
struct AddReviewNoteInput {
    /// The review's id.
    review_id: ID,
    /// A UUID that the client picks and keeps. Sending the same note again is safe: it is written once.
    note_id: ID,
    /// At most 4000 characters.
    text: PersonalText,
}

/// Something to ask a customer.
#[derive(InputObject)]
struct RequestInformationInput {
    /// The review's id.
    review_id: ID,
    /// A UUID that the client picks and keeps. Sending the same question again is safe: it is asked once.
    question_id: ID,
    /// What the customer reads; at most 4000 characters.
    text: PersonalText,
}

/// What somebody thinks should be decided.
#[derive(InputObject)]
struct DecideReviewInput {
    /// The review's id.
    review_id: ID,
    /// A UUID that the client picks and keeps. Sending the same decision again is safe: it counts once.
    decision_id: ID,
    /// What.
    decision: ReviewDecision,
    /// Why; at most 4000 characters.
    reason: PersonalText,
}

/// A review as a mutation left it.
#[derive(SimpleObject)]
struct ReviewPayload {
    /// The review.
    review: Review,
}

impl ReviewPayload {
    fn of(id: CaseId, loaded: &Loaded<Case>) -> Result<Self, ApiError> {
        Ok(Self { review: Review::written(id, loaded)? })
    }
}

#[derive(Default)]
pub(crate) struct ReviewMutation;

#[Object]
impl ReviewMutation {
    /// Lets somebody see to a review. Sending it again is safe.
    ///
    /// Whoever takes a review upon themselves cannot approve it alone. Fails with `CASE_UNKNOWN` and `CASE_CLOSED`.
    #[graphql(guard = "Allow(COMPLIANCE)", complexity = "limits::WRITE + child_complexity")]
    async fn assign_review(&self, ctx: &Context<'_>, input: AssignReviewInput) -> Result<ReviewPayload, ApiError> {
        let (id, by) = (case_id(&input.review_id)?, caller(ctx)?.staff());
        let to: StaffId = input.to.parse().map_err(|_| ApiError::bad_input("`to` is nobody's id"))?;
        let loaded = office(ctx)?.cases.assign(id, by, to, &cause(ctx)?).await?;
        ReviewPayload::of(id, &loaded)
    }

    /// Writes something down about a review.
    ///
    /// Fails with `CASE_TEXT_REUSED` if the id was used for another text, with `TEXT_EMPTY` and `TEXT_TOO_LONG`, and as
    /// `assignReview` does.
    #[graphql(guard = "Allow(COMPLIANCE)", complexity = "limits::WRITE + child_complexity")]
    async fn add_review_note(&self, ctx: &Context<'_>, input: AddReviewNoteInput) -> Result<ReviewPayload, ApiError> {
        let (id, by) = (case_id(&input.review_id)?, caller(ctx)?.staff());
        let note = picked(&input.note_id, "noteId")?;
        let loaded = office(ctx)?.cases.add_note(id, by, note, &input.text.0, &cause(ctx)?).await?;
        ReviewPayload::of(id, &loaded)
    }

    /// Asks the customer something. Nothing is decided until the answer is there.
    ///
    /// Fails with `CASE_AWAITS_CUSTOMER` while an earlier question waits for its answer, and as `addReviewNote` does.
    #[graphql(guard = "Allow(COMPLIANCE)", complexity = "limits::WRITE + child_complexity")]
    async fn request_information(
        &self,
        ctx: &Context<'_>,
        input: RequestInformationInput,
    ) -> Result<ReviewPayload, ApiError> {
        let (id, by) = (case_id(&input.review_id)?, caller(ctx)?.staff());
        let question = picked(&input.question_id, "questionId")?;
        let loaded = office(ctx)?.cases.request_information(id, by, question, &input.text.0, &cause(ctx)?).await?;
        ReviewPayload::of(id, &loaded)
    }

    /// Says what the caller thinks should be decided. Enough people who agree decide; see `Review.approvalsNeeded`.
    ///
    /// Fails with `CASE_AWAITS_CUSTOMER` while the customer is to answer, and as `addReviewNote` does.
    #[graphql(guard = "Allow(COMPLIANCE)", complexity = "limits::WRITE + child_complexity")]
    async fn decide_review(&self, ctx: &Context<'_>, input: DecideReviewInput) -> Result<ReviewPayload, ApiError> {
        let (id, by) = (case_id(&input.review_id)?, caller(ctx)?.staff());
        let reason_id = picked(&input.decision_id, "decisionId")?;
        let (opinion, reason) = (input.decision.into(), &input.reason.0);
        let loaded = office(ctx)?.cases.give_opinion(id, by, opinion, reason, reason_id, &cause(ctx)?).await?;
        ReviewPayload::of(id, &loaded)
    }
}

/// The case that an id names.
pub(super) fn case_id(id: &ID) -> Result<CaseId, ApiError> {
    id.parse().map_err(|_| ApiError::bad_input("`reviewId` is no review's id"))
}

/// An id that a client picked.
fn picked(id: &ID, name: &str) -> Result<Uuid, ApiError> {
    Uuid::parse_str(id).map_err(|_| ApiError::bad_input(format!("`{name}` is not a UUID")))
}
