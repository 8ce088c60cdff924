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

use std::sync::Arc;

use bytes::Bytes;
use http::{Request, Response};

use super::{
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
}

impl DynamoDb {
    pub(super) fn new(engine: Arc<Engine>, gate: Gate) -> Self {
        Self { engine, gate, tokens: tokens::Tokens::default(), metering: meter::Metering::default() }
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

    fn run(&self, principal: &Principal, operation: &str, body: &Bytes) -> Result<Bytes, Refusal> {
        let items = self.engine.items().map_err(Fault::from)?;
        self.metering.measure(principal, operation, body, |body| operations::run(&items, operation, body))
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
