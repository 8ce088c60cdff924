//! A part of a policy: one action of one statement on one resource, or more of it.

use std::{fmt, str::FromStr};

/// A statement, or what it says of one action, of one resource, or of one action on one resource.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Part {
    /// The statement's name: `Graphql/Commit`.
    pub statement: String,
    /// The action as it is written there; `None`: every one.
    pub action: Option<String>,
    /// The resource as it is written there; `None`: every one.
    pub resource: Option<String>,
}

/// Begins the name of a statement that SAM writes and the template does not.
pub(super) const IMPLIED: &str = "implied:";

/// What stands for every action or every resource in a part's text.
const EVERY: &str = "-";

impl Part {
    /// A whole statement.
    #[must_use]
    pub fn whole(statement: &str) -> Self {
        Self { statement: statement.to_owned(), action: None, resource: None }
    }

    /// One action on one resource.
    #[must_use]
    pub fn one(statement: &str, action: &str, resource: &str) -> Self {
        let (action, resource) = (Some(action.to_owned()), Some(resource.to_owned()));
        Self { statement: statement.to_owned(), action, resource }
    }

    /// Whether SAM writes it, and the template does not.
    #[must_use]
    pub fn is_implied(&self) -> bool {
        self.statement.starts_with(IMPLIED)
    }

    /// Whether the other part is in this one.
    #[must_use]
    pub fn holds(&self, other: &Self) -> bool {
        let within = |whole: &Option<String>, part: &Option<String>| whole.is_none() || whole == part;
        self.statement == other.statement
            && within(&self.action, &other.action)
            && within(&self.resource, &other.resource)
    }
}

/// As it is noted down: three columns apart by tabs.
impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = |it: &Option<String>| it.as_deref().unwrap_or(EVERY).to_owned();
        write!(f, "{}\t{}\t{}", self.statement, text(&self.action), text(&self.resource))
    }
}

/// A text that is no part.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a statement, an action and a resource apart by tabs")]
pub struct NoPart;

impl FromStr for Part {
    type Err = NoPart;

    fn from_str(text: &str) -> Result<Self, NoPart> {
        let mut columns = text.split('\t');
        let (Some(statement), Some(action), Some(resource), None) =
            (columns.next(), columns.next(), columns.next(), columns.next())
        else {
            return Err(NoPart);
        };
        let one = |text: &str| (text != EVERY).then(|| text.to_owned());
        Ok(Self { statement: statement.to_owned(), action: one(action), resource: one(resource) })
    }
}
