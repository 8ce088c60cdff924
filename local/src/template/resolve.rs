//! `Ref`, `Fn::GetAtt`, `Fn::Sub` and `Fn::Join`, resolved to the names and ARNs of the local bank.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::{error::Log, lists, plan::Pseudo, symbols::Symbol, yaml::step};
use crate::services::arn;

/// What names in a template stand for.
#[derive(Debug, Default)]
pub(super) struct Resolver {
    parameters: BTreeMap<String, String>,
    pseudo: BTreeMap<&'static str, String>,
    symbols: BTreeMap<String, Symbol>,
}

impl Resolver {
    /// Knows parameters and pseudo parameters; resources are added with [`Resolver::define`].
    pub(super) fn new(parameters: BTreeMap<String, String>, pseudo: &Pseudo) -> Self {
        let pseudo = BTreeMap::from([
            ("AWS::Region", arn::REGION.to_owned()),
            ("AWS::AccountId", arn::ACCOUNT.to_owned()),
            ("AWS::Partition", "aws".to_owned()),
            ("AWS::URLSuffix", "amazonaws.com".to_owned()),
            ("AWS::StackName", pseudo.stack_name.clone()),
        ]);
        Self { parameters, pseudo, symbols: BTreeMap::new() }
    }

    /// Adds a resource.
    pub(super) fn define(&mut self, logical_id: &str, symbol: Symbol) {
        self.symbols.insert(logical_id.to_owned(), symbol);
    }

    /// A value with every intrinsic in it replaced.
    pub(super) fn resolve(&self, value: &Value, path: &str, log: &Log) -> Value {
        match value {
            Value::Array(items) => {
                let place = |index| format!("{path}[{index}]");
                items.iter().enumerate().map(|(index, item)| self.resolve(item, &place(index), log)).collect()
            }
            Value::Object(object) => match intrinsic(object) {
                Some((name, argument)) => self.intrinsic(name, argument, path, log),
                None => Value::Object(
                    object.iter().map(|(key, item)| (key.clone(), self.resolve(item, &step(path, key), log))).collect(),
                ),
            },
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value.clone(),
        }
    }

    fn intrinsic(&self, name: &str, argument: &Value, path: &str, log: &Log) -> Value {
        let found = match (name, argument) {
            ("Ref", Value::String(target)) => self.reference(target),
            ("Fn::GetAtt", Value::Array(parts)) => match parts.as_slice() {
                [Value::String(target), Value::String(attribute)] => self.attribute(target, attribute),
                _ => Err("Fn::GetAtt takes a logical id and an attribute, both written out".to_owned()),
            },
            ("Fn::Sub", Value::String(text)) => self.substitute(text, &BTreeMap::new()),
            ("Fn::Sub", Value::Array(parts)) => match parts.as_slice() {
                [Value::String(text), Value::Object(own)] => {
                    let own = own.iter().map(|(key, item)| (key.clone(), text_of(&self.resolve(item, path, log))));
                    self.substitute(text, &own.collect())
                }
                _ => Err("Fn::Sub takes a text, or a text and a map".to_owned()),
            },
            ("Fn::Join", Value::Array(parts)) => match parts.as_slice() {
                [Value::String(separator), Value::Array(items)] => {
                    let items: Vec<String> = items.iter().map(|item| text_of(&self.resolve(item, path, log))).collect();
                    Ok(items.join(separator))
                }
                _ => Err("Fn::Join takes a separator and a list".to_owned()),
            },
            ("Ref" | "Fn::GetAtt" | "Fn::Sub" | "Fn::Join", _) => {
                Err(format!("{name} has an argument of the wrong form"))
            }
            _ => Err(lists::refusal(name).map_or_else(
                || format!("{name} is not among the intrinsics that are executed (Ref, Fn::GetAtt, Fn::Sub, Fn::Join)"),
                |why| format!("{name} is refused: {why}"),
            )),
        };
        match found {
            Ok(text) => Value::String(text),
            Err(reason) => {
                log.refuse(path, reason);
                Value::String(String::new())
            }
        }
    }

    fn reference(&self, target: &str) -> Result<String, String> {
        if let Some(value) = self.parameters.get(target).or_else(|| self.pseudo.get(target)) {
            return Ok(value.clone());
        }
        if let Some(why) = lists::refusal(target) {
            return Err(format!("{target} is refused: {why}"));
        }
        let symbol =
            self.symbols.get(target).ok_or_else(|| format!("{target} is neither a parameter nor a resource"))?;
        symbol.reference.clone().ok_or_else(|| format!("Ref of {target}: this type has no Ref here"))
    }

    fn attribute(&self, target: &str, attribute: &str) -> Result<String, String> {
        let symbol = self.symbols.get(target).ok_or_else(|| format!("{target} is not a resource"))?;
        symbol.attributes.get(attribute).cloned().ok_or_else(|| format!("{target} has no attribute {attribute}"))
    }

    fn substitute(&self, text: &str, own: &BTreeMap<String, String>) -> Result<String, String> {
        let mut result = String::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("${") {
            result.push_str(before);
            let (name, remaining) = after.split_once('}').ok_or_else(|| format!("`${{` is not closed in {text:?}"))?;
            if let Some(literal) = name.strip_prefix('!') {
                result.push_str("${");
                result.push_str(literal);
                result.push('}');
            } else if let Some(value) = own.get(name) {
                result.push_str(value);
            } else if let Some((target, attribute)) = name.split_once('.') {
                result.push_str(&self.attribute(target, attribute)?);
            } else {
                result.push_str(&self.reference(name)?);
            }
            rest = remaining;
        }
        result.push_str(rest);
        Ok(result)
    }
}

/// The name and argument of an intrinsic, when this object is one.
pub(super) fn intrinsic(object: &Map<String, Value>) -> Option<(&str, &Value)> {
    let (name, argument) = object.iter().next()?;
    (object.len() == 1 && (name == "Ref" || name.starts_with("Fn::"))).then_some((name.as_str(), argument))
}

/// A scalar as CloudFormation would paste it into a text.
pub(super) fn text_of(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => value.to_string(),
    }
}
