//! The identity context: sign-ups and customers.

use std::sync::Arc;

use domain::{
    aggregate::Aggregate,
    error::{Class, Classify},
    identity::customer::{Customer, CustomerCommand, CustomerError, CustomerStatus, decide},
    ids::{ApplicationId, CustomerId, IdError, StreamId, VaultRef},
};
use secrecy::SecretString;

use crate::{
    commit::Cause,
    ports::{Claim, IdentityPool, PortError, SignUps, Vault},
    store::StoreError,
    streams::{Loaded, Streams},
};

/// Why a customer was not ensured.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IdentityError {
    /// The decider refused.
    #[error(transparent)]
    Customer(#[from] CustomerError),
    /// The sign-up was not activated in time. Whoever it was may sign up again.
    #[error("the sign-up has expired")]
    SignUpExpired,
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
            Self::SignUpExpired => Class::Rejected,
            Self::Id(error) => error.class(),
            Self::Store(error) => error.class(),
            Self::Port(error) => error.class(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Customer(error) => error.code(),
            Self::SignUpExpired => "SIGN_UP_EXPIRED",
            Self::Id(error) => error.code(),
            Self::Store(error) => error.code(),
            Self::Port(error) => error.code(),
        }
    }
}

/// What making a customer of somebody takes.
#[derive(Clone)]
pub struct Welcome {
    /// The identity context's streams.
    pub streams: Streams,
    /// Where the e-mail address goes.
    pub vault: Arc<dyn Vault>,
    /// Sign-ups that wait.
    pub sign_ups: Arc<dyn SignUps>,
}

impl Welcome {
    /// Makes a customer of a confirmed person, unless their sign-up expired. Runs at confirmation, and again wherever a confirmed
    /// person first writes, since confirmation triggers may be lost.
    ///
    /// # Errors
    /// See [`IdentityError`]. Running it again is safe.
    pub async fn confirm(
        &self,
        id: CustomerId,
        email: &SecretString,
        cause: &Cause,
    ) -> Result<Loaded<Customer>, IdentityError> {
        match self.claimed(id).await? {
            Some(customer) => Ok(customer),
            None => self.make(id, Some(email), cause).await,
        }
    }

    /// The same where a confirmed person first writes, with nothing but their access token. A trigger that was lost took the e-mail
    /// address with it, so the pool is asked for it again. A token that may not ask keeps nobody from the bank: the slot then stays
    /// empty.
    ///
    /// # Errors
    /// See [`IdentityError`]. Running it again is safe.
    pub async fn with_token(
        &self,
        pool: &Arc<dyn IdentityPool>,
        id: CustomerId,
        access_token: &SecretString,
        cause: &Cause,
    ) -> Result<Loaded<Customer>, IdentityError> {
        let loaded = self.streams.load::<Customer>(StreamId::from(id)).await?;
        if loaded.state.status == CustomerStatus::Erased {
            return Err(CustomerError::Erased.into()); // With a token from before.
        }
        if loaded.version.is_some() {
            return Ok(loaded); // Whoever made the customer kept the address first.
        }
        if let Some(customer) = self.claimed(id).await? {
            return Ok(customer);
        }
        let email = match pool.email(access_token).await {
            Ok(email) => Some(email),
            Err(PortError::Refused { .. }) => None,
            Err(error) => return Err(error.into()),
        };
        self.make(id, email.as_ref(), cause).await
    }

    /// Takes the sign-up out of its expiry. Answers the customer if there is nothing left to claim because there is one already.
    async fn claimed(&self, id: CustomerId) -> Result<Option<Loaded<Customer>>, IdentityError> {
        match self.sign_ups.claim(id, self.streams.now()).await? {
            Claim::Taken => Ok(None),
            Claim::Gone => {
                // Forgotten only ever after there is a customer, so whoever is none now can become none any more.
                let loaded = self.streams.load::<Customer>(StreamId::from(id)).await?;
                if loaded.version.is_some() { Ok(Some(loaded)) } else { Err(IdentityError::SignUpExpired) }
            }
        }
    }

    async fn make(
        &self,
        id: CustomerId,
        email: Option<&SecretString>,
        cause: &Cause,
    ) -> Result<Loaded<Customer>, IdentityError> {
        let reference = email_reference(id)?;
        if let Some(email) = email {
            self.vault.keep(&reference, email).await?; // Before the event that points at it.
        }
        let sign_up = CustomerCommand::SignUp { email: reference };
        let stream = StreamId::from(id);
        let made =
            self.streams.dispatch::<Customer, IdentityError>(&stream, cause, |state| Ok(decide(state, &sign_up)?));
        let made = made.await?;
        // Last: as long as anything above is undone, the claim stays.
        self.sign_ups.forget(id).await?;
        Ok(made)
    }
}

/// Where the vault keeps a customer's e-mail address.
pub(crate) fn email_reference(id: CustomerId) -> Result<VaultRef, IdError> {
    VaultRef::of_customer(id, "email")
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
