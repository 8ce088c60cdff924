//! What compliance asks applicants, and what they answer.

use app::{
    onboarding::{Information, provide_information},
    views::{ApplicantView, RequestView},
};
use async_graphql::{Context, ID, InputObject, Object};
use domain::ids::{ApplicationId, CustomerId, VaultRef};
use secrecy::ExposeSecret as _;
use uuid::Uuid;

use crate::{
    answer::{bank, cause},
    auth::{self, caller},
    errors::ApiError,
    limits,
    onboarding::SubmitApplicationPayload,
    personal::PersonalText,
    scalars::DateTime,
};

/// What the bank needs to know before it can go on with an application.
pub(crate) struct InformationRequest {
    pub(crate) customer: CustomerId,
    pub(crate) request: RequestView,
}

#[Object]
impl InformationRequest {
    /// What `provideInformation` takes.
    async fn id(&self) -> ID {
        self.request.question.slot().into()
    }

    /// What the bank asks. Null once nobody keeps it any more.
    #[graphql(complexity = "limits::READ")]
    async fn question(&self, ctx: &Context<'_>) -> Result<Option<String>, ApiError> {
        let text = bank(ctx)?.questions.read(self.customer, self.request.question.slot()).await?;
        Ok(text.map(|text| text.expose_secret().to_owned()))
    }

    /// When it was asked.
    async fn asked_at(&self) -> DateTime {
        DateTime(self.request.asked_at.to_string())
    }
}

/// An answer.
#[derive(InputObject)]
struct ProvideInformationInput {
    /// Which application is asked about.
    application_id: ID,
    /// Which question: `informationRequest.id`.
    request_id: ID,
    /// At most 4000 characters.
    text: PersonalText,
}

#[derive(Default)]
pub(crate) struct InformationMutation;

#[Object]
impl InformationMutation {
    /// Answers what the bank asks about an application. The same answer again is safe.
    ///
    /// Fails with `TEXT_EMPTY` or `TEXT_TOO_LONG`, with `INFORMATION_NOT_REQUESTED` if nothing was asked by this name, with
    /// `INFORMATION_PROVIDED_BEFORE` after another answer, and with `APPLICATION_ENDED` once the application is decided.
    #[graphql(guard = "auth::Viewer", complexity = "limits::WRITE + child_complexity")]
    async fn provide_information(
        &self,
        ctx: &Context<'_>,
        input: ProvideInformationInput,
    ) -> Result<SubmitApplicationPayload, ApiError> {
        let (bank, cause, customer) = (bank(ctx)?, cause(ctx)?, caller(ctx)?.customer());
        let application = Uuid::parse_str(&input.application_id);
        let application = application.map_err(|_| ApiError::bad_input("`applicationId` is not a UUID"))?;
        let question = VaultRef::of_customer(customer, &input.request_id);
        let question = question.map_err(|_| ApiError::bad_input("`requestId` is none"))?;
        let application = ApplicationId::new(application);
        let information = Information { customer, application, question, text: input.text.0 };
        let after = provide_information(&bank.onboarding_streams, &bank.vault, &information, &cause).await?;
        SubmitApplicationPayload::of(&ApplicantView::of(customer, &after.state), application, after.version)
    }
}
