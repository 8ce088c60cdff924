//! What a loaded template says, with every name and ARN resolved: the runner wires itself from this alone.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::statement::Statement;
use crate::services::{FilterScope, sqs::Fifo};

mod edge;
mod work;

pub use edge::{ApiPlan, PasswordPolicy, PermissionPlan, RoutePlan, UserPoolClientPlan, UserPoolPlan};
pub use work::{RolePlan, SchedulePlan, StateMachinePlan};

/// What CloudFormation itself supplies. Region and account are fixed (`services::arn`): there is only one of each here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pseudo {
    /// `AWS::StackName`; the user pool's id ends in it.
    pub stack_name: String,
    /// Scheme, host and port of the local front door, without a trailing slash: issuers start with it.
    pub public_url: String,
}

impl Default for Pseudo {
    fn default() -> Self {
        Self { stack_name: "granary".to_owned(), public_url: "http://127.0.0.1:4000".to_owned() }
    }
}

/// A whole template, resolved.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Plan {
    /// Parameters with the values they got.
    pub parameters: BTreeMap<String, String>,
    /// Lambda functions.
    pub functions: Vec<FunctionPlan>,
    /// DynamoDB tables.
    pub tables: Vec<TablePlan>,
    /// SNS topics.
    pub topics: Vec<TopicPlan>,
    /// SNS subscriptions of queues.
    pub subscriptions: Vec<SubscriptionPlan>,
    /// SQS queues, dead-letter queues included.
    pub queues: Vec<QueuePlan>,
    /// EventBridge buses.
    pub buses: Vec<BusPlan>,
    /// EventBridge rules.
    pub rules: Vec<RulePlan>,
    /// State machines.
    pub state_machines: Vec<StateMachinePlan>,
    /// Schedules.
    pub schedules: Vec<SchedulePlan>,
    /// Roles, other than those that belong to one function or state machine each.
    pub roles: Vec<RolePlan>,
    /// S3 buckets.
    pub buckets: Vec<BucketPlan>,
    /// KMS keys with their aliases.
    pub keys: Vec<KeyPlan>,
    /// The domains and addresses that mails are sent from.
    pub mail_identities: Vec<String>,
    /// Cognito user pools with their groups and clients.
    pub user_pools: Vec<UserPoolPlan>,
    /// Who but the functions' own event sources may invoke a function.
    pub permissions: Vec<PermissionPlan>,
    /// The HTTP API.
    pub api: ApiPlan,
    /// Outputs by name.
    pub outputs: BTreeMap<String, String>,
    /// Each deploy-only property that this template uses, as `Type Property.Path`.
    pub deploy_only: BTreeSet<String>,
}

/// One Lambda function.
#[derive(Debug, Clone, PartialEq)]
pub struct FunctionPlan {
    /// Its name in the template: also the access key id under which it calls AWS locally.
    pub logical_id: String,
    /// The folder under `functions/`: the last segment of `CodeUri`.
    pub name: String,
    /// The name that AWS shows.
    pub function_name: String,
    /// Its ARN.
    pub arn: String,
    /// Environment variables.
    pub env: BTreeMap<String, String>,
    /// Time allowed to one invocation, in seconds.
    pub timeout_s: u32,
    /// Inline statements of its role.
    pub statements: Vec<Statement>,
    /// What invokes it, by template; Cognito triggers are in [`UserPoolPlan`].
    pub events: Vec<EventSource>,
}

/// One event source of a function.
#[derive(Debug, Clone, PartialEq)]
pub enum EventSource {
    /// An SQS event source mapping.
    Sqs {
        /// `FunctionLogicalId/EventName`, stable over restarts.
        id: String,
        /// The queue that is polled.
        queue_arn: String,
        /// Messages of one invocation at most.
        batch_size: u32,
        /// Whether the function answers `batchItemFailures`.
        report_item_failures: bool,
    },
    /// A DynamoDB stream event source mapping, from the start of the stream.
    Stream {
        /// `FunctionLogicalId/EventName`, stable over restarts: the position is kept under it.
        id: String,
        /// The table's physical name.
        table: String,
        /// The stream's ARN.
        stream_arn: String,
        /// Records of one invocation at most.
        batch_size: u32,
        /// Whether the function answers `batchItemFailures`.
        report_item_failures: bool,
        /// Retries of a failing batch; none = for ever.
        max_retries: Option<u32>,
        /// Whether a failing batch is cut in halves.
        bisect: bool,
        /// The bucket that gets what was given up.
        on_failure_bucket_arn: Option<String>,
        /// What a record must match one of to be handed over; none = every record.
        filters: Vec<serde_json::Value>,
    },
    /// A route of the HTTP API, payload format 2.0.
    Http {
        /// `FunctionLogicalId/EventName`.
        id: String,
        /// Upper-case method.
        method: String,
        /// Path without parameters.
        path: String,
    },
}

/// One DynamoDB table.
#[derive(Debug, Clone, PartialEq)]
pub struct TablePlan {
    /// Its name in the template.
    pub logical_id: String,
    /// The table name.
    pub name: String,
    /// Its ARN.
    pub arn: String,
    /// Partition key.
    pub partition_key: KeyAttribute,
    /// Sort key.
    pub sort_key: Option<KeyAttribute>,
    /// `NEW_IMAGE` and the like, when it has a stream.
    pub stream_view: Option<String>,
    /// The stream's ARN, when it has one.
    pub stream_arn: Option<String>,
    /// The attribute that holds the expiry in epoch seconds.
    pub ttl_attribute: Option<String>,
    /// The KMS key that it is under; `None`: one of DynamoDB's own, which asks nobody.
    pub key_arn: Option<String>,
}

/// A key attribute of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyAttribute {
    /// Attribute name.
    pub name: String,
    /// `S`, `N` or `B`.
    pub kind: String,
}

/// One SNS topic.
#[derive(Debug, Clone, PartialEq)]
pub struct TopicPlan {
    /// Its name in the template.
    pub logical_id: String,
    /// The topic name.
    pub name: String,
    /// Its ARN.
    pub arn: String,
}

/// One subscription of a queue to a topic.
#[derive(Debug, Clone, PartialEq)]
pub struct SubscriptionPlan {
    /// Its name in the template.
    pub logical_id: String,
    /// The topic.
    pub topic_arn: String,
    /// The queue.
    pub queue_arn: String,
    /// Whether the body arrives as published.
    pub raw: bool,
    /// Which messages arrive.
    pub filter_policy: Option<Value>,
    /// What of a message the policy looks at.
    pub filter_scope: FilterScope,
    /// The queue that gets what could not be delivered.
    pub dead_letter_arn: Option<String>,
}

/// One SQS queue.
#[derive(Debug, Clone, PartialEq)]
pub struct QueuePlan {
    /// Its name in the template.
    pub logical_id: String,
    /// The queue name.
    pub name: String,
    /// Its ARN.
    pub arn: String,
    /// Its URL.
    pub url: String,
    /// Seconds that a received message stays hidden.
    pub visibility_s: u32,
    /// Seconds that a sent message stays hidden.
    pub delay_s: u32,
    /// Seconds that a message is kept.
    pub retention_s: u32,
    /// Where a message goes that was received too often.
    pub redrive: Option<RedrivePlan>,
    /// What makes it a FIFO queue.
    pub fifo: Option<Fifo>,
    /// The queue policy document, resolved.
    pub policy: Option<Value>,
    /// The statements of that document.
    pub policy_statements: Vec<Statement>,
}

/// The redrive of a queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RedrivePlan {
    /// The dead-letter queue.
    pub dead_letter_arn: String,
    /// Receives allowed.
    pub max_receives: u32,
}

/// One event bus.
#[derive(Debug, Clone, PartialEq)]
pub struct BusPlan {
    /// Its name in the template.
    pub logical_id: String,
    /// The bus name.
    pub name: String,
    /// Its ARN.
    pub arn: String,
}

/// One rule on a bus.
#[derive(Debug, Clone, PartialEq)]
pub struct RulePlan {
    /// Its name in the template.
    pub logical_id: String,
    /// The rule name.
    pub name: String,
    /// Its ARN.
    pub arn: String,
    /// The bus name.
    pub bus: String,
    /// Event pattern.
    pub pattern: Value,
    /// Queues that matching events go to.
    pub targets: Vec<TargetPlan>,
}

/// One target of a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TargetPlan {
    /// Its id within the rule.
    pub id: String,
    /// The queue.
    pub queue_arn: String,
    /// The queue that gets what could not be delivered.
    pub dead_letter_arn: Option<String>,
}

/// One S3 bucket.
#[derive(Debug, Clone, PartialEq)]
pub struct BucketPlan {
    /// Its name in the template.
    pub logical_id: String,
    /// The bucket name.
    pub name: String,
    /// Its ARN.
    pub arn: String,
    /// The KMS key that its objects are under; `None`: S3's own, which asks nobody.
    pub key_arn: Option<String>,
}

/// One KMS key.
#[derive(Debug, Clone, PartialEq)]
pub struct KeyPlan {
    /// Its name in the template.
    pub logical_id: String,
    /// The key id: a UUID made from the logical id, so that it is the same at every start.
    pub id: String,
    /// Its ARN.
    pub arn: String,
    /// What it is for.
    pub usage: KeyUsage,
    /// Aliases, each with its `alias/` prefix.
    pub aliases: Vec<String>,
}

/// What a KMS key is for; the pair is its key spec, too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyUsage {
    /// `SYMMETRIC_DEFAULT`, `ENCRYPT_DECRYPT`.
    Encrypt,
    /// `RSA_2048`, `SIGN_VERIFY`.
    Sign,
}

impl Plan {
    /// The function of that logical id.
    #[must_use]
    pub fn function(&self, logical_id: &str) -> Option<&FunctionPlan> {
        self.functions.iter().find(|function| function.logical_id == logical_id)
    }

    /// The queue of that logical id.
    #[must_use]
    pub fn queue(&self, logical_id: &str) -> Option<&QueuePlan> {
        self.queues.iter().find(|queue| queue.logical_id == logical_id)
    }

    /// The queue of that ARN.
    #[must_use]
    pub fn queue_by_arn(&self, arn: &str) -> Option<&QueuePlan> {
        self.queues.iter().find(|queue| queue.arn == arn)
    }

    /// The table of that logical id.
    #[must_use]
    pub fn table(&self, logical_id: &str) -> Option<&TablePlan> {
        self.tables.iter().find(|table| table.logical_id == logical_id)
    }

    /// The topic of that logical id.
    #[must_use]
    pub fn topic(&self, logical_id: &str) -> Option<&TopicPlan> {
        self.topics.iter().find(|topic| topic.logical_id == logical_id)
    }

    /// The bus of that logical id.
    #[must_use]
    pub fn bus(&self, logical_id: &str) -> Option<&BusPlan> {
        self.buses.iter().find(|bus| bus.logical_id == logical_id)
    }

    /// The state machine of that logical id.
    #[must_use]
    pub fn state_machine(&self, logical_id: &str) -> Option<&StateMachinePlan> {
        self.state_machines.iter().find(|machine| machine.logical_id == logical_id)
    }

    /// The schedule of that logical id.
    #[must_use]
    pub fn schedule(&self, logical_id: &str) -> Option<&SchedulePlan> {
        self.schedules.iter().find(|schedule| schedule.logical_id == logical_id)
    }

    /// The bucket of that logical id.
    #[must_use]
    pub fn bucket(&self, logical_id: &str) -> Option<&BucketPlan> {
        self.buckets.iter().find(|bucket| bucket.logical_id == logical_id)
    }

    /// The key of that logical id.
    #[must_use]
    pub fn key(&self, logical_id: &str) -> Option<&KeyPlan> {
        self.keys.iter().find(|key| key.logical_id == logical_id)
    }
}
