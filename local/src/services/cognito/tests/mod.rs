//! The pool through the real AWS SDK, over a socket.

mod errors;
mod flow;
mod harness;
mod removal;
mod staff;
mod triggers;
