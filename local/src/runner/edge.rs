//! The outside: the HTTP API of the template, the identity pool, the simulated providers and their switches, on one port.

use std::{collections::BTreeMap, sync::Arc};

use axum::{Router, body::Body, extract::Request, routing::any};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Response, StatusCode, header};
use serde::Deserialize;
use serde_json::{Value, json};
use simulators::chance;
use time::{OffsetDateTime, macros::format_description};

use super::{Lambdas, providers::Simulators};
use crate::{
    dev,
    engine::clock::Clock,
    iam::Policies,
    services::{arn, cognito::Cognito},
    template::{Plan, RoutePlan},
};

/// API Gateway's limit of a request.
const BODY_BYTES_MAX: usize = 10 * 1024 * 1024;

/// The HTTP API.
#[derive(Clone)]
pub struct Edge {
    routes: Arc<Vec<RoutePlan>>,
    api_id: Arc<str>,
    lambdas: Arc<Lambdas>,
    policies: Arc<Policies>,
    clock: Arc<dyn Clock>,
}

/// A function's answer in format 2.0.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Answer {
    status_code: u16,
    #[serde(default)]
    headers: BTreeMap<String, String>,
    #[serde(default)]
    body: Option<String>,
    #[serde(default)]
    is_base64_encoded: bool,
}

impl Edge {
    /// Over a plan's routes.
    #[must_use]
    pub fn new(plan: &Plan, lambdas: Arc<Lambdas>, policies: Arc<Policies>, clock: Arc<dyn Clock>) -> Self {
        Self {
            routes: Arc::new(plan.api.routes.clone()),
            api_id: plan.api.id.as_str().into(),
            lambdas,
            policies,
            clock,
        }
    }

    /// Answers one request as API Gateway does.
    pub async fn call(&self, request: http::Request<Bytes>) -> Response<Bytes> {
        let path = request.uri().path();
        let method = request.method().as_str();
        let takes = |route: &&RoutePlan| {
            route.path == path && (route.method == "ANY" || route.method.eq_ignore_ascii_case(method))
        };
        let Some(route) = self.routes.iter().find(takes) else {
            return message(StatusCode::NOT_FOUND, "Not Found");
        };
        if request.body().len() > BODY_BYTES_MAX {
            return message(StatusCode::PAYLOAD_TOO_LARGE, "Request Too Long");
        }
        let source_arn = arn::route(&self.api_id, &route.method, &route.path);
        if let Err(denied) = self.policies.allow_invoke("apigateway.amazonaws.com", &route.function, &source_arn) {
            tracing::error!(function = %route.function, %denied, "the API may not invoke the function");
            return message(StatusCode::INTERNAL_SERVER_ERROR, "Internal Server Error");
        }
        let event = self.event(&request, route);
        match self.lambdas.invoke(&route.function, event.to_string().into()).await {
            Ok(answer) => response(&answer).unwrap_or_else(|| {
                tracing::error!(function = %route.function, "the answer is no HTTP response");
                message(StatusCode::INTERNAL_SERVER_ERROR, "Internal Server Error")
            }),
            Err(error) => {
                tracing::error!(function = %route.function, %error, "invocation failed");
                message(StatusCode::INTERNAL_SERVER_ERROR, "Internal Server Error")
            }
        }
    }

    fn event(&self, request: &http::Request<Bytes>, route: &RoutePlan) -> Value {
        let now_ms = self.clock.now_ms();
        let headers = joined(request.headers());
        let (body, is_base64_encoded) = match std::str::from_utf8(request.body()) {
            Ok(text) => (text.to_owned(), false),
            Err(_) => (STANDARD.encode(request.body()), true),
        };
        let method = request.method().as_str();
        let path = request.uri().path();
        json!({
            "version": "2.0",
            "routeKey": format!("{} {}", route.method, route.path),
            "rawPath": path,
            "rawQueryString": request.uri().query().unwrap_or_default(),
            "headers": headers,
            "requestContext": {
                "accountId": crate::services::arn::ACCOUNT,
                "apiId": &*self.api_id,
                "domainName": headers.get("host").cloned().unwrap_or_default(),
                "domainPrefix": &*self.api_id,
                "http": {
                    "method": method,
                    "path": path,
                    "protocol": "HTTP/1.1",
                    "sourceIp": "127.0.0.1",
                    "userAgent": headers.get("user-agent").cloned().unwrap_or_default(),
                },
                "requestId": chance::uuid(),
                "routeKey": format!("{} {}", route.method, route.path),
                "stage": "$default",
                "time": common_log_time(now_ms),
                "timeEpoch": now_ms,
            },
            "body": body,
            "isBase64Encoded": is_base64_encoded,
        })
    }
}

/// API Gateway joins the values of a repeated header.
fn joined(headers: &HeaderMap) -> BTreeMap<String, String> {
    let mut joined = BTreeMap::<String, String>::new();
    for (name, value) in headers {
        let Ok(value) = value.to_str() else { continue };
        joined
            .entry(name.as_str().to_owned())
            .and_modify(|it| {
                it.push(',');
                it.push_str(value);
            })
            .or_insert_with(|| value.to_owned());
    }
    joined
}

fn common_log_time(now_ms: i64) -> String {
    let format = format_description!("[day]/[month repr:short]/[year]:[hour]:[minute]:[second] +0000");
    let at = OffsetDateTime::from_unix_timestamp(now_ms / 1000).unwrap_or(OffsetDateTime::UNIX_EPOCH);
    at.format(format).unwrap_or_default()
}

fn response(answer: &[u8]) -> Option<Response<Bytes>> {
    let answer: Answer = serde_json::from_slice(answer).ok()?;
    let body = answer.body.unwrap_or_default();
    let body = if answer.is_base64_encoded { STANDARD.decode(body).ok()?.into() } else { Bytes::from(body) };
    let mut response = Response::new(body);
    *response.status_mut() = StatusCode::from_u16(answer.status_code).ok()?;
    for (name, value) in answer.headers {
        response.headers_mut().insert(http::HeaderName::try_from(name).ok()?, HeaderValue::try_from(value).ok()?);
    }
    Some(response)
}

fn message(status: StatusCode, text: &str) -> Response<Bytes> {
    let mut response = Response::new(Bytes::from(json!({ "message": text }).to_string()));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

fn nobody() -> Response<Bytes> {
    message(StatusCode::NOT_FOUND, "Not Found")
}

/// Everything on one port.
pub fn router(edge: &Edge, cognito: &Arc<Cognito>, simulators: &Simulators, doors: dev::Doors) -> Router {
    let providers = simulators.clone();
    let provider = any(move |request: Request| {
        let providers = providers.clone();
        let answer = move |request| async move { providers.answer(request).await.unwrap_or_else(nobody) };
        async move { whole(request, answer).await }
    });
    let pool = Arc::clone(cognito);
    let identity = any(move |request: Request| {
        let pool = Arc::clone(&pool);
        async move { whole(request, move |request| async move { pool.handle(request).await }).await }
    });
    let api = edge.clone();
    let fallback = any(move |request: Request| {
        let api = api.clone();
        async move { whole(request, move |request| async move { api.call(request).await }).await }
    });
    Router::new()
        .route("/cognito", identity.clone())
        .route("/cognito/", identity.clone())
        .route("/cognito/{*rest}", identity)
        .route("/sim/{*rest}", provider)
        .merge(dev::router(cognito, doors))
        .fallback_service(fallback)
}

/// Reads the whole body first: neither Lambda nor the identity pool streams.
async fn whole<F, A>(request: Request, answer: F) -> Response<Body>
where
    F: FnOnce(http::Request<Bytes>) -> A,
    A: Future<Output = Response<Bytes>>,
{
    let (parts, body) = request.into_parts();
    let Ok(body) = axum::body::to_bytes(body, BODY_BYTES_MAX).await else {
        return message(StatusCode::PAYLOAD_TOO_LARGE, "Request Too Long").map(Body::from);
    };
    answer(http::Request::from_parts(parts, body)).await.map(Body::from)
}
