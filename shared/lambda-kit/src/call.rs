//! Calls that wait in a queue with the token of the state of a workflow that waits for them: who makes them tells the workflow how it
//! went, and nobody else ever has the token.

use std::{future::Future, sync::Arc};

use app::ports::{Permits, PortError, Purpose, Standing, TaskToken, Told, Workflows};
use domain::error::{Class, Classify};
use serde::Serialize;

use crate::sqs::{Attempt, Patience, chain};

/// Makes calls for workflows.
pub struct Calls {
    /// Whom to tell.
    pub workflows: Arc<dyn Workflows>,
    /// Who may be at work.
    pub permits: Arc<dyn Permits>,
}

/// One call, as it waits.
pub struct Call<'a> {
    /// The execution, by its name.
    pub execution: &'a str,
    /// Whom to tell how it went.
    pub token: TaskToken,
    /// What is called, for the log.
    pub what: String,
}

/// Why a message is not done with.
#[derive(Debug, thiserror::Error)]
pub enum CallError<E: std::error::Error + 'static> {
    /// It is no call.
    #[error("the message is no call of this function, or its answer does not serialise")]
    Malformed,
    /// What was called for failed.
    #[error("the call was not made")]
    Work(#[source] E),
    /// There is no permit, or the workflow cannot be told.
    #[error("the workflow was not told")]
    Port(#[from] PortError),
}

impl<E: Classify + std::error::Error + 'static> Classify for CallError<E> {
    fn class(&self) -> Class {
        match self {
            Self::Malformed => Class::Invalid,
            Self::Work(error) => error.class(),
            Self::Port(error) => error.class(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Malformed => "JOB_MALFORMED",
            Self::Work(error) => error.code(),
            Self::Port(error) => error.code(),
        }
    }
}

impl Calls {
    /// Makes a call and tells its workflow. An execution that comes by another way than a start or a resumed pause, for one by a
    /// timeout, borrows a permit for as long as the call takes.
    ///
    /// # Errors
    /// When the message is to come again: what was asked to slow down for as long as there is patience, other failures that may
    /// pass until its last delivery. What fails for good is told to the workflow, and is then no error.
    pub async fn make<T, E, F>(&self, call: Call<'_>, message: (Attempt, Patience), work: F) -> Result<(), CallError<E>>
    where
        T: Serialize,
        E: Classify + std::error::Error + 'static,
        F: Future<Output = Result<T, E>>,
    {
        let (attempt, patience) = message;
        let comes_again = |class: Class| match class {
            Class::Throttled => patience == Patience::Left,
            Class::Conflict | Class::Transient => attempt == Attempt::Early,
            Class::Rejected | Class::Invalid | Class::Bug => false,
        };
        let permit = self.permits.take(call.execution, Purpose::GoOn).await;
        let outcome = match &permit {
            Ok(_) => output_of(work).await,
            Err(error) => Err(error.clone().into()),
        };
        let told = match &outcome {
            Ok(output) => self.workflows.succeed(&call.token, output.clone()).await,
            Err(error) if comes_again(error.class()) => Err(PortError::Throttled { attempted: "call a provider" }),
            Err(error) => {
                // From here on it is the workflow's: it tries again, unwinds, or waits for an operator.
                let class = told_as(error.class());
                tracing::warn!(code = error.code(), error = %chain(error), call = call.what, "told to the workflow");
                self.workflows.fail(&call.token, class, error.code()).await
            }
        };
        if let Ok(permit) = permit
            && permit.standing == Standing::New
        {
            self.permits.undo(&permit).await?;
        }
        if let Err(error) = outcome
            && comes_again(error.class())
        {
            return Err(error);
        }
        match told {
            Ok(Told::Heard | Told::Over) => Ok(()),
            Err(error) if comes_again(error.class()) => Err(error.into()),
            Err(error) => {
                // Set aside, the message would keep a token where people look. The state's own timeout brings an operator.
                tracing::error!(code = error.code(), error = %chain(&error), call = call.what, "the workflow was not told");
                Ok(())
            }
        }
    }
}

async fn output_of<T, E, F>(work: F) -> Result<String, CallError<E>>
where
    T: Serialize,
    E: Classify + std::error::Error + 'static,
    F: Future<Output = Result<T, E>>,
{
    let output = work.await.map_err(CallError::Work)?;
    serde_json::to_string(&output).map_err(|_| CallError::Malformed)
}

/// What was asked to slow down until patience ended would only be begun again if the workflow heard of slowing down: a person looks.
const fn told_as(class: Class) -> Class {
    match class {
        Class::Throttled => Class::Bug,
        Class::Rejected | Class::Invalid | Class::Conflict | Class::Transient | Class::Bug => class,
    }
}
