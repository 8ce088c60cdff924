//! Who may do what: the question that every service asks before it acts.
//!
//! The answer comes from the template's statements and queue policies; the services only know this border.

/// What a request brings that conditions look at: condition keys with their values.
pub type Facts<'a> = &'a [(&'a str, &'a str)];

/// Decides on identity statements and on resource policies.
pub trait Authorizer: Send + Sync {
    /// May `principal` (the access key id of the caller, a function's logical id) do `action`
    /// (`dynamodb:PutItem`) on `resource` (an ARN, or `*` where the action names none)?
    ///
    /// # Errors
    /// [`Denied`] when no statement allows it or one denies it.
    fn allow(&self, principal: &str, action: &str, resource: &str) -> Result<(), Denied> {
        self.allow_given(principal, action, resource, &[])
    }

    /// The same, where the request brings something that conditions look at.
    ///
    /// # Errors
    /// As [`Authorizer::allow`].
    fn allow_given(&self, principal: &str, action: &str, resource: &str, facts: Facts<'_>) -> Result<(), Denied>;

    /// May the AWS service `service` (`sns.amazonaws.com`), acting for `source_arn` (a topic or a rule), do `action`
    /// (`sqs:SendMessage`) on `resource`? This is the resource's own policy: without one, nobody may.
    ///
    /// # Errors
    /// [`Denied`] when the resource's policy does not allow it.
    fn allow_service(&self, service: &str, action: &str, resource: &str, source_arn: &str) -> Result<(), Denied>;
}

/// A refusal, in the words that AWS uses.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Denied {
    message: String,
}

impl Denied {
    /// A refusal of `action` on `resource` for `principal`, with the `reason` at its end
    /// ("because no identity-based policy allows the … action").
    #[must_use]
    pub fn new(principal: &str, action: &str, resource: &str, reason: &str) -> Self {
        Self {
            message: format!(
                "User: {principal} is not authorized to perform: {action} on resource: {resource} {reason}"
            ),
        }
    }

    /// The refusal's text.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }
}

/// Allows everything: for the owner's own tools and for tests that are not about permissions.
#[derive(Debug, Clone, Copy, Default)]
pub struct AllowAll;

impl Authorizer for AllowAll {
    fn allow_given(&self, _principal: &str, _action: &str, _resource: &str, _facts: Facts<'_>) -> Result<(), Denied> {
        Ok(())
    }

    fn allow_service(&self, _service: &str, _action: &str, _resource: &str, _source_arn: &str) -> Result<(), Denied> {
        Ok(())
    }
}
