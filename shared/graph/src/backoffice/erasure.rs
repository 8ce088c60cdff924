//! Erasing customers, and how that stands.

use app::{
    erasure::certificate_key,
    views::{CustomerView, ErasedClassView, ErasureView},
};
use async_graphql::{Context, Enum, ID, InputObject, Object, SimpleObject};
use domain::{
    identity::erasure::LegalGround as Ground,
    ids::{CustomerId, RetentionClass},
};

use super::{
    cause,
    freezes::{CustomerPayload, known},
    guard::{Allow, COMPLIANCE},
    office,
};
use crate::{
    auth::caller,
    errors::ApiError,
    limits,
    personal::PersonalText,
    scalars::{Date, DateTime},
};

/// A kind of personal data. Each customer has a key for each.
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "RetentionClass")]
pub(crate) enum PersonalDataClass {
    /// Who they are and how that was found out.
    Identity,
    /// How they are reached.
    Contact,
    /// What was written about them in reviews, and what they were asked and answered.
    Case,
    /// Who paid them.
    Payment,
}

/// What requires that personal data is kept.
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "Ground")]
pub(crate) enum LegalGround {
    /// Money Laundering Regulations 2017, regulation 40: five years from the end of the relationship.
    MoneyLaundering,
}

/// A customer's erasure: what was asked for, and what has come of it.
#[derive(SimpleObject)]
pub(crate) struct CustomerErasure {
    /// When it was asked for.
    requested_at: DateTime,
    /// Who asked for it.
    requested_by: ID,
    /// What becomes of each kind of personal data.
    data: Vec<PersonalDataErasure>,
}

/// What becomes of a kind of personal data.
#[derive(SimpleObject)]
pub(crate) struct PersonalDataErasure {
    /// Which kind.
    class: PersonalDataClass,
    /// From this day on its key has to go.
    due_on: Date,
    /// Whether that was so as soon as it was asked for.
    at_once: bool,
    /// What requires it until then. Null if nothing does.
    legal_ground: Option<LegalGround>,
    /// When its key was destroyed. Null while there is one.
    destroyed_at: Option<DateTime>,
    /// Where the archive keeps the certificate of that. Null while there is a key.
    certificate: Option<String>,
}

impl CustomerErasure {
    pub(super) fn of(customer: CustomerId, view: &ErasureView) -> Self {
        Self {
            requested_at: DateTime(view.requested_at.to_string()),
            requested_by: ID(view.requested_by.to_string()),
            data: view.classes.iter().map(|class| PersonalDataErasure::of(customer, class)).collect(),
        }
    }
}

impl PersonalDataErasure {
    fn of(customer: CustomerId, view: &ErasedClassView) -> Self {
        Self {
            class: view.class.into(),
            due_on: Date(view.due),
            at_once: view.ground.is_none(),
            legal_ground: view.ground.map(LegalGround::from),
            destroyed_at: view.destroyed_at.map(|at| DateTime(at.to_string())),
            certificate: view.destroyed_at.map(|_| certificate_key(customer, view.class)),
        }
    }
}

/// Who is to be forgotten.
#[derive(InputObject)]
struct EraseCustomerInput {
    /// The customer's id. It names the erasure as well: a customer is erased once.
    customer_id: ID,
    /// Why; at most 4000 characters.
    reason: PersonalText,
}

#[derive(Default)]
pub(crate) struct ErasureMutation;

#[Object]
impl ErasureMutation {
    /// Closes a customer for good, and has their personal data destroyed: at once what nothing requires, and the rest on the day on
    /// which the law no longer does. Nothing takes it back. Sending it again is safe.
    ///
    /// Fails with `ERASURE_HAS_MONEY`, `ERASURE_APPLICATION_RUNNING` and `ERASURE_CASE_OPEN`; with `ERASURE_ALREADY_REQUESTED` if
    /// somebody else asked for it, and with `ERASURE_OWN`, `TEXT_EMPTY` and `TEXT_TOO_LONG`.
    #[graphql(guard = "Allow(COMPLIANCE)", complexity = "limits::WRITE + child_complexity")]
    async fn erase_customer(&self, ctx: &Context<'_>, input: EraseCustomerInput) -> Result<CustomerPayload, ApiError> {
        let (customer, file) = known(ctx, &input.customer_id).await?;
        let (by, reason) = (caller(ctx)?.staff(), &input.reason.0);
        let loaded = office(ctx)?.erasures.request(customer, by, reason, &cause(ctx)?).await?;
        Ok(CustomerPayload { customer: file.with_standing(&CustomerView::of(customer, &loaded.state)) })
    }
}
