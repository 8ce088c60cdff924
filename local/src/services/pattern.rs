//! Content filters: what EventBridge calls an event pattern and SNS a filter policy.
//!
//! A pattern is read when it is provisioned, so that what is not supported is refused then, by name.

use std::cmp::Ordering;

use serde_json::{Map, Value};

use crate::engine::EngineError;

/// A pattern: all of its fields must match.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Pattern(Vec<Clause>);

/// What `{"exists": true}` asks for, in which the two services differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Presence {
    /// EventBridge: any value, even null or an empty text.
    OfAnyValue,
    /// SNS: a value that is neither.
    OfSomething,
}

#[derive(Debug, Clone, PartialEq)]
enum Clause {
    /// A field whose value, or one of whose values, must match one of the tests.
    Leaf(String, Vec<Test>),
    /// A field that is an object, or holds objects, of which one must match.
    Nested(String, Pattern),
    /// One of the patterns must match.
    Or(Vec<Pattern>),
}

#[derive(Debug, Clone, PartialEq)]
enum Test {
    Present,
    Absent,
    Value(Match),
    AnythingBut(Vec<Match>),
}

#[derive(Debug, Clone, PartialEq)]
enum Match {
    Exactly(Value),
    Prefix(String),
    PrefixIgnoreCase(String),
    Suffix(String),
    SuffixIgnoreCase(String),
    IgnoreCase(String),
    Wildcard(String),
    Numeric(Vec<(Comparison, f64)>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Comparison {
    Equal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl Pattern {
    /// Reads a pattern.
    pub fn parse(pattern: &Value) -> Result<Self, EngineError> {
        Self::object("$", pattern.as_object().ok_or_else(|| refused("$", "a pattern that is no object"))?)
    }

    fn object(path: &str, pattern: &Map<String, Value>) -> Result<Self, EngineError> {
        let clauses = pattern.iter().map(|(name, value)| {
            let path = format!("{path}.{name}");
            match value {
                Value::Array(patterns) if name == "$or" => patterns
                    .iter()
                    .map(|it| Self::object(&path, it.as_object().ok_or_else(|| refused(&path, "a value in $or"))?))
                    .collect::<Result<_, _>>()
                    .map(Clause::Or),
                Value::Array(tests) if !tests.is_empty() => tests
                    .iter()
                    .map(|test| Test::parse(&path, test))
                    .collect::<Result<_, _>>()
                    .map(|tests| Clause::Leaf(name.clone(), tests)),
                Value::Object(nested) if !nested.is_empty() => {
                    Ok(Clause::Nested(name.clone(), Self::object(&path, nested)?))
                }
                _ => Err(refused(&path, "a field without an array of tests")),
            }
        });
        clauses.collect::<Result<_, _>>().map(Self)
    }

    /// Whether every field nests nothing: SNS's attributes are flat.
    pub fn is_flat(&self) -> bool {
        self.0.iter().all(|clause| match clause {
            Clause::Leaf(..) => true,
            Clause::Nested(..) => false,
            Clause::Or(patterns) => patterns.iter().all(Self::is_flat),
        })
    }

    /// Whether it asks for nothing.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether `event` has what the pattern asks for.
    pub fn matches(&self, event: &Value, presence: Presence) -> bool {
        self.0.iter().all(|clause| match clause {
            Clause::Leaf(name, tests) => {
                let mut values = Vec::new();
                if let Some(value) = event.get(name) {
                    flatten(value, &mut values);
                }
                tests.iter().any(|test| test.matches(&values, presence))
            }
            Clause::Nested(name, pattern) => match event.get(name) {
                Some(Value::Array(values)) => values.iter().any(|value| pattern.matches(value, presence)),
                Some(value) => pattern.matches(value, presence),
                None => pattern.matches(&Value::Null, presence),
            },
            Clause::Or(patterns) => patterns.iter().any(|pattern| pattern.matches(event, presence)),
        })
    }
}

impl Test {
    fn parse(path: &str, test: &Value) -> Result<Self, EngineError> {
        let Value::Object(operator) = test else {
            return Match::parse(path, test).map(Self::Value);
        };
        let mut operators = operator.iter();
        match (operators.next(), operators.next()) {
            (Some((name, argument)), None) => match (name.as_str(), argument) {
                ("exists", Value::Bool(true)) => Ok(Self::Present),
                ("exists", Value::Bool(false)) => Ok(Self::Absent),
                ("anything-but", Value::Array(values)) => values
                    .iter()
                    .map(|value| Match::parse(path, value))
                    .collect::<Result<_, _>>()
                    .map(Self::AnythingBut),
                ("anything-but", Value::Object(inner)) => anything_but(path, inner).map(Self::AnythingBut),
                ("anything-but", value) => Ok(Self::AnythingBut(vec![Match::parse(path, value)?])),
                _ => Match::operator(path, name, argument).map(Self::Value),
            },
            _ => Err(refused(path, "a test with other than one operator")),
        }
    }

    fn matches(&self, values: &[&Value], presence: Presence) -> bool {
        match self {
            Self::Present => match presence {
                Presence::OfAnyValue => !values.is_empty(),
                Presence::OfSomething => values.iter().any(|value| !value.is_null() && value.as_str() != Some("")),
            },
            Self::Absent => values.is_empty(),
            Self::Value(it) => values.iter().any(|value| it.matches(value)),
            Self::AnythingBut(not) => values.iter().any(|value| !not.iter().any(|it| it.matches(value))),
        }
    }
}

fn anything_but(path: &str, inner: &Map<String, Value>) -> Result<Vec<Match>, EngineError> {
    let mut operators = inner.iter();
    match (operators.next(), operators.next()) {
        (Some((name, Value::Array(arguments))), None) => {
            arguments.iter().map(|argument| Match::operator(path, name, argument)).collect()
        }
        (Some((name, argument)), None) => Ok(vec![Match::operator(path, name, argument)?]),
        _ => Err(refused(path, "an anything-but with other than one operator")),
    }
}

impl Match {
    fn parse(path: &str, value: &Value) -> Result<Self, EngineError> {
        match value {
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Ok(Self::Exactly(value.clone())),
            Value::Array(_) | Value::Object(_) => Err(refused(path, "a nested array or object as a value")),
        }
    }

    fn operator(path: &str, name: &str, argument: &Value) -> Result<Self, EngineError> {
        match (name, argument) {
            ("prefix", Value::String(text)) => Ok(Self::Prefix(text.clone())),
            ("suffix", Value::String(text)) => Ok(Self::Suffix(text.clone())),
            ("equals-ignore-case", Value::String(text)) => Ok(Self::IgnoreCase(text.to_lowercase())),
            ("wildcard", Value::String(text)) => Ok(Self::Wildcard(text.clone())),
            ("prefix" | "suffix", Value::Object(inner)) if inner.len() == 1 => {
                match (name, inner.get("equals-ignore-case")) {
                    ("prefix", Some(Value::String(text))) => Ok(Self::PrefixIgnoreCase(text.to_lowercase())),
                    ("suffix", Some(Value::String(text))) => Ok(Self::SuffixIgnoreCase(text.to_lowercase())),
                    _ => Err(refused(path, &format!("the operator {name} with {argument}"))),
                }
            }
            ("numeric", Value::Array(comparisons)) => numeric(path, comparisons).map(Self::Numeric),
            _ => Err(refused(path, &format!("the operator {name} with {argument}"))),
        }
    }

    fn matches(&self, value: &Value) -> bool {
        let text = |test: &dyn Fn(&str) -> bool| value.as_str().is_some_and(test);
        match self {
            Self::Exactly(expected) => match (expected.as_f64(), value.as_f64()) {
                (Some(expected), Some(value)) => expected.total_cmp(&value) == Ordering::Equal,
                _ => expected == value,
            },
            Self::Prefix(it) => text(&|value| value.starts_with(it)),
            Self::Suffix(it) => text(&|value| value.ends_with(it)),
            Self::PrefixIgnoreCase(it) => text(&|value| value.to_lowercase().starts_with(it)),
            Self::SuffixIgnoreCase(it) => text(&|value| value.to_lowercase().ends_with(it)),
            Self::IgnoreCase(it) => text(&|value| value.to_lowercase() == *it),
            Self::Wildcard(it) => text(&|value| wildcard(it, value)),
            Self::Numeric(all) => {
                value.as_f64().is_some_and(|value| all.iter().all(|(it, bound)| it.holds(value, *bound)))
            }
        }
    }
}

impl Comparison {
    fn holds(self, value: f64, bound: f64) -> bool {
        match self {
            Self::Equal => value.total_cmp(&bound) == Ordering::Equal,
            Self::Less => value < bound,
            Self::LessOrEqual => value <= bound,
            Self::Greater => value > bound,
            Self::GreaterOrEqual => value >= bound,
        }
    }
}

fn numeric(path: &str, comparisons: &[Value]) -> Result<Vec<(Comparison, f64)>, EngineError> {
    if comparisons.is_empty() {
        return Err(refused(path, "an empty numeric test"));
    }
    let pair = |pair: &[Value]| match pair {
        [Value::String(operator), Value::Number(bound)] => {
            let comparison = match operator.as_str() {
                "=" => Comparison::Equal,
                "<" => Comparison::Less,
                "<=" => Comparison::LessOrEqual,
                ">" => Comparison::Greater,
                ">=" => Comparison::GreaterOrEqual,
                other => return Err(refused(path, &format!("the numeric operator {other}"))),
            };
            Ok((comparison, bound.as_f64().ok_or_else(|| refused(path, "a number that is too large"))?))
        }
        _ => Err(refused(path, "a numeric test without pairs of operator and number")),
    };
    comparisons.chunks(2).map(pair).collect()
}

/// `*` stands for any text; a backslash makes the next character stand for itself.
fn wildcard(pattern: &str, value: &str) -> bool {
    let mut rest = pattern.chars();
    match rest.next() {
        None => value.is_empty(),
        Some('*') => {
            let rest = rest.as_str();
            std::iter::once(value.len())
                .chain(value.char_indices().map(|(at, _)| at))
                .any(|at| value.get(at..).is_some_and(|value| wildcard(rest, value)))
        }
        Some(escaped_or_plain) => {
            let expected = if escaped_or_plain == '\\' { rest.next() } else { Some(escaped_or_plain) };
            let mut value = value.chars();
            value.next() == expected && expected.is_some() && wildcard(rest.as_str(), value.as_str())
        }
    }
}

fn flatten<'a>(value: &'a Value, into: &mut Vec<&'a Value>) {
    match value {
        Value::Array(values) => values.iter().for_each(|value| flatten(value, into)),
        // A test is on a leaf: an object has none at this place.
        Value::Object(_) => {}
        _ => into.push(value),
    }
}

fn refused(path: &str, what: &str) -> EngineError {
    EngineError::unsupported(format!("in a pattern at {path}, {what}"))
}
