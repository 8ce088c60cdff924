//! The onboarding context: applying for an account, and where the viewer is in the journey.

use app::{
    onboarding::{NewApplication, submit_application},
    views::{self, ApplicantView, ApplicationView},
};
use async_graphql::{Context, Enum, ID, InputObject, Object, SimpleObject};
use domain::{
    ids::{ApplicantId, ApplicationId, CustomerId, Version},
    onboarding::{
        application,
        content::{self, ApplicationContent, Written, WrittenAddress, WrittenBankAccount, WrittenDocument},
    },
};
use secrecy::ExposeSecret as _;
use uuid::Uuid;

use crate::{
    answer::{bank, cause},
    auth::{self, caller},
    errors::ApiError,
    fresh::at_least,
    identity,
    information::InformationRequest,
    limits,
    node::NodeId,
    personal::{PersonalDate, PersonalText},
    scalars::DateTime,
    steps::WorkflowStep,
};

/// How far an application is.
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "views::ApplicationStatus")]
pub(crate) enum ApplicationStatus {
    /// The bank has it.
    Submitted,
    /// The applicant is to prove who they are.
    IdentityCheck,
    /// The applicant is looked for in lists.
    Screening,
    /// A person looks at it.
    InReview,
    /// The applicant is to answer `informationRequest`.
    InformationNeeded,
    /// Approved.
    Approved,
    /// Declined. There is no further application.
    Declined,
    /// The applicant did not prove who they are in time. There may be another application.
    Expired,
}

/// Who checks that people are who they say.
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "application::IdentityCheckProvider")]
pub(crate) enum IdentityProvider {
    /// Onfido.
    Onfido,
}

/// What proves who somebody is.
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "content::DocumentKind")]
pub(crate) enum DocumentKind {
    /// A passport.
    Passport,
    /// A driving licence.
    DrivingLicence,
    /// An identity card.
    IdentityCard,
}

/// An application for an account.
#[derive(InputObject)]
struct SubmitApplicationInput {
    /// A UUID that the client picks and keeps. Sending the same application again is safe: it is submitted once.
    application_id: ID,
    /// Given names, as in the document.
    first_name: PersonalText,
    /// Family name, as in the document.
    last_name: PersonalText,
    /// Date of birth.
    birth_date: PersonalDate,
    /// ISO 3166-1 alpha-2, such as `"IE"`.
    nationality: PersonalText,
    /// Where the applicant lives.
    address: AddressInput,
    /// What the applicant will show to prove who they are.
    document: DocumentInput,
    /// The account that the applicant pays from.
    bank_account: Option<BankAccountInput>,
}

/// Where somebody lives.
#[derive(InputObject)]
struct AddressInput {
    /// Street with number, in at most 32 characters.
    street: PersonalText,
    /// Town.
    town: PersonalText,
    /// Postcode.
    postcode: PersonalText,
    /// ISO 3166-1 alpha-2, such as `"IE"`.
    country: PersonalText,
}

/// A document of somebody.
#[derive(InputObject)]
struct DocumentInput {
    /// What it is.
    kind: DocumentKind,
    /// Its number.
    number: PersonalText,
    /// ISO 3166-1 alpha-2, such as `"IE"`.
    issuing_country: PersonalText,
}

/// An account at a bank: an IBAN, or a sort code with an account number.
#[derive(InputObject)]
struct BankAccountInput {
    /// Whose name it is in.
    holder: PersonalText,
    /// The IBAN.
    iban: Option<PersonalText>,
    /// Six digits.
    sort_code: Option<PersonalText>,
    /// Eight digits.
    account_number: Option<PersonalText>,
}

impl SubmitApplicationInput {
    fn into_application(self, customer: CustomerId) -> Result<NewApplication, ApiError> {
        let application = Uuid::parse_str(&self.application_id);
        let application = application.map_err(|_| ApiError::bad_input("`applicationId` is not a UUID"))?;
        let content = ApplicationContent::new(&Written {
            first_name: self.first_name.0,
            last_name: self.last_name.0,
            birth_date: self.birth_date.0,
            nationality: self.nationality.0,
            address: WrittenAddress {
                street: self.address.street.0,
                town: self.address.town.0,
                postcode: self.address.postcode.0,
                country: self.address.country.0,
            },
            document: WrittenDocument {
                kind: self.document.kind.into(),
                number: self.document.number.0,
                issuing_country: self.document.issuing_country.0,
            },
            bank_account: self.bank_account.map(|account| WrittenBankAccount {
                holder: account.holder.0,
                iban: account.iban.map(|it| it.0),
                sort_code: account.sort_code.map(|it| it.0),
                account_number: account.account_number.map(|it| it.0),
            }),
        });
        Ok(NewApplication { customer, application: ApplicationId::new(application), content })
    }
}

/// An application as it was submitted, whenever that was.
#[derive(SimpleObject)]
pub(crate) struct SubmitApplicationPayload {
    /// The application.
    application: Application,
    /// The version that the mutation, or a later change, led to: what `atLeastVersion` takes.
    version: u32,
}

impl SubmitApplicationPayload {
    pub(crate) fn of(
        applicant: &ApplicantView,
        application: ApplicationId,
        version: Option<Version>,
    ) -> Result<Self, ApiError> {
        match (applicant.find(application), version) {
            (Some(view), Some(version)) => {
                let (customer, version) = (applicant.customer, version.number());
                Ok(Self { application: Application { customer, view: view.clone(), version }, version })
            }
            (None, _) | (_, None) => Err(ApiError::internal(&"an application is not in its own stream")),
        }
    }
}

#[derive(Default)]
pub(crate) struct OnboardingMutation;

#[Object]
impl OnboardingMutation {
    /// Applies for an account.
    ///
    /// Fails with `APPLICATION_FIELD_INVALID` or `APPLICATION_IBAN_INVALID` for what can be mended, with `APPLICATION_UNDER_AGE` or
    /// `APPLICATION_COUNTRY_NOT_SUPPORTED` for whom the bank does not take, with `APPLICATION_REUSED` if the id was used for
    /// another content, and with `APPLICATION_OPEN`, `APPLICATION_DECLINED` or `APPLICATION_APPROVED_BEFORE` after another
    /// application.
    #[graphql(guard = "auth::Viewer", complexity = "limits::WRITE + child_complexity")]
    async fn submit_application(
        &self,
        ctx: &Context<'_>,
        input: SubmitApplicationInput,
    ) -> Result<SubmitApplicationPayload, ApiError> {
        let (bank, cause) = (bank(ctx)?, cause(ctx)?);
        let new = input.into_application(caller(ctx)?.customer())?;
        // A confirmation whose trigger was lost must not keep anybody from applying.
        identity::ensured(ctx, new.customer, &cause).await?;
        let submitted = submit_application(&bank.onboarding_streams, &bank.vault, &new, &cause).await?;
        let view = ApplicantView::of(new.customer, &submitted.state);
        SubmitApplicationPayload::of(&view, new.application, submitted.version)
    }
}

/// What the onboarding context knows of the viewer.
pub(crate) struct ViewerOnboarding {
    pub(crate) customer: CustomerId,
}

#[Object]
impl ViewerOnboarding {
    /// The viewer's newest application. Null before the first.
    #[graphql(complexity = "limits::READ + child_complexity")]
    async fn application(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Not before this version, as a mutation answered it.")] at_least_version: Option<u32>,
    ) -> Option<Result<Application, ApiError>> {
        read(ctx, self.customer, at_least_version, |view| view.current().cloned()).await.transpose()
    }
}

/// One application. Of another customer's nobody learns that it exists.
pub(crate) async fn find_application(
    ctx: &Context<'_>,
    customer: CustomerId,
    application: ApplicationId,
) -> Result<Option<Application>, ApiError> {
    read(ctx, customer, None, |view| view.find(application).cloned()).await
}

async fn read(
    ctx: &Context<'_>,
    customer: CustomerId,
    version: Option<u32>,
    pick: impl FnOnce(&ApplicantView) -> Option<ApplicationView>,
) -> Result<Option<Application>, ApiError> {
    let bank = bank(ctx)?;
    let row = bank.onboarding.applicant(customer).await?;
    let fold = |state: &application::ApplicationState| Some(ApplicantView::of(customer, state));
    let (streams, stream) = (&bank.onboarding_streams, ApplicantId(customer).into());
    let found = at_least::<application::Application, _>(streams, stream, row, version, fold).await?;
    Ok(found.and_then(|(row, _)| {
        let view = pick(&row.view)?;
        Some(Application { customer, view, version: row.version })
    }))
}

/// An application for an account.
pub(crate) struct Application {
    customer: CustomerId,
    view: ApplicationView,
    version: u32,
}

#[Object]
impl Application {
    /// The same for as long as the application exists.
    pub(crate) async fn id(&self) -> ID {
        NodeId::Application(self.customer, self.view.id).into()
    }

    /// How far it is.
    async fn status(&self) -> ApplicationStatus {
        self.view.status.into()
    }

    /// The check of the applicant's identity. Null until there is one.
    async fn identity_check(&self) -> Option<IdentityCheck> {
        let provider = self.view.provider?;
        Some(IdentityCheck { of: self.key(), provider: provider.into(), is_open: self.view.is_checking() })
    }

    /// What the bank needs to know before it can go on. Null while there is nothing.
    async fn information_request(&self) -> Option<InformationRequest> {
        let request = self.view.request.clone()?;
        Some(InformationRequest { customer: self.customer, request })
    }

    /// Where the applicant is in the journey.
    async fn steps(&self) -> Vec<WorkflowStep> {
        self.view.steps.iter().map(WorkflowStep::from).collect()
    }

    /// When it was submitted.
    async fn submitted_at(&self) -> DateTime {
        DateTime(self.view.submitted_at.to_string())
    }

    /// When it was approved, declined or expired.
    async fn decided_at(&self) -> Option<DateTime> {
        self.view.decided_at.map(|at| DateTime(at.to_string()))
    }

    /// The version of the viewer's applications that this shows. It grows with every change.
    async fn version(&self) -> u32 {
        self.version
    }
}

impl Application {
    fn key(&self) -> (CustomerId, ApplicationId) {
        (self.customer, self.view.id)
    }
}

/// A check of an applicant's identity.
pub(crate) struct IdentityCheck {
    of: (CustomerId, ApplicationId),
    provider: IdentityProvider,
    is_open: bool,
}

#[Object]
impl IdentityCheck {
    /// Who checks it.
    async fn provider(&self) -> IdentityProvider {
        self.provider
    }

    /// What the app hands to the provider's component. Null before the component may start, and once the check is over.
    #[graphql(complexity = "limits::READ")]
    async fn sdk_token(&self, ctx: &Context<'_>) -> Option<Result<String, ApiError>> {
        self.token(ctx).await.transpose()
    }
}

impl IdentityCheck {
    async fn token(&self, ctx: &Context<'_>) -> Result<Option<String>, ApiError> {
        if !self.is_open {
            return Ok(None);
        }
        let (customer, application) = self.of;
        let token = bank(ctx)?.sdk_tokens.find(customer, *application.as_uuid()).await?;
        Ok(token.map(|token| token.expose_secret().to_owned()))
    }
}
