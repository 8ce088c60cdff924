//! The whole bank, tested from outside: journeys, failures, the event store on the engine, every compiled function, tidiness.

mod clock;
mod compliance;
mod contracts;
mod custody;
mod erasure;
mod event_store;
mod functions;
mod journeys;
mod ledger_views;
mod onboarding;
mod permissions;
mod projections;
mod rebuild;
mod refusals;
mod repeats;
mod review_cases;
mod savings;
mod sign_ups;
mod support;
mod suspense;
mod tidy;
mod trial_balance;
mod vault;
mod verify;
