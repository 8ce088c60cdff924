//! The event store of production, over the embedded DynamoDB, through the real SDK.

mod appends;
mod commits;
mod costs;
mod lost_answers;
mod operations;
mod races;
mod skew;
mod states;
mod world;
