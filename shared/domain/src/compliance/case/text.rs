use secrecy::{ExposeSecret as _, SecretString};

use crate::error::{Class, Classify};

/// How long a text may be, in characters.
pub const TEXT_CHARS_MAX: usize = 4000;

/// What is wrong with a text that somebody wrote about a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TextError {
    /// It says nothing.
    #[error("the text is empty")]
    Empty,
    /// It says too much.
    #[error("the text is longer than {TEXT_CHARS_MAX} characters")]
    TooLong,
}

impl Classify for TextError {
    fn class(&self) -> Class {
        match self {
            Self::Empty | Self::TooLong => Class::Invalid,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Empty => "TEXT_EMPTY",
            Self::TooLong => "TEXT_TOO_LONG",
        }
    }
}

/// Whether somebody may write this about a case.
///
/// # Errors
///
/// See [`TextError`].
pub fn check_text(text: &SecretString) -> Result<(), TextError> {
    let text = text.expose_secret();
    if text.trim().is_empty() {
        return Err(TextError::Empty);
    }
    if text.chars().count() > TEXT_CHARS_MAX {
        return Err(TextError::TooLong);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str) -> Result<(), TextError> {
        check_text(&SecretString::from(text))
    }

    #[test]
    fn a_text_has_between_one_and_four_thousand_characters() {
        assert_eq!(check("x"), Ok(()));
        assert_eq!(check(&"ö".repeat(TEXT_CHARS_MAX)), Ok(()));
        assert_eq!(check(&"ö".repeat(TEXT_CHARS_MAX + 1)), Err(TextError::TooLong));
    }

    #[test]
    fn a_text_of_nothing_but_space_is_empty() {
        for text in ["", " ", "\n\t \u{a0}"] {
            assert_eq!(check(text), Err(TextError::Empty), "{text:?}");
        }
    }
}
