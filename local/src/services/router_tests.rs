//! The door: who is asking, for what, in process and over a port.

use std::sync::Arc;

use async_trait::async_trait;
use aws_smithy_runtime_api::client::{http::HttpConnector, orchestrator::HttpRequest};
use bytes::Bytes;
use futures::{FutureExt, future::BoxFuture};
use http::{Request, Response, StatusCode};
use tokio::{net::TcpListener, sync::oneshot};

use super::{
    AllowAll, Aws, Guest, OPERATOR, Outbound, Principal, connector, connector::InProcess, sdk_config, testing::World,
};
use crate::{
    engine::{Engine, clock::ManualClock},
    services::{Authorizer, Denied, Facts, serve},
};

struct Echo;

impl Guest for Echo {
    fn target_prefix(&self) -> &str {
        "AWSCognitoIdentityProviderService."
    }

    fn handle(&self, principal: Principal, _request: Request<Bytes>) -> BoxFuture<'_, Response<Bytes>> {
        async move { Response::new(Bytes::from(format!("guest for <{}>", principal.as_str()))) }.boxed()
    }
}

fn request(target: &str, service: Option<&str>) -> Request<Bytes> {
    let mut request = Request::post("https://example.amazonaws.com/").header("x-amz-target", target);
    if let Some(service) = service {
        let scope = format!(
            "AWS4-HMAC-SHA256 Credential=My/Key/20260105/eu-west-1/{service}/aws4_request, SignedHeaders=h, Signature=s"
        );
        request = request.header("authorization", scope);
    }
    request.body(Bytes::from_static(b"{}")).unwrap()
}

#[tokio::test]
async fn a_guest_is_called_signed_or_not() {
    let world = World::new();
    world.aws.attach("cognito-idp", Arc::new(Echo)).unwrap();
    let target = "AWSCognitoIdentityProviderService.SignUp";
    assert_eq!(world.aws.call(request(target, None)).await.body(), "guest for <>");
    assert_eq!(world.aws.call(request(target, Some("cognito-idp"))).await.body(), "guest for <My/Key>");
}

#[tokio::test]
async fn a_call_without_a_signature_or_for_an_unknown_service_is_refused() {
    let world = World::new();
    let unsigned = world.aws.call(request("DynamoDB_20120810.GetItem", None)).await;
    assert_eq!(unsigned.status(), StatusCode::FORBIDDEN);
    assert!(String::from_utf8_lossy(unsigned.body()).contains("MissingAuthenticationTokenException"));
    let unknown = world.aws.call(request("X.Y", Some("glacier"))).await;
    assert_eq!(unknown.status(), StatusCode::BAD_REQUEST);
    assert!(String::from_utf8_lossy(unknown.body()).contains("glacier"));
}

struct Nobody;

impl Authorizer for Nobody {
    fn allow_given(&self, principal: &str, action: &str, resource: &str, _facts: Facts<'_>) -> Result<(), Denied> {
        Err(Denied::new(principal, action, resource, "because nobody may"))
    }

    fn allow_service(&self, service: &str, action: &str, resource: &str, _source_arn: &str) -> Result<(), Denied> {
        Err(Denied::new(service, action, resource, "because nobody may"))
    }
}

struct Elsewhere;

#[async_trait]
impl Outbound for Elsewhere {
    async fn call(&self, _request: Request<Bytes>) -> Response<Bytes> {
        Response::new(Bytes::from_static(b"outside"))
    }
}

#[tokio::test]
async fn the_operator_may_do_what_nobody_may() {
    let clock = Arc::new(ManualClock::new(0));
    let aws = Aws::new(Engine::open(None, clock.clone()).unwrap(), Arc::new(Nobody));
    let http = connector(aws, Arc::new(Elsewhere));
    let list = |principal: &str| {
        let config = sdk_config(principal, http.clone(), clock.clone());
        async move { aws_sdk_dynamodb::Client::new(&config).list_tables().send().await }
    };
    assert!(list("Graphql").await.is_err());
    assert!(list(OPERATOR).await.is_ok());
}

#[tokio::test]
async fn what_is_not_for_aws_goes_outside() {
    let clock = Arc::new(ManualClock::new(0));
    let aws = Aws::new(Engine::open(None, clock).unwrap(), Arc::new(AllowAll));
    let connector = InProcess { aws, extra: Arc::new(Elsewhere) };
    let request = HttpRequest::get("http://127.0.0.1:4000/cognito/pool/.well-known/jwks.json").unwrap();
    let response = connector.call(request).await.unwrap();
    assert_eq!(response.body().bytes(), Some(b"outside".as_slice()));
}

#[tokio::test]
async fn the_same_door_answers_on_a_port() {
    let world = World::new();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let (stop, stopped) = oneshot::channel::<()>();
    let served = tokio::spawn(serve(Arc::clone(&world.aws), listener, async move { drop(stopped.await) }));
    world.aws.sqs.create_queue(&super::QueueSpec::new("work")).unwrap();
    world.aws.s3.create_bucket("bucket").unwrap();

    let config = aws_config::defaults(aws_config::BehaviorVersion::latest())
        .region("eu-west-1")
        .credentials_provider(aws_credential_types::Credentials::new("Tester", "local", None, None, "test"))
        .endpoint_url(&endpoint)
        .load()
        .await;
    let tables = aws_sdk_dynamodb::Client::new(&config).list_tables().send().await.unwrap();
    assert!(tables.table_names().is_empty());
    let queues = aws_sdk_sqs::Client::new(&config).list_queues().send().await.unwrap();
    assert_eq!(queues.queue_urls().len(), 1);
    let s3 = aws_sdk_s3::Client::from_conf(aws_sdk_s3::config::Builder::from(&config).force_path_style(true).build());
    s3.put_object().bucket("bucket").key("key").body(Bytes::from_static(b"over").into()).send().await.unwrap();
    assert_eq!(world.aws.s3.get("bucket", "key").unwrap().unwrap().body, "over");
    stop.send(()).unwrap();
    served.await.unwrap().unwrap();
}
