//! Whether a body was really signed by Onfido: lower-case hexadecimal HMAC-SHA256 over the raw body.
//!
//! There is no time in it, so the same bytes are genuine for ever: what follows must bear to see them again.

use std::fmt;

use aws_lc_rs::hmac;
use domain::error::{Class, Classify};
use secrecy::{ExposeSecret as _, SecretString};

/// The header that carries the signature.
pub const SIGNATURE_HEADER: &str = "x-sha2-signature";

/// Two are live while one is rotated; anything far beyond that is a mistake in the settings.
const TOKENS_MAX: usize = 8;

/// Why the configured tokens cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// There is none.
    #[error("the text holds no webhook token")]
    NoToken,
    /// There are more than can be meant.
    #[error("the text holds more than {TOKENS_MAX} webhook tokens")]
    TooMany,
}

/// Why a body is not believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SignatureError {
    /// There is no signature.
    #[error("the signature is missing")]
    Missing,
    /// The header is not hexadecimal.
    #[error("the signature is not hexadecimal")]
    NotHex,
    /// No live token made this signature over these bytes.
    #[error("the signature does not match")]
    Mismatch,
}

impl Classify for SignatureError {
    fn class(&self) -> Class {
        Class::Invalid
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Missing => "SIGNATURE_MISSING",
            Self::NotHex => "SIGNATURE_MALFORMED",
            Self::Mismatch => "SIGNATURE_MISMATCH",
        }
    }
}

/// The live webhook tokens: one, or two while they are rotated.
pub struct WebhookTokens(Vec<hmac::Key>);

impl fmt::Debug for WebhookTokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("WebhookTokens").field(&self.0.len()).finish()
    }
}

impl WebhookTokens {
    /// Reads one or more tokens, apart by commas or white space.
    ///
    /// # Errors
    /// When there is none, or far too many.
    pub fn from_text(text: &SecretString) -> Result<Self, TokenError> {
        let apart = |c: char| c == ',' || c.is_whitespace();
        let tokens = text.expose_secret().split(apart).filter(|token| !token.is_empty());
        let keys: Vec<_> = tokens.map(|token| hmac::Key::new(hmac::HMAC_SHA256, token.as_bytes())).collect();
        match keys.len() {
            0 => Err(TokenError::NoToken),
            1..=TOKENS_MAX => Ok(Self(keys)),
            _ => Err(TokenError::TooMany),
        }
    }

    /// Checks the raw body, byte for byte as it came, against each of the live tokens, in constant time.
    ///
    /// # Errors
    /// When the header is empty or garbled, or no token made the signature.
    pub fn verify(&self, body: &[u8], signature_header: &str) -> Result<(), SignatureError> {
        let header = signature_header.trim();
        if header.is_empty() {
            return Err(SignatureError::Missing);
        }
        let signature = hex::decode(header).map_err(|_| SignatureError::NotHex)?;
        let is_genuine =
            self.0.iter().fold(false, |genuine, key| genuine | hmac::verify(key, body, &signature).is_ok());
        if is_genuine { Ok(()) } else { Err(SignatureError::Mismatch) }
    }
}
