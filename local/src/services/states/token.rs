//! Task tokens: who waits, and a secret that nobody can guess.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use uuid::Uuid;

const CHARS_MAX: usize = 2_048;

/// Whom a token is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Bearer {
    /// The execution.
    pub execution: String,
    /// Which attempt of which of its tasks.
    pub attempt: u64,
}

/// A new token.
pub(super) fn write(execution: &str, attempt: u64, secret: Uuid) -> String {
    URL_SAFE_NO_PAD.encode(format!("{execution} {attempt} {}", secret.simple()))
}

/// Whom a token names, if it is one at all. Whether that one still waits for this very token is another question.
pub(super) fn read(token: &str) -> Option<Bearer> {
    if token.len() > CHARS_MAX {
        return None;
    }
    let text = String::from_utf8(URL_SAFE_NO_PAD.decode(token).ok()?).ok()?;
    let mut parts = text.split(' ');
    let (execution, attempt, secret) = (parts.next()?, parts.next()?, parts.next()?);
    Uuid::try_parse(secret).ok()?;
    let bearer = Bearer { execution: execution.to_owned(), attempt: attempt.parse().ok()? };
    parts.next().is_none().then_some(bearer)
}
