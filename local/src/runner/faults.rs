//! What may befall functions between them and everything they call, and messages on their way to them.
//!
//! The bank itself never misfortunes on its own: a proof passes somebody who decides, call by call. What happens is what happens in
//! the cloud: a request or an answer is lost, a service says "slow down" or "another transaction is at it", or the process dies.

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicU32, AtomicU64, Ordering},
    },
};

use aws_smithy_runtime_api::client::{
    http::{
        HttpClient as _, HttpConnector, HttpConnectorFuture, SharedHttpClient, SharedHttpConnector, http_client_fn,
    },
    orchestrator::{HttpRequest, HttpResponse},
    result::ConnectorError,
};
use aws_smithy_types::body::SdkBody;
use serde_json::{Value, json};
use tokio::sync::Notify;

use super::queues::Delivery;
use crate::services::TaskFate;

/// One call of a function to something outside it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Call {
    /// The function's logical id.
    pub function: String,
    /// Which invocation of the whole bank it is in, from 0.
    pub invocation: u64,
    /// Which call of its invocation it is, from 0.
    pub number: u32,
    /// `dynamodb`, `sqs` …, or `http` for everybody else.
    pub service: String,
    /// The operation; for `http` the method and the path.
    pub operation: String,
    /// The table, queue, topic, bucket … that it names, if it names one.
    pub target: String,
}

/// What happens to a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// Nothing special.
    Pass,
    /// It never arrives.
    RequestLost,
    /// It is done, and the caller never learns so.
    AnswerLost,
    /// It is answered so and not done.
    Refused(Refusal),
    /// The process dies before it; the invocation with it.
    DieBefore,
    /// It is done, and the process dies before it learns so.
    DieAfter,
}

/// A refusal that passes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// Slow down, in the words of the service.
    Throttled,
    /// Another transaction is at the same item; only DynamoDB says so, and elsewhere it is as `Throttled`.
    TransactionConflict,
    /// The service has a failure of its own.
    Unavailable,
}

/// Decides what happens. Every method that is not written lets everything pass.
pub trait Faults: Send + Sync + fmt::Debug {
    /// Asked before each call that a function makes while it is invoked.
    fn call(&self, call: &Call) -> Fate {
        let _unread = call;
        Fate::Pass
    }

    /// Asked before each call: how often everybody else gets a turn before it is made.
    fn turns(&self, call: &Call) -> u32 {
        let _unread = call;
        0
    }

    /// Told of each answer that reached the function.
    fn answered(&self, call: &Call, status: u16) {
        let _unread = (call, status);
    }

    /// Asked before each function's taking of a batch from a queue or a stream: until when it takes none.
    fn idle_until_ms(&self, source: &str, now_ms: i64) -> Option<i64> {
        let _unread = (source, now_ms);
        None
    }

    /// Asked for each message that is about to be delivered to a function.
    fn delivery(&self, queue: &str, receives: u32) -> Delivery {
        let _unread = (queue, receives);
        Delivery::Now
    }

    /// Asked when a stream batch was taken whole: whether it comes again all the same.
    fn batch_again(&self, source: &str) -> bool {
        let _unread = source;
        false
    }

    /// Asked before each call of a task of a workflow, by the name of its state.
    fn task(&self, state: &str) -> TaskFate {
        let _unread = state;
        TaskFate::Pass
    }

    /// Told of each invocation's end, with the error's type if it failed.
    fn ended(&self, function: &str, invocation: u64, error: Option<&str>) {
        let _unread = (function, invocation, error);
    }
}

tokio::task_local! {
    static CURRENT: Arc<Invocation>;
}

/// One run of a function.
#[derive(Debug)]
pub(super) struct Invocation {
    function: String,
    number: u64,
    calls: AtomicU32,
    died: Notify,
}

/// Numbers invocations and knows who decides.
#[derive(Debug, Clone)]
pub(super) struct Misfortune {
    faults: Arc<dyn Faults>,
    invocations: Arc<AtomicU64>,
}

impl Misfortune {
    pub fn new(faults: Arc<dyn Faults>) -> Self {
        Self { faults, invocations: Arc::default() }
    }

    pub fn faults(&self) -> &Arc<dyn Faults> {
        &self.faults
    }

    /// The next invocation.
    pub fn invocation(&self, function: &str) -> Arc<Invocation> {
        let number = self.invocations.fetch_add(1, Ordering::Relaxed);
        Arc::new(Invocation { function: function.to_owned(), number, calls: AtomicU32::new(0), died: Notify::new() })
    }

    /// The client that functions get: what they call while they are invoked is decided on first.
    pub fn client(&self, http: &SharedHttpClient) -> SharedHttpClient {
        let (http, faults) = (http.clone(), Arc::clone(&self.faults));
        http_client_fn(move |settings, components| {
            let service = http.http_connector(settings, components);
            SharedHttpConnector::new(Meddler { service, faults: Arc::clone(&faults) })
        })
    }
}

impl Invocation {
    /// Which it is.
    pub fn number(&self) -> u64 {
        self.number
    }

    /// Runs the function's future as this invocation.
    pub async fn run<F: Future>(self: Arc<Self>, work: F) -> F::Output {
        CURRENT.scope(self, work).await
    }

    /// Waits for its death.
    pub async fn died(&self) {
        self.died.notified().await;
    }

    fn next(&self, request: &HttpRequest) -> Call {
        let number = self.calls.fetch_add(1, Ordering::Relaxed);
        let (service, operation, target) = described(request);
        Call { function: self.function.clone(), invocation: self.number, number, service, operation, target }
    }
}

/// Stands between a function's clients and the services.
struct Meddler {
    service: SharedHttpConnector,
    faults: Arc<dyn Faults>,
}

impl fmt::Debug for Meddler {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Meddler").finish_non_exhaustive()
    }
}

impl HttpConnector for Meddler {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let (service, faults) = (self.service.clone(), Arc::clone(&self.faults));
        let Ok(invocation) = CURRENT.try_with(Arc::clone) else { return service.call(request) };
        let call = invocation.next(&request);
        let lost = |what: &str| ConnectorError::io(what.to_owned().into());
        HttpConnectorFuture::new(async move {
            for _ in 0..faults.turns(&call) {
                tokio::task::yield_now().await;
            }
            match faults.call(&call) {
                Fate::Pass => {
                    let answer = service.call(request).await?;
                    faults.answered(&call, answer.status().as_u16());
                    Ok(answer)
                }
                Fate::RequestLost => Err(lost("the request was lost")),
                Fate::AnswerLost => {
                    service.call(request).await?;
                    Err(lost("the answer was lost"))
                }
                Fate::Refused(refusal) => refused(&call, refusal),
                Fate::DieBefore => dead(&invocation).await,
                Fate::DieAfter => {
                    let _nobody_learns = service.call(request).await;
                    dead(&invocation).await
                }
            }
        })
    }
}

/// Nothing of the invocation goes on.
async fn dead(invocation: &Invocation) -> Result<HttpResponse, ConnectorError> {
    invocation.died.notify_one();
    std::future::pending().await
}

/// Service, operation and target of a request.
fn described(request: &HttpRequest) -> (String, String, String) {
    let uri = http::Uri::try_from(request.uri()).unwrap_or_default();
    let signed = request.headers().get("authorization").unwrap_or_default();
    let scope = signed.split("Credential=").nth(1).and_then(|it| it.split(',').next()).unwrap_or_default();
    let service = scope.rsplit('/').nth(1).unwrap_or("http").to_owned();
    let body = request.body().bytes().unwrap_or_default();
    if let Some(target) = request.headers().get("x-amz-target") {
        let operation = target.rsplit('.').next().unwrap_or_default().to_owned();
        return (service, operation, named(&serde_json::from_slice(body).unwrap_or_default()));
    }
    if service == "sns" {
        let field = |name: &str| {
            let mut fields = form_urlencoded::parse(body);
            fields.find(|(key, _)| key == name).map(|(_, value)| value.into_owned()).unwrap_or_default()
        };
        return (service, field("Action"), last_part(&field("TopicArn")));
    }
    let method = request.method();
    if service == "s3" {
        let key = uri.path().trim_start_matches('/').split('/').next().unwrap_or_default();
        return (service, method.to_owned(), format!("{}{key}", uri.host().unwrap_or_default()));
    }
    // Ids in a path would make every run another one.
    let path = uri.path().split('/').map(|part| if part.bytes().any(|it| it.is_ascii_digit()) { "*" } else { part });
    (service, format!("{method} {}", path.collect::<Vec<_>>().join("/")), String::new())
}

/// The resource that a document names.
fn named(document: &Value) -> String {
    const PLACES: [&str; 8] = [
        "/TableName",
        "/QueueUrl",
        "/stateMachineArn",
        "/KeyId",
        "/Entries/0/EventBusName",
        "/TransactItems/0/Put/TableName",
        "/TransactItems/0/Update/TableName",
        "/TransactItems/0/ConditionCheck/TableName",
    ];
    let place = PLACES.iter().find_map(|place| document.pointer(place).and_then(Value::as_str));
    let requested = || document.get("RequestItems").and_then(Value::as_object).and_then(|it| it.keys().next());
    last_part(place.or_else(|| requested().map(String::as_str)).unwrap_or_default())
}

fn last_part(name: &str) -> String {
    name.rsplit(['/', ':']).next().unwrap_or_default().to_owned()
}

/// The refusal as the service writes it.
fn refused(call: &Call, refusal: Refusal) -> Result<HttpResponse, ConnectorError> {
    let dynamodb = call.service == "dynamodb";
    let (status, code) = match refusal {
        Refusal::Unavailable => (500, "InternalFailure"),
        Refusal::TransactionConflict if dynamodb && call.operation == "TransactWriteItems" => {
            (400, "TransactionCanceledException")
        }
        Refusal::TransactionConflict if dynamodb => (400, "TransactionConflictException"),
        Refusal::Throttled | Refusal::TransactionConflict => match call.service.as_str() {
            "dynamodb" => (400, "ProvisionedThroughputExceededException"),
            "s3" => (503, "SlowDown"),
            "http" => (429, "rate_limit"),
            _ => (400, "ThrottlingException"),
        },
    };
    let xml = |body: String| ("text/xml", body);
    let (content_type, body) = match call.service.as_str() {
        "s3" => xml(format!("<Error><Code>{code}</Code><Message>refused</Message></Error>")),
        "sns" => xml(format!("<ErrorResponse><Error><Code>{code}</Code></Error></ErrorResponse>")),
        "http" => ("application/json", json!({ "error": { "type": code, "message": "refused" } }).to_string()),
        _ if code == "TransactionCanceledException" => {
            let message = "Transaction cancelled, please refer cancellation reasons for specific reasons \
                           [TransactionConflict]";
            let reasons = json!([{ "Code": "TransactionConflict", "Message": "Transaction is ongoing for the item" }]);
            let body = json!({ "__type": format!("com.amazonaws.dynamodb.v20120810#{code}"), "Message": message,
                "CancellationReasons": reasons });
            ("application/x-amz-json-1.0", body.to_string())
        }
        _ => ("application/x-amz-json-1.0", json!({ "__type": code, "message": "refused" }).to_string()),
    };
    let response = http::Response::builder().status(status).header("content-type", content_type);
    let response = response.body(SdkBody::from(body)).map_err(|error| ConnectorError::user(error.into()))?;
    HttpResponse::try_from(response).map_err(|error| ConnectorError::user(error.into()))
}
