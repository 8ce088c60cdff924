//! `ClientRequestToken`: the same transaction within ten minutes is answered again, not done again.
//!
//! They are not durable: a client that survives a restart of the whole process does not exist.

use std::{collections::HashMap, sync::Mutex};

use bytes::Bytes;
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::Refusal;
use crate::{engine::EngineError, services::fault::Fault};

const WINDOW_MS: i64 = 600_000;

#[derive(Default)]
pub(super) struct Tokens(Mutex<HashMap<String, Kept>>);

struct Kept {
    at_ms: i64,
    digest: [u8; 32],
    answer: Bytes,
}

impl Tokens {
    /// Runs the transaction in `body`, or answers what it was answered before.
    pub fn once(
        &self,
        now_ms: i64,
        body: &[u8],
        run: impl FnOnce() -> Result<Bytes, Refusal>,
    ) -> Result<Bytes, Refusal> {
        let request: Value = serde_json::from_slice(body).unwrap_or_default();
        let Some(token) = request.get("ClientRequestToken").and_then(Value::as_str) else {
            return run();
        };
        let items = request.get("TransactItems").map(Value::to_string).unwrap_or_default();
        let digest: [u8; 32] = Sha256::digest(items).into();
        // Held while it runs, so that a second call with the token waits for the first one's answer.
        let mut kept = self.0.lock().map_err(|_| Fault::from(EngineError::Poisoned))?;
        kept.retain(|_, it| now_ms.saturating_sub(it.at_ms) < WINDOW_MS);
        match kept.get(token) {
            Some(it) if it.digest == digest => return Ok(it.answer.clone()),
            Some(_) => {
                return Err(dynoxide::DynoxideError::IdempotentParameterMismatchException(
                    "The request uses the same client token as a previous, but non-identical request".to_owned(),
                )
                .into());
            }
            None => {}
        }
        let answer = run()?;
        kept.insert(token.to_owned(), Kept { at_ms: now_ms, digest, answer: answer.clone() });
        Ok(answer)
    }
}
