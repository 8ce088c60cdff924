use std::sync::Arc;

use domain::{
    compliance::case::check_text,
    ids::{ApplicationId, CustomerId, RetentionClass, VaultRef},
    onboarding::application::{Application, ApplicationCommand, ApplicationError},
};
use secrecy::{ExposeSecret as _, SecretString};

use super::{OnboardingError, ask, load, submission_of};
use crate::{
    commit::Cause,
    ports::{Questions, Reader, Vault},
    streams::{Loaded, Streams},
};

/// How much of a fingerprint tells answers apart in the vault.
const SLOT_HEX_DIGITS: usize = 32;

/// What a customer answers to a question of compliance.
#[derive(Debug)]
pub struct Information {
    /// Who answers.
    pub customer: CustomerId,
    /// About which application.
    pub application: ApplicationId,
    /// Which question.
    pub question: VaultRef,
    /// The answer.
    pub text: SecretString,
}

/// Takes an answer: what was written goes into the vault, and the event that points at it into the stream. The same answer again
/// answers what is stored.
///
/// # Errors
/// See [`OnboardingError`].
pub async fn provide_information(
    streams: &Streams,
    vault: &Arc<dyn Vault>,
    information: &Information,
    cause: &Cause,
) -> Result<Loaded<Application>, OnboardingError> {
    let Information { customer, application, question, text } = information;
    check_text(text)?;
    // Nothing is kept of an answer that nobody asked for.
    let submission = submission_of(&load(streams, *customer).await?, *application)?;
    if !submission.review.iter().flat_map(|it| &it.requests).any(|it| it.question == *question) {
        return Err(ApplicationError::NothingAsked.into());
    }
    // Another answer must not meet the first one's slot, which is written once.
    let told = SecretString::from(format!("{question}\n{}", text.expose_secret()));
    let fingerprint = vault.fingerprint(*customer, RetentionClass::Case, &told).await?.to_string();
    let digits: String = fingerprint.chars().take(SLOT_HEX_DIGITS).collect();
    let answer = VaultRef::of_customer(*customer, &format!("answer-{digits}"))?;
    vault.keep(&answer, text).await?;
    let (application, question) = (*application, question.clone());
    ask(streams, *customer, &ApplicationCommand::ProvideInformation { application, question, answer }, cause).await
}

/// Shows the customer what they are asked. Again is harmless.
///
/// # Errors
/// See [`OnboardingError`]; [`ApplicationError::NothingAsked`] for what is not this customer's.
pub async fn show_question(
    vault: &dyn Vault,
    questions: &dyn Questions,
    customer: CustomerId,
    question: &VaultRef,
    who: &'static str,
) -> Result<(), OnboardingError> {
    if VaultRef::of_customer(customer, question.slot())? != *question {
        return Err(ApplicationError::NothingAsked.into());
    }
    let reader = Reader { who: who.to_owned(), why: "to show the customer what they are asked".to_owned() };
    let text = vault.open(question, &reader).await?;
    Ok(questions.show(customer, question.slot(), &text).await?)
}
