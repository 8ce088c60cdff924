//! Resolved resources to a plan, with every connection checked: what points somewhere must point at something here.

mod cognito;
mod functions;
mod messaging;
mod storage;
mod work;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::{
    error::Log,
    plan::{Plan, Pseudo},
    read::Node,
    symbols,
};

/// One resource with its intrinsics resolved.
#[derive(Debug, Clone)]
pub(super) struct Resource {
    pub(super) logical_id: String,
    pub(super) kind: String,
    pub(super) properties: Value,
}

impl Resource {
    /// Its properties for reading.
    pub(super) fn node<'a>(&'a self, log: &'a Log) -> Node<'a> {
        let path = format!("Resources.{}.Properties", self.logical_id);
        Node { value: Some(&self.properties), path, log }
    }
}

/// Fills the plan. Things that are pointed at come before things that point.
pub(super) fn build(
    plan: &mut Plan,
    resources: &[Resource],
    definitions: &BTreeMap<String, String>,
    pseudo: &Pseudo,
    log: &Log,
) {
    unique_names(resources, log);
    let of = |kind: &'static str| resources.iter().filter(move |resource| resource.kind == kind);

    plan.keys = of("AWS::KMS::Key").map(|it| storage::key(it, pseudo, log)).collect();
    of("AWS::KMS::Alias").for_each(|it| storage::alias(plan, it, log));
    plan.tables = of("AWS::DynamoDB::Table").map(|it| storage::table(plan, it, log)).collect();
    plan.buckets = of("AWS::S3::Bucket").map(|it| storage::bucket(plan, it, log)).collect();

    plan.mail_identities = of("AWS::SES::EmailIdentity").map(|it| it.node(log).get("EmailIdentity").text()).collect();

    plan.queues = of("AWS::SQS::Queue").map(|it| messaging::queue(it, log)).collect();
    of("AWS::SQS::Queue").for_each(|it| messaging::check_redrive(plan, it, log));
    of("AWS::SQS::QueuePolicy").for_each(|it| messaging::queue_policy(plan, it, log));
    plan.topics = of("AWS::SNS::Topic").map(|it| messaging::topic(it, log)).collect();
    plan.subscriptions = of("AWS::SNS::Subscription").map(|it| messaging::subscription(plan, it, log)).collect();
    plan.buses = of("AWS::Events::EventBus").map(|it| messaging::bus(it, log)).collect();
    plan.rules = of("AWS::Events::Rule").map(|it| messaging::rule(plan, it, log)).collect();

    plan.state_machines =
        of("AWS::Serverless::StateMachine").map(|it| work::state_machine(it, definitions, log)).collect();
    plan.roles = of("AWS::IAM::Role").map(|it| work::role(it, pseudo, log)).collect();
    plan.schedules = of("AWS::Scheduler::Schedule").map(|it| work::schedule(plan, it, log)).collect();

    functions::api(plan, &of("AWS::Serverless::HttpApi").collect::<Vec<_>>(), log);
    of("AWS::Serverless::Function").for_each(|it| functions::function(plan, it, log));
    cognito::pools(plan, &of("AWS::Cognito::UserPool").collect::<Vec<_>>(), pseudo, log);
    of("AWS::Cognito::UserPoolClient").for_each(|it| cognito::client(plan, it, pseudo, log));
    of("AWS::Cognito::UserPoolGroup").for_each(|it| cognito::group(plan, it, log));
    plan.permissions = of("AWS::Lambda::Permission").map(|it| functions::permission(plan, it, log)).collect();
}

/// Two resources of one type and name would be one resource here, and a failed deployment there.
fn unique_names(resources: &[Resource], log: &Log) {
    let mut seen = BTreeSet::new();
    for resource in resources {
        let Some(property) = symbols::name_property(&resource.kind) else { continue };
        let name = resource.node(log).get(property);
        let text = name.text();
        if !seen.insert((resource.kind.as_str(), text.clone())) {
            name.refuse(format!("{text:?} is the name of another resource of this type, too"));
        }
    }
}
