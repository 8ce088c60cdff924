//! A small HTTP client for the demo.

use bytes::Bytes;
use http::{Request, header};
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
    pub fn new(url: &str) -> Self {
        Self { http: HyperClient::builder(TokioExecutor::new()).build_http(), url: url.to_owned() }
    }

    /// `GET`s JSON.
    pub async fn get(&self, path: &str) -> Result<Value, CliError> {
        let request = Request::get(format!("{}{path}", self.url)).body(Full::default());
        self.send(request).await
    }

    /// `POST`s JSON and reads JSON.
    pub async fn post(&self, path: &str, token: Option<&str>, body: &Value) -> Result<Value, CliError> {
        let mut request = Request::post(format!("{}{path}", self.url)).header(header::CONTENT_TYPE, "application/json");
        if let Some(token) = token {
            request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
        }
        self.send(request.body(Full::from(body.to_string()))).await
    }

    /// Runs a GraphQL document and answers its `data`; any error is a failure.
    pub async fn graphql(&self, token: &str, query: &str, variables: &Value) -> Result<Value, CliError> {
        let body = json!({ "query": query, "variables": variables });
        let mut answer = self.post("/graphql", Some(token), &body).await?;
        match answer.get("errors") {
            None => Ok(answer.get_mut("data").map(Value::take).unwrap_or_default()),
            Some(errors) => Err(CliError::Unexpected(format!("GraphQL answered {errors}"))),
        }
    }

    async fn send(&self, request: http::Result<Request<Full<Bytes>>>) -> Result<Value, CliError> {
        let failed = |what: String| CliError::Unexpected(what);
        let request = request.map_err(|error| failed(error.to_string()))?;
        let response = self.http.request(request).await.map_err(|error| failed(error.to_string()))?;
        let body = response.into_body().collect().await.map_err(|error| failed(error.to_string()))?.to_bytes();
        serde_json::from_slice(&body).map_err(|_| failed(format!("no JSON: {}", String::from_utf8_lossy(&body))))
    }
}
