//! DynamoDB: the pinned embedded store behind its real wire format, with permissions and streams.

mod expiry;
mod meter;
mod operations;
mod permissions;
mod stream;
mod tables;
#[cfg(test)]
mod tests;
mod tokens;

use std::{
    collections::BTreeMap,
    sync::{Arc, PoisonError, RwLock},
};

use bytes::Bytes;
use http::{Request, Response};

use super::{
    arn::{self, ACCOUNT},
    fault::Fault,
    json::{self, Dialect},
    router::{Gate, Principal},
};
use crate::engine::{Engine, EngineError};
pub use meter::{Capacity, Meter, Units};
pub use stream::StreamRecord;
pub use tables::{KeyAttribute, KeyKind, StreamView, TableSpec};

const DIALECT: Dialect = Dialect {
    target: "DynamoDB_20120810.",
    content_type: "application/x-amz-json-1.0",
    namespace: "com.amazonaws.dynamodb.v20120810",
};

/// The tables.
pub struct DynamoDb {
    engine: Arc<Engine>,
    gate: Gate,
    tokens: tokens::Tokens,
    metering: meter::Metering,
    // By the table's ARN. Said anew at each start, as the template may change it.
    keys: RwLock<BTreeMap<String, String>>,
}

impl DynamoDb {
    pub(super) fn new(engine: Arc<Engine>, gate: Gate) -> Self {
        let (tokens, metering) = (tokens::Tokens::default(), meter::Metering::default());
        Self { engine, gate, tokens, metering, keys: RwLock::default() }
    }

    /// From now on a table is under this KMS key: whoever uses the table must be allowed to open the key.
    pub fn encrypt_with(&self, table_arn: &str, key_arn: &str) {
        let mut keys = self.keys.write().unwrap_or_else(PoisonError::into_inner);
        keys.insert(table_arn.to_owned(), key_arn.to_owned());
    }

    /// Makes a table if it is missing; a restart asks for it again.
    ///
    /// # Errors
    /// [`EngineError::Differs`] when a table of that name has other keys.
    pub fn create_table(&self, spec: &TableSpec) -> Result<(), EngineError> {
        tables::create(&*self.engine.items()?, spec)
    }

    /// The records of a table's stream after the sequence number `after` (0 is the start), oldest first.
    ///
    /// # Errors
    /// When there is no such table, or the store fails.
    pub fn stream_records(&self, table: &str, after: i64, limit: usize) -> Result<Vec<StreamRecord>, EngineError> {
        stream::records(&*self.engine.items()?, table, after, limit)
    }

    /// The sequence number of a stream's newest record; 0 when there is none.
    ///
    /// # Errors
    /// When the store fails.
    pub fn last_sequence(&self, table: &str) -> Result<i64, EngineError> {
        stream::last_sequence(&*self.engine.items()?, table)
    }

    /// Deletes what has expired by the bank's clock, as AWS does some time after it expired; says how many.
    ///
    /// # Errors
    /// When the store fails.
    pub fn sweep_ttl(&self) -> Result<usize, EngineError> {
        let swept = {
            let items = self.engine.items()?;
            operations::settle(dynoxide::ttl::sweep_expired_items(&*items))
                .map_err(|error| EngineError::Dynamo(error.to_string()))?
        };
        if swept > 0 {
            self.engine.announce();
        }
        Ok(swept)
    }

    /// When the next item can be swept away; it may have been for a while. `None`: no item will expire.
    ///
    /// # Errors
    /// When the store fails.
    pub fn next_expiry_ms(&self) -> Result<Option<i64>, EngineError> {
        expiry::next_ms(&*self.engine.items()?)
    }

    /// What the calls have consumed since the start or the last reset.
    #[must_use]
    pub fn meter(&self) -> Meter {
        self.metering.read()
    }

    /// Counts from nothing again.
    pub fn reset_meter(&self) {
        self.metering.reset();
    }

    /// Answers one call.
    pub(super) fn handle(&self, principal: &Principal, request: &Request<Bytes>) -> Response<Bytes> {
        let Some(operation) = DIALECT.operation(request) else {
            return DIALECT.refuse(&Fault::unknown_operation("DynamoDB", "without a DynamoDB x-amz-target"));
        };
        match self.call(principal, operation, request.body()) {
            Ok(body) => json::respond(200, DIALECT.content_type, body),
            Err(Refusal::Store(error)) => {
                json::respond(error.status_code(), DIALECT.content_type, error.to_json().into())
            }
            Err(Refusal::Ours(fault)) => DIALECT.refuse(&fault),
        }
    }

    fn call(&self, principal: &Principal, operation: &str, body: &Bytes) -> Result<Bytes, Refusal> {
        for (action, resource) in permissions::needed(operation, body)? {
            self.gate.allow(principal, &format!("dynamodb:{action}"), &resource).map_err(|it| Fault::denied(&it))?;
            if permissions::reaches_items(&action) {
                self.allow_key(principal, &resource)?;
            }
        }
        let answer = if operation == "TransactWriteItems" {
            self.tokens.once(self.engine.now_ms(), body, || self.run(principal, operation, body))
        } else {
            self.run(principal, operation, body)
        }?;
        if operations::writes(operation) {
            self.engine.announce();
        }
        Ok(answer)
    }

    /// DynamoDB opens the table's own key for whoever reaches items, for reading and writing alike: that one is made once, with
    /// the table, and nothing else is ever asked of KMS for a caller.
    fn allow_key(&self, principal: &Principal, resource: &str) -> Result<(), Refusal> {
        let table = resource.split("/index/").next().unwrap_or_default();
        let key = self.keys.read().unwrap_or_else(PoisonError::into_inner).get(table).cloned();
        let Some(key) = key else { return Ok(()) };
        let context = [("aws:dynamodb:tableName", arn::name(table)), ("aws:dynamodb:subscriberId", ACCOUNT)];
        let allowed = self.gate.allow_key(principal, "dynamodb", "kms:Decrypt", &key, &context);
        Ok(allowed.map_err(|denied| Fault::denied(&denied))?)
    }

    fn run(&self, principal: &Principal, operation: &str, body: &Bytes) -> Result<Bytes, Refusal> {
        let items = self.engine.items().map_err(Fault::from)?;
        if !operations::writes(operation) {
            return self.metering.measure(principal, operation, body, |body| operations::run(&items, operation, body));
        }
        let before = stream::newest(&items).map_err(Fault::from)?;
        let answer =
            self.metering.measure(principal, operation, body, |body| operations::run(&items, operation, body))?;
        stream::forget_unchanged(&items, before).map_err(Fault::from)?;
        Ok(answer)
    }
}

/// An error in the store's own words, or in ours.
#[derive(Debug)]
enum Refusal {
    Store(dynoxide::DynoxideError),
    Ours(Fault),
}

impl From<Fault> for Refusal {
    fn from(fault: Fault) -> Self {
        Self::Ours(fault)
    }
}

impl From<dynoxide::DynoxideError> for Refusal {
    fn from(error: dynoxide::DynoxideError) -> Self {
        Self::Store(error)
    }
}
