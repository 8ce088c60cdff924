//! What a question finds, when it is not what the documentation says.

use std::fmt::Debug;

/// What was found.
#[derive(Debug)]
pub struct Finding(pub String);

impl Finding {
    /// In words.
    pub fn new(found: impl Into<String>) -> Self {
        Self(found.into())
    }
}

/// A call that failed although the documentation says that it works.
impl<E: std::error::Error + 'static> From<E> for Finding {
    fn from(error: E) -> Self {
        Self(lambda_kit::sqs::chain(&error))
    }
}

/// Whether something is what it must be.
pub fn same<A: PartialEq<B> + Debug, B: Debug>(what: &str, found: A, documented: B) -> Result<(), Finding> {
    if found == documented {
        return Ok(());
    }
    Err(Finding::new(format!("{what}: {found:?}, but documented is {documented:?}")))
}

/// Whether something holds.
pub fn holds(what: &str, it: bool) -> Result<(), Finding> {
    if it { Ok(()) } else { Err(Finding::new(format!("not so: {what}"))) }
}

/// The code that a call must be refused with.
pub fn refused<T, E>(what: &str, call: Result<T, E>, documented: &[&str]) -> Result<(), Finding>
where
    E: aws_sdk_sqs::error::ProvideErrorMetadata + Debug,
{
    match call {
        Ok(_) => Err(Finding::new(format!("{what}: it was not refused"))),
        Err(error) => {
            let code = error.code().unwrap_or_default().trim_start_matches("AWS.SimpleQueueService.");
            if documented.contains(&code) {
                return Ok(());
            }
            Err(Finding::new(format!("{what}: refused with {code:?}, but documented is {documented:?}")))
        }
    }
}
