//! The whole bank, tested from outside: journeys, failures, the event store on the engine, every compiled function, tidiness.

mod clock;
mod contracts;
mod event_store;
mod functions;
mod journeys;
mod projections;
mod refusals;
mod repeats;
mod support;
mod suspense;
mod tidy;
mod trial_balance;
mod vault;
mod verify;
