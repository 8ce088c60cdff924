//! Typed reading of resolved properties. A value of the wrong form is a refusal with its place, never a guess.

use serde_json::Value;

use super::{error::Log, resolve::text_of, yaml::step};

/// A value somewhere in the template, present or not.
#[derive(Debug, Clone)]
pub(super) struct Node<'a> {
    pub(super) value: Option<&'a Value>,
    pub(super) path: String,
    pub(super) log: &'a Log,
}

impl<'a> Node<'a> {
    /// The value under a key.
    pub(super) fn get(&self, key: &str) -> Node<'a> {
        let value = self.value.and_then(|value| value.get(key));
        Node { value, path: step(&self.path, key), log: self.log }
    }

    /// Refuses this value.
    pub(super) fn refuse(&self, reason: impl Into<String>) {
        self.log.refuse(self.path.clone(), reason);
    }

    /// Text that must be there.
    pub(super) fn text(&self) -> String {
        self.optional_text().unwrap_or_else(|| {
            if self.value.is_none() {
                self.refuse("is missing");
            }
            String::new()
        })
    }

    /// Text that may be there. Numbers and booleans are text too, as they are to CloudFormation.
    pub(super) fn optional_text(&self) -> Option<String> {
        match self.value? {
            value @ (Value::String(_) | Value::Bool(_) | Value::Number(_)) => Some(text_of(value)),
            Value::Null | Value::Array(_) | Value::Object(_) => {
                self.refuse("must be text");
                None
            }
        }
    }

    /// A whole number, or its default. Its range is checked as CloudFormation would.
    pub(super) fn number(&self, default: Option<u32>, range: std::ops::RangeInclusive<u32>) -> u32 {
        let Some(text) = self.optional_text() else {
            return default.unwrap_or_else(|| {
                self.refuse("is missing");
                0
            });
        };
        match text.parse::<u32>() {
            Ok(number) if range.contains(&number) => number,
            _ => {
                self.refuse(format!("must be a whole number from {} to {}", range.start(), range.end()));
                0
            }
        }
    }

    /// A number that may be there.
    pub(super) fn optional_number(&self, range: std::ops::RangeInclusive<u32>) -> Option<u32> {
        self.value.is_some().then(|| self.number(None, range))
    }

    /// A boolean, false when absent.
    pub(super) fn flag(&self) -> bool {
        match self.optional_text().as_deref() {
            None | Some("false") => false,
            Some("true") => true,
            Some(_) => {
                self.refuse("must be true or false");
                false
            }
        }
    }

    /// The items of a list; one bare value is a list of one where IAM allows it.
    pub(super) fn items(&self) -> Vec<Node<'a>> {
        match self.value {
            None => Vec::new(),
            Some(Value::Array(items)) => {
                let place = |index| format!("{}[{index}]", self.path);
                let node = |(index, item)| Node { value: Some(item), path: place(index), log: self.log };
                items.iter().enumerate().map(node).collect()
            }
            Some(_) => vec![self.clone()],
        }
    }

    /// The texts of a list.
    pub(super) fn texts(&self) -> Vec<String> {
        self.items().iter().filter_map(Node::optional_text).collect()
    }

    /// The entries of a map.
    pub(super) fn entries(&self) -> Vec<(&'a str, Node<'a>)> {
        match self.value {
            None => Vec::new(),
            Some(Value::Object(object)) => {
                let node = |(key, item): (&'a String, &'a Value)| {
                    (key.as_str(), Node { value: Some(item), path: step(&self.path, key), log: self.log })
                };
                object.iter().map(node).collect()
            }
            Some(_) => {
                self.refuse("must be a map");
                Vec::new()
            }
        }
    }
}
