//! What clients see of what went wrong: a stable code, a text, and whether it may pass.

use std::fmt::{self, Debug};

use async_graphql::{ErrorExtensionValues, ServerError};
use domain::error::{Class, Classify};

use crate::answer::body;

/// The request makes no sense.
pub(crate) const BAD_INPUT: &str = "BAD_INPUT";
/// Nobody is signed in.
pub(crate) const UNAUTHENTICATED: &str = "UNAUTHENTICATED";
/// Whoever is signed in may not do that.
pub(crate) const FORBIDDEN: &str = "FORBIDDEN";
/// There is nothing there.
pub(crate) const NOT_FOUND: &str = "NOT_FOUND";
/// Somebody else was faster.
pub(crate) const CONFLICT: &str = "CONFLICT";
/// Asked too often.
pub(crate) const RATE_LIMITED: &str = "RATE_LIMITED";
/// It will pass.
pub(crate) const UNAVAILABLE: &str = "UNAVAILABLE";
/// Our mistake.
pub(crate) const INTERNAL: &str = "INTERNAL";

const INTERNAL_TEXT: &str = "something went wrong on our side";

/// Whether asking again may help.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Retry {
    /// The same request may succeed later.
    MayHelp,
    /// It will be refused again.
    WillNotHelp,
}

/// An error as a client sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiError {
    code: &'static str,
    message: String,
    retry: Retry,
}

impl ApiError {
    /// A refusal that stands.
    pub(crate) fn refused(code: &'static str, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), retry: Retry::WillNotHelp }
    }

    /// A refusal that passes by itself.
    pub(crate) fn not_yet(code: &'static str, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), retry: Retry::MayHelp }
    }

    /// What was asked for at a version is there, and what belongs to it has not come so far.
    pub(crate) fn behind() -> Self {
        Self::not_yet(CONFLICT, "this has not come as far as the version asked for; try again in a moment")
    }

    /// The request makes no sense.
    pub fn bad_input(message: impl Into<String>) -> Self {
        Self::refused(BAD_INPUT, message)
    }

    /// No token came with the request, or not one that lets anybody in.
    pub fn unauthenticated(message: impl Into<String>) -> Self {
        Self::refused(UNAUTHENTICATED, message)
    }

    /// A token came with the request, and whoever it speaks for may not do that.
    pub(crate) fn forbidden() -> Self {
        Self::refused(FORBIDDEN, "this is not for you")
    }

    /// There is nothing of that name.
    pub fn not_found(message: impl Into<String>) -> Self {
        Self::refused(NOT_FOUND, message)
    }

    /// Our mistake, of which the client learns nothing but the correlation id.
    pub(crate) fn internal(what: &dyn Debug) -> Self {
        tracing::error!(code = INTERNAL, error = ?what, "a request failed");
        Self::refused(INTERNAL, INTERNAL_TEXT)
    }

    /// The stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        self.code
    }

    /// The whole response to a request that does not get as far as a query.
    #[must_use]
    pub fn into_body(self, correlation_id: &str) -> String {
        body(None, vec![self.into_server_error()], correlation_id)
    }

    pub(crate) fn into_server_error(self) -> ServerError {
        let async_graphql::Error { message, source, extensions } = self.into();
        ServerError { message, source, locations: vec![], path: vec![], extensions }
    }
}

/// Every error of ours has a class, and the class alone decides what of it a client sees.
impl<E: Classify + fmt::Display + Debug> From<E> for ApiError {
    fn from(error: E) -> Self {
        let (outer, text) = match error.class() {
            Class::Rejected | Class::Invalid => return Self::refused(error.code(), error.to_string()),
            Class::Bug => return Self::internal(&error),
            Class::Conflict => (CONFLICT, "somebody else was faster; look again"),
            Class::Transient => (UNAVAILABLE, "not available right now; try again"),
            Class::Throttled => (RATE_LIMITED, "too much is being asked; try again later"),
        };
        tracing::warn!(code = error.code(), ?error, "a request did not go through");
        Self::not_yet(outer, text)
    }
}

impl From<ApiError> for async_graphql::Error {
    fn from(error: ApiError) -> Self {
        let mut extensions = ErrorExtensionValues::default();
        extensions.set("code", error.code);
        if error.retry == Retry::MayHelp {
            extensions.set("retryable", true);
        }
        Self { message: error.message, source: None, extensions: Some(extensions) }
    }
}

/// Gives an error what every error has: its code, and the id under which the request is found in the logs.
///
/// An error without a code is the GraphQL library's own: a document or a value that it cannot read.
pub(crate) fn finish(error: &mut ServerError, correlation_id: &str) {
    let extensions = error.extensions.get_or_insert_default();
    if extensions.get("code").is_none() {
        extensions.set("code", BAD_INPUT);
        error.message = unquoted(&error.message).to_owned();
    }
    extensions.set("correlationId", correlation_id);
}

/// The library's text without what it quotes, the value that it found or the line at which it stopped reading: these may be
/// somebody's own data.
fn unquoted(text: &str) -> &str {
    if text.trim_start().starts_with("--> ") {
        // As its parser prints: the place, the line, and at last what should have stood there.
        let last = text.lines().next_back().unwrap_or_default();
        return last.trim_start().strip_prefix("= ").unwrap_or("not a GraphQL document");
    }
    let end = [", found ", " does not contain the value "].into_iter().filter_map(|before| text.find(before)).min();
    end.and_then(|end| text.get(..end)).unwrap_or(text)
}
