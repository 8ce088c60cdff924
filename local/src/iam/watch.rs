//! What a proof takes out of a bank's permissions, and what it sees of their use.

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use tokio::sync::Notify;

use super::Part;

/// Follows one bank.
#[derive(Debug, Default)]
pub struct Watch {
    taken_out: Vec<Part>,
    seen: Mutex<Seen>,
    news: Notify,
}

#[derive(Debug, Default)]
struct Seen {
    used: BTreeMap<Part, String>,
    denials: Vec<Denial>,
}

/// A request that was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Denial {
    /// Who asked.
    pub principal: String,
    /// For what.
    pub action: String,
    /// On what.
    pub resource: String,
    /// The refusal as the caller reads it.
    pub text: String,
    /// What was taken out that would have allowed it.
    pub missing: Option<Part>,
}

impl Watch {
    /// Of a bank without these parts.
    #[must_use]
    pub fn without(taken_out: Vec<Part>) -> Self {
        Self { taken_out, ..Self::default() }
    }

    /// What the bank is without.
    #[must_use]
    pub fn taken_out(&self) -> &[Part] {
        &self.taken_out
    }

    /// What was used, each with the first action and resource that it was used for.
    #[must_use]
    pub fn uses(&self) -> BTreeMap<Part, String> {
        self.seen().used.clone()
    }

    /// What was refused.
    #[must_use]
    pub fn denials(&self) -> Vec<Denial> {
        self.seen().denials.clone()
    }

    /// Waits for the first refusal for want of something in this part.
    pub async fn denial_for(&self, part: &Part) -> Denial {
        loop {
            let news = self.news.notified();
            let found =
                self.seen().denials.iter().find(|it| it.missing.as_ref().is_some_and(|it| part.holds(it))).cloned();
            if let Some(found) = found {
                return found;
            }
            news.await;
        }
    }

    pub(super) fn used(&self, part: Part, action: &str, resource: &str) {
        self.seen().used.entry(part).or_insert_with(|| format!("{action} on {resource}"));
    }

    pub(super) fn denied(&self, principal: &str, action: &str, resource: &str, text: &str, missing: Option<Part>) {
        let (principal, action, resource) = (principal.to_owned(), action.to_owned(), resource.to_owned());
        self.seen().denials.push(Denial { principal, action, resource, text: text.to_owned(), missing });
        self.news.notify_one();
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
