//! The bank's public door, over HTTP.

use async_trait::async_trait;
use bytes::Bytes;
use http::{HeaderValue, Request, Response, header};
use http_body_util::{BodyExt as _, Full};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use simulators::delivery::{Deliver, NoAnswer};

use crate::Failed;

/// One API of the emulator's, which tells them apart by the host that is asked for.
#[derive(Clone)]
pub struct Door {
    http: Client<HttpConnector, Full<Bytes>>,
    endpoint: String,
    host: HeaderValue,
}

impl Door {
    /// Of the API at `url`, which is no name that resolves: the emulator itself is at `endpoint`.
    pub fn new(url: &str, endpoint: &str) -> Result<Self, Failed> {
        let host = url.split_once("://").map_or(url, |(_, host)| host);
        let host = HeaderValue::from_str(host).map_err(|_| Failed::new(format!("{url} has no host")))?;
        Ok(Self { http: Client::builder(TokioExecutor::new()).build_http(), endpoint: endpoint.to_owned(), host })
    }

    /// Sends a request whose URI is a path.
    pub async fn send(&self, mut request: Request<Bytes>) -> Result<Response<Bytes>, Failed> {
        let unsent = |why: String| Failed::new(format!("the API did not answer: {why}"));
        *request.uri_mut() =
            format!("{}{}", self.endpoint, request.uri()).parse().map_err(|_| unsent("no URI".into()))?;
        request.headers_mut().insert(header::HOST, self.host.clone());
        let answer = self.http.request(request.map(Full::new)).await.map_err(|error| unsent(error.to_string()))?;
        let (parts, body) = answer.into_parts();
        let body = body.collect().await.map_err(|error| unsent(error.to_string()))?.to_bytes();
        Ok(Response::from_parts(parts, body))
    }
}

#[async_trait]
impl Deliver for Door {
    async fn post(&self, request: Request<Bytes>) -> Result<Response<Bytes>, NoAnswer> {
        self.send(request).await.map_err(|_| NoAnswer)
    }
}
