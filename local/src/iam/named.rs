//! Statements with names that stay: the template's own, and those that SAM writes for event sources and routes.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::atomic::{AtomicBool, Ordering},
};

use super::{Follower, Part, Request, matching, notes, part::IMPLIED};
use crate::template::{Condition, ConditionOperator, Effect, EventSource, FunctionPlan, Plan, Statement};

/// What the event source mapping of a queue does as its function. SAM gives this by a managed policy of its own;
/// here it reaches this one queue only.
pub const QUEUE_SOURCE_ACTIONS: [&str; 3] = ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"];

/// What the event source mapping of a stream does as its function.
pub const STREAM_SOURCE_ACTIONS: [&str; 4] =
    ["dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator", "dynamodb:ListStreams"];

/// Statements by who holds them.
pub(super) type Held = BTreeMap<String, Vec<Named>>;

/// A statement with its name.
#[derive(Debug)]
pub(super) struct Named {
    name: String,
    pub statement: Statement,
    /// What is left of it after something was taken out: actions and resources by their places.
    missing: BTreeSet<Place>,
    used: Vec<AtomicBool>,
}

/// One action and one resource of a statement, by their numbers.
pub(super) type Place = (usize, usize);

impl Named {
    fn new(name: String, statement: Statement) -> Self {
        let used = statement.actions.iter().flat_map(|_| statement.resources.iter().map(|_| AtomicBool::new(false)));
        Self { name, missing: BTreeSet::new(), used: used.collect(), statement }
    }

    fn part(&self, (action, resource): Place) -> Part {
        let text = |list: &[String], index: usize| list.get(index).cloned();
        Part {
            statement: self.name.clone(),
            action: text(&self.statement.actions, action),
            resource: text(&self.statement.resources, resource),
        }
    }

    fn places(&self) -> impl Iterator<Item = Place> + use<> {
        let resources = self.statement.resources.len();
        (0..self.statement.actions.len()).flat_map(move |action| (0..resources).map(move |resource| (action, resource)))
    }

    /// By which action and resource it speaks of the request, if it does.
    pub fn covers(&self, request: Request<'_>) -> Option<Place> {
        self.speaks_of(request).filter(|place| !self.missing.contains(place))
    }

    /// What of it was taken out that would have allowed the request.
    pub fn would_allow(&self, request: Request<'_>) -> Option<Part> {
        let place = self.speaks_of(request).filter(|place| self.missing.contains(place));
        place.filter(|_| self.statement.effect == Effect::Allow).map(|place| self.part(place))
    }

    fn speaks_of(&self, request: Request<'_>) -> Option<Place> {
        let it = &self.statement;
        // A resource's policy names services, an identity's names nobody.
        let meant = it.services.is_empty() || it.services.iter().any(|service| service == request.principal);
        if !meant || !matching::conditions(it, request.facts) {
            return None;
        }
        let matches = |place: &Place| {
            let action = it.actions.get(place.0).is_some_and(|action| matching::action(action, request.action));
            action && it.resources.get(place.1).is_some_and(|resource| matching::arn(resource, request.resource))
        };
        let mut matching = self.places().filter(matches);
        let first = matching.next();
        // Of several that match, one that is still there decides.
        matching.chain(first).find(|place| !self.missing.contains(place)).or(first)
    }

    /// Notes that it decided a request.
    pub fn used(&self, place: Place, request: Request<'_>, follower: &Follower) {
        if let Some(watch) = &follower.watch {
            watch.used(self.part(place), request.action, request.resource);
        }
        let index = place.0.saturating_mul(self.statement.resources.len()).saturating_add(place.1);
        let is_new = self.used.get(index).is_some_and(|used| !used.swap(true, Ordering::Relaxed));
        if is_new && follower.notes {
            notes::add(&self.part(place));
        }
    }
}

/// Takes parts out of statements.
pub(super) fn take_out(held: &mut [Named], parts: &[Part]) {
    for named in held {
        let gone = |place: &Place| parts.iter().any(|part| part.holds(&named.part(*place)));
        named.missing = named.places().filter(gone).collect();
    }
}

/// The smallest parts of every statement that a template writes itself.
#[must_use]
pub fn parts(plan: &Plan) -> Vec<Part> {
    every_part(plan).into_iter().filter(|part| !part.is_implied()).collect()
}

/// The smallest parts of the statements that SAM writes for event sources and routes.
#[must_use]
pub fn implied_parts(plan: &Plan) -> Vec<Part> {
    every_part(plan).into_iter().filter(Part::is_implied).collect()
}

fn every_part(plan: &Plan) -> Vec<Part> {
    let (identities, resources) = all(plan);
    let all = identities.values().chain(resources.values()).flatten();
    let mut seen = BTreeSet::new();
    all.flat_map(|named| named.places().map(|place| named.part(place))).filter(|it| seen.insert(it.clone())).collect()
}

/// Every statement of a plan: of those who act, and of what is acted on.
pub(super) fn all(plan: &Plan) -> (Held, Held) {
    let functions = plan.functions.iter().map(|function| (function.logical_id.clone(), identity(function)));
    let machines = plan.state_machines.iter().map(|it| (it.logical_id.clone(), list(&it.logical_id, &it.statements)));
    let roles = plan.roles.iter().map(|it| (it.logical_id.clone(), list(&it.logical_id, &it.statements)));
    let queues = plan.queues.iter().map(|queue| {
        let name = format!("{}.policy", queue.logical_id);
        (queue.arn.clone(), list(&name, &queue.policy_statements))
    });
    let trusts = plan.roles.iter().map(|it| (it.arn.clone(), list(&format!("{}.trust", it.logical_id), &it.trust)));
    let mut resources: Held = queues.chain(trusts).collect();
    for permission in &plan.permissions {
        let may = invocation(&permission.principal, &permission.function, &permission.source_arn);
        let named = Named::new(permission.logical_id.clone(), may);
        resources.entry(permission.function.clone()).or_default().push(named);
    }
    for function in &plan.functions {
        for event in &function.events {
            let EventSource::Http { id, method, path } = event else { continue };
            // SAM writes this permission for each HttpApi event.
            let source_arn = format!("arn:aws:execute-api:*:*:{}/*/{method}{path}", plan.api.id);
            let may = invocation("apigateway.amazonaws.com", &function.logical_id, &source_arn);
            let named = Named::new(format!("{IMPLIED}{id}"), may);
            resources.entry(function.logical_id.clone()).or_default().push(named);
        }
    }
    (functions.chain(machines).chain(roles).collect(), resources)
}

/// A function's own statements and what its event sources imply.
fn identity(function: &FunctionPlan) -> Vec<Named> {
    let implied = function.events.iter().filter_map(|event| {
        let (id, actions, resource) = match event {
            EventSource::Sqs { id, queue_arn, .. } => (id, QUEUE_SOURCE_ACTIONS.as_slice(), queue_arn),
            EventSource::Stream { id, stream_arn, .. } => (id, STREAM_SOURCE_ACTIONS.as_slice(), stream_arn),
            EventSource::Http { .. } => return None,
        };
        Some(Named::new(format!("{IMPLIED}{id}"), statement(actions, resource)))
    });
    list(&function.logical_id, &function.statements).into_iter().chain(implied).collect()
}

/// Statements named after their holder and their Sid, or their number where they have none of their own.
fn list(holder: &str, statements: &[Statement]) -> Vec<Named> {
    let mut seen = BTreeSet::new();
    let named = |(index, statement): (usize, &Statement)| {
        let own = statement.sid.clone().filter(|sid| seen.insert(sid.clone())).unwrap_or_else(|| index.to_string());
        Named::new(format!("{holder}/{own}"), statement.clone())
    };
    statements.iter().enumerate().map(named).collect()
}

fn statement(actions: &[&str], resource: &str) -> Statement {
    Statement {
        sid: None,
        effect: Effect::Allow,
        services: Vec::new(),
        actions: actions.iter().map(|&action| action.to_owned()).collect(),
        resources: vec![resource.to_owned()],
        conditions: Vec::new(),
    }
}

/// Who may invoke a function, as a statement of the function's own policy.
fn invocation(service: &str, function: &str, source_arn: &str) -> Statement {
    let source = Condition {
        operator: ConditionOperator::ArnLike,
        key: "aws:SourceArn".to_owned(),
        values: vec![source_arn.to_owned()],
    };
    let services = vec![service.to_owned()];
    Statement { services, conditions: vec![source], ..statement(&["lambda:InvokeFunction"], function) }
}
