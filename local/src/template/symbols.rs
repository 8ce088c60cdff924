//! What `Ref` and `Fn::GetAtt` of each resource type give, in the forms of the local services.

use std::collections::BTreeMap;

use serde_json::Value;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::{
    error::Log,
    plan::Pseudo,
    resolve::{Resolver, text_of},
};
use crate::services::arn;

/// What a resource is called from outside itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Symbol {
    /// What `Ref` gives.
    pub(super) reference: Option<String>,
    /// What `Fn::GetAtt` gives.
    pub(super) attributes: BTreeMap<&'static str, String>,
}

impl Symbol {
    fn new<const N: usize>(reference: String, attributes: [(&'static str, String); N]) -> Self {
        Self { reference: Some(reference), attributes: BTreeMap::from(attributes) }
    }
}

/// The property that names a resource of this type, for types that have a name.
pub(super) fn name_property(kind: &str) -> Option<&'static str> {
    Some(match kind {
        "AWS::Serverless::Function" => "FunctionName",
        "AWS::DynamoDB::Table" => "TableName",
        "AWS::SNS::Topic" => "TopicName",
        "AWS::SQS::Queue" => "QueueName",
        "AWS::S3::Bucket" => "BucketName",
        "AWS::KMS::Alias" => "AliasName",
        "AWS::SES::EmailIdentity" => "EmailIdentity",
        "AWS::Cognito::UserPool" => "UserPoolName",
        "AWS::Cognito::UserPoolClient" => "ClientName",
        "AWS::Cognito::UserPoolGroup" => "GroupName",
        "AWS::Logs::LogGroup" => "LogGroupName",
        "AWS::Events::EventBus"
        | "AWS::Events::Rule"
        | "AWS::Scheduler::Schedule"
        | "AWS::Serverless::HttpApi"
        | "AWS::Serverless::StateMachine" => "Name",
        _ => return None,
    })
}

/// Defines every resource of the template in the resolver.
///
/// A name may use parameters and pseudo parameters only: so no order is needed, and no circle can arise.
/// Rules come last because a rule's ARN holds its bus's name.
pub(super) fn define(resolver: &mut Resolver, resources: &[(&str, &str, &Value)], pseudo: &Pseudo, log: &Log) {
    let is_rule = |kind: &str| kind == "AWS::Events::Rule";
    let mut symbols = Vec::new();
    for (logical_id, kind, properties) in resources.iter().filter(|(_, kind, _)| !is_rule(kind)) {
        symbols.push((*logical_id, symbol(resolver, logical_id, kind, properties, pseudo, log)));
    }
    for (logical_id, symbol) in symbols {
        resolver.define(logical_id, symbol);
    }
    for (logical_id, kind, properties) in resources.iter().filter(|(_, kind, _)| is_rule(kind)) {
        let symbol = symbol(resolver, logical_id, kind, properties, pseudo, log);
        resolver.define(logical_id, symbol);
    }
}

fn symbol(resolver: &Resolver, logical_id: &str, kind: &str, properties: &Value, pseudo: &Pseudo, log: &Log) -> Symbol {
    let property = |name: &str| {
        let path = format!("Resources.{logical_id}.Properties.{name}");
        let value = properties.get(name)?;
        Some(text_of(&resolver.resolve(value, &path, log))).filter(|text| !text.is_empty())
    };
    let name = match name_property(kind) {
        None => String::new(),
        Some(wanted) => property(wanted).unwrap_or_else(|| {
            let place = format!("Resources.{logical_id}.Properties.{wanted}");
            log.refuse(place, "is missing: a name that AWS makes up cannot be the same here");
            String::new()
        }),
    };
    match kind {
        "AWS::Serverless::Function" => {
            let arn = arn::function(&name);
            Symbol::new(name, [("Arn", arn)])
        }
        "AWS::Serverless::StateMachine" => {
            let arn = arn::state_machine(&name);
            Symbol::new(arn.clone(), [("Arn", arn), ("Name", name)])
        }
        "AWS::Scheduler::Schedule" => Symbol::new(name.clone(), [("Arn", arn::schedule(&name))]),
        "AWS::IAM::Role" => {
            let name = role_name(logical_id, pseudo);
            Symbol::new(name.clone(), [("Arn", arn::role(&name))])
        }
        "AWS::DynamoDB::Table" => {
            let mut symbol = Symbol::new(name.clone(), [("Arn", arn::table(&name))]);
            if properties.get("StreamSpecification").is_some() {
                symbol.attributes.insert("StreamArn", arn::stream(&name));
            }
            symbol
        }
        "AWS::SNS::Topic" => Symbol::new(arn::topic(&name), [("TopicArn", arn::topic(&name)), ("TopicName", name)]),
        "AWS::SQS::Queue" => {
            let url = arn::queue_url(&name);
            Symbol::new(url.clone(), [("Arn", arn::queue(&name)), ("QueueUrl", url), ("QueueName", name)])
        }
        "AWS::Events::EventBus" => Symbol::new(name.clone(), [("Arn", arn::bus(&name)), ("Name", name)]),
        "AWS::Events::Rule" => {
            let bus = property("EventBusName").unwrap_or_default();
            Symbol { reference: None, attributes: BTreeMap::from([("Arn", arn::rule(&bus, &name))]) }
        }
        "AWS::S3::Bucket" => Symbol::new(name.clone(), [("Arn", arn::bucket(&name))]),
        "AWS::KMS::Key" => {
            let id = key_id(logical_id, pseudo);
            Symbol::new(id.clone(), [("Arn", arn::key(&id)), ("KeyId", id)])
        }
        "AWS::Cognito::UserPool" => {
            let id = user_pool_id(pseudo);
            let issuer = issuer(&id, pseudo);
            let arn = user_pool_arn(&id);
            let provider = issuer.split_once("://").map_or(issuer.as_str(), |(_, rest)| rest).to_owned();
            Symbol::new(
                id.clone(),
                [("Arn", arn), ("ProviderURL", issuer), ("ProviderName", provider), ("UserPoolId", id)],
            )
        }
        "AWS::Cognito::UserPoolClient" => {
            let id = client_id(logical_id, pseudo);
            Symbol::new(id.clone(), [("ClientId", id)])
        }
        "AWS::Serverless::HttpApi" => {
            let id = api_id(logical_id);
            Symbol::new(id.clone(), [("ApiEndpoint", pseudo.public_url.clone()), ("ApiId", id)])
        }
        "AWS::Logs::LogGroup" => {
            let arn = format!("arn:aws:logs:{}:{}:log-group:{name}:*", arn::REGION, arn::ACCOUNT);
            Symbol::new(name, [("Arn", arn)])
        }
        "AWS::KMS::Alias" | "AWS::Cognito::UserPoolGroup" | "AWS::SES::EmailIdentity" => Symbol::new(name, []),
        _ => Symbol::default(),
    }
}

/// A role's name. AWS would make one up, too; this one is the same at every start.
pub(super) fn role_name(logical_id: &str, pseudo: &Pseudo) -> String {
    format!("{}-{logical_id}", pseudo.stack_name)
}

/// A key's id: the same at every start, or the data of the last start could not be decrypted.
pub(super) fn key_id(logical_id: &str, pseudo: &Pseudo) -> String {
    Uuid::new_v5(&Uuid::NAMESPACE_OID, format!("{}/{logical_id}", pseudo.stack_name).as_bytes()).to_string()
}

/// The user pool's id.
pub(super) fn user_pool_id(pseudo: &Pseudo) -> String {
    format!("{}_{}", arn::REGION, pseudo.stack_name)
}

/// The user pool's ARN.
pub(super) fn user_pool_arn(id: &str) -> String {
    format!("arn:aws:cognito-idp:{}:{}:userpool/{id}", arn::REGION, arn::ACCOUNT)
}

/// The issuer of the user pool's tokens.
pub(super) fn issuer(id: &str, pseudo: &Pseudo) -> String {
    format!("{}/cognito/{id}", pseudo.public_url)
}

/// An app client's id: 26 lower-case letters and digits as Cognito's are, and the same at every start.
pub(super) fn client_id(logical_id: &str, pseudo: &Pseudo) -> String {
    let mut id = hex::encode(Sha256::digest(format!("{}/{logical_id}", pseudo.stack_name)));
    id.truncate(26);
    id
}

/// The HTTP API's id.
pub(super) fn api_id(logical_id: &str) -> String {
    logical_id.to_lowercase()
}
