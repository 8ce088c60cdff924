//! From text to plan: hold it against the lists, give names their meaning, then read it.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{
    TemplateError,
    build::{self, Resource},
    error::Log,
    lists::{self, Used},
    plan::{Plan, Pseudo},
    read::Node,
    resolve::{Resolver, text_of},
    symbols, yaml,
};

/// Loads a template.
///
/// `definitions` are the texts of state machines by file name, `parameters` what a deployment would give; a parameter
/// without a value here takes its default.
///
/// # Errors
/// [`TemplateError`] names everything that this runner does not run, each with its place.
pub fn load(
    text: &str,
    definitions: &BTreeMap<String, String>,
    parameters: &BTreeMap<String, String>,
    pseudo: &Pseudo,
) -> Result<Plan, TemplateError> {
    let log = Log::default();
    let mut template = yaml::parse(text, &log);
    log.check()?;

    let mut used = Used::new();
    check_lists(&template, &mut used, &log);
    merge_globals(&mut template);

    let parameters = parameter_values(&section(&template, "Parameters", &log), parameters, &log);
    let mut resolver = Resolver::new(parameters.clone(), pseudo);
    let declared = declared(&template);
    symbols::define(&mut resolver, &declared, pseudo, &log);
    let resources: Vec<Resource> = declared
        .iter()
        .map(|(logical_id, kind, properties)| {
            let path = format!("Resources.{logical_id}.Properties");
            let properties = resolver.resolve(properties, &path, &log);
            Resource { logical_id: (*logical_id).to_owned(), kind: (*kind).to_owned(), properties }
        })
        .collect();
    let outputs = outputs(&template, &resolver, &log);
    log.check()?;

    let mut plan = Plan { parameters, outputs, deploy_only: used, ..Plan::default() };
    build::build(&mut plan, &resources, definitions, pseudo, &log);
    log.check()?;
    Ok(plan)
}

/// A value for each parameter that has no default: for those who only want to read what a template says.
#[must_use]
pub fn placeholders(text: &str) -> BTreeMap<String, String> {
    let log = Log::default();
    let template = yaml::parse(text, &log);
    let parameters = section(&template, "Parameters", &log).entries();
    let without_default = parameters.into_iter().filter(|(_, parameter)| parameter.get("Default").value.is_none());
    without_default.map(|(name, _)| (name.to_owned(), "none".to_owned())).collect()
}

fn section<'a>(template: &'a Value, name: &str, log: &'a Log) -> Node<'a> {
    Node { value: template.get(name), path: name.to_owned(), log }
}

/// Holds every part of the template against its list.
fn check_lists(template: &Value, used: &mut Used, log: &Log) {
    lists::check(&lists::SECTIONS, template, "", used, log);
    if template.get("Resources").is_none() {
        log.refuse("Resources", "is missing");
    }
    for (_, parameter) in section(template, "Parameters", log).entries() {
        lists::check(&lists::PARAMETER, parameter.value.unwrap_or(&Value::Null), &parameter.path, used, log);
    }
    for (_, output) in section(template, "Outputs", log).entries() {
        lists::check(&lists::OUTPUT, output.value.unwrap_or(&Value::Null), &output.path, used, log);
    }
    if let Some(globals) = template.pointer("/Globals/Function") {
        lists::check(&lists::GLOBALS, globals, "Globals.Function", used, log);
    }
    for (_, resource) in section(template, "Resources", log).entries() {
        lists::check(&lists::ATTRIBUTES, resource.value.unwrap_or(&Value::Null), &resource.path, used, log);
        check_resource(&resource, used, log);
    }
}

fn check_resource(resource: &Node<'_>, used: &mut Used, log: &Log) {
    let kind = resource.get("Type").text();
    let Some(list) = lists::of_type(&kind).filter(|_| !kind.starts_with(lists::EVENT_PREFIX)) else {
        let why = lists::refusal(&kind).unwrap_or("this type is neither executed nor deploy-only here");
        resource.get("Type").refuse(format!("{kind} is refused: {why}"));
        return;
    };
    let properties = resource.get("Properties");
    if let Some(value) = properties.value {
        lists::check(list, value, &properties.path, used, log);
    }
    if kind == "AWS::Serverless::Function" {
        for (_, event) in properties.get("Events").entries() {
            let name = format!("{}{}", lists::EVENT_PREFIX, event.get("Type").text());
            // An unknown type of event has been refused by the function's own list.
            if let (Some(list), Some(value)) = (lists::of_type(&name), event.get("Properties").value) {
                lists::check(list, value, &event.get("Properties").path, used, log);
            }
        }
    }
}

/// Gives each function what `Globals.Function` says, as SAM does: maps are merged, anything else is the function's own.
fn merge_globals(template: &mut Value) {
    let Some(globals) = template.pointer("/Globals/Function").cloned() else { return };
    let Some(resources) = template.get_mut("Resources").and_then(Value::as_object_mut) else { return };
    for resource in resources.values_mut() {
        if resource.get("Type").and_then(Value::as_str) != Some("AWS::Serverless::Function") {
            continue;
        }
        if let Some(properties) = resource.get_mut("Properties") {
            merge(properties, &globals);
        }
    }
}

fn merge(own: &mut Value, global: &Value) {
    let (Value::Object(own), Value::Object(global)) = (own, global) else { return };
    for (key, value) in global {
        match own.get_mut(key) {
            Some(existing) => merge(existing, value),
            None => {
                own.insert(key.clone(), value.clone());
            }
        }
    }
}

fn parameter_values(declared: &Node<'_>, given: &BTreeMap<String, String>, log: &Log) -> BTreeMap<String, String> {
    for name in given.keys().filter(|name| declared.get(name).value.is_none()) {
        log.refuse(format!("Parameters.{name}"), "is given but the template has no such parameter");
    }
    let value = |(name, parameter): (&str, Node<'_>)| {
        let value = given.get(name).cloned().or_else(|| parameter.get("Default").optional_text());
        if value.is_none() {
            parameter.refuse("has no default and no value was given");
        }
        (name.to_owned(), value.unwrap_or_default())
    };
    declared.entries().into_iter().map(value).collect()
}

/// Each resource's logical id, type and properties.
fn declared(template: &Value) -> Vec<(&str, &str, &Value)> {
    static NONE: Value = Value::Null;
    let resources = template.get("Resources").and_then(Value::as_object);
    resources
        .into_iter()
        .flatten()
        .map(|(logical_id, resource)| {
            let kind = resource.get("Type").and_then(Value::as_str).unwrap_or_default();
            (logical_id.as_str(), kind, resource.get("Properties").unwrap_or(&NONE))
        })
        .collect()
}

fn outputs(template: &Value, resolver: &Resolver, log: &Log) -> BTreeMap<String, String> {
    let value = |(name, output): (&str, Node<'_>)| {
        let value = output.get("Value");
        let resolved = value.value.map(|item| text_of(&resolver.resolve(item, &value.path, log)));
        (name.to_owned(), resolved.unwrap_or_default())
    };
    section(template, "Outputs", log).entries().into_iter().map(value).collect()
}
