//! Definitions: Amazon States Language, read strictly. What is not understood is refused with its place, never ignored.

pub(super) mod choice;
mod document;
mod fields;
mod graph;
pub(super) mod handling;
mod state;
pub(super) mod template;

use std::collections::BTreeMap;

use serde_json::Value;

use document::Document;
use fields::Field;
use graph::Scope;
pub(super) use state::{After, Delay, Failing, Kind, Service, State, Style, Task};

const BYTES_MAX: usize = 1_048_576;
/// The longest timeout that can be written, a little more than three years.
pub(super) const TIMEOUT_S_MAX: u64 = 99_999_999;

/// A state machine's definition.
#[derive(Debug, Clone, PartialEq)]
pub struct Definition {
    /// Where it starts.
    pub(super) start_at: String,
    /// How long an execution may take.
    pub(super) timeout_s: Option<u64>,
    /// The states of all branches: their names are unique in the whole machine.
    states: BTreeMap<String, State>,
}

/// What is wrong with a definition, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{path}: {problem}")]
pub struct DefinitionError {
    /// The place: `$.States.Approve.Retry[0]`.
    pub path: String,
    /// What is wrong.
    pub problem: String,
}

impl DefinitionError {
    fn new(path: &str, problem: impl Into<String>) -> Self {
        Self { path: path.to_owned(), problem: problem.into() }
    }
}

impl Definition {
    /// Reads a definition.
    ///
    /// # Errors
    /// The first thing that is wrong or not supported, with its place.
    pub fn parse(text: &str) -> Result<Self, DefinitionError> {
        let at = "$".to_owned();
        if text.len() > BYTES_MAX {
            return Err(DefinitionError::new(&at, format!("a definition has at most {BYTES_MAX} bytes")));
        }
        let Document(value) =
            serde_json::from_str(text).map_err(|error| DefinitionError::new(&at, error.to_string()))?;
        let mut reader = Reader::default();
        let (start_at, timeout_s) = reader.machine(&Field { at, value: &value })?;
        for scope in &reader.scopes {
            scope.check(&reader.states)?;
        }
        Ok(Self { start_at, timeout_s, states: reader.states })
    }

    /// A state by its name.
    pub(super) fn state(&self, name: &str) -> Option<&State> {
        self.states.get(name)
    }
}

/// What has been read so far, of all branches.
#[derive(Default)]
struct Reader {
    states: BTreeMap<String, State>,
    scopes: Vec<Scope>,
}

impl Reader {
    fn machine(&mut self, field: &Field<'_>) -> Result<(String, Option<u64>), DefinitionError> {
        let mut fields = field.fields()?;
        query_language(fields.take("QueryLanguage"))?;
        if let Some(version) = fields.take("Version")
            && version.text()? != "1.0"
        {
            return version.refuse("must be 1.0");
        }
        let timeout_s = fields.whole("TimeoutSeconds", 1..=TIMEOUT_S_MAX)?;
        let start_at = self.scope(&mut fields)?;
        fields.finish()?;
        Ok((start_at, timeout_s))
    }

    /// A branch of a Parallel; answers where it starts.
    fn branch(&mut self, field: &Field<'_>) -> Result<String, DefinitionError> {
        let mut fields = field.fields()?;
        let start_at = self.scope(&mut fields)?;
        fields.finish()?;
        Ok(start_at)
    }

    fn scope(&mut self, fields: &mut fields::Fields<'_>) -> Result<String, DefinitionError> {
        let start_at = fields.text("StartAt")?;
        let states = fields.required("States")?;
        let mut named = states.fields()?;
        let names: Vec<_> = named.names().collect();
        for name in &names {
            let field = named.required(name)?;
            let state = State::parse(name, &field, self)?;
            if self.states.insert((*name).to_owned(), state).is_some() {
                return field.refuse("another branch has a state of this name");
            }
        }
        let names = names.into_iter().map(str::to_owned).collect();
        self.scopes.push(Scope { at: fields.at().to_owned(), start_at: start_at.clone(), names });
        Ok(start_at)
    }
}

/// A document's language, if it is given, must be the only one here.
fn query_language(field: Option<Field<'_>>) -> Result<(), DefinitionError> {
    match field {
        Some(field) if field.value != &Value::from("JSONPath") => field.refuse("only JSONPath is supported"),
        _ => Ok(()),
    }
}
