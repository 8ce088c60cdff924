//! The pool's two RSA keys: one signs id tokens, the other access tokens, as in the real service.

use aws_lc_rs::{
    encoding::{AsDer, Pkcs8V1Der},
    rsa::{KeyPair, KeySize},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};

use super::CognitoError;

/// Both private keys, as PKCS#8 in PEM.
#[derive(Clone)]
pub struct PoolKeys {
    id_pem: String,
    access_pem: String,
}

impl std::fmt::Debug for PoolKeys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PoolKeys([REDACTED])")
    }
}

impl PoolKeys {
    /// Makes two new keys.
    ///
    /// # Errors
    /// When the system cannot.
    pub fn generate() -> Result<Self, CognitoError> {
        Ok(Self { id_pem: generate_pem()?, access_pem: generate_pem()? })
    }

    /// Uses keys that were made before.
    pub fn from_pem(id_pem: impl Into<String>, access_pem: impl Into<String>) -> Self {
        Self { id_pem: id_pem.into(), access_pem: access_pem.into() }
    }

    /// The key of id tokens.
    #[must_use]
    pub fn id_pem(&self) -> &str {
        &self.id_pem
    }

    /// The key of access tokens.
    #[must_use]
    pub fn access_pem(&self) -> &str {
        &self.access_pem
    }
}

fn generate_pem() -> Result<String, CognitoError> {
    let failed = |_| CognitoError::Keys { what: "generate" };
    let pair = KeyPair::generate(KeySize::Rsa2048).map_err(failed)?;
    let der: Pkcs8V1Der<'_> = pair.as_der().map_err(failed)?;
    Ok(format!("-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n", STANDARD.encode(der.as_ref())))
}
