//! What a Lambda function is to those who run it: a name, and a start-up that gives a handler.

use std::{collections::BTreeMap, fmt, sync::Arc};

use aws_types::SdkConfig;
use bytes::Bytes;
use futures::future::BoxFuture;

/// Takes one event as JSON bytes and answers JSON bytes.
pub type Handler = Arc<dyn Fn(Bytes) -> BoxFuture<'static, Result<Bytes, FunctionError>> + Send + Sync>;

/// A failed invocation, as Lambda reports it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FunctionError {
    /// Lambda's `errorType`; Step Functions matches on it.
    pub error_type: String,
    /// Lambda's `errorMessage`; never holds personal data.
    pub message: String,
}

impl FunctionError {
    /// A failure of the given type.
    pub fn new(error_type: impl Into<String>, message: impl fmt::Display) -> Self {
        Self { error_type: error_type.into(), message: message.to_string() }
    }
}

impl fmt::Display for FunctionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.error_type, self.message)
    }
}

impl std::error::Error for FunctionError {}

impl From<EnvError> for FunctionError {
    fn from(error: EnvError) -> Self {
        Self::new("Configuration", error)
    }
}

/// The variables that the template gives a function. Read once, at start-up.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Env(BTreeMap<String, String>);

/// A variable that the template should have given.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the environment variable {name} is not set")]
pub struct EnvError {
    /// The variable's name.
    pub name: String,
}

impl Env {
    /// From names and values.
    pub fn new(variables: impl IntoIterator<Item = (String, String)>) -> Self {
        Self(variables.into_iter().collect())
    }

    /// The value of `name`.
    ///
    /// # Errors
    /// When it is not set.
    pub fn get(&self, name: &str) -> Result<&str, EnvError> {
        self.0.get(name).map(String::as_str).ok_or_else(|| EnvError { name: name.to_owned() })
    }

    /// The value of `name`, as a number.
    ///
    /// # Errors
    /// When it is not set, or is no number.
    pub fn number(&self, name: &str) -> Result<u32, FunctionError> {
        self.get(name)?.parse().map_err(|_| FunctionError::new("Configuration", format!("{name} is no number")))
    }
}

/// One Lambda function, whoever runs it.
#[derive(Clone, Copy)]
pub struct Function {
    /// The folder's name.
    pub name: &'static str,
    /// Connects what the function needs. Runs once a process.
    pub init: fn(SdkConfig, Env) -> BoxFuture<'static, Result<Handler, FunctionError>>,
}

impl fmt::Debug for Function {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Function").field("name", &self.name).finish_non_exhaustive()
    }
}
