use domain::ids::{ApplicationId, CustomerId};
use uuid::Uuid;

use crate::executions::ExecutionId;

/// What the workflow is called among permits.
pub const WORKFLOW: &str = "onboarding";

/// The name of an application's execution: it follows from the application, so that it is started once.
#[must_use]
pub fn execution_name(customer: Uuid, application: Uuid) -> String {
    ExecutionId { customer: CustomerId::new(customer), application: ApplicationId::new(application) }.to_string()
}
