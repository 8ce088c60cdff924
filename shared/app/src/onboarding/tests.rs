//! The use cases over a store, a vault, a provider and workflows in memory.

mod checking;
mod permits;
mod submitting;
mod waiting;
mod waits;
pub(crate) mod world;
