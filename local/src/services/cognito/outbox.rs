//! The mails that would have gone out.

use serde::Serialize;

use super::{CognitoError, store::Db};

/// One mail.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Mail {
    /// Whom to.
    pub to: String,
    /// The subject.
    pub subject: String,
    /// The text.
    pub body: String,
    /// The code in it, so that nobody has to parse the text.
    pub code: Option<String>,
    /// When, as RFC 3339.
    pub sent_at: String,
}

/// Reads the mails of a pool.
#[derive(Debug, Clone)]
pub struct Outbox {
    db: Db,
}

impl Outbox {
    pub(super) fn new(db: Db) -> Self {
        Self { db }
    }

    /// The newest thousand, oldest first.
    ///
    /// # Errors
    /// When the table cannot be read.
    pub fn mails(&self) -> Result<Vec<Mail>, CognitoError> {
        self.db.mails()
    }
}
