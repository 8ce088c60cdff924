//! The keys themselves, and what they do.

use std::collections::BTreeMap;

use aws_lc_rs::{
    aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey},
    encoding::{AsDer, Pkcs8V1Der},
    rand::{SecureRandom, SystemRandom},
    rsa::KeySize,
    signature::{KeyPair, RSA_PKCS1_SHA256, RsaKeyPair},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use rusqlite::{OptionalExtension, params};

use crate::{
    engine::{Engine, EngineError},
    services::arn,
};

/// A key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeySpec {
    /// Its id.
    pub id: String,
    /// What it is for.
    pub usage: KeyUsage,
    /// A name for it, beginning with `alias/`.
    pub alias: Option<String>,
}

/// What a key is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyUsage {
    /// `ENCRYPT_DECRYPT` with `SYMMETRIC_DEFAULT`.
    Symmetric,
    /// `SIGN_VERIFY` with `RSA_2048`.
    SignRsa2048,
}

impl KeyUsage {
    fn code(self) -> &'static str {
        match self {
            Self::Symmetric => "SYMMETRIC_DEFAULT",
            Self::SignRsa2048 => "RSA_2048",
        }
    }

    fn material(self) -> Result<Vec<u8>, EngineError> {
        match self {
            Self::Symmetric => random(32),
            Self::SignRsa2048 => {
                let key = RsaKeyPair::generate(KeySize::Rsa2048).map_err(failed)?;
                let der: Pkcs8V1Der<'_> = key.as_der().map_err(failed)?;
                Ok(der.as_ref().to_vec())
            }
        }
    }
}

/// A key with what it is made of.
pub(super) struct Key {
    pub id: String,
    pub usage: KeyUsage,
    pub created_at_ms: i64,
    material: Vec<u8>,
}

/// What binds a ciphertext to its purpose.
pub(super) type Context = BTreeMap<String, String>;

pub(super) fn create(engine: &Engine, spec: &KeySpec) -> Result<(), EngineError> {
    match find(engine, &spec.id)? {
        Some(key) if key.usage != spec.usage => {
            return Err(EngineError::Differs { what: format!("the key {}", spec.id) });
        }
        Some(_) => {}
        None => insert(engine, &spec.id, spec.usage, &spec.usage.material()?)?,
    }
    let Some(alias) = &spec.alias else { return Ok(()) };
    engine.write(|database| {
        database.execute(
            "INSERT INTO kms_aliases (alias, key_id) VALUES (?1, ?2) \
             ON CONFLICT (alias) DO UPDATE SET key_id = excluded.key_id",
            params![alias, spec.id],
        )?;
        Ok(())
    })
}

/// Keeps a private key that was made elsewhere, unless there is one under this id.
pub(super) fn import_signing(engine: &Engine, id: &str, pem: &str) -> Result<(), EngineError> {
    let inside: String = pem.lines().filter(|line| !line.starts_with("-----")).collect();
    let der = STANDARD.decode(inside).ok().filter(|der| RsaKeyPair::from_pkcs8(der).is_ok());
    let der = der.ok_or_else(|| EngineError::Crypto(format!("the PEM for the key {id} holds no RSA key")))?;
    if find(engine, id)?.is_none() {
        insert(engine, id, KeyUsage::SignRsa2048, &der)?;
    }
    Ok(())
}

fn insert(engine: &Engine, id: &str, usage: KeyUsage, material: &[u8]) -> Result<(), EngineError> {
    engine.write(|database| {
        database.execute(
            "INSERT INTO kms_keys (id, usage, material, created_at) VALUES (?1, ?2, ?3, ?4)",
            params![id, usage.code(), material, engine.now_ms()],
        )?;
        Ok(())
    })
}

/// A key by its id, its ARN, its alias or its alias's ARN.
pub(super) fn find(engine: &Engine, name: &str) -> Result<Option<Key>, EngineError> {
    let alias = name.find("alias/").and_then(|at| name.get(at..));
    engine.read(|database| {
        let id = match alias {
            Some(alias) => database
                .prepare_cached("SELECT key_id FROM kms_aliases WHERE alias = ?1")?
                .query_row([alias], |row| row.get::<_, String>(0))
                .optional()?,
            None => Some(arn::name(name).to_owned()),
        };
        let Some(id) = id else { return Ok(None) };
        let row = database
            .prepare_cached("SELECT usage, material, created_at FROM kms_keys WHERE id = ?1")?
            .query_row([&id], |row| Ok((row.get::<_, String>(0)?, row.get(1)?, row.get(2)?)))
            .optional()?;
        let Some((usage, material, created_at_ms)) = row else { return Ok(None) };
        let usage = [KeyUsage::Symmetric, KeyUsage::SignRsa2048]
            .into_iter()
            .find(|it| it.code() == usage)
            .ok_or_else(|| EngineError::corrupt(format!("the key {id}")))?;
        Ok(Some(Key { id, usage, created_at_ms, material }))
    })
}

/// The id of the key that made a ciphertext.
pub(super) fn key_of(ciphertext: &[u8]) -> Option<&str> {
    let (version, rest) = ciphertext.split_first()?;
    let (length, rest) = rest.split_first()?;
    let id = rest.get(..usize::from(*length))?;
    (*version == FORMAT).then(|| std::str::from_utf8(id).ok())?
}

/// A ciphertext begins with this, the length of the key's id, and the id; nonce and sealed bytes follow.
const FORMAT: u8 = 1;

impl Key {
    /// Encrypts `plaintext`, bound to `context`.
    pub fn seal(&self, plaintext: &[u8], context: &Context) -> Result<Vec<u8>, EngineError> {
        let nonce = random(NONCE_LEN)?;
        let mut sealed = plaintext.to_vec();
        self.aead()?
            .seal_in_place_append_tag(
                Nonce::try_assume_unique_for_key(&nonce).map_err(failed)?,
                Aad::from(bound(context)),
                &mut sealed,
            )
            .map_err(failed)?;
        let length =
            u8::try_from(self.id.len()).map_err(|_| EngineError::Crypto("the key's id is too long".to_owned()))?;
        Ok([&[FORMAT, length], self.id.as_bytes(), &nonce, &sealed].concat())
    }

    /// Decrypts what [`Key::seal`] made under the same `context`; `None` for anything else.
    pub fn open(&self, ciphertext: &[u8], context: &Context) -> Result<Option<Vec<u8>>, EngineError> {
        let at = self.id.len().saturating_add(2);
        let parts = ciphertext.get(at..).and_then(|rest| rest.split_at_checked(NONCE_LEN));
        let Some((nonce, sealed)) = parts else { return Ok(None) };
        let mut sealed = sealed.to_vec();
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(failed)?;
        let opened = self.aead()?.open_in_place(nonce, Aad::from(bound(context)), &mut sealed);
        Ok(opened.ok().map(|plaintext| plaintext.to_vec()))
    }

    /// Signs a message with RSASSA-PKCS1-v1.5 and SHA-256.
    pub fn sign(&self, message: &[u8]) -> Result<Vec<u8>, EngineError> {
        let key = self.rsa()?;
        let mut signature = vec![0; key.public_modulus_len()];
        key.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message, &mut signature).map_err(failed)?;
        Ok(signature)
    }

    /// Signs a SHA-256 digest; `None` when it is not one.
    pub fn sign_digest(&self, digest: &[u8]) -> Result<Option<Vec<u8>>, EngineError> {
        let Ok(digest) = aws_lc_rs::digest::Digest::import_less_safe(digest, &aws_lc_rs::digest::SHA256) else {
            return Ok(None);
        };
        let key = self.rsa()?;
        let mut signature = vec![0; key.public_modulus_len()];
        key.sign_digest(&RSA_PKCS1_SHA256, &digest, &mut signature).map_err(failed)?;
        Ok(Some(signature))
    }

    /// The public key, DER-encoded.
    pub fn public_key_der(&self) -> Result<Vec<u8>, EngineError> {
        if self.usage != KeyUsage::SignRsa2048 {
            return Err(EngineError::unsupported(format!("a public key of the symmetric key {}", self.id)));
        }
        let key = self.rsa()?;
        let der: aws_lc_rs::encoding::PublicKeyX509Der<'_> = key.public_key().as_der().map_err(failed)?;
        Ok(der.as_ref().to_vec())
    }

    fn aead(&self) -> Result<LessSafeKey, EngineError> {
        Ok(LessSafeKey::new(UnboundKey::new(&AES_256_GCM, &self.material).map_err(failed)?))
    }

    fn rsa(&self) -> Result<RsaKeyPair, EngineError> {
        RsaKeyPair::from_pkcs8(&self.material).map_err(|_| EngineError::corrupt(format!("the key {}", self.id)))
    }
}

/// Random bytes.
pub(super) fn random(length: usize) -> Result<Vec<u8>, EngineError> {
    let mut bytes = vec![0; length];
    SystemRandom::new().fill(&mut bytes).map_err(failed)?;
    Ok(bytes)
}

/// A context in one form only, whatever order it was written in.
fn bound(context: &Context) -> Vec<u8> {
    let mut bound = Vec::new();
    for part in context.iter().flat_map(|(name, value)| [name, value]) {
        bound.extend(u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
        bound.extend(part.as_bytes());
    }
    bound
}

fn failed(_: aws_lc_rs::error::Unspecified) -> EngineError {
    EngineError::Crypto("aws-lc refused".to_owned())
}
