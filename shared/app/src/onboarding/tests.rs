//! The use cases over a store, a vault, a provider and workflows in memory.

mod checking;
mod permits;
mod submitting;
mod waiting;
mod waits;
mod welcoming;
pub(crate) mod world;
