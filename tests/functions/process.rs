//! A function's binary, run as Lambda runs it.

use std::{
    process::{ExitStatus, Stdio},
    time::Duration,
};

use bytes::Bytes;
use granary::template::FunctionPlan;
use tempfile::NamedTempFile;
use tokio::{process::Child, process::Command, time::timeout};

use super::{
    binaries::binary,
    runtime_api::{Answer, RuntimeApi},
};

/// Far longer than anything here takes, so that a process that hangs fails the test and not the machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// A running function.
pub struct Process {
    api: RuntimeApi,
    child: Child,
    log: NamedTempFile,
    name: String,
}

/// How a process ended.
pub struct Ended {
    pub status: ExitStatus,
    pub log: String,
}

impl Process {
    /// Starts the function with the plan's variables, and its AWS calls going to `aws_url`.
    pub fn start(function: &FunctionPlan, aws_url: &str) -> Self {
        let api = RuntimeApi::serve(function);
        let log = NamedTempFile::new().unwrap();
        let output = || Stdio::from(log.reopen().unwrap());
        let child = Command::new(binary(&function.name))
            .env_clear() // Nothing of the tester's own environment: no profile, no proxy.
            .envs(lambda_variables(function, &api.address.to_string()))
            .envs(&function.env)
            .env("AWS_ENDPOINT_URL", aws_url)
            .env("AWS_EC2_METADATA_DISABLED", "true")
            .stdin(Stdio::null())
            .stdout(output())
            .stderr(output())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        Self { api, child, log, name: function.logical_id.clone() }
    }

    /// One invocation.
    pub async fn invoke(&mut self, event: Bytes) -> Answer {
        let outcome = tokio::select! {
            outcome = timeout(PATIENCE, self.api.invoke(event)) => outcome.ok(),
            _ended = self.child.wait() => None,
        };
        outcome.unwrap_or_else(|| panic!("{} did not answer; it said:\n{}", self.name, self.said()))
    }

    /// Until it has started and asks for work.
    pub async fn ready(&mut self) {
        let ready = tokio::select! {
            outcome = timeout(PATIENCE, self.api.polled()) => outcome.is_ok(),
            _ended = self.child.wait() => false,
        };
        assert!(ready, "{} did not start; it said:\n{}", self.name, self.said());
    }

    /// Takes the Runtime API away.
    pub async fn abandon(mut self) -> Ended {
        self.api.vanish();
        self.end().await
    }

    /// Tells it to stop, as Lambda does when it can.
    pub async fn terminate(self) -> Ended {
        let pid = self.child.id().unwrap().to_string();
        assert!(Command::new("kill").args(["-TERM", &pid]).status().await.unwrap().success());
        self.end().await
    }

    /// Until it ends by itself.
    pub async fn end(mut self) -> Ended {
        let status = timeout(PATIENCE, self.child.wait()).await;
        let log = self.said();
        let status = status.unwrap_or_else(|_| panic!("{} does not end; it said:\n{log}", self.name)).unwrap();
        Ended { status, log }
    }

    /// What it has logged so far.
    pub fn said(&self) -> String {
        std::fs::read_to_string(self.log.path()).unwrap()
    }
}

/// What the real runtime sets.
fn lambda_variables(function: &FunctionPlan, runtime_api: &str) -> Vec<(&'static str, String)> {
    vec![
        ("AWS_LAMBDA_RUNTIME_API", runtime_api.to_owned()),
        ("AWS_LAMBDA_FUNCTION_NAME", function.function_name.clone()),
        ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST".to_owned()),
        ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256".to_owned()),
        ("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand".to_owned()),
        ("AWS_LAMBDA_LOG_GROUP_NAME", "/granary/functions".to_owned()),
        ("AWS_LAMBDA_LOG_STREAM_NAME", "test".to_owned()),
        ("AWS_LAMBDA_LOG_FORMAT", "JSON".to_owned()),
        ("AWS_LAMBDA_LOG_LEVEL", "INFO".to_owned()),
        ("AWS_EXECUTION_ENV", "AWS_Lambda_provided.al2023".to_owned()),
        ("AWS_REGION", "eu-west-1".to_owned()),
        ("AWS_DEFAULT_REGION", "eu-west-1".to_owned()),
        // The principal of the local services is the access key's id, which is the function.
        ("AWS_ACCESS_KEY_ID", function.logical_id.clone()),
        ("AWS_SECRET_ACCESS_KEY", "local".to_owned()),
        ("AWS_SESSION_TOKEN", "local".to_owned()),
        ("_HANDLER", "bootstrap".to_owned()),
        ("LAMBDA_TASK_ROOT", "/var/task".to_owned()),
        ("LANG", "en_US.UTF-8".to_owned()),
        ("TZ", ":UTC".to_owned()),
    ]
}
