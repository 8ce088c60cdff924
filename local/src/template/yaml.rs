//! YAML to JSON, with CloudFormation's short forms (`!Ref`) written out (`{"Ref": …}`).

use serde_json::{Map, Number, Value, json};
use serde_yaml_ng::Value as Yaml;

use super::error::Log;

/// Reads a template's text. Every intrinsic comes out in its long form; which of them are known is for the resolver.
pub(super) fn parse(text: &str, log: &Log) -> Value {
    match serde_yaml_ng::from_str::<Yaml>(text) {
        Ok(yaml) => convert(&yaml, "", log),
        Err(error) => {
            log.refuse("template", format!("is not YAML: {error}"));
            Value::Null
        }
    }
}

/// A place one step further down.
pub(super) fn step(path: &str, key: &str) -> String {
    if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") }
}

fn convert(yaml: &Yaml, path: &str, log: &Log) -> Value {
    match yaml {
        Yaml::Null => Value::Null,
        Yaml::Bool(value) => Value::Bool(*value),
        Yaml::Number(number) => convert_number(number, path, log),
        Yaml::String(text) => Value::String(text.clone()),
        Yaml::Sequence(items) => {
            items.iter().enumerate().map(|(index, item)| convert(item, &format!("{path}[{index}]"), log)).collect()
        }
        Yaml::Mapping(mapping) => {
            let mut object = Map::new();
            for (key, value) in mapping {
                match key {
                    Yaml::String(key) => {
                        object.insert(key.clone(), convert(value, &step(path, key), log));
                    }
                    _ => log.refuse(path, "has a key that is not text"),
                }
            }
            Value::Object(object)
        }
        Yaml::Tagged(tagged) => {
            let tag = tagged.tag.to_string();
            let name = tag.trim_start_matches('!');
            let value = convert(&tagged.value, path, log);
            match (name, &value) {
                ("Ref", _) => json!({ "Ref": value }),
                ("GetAtt", Value::String(text)) => match text.split_once('.') {
                    Some((resource, attribute)) => json!({ "Fn::GetAtt": [resource, attribute] }),
                    None => json!({ "Fn::GetAtt": value }),
                },
                _ => json!({ (format!("Fn::{name}")): value }),
            }
        }
    }
}

fn convert_number(number: &serde_yaml_ng::Number, path: &str, log: &Log) -> Value {
    let converted = number.as_i64().map(Number::from).or_else(|| number.as_u64().map(Number::from));
    converted.map_or_else(
        || {
            // A template has no fractions; an account id without quotes is read as a number and loses its zeros.
            log.refuse(path, "is a number that is not whole: put it in quotes");
            Value::Null
        },
        Value::Number,
    )
}
