//! The use cases over a store, a vault and a clock in memory.

mod balancing;
mod chain;
mod freezing;
mod opening;
mod paying;
mod saving;
mod starting;
mod suspense;
mod world;
