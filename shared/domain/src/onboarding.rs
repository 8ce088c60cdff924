//! Applications: how somebody becomes a customer.

pub mod application;
pub mod content;
pub mod country;
pub mod eligibility;
mod moment;
pub mod run;

pub use moment::Moment;
