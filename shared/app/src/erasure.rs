//! Erasing customers, with proof.
//!
//! Two steps, because the law keeps some of what a bank knows: the request says what is kept and until when, and closes the customer; what
//! destroys the keys looks at what is due, at once and then every day. Each destruction leaves a certificate.

use std::sync::Arc;

use bytes::Bytes;
use domain::{
    compliance::{
        case::{Case, TextError, check_text},
        screening::Screening,
    },
    error::{Class, Classify},
    identity::{
        customer::{Customer, CustomerCommand, CustomerError, CustomerStatus, decide},
        erasure::Erasure,
    },
    ids::{
        AccountId, ApplicantId, AwaitedId, CaseId, CustomerId, Fingerprint, IdError, PositionId, RetentionClass,
        ScreenedId, StaffId, StreamId, VaultRef,
    },
    ledger::{
        account::{Account, AccountState},
        product::catalogue,
        savings::Savings,
        waiting::Waiting,
    },
    moment::Moment,
    onboarding::application::{Application, Stage},
};
use money::{Asset, BusinessDate};
use secrecy::SecretString;
use serde::Serialize;

use crate::{
    commit::Cause,
    ports::{Destroyed, IdentityUsers, Membership, Objects, PortError, Vault, VaultKeys},
    store::StoreError,
    streams::{Loaded, Streams},
    views::{CaseStatus, CaseView, ErasureViews},
};

/// How many customers one call erases at most. What is left is due again at the next one.
const DUE_PAGE: u16 = 100;
/// Where the vault keeps why somebody is erased.
const REASON_SLOT: &str = "erasure-reason";
/// How much of a fingerprint tells reasons apart in the vault.
const SLOT_HEX_DIGITS: usize = 16;
/// Who destroys keys, as certificates have it.
const DESTROYED_BY: &str = "system:erase-personal-data";

/// Why somebody is not erased.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ErasureError {
    /// Nobody erases themselves: the pool gives everybody one id, as a customer and as staff.
    #[error("nobody erases themselves")]
    Own,
    /// Somebody else asked for it before.
    #[error("somebody else asked for the customer's erasure before")]
    AlreadyRequested,
    /// Nobody may write that.
    #[error(transparent)]
    Text(#[from] TextError),
    /// Money of theirs is with the bank, or interest is still to be paid.
    #[error("the customer has money with the bank")]
    HasMoney,
    /// An application of theirs is under way.
    #[error("an application of the customer is under way")]
    ApplicationRunning,
    /// A case about them is open.
    #[error("a case about the customer is open")]
    CaseOpen,
    /// The decider refused.
    #[error(transparent)]
    Customer(#[from] CustomerError),
    /// A reference could not be built.
    #[error(transparent)]
    Id(#[from] IdError),
    /// The event store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The vault, the pool, the archive or the list of who is due.
    #[error(transparent)]
    Port(#[from] PortError),
}

impl Classify for ErasureError {
    fn class(&self) -> Class {
        match self {
            Self::Own | Self::AlreadyRequested => Class::Rejected,
            Self::HasMoney | Self::ApplicationRunning | Self::CaseOpen => Class::Rejected,
            Self::Text(error) => error.class(),
            Self::Customer(error) => error.class(),
            Self::Id(error) => error.class(),
            Self::Store(error) => error.class(),
            Self::Port(error) => error.class(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Own => "ERASURE_OWN",
            Self::AlreadyRequested => "ERASURE_ALREADY_REQUESTED",
            Self::Text(error) => error.code(),
            Self::HasMoney => "ERASURE_HAS_MONEY",
            Self::ApplicationRunning => "ERASURE_APPLICATION_RUNNING",
            Self::CaseOpen => "ERASURE_CASE_OPEN",
            Self::Customer(error) => error.code(),
            Self::Id(error) => error.code(),
            Self::Store(error) => error.code(),
            Self::Port(error) => error.code(),
        }
    }
}

/// What asking for an erasure takes.
#[derive(Clone)]
pub struct Erasures {
    /// The identity context's streams.
    pub identity: Streams,
    /// The onboarding context's streams, which are only read.
    pub onboarding: Streams,
    /// The compliance context's streams, which are only read.
    pub compliance: Streams,
    /// The ledger context's streams, which are only read.
    pub ledger: Streams,
    /// Where the reason goes.
    pub vault: Arc<dyn Vault>,
}

impl Erasures {
    /// Closes a customer for good and says what of theirs is kept for how long. Their keys are destroyed as [`Destruction`] gets to it.
    ///
    /// # Errors
    /// [`ErasureError::HasMoney`], [`ErasureError::ApplicationRunning`] and [`ErasureError::CaseOpen`]; see [`ErasureError`]. Asking
    /// again is safe, and changes nothing; whoever asks after somebody else is told so.
    pub async fn request(
        &self,
        customer: CustomerId,
        by: StaffId,
        reason: &SecretString,
        cause: &Cause,
    ) -> Result<Loaded<Customer>, ErasureError> {
        if by.as_uuid() == customer.as_uuid() {
            return Err(ErasureError::Own);
        }
        check_text(reason)?;
        let stream = StreamId::from(customer);
        let loaded = self.identity.load::<Customer>(stream.clone()).await?;
        match loaded.state.status {
            CustomerStatus::None => return Err(CustomerError::NotSignedUp.into()),
            CustomerStatus::Erased => return asked_by(by, loaded),
            CustomerStatus::SignedUp | CustomerStatus::Applying | CustomerStatus::Active => {}
        }
        self.nothing_is_open(customer).await?;
        self.nothing_is_owed(customer).await?;
        let reference = self.keep(customer, reason).await?;
        let at = Moment::of(self.identity.now());
        let command = CustomerCommand::RequestErasure { by, reason: reference, at };
        let decided = |state: &_| Ok(decide(state, &command)?);
        let loaded = self.identity.dispatch::<Customer, ErasureError>(&stream, cause, decided).await?;
        asked_by(by, loaded) // Of two who ask at the same time, one was first.
    }

    /// A slot is written once, so the reason of an attempt that came to nothing must not stand for another one's.
    async fn keep(&self, customer: CustomerId, reason: &SecretString) -> Result<VaultRef, ErasureError> {
        let class = VaultRef::of_customer(customer, REASON_SLOT)?.class();
        let fingerprint = self.vault.fingerprint(customer, class, reason).await?;
        let digits: String = fingerprint.to_string().chars().take(SLOT_HEX_DIGITS).collect();
        let reference = VaultRef::of_customer(customer, &format!("{REASON_SLOT}-{digits}"))?;
        self.vault.keep(&reference, reason).await?;
        Ok(reference)
    }

    async fn nothing_is_open(&self, customer: CustomerId) -> Result<(), ErasureError> {
        let screened = self.compliance.load::<Screening>(ScreenedId(customer).into()).await?;
        let cases = screened.state.monitoring.map_or(0, |monitoring| monitoring.cases);
        for number in 0..cases {
            self.is_closed(CaseId::of_monitoring(customer, number)).await?;
        }
        let applicant = self.onboarding.load::<Application>(ApplicantId(customer).into()).await?;
        for submission in &applicant.state.submissions {
            match submission.stage {
                Stage::Open | Stage::Approved => return Err(ErasureError::ApplicationRunning),
                Stage::Completed | Stage::Declined | Stage::Expired => {}
            }
            self.is_closed(CaseId::of_application(customer, submission.id)).await?;
        }
        Ok(())
    }

    async fn is_closed(&self, id: CaseId) -> Result<(), ErasureError> {
        let case = self.compliance.load::<Case>(id.into()).await?;
        match CaseView::of(id, &case.state).map(|case| case.status) {
            Some(CaseStatus::Open | CaseStatus::AwaitsCustomer) => Err(ErasureError::CaseOpen),
            Some(CaseStatus::Decided | CaseStatus::Withdrawn) | None => Ok(()),
        }
    }

    async fn nothing_is_owed(&self, customer: CustomerId) -> Result<(), ErasureError> {
        for asset in Asset::ALL {
            let account = self.ledger.load::<Account>(StreamId::from(&AccountId::new(customer, asset))).await?;
            match account.state {
                AccountState::NotOpen => {}
                AccountState::Open { available, pending, held, .. } => {
                    if !(available.is_zero() && pending.is_zero() && held.is_zero()) {
                        return Err(ErasureError::HasMoney);
                    }
                }
            }
        }
        // What waits in suspense is theirs, and on none of their accounts.
        if !self.ledger.load::<Waiting>(AwaitedId(customer).into()).await?.state.is_empty() {
            return Err(ErasureError::HasMoney);
        }
        for product in catalogue() {
            let position = PositionId::new(customer, product.id.clone());
            let loaded = self.ledger.load::<Savings>(StreamId::from(&position)).await?;
            let Some(position) = loaded.state.open() else { continue };
            let paid = position.earned.is_zero() && position.due.values().all(|earned| earned.is_zero());
            if !(position.balance.is_zero() && paid) {
                return Err(ErasureError::HasMoney);
            }
        }
        Ok(())
    }
}

/// Whoever asked is told what there is; whoever asked after somebody else is told that.
fn asked_by(by: StaffId, loaded: Loaded<Customer>) -> Result<Loaded<Customer>, ErasureError> {
    match &loaded.state.erasure {
        Some(erasure) if erasure.requested_by == by => Ok(loaded),
        Some(_) | None => Err(ErasureError::AlreadyRequested),
    }
}

/// What destroying keys takes.
#[derive(Clone)]
pub struct Destruction {
    /// The identity context's streams.
    pub identity: Streams,
    /// The vault's keys.
    pub keys: Arc<dyn VaultKeys>,
    /// The identity pool, which knows an address too.
    pub users: Arc<dyn IdentityUsers>,
    /// Where certificates go.
    pub archive: Arc<dyn Objects>,
}

/// The proof that a key is gone: which, when, by whom, and by what it can be recognised in an old copy.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Certificate {
    customer: CustomerId,
    class: RetentionClass,
    destroyed_at: Moment,
    destroyed_by: &'static str,
    /// SHA-256 of the key as it was kept, wrapped. Absent where nothing had ever been kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    wrapped_key_sha256: Option<Fingerprint>,
    requested_at: Moment,
    requested_by: StaffId,
    kept_until: BusinessDate,
}

impl Destruction {
    /// Destroys what has to go of one customer's keys by now, and answers the classes. What was begun and not finished is finished: a
    /// certificate is written before the event that says so, and the key is gone before both.
    ///
    /// # Errors
    /// See [`ErasureError`]. Running it again is safe.
    pub async fn destroy_due(&self, customer: CustomerId, cause: &Cause) -> Result<Vec<RetentionClass>, ErasureError> {
        let loaded = self.identity.load::<Customer>(StreamId::from(customer)).await?;
        let Some(erasure) = loaded.state.erasure else { return Ok(vec![]) };
        let today = BusinessDate::of(self.identity.now());
        let mut due = erasure.outstanding();
        due.retain(|class| erasure.due(*class) <= today);
        for class in &due {
            self.destroy(customer, &erasure, *class, cause).await?;
        }
        Ok(due)
    }

    /// The same for every customer who is due, a page of them, and answers how many these were. One who fails keeps nobody else.
    ///
    /// # Errors
    /// The first failure, once everybody else on the page had their turn. Running it again is safe.
    pub async fn destroy_all_due(&self, views: &dyn ErasureViews, cause: &Cause) -> Result<usize, ErasureError> {
        let due = views.due_for_erasure(BusinessDate::of(self.identity.now()), DUE_PAGE).await?;
        let mut outcome = Ok(due.len());
        for customer in due {
            if let Err(error) = self.destroy_due(customer, cause).await {
                outcome = outcome.and(Err(error));
            }
        }
        outcome
    }

    async fn destroy(
        &self,
        customer: CustomerId,
        erasure: &Erasure,
        class: RetentionClass,
        cause: &Cause,
    ) -> Result<(), ErasureError> {
        let destroyed = self.keys.destroy(customer, class, Moment::of(self.identity.now())).await?;
        if class == RetentionClass::Contact {
            // Somebody who works here logs in as the same user.
            match self.users.membership(customer).await? {
                Membership::Nobodys => self.users.remove(customer).await?,
                Membership::Staff | Membership::Missing => {}
            }
        }
        self.archive
            .put(
                &certificate_key(customer, class),
                certificate(customer, erasure, class, destroyed)?,
                "application/json",
            )
            .await?;
        let command = CustomerCommand::NoteDestroyed { class, at: destroyed.at, key: destroyed.key };
        let stream = StreamId::from(customer);
        self.identity.dispatch::<Customer, ErasureError>(&stream, cause, |state| Ok(decide(state, &command)?)).await?;
        Ok(())
    }
}

/// Where the archive keeps the certificate of a destroyed key. One for each, however often it is written.
#[must_use]
pub fn certificate_key(customer: CustomerId, class: RetentionClass) -> String {
    format!("erasures/{customer}/{class}.json")
}

fn certificate(
    customer: CustomerId,
    erasure: &Erasure,
    class: RetentionClass,
    destroyed: Destroyed,
) -> Result<Bytes, PortError> {
    let certificate = Certificate {
        customer,
        class,
        destroyed_at: destroyed.at,
        destroyed_by: DESTROYED_BY,
        wrapped_key_sha256: destroyed.key,
        requested_at: erasure.requested_at,
        requested_by: erasure.requested_by,
        kept_until: erasure.due(class),
    };
    let written = serde_json::to_vec(&certificate);
    Ok(written.map_err(|_| PortError::Corrupt { attempted: "write a certificate" })?.into())
}
