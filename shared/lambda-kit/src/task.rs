//! Functions that a state machine invokes itself: typed JSON in, typed JSON out, and errors by the name of their class, which is
//! what its `Retry` and `Catch` look for.

use std::{future::Future, sync::Arc};

use bytes::Bytes;
use domain::error::{Class, Classify};
use serde::{Serialize, de::DeserializeOwned};

use crate::{FunctionError, Handler, answer, sqs::chain};

/// The code of an input that is not what the function takes.
const INPUT_MALFORMED: &str = "TASK_INPUT_MALFORMED";

/// Makes a handler of a function of one input.
pub fn handler<I, O, H, F, E>(handle: H) -> Handler
where
    I: DeserializeOwned + Send + 'static,
    O: Serialize + Send + 'static,
    H: Fn(I) -> F + Send + Sync + 'static,
    F: Future<Output = Result<O, E>> + Send + 'static,
    E: Classify + std::error::Error + Send + Sync + 'static,
{
    let handle = Arc::new(handle);
    Arc::new(move |bytes: Bytes| {
        let handle = Arc::clone(&handle);
        Box::pin(async move {
            let input = serde_json::from_slice(&bytes).map_err(|error| {
                // The message of a serde error may quote the input; its place is enough.
                let (line, column) = (error.line(), error.column());
                tracing::error!(code = INPUT_MALFORMED, line, column, "the task's input cannot be read");
                FunctionError::new(Class::Invalid.name(), INPUT_MALFORMED)
            })?;
            let output = handle(input).await.map_err(|error| failure(&error))?;
            answer(&output)
        })
    })
}

/// The error as the state machine gets it, logged here and nowhere else. Its text stays in the log: a state machine keeps what it
/// gets in its history, where no text belongs that somebody else wrote.
fn failure<E: Classify + std::error::Error + 'static>(error: &E) -> FunctionError {
    let (class, code, text) = (error.class(), error.code(), chain(error));
    match class {
        Class::Rejected => tracing::info!(code, error = %text, "refused"),
        Class::Conflict | Class::Transient | Class::Throttled => {
            tracing::warn!(code, error = %text, "to be tried again");
        }
        Class::Invalid | Class::Bug => tracing::error!(code, error = %text, "the task failed"),
    }
    FunctionError::new(class.name(), code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("only the log may say this")]
    struct No(Class);

    impl Classify for No {
        fn class(&self) -> Class {
            self.0
        }

        fn code(&self) -> &'static str {
            "NO"
        }
    }

    #[tokio::test]
    async fn json_goes_in_and_json_comes_out() {
        let handler = handler(|number: u32| async move { Ok::<_, No>(vec![number, number]) });
        assert_eq!(handler(Bytes::from_static(b"7")).await, Ok(Bytes::from_static(b"[7,7]")));
    }

    #[tokio::test]
    async fn an_error_is_named_by_its_class_and_says_its_code_only() {
        for class in Class::ALL {
            let handler = handler(move |(): ()| async move { Err::<(), _>(No(class)) });
            assert_eq!(handler(Bytes::from_static(b"null")).await, Err(FunctionError::new(class.name(), "NO")));
        }
    }

    #[tokio::test]
    async fn an_input_that_cannot_be_read_is_invalid_and_not_repeated() {
        let handler = handler(|(): ()| async { Ok::<_, No>(()) });
        let refused = handler(Bytes::from_static(b"{\"name\":\"Alice\"}")).await.unwrap_err();
        assert_eq!((refused.error_type.as_str(), refused.message.as_str()), ("Invalid", INPUT_MALFORMED));
    }
}
