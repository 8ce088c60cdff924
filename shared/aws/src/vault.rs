//! The vault: envelope encryption under one data key per subject and retention class.
//!
//! `VaultKeys` keeps the data keys, wrapped by KMS; `Vault` keeps AES-256-GCM ciphertexts (nonce ‖ ciphertext ‖ tag)
//! whose associated data is the reference, so that a value cannot be moved to another subject or slot. Destroying a wrapped key
//! erases everything of its subject and class, in every copy. A tombstone stays in its place, so that nobody makes a new one.

use std::collections::HashMap;

use app::ports::{Destroyed, PortError, Reader, Vault, VaultKeys};
use async_trait::async_trait;
use aws_lc_rs::{
    aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey},
    hmac::{self, HMAC_SHA256},
};
use aws_sdk_dynamodb::{operation::put_item::PutItemError, primitives::Blob, types::AttributeValue};
use aws_sdk_kms::{operation::decrypt::DecryptError, types::DataKeySpec};
use domain::{
    ids::{CustomerId, Fingerprint, RetentionClass, VaultRef},
    moment::Moment,
};
use secrecy::{ExposeSecret, SecretBox, SecretString};

use crate::error::port;

/// The slot whose reference names a customer as a subject; nothing is ever kept in it.
const NO_SLOT: &str = "fingerprint";
/// How often a key that is made meanwhile is looked at again before it is destroyed. It is made once, so twice is enough.
const LOOKS_MAX: u32 = 3;
/// What the key of fingerprints is derived for: a data key encrypts, and must not be the key of anything else.
const FINGERPRINTS: &[u8] = b"granary-vault-fingerprint";
/// What the wrapped key is bound to, beside the subject and the class.
const PURPOSE: &str = "granary-vault";

/// The vault on DynamoDB and KMS.
#[derive(Debug, Clone)]
pub struct KmsVault {
    dynamodb: aws_sdk_dynamodb::Client,
    kms: aws_sdk_kms::Client,
    values: String,
    keys: String,
    master_key: String,
}

type DataKey = SecretBox<Vec<u8>>;

/// Whose key it is, and what it is for.
#[derive(Debug, Clone, Copy)]
struct Holder<'a> {
    subject: &'a str,
    class: RetentionClass,
}

impl<'a> Holder<'a> {
    fn of(reference: &'a VaultRef) -> Self {
        Self { subject: reference.subject(), class: reference.class() }
    }
}

/// What is where a key may be.
enum Kept {
    Nothing,
    Wrapped(Blob),
    Tombstone(Destroyed),
}

impl KmsVault {
    /// Over the values' table, the keys' table and the KMS key that wraps the data keys.
    #[must_use]
    pub fn new(
        dynamodb: aws_sdk_dynamodb::Client,
        kms: aws_sdk_kms::Client,
        values: impl Into<String>,
        keys: impl Into<String>,
        master_key: impl Into<String>,
    ) -> Self {
        Self { dynamodb, kms, values: values.into(), keys: keys.into(), master_key: master_key.into() }
    }

    /// The subject's data key of a class; made on first use. Of two who make it at once, the first one's is everybody's.
    async fn data_key(&self, holder: Holder<'_>, attempted: &'static str) -> Result<DataKey, PortError> {
        match self.kept_key(holder).await? {
            Kept::Wrapped(wrapped) => return self.unwrap_key(holder, wrapped).await,
            Kept::Tombstone(_) => return Err(PortError::Erased { attempted }),
            Kept::Nothing => {}
        }
        let made = self
            .kms
            .generate_data_key()
            .key_id(&self.master_key)
            .key_spec(DataKeySpec::Aes256)
            .set_encryption_context(Some(context_of(holder)))
            .send()
            .await
            .map_err(|error| port("make a data key", &error))?;
        let corrupt = || PortError::Corrupt { attempted: "make a data key" };
        let wrapped = made.ciphertext_blob().ok_or_else(corrupt)?.clone();
        let outcome = self
            .dynamodb
            .put_item()
            .table_name(&self.keys)
            .item("pk", AttributeValue::S(holder.subject.to_owned()))
            .item("sk", AttributeValue::S(holder.class.to_string()))
            .item("w", AttributeValue::B(wrapped))
            .condition_expression("attribute_not_exists(pk)")
            .send()
            .await;
        match outcome {
            Ok(_) => Ok(SecretBox::new(Box::new(made.plaintext().ok_or_else(corrupt)?.as_ref().to_vec()))),
            Err(error) if is_taken(&error) => match self.kept_key(holder).await? {
                Kept::Wrapped(first) => self.unwrap_key(holder, first).await,
                Kept::Tombstone(_) => Err(PortError::Erased { attempted }),
                Kept::Nothing => Err(corrupt()),
            },
            Err(error) => Err(port("keep a data key", &error)),
        }
    }

    async fn kept_key(&self, holder: Holder<'_>) -> Result<Kept, PortError> {
        const ATTEMPTED: &str = "read a data key";
        let answer = self
            .dynamodb
            .get_item()
            .table_name(&self.keys)
            .key("pk", AttributeValue::S(holder.subject.to_owned()))
            .key("sk", AttributeValue::S(holder.class.to_string()))
            .consistent_read(true)
            .send()
            .await
            .map_err(|error| port(ATTEMPTED, &error))?;
        let Some(item) = answer.item() else { return Ok(Kept::Nothing) };
        if let Some(wrapped) = item.get("w").and_then(|it| it.as_b().ok()) {
            return Ok(Kept::Wrapped(wrapped.clone()));
        }
        let corrupt = || PortError::Corrupt { attempted: ATTEMPTED };
        let text = |name: &str| item.get(name).and_then(|it| it.as_s().ok());
        let at = text("gone").and_then(|it| it.parse().ok()).ok_or_else(corrupt)?;
        let key = text("was").map(|it| it.parse()).transpose().map_err(|_| corrupt())?;
        Ok(Kept::Tombstone(Destroyed { at, key }))
    }

    async fn unwrap_key(&self, holder: Holder<'_>, wrapped: Blob) -> Result<DataKey, PortError> {
        const ATTEMPTED: &str = "unwrap a data key";
        let answer = self
            .kms
            .decrypt()
            .key_id(&self.master_key)
            .ciphertext_blob(wrapped)
            .set_encryption_context(Some(context_of(holder)))
            .send()
            .await
            .map_err(|error| match error.as_service_error() {
                // Damaged, or wrapped for another subject or by another key: no later try will open it.
                Some(DecryptError::InvalidCiphertextException(_) | DecryptError::IncorrectKeyException(_)) => {
                    PortError::Corrupt { attempted: ATTEMPTED }
                }
                _ => port(ATTEMPTED, &error),
            })?;
        let plain = answer.plaintext().ok_or(PortError::Corrupt { attempted: ATTEMPTED })?;
        Ok(SecretBox::new(Box::new(plain.as_ref().to_vec())))
    }
}

#[async_trait]
impl Vault for KmsVault {
    async fn keep(&self, reference: &VaultRef, value: &SecretString) -> Result<(), PortError> {
        let key = self.data_key(Holder::of(reference), "keep a value in the vault").await?;
        let sealed = seal(&key, reference, value.expose_secret())?;
        let outcome = self
            .dynamodb
            .put_item()
            .table_name(&self.values)
            .item("pk", AttributeValue::S(reference.subject().to_owned()))
            .item("sk", AttributeValue::S(reference.slot().to_owned()))
            .item("x", AttributeValue::B(Blob::new(sealed)))
            .condition_expression("attribute_not_exists(pk)")
            .send()
            .await;
        match outcome {
            Ok(_) => Ok(()),
            Err(error) if is_taken(&error) => Ok(()), // Kept before: this is a repeat.
            Err(error) => Err(port("keep a value in the vault", &error)),
        }
    }

    async fn open(&self, reference: &VaultRef, reader: &Reader) -> Result<SecretString, PortError> {
        const ATTEMPTED: &str = "read a value from the vault";
        // Before the read, so that no read goes without its line.
        tracing::info!(target: "audit", reference = %reference, who = %reader.who, why = %reader.why, "vault read");
        let answer = self
            .dynamodb
            .get_item()
            .table_name(&self.values)
            .key("pk", AttributeValue::S(reference.subject().to_owned()))
            .key("sk", AttributeValue::S(reference.slot().to_owned()))
            .consistent_read(true)
            .send()
            .await
            .map_err(|error| port(ATTEMPTED, &error))?;
        let sealed = answer.item().and_then(|item| item.get("x")).and_then(|it| it.as_b().ok());
        let holder = Holder::of(reference);
        let wrapped = match self.kept_key(holder).await? {
            Kept::Wrapped(wrapped) => wrapped,
            // Also of what was never kept: a tombstone tells nobody what there was.
            Kept::Tombstone(_) => return Err(PortError::Erased { attempted: ATTEMPTED }),
            Kept::Nothing => return Err(PortError::Missing { attempted: ATTEMPTED }),
        };
        let sealed = sealed.ok_or(PortError::Missing { attempted: ATTEMPTED })?;
        let key = self.unwrap_key(holder, wrapped).await?;
        open(&key, reference, sealed.as_ref()).ok_or(PortError::Corrupt { attempted: ATTEMPTED })
    }

    async fn fingerprint(
        &self,
        subject: CustomerId,
        class: RetentionClass,
        content: &SecretString,
    ) -> Result<Fingerprint, PortError> {
        const ATTEMPTED: &str = "take a fingerprint";
        let reference =
            VaultRef::of_customer(subject, NO_SLOT).map_err(|_| PortError::Corrupt { attempted: ATTEMPTED })?;
        let key = self.data_key(Holder { subject: reference.subject(), class }, ATTEMPTED).await?;
        fingerprint(&key, content.expose_secret()).ok_or(PortError::Corrupt { attempted: ATTEMPTED })
    }
}

#[async_trait]
impl VaultKeys for KmsVault {
    async fn destroy(&self, subject: CustomerId, class: RetentionClass, at: Moment) -> Result<Destroyed, PortError> {
        const ATTEMPTED: &str = "destroy a data key";
        let reference =
            VaultRef::of_customer(subject, NO_SLOT).map_err(|_| PortError::Corrupt { attempted: ATTEMPTED })?;
        let holder = Holder { subject: reference.subject(), class };
        for _ in 0..LOOKS_MAX {
            let wrapped = match self.kept_key(holder).await? {
                Kept::Tombstone(destroyed) => return Ok(destroyed), // An earlier try, whose answer was lost.
                Kept::Wrapped(wrapped) => Some(wrapped),
                Kept::Nothing => None,
            };
            let destroyed = Destroyed { at, key: wrapped.as_ref().map(|it| Fingerprint::of(it.as_ref())) };
            let put = self
                .dynamodb
                .put_item()
                .table_name(&self.keys)
                .item("pk", AttributeValue::S(holder.subject.to_owned()))
                .item("sk", AttributeValue::S(class.to_string()))
                .item("gone", AttributeValue::S(at.to_string()));
            let put = match destroyed.key {
                Some(key) => put.item("was", AttributeValue::S(key.to_string())),
                None => put,
            };
            // What is destroyed is what was looked at, so that the hash is that of the key.
            let outcome = match wrapped {
                Some(wrapped) => {
                    put.condition_expression("w = :w").expression_attribute_values(":w", AttributeValue::B(wrapped))
                }
                None => put.condition_expression("attribute_not_exists(pk)"),
            };
            match outcome.send().await {
                Ok(_) => return Ok(destroyed),
                Err(error) if is_taken(&error) => {}
                Err(error) => return Err(port(ATTEMPTED, &error)),
            }
        }
        Err(PortError::Unavailable { attempted: ATTEMPTED, reason: "others are at the same key".into() })
    }
}

fn is_taken<R>(error: &aws_smithy_runtime_api::client::result::SdkError<PutItemError, R>) -> bool {
    matches!(error.as_service_error(), Some(PutItemError::ConditionalCheckFailedException(_)))
}

fn context_of(holder: Holder<'_>) -> HashMap<String, String> {
    let context = [("purpose", PURPOSE), ("subject", holder.subject), ("class", holder.class.name())];
    context.map(|(name, value)| (name.to_owned(), value.to_owned())).into()
}

fn seal(key: &DataKey, reference: &VaultRef, value: &str) -> Result<Vec<u8>, PortError> {
    let failed = |_| PortError::Corrupt { attempted: "encrypt for the vault" };
    let cipher = RandomizedNonceKey::new(&AES_256_GCM, key.expose_secret()).map_err(failed)?;
    let mut sealed = value.as_bytes().to_vec();
    let nonce =
        cipher.seal_in_place_append_tag(Aad::from(reference.to_string().as_bytes()), &mut sealed).map_err(failed)?;
    Ok([nonce.as_ref().as_slice(), &sealed].concat())
}

fn fingerprint(key: &DataKey, content: &str) -> Option<Fingerprint> {
    let derived = hmac::sign(&hmac::Key::new(HMAC_SHA256, key.expose_secret()), FINGERPRINTS);
    let tag = hmac::sign(&hmac::Key::new(HMAC_SHA256, derived.as_ref()), content.as_bytes());
    tag.as_ref().try_into().ok().map(Fingerprint::new)
}

fn open(key: &DataKey, reference: &VaultRef, sealed: &[u8]) -> Option<SecretString> {
    let (nonce, ciphertext) = sealed.split_at_checked(NONCE_LEN)?;
    let cipher = RandomizedNonceKey::new(&AES_256_GCM, key.expose_secret()).ok()?;
    let mut buffer = ciphertext.to_vec();
    let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
    let plain = cipher.open_in_place(nonce, Aad::from(reference.to_string().as_bytes()), &mut buffer).ok()?;
    Some(SecretString::from(std::str::from_utf8(plain).ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(byte: u8) -> DataKey {
        SecretBox::new(Box::new(vec![byte; 32]))
    }

    #[test]
    fn equal_contents_have_one_fingerprint_under_one_key_and_another_under_another() {
        let ours = fingerprint(&key(1), "Ada Lovelace").unwrap();
        assert_eq!(fingerprint(&key(1), "Ada Lovelace"), Some(ours));
        assert_ne!(fingerprint(&key(1), "Ada Byron"), Some(ours));
        assert_ne!(fingerprint(&key(2), "Ada Lovelace"), Some(ours));
        assert_ne!(Fingerprint::of(b"Ada Lovelace"), ours, "nobody can try names without the key");
    }
}
