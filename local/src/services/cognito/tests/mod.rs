//! The pool through the real AWS SDK, over a socket.

mod errors;
mod flow;
mod harness;
mod staff;
mod triggers;
