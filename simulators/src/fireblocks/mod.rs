//! Fireblocks: keeps vault accounts, wallets and transactions behind an API that wants each request signed, and says in signed
//! webhooks of version 2 how transactions go on.
//!
//! Formats are those of the custodian's OpenAPI document and developer pages: accounts, wallets, addresses, transactions, request
//! tokens, idempotency, the detached JWS and the retries of webhooks. What they do not say is assumed here and marked as such.
//! Balances, and everything that goes out, are not played.

mod addresses;
mod api;
mod custodian;
mod delivery;
mod error;
mod kept;
mod key;
mod model;
mod payload;
mod request;
mod sending;

pub use custodian::{Fault, Fireblocks};
pub use delivery::{Delivery, Endpoint, Outcome};
pub use error::FireblocksError;
pub use model::{Confirm, Deposit, Status, Transaction};
