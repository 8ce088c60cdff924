//! The bank as a process of its own, which can be killed at any moment.

use std::{
    fs::{self, File},
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    time::{Duration, Instant},
};

use granary::cli::client::Client;

use super::chance::Chance;
use crate::Failed;

/// How long a start may take. Keys are made the first time.
const STARTS_WITHIN: Duration = Duration::from_secs(60);
const LOOK_AGAIN_AFTER: Duration = Duration::from_millis(10);
const LINES_SHOWN: usize = 20;

/// A binary, a folder and a port; a process, as long as one runs.
pub struct Bank {
    binary: PathBuf,
    pub folder: PathBuf,
    log: PathBuf,
    port: u16,
    process: Option<Child>,
}

impl Bank {
    /// Nothing runs yet.
    pub fn new(binary: &Path, parent: &Path, chance: &Chance) -> Result<Self, Failed> {
        let folder = tempfile::tempdir_in(parent).map_err(io("make a folder"))?.keep();
        if !binary.is_file() {
            let hint = "build it: cargo build --profile emulate --workspace --bins";
            return Err(Failed::new(format!("there is no {}; {hint}", binary.display())));
        }
        Ok(Self {
            binary: binary.to_owned(),
            folder: folder.join("bank"),
            log: folder.join("bank.log"),
            port: free_port(chance)?,
            process: None,
        })
    }

    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Begins a start, and does not wait for its end.
    pub fn spawn(&mut self) -> Result<(), Failed> {
        let log = File::options().create(true).append(true).open(&self.log).map_err(io("open the log"))?;
        let mut command = Command::new(&self.binary);
        command.arg("run").arg("--data").arg(&self.folder).args(["--port", &self.port.to_string()]);
        command.env("GRANARY_LOG", "warn").stdin(Stdio::null()).stdout(Stdio::null()).stderr(log);
        self.process = Some(command.spawn().map_err(io("start the bank"))?);
        Ok(())
    }

    /// Waits until it answers.
    pub async fn ready(&mut self) -> Result<(), Failed> {
        let client = Client::new(&self.url());
        let began = Instant::now();
        while client.get("/dev/clock").await.is_err() {
            let ended = self.process.as_mut().and_then(|it| it.try_wait().ok().flatten());
            if let Some(status) = ended {
                return Err(Failed::new(format!("the bank does not start ({status}):\n{}", self.last_words())));
            }
            if began.elapsed() > STARTS_WITHIN {
                return Err(Failed::new(format!("no start within {STARTS_WITHIN:?}:\n{}", self.last_words())));
            }
            tokio::time::sleep(LOOK_AGAIN_AFTER).await;
        }
        Ok(())
    }

    /// kill -9. When this returns, the process is gone.
    pub fn kill(&mut self) -> Result<(), Failed> {
        let Some(mut process) = self.process.take() else { return Err(Failed::new("nothing runs")) };
        if let Some(status) = process.try_wait().map_err(io("look after the bank"))? {
            return Err(Failed::new(format!("the bank ended by itself ({status}):\n{}", self.last_words())));
        }
        process.kill().map_err(io("kill the bank"))?;
        process.wait().map_err(io("wait for the end"))?;
        Ok(())
    }

    /// As a process manager ends it.
    pub fn stop(&mut self) -> Result<(), Failed> {
        let Some(mut process) = self.process.take() else { return Err(Failed::new("nothing runs")) };
        let asked = Command::new("kill").args(["-TERM", &process.id().to_string()]).status();
        asked.map_err(io("ask the bank to stop"))?;
        let status = process.wait().map_err(io("wait for the end"))?;
        if status.success() { Ok(()) } else { Err(Failed::new(format!("the bank stopped with {status}"))) }
    }

    /// Another command of the same binary on the same folder; what it printed.
    pub fn command(&self, name: &str) -> Result<(ExitStatus, String), Failed> {
        let run = Command::new(&self.binary).arg(name).arg("--data").arg(&self.folder).output();
        let run = run.map_err(io("run a command"))?;
        let printed = String::from_utf8_lossy(&run.stdout).into_owned() + &String::from_utf8_lossy(&run.stderr);
        Ok((run.status, printed))
    }

    /// Plays the demo at the bank that runs: every table, queue and key is used on the way.
    pub fn demo(&self) -> Result<(), Failed> {
        let played = Command::new(&self.binary).args(["demo", "--url", &self.url()]).output().map_err(io("play"))?;
        if played.status.success() {
            return Ok(());
        }
        let said = String::from_utf8_lossy(&played.stderr).into_owned();
        Err(Failed::new(format!("a bank that was killed at its first start is no good: {said}\n{}", self.last_words())))
    }

    /// The end of its log.
    pub fn last_words(&self) -> String {
        let log = fs::read_to_string(&self.log).unwrap_or_default();
        let lines: Vec<_> = log.lines().collect();
        lines[lines.len().saturating_sub(LINES_SHOWN)..].join("\n")
    }
}

impl Drop for Bank {
    /// A proof that ends early leaves no process behind.
    fn drop(&mut self) {
        if let Some(mut process) = self.process.take() {
            let _gone = process.kill();
            let _gone = process.wait();
        }
    }
}

/// A port that is free with the one after it, below those that the system gives to anybody.
fn free_port(chance: &Chance) -> Result<u16, Failed> {
    let free = |port: u16| TcpListener::bind(("127.0.0.1", port)).is_ok();
    let mut ports = (0..100).map(|_| u16::try_from(chance.between(10_000, 30_000)).unwrap());
    ports.find(|port| free(*port) && free(port + 1)).ok_or_else(|| Failed::new("no port is free"))
}

fn io(attempted: &'static str) -> impl Fn(std::io::Error) -> Failed {
    move |error| Failed::new(format!("could not {attempted}: {error}"))
}
