//! The names of things: one account, one region, the forms that AWS uses.

/// The only region.
pub const REGION: &str = "eu-west-1";
/// The only account.
pub const ACCOUNT: &str = "000000000000";
/// The label of every table's stream: fixed, so that a template can name a stream before its table exists.
pub const STREAM_LABEL: &str = "2026-01-01T00:00:00.000";

/// A table's ARN.
#[must_use]
pub fn table(name: &str) -> String {
    format!("arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/{name}")
}

/// The ARN of a table's stream.
#[must_use]
pub fn stream(table_name: &str) -> String {
    format!("{}/stream/{STREAM_LABEL}", table(table_name))
}

/// A queue's ARN.
#[must_use]
pub fn queue(name: &str) -> String {
    format!("arn:aws:sqs:{REGION}:{ACCOUNT}:{name}")
}

/// A queue's URL.
#[must_use]
pub fn queue_url(name: &str) -> String {
    format!("http://sqs.{REGION}.localhost/{ACCOUNT}/{name}")
}

/// A topic's ARN.
#[must_use]
pub fn topic(name: &str) -> String {
    format!("arn:aws:sns:{REGION}:{ACCOUNT}:{name}")
}

/// An event bus's ARN.
#[must_use]
pub fn bus(name: &str) -> String {
    format!("arn:aws:events:{REGION}:{ACCOUNT}:event-bus/{name}")
}

/// A rule's ARN.
#[must_use]
pub fn rule(bus_name: &str, name: &str) -> String {
    format!("arn:aws:events:{REGION}:{ACCOUNT}:rule/{bus_name}/{name}")
}

/// A schedule's ARN, in the group that every schedule is in.
#[must_use]
pub fn schedule(name: &str) -> String {
    format!("arn:aws:scheduler:{REGION}:{ACCOUNT}:schedule/default/{name}")
}

/// A state machine's ARN.
#[must_use]
pub fn state_machine(name: &str) -> String {
    format!("arn:aws:states:{REGION}:{ACCOUNT}:stateMachine:{name}")
}

/// A function's ARN.
#[must_use]
pub fn function(name: &str) -> String {
    format!("arn:aws:lambda:{REGION}:{ACCOUNT}:function:{name}")
}

/// The ARN of a route of an HTTP API, as its one stage calls a function.
#[must_use]
pub fn route(api_id: &str, method: &str, path: &str) -> String {
    format!("arn:aws:execute-api:{REGION}:{ACCOUNT}:{api_id}/$default/{method}{path}")
}

/// A role's ARN.
#[must_use]
pub fn role(name: &str) -> String {
    format!("arn:aws:iam::{ACCOUNT}:role/{name}")
}

/// A bucket's ARN.
#[must_use]
pub fn bucket(name: &str) -> String {
    format!("arn:aws:s3:::{name}")
}

/// An object's ARN.
#[must_use]
pub fn object(bucket_name: &str, key: &str) -> String {
    format!("arn:aws:s3:::{bucket_name}/{key}")
}

/// The ARN of what mails are sent from: a domain or an address.
#[must_use]
pub fn mail_identity(name: &str) -> String {
    format!("arn:aws:ses:{REGION}:{ACCOUNT}:identity/{name}")
}

/// A key's ARN.
#[must_use]
pub fn key(id: &str) -> String {
    format!("arn:aws:kms:{REGION}:{ACCOUNT}:key/{id}")
}

/// A key alias's ARN; `name` begins with `alias/`.
#[must_use]
pub fn alias(name: &str) -> String {
    format!("arn:aws:kms:{REGION}:{ACCOUNT}:{name}")
}

/// The last part of an ARN or of a queue URL: the name within its service.
#[must_use]
pub fn name(arn_or_url: &str) -> &str {
    arn_or_url.rsplit([':', '/']).next().unwrap_or(arn_or_url)
}
