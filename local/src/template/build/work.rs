//! State machines, schedules, and the roles that schedules act under.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    Resource,
    messaging::{NO_GROUP, known_queue, standard_queue},
};
use crate::{
    services::{arn, scheduler},
    template::{
        error::Log,
        plan::{Plan, Pseudo, RolePlan, SchedulePlan, StateMachinePlan},
        read::Node,
        statement::{self, Holder},
        symbols,
    },
};

pub(super) fn state_machine(
    resource: &Resource,
    definitions: &BTreeMap<String, String>,
    log: &Log,
) -> StateMachinePlan {
    let node = resource.node(log);
    let name = node.get("Name").text();
    let statements = node.get("Policies").items().iter().flat_map(|it| statement::read(it, Holder::Role)).collect();
    StateMachinePlan {
        logical_id: resource.logical_id.clone(),
        arn: arn::state_machine(&name),
        name,
        definition: definition(&node, definitions),
        statements,
    }
}

/// The named file with each `${Name}` replaced; a name without a value is refused, and a value that nothing asks for, too.
fn definition(node: &Node<'_>, definitions: &BTreeMap<String, String>) -> String {
    let uri = node.get("DefinitionUri");
    let path = uri.text();
    let file = path.rsplit('/').next().unwrap_or_default();
    let Some(text) = definitions.get(file) else {
        uri.refuse(format!("{file:?} is no state machine that this binary was built with"));
        return String::new();
    };
    let substitutions = node.get("DefinitionSubstitutions");
    let values: BTreeMap<&str, String> =
        substitutions.entries().into_iter().map(|(name, value)| (name, value.text())).collect();
    let mut used = BTreeSet::new();
    let mut definition = String::new();
    let mut rest = text.as_str();
    while let Some((before, after)) = rest.split_once("${") {
        definition.push_str(before);
        let (name, remaining) = after.split_once('}').unwrap_or((after, ""));
        match values.get(name) {
            Some(value) => definition.push_str(value),
            None => uri.refuse(format!("{file} has ${{{name}}}, for which there is no substitution")),
        }
        used.insert(name);
        rest = remaining;
    }
    definition.push_str(rest);
    for (name, value) in substitutions.entries() {
        if !used.contains(name) {
            value.refuse(format!("nothing in {file} asks for it"));
        }
    }
    if let Err(error) = serde_json::from_str::<serde_json::Value>(&definition) {
        uri.refuse(format!("{file} is not JSON: {error}"));
    }
    definition
}

pub(super) fn role(resource: &Resource, pseudo: &Pseudo, log: &Log) -> RolePlan {
    let node = resource.node(log);
    let trust = node.get("AssumeRolePolicyDocument");
    if trust.value.is_none() {
        trust.refuse("is missing");
    }
    let statements = node.get("Policies").items().into_iter().flat_map(|policy| {
        policy.get("PolicyName").text();
        statement::read(&policy.get("PolicyDocument"), Holder::Role)
    });
    let statements = statements.collect();
    let trusted = statement::read(&trust, Holder::Trust);
    for service in trusted.iter().flat_map(|statement| &statement.services) {
        if service != scheduler::SCHEDULER {
            trust.refuse(format!("{service} takes on no role here, only {} does", scheduler::SCHEDULER));
        }
    }
    RolePlan {
        logical_id: resource.logical_id.clone(),
        arn: arn::role(&symbols::role_name(&resource.logical_id, pseudo)),
        trust: trusted,
        statements,
    }
}

pub(super) fn schedule(plan: &Plan, resource: &Resource, log: &Log) -> SchedulePlan {
    let node = resource.node(log);
    let name = node.get("Name").text();
    let expression = node.get("ScheduleExpression");
    if let Err(reason) = scheduler::Expression::parse(&expression.text()) {
        expression.refuse(reason);
    }
    node.get("FlexibleTimeWindow").get("Mode").text();
    let target = node.get("Target");
    let role_arn = target.get("RoleArn");
    let wanted = role_arn.text();
    let role = plan.roles.iter().find(|role| role.arn == wanted);
    if role.is_none() {
        role_arn.refuse(format!("{wanted:?} is no role of this template"));
    }
    let dead_letters = target.get("DeadLetterConfig");
    SchedulePlan {
        logical_id: resource.logical_id.clone(),
        arn: arn::schedule(&name),
        name,
        expression: expression.text(),
        queue_arn: standard_queue(plan, &target.get("Arn"), NO_GROUP),
        role: role.map(|role| role.logical_id.clone()).unwrap_or_default(),
        role_arn: wanted,
        input: target.get("Input").text(),
        dead_letter_arn: dead_letters.value.map(|_| known_queue(plan, &dead_letters.get("Arn"))),
    }
}
