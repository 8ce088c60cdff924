//! Whether a request of the API was really signed by the customer, for this request, just now.

use std::collections::BTreeMap;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use bytes::Bytes;
use http::{Request, header::AUTHORIZATION};
use serde::Deserialize;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use super::key::is_signed_by;

/// Documented: `exp` is less than this after `iat`.
const GOOD_FOR_SECONDS: i64 = 30;
/// Assumed: how far the customer's clock may be ahead.
const AHEAD_SECONDS: i64 = 5;

/// Who may call, and what was already said.
pub(super) struct Credentials {
    pub(super) api_key: String,
    pub(super) public_key_der: Option<Vec<u8>>,
    /// Nonces by the second until which their token would have been good.
    nonces: BTreeMap<String, i64>,
}

#[derive(Deserialize)]
struct Header {
    alg: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Claims {
    uri: String,
    nonce: Value,
    iat: i64,
    exp: i64,
    sub: String,
    body_hash: String,
}

impl Credentials {
    pub(super) fn new(api_key: String) -> Self {
        Self { api_key, public_key_der: None, nonces: BTreeMap::new() }
    }

    /// Checks a request whose path, from `/v1` on and with its query, is `uri`. What is wrong is said in words of our own: the
    /// custodian's are not documented.
    pub(super) fn check(&mut self, request: &Request<Bytes>, uri: &str, now_ms: i64) -> Result<(), &'static str> {
        let header = |name: &str| request.headers().get(name).and_then(|value| value.to_str().ok());
        if header("x-api-key") != Some(self.api_key.as_str()) {
            return Err("the API key is unknown");
        }
        let token = header(AUTHORIZATION.as_str()).and_then(|value| value.strip_prefix("Bearer "));
        let (signed, signature) = token.and_then(|it| it.rsplit_once('.')).ok_or("there is no token")?;
        let (head, claims) = signed.split_once('.').ok_or("the token is no JWT")?;
        let head: Header = json(head).ok_or("the token's header cannot be read")?;
        if head.alg != "RS256" {
            return Err("the token's algorithm is not RS256");
        }
        let signature = URL_SAFE_NO_PAD.decode(signature).map_err(|_| "the token's signature is no base64")?;
        let key = self.public_key_der.as_deref().ok_or("no public key was handed over")?;
        if !is_signed_by(key, signed.as_bytes(), &signature) {
            return Err("the token's signature is wrong");
        }
        let claims: Claims = json(claims).ok_or("the token's claims cannot be read")?;
        let now = now_ms.div_euclid(1_000);
        if claims.sub != self.api_key {
            return Err("the token is another user's");
        }
        if claims.uri != uri {
            return Err("the token is for another URI");
        }
        if claims.iat > now.saturating_add(AHEAD_SECONDS) || claims.exp <= now {
            return Err("the token is not good at this time");
        }
        if claims.exp.saturating_sub(claims.iat) >= GOOD_FOR_SECONDS {
            return Err("the token is good for too long");
        }
        if claims.body_hash != hex::encode(Sha256::digest(request.body())) {
            return Err("the token is for another body");
        }
        self.nonces.retain(|_, good_until| *good_until > now);
        match self.nonces.insert(claims.nonce.to_string(), claims.exp) {
            None => Ok(()),
            Some(_) => Err("the token's nonce was used before"),
        }
    }
}

fn json<T: serde::de::DeserializeOwned>(part: &str) -> Option<T> {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).ok()?).ok()
}
