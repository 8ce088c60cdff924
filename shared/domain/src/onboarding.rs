//! Applications: how somebody becomes a customer.

pub mod application;
pub mod content;
pub mod country;
pub mod eligibility;
pub mod run;

pub use crate::moment::Moment;
