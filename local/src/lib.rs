//! The embedded default: runs `infra/template.yaml` in one process.
//!
//! It must not know the business: it executes the same functions, template and wire formats that AWS does.

pub mod cli;
pub mod dev;
pub mod engine;
pub mod iam;
pub mod runner;
pub mod services;
pub mod template;
