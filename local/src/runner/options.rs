//! What a local bank is started with, and why it does not start or stops working.

use std::{collections::BTreeMap, path::PathBuf, sync::Arc};

use super::Faults;
use crate::{engine::clock::Clock, iam::Watch, services, template};

/// What a local bank is started with.
#[derive(Debug, Clone)]
pub struct Options {
    /// Where data is kept; `None` keeps nothing.
    pub data: Option<PathBuf>,
    /// Where the outside reaches it, e.g. `http://127.0.0.1:4000`; tokens name it as part of their issuer.
    pub public_url: String,
    /// The bank's clock.
    pub clock: Arc<dyn Clock>,
    /// The template's text.
    pub template: String,
    /// The texts of the state machines, by file name.
    pub definitions: BTreeMap<String, String>,
    /// Keys made beforehand, so that tests need not make them; `None` makes and keeps them.
    pub keys: Option<Keys>,
    /// Who decides what befalls functions and their messages; `None`: nothing does.
    pub faults: Option<Arc<dyn Faults>>,
    /// What is taken out of its permissions and who follows their use; `None`: the template stands as it is.
    pub permissions: Option<Arc<Watch>>,
}

/// Keys of the simulated providers, and our own that KMS would make, as PEM.
#[derive(Debug, Clone)]
pub struct Keys {
    /// The bank partner's.
    pub clearbank: String,
    /// The pool's, for id tokens.
    pub id_tokens: String,
    /// The pool's, for access tokens.
    pub access_tokens: String,
    /// The custodian's, for its webhooks.
    pub custodian: String,
    /// Of KMS keys that sign, by logical id; one that is not here is made.
    pub signing: BTreeMap<String, String>,
}

/// Why a local bank does not start or stops working.
#[derive(Debug, thiserror::Error)]
pub enum RunnerError {
    /// The template asks for what the runner does not do.
    #[error("the template is refused:\n{0}")]
    Template(#[from] template::TemplateError),
    /// The engine.
    #[error("the local engine failed")]
    Engine(#[from] crate::engine::EngineError),
    /// A state machine.
    #[error("the state machines failed")]
    States(#[from] services::StatesError),
    /// The identity pool.
    #[error("the identity pool failed: {0}")]
    Cognito(String),
    /// A simulated provider.
    #[error("a simulated provider failed")]
    Simulator(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// A function of the template that this binary does not hold.
    #[error("the template's function {logical_id} is in no folder that this binary was built with ({folder})")]
    UnknownFunction {
        /// The template's name for it.
        logical_id: String,
        /// The folder that its code is in.
        folder: String,
    },
    /// A function that did not start.
    #[error("{logical_id} did not start: {error}")]
    Start {
        /// The template's name for it.
        logical_id: String,
        /// Why.
        error: lambda_kit::FunctionError,
    },
    /// Something that the template must have and has not.
    #[error("the template has no {0}")]
    Absent(&'static str),
    /// A file or a socket.
    #[error("{attempted}")]
    Io {
        /// What was attempted.
        attempted: String,
        /// The cause.
        #[source]
        source: std::io::Error,
    },
    /// The identity pool's database.
    #[error("the identity pool's database failed")]
    Sqlite(#[from] rusqlite::Error),
}

impl RunnerError {
    /// A simulated provider.
    pub(super) fn simulator(error: impl std::error::Error + Send + Sync + 'static) -> Self {
        Self::Simulator(Box::new(error))
    }
}
