//! The fields of one object of a definition, taken one by one: what nobody takes is refused with its place.

use std::{collections::BTreeMap, ops::RangeInclusive};

use serde_json::Value;

use super::DefinitionError;
use crate::services::states::path::Path;

/// An object whose fields are being read.
pub(super) struct Fields<'a> {
    at: String,
    left: BTreeMap<&'a str, &'a Value>,
}

/// One value and where it stands.
pub(super) struct Field<'a> {
    pub at: String,
    pub value: &'a Value,
}

impl<'a> Field<'a> {
    /// Refuses the value.
    pub fn refuse<T>(&self, problem: impl Into<String>) -> Result<T, DefinitionError> {
        Err(DefinitionError::new(&self.at, problem))
    }

    /// As text.
    pub fn text(&self) -> Result<&'a str, DefinitionError> {
        self.value.as_str().map_or_else(|| self.refuse("must be a string"), Ok)
    }

    /// As a path.
    pub fn path(&self) -> Result<Path, DefinitionError> {
        Path::parse(self.text()?).or_else(|problem| self.refuse(problem))
    }

    /// As a list that is not empty.
    pub fn list(&self) -> Result<Vec<Field<'a>>, DefinitionError> {
        let items = self.value.as_array().filter(|items| !items.is_empty());
        let items = items.map_or_else(|| self.refuse("must be a list that is not empty"), Ok)?;
        Ok(items.iter().enumerate().map(|(at, value)| Field { at: format!("{}[{at}]", self.at), value }).collect())
    }

    /// As an object.
    pub fn fields(&self) -> Result<Fields<'a>, DefinitionError> {
        let object = self.value.as_object().map_or_else(|| self.refuse("must be an object"), Ok)?;
        let left = object.iter().map(|(name, value)| (name.as_str(), value)).collect();
        Ok(Fields { at: self.at.clone(), left })
    }
}

impl<'a> Fields<'a> {
    /// Where the object stands.
    pub fn at(&self) -> &str {
        &self.at
    }

    /// The fields that are left, by name.
    pub fn names(&self) -> impl Iterator<Item = &'a str> {
        self.left.keys().copied()
    }

    /// Takes a field.
    pub fn take(&mut self, name: &str) -> Option<Field<'a>> {
        let value = self.left.remove(name)?;
        Some(Field { at: format!("{}.{name}", self.at), value })
    }

    /// Takes a field that must be there.
    pub fn required(&mut self, name: &str) -> Result<Field<'a>, DefinitionError> {
        self.take(name).ok_or_else(|| DefinitionError::new(&self.at, format!("the field {name} is missing")))
    }

    /// Takes a text that must be there.
    pub fn text(&mut self, name: &str) -> Result<String, DefinitionError> {
        Ok(self.required(name)?.text()?.to_owned())
    }

    /// Takes a text.
    pub fn optional_text(&mut self, name: &str) -> Result<Option<String>, DefinitionError> {
        self.take(name).map(|field| field.text().map(str::to_owned)).transpose()
    }

    /// Takes a whole number.
    pub fn whole(&mut self, name: &str, range: RangeInclusive<u64>) -> Result<Option<u64>, DefinitionError> {
        let Some(field) = self.take(name) else { return Ok(None) };
        match field.value.as_u64().filter(|value| range.contains(value)) {
            Some(value) => Ok(Some(value)),
            None => field.refuse(format!("must be a whole number from {} to {}", range.start(), range.end())),
        }
    }

    /// Takes a path that is `$` unless said otherwise; `null` is no path.
    pub fn path_or_null(&mut self, name: &str) -> Result<Option<Path>, DefinitionError> {
        match self.take(name) {
            None => Ok(Some(Path::whole())),
            Some(field) if field.value.is_null() => Ok(None),
            Some(field) => {
                let path = field.path()?;
                if path.is_token() {
                    return field.refuse("the token is for Parameters only");
                }
                Ok(Some(path))
            }
        }
    }

    /// Takes the path of a place that is written to.
    pub fn result_path(&mut self, name: &str) -> Result<Option<Path>, DefinitionError> {
        let at = format!("{}.{name}", self.at);
        let path = self.path_or_null(name)?;
        match path {
            Some(path) if !path.is_writable() => {
                Err(DefinitionError::new(&at, format!("nothing can be put at {path}, only at names below $")))
            }
            path => Ok(path),
        }
    }

    /// Everything must have been taken. A comment means nothing anywhere.
    pub fn finish(mut self) -> Result<(), DefinitionError> {
        self.optional_text("Comment")?;
        match self.left.keys().next() {
            None => Ok(()),
            Some(name) => Err(DefinitionError::new(&format!("{}.{name}", self.at), "there is no such field here")),
        }
    }
}
