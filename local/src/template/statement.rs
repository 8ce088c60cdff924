//! Policy statements: their form here, and their reading from a policy document.
//!
//! What the local evaluation cannot decide is refused by name: a condition that is silently ignored would be a
//! permission that nobody gave.

use super::read::Node;

/// One statement of a policy document.
#[derive(Debug, Clone, PartialEq)]
pub struct Statement {
    /// Its name, when it has one.
    pub sid: Option<String>,
    /// Whether it allows or denies.
    pub effect: Effect,
    /// Service principals (`sns.amazonaws.com`) of a resource policy; empty in an identity statement.
    pub services: Vec<String>,
    /// Actions, with wildcards.
    pub actions: Vec<String>,
    /// Resource ARNs, with wildcards.
    pub resources: Vec<String>,
    /// Conditions, all of which must hold.
    pub conditions: Vec<Condition>,
}

/// What a statement does when it matches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// Allows, unless another statement denies.
    Allow,
    /// Denies, whatever else allows.
    Deny,
}

/// One condition: operator, key and accepted values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Condition {
    /// How values are compared.
    pub operator: ConditionOperator,
    /// The condition key, e.g. `aws:SourceArn`.
    pub key: String,
    /// Any of these is enough.
    pub values: Vec<String>,
}

/// The comparisons that the local evaluation knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConditionOperator {
    /// `StringEquals`.
    StringEquals,
    /// `StringLike`.
    StringLike,
    /// `ArnEquals`; like IAM's it accepts wildcards.
    ArnEquals,
    /// `ArnLike`.
    ArnLike,
}

/// The condition keys that can be decided here; what ends in `:` begins the keys of an encryption context.
///
/// `kms:ViaService` is present when S3 or DynamoDB asks KMS for its caller.
pub const CONDITION_KEYS: [&str; 4] =
    ["aws:SourceAccount", "aws:SourceArn", "kms:ViaService", "kms:EncryptionContext:"];

/// Whose statements these are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Holder {
    /// A function's role.
    Role,
    /// A queue, which names services as principals.
    Queue,
    /// A role's trust policy, which names services as principals and is about the role itself.
    Trust,
}

/// Reads the statements of a policy document.
pub(super) fn read(document: &Node<'_>, holder: Holder) -> Vec<Statement> {
    for (key, node) in document.entries() {
        match key {
            "Version" if node.optional_text().as_deref() == Some("2012-10-17") => {}
            "Version" => node.refuse("must be '2012-10-17': policy variables and wildcards differ before it"),
            "Statement" => {}
            _ => node.refuse("is not part of a policy document"),
        }
    }
    if document.get("Version").value.is_none() {
        document.get("Version").refuse("is missing");
    }
    document.get("Statement").items().iter().map(|statement| read_statement(statement, holder)).collect()
}

fn read_statement(node: &Node<'_>, holder: Holder) -> Statement {
    for (key, node) in node.entries() {
        match (key, holder) {
            ("Sid" | "Effect" | "Action" | "Condition", _)
            | ("Resource", Holder::Role | Holder::Queue)
            | ("Principal", Holder::Queue | Holder::Trust) => {}
            ("Resource", Holder::Trust) => node.refuse("a trust policy is about its own role"),
            ("Principal", Holder::Role) => node.refuse("an identity statement has no principal"),
            _ => node.refuse("is not among the statement elements that are evaluated here"),
        }
    }
    let effect = match node.get("Effect").text().as_str() {
        "Allow" => Effect::Allow,
        "Deny" => Effect::Deny,
        other => {
            node.get("Effect").refuse(format!("{other:?} is neither Allow nor Deny"));
            Effect::Deny
        }
    };
    let principal = node.get("Principal");
    for (key, other) in principal.entries() {
        if key != "Service" {
            other.refuse("only service principals are evaluated here");
        }
    }
    let services = principal.get("Service").texts();
    if holder != Holder::Role && services.is_empty() {
        principal.refuse("must name a service");
    }
    Statement {
        sid: node.get("Sid").optional_text(),
        effect,
        services,
        actions: patterns(&node.get("Action")),
        resources: match holder {
            Holder::Role | Holder::Queue => patterns(&node.get("Resource")),
            Holder::Trust => vec!["*".to_owned()],
        },
        conditions: node
            .get("Condition")
            .entries()
            .iter()
            .flat_map(|(operator, keys)| conditions(operator, keys))
            .collect(),
    }
}

fn patterns(node: &Node<'_>) -> Vec<String> {
    let texts = node.texts();
    if texts.is_empty() {
        node.refuse("is missing or empty");
    }
    if texts.iter().any(|text| text.contains("${")) {
        node.refuse("policy variables are not evaluated here");
    }
    texts
}

fn conditions(operator: &str, keys: &Node<'_>) -> Vec<Condition> {
    let operator = match operator {
        "StringEquals" => ConditionOperator::StringEquals,
        "StringLike" => ConditionOperator::StringLike,
        "ArnEquals" => ConditionOperator::ArnEquals,
        "ArnLike" => ConditionOperator::ArnLike,
        _ => {
            keys.refuse("is not among the condition operators that are evaluated here");
            return Vec::new();
        }
    };
    let condition = |(key, values): (&str, Node<'_>)| {
        let known = |it: &&str| if it.ends_with(':') { key.starts_with(*it) } else { *it == key };
        if !CONDITION_KEYS.iter().any(known) {
            values.refuse(format!("is not among the condition keys that are evaluated here: {CONDITION_KEYS:?}"));
        }
        Condition { operator, key: key.to_owned(), values: patterns(&values) }
    };
    keys.entries().into_iter().map(condition).collect()
}
