//! The event store of production, over the embedded DynamoDB, through the real SDK.

mod appends;
mod bank_costs;
mod commits;
mod costs;
pub mod lost_answers;
mod operations;
mod races;
mod skew;
mod states;
mod waiting;
pub mod world;
