//! The emulator with a template in it: started, asked and ended through `tests/emulate/up.py`.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use aws_config::{BehaviorVersion, SdkConfig};
use aws_credential_types::Credentials;
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, Lines},
    process::{Child, ChildStdin, ChildStdout, Command},
    sync::Mutex,
};

use crate::Failed;

/// The virtual environment may have to be made first.
const UP_MAX: Duration = Duration::from_secs(900);
/// How long it may take to end.
const DOWN_MAX: Duration = Duration::from_secs(30);

/// The project's root.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// What is started.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// The template; `None`: the bank's.
    pub template: Option<PathBuf>,
    /// Where the functions' binaries are; `None`: where the fast profile puts them.
    pub binaries: Option<PathBuf>,
    /// The folder that it may empty and fill; `None`: `target/emulate-run`.
    pub run: Option<PathBuf>,
    /// The template's parameters.
    pub parameters: BTreeMap<String, String>,
    /// Whether the template is one for which no deviation is needed.
    pub plain: bool,
}

/// Where the emulator forced another template than the deployed one.
#[derive(Debug, Clone, Deserialize)]
pub struct Deviation {
    /// Its name in `tests/emulate/deviations.py`.
    pub name: String,
    /// What the emulator lacks or does wrong, and what is changed for it.
    pub why: String,
    /// The resources that were changed.
    pub changed: Vec<String>,
}

/// What stands.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Up {
    /// Where all of its APIs answer.
    pub endpoint: String,
    /// The region.
    pub region: String,
    /// The account's id.
    pub account: String,
    access_key_id: String,
    secret_access_key: String,
    /// The stack's outputs.
    pub outputs: BTreeMap<String, String>,
    /// Physical ids by logical id.
    pub resources: BTreeMap<String, String>,
    /// What is not as deployed.
    pub deviations: Vec<Deviation>,
    /// How long each phase took.
    pub seconds: BTreeMap<String, f64>,
    /// The emulator's log.
    pub log: PathBuf,
}

/// A running emulator. It ends when this is dropped, however that comes about.
pub struct Stack {
    /// What stands.
    pub up: Up,
    child: Child,
    hand: Mutex<Hand>,
}

struct Hand {
    ask: ChildStdin,
    answers: Lines<BufReader<ChildStdout>>,
}

impl Stack {
    /// Starts the emulator and deploys.
    ///
    /// # Errors
    /// When it does not start, or refuses the template.
    pub async fn up(wanted: &Wanted) -> Result<Self, Failed> {
        let parameters = tempfile::NamedTempFile::new().map_err(failed("keep the parameters"))?;
        std::fs::write(parameters.path(), json!(wanted.parameters).to_string())
            .map_err(failed("keep the parameters"))?;
        let mut command = Command::new("python3");
        command.arg(root().join("tests/emulate/up.py")).arg("--parameters").arg(parameters.path());
        for (option, path) in
            [("--template", &wanted.template), ("--binaries", &wanted.binaries), ("--run", &wanted.run)]
        {
            if let Some(path) = path {
                command.arg(option).arg(path);
            }
        }
        if wanted.plain {
            command.arg("--plain");
        }
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(failed("start python3, which the emulator is written in"))?;
        let (Some(ask), Some(answers)) = (child.stdin.take(), child.stdout.take()) else {
            return Err(Failed::new("the emulator has no ends to hold it by"));
        };
        let mut hand = Hand { ask, answers: BufReader::new(answers).lines() };
        let said = tokio::time::timeout(UP_MAX, hand.answers.next_line()).await;
        let said =
            said.map_err(|_| Failed::new("the emulator does not come up"))?.map_err(failed("hear of the emulator"))?;
        let said = said.ok_or_else(|| Failed::new("the emulator did not come up; see above"))?;
        let up = serde_json::from_str(&said).map_err(failed("understand the emulator"))?;
        Ok(Self { up, child, hand: Mutex::new(hand) })
    }

    /// For clients of the account's owner.
    #[must_use]
    pub fn sdk_config(&self) -> SdkConfig {
        self.sdk_config_of(&self.up.access_key_id, &self.up.secret_access_key)
    }

    /// For clients of somebody else.
    #[must_use]
    pub fn sdk_config_of(&self, key: &str, secret: &str) -> SdkConfig {
        SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(aws_config::Region::new(self.up.region.clone()))
            .endpoint_url(&self.up.endpoint)
            .credentials_provider(aws_credential_types::provider::SharedCredentialsProvider::new(
                Credentials::from_keys(key, secret, None),
            ))
            .build()
    }

    /// The physical id of a resource.
    ///
    /// # Errors
    /// When the template has none of this name.
    pub fn physical(&self, logical_id: &str) -> Result<&str, Failed> {
        let found = self.up.resources.get(logical_id).map(String::as_str);
        found.ok_or_else(|| Failed::new(format!("the stack has no {logical_id}")))
    }

    /// One of the stack's outputs.
    ///
    /// # Errors
    /// When the template has none of this name.
    pub fn output(&self, name: &str) -> Result<&str, Failed> {
        let found = self.up.outputs.get(name).map(String::as_str);
        found.ok_or_else(|| Failed::new(format!("the stack has no output {name}")))
    }

    /// A call of AWS's Python SDK as the account's owner, for services that our workspace has no SDK of.
    ///
    /// # Errors
    /// When it is refused.
    pub async fn call(&self, service: &str, operation: &str, parameters: Value) -> Result<Value, Failed> {
        let mut hand = self.hand.lock().await;
        let asked = json!({ "service": service, "operation": operation, "parameters": parameters });
        hand.ask.write_all(format!("{asked}\n").as_bytes()).await.map_err(failed("ask the emulator"))?;
        let said = hand.answers.next_line().await.map_err(failed("hear the emulator"))?;
        let said = said.ok_or_else(|| Failed::new("the emulator is gone"))?;
        let mut said: Value = serde_json::from_str(&said).map_err(failed("understand the emulator"))?;
        match said.get_mut("answer") {
            Some(answer) => Ok(answer.take()),
            None => Err(Failed::new(format!("{service} {operation}: {}", said["error"]))),
        }
    }

    /// Ends it, and waits until it has ended.
    ///
    /// # Errors
    /// When it does not end.
    pub async fn down(self) -> Result<(), Failed> {
        let Self { mut child, hand, .. } = self;
        drop(hand);
        let ended = tokio::time::timeout(DOWN_MAX, child.wait()).await;
        ended.map_err(|_| Failed::new("the emulator does not end"))?.map_err(failed("wait for the emulator")).map(drop)
    }
}

/// What could not be done, with its cause.
pub fn failed<E: std::error::Error + 'static>(what: &str) -> impl Fn(E) -> Failed {
    move |error| Failed::new(format!("failed to {what}: {}", lambda_kit::sqs::chain(&error)))
}
