//! Questions to the schema, over views in memory.

mod answers;
mod backoffice;
mod fakes;
mod fresh;
mod onboarding;
mod refusals;
mod savings;
mod shape;
