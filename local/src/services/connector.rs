//! The AWS SDKs' HTTP client that never leaves the process.

use std::sync::Arc;

use async_trait::async_trait;
use aws_credential_types::{Credentials, provider::SharedCredentialsProvider};
use aws_smithy_runtime_api::client::{
    http::{HttpConnector, HttpConnectorFuture, SharedHttpClient, SharedHttpConnector, http_client_fn},
    orchestrator::{HttpRequest, HttpResponse},
    result::ConnectorError,
    stalled_stream_protection::StalledStreamProtectionConfig,
};
use aws_smithy_types::{body::SdkBody, retry::RetryConfig};
use aws_types::{SdkConfig, region::Region};
use bytes::Bytes;
use http::{Request, Response, StatusCode, header::AUTHORIZATION};
use http_body_util::BodyExt;

use super::{
    arn,
    clock::{BankSleep, BankTime},
    router::Aws,
};
use crate::engine::clock::Clock;

/// Where requests go that are not for AWS.
#[async_trait]
pub trait Outbound: Send + Sync {
    /// Answers one request.
    async fn call(&self, request: Request<Bytes>) -> Response<Bytes>;
}

/// No way out: every request is answered 502.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoOutbound;

#[async_trait]
impl Outbound for NoOutbound {
    async fn call(&self, _request: Request<Bytes>) -> Response<Bytes> {
        let mut response = Response::new(Bytes::new());
        *response.status_mut() = StatusCode::BAD_GATEWAY;
        response
    }
}

/// An HTTP client for SDKs and functions: AWS calls go to `aws`, everything else to `extra`.
#[must_use]
pub fn connector(aws: Arc<Aws>, extra: Arc<dyn Outbound>) -> SharedHttpClient {
    let connector = SharedHttpConnector::new(InProcess { aws, extra });
    http_client_fn(move |_settings, _components| connector.clone())
}

/// What a function's clients are made of: `principal` is its access key id, the time is the bank's.
///
/// Retries are off: what fails here fails for good, and a function that is tried again is tried by its trigger.
#[must_use]
pub fn sdk_config(principal: &str, http: SharedHttpClient, clock: Arc<dyn Clock>) -> SdkConfig {
    let credentials = Credentials::new(principal, "local", None, None, "granary");
    SdkConfig::builder()
        .behavior_version(aws_config::BehaviorVersion::latest())
        .region(Region::from_static(arn::REGION))
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .retry_config(RetryConfig::disabled())
        .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
        .disable_clock_skew_correction(true)
        .time_source(BankTime(Arc::clone(&clock)))
        .sleep_impl(BankSleep(clock))
        .http_client(http)
        .build()
}

pub(super) struct InProcess {
    pub aws: Arc<Aws>,
    pub extra: Arc<dyn Outbound>,
}

impl std::fmt::Debug for InProcess {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("InProcess").finish_non_exhaustive()
    }
}

impl HttpConnector for InProcess {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let (aws, extra) = (Arc::clone(&self.aws), Arc::clone(&self.extra));
        HttpConnectorFuture::new(async move {
            let request = request.try_into_http1x().map_err(|error| ConnectorError::user(error.into()))?;
            let (parts, body) = request.into_parts();
            let body = body.collect().await.map_err(ConnectorError::user)?.to_bytes();
            let request = Request::from_parts(parts, body);
            let response = if is_aws(&request) { aws.call(request).await } else { extra.call(request).await };
            HttpResponse::try_from(response.map(SdkBody::from)).map_err(|error| ConnectorError::user(error.into()))
        })
    }
}

fn is_aws(request: &Request<Bytes>) -> bool {
    request.uri().host().is_some_and(|host| host.ends_with(".amazonaws.com"))
        || request.headers().contains_key("x-amz-target")
        || request.headers().get(AUTHORIZATION).is_some_and(|value| value.as_bytes().starts_with(b"AWS4-"))
}
