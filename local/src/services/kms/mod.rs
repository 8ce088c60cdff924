//! KMS: keys that never leave, for envelope encryption and for signatures.

mod keys;
mod operations;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use bytes::Bytes;
use http::{Request, Response};

use super::{
    arn,
    fault::Fault,
    json::Dialect,
    router::{Gate, Principal, encryption_context},
};
use crate::engine::{Engine, EngineError};
use keys::Context;
pub use keys::{KeySpec, KeyUsage};

const DIALECT: Dialect =
    Dialect { target: "TrentService.", content_type: "application/x-amz-json-1.1", namespace: "com.amazonaws.kms" };

/// The keys.
pub struct Kms {
    engine: Arc<Engine>,
    gate: Gate,
}

impl Kms {
    pub(super) fn new(engine: Arc<Engine>, gate: Gate) -> Self {
        Self { engine, gate }
    }

    /// Makes a key if it is missing, and points its alias at it. What it is made of is decided once, at random.
    ///
    /// # Errors
    /// [`EngineError::Differs`] when the key exists with another usage.
    pub fn create_key(&self, spec: &KeySpec) -> Result<(), EngineError> {
        keys::create(&self.engine, spec)
    }

    /// Makes an RSA key that signs out of a private key that was made elsewhere (PKCS #8, as PEM), if it is missing.
    ///
    /// # Errors
    /// When the PEM holds no such key.
    pub fn import_signing_key(&self, id: &str, pem: &str) -> Result<(), EngineError> {
        keys::import_signing(&self.engine, id, pem)
    }

    /// The public key of a signing key, DER-encoded, by its id, ARN or alias.
    ///
    /// # Errors
    /// When there is no such key, or it signs nothing.
    pub fn public_key_der(&self, key: &str) -> Result<Vec<u8>, EngineError> {
        let key = keys::find(&self.engine, key)?.ok_or_else(|| EngineError::unknown(format!("the key {key}")))?;
        key.public_key_der()
    }

    /// Answers one call.
    pub(super) fn handle(&self, principal: &Principal, request: &Request<Bytes>) -> Response<Bytes> {
        let operation = DIALECT.operation(request).unwrap_or("without a TrentService x-amz-target");
        DIALECT.respond(operations::run(self, principal, operation, request.body()))
    }

    /// May `principal` do `action` with the key? The key itself is asked for, whatever alias it was named by.
    fn allow(&self, principal: &Principal, action: &str, key_id: &str, context: &Context) -> Result<(), Fault> {
        let context: Vec<_> = context.iter().map(|(name, value)| (encryption_context(name), value)).collect();
        let facts: Vec<_> = context.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let allowed = self.gate.allow_given(principal, &format!("kms:{action}"), &arn::key(key_id), &facts);
        allowed.map_err(|denied| Fault::denied(&denied))
    }
}
