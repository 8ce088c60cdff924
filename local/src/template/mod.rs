//! Reads `infra/template.yaml`, the one description of the bank, into a [`Plan`] that the runner wires itself from.
//!
//! A template is either understood in full or refused in full: each property is executed, known to matter only to
//! deployment, or refused by its place. So nothing that is deployed can quietly be missing here.

mod build;
mod error;
pub mod lists;
mod load;
pub mod plan;
mod read;
mod resolve;
pub mod statement;
mod symbols;
#[cfg(test)]
pub(crate) mod tests;
mod yaml;

pub use error::{Refusal, TemplateError};
pub use load::{load, placeholders};
pub use plan::{
    ApiPlan, BucketPlan, BusPlan, EventSource, FunctionPlan, KeyAttribute, KeyPlan, KeyUsage, PasswordPolicy,
    PermissionPlan, Plan, Pseudo, QueuePlan, RedrivePlan, RolePlan, RoutePlan, RulePlan, SchedulePlan,
    StateMachinePlan, SubscriptionPlan, TablePlan, TargetPlan, TopicPlan, UserPoolClientPlan, UserPoolPlan,
};
pub use statement::{Condition, ConditionOperator, Effect, Statement};
