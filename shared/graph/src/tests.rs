//! Questions to the schema, over views in memory.

mod answers;
mod fakes;
mod refusals;
mod shape;
