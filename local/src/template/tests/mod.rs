//! The real template, and small changes to it.

mod fifo;
mod refusals;
mod resolving;
mod samples;
mod wiring;
mod work;

use std::collections::BTreeMap;

use serde_yaml_ng::Value as Yaml;

use super::{Plan, Pseudo, TemplateError, load, placeholders};

/// What is deployed.
pub(crate) const TEMPLATE: &str = include_str!("../../../../infra/template.yaml");

/// The state machines that are deployed with it.
pub(crate) fn definitions() -> BTreeMap<String, String> {
    let text = include_str!("../../../../statemachines/onboarding.asl.json");
    BTreeMap::from([("onboarding.asl.json".to_owned(), text.to_owned())])
}

/// What a deployment must say; the rest has defaults.
pub(crate) fn parameters() -> BTreeMap<String, String> {
    placeholders(TEMPLATE)
}

/// The real template's plan.
pub(crate) fn plan() -> Plan {
    load(TEMPLATE, &definitions(), &parameters(), &Pseudo::default()).unwrap()
}

fn load_text(text: &str) -> Result<Plan, TemplateError> {
    load(text, &definitions(), &parameters(), &Pseudo::default())
}

/// A template of these resources only.
fn load_resources(resources: &str) -> Result<Plan, TemplateError> {
    let text = format!(
        "AWSTemplateFormatVersion: '2010-09-09'\nTransform: AWS::Serverless-2016-10-31\nResources:\n{resources}"
    );
    load(&text, &definitions(), &BTreeMap::new(), &Pseudo::default())
}

/// The real template with something changed in it.
fn changed(change: impl FnOnce(&mut Yaml)) -> Result<Plan, TemplateError> {
    let mut template: Yaml = serde_yaml_ng::from_str(TEMPLATE).unwrap();
    change(&mut template);
    load_text(&serde_yaml_ng::to_string(&template).unwrap())
}

/// Puts a value somewhere, making the maps on the way.
fn put(template: &mut Yaml, path: &[&str], value: &str) {
    let (last, above) = path.split_last().unwrap();
    let mut place = template;
    for step in above {
        place = place
            .as_mapping_mut()
            .unwrap()
            .entry(Yaml::from(*step))
            .or_insert_with(|| Yaml::Mapping(serde_yaml_ng::Mapping::new()));
    }
    place.as_mapping_mut().unwrap().insert(Yaml::from(*last), serde_yaml_ng::from_str(value).unwrap());
}

/// The refusal at this place, or a failed test that shows what was refused instead.
#[track_caller]
fn refusal_at(result: Result<Plan, TemplateError>, path: &str) -> String {
    let error = result.expect_err("the template was accepted");
    match error.refusals.iter().find(|refusal| refusal.path == path) {
        Some(refusal) => refusal.reason.clone(),
        None => panic!("nothing is refused at {path}: {error}"),
    }
}
