//! The provider that knows who is on which list.

use async_trait::async_trait;
use domain::compliance::screening::{Check, IndexVersion, Match};
use secrecy::SecretString;

use super::PortError;

/// A person as the screening provider must know them: no more than tells namesakes apart. Straight out of the vault, and into
/// nothing but the provider's request.
#[derive(Debug)]
pub struct ScreenedPerson {
    /// Given names.
    pub first_name: SecretString,
    /// Family name.
    pub last_name: SecretString,
    /// `YYYY-MM-DD`.
    pub birth_date: SecretString,
    /// ISO 3166-1 alpha-2.
    pub nationality: SecretString,
}

/// The screening provider. Looking somebody up changes nothing there, so it may be done again.
#[async_trait]
pub trait ScreeningProvider: Send + Sync {
    /// Whoever on the lists of this check may be the person, with how alike they are. An answer that cannot be read in full is an
    /// error, never nobody.
    async fn look_up(&self, check: Check, person: &ScreenedPerson) -> Result<Vec<Match>, PortError>;

    /// How the lists stand: another text, once they have changed.
    async fn index_version(&self) -> Result<IndexVersion, PortError>;
}
