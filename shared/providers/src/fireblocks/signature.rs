//! Whether a body was really signed by Fireblocks: a detached JWS in a header, `<protected header>..<signature>`.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use domain::error::{Class, Classify};
use jsonwebtoken::{Algorithm, DecodingKey, crypto};
use serde::Deserialize;
use serde_json::Value;

/// The header that carries the signature. The older `Fireblocks-Signature` that comes beside it has a key that never changes, and
/// is not read.
pub const SIGNATURE_HEADER: &str = "fireblocks-webhook-signature";

/// Longer than any signature with an RSA key of 8192 bits.
const HEADER_BYTES_MAX: usize = 4 * 1024;
/// The only algorithm. What the header says is compared with it, never followed.
const ALGORITHM: &str = "RS512";

/// Why a body is not believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SignatureError {
    /// There is no signature.
    #[error("the signature is missing")]
    Missing,
    /// The header is no detached JWS.
    #[error("the signature is not a detached JWS")]
    Malformed,
    /// Not signed at all, in another way, or with an extension that must be understood and is not.
    #[error("the signature is not made as the custodian makes it")]
    WrongAlgorithm,
    /// No published key has the id that the signature names.
    #[error("the signature's key is unknown")]
    UnknownKey,
    /// The key did not make this signature over these bytes.
    #[error("the signature does not match")]
    Mismatch,
}

impl Classify for SignatureError {
    fn class(&self) -> Class {
        match self {
            // It may have been published a moment ago.
            Self::UnknownKey => Class::Transient,
            Self::Missing | Self::Malformed | Self::WrongAlgorithm | Self::Mismatch => Class::Invalid,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Missing => "SIGNATURE_MISSING",
            Self::Malformed => "SIGNATURE_MALFORMED",
            Self::WrongAlgorithm => "SIGNATURE_WRONG_ALGORITHM",
            Self::UnknownKey => "SIGNATURE_UNKNOWN_KEY",
            Self::Mismatch => "SIGNATURE_MISMATCH",
        }
    }
}

/// A signature whose key is still to be found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DetachedJws<'a> {
    protected: &'a str,
    signature: &'a str,
    key_id: String,
}

#[derive(Deserialize)]
struct Protected {
    alg: String,
    kid: Option<String>,
    crit: Option<Value>,
    // Whether the payload is signed as base64 or as it stands. Only an extension may change that, and none is understood.
    b64: Option<Value>,
}

impl<'a> DetachedJws<'a> {
    /// Reads the header of [`SIGNATURE_HEADER`].
    ///
    /// # Errors
    /// When it is none, or names another algorithm, or no key.
    pub fn parse(header: &'a str) -> Result<Self, SignatureError> {
        let header = header.trim();
        if header.is_empty() {
            return Err(SignatureError::Missing);
        }
        if header.len() > HEADER_BYTES_MAX {
            return Err(SignatureError::Malformed);
        }
        let (protected, signature) = header.split_once("..").ok_or(SignatureError::Malformed)?;
        let json = URL_SAFE_NO_PAD.decode(protected).map_err(|_| SignatureError::Malformed)?;
        let fields: Protected = serde_json::from_slice(&json).map_err(|_| SignatureError::Malformed)?;
        if fields.alg != ALGORITHM || fields.crit.is_some() || fields.b64.is_some() {
            return Err(SignatureError::WrongAlgorithm);
        }
        if signature.is_empty() || signature.contains('.') {
            return Err(SignatureError::Malformed);
        }
        let key_id = fields.kid.filter(|id| !id.is_empty()).ok_or(SignatureError::UnknownKey)?;
        Ok(Self { protected, signature, key_id })
    }

    /// Which of the published keys made it, as it says.
    #[must_use]
    pub fn key_id(&self) -> &str {
        &self.key_id
    }

    /// Checks the raw body, byte for byte as it came.
    ///
    /// # Errors
    /// When this key did not make the signature over it.
    pub fn verify(&self, body: &[u8], key: &DecodingKey) -> Result<(), SignatureError> {
        let message = format!("{}.{}", self.protected, URL_SAFE_NO_PAD.encode(body));
        match crypto::verify(self.signature, message.as_bytes(), key, Algorithm::RS512) {
            Ok(true) => Ok(()),
            Ok(false) | Err(_) => Err(SignatureError::Mismatch),
        }
    }
}
