//! Signing by KMS: the private key never leaves it.

use app::ports::{PortError, Signer};
use async_trait::async_trait;
use aws_lc_rs::digest::{SHA256, digest};
use aws_sdk_kms::{
    Client,
    primitives::Blob,
    types::{MessageType, SigningAlgorithmSpec},
};

use crate::error::port;

const SIGN: &str = "sign a message";

/// One asymmetric KMS key.
#[derive(Debug, Clone)]
pub struct KmsSigner {
    client: Client,
    key: String,
}

impl KmsSigner {
    /// Over a key.
    #[must_use]
    pub fn new(client: Client, key: impl Into<String>) -> Self {
        Self { client, key: key.into() }
    }
}

#[async_trait]
impl Signer for KmsSigner {
    async fn sign(&self, message: &[u8]) -> Result<Vec<u8>, PortError> {
        // KMS takes raw messages up to 4 KB only; a digest has no such limit.
        let answer = self
            .client
            .sign()
            .key_id(&self.key)
            .message(Blob::new(digest(&SHA256, message).as_ref()))
            .message_type(MessageType::Digest)
            .signing_algorithm(SigningAlgorithmSpec::RsassaPkcs1V15Sha256)
            .send()
            .await
            .map_err(|error| port(SIGN, &error))?;
        Ok(answer.signature().ok_or(PortError::Corrupt { attempted: SIGN })?.as_ref().to_vec())
    }
}
