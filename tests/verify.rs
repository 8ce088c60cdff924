//! `granary verify` finds whatever was done to history from outside.

mod altered;
mod history;
mod inserted;
mod removed;
mod unpublished;
