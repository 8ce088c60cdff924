//! The custodian's own key, with which it signs webhooks, and the check of what its customer signs.

use aws_lc_rs::{
    encoding::{AsDer, Pkcs8V1Der},
    rand::SystemRandom,
    rsa::{KeyPair, KeySize},
    signature::{KeyPair as _, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA512, UnparsedPublicKey},
};
use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::FireblocksError;

const BEGIN: &str = "-----BEGIN PRIVATE KEY-----";
const END: &str = "-----END PRIVATE KEY-----";

/// One of the keys that are published.
pub(super) struct WebhookKey {
    pair: KeyPair,
    id: String,
    private_pem: String,
}

impl WebhookKey {
    pub(super) fn generate() -> Result<Self, FireblocksError> {
        Self::from_pair(KeyPair::generate(KeySize::Rsa2048).map_err(|_| FireblocksError::Key)?)
    }

    pub(super) fn from_pem(text: &str) -> Result<Self, FireblocksError> {
        let inside = text.split_once(BEGIN).and_then(|(_, rest)| rest.split_once(END)).map(|(inside, _)| inside);
        let packed: String = inside.ok_or(FireblocksError::Key)?.split_whitespace().collect();
        let der = STANDARD.decode(packed).map_err(|_| FireblocksError::Key)?;
        Self::from_pair(KeyPair::from_pkcs8(&der).map_err(|_| FireblocksError::Key)?)
    }

    fn from_pair(pair: KeyPair) -> Result<Self, FireblocksError> {
        let der: Pkcs8V1Der<'_> = pair.as_der().map_err(|_| FireblocksError::Key)?;
        let private_pem = format!("{BEGIN}\n{}\n{END}\n", STANDARD.encode(der.as_ref()));
        let digest = Sha256::digest(pair.public_key().modulus().big_endian_without_leading_zero());
        let id = hex::encode(digest).chars().take(32).collect();
        Ok(Self { pair, id, private_pem })
    }

    pub(super) fn private_pem(&self) -> &str {
        &self.private_pem
    }

    pub(super) fn jwk(&self) -> Value {
        let public = self.pair.public_key();
        json!({
            "kty": "RSA", "use": "sig", "alg": "RS512", "kid": self.id,
            "n": URL_SAFE_NO_PAD.encode(public.modulus().big_endian_without_leading_zero()),
            "e": URL_SAFE_NO_PAD.encode(public.exponent().big_endian_without_leading_zero()),
        })
    }

    /// The detached JWS over exactly these bytes.
    pub(super) fn sign(&self, body: &[u8]) -> Result<String, FireblocksError> {
        let protected = URL_SAFE_NO_PAD.encode(json!({ "alg": "RS512", "kid": self.id }).to_string());
        let message = format!("{protected}.{}", URL_SAFE_NO_PAD.encode(body));
        let mut signature = vec![0; self.pair.public_modulus_len()];
        self.pair
            .sign(&RSA_PKCS1_SHA512, &SystemRandom::new(), message.as_bytes(), &mut signature)
            .map_err(|_| FireblocksError::Key)?;
        Ok(format!("{protected}..{}", URL_SAFE_NO_PAD.encode(signature)))
    }
}

/// Whether `signature` over `message` is RS256 with the key whose SPKI DER is given.
pub(super) fn is_signed_by(public_der: &[u8], message: &[u8], signature: &[u8]) -> bool {
    UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, public_der).verify(message, signature).is_ok()
}
