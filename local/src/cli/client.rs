//! A small HTTP client, as an app at the public doors has one.

use bytes::Bytes;
use http::{Request, StatusCode, header};
use http_body_util::{BodyExt as _, Full};
use hyper_util::{
    client::legacy::{Client as HyperClient, connect::HttpConnector},
    rt::TokioExecutor,
};
use serde_json::{Value, json};

use super::CliError;

/// Talks JSON to one server.
pub struct Client {
    http: HyperClient<HttpConnector, Full<Bytes>>,
    url: String,
}

impl Client {
    /// A client of `url`.
    #[must_use]
    pub fn new(url: &str) -> Self {
        Self { http: HyperClient::builder(TokioExecutor::new()).build_http(), url: url.to_owned() }
    }

    /// `GET`s JSON.
    ///
    /// # Errors
    /// When nothing came back, or no JSON.
    pub async fn get(&self, path: &str) -> Result<Value, CliError> {
        self.send(Request::get(path).body(Bytes::new())).await
    }

    /// `POST`s JSON and reads JSON.
    ///
    /// # Errors
    /// When nothing came back, or no JSON.
    pub async fn post(&self, path: &str, token: Option<&str>, body: &Value) -> Result<Value, CliError> {
        let mut request = Request::post(path).header(header::CONTENT_TYPE, "application/json");
        if let Some(token) = token {
            request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
        }
        self.send(request.body(Bytes::from(body.to_string()))).await
    }

    /// Runs a GraphQL document and answers its `data`.
    ///
    /// # Errors
    /// Any error of the document's, too.
    pub async fn graphql(&self, token: &str, query: &str, variables: &Value) -> Result<Value, CliError> {
        let body = json!({ "query": query, "variables": variables });
        let mut answer = self.post("/graphql", Some(token), &body).await?;
        match answer.get("errors") {
            None => Ok(answer.get_mut("data").map(Value::take).unwrap_or_default()),
            Some(errors) => Err(CliError::Unexpected(format!("GraphQL answered {errors}"))),
        }
    }

    /// Sends one request as it is and answers what came back, whatever its status; the URI is below the server's.
    ///
    /// # Errors
    /// When nothing came back.
    pub async fn call(&self, request: Request<Bytes>) -> Result<(StatusCode, Bytes), CliError> {
        let failed = |what: String| CliError::Unexpected(what);
        let (mut parts, body) = request.into_parts();
        parts.uri = format!("{}{}", self.url, parts.uri).parse().map_err(|_| failed("the URI is none".to_owned()))?;
        let response = self.http.request(Request::from_parts(parts, Full::new(body))).await;
        let response = response.map_err(|error| failed(error.to_string()))?;
        let status = response.status();
        let body = response.into_body().collect().await.map_err(|error| failed(error.to_string()))?.to_bytes();
        Ok((status, body))
    }

    async fn send(&self, request: http::Result<Request<Bytes>>) -> Result<Value, CliError> {
        let failed = |what: String| CliError::Unexpected(what);
        let (_, body) = self.call(request.map_err(|error| failed(error.to_string()))?).await?;
        serde_json::from_slice(&body).map_err(|_| failed(format!("no JSON: {}", String::from_utf8_lossy(&body))))
    }
}
