//! The wire: JSON 1.1 in and out, errors by `__type`.

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Response, StatusCode, header};
use serde::de::DeserializeOwned;
use serde_json::Value;
use simulators::chance;

use super::error::ApiError;

const JSON_11: HeaderValue = HeaderValue::from_static("application/x-amz-json-1.1");
const JSON: HeaderValue = HeaderValue::from_static("application/json");

pub(super) fn parse<T: DeserializeOwned>(body: &Bytes) -> Result<T, ApiError> {
    serde_json::from_slice(body).map_err(|_| ApiError::serialization())
}

/// A member that the API requires.
pub(super) fn required<'a>(name: &str, value: Option<&'a String>) -> Result<&'a String, ApiError> {
    value.filter(|value| !value.is_empty()).ok_or_else(|| {
        ApiError::invalid_parameter(format!(
            "1 validation error detected: Value at '{name}' failed to satisfy constraint: Member must not be null"
        ))
    })
}

/// Who signed the request, by the access key id.
pub(super) fn require_signed(headers: &HeaderMap) -> Result<String, ApiError> {
    let signed = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()).and_then(|value| {
        let fields = value.strip_prefix("AWS4-HMAC-SHA256 ").filter(|fields| fields.contains("Signature="))?;
        let scope = fields.split(',').find_map(|field| field.trim().strip_prefix("Credential="))?;
        // From the right: an access key id may hold anything, the scope's parts hold no slash.
        scope.rsplitn(5, '/').nth(4)
    });
    let missing = || ApiError::new("MissingAuthenticationTokenException", "Missing Authentication Token");
    signed.map(str::to_owned).ok_or_else(missing)
}

pub(super) fn answer(result: Result<Value, ApiError>) -> Response<Bytes> {
    let mut response = match result {
        Ok(Value::Null) => Response::new(Bytes::new()), // What answers nothing has no body, not even an empty object.
        Ok(body) => respond(StatusCode::OK, &body),
        Err(error) => {
            let mut response = respond(error.status(), &error.body());
            if let Ok(kind) = HeaderValue::try_from(error.kind()) {
                response.headers_mut().insert("x-amzn-errortype", kind);
            }
            response
        }
    };
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, JSON_11);
    if let Ok(id) = HeaderValue::try_from(chance::uuid().to_string()) {
        headers.insert("x-amzn-requestid", id);
    }
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    response
}

/// Browsers ask first. `authorization` stays out: no web page may call what needs a signature.
pub(super) fn preflight() -> Response<Bytes> {
    let mut response = Response::new(Bytes::new());
    let headers = response.headers_mut();
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static("POST"));
    headers.insert(
        header::ACCESS_CONTROL_ALLOW_HEADERS,
        HeaderValue::from_static(
            "amz-sdk-invocation-id, amz-sdk-request, cache-control, content-type, x-amz-target, x-amz-user-agent",
        ),
    );
    response
}

pub(super) fn plain(status: StatusCode, body: &Value) -> Response<Bytes> {
    let mut response = respond(status, body);
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, JSON);
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    response
}

pub(super) fn not_found() -> Response<Bytes> {
    plain(StatusCode::NOT_FOUND, &serde_json::json!({"message": "Not Found"}))
}

fn respond(status: StatusCode, body: &Value) -> Response<Bytes> {
    let mut response = Response::new(Bytes::from(body.to_string()));
    *response.status_mut() = status;
    response
}
