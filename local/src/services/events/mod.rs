//! EventBridge: buses and rules that put events into queues.

#[cfg(test)]
mod tests;
mod wire;

use std::sync::Arc;

use bytes::Bytes;
use http::{Request, Response};
use rusqlite::{Connection, OptionalExtension, params};
use serde::Serialize;
use serde_json::{Value, value::RawValue};

use super::{
    arn,
    delivery::{self, Handover},
    pattern::{Pattern, Presence},
    router::{Gate, Principal},
    sqs::Outgoing,
};
use crate::engine::{Engine, EngineError};

/// A rule of a bus.
#[derive(Debug, Clone, PartialEq)]
pub struct RuleSpec {
    /// The bus.
    pub bus: String,
    /// The rule's name.
    pub name: String,
    /// Which events it takes.
    pub pattern: Value,
    /// Where they go.
    pub targets: Vec<TargetSpec>,
}

/// A queue that receives a rule's events.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TargetSpec {
    /// Its id within the rule.
    pub id: String,
    /// The queue.
    pub queue_arn: String,
    /// Where events go that the queue does not take.
    pub dead_letter_arn: Option<String>,
}

/// The buses.
pub struct Events {
    engine: Arc<Engine>,
    gate: Gate,
}

/// An event as its subscribers receive it.
#[derive(Debug, Serialize)]
struct Envelope {
    version: &'static str,
    id: String,
    #[serde(rename = "detail-type")]
    detail_type: String,
    source: String,
    account: &'static str,
    time: String,
    region: &'static str,
    resources: Vec<String>,
    /// As it was written: a number keeps all of its digits.
    detail: Box<RawValue>,
}

impl Events {
    pub(super) fn new(engine: Arc<Engine>, gate: Gate) -> Self {
        Self { engine, gate }
    }

    /// Makes a bus if it is missing.
    ///
    /// # Errors
    /// When the database fails.
    pub fn create_bus(&self, name: &str) -> Result<(), EngineError> {
        self.engine.write(|database| {
            database.execute("INSERT INTO buses (name) VALUES (?1) ON CONFLICT DO NOTHING", [name])?;
            Ok(())
        })
    }

    /// Makes a rule or changes it to what `spec` says, targets included.
    ///
    /// # Errors
    /// When the bus does not exist, or something in the pattern is not supported.
    pub fn put_rule(&self, spec: &RuleSpec) -> Result<(), EngineError> {
        Pattern::parse(&spec.pattern)?;
        self.engine.write(|database| {
            if !exists(database, &spec.bus)? {
                return Err(EngineError::unknown(format!("the event bus {}", spec.bus)));
            }
            database.execute(
                "INSERT INTO rules (bus, name, pattern) VALUES (?1, ?2, ?3) \
                 ON CONFLICT (bus, name) DO UPDATE SET pattern = excluded.pattern",
                params![spec.bus, spec.name, spec.pattern.to_string()],
            )?;
            database.execute("DELETE FROM targets WHERE bus = ?1 AND rule = ?2", params![spec.bus, spec.name])?;
            for target in &spec.targets {
                database.execute(
                    "INSERT INTO targets (bus, rule, id, queue, dead_letter_arn) VALUES (?1, ?2, ?3, ?4, ?5)",
                    params![spec.bus, spec.name, target.id, target.queue_arn, target.dead_letter_arn],
                )?;
            }
            Ok(())
        })
    }

    /// Removes every rule of a bus but those named: what a template no longer has is gone.
    ///
    /// # Errors
    /// When the database fails.
    pub fn keep_rules(&self, bus: &str, names: &[String]) -> Result<(), EngineError> {
        self.engine.write(|database| {
            for rule in rules(database, bus)? {
                if !names.contains(&rule.name) {
                    database.execute("DELETE FROM targets WHERE bus = ?1 AND rule = ?2", params![bus, rule.name])?;
                    database.execute("DELETE FROM rules WHERE bus = ?1 AND name = ?2", params![bus, rule.name])?;
                }
            }
            Ok(())
        })
    }

    /// Gives one event to every rule that takes it, in one transaction; `false` without such a bus.
    fn put(&self, bus: &str, envelope: &Envelope) -> Result<bool, EngineError> {
        let body = serde_json::to_string(envelope).map_err(|_| EngineError::corrupt("an event"))?;
        let event: Value = serde_json::from_str(&body).map_err(|_| EngineError::corrupt("an event"))?;
        let message = Outgoing { body, sender: delivery::EVENTS.to_owned(), ..Outgoing::default() };
        let known = self.engine.write(|database| {
            if !exists(database, bus)? {
                return Ok(false);
            }
            for rule in
                rules(database, bus)?.into_iter().filter(|rule| rule.pattern.matches(&event, Presence::OfAnyValue))
            {
                for target in targets(database, bus, &rule.name)? {
                    Handover {
                        service: delivery::EVENTS,
                        source_arn: &arn::rule(bus, &rule.name),
                        queue_arn: &target.queue_arn,
                        dead_letter_arn: target.dead_letter_arn.as_deref(),
                        message: &message,
                    }
                    .deliver(&self.engine, &self.gate, database)?;
                }
            }
            Ok::<_, EngineError>(true)
        })?;
        self.engine.announce();
        Ok(known)
    }

    /// Answers one call.
    pub(super) fn handle(&self, principal: &Principal, request: &Request<Bytes>) -> Response<Bytes> {
        wire::handle(self, principal, request)
    }
}

struct Rule {
    name: String,
    pattern: Pattern,
}

fn exists(database: &Connection, bus: &str) -> Result<bool, EngineError> {
    let found: Option<i64> = database
        .prepare_cached("SELECT 1 FROM buses WHERE name = ?1")?
        .query_row([bus], |row| row.get(0))
        .optional()?;
    Ok(found.is_some())
}

fn rules(database: &Connection, bus: &str) -> Result<Vec<Rule>, EngineError> {
    let mut statement = database.prepare_cached("SELECT name, pattern FROM rules WHERE bus = ?1 ORDER BY name")?;
    let rows = statement.query_map([bus], |row| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?)))?;
    rows.map(|row| {
        let (name, pattern) = row?;
        let pattern = serde_json::from_str(&pattern).map_err(|_| EngineError::corrupt(format!("the rule {name}")))?;
        Ok(Rule { name, pattern: Pattern::parse(&pattern)? })
    })
    .collect()
}

fn targets(database: &Connection, bus: &str, rule: &str) -> Result<Vec<TargetSpec>, EngineError> {
    let mut statement = database
        .prepare_cached("SELECT id, queue, dead_letter_arn FROM targets WHERE bus = ?1 AND rule = ?2 ORDER BY id")?;
    let rows = statement.query_map(params![bus, rule], |row| {
        Ok(TargetSpec { id: row.get(0)?, queue_arn: row.get(1)?, dead_letter_arn: row.get(2)? })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}
