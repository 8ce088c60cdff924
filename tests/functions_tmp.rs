//! Temporary.
mod functions;
mod support;
