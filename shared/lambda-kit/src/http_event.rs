//! Functions behind the HTTP API: payload format 2.0 in, a response out.

use std::collections::BTreeMap;

use aws_lambda_events::apigw::ApiGatewayV2httpRequest;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use bytes::Bytes;
use serde::Serialize;

use crate::{FunctionError, answer, event};

/// A request as it came to the edge.
#[derive(Debug, Clone)]
pub struct HttpRequest {
    /// Upper case.
    pub method: String,
    /// Without the query.
    pub path: String,
    /// As it was sent, still encoded.
    pub query: String,
    /// Names in lower case; values of a repeated header joined by commas.
    pub headers: BTreeMap<String, String>,
    /// The very bytes that were sent.
    pub body: Bytes,
    /// API Gateway's id of the request.
    pub id: String,
}

impl HttpRequest {
    /// Reads the event.
    ///
    /// # Errors
    /// `InvalidEvent` when it is no request, or its body is not the base64 that it says it is.
    pub fn from_event(bytes: &Bytes) -> Result<Self, FunctionError> {
        let request: ApiGatewayV2httpRequest = event(bytes)?;
        let text = request.body.unwrap_or_default();
        let body = if request.is_base64_encoded {
            STANDARD.decode(text).map_err(|_| FunctionError::new("InvalidEvent", "body is no base64"))?.into()
        } else {
            Bytes::from(text.into_bytes())
        };
        let mut headers: BTreeMap<String, String> = BTreeMap::new();
        for (name, value) in &request.headers {
            // A value that is no text can be of no use to any function of ours.
            let Ok(value) = value.to_str() else { continue };
            let entry = headers.entry(name.as_str().to_ascii_lowercase()).or_default();
            if !entry.is_empty() {
                entry.push(',');
            }
            entry.push_str(value);
        }
        Ok(Self {
            method: request.request_context.http.method.as_str().to_owned(),
            path: request.raw_path.unwrap_or_default(),
            query: request.raw_query_string.unwrap_or_default(),
            headers,
            body,
            id: request.request_context.request_id.unwrap_or_default(),
        })
    }

    /// A header's value; the name in lower case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(String::as_str)
    }
}

/// A response to the edge.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct HttpResponse {
    status_code: u16,
    headers: BTreeMap<&'static str, String>,
    body: String,
    is_base64_encoded: bool,
}

impl HttpResponse {
    /// A response of text.
    #[must_use]
    pub fn new(status_code: u16, content_type: &str, body: impl Into<String>) -> Self {
        let headers = BTreeMap::from([("content-type", content_type.to_owned())]);
        Self { status_code, headers, body: body.into(), is_base64_encoded: false }
    }

    /// A response of bytes that need not be text.
    #[must_use]
    pub fn binary(status_code: u16, content_type: &str, body: &[u8]) -> Self {
        Self { is_base64_encoded: true, ..Self::new(status_code, content_type, STANDARD.encode(body)) }
    }

    /// A refusal with a stable code.
    #[must_use]
    pub fn refusal(status_code: u16, code: &str, message: &str) -> Self {
        let body = serde_json::json!({ "error": { "code": code, "message": message } });
        Self::new(status_code, "application/json", body.to_string())
    }

    /// With one more header.
    #[must_use]
    pub fn with_header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.insert(name, value.into());
        self
    }

    /// The answer's bytes.
    ///
    /// # Errors
    /// `Bug` when it does not serialise.
    pub fn into_answer(self) -> Result<Bytes, FunctionError> {
        answer(&self)
    }
}
