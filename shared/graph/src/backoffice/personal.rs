//! Showing what is personal: only to compliance, and only for a reason, which goes to the audit log with whoever gave it.

use app::reveal::Purpose;
use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use domain::{
    ids::{ApplicationId, CustomerId},
    onboarding::content::{ApplicationContent, Written},
};
use secrecy::{ExposeSecret as _, SecretString};

use super::{
    freezes::freeze_id,
    guard::{Allow, COMPLIANCE},
    mutations::case_id,
    office,
    suspense::deposit_id,
};
use crate::{auth::caller, errors::ApiError, limits, onboarding::DocumentKind};

/// A text to show.
#[derive(InputObject)]
struct RevealTextInput {
    /// The review's id.
    review_id: ID,
    /// From the review's timeline.
    text_id: ID,
    /// Why it has to be read: 10 to 500 characters, for auditors. Nothing personal belongs here.
    reason: String,
}

/// An application to show.
#[derive(InputObject)]
struct RevealPersonalDataInput {
    /// The customer's id.
    customer_id: ID,
    /// The application's id; the newest, if it is left out.
    application_id: Option<ID>,
    /// Why it has to be read: 10 to 500 characters, for auditors. Nothing personal belongs here.
    reason: String,
}

/// A freeze to explain.
#[derive(InputObject)]
struct RevealFreezeInput {
    /// The customer's id.
    customer_id: ID,
    /// The freeze.
    freeze_id: ID,
    /// Why it has to be read: 10 to 500 characters, for auditors. Nothing personal belongs here.
    reason: String,
}

/// A deposit whose payer is to be shown.
#[derive(InputObject)]
struct RevealPayerInput {
    /// What waits, or waited, in suspense, by its id.
    deposit_id: ID,
    /// Why it has to be read: 10 to 500 characters, for auditors. Nothing personal belongs here.
    reason: String,
}

/// Why somebody was frozen.
#[derive(SimpleObject)]
struct RevealedFreeze {
    /// What was written when it was ordered.
    text: String,
    /// What was written when it was lifted. Null if nobody lifted it.
    lifted_text: Option<String>,
}

/// Who paid.
#[derive(SimpleObject)]
struct RevealedPayer {
    /// Names and account details as the partner told them, in JSON.
    details: String,
    /// What they wrote with the payment. Null if that was nothing, or if it is known whose the money is.
    wrote: Option<String>,
}

/// A text that somebody wrote.
#[derive(SimpleObject)]
struct RevealedText {
    /// The text.
    text: String,
}

/// What somebody wrote into an application.
#[derive(SimpleObject)]
struct PersonalData {
    /// Which application.
    application_id: ID,
    /// Given names.
    first_name: String,
    /// Family name.
    last_name: String,
    /// Date of birth: `YYYY-MM-DD`.
    birth_date: String,
    /// ISO 3166-1 alpha-2.
    nationality: String,
    /// Where they live.
    address: PersonalAddress,
    /// What they show to prove who they are.
    document: PersonalDocument,
    /// The account that they pay from, if they said.
    bank_account: Option<PersonalBankAccount>,
}

/// Where somebody lives.
#[derive(SimpleObject)]
struct PersonalAddress {
    /// Street with number.
    street: String,
    /// Town.
    town: String,
    /// Postcode.
    postcode: String,
    /// ISO 3166-1 alpha-2.
    country: String,
}

/// A document of somebody.
#[derive(SimpleObject)]
struct PersonalDocument {
    /// What it is.
    kind: DocumentKind,
    /// Its number.
    number: String,
    /// ISO 3166-1 alpha-2.
    issuing_country: String,
}

/// An account of somebody at a bank.
#[derive(SimpleObject)]
struct PersonalBankAccount {
    /// Whose name it is in.
    holder: String,
    /// The IBAN.
    iban: Option<String>,
    /// Six digits.
    sort_code: Option<String>,
    /// Eight digits.
    account_number: Option<String>,
}

impl PersonalData {
    fn of(application: ApplicationId, content: &ApplicationContent) -> Self {
        let Written { first_name, last_name, birth_date, nationality, address, document, bank_account } =
            content.written();
        Self {
            application_id: ID(application.to_string()),
            first_name: shown(&first_name),
            last_name: shown(&last_name),
            birth_date: shown(&birth_date),
            nationality: shown(&nationality),
            address: PersonalAddress {
                street: shown(&address.street),
                town: shown(&address.town),
                postcode: shown(&address.postcode),
                country: shown(&address.country),
            },
            document: PersonalDocument {
                kind: document.kind.into(),
                number: shown(&document.number),
                issuing_country: shown(&document.issuing_country),
            },
            bank_account: bank_account.map(|account| PersonalBankAccount {
                holder: shown(&account.holder),
                iban: account.iban.as_ref().map(shown),
                sort_code: account.sort_code.as_ref().map(shown),
                account_number: account.account_number.as_ref().map(shown),
            }),
        }
    }
}

#[derive(Default)]
pub(crate) struct RevealMutation;

#[Object]
impl RevealMutation {
    /// Shows a text of a review. The audit log keeps who asked, for what, and why.
    ///
    /// Fails with `REASON_TOO_SHORT` and `REASON_TOO_LONG`, and with `CASE_UNKNOWN` and `TEXT_UNKNOWN`.
    #[graphql(guard = "Allow(COMPLIANCE)", complexity = "limits::WRITE + child_complexity")]
    async fn reveal_text(&self, ctx: &Context<'_>, input: RevealTextInput) -> Result<RevealedText, ApiError> {
        let purpose = Purpose::try_new(caller(ctx)?.staff(), &input.reason)?;
        let case = case_id(&input.review_id)?;
        let text = office(ctx)?.reveals.text(case, &input.text_id, &purpose).await?;
        Ok(RevealedText { text: shown(&text) })
    }

    /// Shows what a customer wrote into an application. The audit log keeps who asked, for what, and why.
    ///
    /// Fails with `REASON_TOO_SHORT` and `REASON_TOO_LONG`, and with `APPLICATION_UNKNOWN`.
    #[graphql(guard = "Allow(COMPLIANCE)", complexity = "limits::WRITE + child_complexity")]
    async fn reveal_personal_data(
        &self,
        ctx: &Context<'_>,
        input: RevealPersonalDataInput,
    ) -> Result<PersonalData, ApiError> {
        let purpose = Purpose::try_new(caller(ctx)?.staff(), &input.reason)?;
        let customer = customer_id(&input.customer_id)?;
        let application = input.application_id.map(|id| id.parse()).transpose();
        let application = application.map_err(|_| ApiError::bad_input("`applicationId` is no application's id"))?;
        let (application, content) = office(ctx)?.reveals.application(customer, application, &purpose).await?;
        Ok(PersonalData::of(application, &content))
    }

    /// Shows why somebody froze a customer, and why it was lifted. The audit log keeps who asked, for what, and why.
    ///
    /// Fails with `REASON_TOO_SHORT` and `REASON_TOO_LONG`, with `FREEZE_UNKNOWN`, and with `TEXT_UNKNOWN` for what a review ordered.
    #[graphql(guard = "Allow(COMPLIANCE)", complexity = "limits::WRITE + child_complexity")]
    async fn reveal_freeze(&self, ctx: &Context<'_>, input: RevealFreezeInput) -> Result<RevealedFreeze, ApiError> {
        let purpose = Purpose::try_new(caller(ctx)?.staff(), &input.reason)?;
        let (customer, freeze) = (customer_id(&input.customer_id)?, freeze_id(&input.freeze_id)?);
        let reasons = office(ctx)?.reveals.freeze(customer, freeze, &purpose).await?;
        Ok(RevealedFreeze { text: shown(&reasons.frozen), lifted_text: reasons.lifted.as_ref().map(shown) })
    }

    /// Shows who paid what waits, or waited, in suspense. The audit log keeps who asked, for what, and why.
    ///
    /// Fails with `REASON_TOO_SHORT` and `REASON_TOO_LONG`, and with `SUSPENSE_UNKNOWN`.
    #[graphql(guard = "Allow(COMPLIANCE)", complexity = "limits::WRITE + child_complexity")]
    async fn reveal_payer(&self, ctx: &Context<'_>, input: RevealPayerInput) -> Result<RevealedPayer, ApiError> {
        let purpose = Purpose::try_new(caller(ctx)?.staff(), &input.reason)?;
        let payer = office(ctx)?.reveals.payer(&deposit_id(&input.deposit_id)?, &purpose).await?;
        Ok(RevealedPayer { details: shown(&payer.details), wrote: payer.wrote.as_ref().map(shown) })
    }
}

fn customer_id(id: &ID) -> Result<CustomerId, ApiError> {
    id.parse().map_err(|_| ApiError::bad_input("`customerId` is no customer's id"))
}

fn shown(text: &SecretString) -> String {
    text.expose_secret().to_owned()
}
