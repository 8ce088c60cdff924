//! SNS standard topics with raw delivery into queues.

mod query;
#[cfg(test)]
mod tests;
mod wire;

use std::sync::Arc;

use bytes::Bytes;
use http::{Request, Response};
use rusqlite::{Connection, params};
use serde_json::{Value, json};

use super::{
    arn,
    delivery::{self, Handover},
    pattern::{Pattern, Presence},
    router::{Gate, Principal},
    sqs::{AttributeValue, Attributes, Outgoing},
};
use crate::engine::{Engine, EngineError};

/// A queue's subscription to a topic.
#[derive(Debug, Clone, PartialEq)]
pub struct SubscriptionSpec {
    /// The topic.
    pub topic_arn: String,
    /// The queue.
    pub queue_arn: String,
    /// The form in which messages arrive.
    pub delivery: Delivery,
    /// Which messages arrive.
    pub filter_policy: Option<Value>,
    /// What of a message the policy looks at.
    pub filter_scope: FilterScope,
    /// Where messages go that the queue does not take.
    pub dead_letter_arn: Option<String>,
}

/// What of a message a filter policy looks at.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum FilterScope {
    /// Its attributes.
    #[default]
    Attributes,
    /// Its body, which must be JSON.
    Body,
}

/// The form in which a subscriber receives a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delivery {
    /// As it was published, attributes and group included.
    Raw,
    /// Inside SNS's signed envelope: refused, since nothing here holds AWS's signing key.
    Wrapped,
}

/// The topics.
pub struct Sns {
    engine: Arc<Engine>,
    gate: Gate,
}

impl Sns {
    pub(super) fn new(engine: Arc<Engine>, gate: Gate) -> Self {
        Self { engine, gate }
    }

    /// Makes a topic if it is missing.
    ///
    /// # Errors
    /// When the database fails.
    pub fn create_topic(&self, name: &str) -> Result<(), EngineError> {
        self.engine.write(|database| {
            database.execute("INSERT INTO topics (name) VALUES (?1) ON CONFLICT DO NOTHING", [name])?;
            Ok(())
        })
    }

    /// Subscribes a queue to a topic, or changes its subscription to what `spec` says.
    ///
    /// # Errors
    /// When the topic does not exist, or something about the subscription is not supported.
    pub fn subscribe(&self, spec: &SubscriptionSpec) -> Result<(), EngineError> {
        if spec.delivery == Delivery::Wrapped {
            return Err(EngineError::unsupported("a subscription without RawMessageDelivery"));
        }
        if let Some(policy) = &spec.filter_policy
            && !Pattern::parse(policy)?.is_flat()
            && spec.filter_scope == FilterScope::Attributes
        {
            return Err(EngineError::unsupported(
                "a filter policy with nested fields, but without FilterPolicyScope MessageBody",
            ));
        }
        let topic = arn::name(&spec.topic_arn);
        self.engine.write(|database| {
            if !exists(database, topic)? {
                return Err(EngineError::unknown(format!("the topic {topic}")));
            }
            database.execute(
                "INSERT INTO subscriptions (topic, queue, filter_policy, dead_letter_arn) VALUES (?1, ?2, ?3, ?4) \
                 ON CONFLICT (topic, queue) DO UPDATE SET filter_policy = excluded.filter_policy, \
                 dead_letter_arn = excluded.dead_letter_arn",
                params![topic, spec.queue_arn, spec.filter_policy.as_ref().map(Value::to_string), spec.dead_letter_arn],
            )?;
            database.execute(
                match spec.filter_scope {
                    FilterScope::Attributes => "DELETE FROM body_filters WHERE topic = ?1 AND queue = ?2",
                    FilterScope::Body => {
                        "INSERT INTO body_filters (topic, queue) VALUES (?1, ?2) ON CONFLICT DO NOTHING"
                    }
                },
                params![topic, spec.queue_arn],
            )?;
            Ok(())
        })
    }

    /// Removes every subscription of a topic but those to `queue_arns`: what a template no longer has is gone.
    ///
    /// # Errors
    /// When the database fails.
    pub fn keep_subscriptions(&self, topic_arn: &str, queue_arns: &[String]) -> Result<(), EngineError> {
        let topic = arn::name(topic_arn);
        self.engine.write(|database| {
            for subscription in subscriptions(database, topic)? {
                if !queue_arns.contains(&subscription.queue_arn) {
                    database.execute(
                        "DELETE FROM subscriptions WHERE topic = ?1 AND queue = ?2",
                        params![topic, subscription.queue_arn],
                    )?;
                }
            }
            Ok(())
        })
    }

    /// Publishes one message to all who want it, in one transaction; answers its id, or `None` without such a topic.
    fn publish(&self, topic: &str, message: &Outgoing) -> Result<Option<String>, EngineError> {
        let id = self.engine.next_id().to_string();
        let facts = facts(&message.attributes);
        // A body that is no JSON has no property at all, and what is filtered by properties does not get it.
        let body: Option<Value> = serde_json::from_str(&message.body).ok();
        let topic_arn = arn::topic(topic);
        let published = self.engine.write(|database| {
            if !exists(database, topic)? {
                return Ok(false);
            }
            for subscription in subscriptions(database, topic)? {
                let wanted = match (&subscription.pattern, subscription.scope) {
                    (None, _) => true,
                    // A message without any attribute passes no policy, not even one that asks for an absence.
                    (Some(pattern), FilterScope::Attributes) if message.attributes.is_empty() => pattern.is_empty(),
                    (Some(pattern), FilterScope::Attributes) => pattern.matches(&facts, Presence::OfSomething),
                    (Some(pattern), FilterScope::Body) => {
                        body.as_ref().is_some_and(|body| pattern.matches(body, Presence::OfSomething))
                    }
                };
                if !wanted {
                    continue;
                }
                Handover {
                    service: delivery::SNS,
                    source_arn: &topic_arn,
                    queue_arn: &subscription.queue_arn,
                    dead_letter_arn: subscription.dead_letter_arn.as_deref(),
                    message,
                }
                .deliver(&self.engine, &self.gate, database)?;
            }
            Ok::<_, EngineError>(true)
        })?;
        self.engine.announce();
        Ok(published.then_some(id))
    }

    /// Answers one call.
    pub(super) fn handle(&self, principal: &Principal, request: &Request<Bytes>) -> Response<Bytes> {
        wire::handle(self, principal, request)
    }
}

struct Subscription {
    queue_arn: String,
    pattern: Option<Pattern>,
    scope: FilterScope,
    dead_letter_arn: Option<String>,
}

fn exists(database: &Connection, topic: &str) -> Result<bool, EngineError> {
    Ok(database
        .prepare_cached("SELECT EXISTS (SELECT 1 FROM topics WHERE name = ?1)")?
        .query_row([topic], |row| row.get(0))?)
}

fn subscriptions(database: &Connection, topic: &str) -> Result<Vec<Subscription>, EngineError> {
    let mut statement = database.prepare_cached(
        "SELECT queue, filter_policy, dead_letter_arn, EXISTS (SELECT 1 FROM body_filters \
         WHERE body_filters.topic = subscriptions.topic AND body_filters.queue = subscriptions.queue) \
         FROM subscriptions WHERE topic = ?1 ORDER BY queue",
    )?;
    let rows = statement.query_map([topic], |row| {
        let scope = if row.get(3)? { FilterScope::Body } else { FilterScope::Attributes };
        Ok((row.get::<_, String>(0)?, row.get::<_, Option<String>>(1)?, row.get::<_, Option<String>>(2)?, scope))
    })?;
    rows.map(|row| {
        let (queue_arn, policy, dead_letter_arn, scope) = row?;
        let pattern = match policy {
            Some(policy) => {
                let policy = serde_json::from_str(&policy)
                    .map_err(|_| EngineError::corrupt(format!("a filter policy of the topic {topic}")))?;
                Some(Pattern::parse(&policy)?)
            }
            None => None,
        };
        Ok(Subscription { queue_arn, pattern, scope, dead_letter_arn })
    })
    .collect()
}

/// What a filter policy sees of a message: texts, numbers, and each element of an array.
fn facts(attributes: &Attributes) -> Value {
    let facts = attributes.iter().filter_map(|(name, attribute)| {
        let fact = match (&attribute.value, attribute.data_type.as_str()) {
            (AttributeValue::Text(text), "String.Array" | "Number") => {
                serde_json::from_str(text).unwrap_or_else(|_| json!(text))
            }
            (AttributeValue::Text(text), _) => json!(text),
            // SNS does not look at bytes, not even at whether they are there.
            (AttributeValue::Binary(_), _) => return None,
        };
        Some((name.clone(), fact))
    });
    Value::Object(facts.collect())
}
