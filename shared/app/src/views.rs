//! Read models: what queries answer from, a bounded number of reads each.
//!
//! Beside what is said of each, the pointer of its projection is read, once a second at most however many queries there are.

mod compliance;
mod identity;
mod ledger;
mod onboarding;
mod savings;

pub use compliance::*;
pub use identity::*;
pub use ledger::*;
pub use onboarding::*;
pub use savings::*;

/// A view and the stream version that it shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AtVersion<T> {
    /// The view.
    pub view: T,
    /// The stream's version.
    pub version: u32,
}

/// Which part of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageRequest {
    /// How many at most, 1 to [`PAGE_SIZE_MAX`].
    pub first: u16,
    /// The cursor after which it begins.
    pub after: Option<String>,
}

/// The longest page.
pub const PAGE_SIZE_MAX: u16 = 100;

/// A part of a list, newest first. Each item comes with its cursor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T> {
    /// The items.
    pub items: Vec<(String, T)>,
    /// Whether more follow.
    pub has_next: bool,
}
