//! Decides who may do what, from the template's own statements: what is missing there is refused here.
//!
//! Identity statements of functions, state machines and roles, policies of queues and of roles, and permissions to invoke
//! functions are evaluated as AWS does:
//! everything is denied until a statement allows it, and one that denies wins over all that allow.
//! It must not know what the functions do.

mod matching;
mod named;
#[cfg(test)]
mod needed;
mod notes;
mod part;
#[cfg(test)]
mod tests;
mod watch;
#[cfg(test)]
mod watch_tests;

use std::{collections::BTreeMap, sync::Arc};

use crate::{
    services::{
        arn::ACCOUNT,
        authorizer::{Authorizer, Denied, Facts},
    },
    template::{Effect, Plan},
};
use named::Named;
pub use named::{QUEUE_SOURCE_ACTIONS, STREAM_SOURCE_ACTIONS, implied_parts, parts};
pub use notes::{FOLDER, read as read_notes};
pub use part::Part;
pub use watch::{Denial, Watch};

/// The principal of the owner's own tools, which may do everything.
pub const OWNER: &str = "granary";

/// Why a request is denied, in the words that AWS adds to its refusal.
const NO_IDENTITY_STATEMENT: &str = "because no identity-based policy allows the action";
const IDENTITY_DENY: &str = "with an explicit deny in an identity-based policy";
const NO_RESOURCE_STATEMENT: &str = "because no resource-based policy allows the action";
const RESOURCE_DENY: &str = "with an explicit deny in a resource-based policy";

/// All statements of a template, ready to be asked.
#[derive(Debug, Default)]
pub struct Policies {
    /// By the principal that holds them.
    identities: BTreeMap<String, Vec<Named>>,
    /// By the resource: a queue's policy, a role's trust policy, a function's permissions.
    resources: BTreeMap<String, Vec<Named>>,
    follower: Follower,
}

/// Who is told what a statement was used for.
#[derive(Debug, Default)]
struct Follower {
    watch: Option<Arc<Watch>>,
    notes: bool,
}

/// A request as statements see it.
#[derive(Debug, Clone, Copy)]
struct Request<'a> {
    principal: &'a str,
    action: &'a str,
    resource: &'a str,
    facts: Facts<'a>,
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
        let (identities, resources) = named::all(plan);
        Self { identities, resources, follower: Follower::default() }
    }

    /// Those of a bank that runs: without what is taken out of them, and with what they are used for noted down.
    #[must_use]
    pub fn of_a_bank(plan: &Plan, watch: Option<Arc<Watch>>) -> Self {
        let mut policies = Self::new(plan);
        if let Some(watch) = &watch {
            for held in policies.identities.values_mut().chain(policies.resources.values_mut()) {
                named::take_out(held, watch.taken_out());
            }
        }
        policies.follower = Follower { watch, notes: notes::wanted() };
        policies
    }

    /// May this service invoke that function for that resource?
    ///
    /// # Errors
    /// [`Denied`] when no permission of the template says so.
    pub fn allow_invoke(&self, service: &str, function: &str, source_arn: &str) -> Result<(), Denied> {
        self.allow_service(service, "lambda:InvokeFunction", function, source_arn)
    }

    fn decide(
        &self,
        held: Option<&Vec<Named>>,
        request: Request<'_>,
        [silent, denied]: [&str; 2],
    ) -> Result<(), Denied> {
        let held = held.map(Vec::as_slice).unwrap_or_default();
        let reason = match verdict(held, request, &self.follower) {
            Verdict::Allowed => return Ok(()),
            Verdict::Denied => denied,
            Verdict::Silent => silent,
        };
        let denied = Denied::new(request.principal, request.action, request.resource, reason);
        if let Some(watch) = &self.follower.watch {
            let missing = held.iter().find_map(|it| it.would_allow(request));
            watch.denied(request.principal, request.action, request.resource, denied.message(), missing);
        }
        Err(denied)
    }
}

impl Authorizer for Policies {
    fn allow_given(&self, principal: &str, action: &str, resource: &str, facts: Facts<'_>) -> Result<(), Denied> {
        if principal == OWNER {
            return Ok(());
        }
        let request = Request { principal, action, resource, facts };
        self.decide(self.identities.get(principal), request, [NO_IDENTITY_STATEMENT, IDENTITY_DENY])
    }

    fn allow_service(&self, service: &str, action: &str, resource: &str, source_arn: &str) -> Result<(), Denied> {
        let facts = [("aws:SourceArn", source_arn), ("aws:SourceAccount", ACCOUNT)];
        let request = Request { principal: service, action, resource, facts: &facts };
        self.decide(self.resources.get(resource), request, [NO_RESOURCE_STATEMENT, RESOURCE_DENY])
    }
}

fn verdict(held: &[Named], request: Request<'_>, follower: &Follower) -> Verdict {
    let mut allowed_by = None;
    for named in held {
        let Some(part) = named.covers(request) else { continue };
        match named.statement.effect {
            Effect::Deny => {
                named.used(part, request, follower);
                return Verdict::Denied;
            }
            // The first one that allows is the one that is used: a second one that allows the same is needed by nobody.
            Effect::Allow => allowed_by = allowed_by.or(Some((named, part))),
        }
    }
    let Some((named, part)) = allowed_by else { return Verdict::Silent };
    named.used(part, request, follower);
    Verdict::Allowed
}
