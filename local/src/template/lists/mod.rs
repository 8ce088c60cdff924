//! The three lists: what the local runner executes, what it leaves to deployment, and (everything else) what it refuses.
//!
//! They are data, so that the check, its tests and the table in `local/README.md` cannot disagree.

mod check;
mod data;
mod table;

pub(super) use check::{Used, check};
pub use data::{ATTRIBUTES, EVENT_PREFIX, GLOBALS, OUTPUT, PARAMETER, REFUSED, SECTIONS, TYPES};
pub use table::markdown;

/// One property of a type, by its path: `KeySchema[].KeyType`. `*` is any key, `**` is anything below.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Property {
    /// The path below `Properties`.
    pub path: &'static str,
    /// What becomes of it.
    pub handling: Handling,
}

/// What the local runner does with a property.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Handling {
    /// It acts on any valid value.
    Executed,
    /// It acts on these values and refuses others.
    ExecutedAs(&'static [&'static str]),
    /// It has no effect here, for this reason.
    DeployOnly(&'static str),
}

/// The listed properties of one resource type, or of another part of a template.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TypeList {
    /// The type: `AWS::SQS::Queue`.
    pub name: &'static str,
    /// Its properties, in the order of the documentation's table.
    pub properties: &'static [Property],
}

/// The list of a resource type.
#[must_use]
pub fn of_type(name: &str) -> Option<&'static TypeList> {
    TYPES.iter().find(|list| list.name == name)
}

/// Why something is refused, when it is refused on purpose rather than merely not listed.
#[must_use]
pub fn refusal(name: &str) -> Option<&'static str> {
    REFUSED.iter().find(|(refused, _)| *refused == name).map(|(_, why)| *why)
}
