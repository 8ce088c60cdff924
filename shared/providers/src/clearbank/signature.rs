//! Whether a body was really signed by ClearBank.

use std::fmt;

use aws_lc_rs::signature::{ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use domain::error::{Class, Classify};

/// The header that carries the signature, in both directions.
pub const SIGNATURE_HEADER: &str = "digitalsignature";

const BEGIN: &str = "-----BEGIN PUBLIC KEY-----";
const END: &str = "-----END PUBLIC KEY-----";
/// Two are live while one is rotated; anything far beyond that is a mistake in the settings.
const KEYS_MAX: usize = 8;

/// Why the configured keys cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// There is no PEM block.
    #[error("the text holds no PEM public key")]
    NoKey,
    /// There are more than can be meant.
    #[error("the text holds more than {KEYS_MAX} keys")]
    TooMany,
    /// A block does not end.
    #[error("a PEM block has no end")]
    Unclosed,
    /// A block holds something other than base64.
    #[error("a PEM block is not base64")]
    NotBase64,
    /// A block holds something other than an RSA key.
    #[error("a PEM block is not an RSA public key")]
    NotRsa,
}

/// Why a body is not believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SignatureError {
    /// There is no signature.
    #[error("the signature is missing")]
    Missing,
    /// The header is not base64.
    #[error("the signature is not base64")]
    NotBase64,
    /// No live key made this signature over these bytes.
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
            Self::NotBase64 => "SIGNATURE_MALFORMED",
            Self::Mismatch => "SIGNATURE_MISMATCH",
        }
    }
}

/// The live public keys: one, or two while the partner rotates.
pub struct Keys(Vec<ParsedPublicKey>);

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Keys").field(&self.0.len()).finish()
    }
}

impl Keys {
    /// Reads one or more PEM blocks. White space inside a block is ignored, as settings often lose their line breaks.
    ///
    /// # Errors
    /// When there is no block, or one of them is not an RSA key.
    pub fn from_pem(text: &str) -> Result<Self, KeyError> {
        let mut keys = Vec::new();
        let mut rest = text;
        while let Some((_, after)) = rest.split_once(BEGIN) {
            if keys.len() == KEYS_MAX {
                return Err(KeyError::TooMany);
            }
            let (inside, after) = after.split_once(END).ok_or(KeyError::Unclosed)?;
            let packed: String = inside.split_whitespace().collect();
            let der = STANDARD.decode(packed).map_err(|_| KeyError::NotBase64)?;
            keys.push(ParsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, der).map_err(|_| KeyError::NotRsa)?);
            rest = after;
        }
        if keys.is_empty() { Err(KeyError::NoKey) } else { Ok(Self(keys)) }
    }

    /// Checks the raw body, byte for byte as it came, against any of the live keys.
    ///
    /// # Errors
    /// When the header is empty or garbled, or no key made the signature.
    pub fn verify(&self, body: &[u8], signature_header: &str) -> Result<(), SignatureError> {
        let header = signature_header.trim();
        if header.is_empty() {
            return Err(SignatureError::Missing);
        }
        let signature = STANDARD.decode(header).map_err(|_| SignatureError::NotBase64)?;
        let is_genuine = self.0.iter().any(|key| key.verify_sig(body, &signature).is_ok());
        if is_genuine { Ok(()) } else { Err(SignatureError::Mismatch) }
    }
}
