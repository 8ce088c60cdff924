//! Payload templates: `Parameters` and `ResultSelector`, in which a name that ends in `.$` takes its value from a path.

use serde_json::{Map, Value};

use super::{
    DefinitionError,
    fields::{Field, Fields},
};
use crate::services::states::path::Path;

/// What is filled in.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::services::states) enum Template {
    /// As it was written.
    Fixed(Value),
    /// What is at a path.
    At(Path),
    /// An object of templates.
    Object(Vec<(String, Template)>),
    /// A list of templates.
    List(Vec<Template>),
}

/// Whether the task's token may stand in a template.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Token {
    /// It waits for it.
    There,
    /// Nothing waits.
    Absent,
}

impl Template {
    /// Reads a template.
    pub(super) fn parse(field: &Field<'_>, token: Token) -> Result<Self, DefinitionError> {
        match field.value {
            Value::Object(_) => object(field.fields()?, token).map(Self::Object),
            Value::Array(items) => {
                let item = |(at, value)| Self::parse(&Field { at: format!("{}[{at}]", field.at), value }, token);
                items.iter().enumerate().map(item).collect::<Result<_, _>>().map(Self::List)
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Ok(Self::Fixed(field.value.clone())),
        }
    }

    /// The filled template; an error is the path that leads nowhere.
    pub(in crate::services::states) fn fill(&self, data: &Value, context: &Value) -> Result<Value, Path> {
        Ok(match self {
            Self::Fixed(value) => value.clone(),
            Self::At(path) => path.find(data, context).ok_or_else(|| path.clone())?.clone(),
            Self::Object(fields) => {
                let fill = |(name, value): &(String, Self)| Ok((name.clone(), value.fill(data, context)?));
                Value::Object(fields.iter().map(fill).collect::<Result<Map<_, _>, Path>>()?)
            }
            Self::List(items) => Value::Array(items.iter().map(|it| it.fill(data, context)).collect::<Result<_, _>>()?),
        })
    }

    /// The names of an object's fields, without `.$`.
    pub(super) fn names(&self) -> Option<Vec<&str>> {
        match self {
            Self::Object(fields) => Some(fields.iter().map(|(name, _)| name.as_str()).collect()),
            Self::Fixed(_) | Self::At(_) | Self::List(_) => None,
        }
    }

    /// An object's field.
    pub(super) fn get(&self, wanted: &str) -> Option<&Self> {
        match self {
            Self::Object(fields) => fields.iter().find(|(name, _)| name == wanted).map(|(_, value)| value),
            Self::Fixed(_) | Self::At(_) | Self::List(_) => None,
        }
    }
}

fn object(mut fields: Fields<'_>, token: Token) -> Result<Vec<(String, Template)>, DefinitionError> {
    let names: Vec<_> = fields.names().collect();
    let mut filled: Vec<(String, Template)> = Vec::new();
    for written in names {
        let field = fields.required(written)?;
        let (name, template) = match written.strip_suffix(".$") {
            None => (written, Template::parse(&field, token)?),
            Some(name) => {
                let path = field.path()?;
                if path.is_token() && token == Token::Absent {
                    return field.refuse("only a task that waits for a token has one");
                }
                (name, Template::At(path))
            }
        };
        if filled.iter().any(|(there, _)| there == name) {
            return field.refuse(format!("{name} is there twice"));
        }
        filled.push((name.to_owned(), template));
    }
    Ok(filled)
}
