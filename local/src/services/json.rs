//! The JSON protocols (awsJson 1.0 and 1.1): the operation in `x-amz-target`, documents in both directions.

use bytes::Bytes;
use http::{HeaderValue, Request, Response, header::CONTENT_TYPE};
use serde::{Serialize, de::DeserializeOwned};

use super::fault::Fault;

/// How one service speaks JSON.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Dialect {
    /// What stands before the operation in `x-amz-target`, with its dot.
    pub target: &'static str,
    /// The media type.
    pub content_type: &'static str,
    /// What stands before `#` in an error's type.
    pub namespace: &'static str,
}

impl Dialect {
    /// The operation that is asked for.
    pub fn operation<'a>(&self, request: &'a Request<Bytes>) -> Option<&'a str> {
        request.headers().get("x-amz-target")?.to_str().ok()?.strip_prefix(self.target)
    }

    /// The answer: a document, or an error in its JSON form.
    pub fn respond(&self, answer: Result<Bytes, Fault>) -> Response<Bytes> {
        match answer {
            Ok(body) => respond(200, self.content_type, body),
            Err(fault) => self.refuse(&fault),
        }
    }

    /// An error in its JSON form.
    pub fn refuse(&self, fault: &Fault) -> Response<Bytes> {
        let body = serde_json::json!({
            "__type": format!("{}#{}", self.namespace, fault.code),
            "message": fault.message,
        });
        respond(fault.status, self.content_type, Bytes::from(body.to_string()))
    }
}

/// Reads a request's document. A member that is not known here is an error that names it, never ignored.
pub(crate) fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, Fault> {
    let body = if body.is_empty() { b"{}" } else { body };
    serde_json::from_slice(body).map_err(|error| {
        if error.is_data() {
            Fault::new("ValidationException", error.to_string())
        } else {
            Fault::new("SerializationException", error.to_string())
        }
    })
}

/// Writes an answer's document.
pub(crate) fn write<T: Serialize>(answer: &T) -> Result<Bytes, Fault> {
    serde_json::to_vec(answer)
        .map(Bytes::from)
        .map_err(|error| Fault::with_status("InternalFailure", error.to_string(), 500))
}

/// A response with a body.
pub(crate) fn respond(status: u16, content_type: &'static str, body: Bytes) -> Response<Bytes> {
    let mut response = Response::new(body);
    *response.status_mut() = http::StatusCode::from_u16(status).unwrap_or(http::StatusCode::INTERNAL_SERVER_ERROR);
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    response
}

/// Bytes as base64 text, in documents.
pub(crate) mod blob {
    use base64::{Engine as _, engine::general_purpose::STANDARD};
    use serde::{Deserialize, Deserializer, Serializer};

    /// Writes bytes.
    pub fn serialize<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&STANDARD.encode(bytes))
    }

    /// Reads bytes.
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
        let text = String::deserialize(deserializer)?;
        STANDARD.decode(text).map_err(serde::de::Error::custom)
    }
}
