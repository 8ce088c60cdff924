//! What the runner refuses, each with its place in the template.

use std::{cell::RefCell, collections::BTreeSet, fmt};

/// One thing in a template that the runner refuses.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Refusal {
    /// Where it stands: `Resources.X.Properties.Y`.
    pub path: String,
    /// Why it is refused.
    pub reason: String,
}

/// A template that the runner does not run, with everything that it refuses in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TemplateError {
    /// All refusals, sorted by place.
    pub refusals: Vec<Refusal>,
}

impl fmt::Display for TemplateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the template is refused:")?;
        self.refusals.iter().try_for_each(|refusal| write!(f, "\n  {}: {}", refusal.path, refusal.reason))
    }
}

impl std::error::Error for TemplateError {}

/// Collects refusals, so that one run names them all.
#[derive(Debug, Default)]
pub(super) struct Log(RefCell<BTreeSet<Refusal>>);

impl Log {
    /// Notes one refusal.
    pub(super) fn refuse(&self, path: impl Into<String>, reason: impl Into<String>) {
        self.0.borrow_mut().insert(Refusal { path: path.into(), reason: reason.into() });
    }

    /// An error, once anything was refused.
    pub(super) fn check(&self) -> Result<(), TemplateError> {
        let refusals: Vec<Refusal> = self.0.borrow().iter().cloned().collect();
        if refusals.is_empty() { Ok(()) } else { Err(TemplateError { refusals }) }
    }
}
