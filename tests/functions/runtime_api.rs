//! The Lambda Runtime API, as far as a function's process uses it: the next event, its answer, or its error.
//!
//! Ours, because the crate for it (lambda-simulator) brings a second TLS stack, and with it other features of what the
//! binaries under test are built from.

use std::{
    collections::HashMap,
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{
    Router,
    extract::{Path, State},
    http::{HeaderMap, HeaderValue, StatusCode},
    routing::{get, post},
};
use bytes::Bytes;
use granary::template::FunctionPlan;
use time::OffsetDateTime;
use tokio::{
    net::TcpListener,
    runtime::{Builder, Runtime},
    sync::{mpsc, oneshot, watch},
};
use uuid::Uuid;

/// How an invocation ended: the answer's bytes as text, or Lambda's error type and message.
pub type Answer = Result<String, String>;

/// One function's Runtime API on a loopback port.
pub struct RuntimeApi {
    pub address: SocketAddr,
    // Its own runtime: shutting that down closes the sockets, an open poll's included. Nothing else looks as dead to a client.
    runtime: Option<Runtime>,
    invocations: mpsc::UnboundedSender<Invocation>,
    polls: watch::Receiver<u64>,
    arn: String,
    timeout: Duration,
}

struct Invocation {
    headers: HeaderMap,
    event: Bytes,
    id: String,
    answer: oneshot::Sender<Answer>,
}

struct Shared {
    waiting: tokio::sync::Mutex<mpsc::UnboundedReceiver<Invocation>>,
    running: Mutex<HashMap<String, oneshot::Sender<Answer>>>,
    polls: watch::Sender<u64>,
}

impl RuntimeApi {
    pub fn serve(function: &FunctionPlan) -> Self {
        let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let address = listener.local_addr().unwrap();
        let (invocations, waiting) = mpsc::unbounded_channel();
        let (counter, polls) = watch::channel(0);
        let shared = Shared { waiting: waiting.into(), running: Mutex::default(), polls: counter };
        let router = Router::new()
            .route("/2018-06-01/runtime/invocation/next", get(next))
            .route("/2018-06-01/runtime/invocation/{id}/response", post(response))
            .route("/2018-06-01/runtime/invocation/{id}/error", post(error))
            .with_state(Arc::new(shared));
        runtime.spawn(async move { axum::serve(TcpListener::from_std(listener).unwrap(), router).await });
        let timeout = Duration::from_secs(function.timeout_s.into());
        Self { address, runtime: Some(runtime), invocations, polls, arn: function.arn.clone(), timeout }
    }

    /// Hands the event to the process when it next asks, and waits for what it says.
    pub async fn invoke(&self, event: Bytes) -> Answer {
        let (answer, answered) = oneshot::channel();
        let id = Uuid::new_v4().to_string();
        let deadline = OffsetDateTime::now_utc() + self.timeout;
        let headers = [
            ("lambda-runtime-aws-request-id", id.clone()),
            ("lambda-runtime-deadline-ms", (deadline.unix_timestamp_nanos() / 1_000_000).to_string()),
            ("lambda-runtime-invoked-function-arn", self.arn.clone()),
            ("lambda-runtime-trace-id", "Root=1-69e4a9dc-0f1e2d3c4b5a69788796a5b4;Sampled=0".to_owned()),
            ("content-type", "application/json".to_owned()),
        ];
        let headers = headers.map(|(name, value)| (name.parse().unwrap(), HeaderValue::from_str(&value).unwrap()));
        let headers = HeaderMap::from_iter(headers);
        assert!(self.invocations.send(Invocation { headers, event, id, answer }).is_ok(), "the Runtime API is gone");
        answered.await.unwrap()
    }

    /// Until the process has asked for an event: it has started, or is done with the one before.
    pub async fn polled(&self) {
        self.polls.clone().wait_for(|polls| *polls > 0).await.unwrap();
    }

    /// Goes away, as if the machine under it had stopped.
    pub fn vanish(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

impl Drop for RuntimeApi {
    fn drop(&mut self) {
        self.vanish();
    }
}

async fn next(State(shared): State<Arc<Shared>>) -> Result<(HeaderMap, Bytes), StatusCode> {
    shared.polls.send_modify(|polls| *polls += 1);
    let invocation = shared.waiting.lock().await.recv().await.ok_or(StatusCode::GONE)?;
    shared.running.lock().unwrap().insert(invocation.id, invocation.answer);
    Ok((invocation.headers, invocation.event))
}

async fn response(State(shared): State<Arc<Shared>>, Path(id): Path<String>, body: Bytes) -> StatusCode {
    shared.end(&id, Ok(text(&body)))
}

async fn error(State(shared): State<Arc<Shared>>, Path(id): Path<String>, body: Bytes) -> StatusCode {
    let error: serde_json::Value = serde_json::from_slice(&body).unwrap_or_default();
    let part = |name: &str| error[name].as_str().unwrap_or("(absent)").to_owned();
    shared.end(&id, Err(format!("{}: {}", part("errorType"), part("errorMessage"))))
}

impl Shared {
    fn end(&self, id: &str, answer: Answer) -> StatusCode {
        match self.running.lock().unwrap().remove(id) {
            Some(waiting) => waiting.send(answer).map_or(StatusCode::GONE, |()| StatusCode::ACCEPTED),
            None => StatusCode::BAD_REQUEST, // As Lambda: this id is not being worked on.
        }
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap_or_else(|_| format!("not text: {bytes:?}"))
}
