//! The partner's RSA key, and the check of the signatures that it is answered with.

use aws_lc_rs::{
    encoding::{AsDer, Pkcs8V1Der, PublicKeyX509Der},
    rand::SystemRandom,
    rsa::{KeyPair, KeySize},
    signature::{KeyPair as _, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256, UnparsedPublicKey},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};

const PEM_LINE: usize = 64;

/// Why there is no usable key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// The system could not make one.
    #[error("an RSA key could not be generated")]
    Generate,
    /// The text is not a PKCS#8 RSA key in PEM.
    #[error("the text is not an RSA private key in PKCS#8 PEM")]
    Unreadable,
    /// The key did not sign.
    #[error("the key could not sign")]
    Sign,
}

pub(super) struct SigningKey {
    pair: KeyPair,
    private_pem: String,
    public_pem: String,
}

impl SigningKey {
    pub(super) fn generate() -> Result<Self, KeyError> {
        Self::from_pair(KeyPair::generate(KeySize::Rsa2048).map_err(|_| KeyError::Generate)?)
    }

    pub(super) fn from_pem(text: &str) -> Result<Self, KeyError> {
        let der = unarmour("PRIVATE KEY", text).ok_or(KeyError::Unreadable)?;
        Self::from_pair(KeyPair::from_pkcs8(&der).map_err(|_| KeyError::Unreadable)?)
    }

    fn from_pair(pair: KeyPair) -> Result<Self, KeyError> {
        let private: Pkcs8V1Der<'_> = pair.as_der().map_err(|_| KeyError::Unreadable)?;
        let public: PublicKeyX509Der<'_> = pair.public_key().as_der().map_err(|_| KeyError::Unreadable)?;
        let private_pem = armour("PRIVATE KEY", private.as_ref());
        let public_pem = armour("PUBLIC KEY", public.as_ref());
        Ok(Self { pair, private_pem, public_pem })
    }

    pub(super) fn private_pem(&self) -> &str {
        &self.private_pem
    }

    #[cfg(test)]
    pub(super) fn public_der(&self) -> Vec<u8> {
        unarmour("PUBLIC KEY", &self.public_pem).unwrap()
    }

    pub(super) fn public_pem(&self) -> &str {
        &self.public_pem
    }

    /// Base64 of RSA PKCS#1 v1.5 with SHA-256 over exactly these bytes.
    pub(super) fn sign(&self, bytes: &[u8]) -> Result<String, KeyError> {
        let mut signature = vec![0; self.pair.public_modulus_len()];
        self.pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), bytes, &mut signature).map_err(|_| KeyError::Sign)?;
        Ok(STANDARD.encode(signature))
    }
}

/// Whether `signature` (base64) over `bytes` was made with the key whose SPKI DER is given.
pub(super) fn is_signed_by(public_der: &[u8], bytes: &[u8], signature: &str) -> bool {
    STANDARD.decode(signature.trim()).is_ok_and(|signature| {
        UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, public_der).verify(bytes, &signature).is_ok()
    })
}

fn armour(label: &str, der: &[u8]) -> String {
    let mut text = format!("-----BEGIN {label}-----\n");
    let mut on_line = 0;
    for letter in STANDARD.encode(der).chars() {
        if on_line == PEM_LINE {
            text.push('\n');
            on_line = 0;
        }
        text.push(letter);
        on_line += 1;
    }
    text.push_str(&format!("\n-----END {label}-----\n"));
    text
}

fn unarmour(label: &str, text: &str) -> Option<Vec<u8>> {
    let (_, rest) = text.split_once(&format!("-----BEGIN {label}-----"))?;
    let (inside, _) = rest.split_once(&format!("-----END {label}-----"))?;
    let packed: String = inside.split_whitespace().collect();
    STANDARD.decode(packed).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_survives_its_pem() {
        let key = SigningKey::generate().unwrap();
        let again = SigningKey::from_pem(key.private_pem()).unwrap();
        assert_eq!(again.public_pem(), key.public_pem());
        let public = unarmour("PUBLIC KEY", key.public_pem()).unwrap();
        let signature = again.sign(b"bytes").unwrap();
        assert!(is_signed_by(&public, b"bytes", &signature));
        assert!(!is_signed_by(&public, b"bytez", &signature));
        assert!(!is_signed_by(&public, b"bytes", "not base64!"));
    }

    #[test]
    fn a_text_that_is_no_key_is_refused() {
        assert_eq!(SigningKey::from_pem("hello").err(), Some(KeyError::Unreadable));
    }
}
