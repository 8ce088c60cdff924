//! ClearBank: sends signed webhooks and wants each one acknowledged with a signed answer.
//!
//! An unacknowledged webhook is sent again every 15 minutes for 24 hours, the same bytes each time.

mod bank;
mod delivery;
mod kept;
mod key;
mod payment;

pub use crate::delivery::{Deliver, NoAnswer};
pub use bank::{Bank, BankError};
pub use delivery::{Delivery, Endpoint, Outcome, ReplyKey, RetryReason};
pub use key::KeyError;
pub use payment::{Direction, Form, Payment, test_event_body};
