//! Temporary.
mod contracts;
mod journeys;
mod refusals;
mod repeats;
mod support;
mod suspense;
mod tidy;
