//! Calls to others than AWS, over the HTTP client that the SDK has anyway: one connection pool, one TLS stack, and one place where
//! a test or a local run takes such calls for itself.

use std::{
    convert::Infallible,
    fmt,
    task::{Context, Poll},
    time::Duration,
};

use aws_smithy_async::rt::sleep::TokioSleep;
use aws_smithy_runtime::client::orchestrator::operation::Operation;
use aws_smithy_runtime_api::{
    box_error::BoxError,
    client::{
        behavior_version::BehaviorVersion,
        endpoint::{EndpointFuture, EndpointResolverParams, ResolveEndpoint, SharedEndpointResolver},
        interceptors::{Intercept, context::BeforeSerializationInterceptorContextRef},
        orchestrator::{HttpRequest, HttpResponse, OrchestratorError},
        result::SdkError,
        runtime_components::{RuntimeComponents, RuntimeComponentsBuilder},
        runtime_plugin::StaticRuntimePlugin,
        stalled_stream_protection::StalledStreamProtectionConfig,
    },
};
use aws_smithy_types::{
    body::SdkBody,
    config_bag::{ConfigBag, Layer},
    endpoint::Endpoint,
    timeout::TimeoutConfig,
};
use aws_types::SdkConfig;
use bytes::Bytes;
use futures::future::BoxFuture;

use crate::sqs::chain;

/// How long a connection may take to be there.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);
/// How long a call may take in all, unless the caller says otherwise.
const CALL_TIMEOUT: Duration = Duration::from_secs(10);

/// A request was not answered. It may have been carried out all the same.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{what}: {cause}")]
pub struct OutboundError {
    what: &'static str,
    // Never the request and never an answer: they may hold tokens, or somebody's name.
    cause: String,
}

impl OutboundError {
    /// Nothing was sent, as nobody could be asked whether it may be.
    pub(crate) fn unpaced(error: &dyn std::error::Error) -> Self {
        Self { what: "the request was not sent, for want of its turn", cause: chain(error) }
    }
}

/// An HTTP client as a cloneable service. It sends what it is given, once: nothing is signed, retried or redirected.
#[derive(Clone)]
pub struct Client(Operation<Call, http::Response<Bytes>, Infallible>);

/// Its `Debug` must not show what is sent: the SDK asks for one.
struct Call(http::Request<Bytes>);

/// A client over the SDK's own HTTP client.
#[must_use]
pub fn client(config: &SdkConfig) -> Client {
    client_within(config, CALL_TIMEOUT)
}

/// A client whose calls may take so long, each in all.
#[must_use]
pub fn client_within(config: &SdkConfig, call_timeout: Duration) -> Client {
    let endpoint = RuntimeComponentsBuilder::new("outbound")
        .with_endpoint_resolver(Some(SharedEndpointResolver::new(WhereAsked)))
        .with_interceptor(NoteWhereAsked);
    // The SDK wants to know that there are parameters before there is a call that has some.
    let mut parameters = Layer::new("outbound");
    parameters.store_put(EndpointResolverParams::new(()));
    let endpoint = StaticRuntimePlugin::new().with_config(parameters.freeze()).with_runtime_components(endpoint);
    let timeouts = TimeoutConfig::builder().connect_timeout(CONNECT_TIMEOUT).operation_timeout(call_timeout).build();
    let mut operation = Operation::builder()
        .service_name("outbound")
        .operation_name("call")
        .behavior_version(config.behavior_version().unwrap_or_else(BehaviorVersion::latest))
        .no_auth()
        .no_retry()
        .timeout_config(timeouts)
        // Not the configuration's: how long a call takes is measured in real time, whatever moves the bank's clock meanwhile.
        .sleep_impl(TokioSleep::new())
        .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
        .runtime_plugin(endpoint);
    // Without one the SDK brings its own, over TLS, as it does for AWS's services.
    if let Some(http) = config.http_client() {
        operation = operation.http_client(http);
    }
    if let Some(time) = config.time_source() {
        operation = operation.time_source(time);
    }
    Client(operation.serializer(to_sdk).deserializer(from_sdk).build())
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("outbound::Client")
    }
}

impl fmt::Debug for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Call")
    }
}

impl tower::Service<http::Request<Bytes>> for Client {
    type Response = http::Response<Bytes>;
    type Error = OutboundError;
    type Future = BoxFuture<'static, Result<Self::Response, OutboundError>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), OutboundError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<Bytes>) -> Self::Future {
        let operation = self.0.clone();
        Box::pin(async move { operation.invoke(Call(request)).await.map_err(unanswered) })
    }
}

fn to_sdk(Call(request): Call) -> Result<HttpRequest, BoxError> {
    let (mut parts, body) = request.into_parts();
    // The rest of the URL comes back as the endpoint, which the SDK resolves for every call.
    let path = parts.uri.path_and_query().map_or("/", |it| it.as_str());
    parts.uri = path.parse()?;
    Ok(http::Request::from_parts(parts, SdkBody::from(body)).try_into()?)
}

fn from_sdk(response: &HttpResponse) -> Result<http::Response<Bytes>, OrchestratorError<Infallible>> {
    let body = response.body().bytes().ok_or_else(|| OrchestratorError::other("the body was not read"))?;
    let mut answer = http::Response::builder().status(response.status().as_u16());
    for (name, value) in response.headers() {
        answer = answer.header(name, value);
    }
    answer.body(Bytes::copy_from_slice(body)).map_err(OrchestratorError::other)
}

fn unanswered(error: SdkError<Infallible, HttpResponse>) -> OutboundError {
    let what = match &error {
        SdkError::ConstructionFailure(_) => "the request could not be sent",
        SdkError::TimeoutError(_) => "the answer took too long",
        SdkError::DispatchFailure(_) => "there was no answer",
        _ => "the answer could not be read",
    };
    let cause = error.into_source().map_or_else(|_| String::new(), |source| chain(source.as_ref()));
    OutboundError { what, cause }
}

/// The endpoint of a call is the origin of its URL, which is known only when it comes.
#[derive(Debug)]
struct Origin(String);

#[derive(Debug)]
struct NoteWhereAsked;

impl Intercept for NoteWhereAsked {
    fn name(&self) -> &'static str {
        "NoteWhereAsked"
    }

    fn read_before_serialization(
        &self,
        context: &BeforeSerializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let Call(request) = context.input().downcast_ref().ok_or("not a call")?;
        let uri = request.uri();
        let (scheme, authority) = uri.scheme().zip(uri.authority()).ok_or("the URL is not absolute")?;
        let origin = Origin(format!("{scheme}://{authority}"));
        config.interceptor_state().store_put(EndpointResolverParams::new(origin));
        Ok(())
    }
}

#[derive(Debug)]
struct WhereAsked;

impl ResolveEndpoint for WhereAsked {
    fn resolve_endpoint<'a>(&'a self, params: &'a EndpointResolverParams) -> EndpointFuture<'a> {
        let endpoint = params.get::<Origin>().map(|Origin(url)| Endpoint::builder().url(url.clone()).build());
        EndpointFuture::ready(endpoint.ok_or_else(|| "no origin was noted".into()))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use aws_smithy_async::time::{SharedTimeSource, SystemTimeSource};
    use aws_smithy_runtime_api::{
        client::http::{HttpConnector, HttpConnectorFuture, SharedHttpConnector, http_client_fn},
        http::StatusCode,
    };
    use tower::ServiceExt as _;

    use super::*;

    /// Answers as the path says: a status, or nothing at all.
    #[derive(Clone, Debug, Default)]
    struct World(Arc<Mutex<Vec<String>>>);

    impl HttpConnector for World {
        fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
            let body = String::from_utf8(request.body().bytes().unwrap().to_vec()).unwrap();
            let headers: Vec<String> =
                request.headers().iter().map(|(name, value)| format!("{name}={value}")).collect();
            let asked = format!("{} {} {headers:?} {body}", request.method(), request.uri());
            self.0.lock().unwrap().push(asked);
            if request.uri().ends_with("/silence") {
                return HttpConnectorFuture::new(std::future::pending());
            }
            let status = StatusCode::try_from(if request.uri().ends_with("/503") { 503 } else { 201 }).unwrap();
            let mut response = HttpResponse::new(status, SdkBody::from("an answer"));
            response.headers_mut().insert("x-of", "theirs");
            HttpConnectorFuture::ready(Ok(response))
        }
    }

    impl World {
        fn client(&self) -> Client {
            let connector = SharedHttpConnector::new(self.clone());
            let config = SdkConfig::builder()
                .behavior_version(BehaviorVersion::latest())
                .time_source(SharedTimeSource::new(SystemTimeSource::new()))
                .http_client(http_client_fn(move |_, _| connector.clone()))
                .build();
            client(&config)
        }
    }

    fn request(url: &str) -> http::Request<Bytes> {
        let request = http::Request::post(url).header("x-of", "ours");
        request.body(Bytes::from_static(b"a question")).unwrap()
    }

    #[tokio::test]
    async fn what_is_asked_goes_out_as_it_is_and_the_answer_comes_back() {
        let world = World::default();
        let client = world.client();
        for (url, status) in [("https://one.example/sim/a?b=c%20d", 201), ("http://two.example:8080/503", 503)] {
            let answer = client.clone().oneshot(request(url)).await.unwrap();
            assert_eq!((answer.status().as_u16(), answer.body().as_ref()), (status, &b"an answer"[..]));
            assert_eq!(answer.headers()["x-of"], "theirs");
        }
        // Nothing is added that only AWS understands, and a failure is not repeated.
        assert_eq!(
            *world.0.lock().unwrap(),
            [
                "POST https://one.example/sim/a?b=c%20d [\"x-of=ours\"] a question",
                "POST http://two.example:8080/503 [\"x-of=ours\"] a question",
            ]
        );
    }

    #[tokio::test(start_paused = true)]
    async fn who_does_not_answer_is_not_waited_for() {
        let refused = World::default().client().oneshot(request("https://one.example/silence")).await.unwrap_err();
        assert_eq!(refused.what, "the answer took too long");
    }

    #[tokio::test]
    async fn a_url_without_a_host_is_sent_nowhere() {
        let world = World::default();
        assert!(world.client().oneshot(request("/v1/somewhere")).await.is_err());
        assert!(world.0.lock().unwrap().is_empty());
    }
}
