//! S3 on the wire: which bucket and key are meant, and errors in XML.

use std::collections::BTreeMap;

use bytes::Bytes;
use http::{Method, Request, Response, header::HOST};
use percent_encoding::percent_decode_str;

use super::{S3, list, object};
use crate::services::{authorizer::Denied, fault::Fault, json::respond, router::Principal, xml};

/// A request with its parts told apart.
pub(super) struct Call<'a> {
    pub principal: &'a Principal,
    pub bucket: String,
    pub key: String,
    /// The query, to be taken from: what is left over is not supported.
    pub query: BTreeMap<String, String>,
    pub request: Request<Bytes>,
}

/// Answers one call.
pub(super) fn handle(s3: &S3, principal: &Principal, request: Request<Bytes>) -> Response<Bytes> {
    let is_head = request.method() == Method::HEAD;
    let resource = request.uri().path().to_owned();
    match call(principal, request).and_then(|call| run(s3, call)) {
        Ok(response) => response,
        Err(fault) => refuse(s3, &fault, &resource, is_head),
    }
}

fn run(s3: &S3, mut call: Call<'_>) -> Result<Response<Bytes>, Fault> {
    call.query.remove("x-id");
    let method = call.request.method().clone();
    match (method.as_str(), call.key.is_empty(), call.query.get("list-type").map(String::as_str)) {
        ("PUT", false, None) => object::put(s3, call),
        ("GET", false, None) => object::get(s3, call),
        ("HEAD", false, None) => object::head(s3, call),
        ("GET", true, Some("2")) => list::list(s3, call),
        _ => Err(unsupported(&format!("{method} {}", call.request.uri()))),
    }
}

fn call(principal: &Principal, request: Request<Bytes>) -> Result<Call<'_>, Fault> {
    let host = request
        .uri()
        .host()
        .or_else(|| request.headers().get(HOST)?.to_str().ok()?.split(':').next())
        .unwrap_or_default()
        .to_owned();
    let decoded = |text: &str| {
        percent_decode_str(text)
            .decode_utf8()
            .map(std::borrow::Cow::into_owned)
            .map_err(|_| Fault::new("InvalidURI", "Couldn't parse the specified URI."))
    };
    let path = request.uri().path().trim_start_matches('/');
    // Virtual-host style names the bucket in the host, path style in the path.
    let hosted = host.split_once(".s3.").or_else(|| host.split_once(".s3-")).map(|(bucket, _)| bucket.to_owned());
    let (bucket, key) = match hosted {
        Some(bucket) => (bucket, decoded(path)?),
        None => {
            let (bucket, key) = path.split_once('/').unwrap_or((path, ""));
            (decoded(bucket)?, decoded(key)?)
        }
    };
    let query = request.uri().query().unwrap_or_default();
    let query = form_urlencoded::parse(query.as_bytes()).into_owned().collect();
    Ok(Call { principal, bucket, key, query, request })
}

fn refuse(s3: &S3, fault: &Fault, resource: &str, is_head: bool) -> Response<Bytes> {
    let body = if is_head {
        String::new() // An answer to HEAD has no body; its status must do.
    } else {
        format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>{}</Code><Message>{}</Message>\
             <Resource>{}</Resource><RequestId>{}</RequestId></Error>",
            xml::escape(&fault.code),
            xml::escape(&fault.message),
            xml::escape(resource),
            s3.engine.next_id().simple()
        )
    };
    respond(fault.status, "application/xml", Bytes::from(body))
}

/// Something that S3 has and this does not.
pub(super) fn unsupported(what: &str) -> Fault {
    Fault::with_status("NotImplemented", format!("The local S3 does not implement: {what}"), 501)
}

/// Nobody may.
pub(super) fn denied(denied: &Denied) -> Fault {
    Fault::with_status("AccessDenied", denied.message(), 403)
}

/// The bucket is missing.
pub(super) fn no_bucket() -> Fault {
    Fault::with_status("NoSuchBucket", "The specified bucket does not exist", 404)
}
