//! What AWS answers, sorted by what can be done about it.

use app::{
    ports::{PortError, Reason},
    store::StoreError,
};
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

/// Codes by which the services ask us to slow down.
const THROTTLED: [&str; 9] = [
    "ProvisionedThroughputExceededException",
    "ThrottlingException",
    "Throttling",
    "ThrottledException",
    "RequestLimitExceeded",
    "RequestThrottled",
    "SlowDown",
    "LimitExceededException",
    "TooManyRequestsException",
];

/// Whether the service asked us to slow down.
pub fn is_throttled<E: ProvideErrorMetadata, R>(error: &SdkError<E, R>) -> bool {
    error.as_service_error().and_then(|it| it.code()).is_some_and(|code| THROTTLED.contains(&code))
}

/// The service's own code and message or, where none answered, what every layer says. Never the response itself: it is long, and
/// may hold what was sent.
fn reason<E, R>(error: &SdkError<E, R>) -> Reason
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
    R: std::fmt::Debug + 'static,
{
    if let Some(answer) = error.as_service_error() {
        return format!("{}: {}", answer.code().unwrap_or("no code"), answer.message().unwrap_or("no message")).into();
    }
    let mut text = error.to_string();
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text.into()
}

/// The port error of a failed call.
pub fn port<E, R>(attempted: &'static str, error: &SdkError<E, R>) -> PortError
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
    R: std::fmt::Debug + 'static,
{
    if is_throttled(error) {
        return PortError::Throttled { attempted };
    }
    PortError::Unavailable { attempted, reason: reason(error) }
}

/// The store error of a failed call.
pub fn store<E, R>(attempted: &'static str, error: &SdkError<E, R>) -> StoreError
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
    R: std::fmt::Debug + 'static,
{
    if is_throttled(error) {
        return StoreError::Throttled;
    }
    StoreError::Unavailable { attempted, reason: reason(error) }
}

/// The port error of a request that our own code built wrongly.
pub fn unbuilt(attempted: &'static str, error: impl std::fmt::Display) -> PortError {
    PortError::Unavailable { attempted, reason: error.to_string().into() }
}
