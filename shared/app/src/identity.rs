//! The identity context: sign-ups and customers.

use std::sync::Arc;

use domain::{
    aggregate::Aggregate,
    error::{Class, Classify},
    identity::customer::{Customer, CustomerCommand, CustomerError, decide},
    ids::{ApplicationId, CustomerId, IdError, StreamId, VaultRef},
};
use secrecy::SecretString;

use crate::{
    commit::Cause,
    ports::{IdentityPool, PortError, Vault},
    store::StoreError,
    streams::{Loaded, Streams},
};

/// Why a customer was not ensured.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IdentityError {
    /// The decider refused.
    #[error(transparent)]
    Customer(#[from] CustomerError),
    /// A vault reference could not be built.
    #[error(transparent)]
    Id(#[from] IdError),
    /// The event store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The vault.
    #[error(transparent)]
    Port(#[from] PortError),
}

impl Classify for IdentityError {
    fn class(&self) -> Class {
        match self {
            Self::Customer(error) => error.class(),
            Self::Id(error) => error.class(),
            Self::Store(error) => error.class(),
            Self::Port(error) => error.class(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Customer(error) => error.code(),
            Self::Id(error) => error.code(),
            Self::Store(error) => error.code(),
            Self::Port(error) => error.code(),
        }
    }
}

/// Puts a confirmed person's e-mail address into the vault, before the event that points at it.
///
/// # Errors
/// When the vault cannot be written.
pub async fn keep_email(vault: &Arc<dyn Vault>, id: CustomerId, email: &SecretString) -> Result<(), IdentityError> {
    Ok(vault.keep(&email_reference(id)?, email).await?)
}

fn email_reference(id: CustomerId) -> Result<VaultRef, IdError> {
    VaultRef::of_customer(id, "email")
}

/// Makes sure that a confirmed person is a customer. Runs at confirmation, and again wherever a confirmed person first
/// writes, since confirmation triggers may be lost.
///
/// # Errors
/// See [`IdentityError`]. Running it again is safe.
pub async fn ensure_customer(
    streams: &Streams,
    id: CustomerId,
    cause: &Cause,
) -> Result<Loaded<Customer>, IdentityError> {
    let sign_up = CustomerCommand::SignUp { email: email_reference(id)? };
    streams.dispatch::<Customer, IdentityError>(&StreamId::from(id), cause, |state| Ok(decide(state, &sign_up)?)).await
}

/// Makes sure of the same where a confirmed person first writes, with nothing but their access token. A trigger that was lost took
/// the e-mail address with it, so the pool is asked for it again. A token that may not ask keeps nobody from the bank: the slot then
/// stays empty.
///
/// # Errors
/// See [`IdentityError`]. Running it again is safe.
pub async fn ensure_customer_with_token(
    streams: &Streams,
    vault: &Arc<dyn Vault>,
    pool: &Arc<dyn IdentityPool>,
    id: CustomerId,
    access_token: &SecretString,
    cause: &Cause,
) -> Result<Loaded<Customer>, IdentityError> {
    let loaded = streams.load::<Customer>(StreamId::from(id)).await?;
    if loaded.version.is_some() {
        return Ok(loaded); // Whoever made the customer kept the address first.
    }
    match pool.email(access_token).await {
        Ok(email) => keep_email(vault, id, &email).await?,
        Err(PortError::Refused { .. }) => {}
        Err(error) => return Err(error.into()),
    }
    ensure_customer(streams, id, cause).await
}

/// What became of a customer's application, as the onboarding context announces it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ApplicationNews {
    /// It was submitted.
    Submitted,
    /// It was approved.
    Approved,
    /// It ended without an approval.
    Refused,
}

/// Follows a customer's application. News may come twice and in any order.
///
/// # Errors
/// See [`IdentityError`]. Running it again is safe.
pub async fn follow_application(
    streams: &Streams,
    id: CustomerId,
    application: ApplicationId,
    news: ApplicationNews,
    cause: &Cause,
) -> Result<Loaded<Customer>, IdentityError> {
    // Whoever applied is confirmed, even if the trigger that should have said so was lost.
    let sign_up = CustomerCommand::SignUp { email: email_reference(id)? };
    let follow = match news {
        ApplicationNews::Submitted => CustomerCommand::Apply { application },
        ApplicationNews::Approved => CustomerCommand::Activate,
        ApplicationNews::Refused => CustomerCommand::EndApplication { application },
    };
    streams
        .dispatch::<Customer, IdentityError>(&StreamId::from(id), cause, |state| {
            let mut events = decide(state, &sign_up)?;
            let signed_up = events.iter().fold(state.clone(), Customer::evolve);
            events.extend(decide(&signed_up, &follow)?);
            Ok(events)
        })
        .await
}
