//! What leaves a boundary: milestone events, messages on queues and topics, and their schemas.
//!
//! It must not know how anything is stored or sent. Everything here is read by others, so it only ever grows.

pub mod commits;
pub mod jobs;
pub mod milestones;
pub mod tasks;
