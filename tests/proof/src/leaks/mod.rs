//! Finds what was planted in the vault anywhere else: in tables, streams, queues, executions, objects and logs, in any form.

pub mod places;
pub mod search;
