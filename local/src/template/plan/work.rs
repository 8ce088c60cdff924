//! The part of a plan that acts by itself: state machines, schedules, and the roles that schedules act under.

use super::Statement;

/// One state machine.
#[derive(Debug, Clone, PartialEq)]
pub struct StateMachinePlan {
    /// Its name in the template: also the principal under which its tasks are done.
    pub logical_id: String,
    /// The name that AWS shows.
    pub name: String,
    /// Its ARN.
    pub arn: String,
    /// Its definition, with every substitution done.
    pub definition: String,
    /// Inline statements of its role.
    pub statements: Vec<Statement>,
}

/// One schedule.
#[derive(Debug, Clone, PartialEq)]
pub struct SchedulePlan {
    /// Its name in the template.
    pub logical_id: String,
    /// The name that AWS shows.
    pub name: String,
    /// Its ARN.
    pub arn: String,
    /// When it is due, in UTC.
    pub expression: String,
    /// The queue that it sends to.
    pub queue_arn: String,
    /// Logical id of the role that it sends under.
    pub role: String,
    /// The ARN of that role.
    pub role_arn: String,
    /// What it sends.
    pub input: String,
    /// The queue that gets what could not be delivered.
    pub dead_letter_arn: Option<String>,
}

/// One role.
#[derive(Debug, Clone, PartialEq)]
pub struct RolePlan {
    /// Its name in the template: also the principal that acts under it.
    pub logical_id: String,
    /// Its ARN.
    pub arn: String,
    /// Who may take it on: its trust policy.
    pub trust: Vec<Statement>,
    /// Its inline statements.
    pub statements: Vec<Statement>,
}
