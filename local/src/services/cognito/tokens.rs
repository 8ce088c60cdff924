//! Tokens with Cognito's claims, and the key set that proves them.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use jsonwebtoken::{
    Algorithm, DecodingKey, EncodingKey, Header, Validation,
    jwk::{Jwk, KeyAlgorithm, PublicKeyUse},
};
use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};
use simulators::chance;

use super::{
    ClientConfig, CognitoError, PoolConfig, PoolKeys,
    store::{Session, User},
};

/// What a token of a user may do: call the API in the user's own name.
const SCOPE: &str = "aws.cognito.signin.user.admin";

struct Key {
    id: String,
    encoding: EncodingKey,
    jwk: Jwk,
}

pub(super) struct Signer {
    id: Key,
    access: Key,
    access_decoding: DecodingKey,
    issuer: String,
    jwks: Value,
}

/// Why an access token is not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unaccepted {
    Invalid,
    Expired,
}

impl Key {
    fn new(pem: &str) -> Result<Self, CognitoError> {
        let unreadable = |_| CognitoError::Keys { what: "read" };
        let encoding = EncodingKey::from_rsa_pem(pem.as_bytes()).map_err(unreadable)?;
        let mut jwk = Jwk::from_encoding_key(&encoding, Algorithm::RS256).map_err(unreadable)?;
        let described = serde_json::to_vec(&jwk)?;
        let id = STANDARD.encode(Sha256::digest(described));
        jwk.common.key_id = Some(id.clone());
        jwk.common.key_algorithm = Some(KeyAlgorithm::RS256);
        jwk.common.public_key_use = Some(PublicKeyUse::Signature);
        Ok(Self { id, encoding, jwk })
    }

    fn sign(&self, claims: &Map<String, Value>) -> Result<String, CognitoError> {
        let mut header = Header::new(Algorithm::RS256);
        header.typ = None; // Cognito's header has `kid` and `alg` only.
        header.kid = Some(self.id.clone());
        jsonwebtoken::encode(&header, claims, &self.encoding).map_err(|_| CognitoError::Keys { what: "sign" })
    }
}

impl Signer {
    pub(super) fn new(keys: &PoolKeys, pool: &PoolConfig) -> Result<Self, CognitoError> {
        let (id, access) = (Key::new(keys.id_pem())?, Key::new(keys.access_pem())?);
        let access_decoding =
            DecodingKey::from_jwk(&access.jwk).map_err(|_| CognitoError::Keys { what: "read the public part of" })?;
        let jwks = json!({"keys": [id.jwk, access.jwk]});
        Ok(Self { id, access, access_decoding, issuer: pool.issuer.clone(), jwks })
    }

    pub(super) fn jwks(&self) -> &Value {
        &self.jwks
    }

    /// Id token and access token of one log-in.
    pub(super) fn issue(
        &self,
        client: &ClientConfig,
        user: &User,
        groups: &[String],
        session: &Session,
        now_ms: i64,
    ) -> Result<(String, String), CognitoError> {
        let now_s = now_ms.div_euclid(1_000);
        let event = chance::uuid().to_string();
        let common = |token_use: &str, valid_s: i64| {
            let mut claims = Map::new();
            let mut claim = |name: &str, value: Value| claims.insert(name.to_owned(), value);
            claim("sub", json!(user.sub));
            if !groups.is_empty() {
                claim("cognito:groups", json!(groups));
            }
            claim("iss", json!(self.issuer));
            claim("origin_jti", json!(session.origin_jti));
            claim("event_id", json!(event));
            claim("token_use", json!(token_use));
            claim("auth_time", json!(session.auth_time_s));
            claim("exp", json!(now_s.saturating_add(valid_s)));
            claim("iat", json!(now_s));
            claim("jti", json!(chance::uuid().to_string()));
            claims
        };

        let mut id = common("id", client.id_token_s);
        for (name, value) in &user.attributes {
            let verified = name.ends_with("_verified");
            id.insert(name.clone(), if verified { json!(value == "true") } else { json!(value) });
        }
        id.insert("cognito:username".to_owned(), json!(user.sub));
        id.insert("aud".to_owned(), json!(client.client_id));

        let mut access = common("access", client.access_token_s);
        access.insert("client_id".to_owned(), json!(client.client_id));
        access.insert("scope".to_owned(), json!(SCOPE));
        access.insert("username".to_owned(), json!(user.sub));
        access.insert("version".to_owned(), json!(2));
        Ok((self.id.sign(&id)?, self.access.sign(&access)?))
    }

    /// Whose access token this is.
    pub(super) fn subject_of(&self, access_token: &str, now_ms: i64) -> Result<String, Unaccepted> {
        let mut validation = Validation::new(Algorithm::RS256);
        validation.validate_exp = false; // By the bank's clock, below.
        validation.validate_aud = false;
        validation.required_spec_claims.clear();
        validation.set_issuer(&[&self.issuer]);
        let claims = jsonwebtoken::decode::<Map<String, Value>>(access_token, &self.access_decoding, &validation)
            .map_err(|_| Unaccepted::Invalid)?
            .claims;
        let text = |name: &str| claims.get(name).and_then(Value::as_str);
        let expires_s = claims.get("exp").and_then(Value::as_i64).ok_or(Unaccepted::Invalid)?;
        let subject = text("sub").filter(|_| text("token_use") == Some("access")).ok_or(Unaccepted::Invalid)?;
        if now_ms.div_euclid(1_000) < expires_s { Ok(subject.to_owned()) } else { Err(Unaccepted::Expired) }
    }
}
