//! The use cases of cases, over a store and a vault in memory.

mod cases;
mod texts;
