//! Holds a part of the template against its list.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{Handling, TypeList, refusal};
use crate::template::{
    error::Log,
    resolve::{intrinsic, text_of},
    yaml::step,
};

/// The deploy-only properties that were met, as `Type Property.Path`.
pub(in crate::template) type Used = BTreeSet<String>;

enum Found {
    Leaf(Handling, &'static str),
    Subtree(Handling, &'static str),
    Inside,
    Unlisted,
}

/// Refuses every property of `value` that its list does not know, by its place.
pub(in crate::template) fn check(list: &TypeList, value: &Value, path: &str, used: &mut Used, log: &Log) {
    Checker { list, used, log }.walk(value, "", path);
}

struct Checker<'a> {
    list: &'a TypeList,
    used: &'a mut Used,
    log: &'a Log,
}

impl Checker<'_> {
    /// `pattern` is the place as the list writes it, `path` as the template does.
    fn walk(&mut self, value: &Value, pattern: &str, path: &str) {
        match value {
            Value::Object(object) if intrinsic(object).is_none() => {
                for (key, item) in object {
                    let place = step(path, key);
                    let named = step(pattern, key);
                    let any = step(pattern, "*");
                    let wanted = if matches!(self.find(&named), Found::Unlisted) { any } else { named };
                    self.meet(item, key, &wanted, &place);
                }
            }
            Value::Array(items) => {
                let wanted = format!("{pattern}[]");
                for (index, item) in items.iter().enumerate() {
                    self.meet(item, &wanted, &wanted, &format!("{path}[{index}]"));
                }
            }
            Value::Object(_) | Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
                self.log.refuse(path, self.unlisted(pattern, pattern));
            }
        }
    }

    fn meet(&mut self, value: &Value, key: &str, pattern: &str, path: &str) {
        match self.find(pattern) {
            Found::Leaf(handling, listed) => match (value, handling) {
                (Value::Array(_), _) => self.walk(value, pattern, path),
                (Value::Object(object), _) if intrinsic(object).is_none() => self.walk(value, pattern, path),
                (Value::Object(_), Handling::ExecutedAs(_)) => {
                    self.log.refuse(path, "must be written out, because only some of its values are executed");
                }
                (_, Handling::ExecutedAs(values)) if !values.contains(&text_of(value).as_str()) => {
                    let why = refusal(key).map_or_else(String::new, |why| format!(" ({why})"));
                    let given = text_of(value);
                    self.log
                        .refuse(path, format!("{given:?} is not among the values that are executed: {values:?}{why}"));
                }
                (_, handling) => self.note(handling, listed),
            },
            Found::Subtree(handling, listed) => self.note(handling, listed),
            Found::Inside => self.walk(value, pattern, path),
            Found::Unlisted => self.log.refuse(path, self.unlisted(key, pattern)),
        }
    }

    fn note(&mut self, handling: Handling, listed: &str) {
        if let Handling::DeployOnly(_) = handling {
            self.used.insert(format!("{} {listed}", self.list.name));
        }
    }

    fn unlisted(&self, key: &str, pattern: &str) -> String {
        let list = self.list.name;
        // What is above may be refused for a reason of its own, as all of Globals but Function is.
        let above = || pattern.rsplit_once('.').and_then(|(above, _)| refusal(above));
        refusal(key).or_else(|| refusal(key.trim_end_matches("[]"))).or_else(above).map_or_else(
            || format!("is neither executed nor deploy-only in the lists of {list}"),
            |why| format!("{key} is refused: {why}"),
        )
    }

    fn find(&self, pattern: &str) -> Found {
        for property in self.list.properties {
            if let Some(above) = property.path.strip_suffix(".**") {
                if above == pattern {
                    return Found::Subtree(property.handling, property.path);
                }
            } else if property.path == pattern {
                return Found::Leaf(property.handling, property.path);
            }
        }
        let below = |listed: &str| {
            listed.strip_prefix(pattern).is_some_and(|rest| rest.starts_with('.') || rest.starts_with("[]"))
        };
        if self.list.properties.iter().any(|property| below(property.path)) { Found::Inside } else { Found::Unlisted }
    }
}
