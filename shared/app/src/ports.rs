//! What the use cases need of the world.

mod custody;
mod executions;
mod identity;
mod limits;
mod mail;
mod screening;
mod sign_ups;
mod workflows;

use async_trait::async_trait;
use bytes::Bytes;
use domain::{
    error::{Class, Classify},
    ids::{CustomerId, Fingerprint, PositionId, RetentionClass, VaultRef},
    moment::Moment,
};
use secrecy::SecretString;
use time::OffsetDateTime;

pub use custody::{Custodian, CustodyStatus, CustodyTransaction, DepositAddress};
pub use executions::{ExecutionStatus, Executions, Recorded, RecordedEvent, RecordedKind};
pub use identity::{Applicant, IdentityProvider, IdentityRun, IdentityStanding, MonitorNews, WatchlistMonitors};
pub use limits::{Permit, Permits, Purpose, Rate, Standing, Urgency};
pub use mail::{Mail, Mails};
pub use screening::{ScreenedPerson, ScreeningProvider};
pub use sign_ups::{Claim, IdentityUsers, Membership, SignUps};
pub use workflows::{Pause, PauseKey, Pauses, Questions, SdkTokens, TaskToken, Told, Workflows};

/// Why something outside failed, in its own words; never personal data.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Reason(String);

impl<T: Into<String>> From<T> for Reason {
    fn from(text: T) -> Self {
        Self(text.into())
    }
}

/// An effect outside the event store did not happen, or its answer was lost.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PortError {
    /// It may work later.
    #[error("could not {attempted}")]
    Unavailable {
        /// What was attempted.
        attempted: &'static str,
        /// The cause; never personal data.
        #[source]
        reason: Reason,
    },
    /// We were asked to slow down.
    #[error("asked to slow down: could not {attempted}")]
    Throttled {
        /// What was attempted.
        attempted: &'static str,
    },
    /// What was to be read is not there.
    #[error("nothing there: could not {attempted}")]
    Missing {
        /// What was attempted.
        attempted: &'static str,
    },
    /// The other side understood and says no: the same again will be refused again.
    #[error("refused by the other side: could not {attempted}")]
    Refused {
        /// What was attempted.
        attempted: &'static str,
        /// The cause, by the other side's own code; never personal data.
        #[source]
        reason: Reason,
    },
    /// It was personal data, and its key was destroyed: nothing brings it back, and nothing new is kept under it.
    #[error("erased: could not {attempted}")]
    Erased {
        /// What was attempted.
        attempted: &'static str,
    },
    /// What was read is not what was written: damage, or a foreign key.
    #[error("not as it was written: could not {attempted}")]
    Corrupt {
        /// What was attempted.
        attempted: &'static str,
    },
}

impl Classify for PortError {
    fn class(&self) -> Class {
        match self {
            Self::Unavailable { .. } => Class::Transient,
            Self::Throttled { .. } => Class::Throttled,
            Self::Missing { .. } => Class::Invalid,
            Self::Refused { .. } | Self::Erased { .. } => Class::Rejected,
            Self::Corrupt { .. } => Class::Bug,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Unavailable { .. } => "PORT_UNAVAILABLE",
            Self::Throttled { .. } => "PORT_THROTTLED",
            Self::Missing { .. } => "PORT_MISSING",
            Self::Refused { .. } => "PORT_REFUSED",
            Self::Erased { .. } => "PERSONAL_DATA_ERASED",
            Self::Corrupt { .. } => "PORT_CORRUPT",
        }
    }
}

/// The bank's clock.
#[async_trait]
pub trait Clock: Send + Sync {
    /// What time it is.
    fn now(&self) -> OffsetDateTime;

    /// Waits a little, longer with each attempt and never as long as the neighbour.
    async fn back_off(&self, attempt: u32);
}

/// The only home of personal data: encrypted under one key per subject and retention class, found again by a reference that says
/// nothing. Where a key was destroyed everything answers [`PortError::Erased`].
#[async_trait]
pub trait Vault: Send + Sync {
    /// Keeps a value. A reference is written once: writing it again keeps the first value.
    async fn keep(&self, reference: &VaultRef, value: &SecretString) -> Result<(), PortError>;

    /// Reads a value back. Who and why go to the audit log.
    async fn open(&self, reference: &VaultRef, reader: &Reader) -> Result<SecretString, PortError>;

    /// What tells equal contents from other ones without telling anything about them: keyed with the subject's own key of the class
    /// that the content belongs to, so that nobody can try names and birth dates against it, and meaningless once the key is gone.
    async fn fingerprint(
        &self,
        subject: CustomerId,
        class: RetentionClass,
        content: &SecretString,
    ) -> Result<Fingerprint, PortError>;
}

/// What is left of a key that was destroyed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Destroyed {
    /// When it was destroyed, the first time that it was asked for.
    pub at: Moment,
    /// The hash of the key as it was kept, wrapped. `None` if there had never been one.
    pub key: Option<Fingerprint>,
}

/// The keys of the vault, for whoever erases.
#[async_trait]
pub trait VaultKeys: Send + Sync {
    /// Destroys a subject's key of one class for good: what it opened stays closed, and no new one is made in its place. Destroying it
    /// again answers what the first time answered.
    async fn destroy(&self, subject: CustomerId, class: RetentionClass, at: Moment) -> Result<Destroyed, PortError>;
}

/// Who reads personal data, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reader {
    /// A function, or a member of staff.
    pub who: String,
    /// The purpose, in words an auditor understands.
    pub why: String,
}

/// Bytes under a key, such as raw webhooks. Writing the same bytes under the same key again is harmless.
#[async_trait]
pub trait Objects: Send + Sync {
    /// Stores bytes durably before it answers.
    async fn put(&self, key: &str, bytes: Bytes, content_type: &'static str) -> Result<(), PortError>;

    /// Reads them back.
    async fn get(&self, key: &str) -> Result<Bytes, PortError>;
}

/// A queue that a single-purpose function works off.
#[async_trait]
pub trait Jobs: Send + Sync {
    /// Sends one message. `group` keeps a noisy neighbour from starving the others.
    async fn send(&self, body: String, group: &str) -> Result<(), PortError>;
}

/// Where all savings positions are listed, page by page. A position may show a moment after it was opened.
#[async_trait]
pub trait PositionIndex: Send + Sync {
    /// Up to `limit` positions after the cursor that the page before answered, and the cursor of the page after, if there is
    /// one. No position that stays is skipped, however many come in between.
    async fn page(&self, after: Option<String>, limit: u16) -> Result<(Vec<PositionId>, Option<String>), PortError>;
}

/// Where all customers are listed who are looked for ever after, page by page. One may show a moment after they became one.
#[async_trait]
pub trait MonitoredIndex: Send + Sync {
    /// Up to `limit` customers after the cursor that the page before answered, and the cursor of the page after, if there is one.
    /// Nobody is skipped, however many come in between.
    async fn page(&self, after: Option<String>, limit: u16) -> Result<(Vec<CustomerId>, Option<String>), PortError>;
}

/// The bus between contexts.
#[async_trait]
pub trait Milestones: Send + Sync {
    /// Publishes. Ids are deterministic, so publishing again is recognised.
    async fn publish(&self, milestones: &[contracts::milestones::Envelope]) -> Result<(), PortError>;
}

/// Fan-out of commits to a context's own consumers.
#[async_trait]
pub trait Topic: Send + Sync {
    /// Publishes in batches and answers, for each message in order, whether it was taken.
    async fn publish(&self, messages: &[contracts::commits::CommitMessage]) -> Vec<Result<(), PortError>>;
}

/// Signs what a provider wants signed, with a key that never leaves its home.
#[async_trait]
pub trait Signer: Send + Sync {
    /// RSA PKCS#1 v1.5 with SHA-256.
    async fn sign(&self, message: &[u8]) -> Result<Vec<u8>, PortError>;
}

/// Where people prove that they are who they say before they are customers.
#[async_trait]
pub trait IdentityPool: Send + Sync {
    /// The e-mail address of whoever an access token speaks for. [`PortError::Refused`] if the token may not ask.
    async fn email(&self, access_token: &SecretString) -> Result<SecretString, PortError>;
}
