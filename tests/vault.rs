//! Personal data is in the vault, in the identity pool and in the raw-webhook bucket, and nowhere else. What resumes a workflow, or
//! opens an identity check, is where it must be and nowhere else.

mod erasure;
mod fingerprint;
mod journey;
mod judged;
mod keys;
mod leaks;
mod people;
pub mod tap;
mod watched;

use proof::leaks::{places, search};
