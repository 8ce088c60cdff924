//! Mail to customers.

use async_trait::async_trait;
use secrecy::SecretString;

use super::PortError;

/// A mail. To whom and what it says is straight out of the vault, and goes into nothing but the request to who delivers it.
#[derive(Debug)]
pub struct Mail {
    /// The address.
    pub to: SecretString,
    /// What it is about, in words that say nothing of whom it is to.
    pub subject: &'static str,
    /// What it says, as text.
    pub text: SecretString,
    /// The same as HTML.
    pub html: SecretString,
    /// What tells this mail from others where it is delivered: names and ids.
    pub tags: Vec<(&'static str, String)>,
}

/// Who delivers mails. None of them knows a repeat: whoever sends looks first whether it was sent.
#[async_trait]
pub trait Mails: Send + Sync {
    /// Hands a mail over. [`PortError::Refused`] if this one is not taken, now or later; what would hold every mail up is
    /// [`PortError::Unavailable`].
    async fn send(&self, mail: &Mail) -> Result<(), PortError>;
}
