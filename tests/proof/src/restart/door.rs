//! The public doors as a patient app goes through them: whatever is not answered is asked again, with the same ids.

use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::{Duration, Instant},
};

use bytes::Bytes;
use granary::cli::client::Client;
use http::{Request, StatusCode};
use serde_json::{Value, json};

use crate::Failed;

/// An app gives a dead connection up after this.
const ANSWER_WITHIN: Duration = Duration::from_secs(20);
/// How long a person waits for one thing, over all repeats and restarts.
const PATIENCE: Duration = Duration::from_secs(120);
const ASK_AGAIN_AFTER: Duration = Duration::from_millis(25);

/// The way into one bank, wherever it is in its lives.
pub struct Door {
    client: Client,
    /// Commands that are under way and not answered.
    unanswered: AtomicU64,
    repeats: AtomicU64,
}

/// What an app does about an answer.
pub enum Answer {
    /// It is what was asked for.
    Taken(Value),
    /// It may pass: ask again.
    Again(String),
    /// It will not.
    Refused(String),
}

/// Whether something changes by a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Command,
    Question,
}

impl Door {
    pub fn new(url: &str) -> Self {
        Self { client: Client::new(url), unanswered: AtomicU64::new(0), repeats: AtomicU64::new(0) }
    }

    /// Commands that are under way at this moment.
    pub fn unanswered(&self) -> u64 {
        self.unanswered.load(Ordering::SeqCst)
    }

    /// How often anything was asked again that had not been answered.
    pub fn repeats(&self) -> u64 {
        self.repeats.load(Ordering::SeqCst)
    }

    /// Asks until there is an answer that counts.
    pub async fn ask(
        &self,
        kind: Kind,
        request: &Request<Bytes>,
        read: impl Fn(StatusCode, Value) -> Answer,
    ) -> Result<Value, Failed> {
        let began = Instant::now();
        loop {
            let again = match self.once(kind, request).await {
                Err(lost) => {
                    self.repeats.fetch_add(1, Ordering::SeqCst);
                    lost
                }
                Ok((status, _)) if status.is_server_error() => format!("status {status}"),
                Ok((status, body)) => match read(status, serde_json::from_slice(&body).unwrap_or_default()) {
                    Answer::Taken(value) => return Ok(value),
                    Answer::Again(why) => why,
                    Answer::Refused(why) => return Err(Failed::new(format!("{} refused: {why}", request.uri()))),
                },
            };
            if began.elapsed() > PATIENCE {
                return Err(Failed::new(format!("{}: nothing within {PATIENCE:?}, at last {again}", request.uri())));
            }
            tokio::time::sleep(ASK_AGAIN_AFTER).await;
        }
    }

    async fn once(&self, kind: Kind, request: &Request<Bytes>) -> Result<(StatusCode, Bytes), String> {
        let counted = u64::from(kind == Kind::Command);
        self.unanswered.fetch_add(counted, Ordering::SeqCst);
        let answered = tokio::time::timeout(ANSWER_WITHIN, self.client.call(request.clone())).await;
        self.unanswered.fetch_sub(counted, Ordering::SeqCst);
        answered.map_err(|_| "no answer".to_owned())?.map_err(|error| error.to_string())
    }

    /// `GET`s JSON.
    pub async fn get(&self, path: &str) -> Result<Value, Failed> {
        self.ask(Kind::Question, &Request::get(path).body(Bytes::new()).unwrap(), ok).await
    }

    /// `POST`s JSON to a switch of the outside world.
    pub async fn post(&self, path: &str, body: &Value) -> Result<Value, Failed> {
        let request = Request::post(path).header("content-type", "application/json");
        self.ask(Kind::Command, &request.body(body.to_string().into()).unwrap(), ok).await
    }

    /// `POST`s JSON once; `None`: nobody knows whether it went through.
    pub async fn try_once(&self, path: &str, body: &str) -> Option<Value> {
        let request = Request::post(path).header("content-type", "application/json");
        match self.once(Kind::Command, &request.body(body.to_owned().into()).unwrap()).await {
            Ok((StatusCode::OK, said)) => serde_json::from_slice(&said).ok(),
            Ok(_) | Err(_) => {
                self.repeats.fetch_add(1, Ordering::SeqCst);
                tokio::time::sleep(ASK_AGAIN_AFTER).await;
                None
            }
        }
    }

    /// One operation of the identity pool. `done` is the error that says that an earlier try went through.
    pub async fn pool(&self, operation: &str, done: Option<(&str, &str)>, body: &Value) -> Result<Value, Failed> {
        let is_done = |said: &Value| {
            let says = |field: &str, what: &str| said[field].as_str().is_some_and(|it| it.contains(what));
            done.is_some_and(|(code, text)| says("__type", code) && says("message", text))
        };
        self.operate(operation, &body.to_string(), |said| match said["__type"] {
            Value::Null => Answer::Taken(said),
            _ if is_done(&said) => Answer::Taken(Value::Null),
            _ => Answer::Refused(said.to_string()),
        })
        .await
    }

    /// One operation of the identity pool, whose answer or error is read by the caller.
    pub async fn operate(&self, operation: &str, body: &str, read: impl Fn(Value) -> Answer) -> Result<Value, Failed> {
        let target = format!("AWSCognitoIdentityProviderService.{operation}");
        let request = Request::post("/cognito").header("content-type", "application/x-amz-json-1.1");
        let request = request.header("x-amz-target", target).body(body.to_owned().into()).unwrap();
        let kind = if matches!(operation, "SignUp" | "ConfirmSignUp") { Kind::Command } else { Kind::Question };
        self.ask(kind, &request, |_, said| read(said)).await
    }

    /// One GraphQL document; `None`: the token is no longer good.
    pub async fn graphql(
        &self,
        kind: Kind,
        token: &str,
        query: &str,
        variables: &Value,
    ) -> Result<Option<Value>, Failed> {
        let body = json!({ "query": query, "variables": variables }).to_string();
        let request = Request::post("/graphql").header("content-type", "application/json");
        let request = request.header("authorization", format!("Bearer {token}")).body(body.into()).unwrap();
        let data = self.ask(kind, &request, |_, mut said| {
            let errors = said["errors"].as_array().cloned().unwrap_or_default();
            let code = |error: &Value| error["extensions"]["code"].as_str().unwrap_or_default().to_owned();
            if errors.iter().any(|error| code(error) == "UNAUTHENTICATED") {
                return Answer::Taken(Value::Null);
            }
            if errors.iter().any(|error| error["extensions"]["retryable"] == true) {
                return Answer::Again(format!("{errors:?}"));
            }
            match said["data"].take() {
                data if errors.is_empty() && data.is_object() => Answer::Taken(data),
                _ => Answer::Refused(format!("{errors:?}")),
            }
        });
        Ok(Some(data.await?).filter(Value::is_object))
    }
}

fn ok(status: StatusCode, said: Value) -> Answer {
    if status == StatusCode::OK { Answer::Taken(said) } else { Answer::Refused(format!("{status}: {said}")) }
}
