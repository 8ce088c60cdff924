//! Calls that wait in a queue with the token of the state of a workflow that waits for them: who makes them tells the workflow how it
//! went, and nobody else ever has the token.

use std::{future::Future, sync::Arc};

use app::ports::{Permit, Permits, PortError, Purpose, Standing, TaskToken, Told, Workflows};
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
        if let Ok(permit) = permit {
            self.give_back_if_borrowed(&permit).await;
        }
        let told = match outcome {
            Ok(output) => self.workflows.succeed(&call.token, output).await,
            Err(error) if comes_again(error.class()) => return Err(error),
            Err(error) => {
                // From here on it is the workflow's: it tries again, unwinds, or waits for an operator.
                tracing::warn!(code = error.code(), error = %chain(&error), call = call.what, "told to the workflow");
                self.workflows.fail(&call.token, told_as(error.class()), error.code()).await
            }
        };
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

    /// Before the workflow is told: its next call borrows one of its own.
    async fn give_back_if_borrowed(&self, permit: &Permit) {
        let undone = match permit.standing {
            Standing::New => self.permits.undo(permit).await,
            Standing::Held => Ok(()),
        };
        if let Err(error) = undone {
            // The lease ends, and so does the execution.
            tracing::warn!(error = %chain(&error), execution = %permit.holder, "a permit was not given back");
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

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use async_trait::async_trait;

    use super::*;

    /// A workflow that hears, and permits of which there are some or none. Writes down what was done.
    #[derive(Default)]
    struct World {
        done: Mutex<Vec<String>>,
        full: bool,
        held: bool,
        deaf: bool,
    }

    impl World {
        fn note(&self, line: impl Into<String>) {
            self.done.lock().unwrap().push(line.into());
        }

        fn tell(&self, line: String) -> Result<Told, PortError> {
            self.note(line);
            if self.deaf {
                Err(PortError::Unavailable { attempted: "tell", reason: "deaf".into() })
            } else {
                Ok(Told::Heard)
            }
        }
    }

    #[async_trait]
    impl Workflows for World {
        async fn start(&self, _: &str, _: String) -> Result<(), PortError> {
            Ok(())
        }

        async fn succeed(&self, _: &TaskToken, output: String) -> Result<Told, PortError> {
            self.tell(format!("succeeded {output}"))
        }

        async fn fail(&self, _: &TaskToken, class: Class, code: &str) -> Result<Told, PortError> {
            self.tell(format!("failed {class} {code}"))
        }
    }

    #[async_trait]
    impl Permits for World {
        async fn take(&self, holder: &str, _: Purpose) -> Result<Permit, PortError> {
            if self.full {
                return Err(PortError::Throttled { attempted: "take" });
            }
            let standing = if self.held { Standing::Held } else { Standing::New };
            Ok(Permit { holder: holder.to_owned(), taking: "t".to_owned(), standing })
        }

        async fn keep(&self, _: &str) -> Result<bool, PortError> {
            Ok(self.held)
        }

        async fn give_back(&self, _: &str) -> Result<(), PortError> {
            Ok(())
        }

        async fn undo(&self, _: &Permit) -> Result<(), PortError> {
            self.note("gave back");
            Ok(())
        }
    }

    #[derive(Debug, thiserror::Error)]
    #[error("no")]
    struct No(Class);

    impl Classify for No {
        fn class(&self) -> Class {
            self.0
        }

        fn code(&self) -> &'static str {
            "NO"
        }
    }

    async fn made(world: World, message: (Attempt, Patience), work: Result<u8, No>) -> (Option<Class>, Vec<String>) {
        let world = Arc::new(world);
        let calls = Calls { workflows: Arc::clone(&world) as _, permits: Arc::clone(&world) as _ };
        let call = Call { execution: "e", token: TaskToken::new("t"), what: "it".to_owned() };
        let made = calls.make(call, message, async { work }).await;
        let done = world.done.lock().unwrap().clone();
        (made.err().map(|error| error.class()), done)
    }

    #[tokio::test]
    async fn the_answer_goes_to_the_workflow_and_a_borrowed_permit_back() {
        let message = (Attempt::Early, Patience::Left);
        assert_eq!(
            made(World::default(), message, Ok(7)).await,
            (None, vec!["gave back".into(), "succeeded 7".into()])
        );
        let holder = World { held: true, ..World::default() };
        assert_eq!(made(holder, message, Ok(7)).await, (None, vec!["succeeded 7".into()]));
    }

    #[tokio::test]
    async fn what_is_asked_to_slow_down_is_not_told_while_there_is_patience_whichever_delivery_it_is() {
        for (attempt, full) in [(Attempt::Early, false), (Attempt::Last, false), (Attempt::Last, true)] {
            let world = || World { full, held: true, ..World::default() };
            let throttled = || Err(No(Class::Throttled));
            let (class, done) = made(world(), (attempt, Patience::Left), throttled()).await;
            assert_eq!((class, done), (Some(Class::Throttled), vec![]));
            let (class, done) = made(world(), (attempt, Patience::Over), throttled()).await;
            assert_eq!((class, done.len()), (None, 1));
            assert!(done[0].starts_with("failed Bug"), "a person looks: {done:?}");
        }
    }

    #[tokio::test]
    async fn what_may_pass_is_told_at_the_last_delivery_and_what_will_not_at_once() {
        let world = || World { held: true, ..World::default() };
        for class in [Class::Conflict, Class::Transient] {
            let (early, last) = ((Attempt::Early, Patience::Over), (Attempt::Last, Patience::Left));
            assert_eq!(made(world(), early, Err(No(class))).await, (Some(class), vec![]));
            assert_eq!(made(world(), last, Err(No(class))).await, (None, vec![format!("failed {class} NO")]));
        }
        for class in [Class::Rejected, Class::Invalid, Class::Bug] {
            let told = made(world(), (Attempt::Early, Patience::Left), Err(No(class))).await;
            assert_eq!(told, (None, vec![format!("failed {class} NO")]));
        }
    }

    #[tokio::test]
    async fn a_token_is_never_set_aside() {
        let world = || World { held: true, deaf: true, ..World::default() };
        let (class, _) = made(world(), (Attempt::Early, Patience::Left), Ok(7)).await;
        assert_eq!(class, Some(Class::Transient));
        assert_eq!(made(world(), (Attempt::Last, Patience::Left), Ok(7)).await.0, None);
    }
}
