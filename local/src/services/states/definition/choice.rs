//! The rules of a Choice.

use std::cmp::Ordering;

use serde_json::Value;
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

use super::{
    DefinitionError,
    fields::{Field, Fields},
};
use crate::services::states::path::Path;

/// A rule, and where it leads.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::services::states) struct Choice {
    pub condition: Condition,
    pub next: String,
}

/// What may be true of the data.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::services::states) enum Condition {
    All(Vec<Condition>),
    Any(Vec<Condition>),
    Not(Box<Condition>),
    Test { variable: Path, test: Test },
}

/// What may be true of one value.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::services::states) enum Test {
    Compares { kind: Compared, order: Order, with: Operand },
    Matches(String),
    Is { trait_: Trait, wanted: bool },
}

/// What is compared. Values of another kind compare as false.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::services::states) enum Compared {
    Strings,
    Numbers,
    Booleans,
    Timestamps,
}

/// How they must stand to each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::services::states) enum Order {
    Equals,
    LessThan,
    GreaterThan,
    LessThanEquals,
    GreaterThanEquals,
}

/// With what.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::services::states) enum Operand {
    Fixed(Value),
    At(Path),
}

/// What a value may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::services::states) enum Trait {
    Present,
    Null,
    String,
    Number,
    Boolean,
    Timestamp,
}

const KINDS: [(&str, Compared); 4] = [
    ("String", Compared::Strings),
    ("Numeric", Compared::Numbers),
    ("Boolean", Compared::Booleans),
    ("Timestamp", Compared::Timestamps),
];

const ORDERS: [(&str, Order); 5] = [
    ("Equals", Order::Equals),
    ("LessThan", Order::LessThan),
    ("GreaterThan", Order::GreaterThan),
    ("LessThanEquals", Order::LessThanEquals),
    ("GreaterThanEquals", Order::GreaterThanEquals),
];

const TRAITS: [(&str, Trait); 6] = [
    ("IsPresent", Trait::Present),
    ("IsNull", Trait::Null),
    ("IsString", Trait::String),
    ("IsNumeric", Trait::Number),
    ("IsBoolean", Trait::Boolean),
    ("IsTimestamp", Trait::Timestamp),
];

impl Choice {
    /// Reads a rule.
    pub(super) fn parse(field: &Field<'_>) -> Result<Self, DefinitionError> {
        let mut fields = field.fields()?;
        let next = fields.text("Next")?;
        let condition = Condition::parse(&mut fields)?;
        fields.finish()?;
        Ok(Self { condition, next })
    }
}

impl Condition {
    fn parse(fields: &mut Fields<'_>) -> Result<Self, DefinitionError> {
        if let Some(all) = fields.take("And") {
            return Ok(Self::All(conditions(&all)?));
        }
        if let Some(any) = fields.take("Or") {
            return Ok(Self::Any(conditions(&any)?));
        }
        if let Some(not) = fields.take("Not") {
            return Ok(Self::Not(Box::new(nested(&not)?)));
        }
        let variable = fields.required("Variable")?.path()?;
        let names: Vec<_> = fields.names().filter(|name| *name != "Comment").collect();
        let [name] = names.as_slice() else {
            let problem = format!("a rule has exactly one comparison, this one has {}", names.len());
            return Err(DefinitionError::new(fields.at(), problem));
        };
        let field = fields.required(name)?;
        Ok(Self::Test { variable, test: test(name, &field)? })
    }

    /// Whether it is true; an error is the path that leads nowhere.
    pub(in crate::services::states) fn holds(&self, data: &Value, context: &Value) -> Result<bool, Path> {
        match self {
            Self::All(conditions) => {
                for condition in conditions {
                    if !condition.holds(data, context)? {
                        return Ok(false);
                    }
                }
                Ok(true)
            }
            Self::Any(conditions) => {
                for condition in conditions {
                    if condition.holds(data, context)? {
                        return Ok(true);
                    }
                }
                Ok(false)
            }
            Self::Not(condition) => Ok(!condition.holds(data, context)?),
            Self::Test { variable, test } => test.holds(variable, data, context),
        }
    }
}

fn conditions(field: &Field<'_>) -> Result<Vec<Condition>, DefinitionError> {
    field.list()?.iter().map(nested).collect()
}

fn nested(field: &Field<'_>) -> Result<Condition, DefinitionError> {
    let mut fields = field.fields()?;
    let condition = Condition::parse(&mut fields)?;
    fields.finish()?;
    Ok(condition)
}

fn test(name: &str, field: &Field<'_>) -> Result<Test, DefinitionError> {
    if name == "StringMatches" {
        return Ok(Test::Matches(field.text()?.to_owned()));
    }
    if let Some((_, trait_)) = TRAITS.iter().find(|(known, _)| *known == name) {
        let wanted = field.value.as_bool().map_or_else(|| field.refuse("must be true or false"), Ok)?;
        return Ok(Test::Is { trait_: *trait_, wanted });
    }
    let (comparison, by_path) = name.strip_suffix("Path").map_or((name, false), |name| (name, true));
    let known = KINDS.iter().find_map(|(kind_name, kind)| {
        let order_name = comparison.strip_prefix(kind_name)?;
        let (_, order) = ORDERS.iter().find(|(known, _)| *known == order_name)?;
        (*kind != Compared::Booleans || *order == Order::Equals).then_some((*kind, *order))
    });
    let Some((kind, order)) = known else { return field.refuse("there is no such field here") };
    let with = if by_path {
        Operand::At(field.path()?)
    } else if compare(kind, field.value, field.value).is_some() {
        Operand::Fixed(field.value.clone())
    } else {
        return field.refuse("the value is not of the comparison's kind");
    };
    Ok(Test::Compares { kind, order, with })
}

impl Test {
    fn holds(&self, variable: &Path, data: &Value, context: &Value) -> Result<bool, Path> {
        let found = variable.find(data, context);
        if let Self::Is { trait_: Trait::Present, wanted } = self {
            return Ok(found.is_some() == *wanted);
        }
        let value = found.ok_or_else(|| variable.clone())?;
        Ok(match self {
            Self::Compares { kind, order, with } => {
                let with = match with {
                    Operand::Fixed(value) => value,
                    Operand::At(path) => path.find(data, context).ok_or_else(|| path.clone())?,
                };
                compare(*kind, value, with).is_some_and(|ordering| order.allows(ordering))
            }
            Self::Matches(pattern) => value.as_str().is_some_and(|text| matches(pattern, text)),
            Self::Is { trait_, wanted } => trait_.is_of(value) == *wanted,
        })
    }
}

impl Order {
    fn allows(self, ordering: Ordering) -> bool {
        match self {
            Self::Equals => ordering.is_eq(),
            Self::LessThan => ordering.is_lt(),
            Self::GreaterThan => ordering.is_gt(),
            Self::LessThanEquals => ordering.is_le(),
            Self::GreaterThanEquals => ordering.is_ge(),
        }
    }
}

impl Trait {
    fn is_of(self, value: &Value) -> bool {
        match self {
            Self::Present => true,
            Self::Null => value.is_null(),
            Self::String => value.is_string(),
            Self::Number => value.is_number(),
            Self::Boolean => value.is_boolean(),
            Self::Timestamp => value.as_str().and_then(timestamp_ms).is_some(),
        }
    }
}

/// How two values of a kind stand to each other. Numbers are doubles, as everywhere in this language.
fn compare(kind: Compared, left: &Value, right: &Value) -> Option<Ordering> {
    match kind {
        Compared::Strings => Some(left.as_str()?.cmp(right.as_str()?)),
        Compared::Numbers => left.as_f64()?.partial_cmp(&right.as_f64()?),
        Compared::Booleans => Some(left.as_bool()?.cmp(&right.as_bool()?)),
        Compared::Timestamps => Some(timestamp_ms(left.as_str()?)?.cmp(&timestamp_ms(right.as_str()?)?)),
    }
}

/// A time as RFC 3339 writes it, with its capital `T` and `Z`.
pub(in crate::services::states) fn timestamp_ms(text: &str) -> Option<i64> {
    if text.contains(['t', 'z']) {
        return None;
    }
    let at = OffsetDateTime::parse(text, &Rfc3339).ok()?;
    i64::try_from(at.unix_timestamp_nanos() / 1_000_000).ok()
}

/// `*` is any run of characters; a backslash takes the meaning off the next one.
fn matches(pattern: &str, text: &str) -> bool {
    let mut pieces = vec![String::new()];
    let mut characters = pattern.chars();
    while let Some(character) = characters.next() {
        match (character, pieces.last_mut()) {
            ('*', _) => pieces.push(String::new()),
            ('\\', Some(piece)) => piece.extend(characters.next()),
            (plain, Some(piece)) => piece.push(plain),
            (_, None) => {}
        }
    }
    let Some((first, rest)) = pieces.split_first() else { return false };
    let Some(text) = text.strip_prefix(first.as_str()) else { return false };
    let Some((last, between)) = rest.split_last() else { return text.is_empty() };
    let found = between
        .iter()
        .try_fold(text, |text, piece| text.find(piece.as_str()).and_then(|at| text.get(at + piece.len()..)));
    found.is_some_and(|text| text.ends_with(last.as_str()))
}
