//! Onfido (today Entrust IDV), API version 3.6: keeps applicants and workflow runs, and says in signed webhooks how runs ended.
//!
//! Formats are those of the provider's OpenAPI document: workflow runs, applicants, errors, webhook payloads of version 3. What it
//! does not say is assumed here and marked as such.

mod api;
mod checks;
mod delivery;
mod kept;
mod log;
mod model;
mod monitors;
mod payload;
mod provider;

pub use delivery::{Delivery, Endpoint, Outcome};
pub use log::Call;
pub use model::{Run, Status, Verdict};
pub use provider::{Fault, Onfido, OnfidoError};
