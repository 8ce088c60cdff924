//! Questions to the schema, over views in memory.

mod answers;
mod fakes;
mod fresh;
mod onboarding;
mod refusals;
mod savings;
mod shape;
