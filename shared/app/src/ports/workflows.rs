//! Workflows, and the states of them that wait.

use async_trait::async_trait;
use domain::{error::Class, ids::CustomerId};
use secrecy::{ExposeSecret as _, SecretString};
use time::OffsetDateTime;
use uuid::Uuid;

use super::PortError;

/// What became of an answer to a waiting state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Told {
    /// The state goes on with it.
    Heard,
    /// Nothing waits under the token any more: somebody was faster, or the state has timed out and waits under another one.
    Over,
}

/// Workflows: started once by name, and resumed by token.
#[async_trait]
pub trait Workflows: Send + Sync {
    /// Starts an execution. Starting one again under the same name and with the same input is success.
    async fn start(&self, name: &str, input: String) -> Result<(), PortError>;

    /// Resumes a waiting state with its output, as JSON. A token of which nothing waits any more is success: somebody was faster,
    /// or the state has timed out and waits under another token.
    async fn succeed(&self, token: &TaskToken, output: String) -> Result<Told, PortError>;

    /// Fails a waiting state, under the name of the error's class, with its code as the cause.
    async fn fail(&self, token: &TaskToken, class: Class, code: &str) -> Result<Told, PortError>;
}

/// What resumes a waiting state. Whoever has it decides how the workflow goes on, so it is kept encrypted and never shown.
#[derive(Clone)]
pub struct TaskToken(SecretString);

impl TaskToken {
    /// From the workflow's own text.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self(SecretString::from(text.into()))
    }

    /// The text, for the workflow and for the pause's encrypted row.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

impl std::fmt::Debug for TaskToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("TaskToken(…)")
    }
}

/// A state of a workflow that waits for something, by what it waits for.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct PauseKey {
    /// Whose workflow.
    pub customer: CustomerId,
    /// Which of theirs.
    pub application: Uuid,
    /// What it waits for, e.g. `identity`.
    pub awaited: &'static str,
    /// Which state, where several may wait for the same at once: those that are parked.
    pub state: Option<String>,
}

/// A waiting state. The row is encrypted and mutable: a state that waits again overwrites its token.
#[derive(Debug, Clone)]
pub struct Pause {
    /// What waits for what.
    pub key: PauseKey,
    /// What resumes it.
    pub token: TaskToken,
    /// The execution, by its ARN.
    pub execution: String,
    /// The state.
    pub state: String,
    /// Since when.
    pub since: OffsetDateTime,
}

/// Where waiting states are noted before anyone is asked.
#[async_trait]
pub trait Pauses: Send + Sync {
    /// Notes a pause, over the one that was noted under the same key.
    async fn note(&self, pause: &Pause) -> Result<(), PortError>;

    /// The pause of this key, read consistently.
    async fn find(&self, key: &PauseKey) -> Result<Option<Pause>, PortError>;

    /// Forgets a pause that is over, unless a newer one has taken its place. Forgetting it again is harmless.
    async fn forget(&self, pause: &Pause) -> Result<(), PortError>;
}

/// What lets an app talk to the identity provider for one workflow run: kept encrypted for as long as it is good.
#[async_trait]
pub trait SdkTokens: Send + Sync {
    /// Keeps a token for this application.
    async fn keep(&self, customer: CustomerId, application: Uuid, token: &SecretString) -> Result<(), PortError>;

    /// The token; `None` before the run exists and after the token has ended.
    async fn find(&self, customer: CustomerId, application: Uuid) -> Result<Option<SecretString>, PortError>;
}

/// What customers are asked, readable for them until they have answered: kept encrypted, and forgotten by itself. The vault, from
/// which it comes, is closed to the door through which customers come in.
#[async_trait]
pub trait Questions: Send + Sync {
    /// Shows a customer a question, by its slot in the vault.
    async fn show(&self, customer: CustomerId, slot: &str, text: &SecretString) -> Result<(), PortError>;

    /// What it says; `None` before it is shown and after it was forgotten.
    async fn read(&self, customer: CustomerId, slot: &str) -> Result<Option<SecretString>, PortError>;
}
