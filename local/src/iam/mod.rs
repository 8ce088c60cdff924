//! Decides who may do what, from the template's own statements: what is missing there is refused here.
//!
//! Identity statements of functions, state machines and roles, policies of queues and of roles, and permissions to invoke
//! functions are evaluated as AWS does:
//! everything is denied until a statement allows it, and one that denies wins over all that allow.
//! It must not know what the functions do.

mod matching;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use crate::{
    services::{
        arn::ACCOUNT,
        authorizer::{Authorizer, Denied},
    },
    template::{Effect, EventSource, FunctionPlan, Plan, Statement},
};

/// The principal of the owner's own tools, which may do everything.
pub const OWNER: &str = "granary";

/// What the event source mapping of a queue does as its function. SAM gives this by a managed policy of its own;
/// here it reaches this one queue only.
const QUEUE_SOURCE_ACTIONS: [&str; 3] = ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"];

/// What the event source mapping of a stream does as its function.
const STREAM_SOURCE_ACTIONS: [&str; 4] =
    ["dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator", "dynamodb:ListStreams"];

/// Why a request is denied, in the words that AWS adds to its refusal.
const NO_IDENTITY_STATEMENT: &str = "because no identity-based policy allows the action";
const IDENTITY_DENY: &str = "with an explicit deny in an identity-based policy";
const NO_RESOURCE_STATEMENT: &str = "because no resource-based policy allows the action";
const RESOURCE_DENY: &str = "with an explicit deny in a resource-based policy";

/// All statements of a template, ready to be asked.
#[derive(Debug, Clone, Default)]
pub struct Policies {
    identities: BTreeMap<String, Vec<Statement>>,
    /// A queue's policy, a role's trust policy.
    resources: BTreeMap<String, Vec<Statement>>,
    invocations: BTreeMap<String, Vec<Invocation>>,
}

/// Someone who may invoke a function.
#[derive(Debug, Clone)]
struct Invocation {
    service: String,
    source_arn: String,
}

/// What a request brings that conditions look at.
#[derive(Debug, Clone, Copy, Default)]
struct Context<'a> {
    source_arn: Option<&'a str>,
    source_account: Option<&'a str>,
}

/// What the statements say about a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    Allowed,
    Denied,
    Silent,
}

impl Policies {
    /// The policies of a template.
    #[must_use]
    pub fn new(plan: &Plan) -> Self {
        let functions = plan.functions.iter().map(|function| (function.logical_id.clone(), identity(function)));
        let machines = plan.state_machines.iter().map(|it| (it.logical_id.clone(), it.statements.clone()));
        let roles = plan.roles.iter().map(|role| (role.logical_id.clone(), role.statements.clone()));
        let identities = functions.chain(machines).chain(roles);
        let queues = plan.queues.iter().map(|queue| (queue.arn.clone(), queue.policy_statements.clone()));
        let resources = queues.chain(plan.roles.iter().map(|role| (role.arn.clone(), role.trust.clone())));
        let mut invocations: BTreeMap<String, Vec<Invocation>> = BTreeMap::new();
        for permission in &plan.permissions {
            let service = permission.principal.clone();
            let invocation = Invocation { service, source_arn: permission.source_arn.clone() };
            invocations.entry(permission.function.clone()).or_default().push(invocation);
        }
        for route in &plan.api.routes {
            // SAM writes this permission for each HttpApi event.
            let source_arn = format!("arn:aws:execute-api:*:*:{}/*", plan.api.id);
            let invocation = Invocation { service: "apigateway.amazonaws.com".to_owned(), source_arn };
            invocations.entry(route.function.clone()).or_default().push(invocation);
        }
        Self { identities: identities.collect(), resources: resources.collect(), invocations }
    }

    /// May this service invoke that function for that resource?
    ///
    /// # Errors
    /// [`Denied`] when no permission of the template says so.
    pub fn allow_invoke(&self, service: &str, function: &str, source_arn: &str) -> Result<(), Denied> {
        let allowed = self.invocations.get(function).is_some_and(|invocations| {
            invocations.iter().any(|it| it.service == service && matching::arn(&it.source_arn, source_arn))
        });
        let denied = || Denied::new(service, "lambda:InvokeFunction", function, NO_RESOURCE_STATEMENT);
        if allowed { Ok(()) } else { Err(denied()) }
    }
}

impl Authorizer for Policies {
    fn allow(&self, principal: &str, action: &str, resource: &str) -> Result<(), Denied> {
        if principal == OWNER {
            return Ok(());
        }
        let statements = self.identities.get(principal).map(Vec::as_slice).unwrap_or_default();
        let reason = match verdict(statements, action, resource, Context::default()) {
            Verdict::Allowed => return Ok(()),
            Verdict::Denied => IDENTITY_DENY,
            Verdict::Silent => NO_IDENTITY_STATEMENT,
        };
        Err(Denied::new(principal, action, resource, reason))
    }

    fn allow_service(&self, service: &str, action: &str, resource: &str, source_arn: &str) -> Result<(), Denied> {
        let statements = self.resources.get(resource).map(Vec::as_slice).unwrap_or_default();
        let meant: Vec<Statement> =
            statements.iter().filter(|statement| statement.services.iter().any(|it| it == service)).cloned().collect();
        let reason = match verdict(
            &meant,
            action,
            resource,
            Context { source_arn: Some(source_arn), source_account: Some(ACCOUNT) },
        ) {
            Verdict::Allowed => return Ok(()),
            Verdict::Denied => RESOURCE_DENY,
            Verdict::Silent => NO_RESOURCE_STATEMENT,
        };
        Err(Denied::new(service, action, resource, reason))
    }
}

/// A function's own statements and what its event sources imply.
fn identity(function: &FunctionPlan) -> Vec<Statement> {
    let implied = function.events.iter().filter_map(|event| match event {
        EventSource::Sqs { queue_arn, .. } => Some(implied(&QUEUE_SOURCE_ACTIONS, queue_arn)),
        EventSource::Stream { stream_arn, .. } => Some(implied(&STREAM_SOURCE_ACTIONS, stream_arn)),
        EventSource::Http { .. } => None,
    });
    function.statements.iter().cloned().chain(implied).collect()
}

fn implied(actions: &[&str], resource: &str) -> Statement {
    Statement {
        sid: None,
        effect: Effect::Allow,
        services: Vec::new(),
        actions: actions.iter().map(|&action| action.to_owned()).collect(),
        resources: vec![resource.to_owned()],
        conditions: Vec::new(),
    }
}

fn verdict(statements: &[Statement], action: &str, resource: &str, context: Context<'_>) -> Verdict {
    let mut verdict = Verdict::Silent;
    for statement in statements {
        if !matching::statement(statement, action, resource, context) {
            continue;
        }
        match statement.effect {
            Effect::Deny => return Verdict::Denied,
            Effect::Allow => verdict = Verdict::Allowed,
        }
    }
    verdict
}
