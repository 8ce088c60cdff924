//! The questions.

mod events;
mod fed;
mod fifo;
mod fifo_refusals;
mod filters;
mod queues;
mod refusals;
mod schedules;
mod states;
mod streams;
mod tokens;
mod topics;

use std::{future::Future, pin::Pin};

use super::{finding::Finding, target::Ask};

/// What a question comes to.
pub type Outcome = Pin<Box<dyn Future<Output = Result<(), Finding>> + Send>>;

/// One question.
pub struct Case {
    /// `area: what holds`.
    pub name: String,
    /// The page and section of the documentation that says so.
    pub page: &'static str,
    /// Those who share queues share a lane.
    pub lane: &'static str,
    /// Whether it takes minutes where time cannot be moved.
    pub slow: bool,
    /// Asks it.
    pub ask: Box<dyn Fn(Ask) -> Outcome + Send + Sync>,
}

/// A question that is a function.
fn case<F>(name: &str, page: &'static str, lane: &'static str, ask: fn(Ask) -> F) -> Case
where
    F: Future<Output = Result<(), Finding>> + Send + 'static,
{
    Case { name: name.to_owned(), page, lane, slow: false, ask: Box::new(move |it| Box::pin(ask(it))) }
}

/// Every question.
pub fn all() -> Vec<Case> {
    [
        filters::cases(),
        topics::cases(),
        events::cases(),
        schedules::cases(),
        queues::cases(),
        refusals::cases(),
        fifo::cases(),
        fifo_refusals::cases(),
        fed::cases(),
        streams::cases(),
        states::cases(),
        tokens::cases(),
    ]
    .into_iter()
    .flatten()
    .collect()
}
