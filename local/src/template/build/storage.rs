//! Tables, buckets and keys.

use super::Resource;
use crate::{
    services::arn,
    template::{
        error::Log,
        plan::{BucketPlan, KeyAttribute, KeyPlan, KeyUsage, Plan, Pseudo, TablePlan},
        read::Node,
        symbols,
    },
};

pub(super) fn table(plan: &Plan, resource: &Resource, log: &Log) -> TablePlan {
    let node = resource.node(log);
    let name = node.get("TableName").text();
    let definitions = node.get("AttributeDefinitions").items();
    let schema = node.get("KeySchema");
    let key = |wanted: &str| {
        let part = schema.items().into_iter().find(|part| part.get("KeyType").text() == wanted)?;
        let name = part.get("AttributeName").text();
        let definition = definitions.iter().find(|definition| definition.get("AttributeName").text() == name);
        let kind = definition.map(|definition| definition.get("AttributeType").text()).unwrap_or_else(|| {
            part.refuse(format!("{name} is not in AttributeDefinitions"));
            String::new()
        });
        Some(KeyAttribute { name, kind })
    };
    let partition_key = key("HASH").unwrap_or_else(|| {
        schema.refuse("has no HASH key");
        KeyAttribute { name: String::new(), kind: String::new() }
    });
    let sort_key = key("RANGE");
    let keys = 1 + usize::from(sort_key.is_some());
    if definitions.len() != keys || schema.items().len() != keys {
        node.get("AttributeDefinitions")
            .refuse("must define the key attributes and nothing else, as DynamoDB wants it");
    }
    let stream_view = node.get("StreamSpecification").get("StreamViewType").optional_text();
    TablePlan {
        logical_id: resource.logical_id.clone(),
        arn: arn::table(&name),
        stream_arn: stream_view.as_ref().map(|_| arn::stream(&name)),
        name,
        partition_key,
        sort_key,
        stream_view,
        ttl_attribute: node.get("TimeToLiveSpecification").get("AttributeName").optional_text(),
        key_arn: known_key(plan, &node.get("SSESpecification").get("KMSMasterKeyId")),
    }
}

pub(super) fn bucket(plan: &Plan, resource: &Resource, log: &Log) -> BucketPlan {
    let node = resource.node(log);
    let name = node.get("BucketName").text();
    let rules = node.get("BucketEncryption").get("ServerSideEncryptionConfiguration").items();
    let key = |rule: &Node<'_>| known_key(plan, &rule.get("ServerSideEncryptionByDefault").get("KMSMasterKeyID"));
    let key_arn = rules.iter().find_map(key);
    BucketPlan { logical_id: resource.logical_id.clone(), arn: arn::bucket(&name), name, key_arn }
}

/// The ARN of a key that this template has, if one is named.
fn known_key(plan: &Plan, node: &Node<'_>) -> Option<String> {
    let wanted = node.optional_text()?;
    let key = plan.keys.iter().find(|key| key.id == wanted || key.arn == wanted);
    if key.is_none() {
        node.refuse(format!("{wanted:?} is no key of this template"));
    }
    key.map(|key| key.arn.clone())
}

pub(super) fn key(resource: &Resource, pseudo: &Pseudo, log: &Log) -> KeyPlan {
    let node = resource.node(log);
    let usage = node.get("KeyUsage").optional_text().unwrap_or_else(|| "ENCRYPT_DECRYPT".to_owned());
    let spec = node.get("KeySpec").optional_text().unwrap_or_else(|| "SYMMETRIC_DEFAULT".to_owned());
    let usage = match (usage.as_str(), spec.as_str()) {
        ("ENCRYPT_DECRYPT", "SYMMETRIC_DEFAULT") => KeyUsage::Encrypt,
        ("SIGN_VERIFY", "RSA_2048") => KeyUsage::Sign,
        _ => {
            node.get("KeySpec").refuse(format!("{spec} does not go with {usage} here"));
            KeyUsage::Encrypt
        }
    };
    let id = symbols::key_id(&resource.logical_id, pseudo);
    KeyPlan { logical_id: resource.logical_id.clone(), arn: arn::key(&id), id, usage, aliases: Vec::new() }
}

pub(super) fn alias(plan: &mut Plan, resource: &Resource, log: &Log) {
    let node = resource.node(log);
    let alias = node.get("AliasName").text();
    if !alias.starts_with("alias/") {
        node.get("AliasName").refuse("must start with alias/");
    }
    let target = node.get("TargetKeyId");
    let wanted = target.text();
    match plan.keys.iter_mut().find(|key| key.id == wanted || key.arn == wanted) {
        Some(key) => key.aliases.push(alias),
        None => target.refuse(format!("{wanted:?} is no key of this template")),
    }
}
