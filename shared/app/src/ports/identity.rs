//! The identity provider.

use async_trait::async_trait;
use domain::ids::CustomerId;
use secrecy::SecretString;
use uuid::Uuid;

use super::PortError;

/// A person as the identity provider must know them. Straight out of the vault, and into nothing but the provider's request.
#[derive(Debug)]
pub struct Applicant {
    /// Given names.
    pub first_name: SecretString,
    /// Family name.
    pub last_name: SecretString,
    /// `YYYY-MM-DD`.
    pub birth_date: SecretString,
    /// Street with number.
    pub street: SecretString,
    /// Town.
    pub town: SecretString,
    /// Postcode.
    pub postcode: SecretString,
    /// ISO 3166-1 alpha-3, of the address.
    pub country: String,
}

/// A workflow run at the identity provider.
#[derive(Debug, Clone)]
pub struct IdentityRun {
    /// The provider's id of it.
    pub id: Uuid,
    /// The provider's id of the applicant.
    pub applicant: Uuid,
    /// How it stands.
    pub standing: IdentityStanding,
    /// What the app hands to the provider's component, if the answer carries one.
    pub sdk_token: Option<SecretString>,
}

/// How a workflow run stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IdentityStanding {
    /// The provider, or the applicant, is not done.
    Open,
    /// A person at the provider looks at it.
    InReview,
    /// The provider says yes.
    Approved,
    /// The provider says no.
    Declined,
    /// The applicant gave up.
    Abandoned,
    /// The provider could not finish it.
    Failed,
}

/// The identity provider. Its answers are read, never guessed; asking twice for the same application finds what is there.
#[async_trait]
pub trait IdentityProvider: Send + Sync {
    /// The run of this customer's application, if there is one. Two customers may have picked the same id.
    async fn find_run(&self, customer: CustomerId, application: Uuid) -> Result<Option<IdentityRun>, PortError>;

    /// Creates an applicant and answers the provider's id of it.
    async fn create_applicant(&self, applicant: &Applicant) -> Result<Uuid, PortError>;

    /// Starts a workflow run for an applicant, marked with the application and with the customer's id.
    async fn start_run(
        &self,
        applicant: Uuid,
        customer: CustomerId,
        application: Uuid,
    ) -> Result<IdentityRun, PortError>;

    /// Reads a run; [`PortError::Missing`] if there is none.
    async fn run(&self, id: Uuid) -> Result<IdentityRun, PortError>;

    /// Deletes an applicant, and with them every run that is open. Deleting one that is gone is success.
    async fn delete_applicant(&self, applicant: Uuid) -> Result<(), PortError>;
}

/// What the identity provider's monitor of somebody has found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MonitorNews {
    /// Whom it watches, as we said when their check was started.
    pub customer: CustomerId,
    /// Everybody on a list who may be them, by the provider's ids. It says no score.
    pub matches: Vec<String>,
}

/// Monitors at the identity provider, which go on looking for people in lists.
#[async_trait]
pub trait WatchlistMonitors: Send + Sync {
    /// What a monitor has found by now. [`PortError::Missing`] if there is no such monitor, or it watches nobody of ours.
    async fn monitor(&self, id: Uuid) -> Result<MonitorNews, PortError>;
}
