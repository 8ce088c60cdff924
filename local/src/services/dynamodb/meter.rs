//! What calls cost, in the units that AWS would bill, by who made them.
//!
//! A call that is refused counts without units, because its answer names none. AWS bills a failed condition as a write.

use std::{
    collections::BTreeMap,
    fmt,
    sync::{Mutex, PoisonError},
};

use bytes::Bytes;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::{Principal, Refusal};
use crate::{engine::EngineError, services::fault::Fault};

/// Capacity units, counted in halves: half a unit reads 4 KB that need not be the newest, and nothing costs less.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Capacity(u64);

impl Capacity {
    /// Whole units.
    #[must_use]
    pub const fn units(units: u64) -> Self {
        Self(units.saturating_mul(2))
    }

    /// Halves of a unit.
    #[must_use]
    pub const fn halves(halves: u64) -> Self {
        Self(halves)
    }

    fn plus(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }

    fn minus(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }

    /// Reads the digits as they stand in an answer: units are never rounded through a float.
    fn parse(text: &str) -> Option<Self> {
        let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
        let half = match fraction {
            "0" => Self(0),
            "5" => Self(1),
            _ => return None,
        };
        Some(Self(whole.parse::<u64>().ok()?.checked_mul(2)?).plus(half))
    }
}

impl fmt::Display for Capacity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.0 / 2, if self.0.is_multiple_of(2) { "0" } else { "5" })
    }
}

/// What some calls cost together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Units {
    /// How many calls there were.
    pub calls: u64,
    /// Read units.
    pub read: Capacity,
    /// Write units.
    pub write: Capacity,
}

impl Units {
    /// Both together.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self {
            calls: self.calls.saturating_add(other.calls),
            read: self.read.plus(other.read),
            write: self.write.plus(other.write),
        }
    }

    fn add(&mut self, other: Self) {
        *self = self.and(other);
    }
}

impl fmt::Display for Units {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} calls, {} read, {} write", self.calls, self.read, self.write)
    }
}

/// What was consumed up to a moment.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Meter {
    /// By principal and operation.
    pub units: BTreeMap<(String, String), Units>,
    /// Write units by table.
    pub written: BTreeMap<String, Capacity>,
}

impl Meter {
    /// What one operation cost one principal.
    #[must_use]
    pub fn of(&self, principal: &str, operation: &str) -> Units {
        self.units.get(&(principal.to_owned(), operation.to_owned())).copied().unwrap_or_default()
    }

    /// What everything cost one principal.
    #[must_use]
    pub fn by(&self, principal: &str) -> Units {
        let mut sum = Units::default();
        self.units.iter().filter(|((who, _), _)| who == principal).for_each(|(_, units)| sum.add(*units));
        sum
    }

    /// What everything cost since this meter stood at `before`.
    #[must_use]
    pub fn since(&self, before: &Self) -> Units {
        let sum = |meter: &Self| meter.units.values().fold(Units::default(), |sum, units| sum.and(*units));
        let (now, before) = (sum(self), sum(before));
        Units {
            calls: now.calls.saturating_sub(before.calls),
            read: now.read.minus(before.read),
            write: now.write.minus(before.write),
        }
    }
}

#[derive(Default)]
pub(super) struct Metering(Mutex<Meter>);

impl Metering {
    pub fn read(&self) -> Meter {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub fn reset(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Meter::default();
    }

    /// Runs a call and counts what it consumed, also where the caller did not ask to be told.
    pub fn measure(
        &self,
        principal: &Principal,
        operation: &str,
        body: &Bytes,
        run: impl FnOnce(&Bytes) -> Result<Bytes, Refusal>,
    ) -> Result<Bytes, Refusal> {
        let Some(axis) = Axis::of(operation) else { return run(body) };
        let asking = if is_asked(body) { None } else { ask(body) };
        let outcome = run(asking.as_ref().unwrap_or(body));
        let consumed = outcome.as_ref().map_or(Ok(Vec::new()), consumed)?;
        let sum = consumed.iter().fold(Capacity::default(), |sum, (_, units)| sum.plus(*units));
        let mut units = Units { calls: 1, ..Units::default() };
        let mut meter = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match axis {
            Axis::Read => units.read = sum,
            Axis::Write => {
                units.write = sum;
                for (table, units) in consumed {
                    let written = meter.written.entry(table).or_default();
                    *written = written.plus(units);
                }
            }
        }
        let key = (principal.as_str().to_owned(), operation.to_owned());
        meter.units.entry(key).or_default().add(units);
        drop(meter);
        if asking.is_some() { outcome.and_then(|answer| without(&answer)) } else { outcome }
    }
}

/// Which units an operation is paid in.
#[derive(Clone, Copy)]
enum Axis {
    Read,
    Write,
}

impl Axis {
    fn of(operation: &str) -> Option<Self> {
        match operation {
            "GetItem" | "BatchGetItem" | "TransactGetItems" | "Query" | "Scan" => Some(Self::Read),
            other => super::operations::writes(other).then_some(Self::Write),
        }
    }
}

const QUESTION: &str = "ReturnConsumedCapacity";
const ANSWER: &str = "ConsumedCapacity";

/// The members of a body, each as it is written: what is inside them must reach the store untouched.
type Members<'a> = BTreeMap<&'a str, &'a RawValue>;

fn is_asked(body: &[u8]) -> bool {
    let members = serde_json::from_slice::<Members<'_>>(body).unwrap_or_default();
    members.get(QUESTION).is_some_and(|mode| !matches!(mode.get(), "\"NONE\"" | "null"))
}

/// The call with the question added. A body that cannot be read goes to the store as it is, which says what is wrong.
fn ask(body: &[u8]) -> Option<Bytes> {
    let mut members = serde_json::from_slice::<Members<'_>>(body).ok()?;
    members.insert(QUESTION, serde_json::from_str("\"TOTAL\"").ok()?);
    serde_json::to_vec(&members).ok().map(Bytes::from)
}

/// What an answer says of each table.
fn consumed(answer: &Bytes) -> Result<Vec<(String, Capacity)>, Refusal> {
    #[derive(Deserialize)]
    struct Consumed<'a> {
        #[serde(rename = "TableName", default)]
        table: String,
        #[serde(rename = "CapacityUnits", borrow)]
        units: &'a RawValue,
    }
    let unreadable =
        || Refusal::from(Fault::from(EngineError::corrupt("the consumed capacity of an answer".to_owned())));
    let members = serde_json::from_slice::<Members<'_>>(answer).map_err(|_| unreadable())?;
    let Some(text) = members.get(ANSWER).map(|it| it.get()) else { return Ok(Vec::new()) };
    // Operations on several tables answer a list.
    let tables = serde_json::from_str::<Vec<Consumed<'_>>>(text)
        .or_else(|_| serde_json::from_str(text).map(|one| vec![one]))
        .map_err(|_| unreadable())?;
    let units = |it: Consumed<'_>| Capacity::parse(it.units.get()).map(|units| (it.table, units));
    tables.into_iter().map(|it| units(it).ok_or_else(unreadable)).collect()
}

fn without(answer: &Bytes) -> Result<Bytes, Refusal> {
    let unreadable = |_| Refusal::from(Fault::from(EngineError::corrupt("an answer of the store".to_owned())));
    let mut members = serde_json::from_slice::<Members<'_>>(answer).map_err(unreadable)?;
    members.remove(ANSWER);
    serde_json::to_vec(&members).map(Bytes::from).map_err(unreadable)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_are_read_from_their_digits() {
        for (text, halves, shown) in [("1.0", 2, "1.0"), ("0.5", 1, "0.5"), ("12", 24, "12.0"), ("128.5", 257, "128.5")]
        {
            let capacity = Capacity::parse(text).unwrap();
            assert_eq!((capacity, capacity.to_string().as_str()), (Capacity::halves(halves), shown));
        }
        for text in ["", ".5", "0.25", "1e3", "-1.0", "1.50"] {
            assert_eq!(Capacity::parse(text), None, "{text}");
        }
    }

    #[test]
    fn the_caller_gets_only_what_it_asked_for() {
        for (body, passed, answered) in [
            (r#"{"A":1}"#, r#"{"A":1,"ReturnConsumedCapacity":"TOTAL"}"#, r#"{"B":2}"#),
            (r#"{"ReturnConsumedCapacity":"NONE"}"#, r#"{"ReturnConsumedCapacity":"TOTAL"}"#, r#"{"B":2}"#),
            (
                r#"{"ReturnConsumedCapacity":"INDEXES"}"#,
                r#"{"ReturnConsumedCapacity":"INDEXES"}"#,
                r#"{"B":2,"ConsumedCapacity":[{"CapacityUnits":1.5},{"CapacityUnits":2.0}]}"#,
            ),
        ] {
            let metering = Metering::default();
            let answer = metering.measure(&Principal::new("me"), "Query", &Bytes::from(body), |body| {
                assert_eq!(body, passed);
                Ok(r#"{"B":2,"ConsumedCapacity":[{"CapacityUnits":1.5},{"CapacityUnits":2.0}]}"#.into())
            });
            assert_eq!(answer.unwrap(), answered);
            let expected = Units { calls: 1, read: Capacity::halves(7), write: Capacity::default() };
            assert_eq!(metering.read().of("me", "Query"), expected);
        }
    }
}
