//! Access tokens of the identity pool.

use std::sync::Arc;

use app::ports::{Clock, PortError};
use domain::error::{Class, Classify};
use graph::Caller;
use jsonwebtoken::{Algorithm, Validation, decode, decode_header, errors::ErrorKind};
use lambda_kit::jwks::KeyRing;
use serde::Deserialize;
use uuid::Uuid;

/// Longer than any token of the pool, far below what would cost anything to look at.
const TOKEN_BYTES_MAX: usize = 8 * 1024;

/// What checks tokens.
pub struct Tokens {
    issuer: String,
    client_id: String,
    keys: KeyRing,
    clock: Arc<dyn Clock>,
}

/// Why a token does not let anybody in.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// Not `Bearer`, or no token of the form that the pool gives.
    #[error("the Authorization header holds no bearer token")]
    Malformed,
    /// Anything else than RS256, no signature at all among it, or an extension that must be understood and is not.
    #[error("the token is not signed as the identity pool signs")]
    WrongAlgorithm,
    /// Signed with a key that the pool does not publish.
    #[error("the token's key is unknown")]
    UnknownKey,
    /// Altered, or signed by somebody else.
    #[error("the token's signature is wrong")]
    WrongSignature,
    /// From another pool, for another app, or an id token.
    #[error("the token was not issued for this")]
    NotForThis,
    /// Of a service rather than a person.
    #[error("the token names no person")]
    NoPerson,
    /// No longer valid.
    #[error("the token has expired")]
    Expired,
    /// Nobody knows: the pool's keys could not be had.
    #[error("the token cannot be checked right now")]
    Unchecked(#[source] PortError),
}

impl Classify for TokenError {
    fn class(&self) -> Class {
        match self {
            Self::Malformed
            | Self::WrongAlgorithm
            | Self::UnknownKey
            | Self::WrongSignature
            | Self::NotForThis
            | Self::NoPerson
            | Self::Expired => Class::Rejected,
            Self::Unchecked(error) => error.class(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Malformed => "TOKEN_MALFORMED",
            Self::WrongAlgorithm => "TOKEN_WRONG_ALGORITHM",
            Self::UnknownKey => "TOKEN_UNKNOWN_KEY",
            Self::WrongSignature => "TOKEN_WRONG_SIGNATURE",
            Self::NotForThis => "TOKEN_NOT_FOR_THIS",
            Self::NoPerson => "TOKEN_NO_PERSON",
            Self::Expired => "TOKEN_EXPIRED",
            Self::Unchecked(error) => error.code(),
        }
    }
}

/// What is read of a token. Id tokens have no `client_id`.
#[derive(Deserialize)]
struct Claims {
    iss: String,
    token_use: String,
    #[serde(default)]
    client_id: String,
    sub: String,
    exp: i64,
    #[serde(rename = "cognito:groups", default)]
    groups: Vec<String>,
}

/// The token in an `Authorization` header.
pub fn bearer(authorization: &str) -> Option<&str> {
    let (scheme, token) = authorization.trim().split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

impl Tokens {
    /// Tokens that `issuer` gave to the app `client_id`.
    pub fn new(issuer: &str, client_id: &str, keys: KeyRing, clock: Arc<dyn Clock>) -> Self {
        Self { issuer: issuer.to_owned(), client_id: client_id.to_owned(), keys, clock }
    }

    /// Who the `Authorization` header speaks for.
    ///
    /// # Errors
    /// See [`TokenError`].
    pub async fn caller(&self, authorization: &str) -> Result<Caller, TokenError> {
        let token = bearer(authorization).ok_or(TokenError::Malformed)?;
        if token.len() > TOKEN_BYTES_MAX {
            return Err(TokenError::Malformed);
        }
        let header = decode_header(token).map_err(|error| match error.kind() {
            // `none`, for one, is not an algorithm that the library reads.
            ErrorKind::Json(_) | ErrorKind::InvalidAlgorithmName => TokenError::WrongAlgorithm,
            _ => TokenError::Malformed,
        })?;
        if header.alg != Algorithm::RS256 || header.crit.is_some() {
            return Err(TokenError::WrongAlgorithm);
        }
        let key_id = header.kid.ok_or(TokenError::UnknownKey)?;
        let key = self.keys.find(&key_id).await.map_err(TokenError::Unchecked)?.ok_or(TokenError::UnknownKey)?;
        let claims = decode::<Claims>(token, &key, &signature_only()).map_err(|error| match error.kind() {
            ErrorKind::InvalidSignature => TokenError::WrongSignature,
            ErrorKind::InvalidAlgorithm => TokenError::WrongAlgorithm,
            _ => TokenError::Malformed,
        })?;
        self.check(claims.claims)
    }

    fn check(&self, claims: Claims) -> Result<Caller, TokenError> {
        if claims.iss != self.issuer || claims.token_use != "access" || claims.client_id != self.client_id {
            return Err(TokenError::NotForThis);
        }
        if claims.exp <= self.clock.now().unix_timestamp() {
            return Err(TokenError::Expired);
        }
        let person = claims.sub.parse::<Uuid>().map_err(|_| TokenError::NoPerson)?;
        Ok(Caller { person, groups: claims.groups })
    }
}

/// The library reads the wall clock, and knows nothing of the claims that matter here; so it checks the signature, and we the
/// rest.
fn signature_only() -> Validation {
    let mut validation = Validation::new(Algorithm::RS256);
    validation.validate_exp = false;
    validation.validate_aud = false;
    validation.required_spec_claims.clear();
    validation
}

#[cfg(test)]
#[path = "tokens_tests.rs"]
mod tests;
