//! Storing and reading one object.

use std::collections::BTreeMap;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use bytes::Bytes;
use http::{
    HeaderMap, HeaderName, HeaderValue, Response,
    header::{CONTENT_LENGTH, ETAG, LAST_MODIFIED},
};
use md5::{Digest, Md5};

use super::{
    Object, S3, body, exists, load, store,
    wire::{Call, denied, no_bucket, unsupported},
};
use crate::services::{arn, clock::http_date, fault::Fault, json::respond};

/// What is stored and given back as it came.
const KEPT: [&str; 8] = [
    "content-type",
    "content-disposition",
    "content-language",
    "cache-control",
    "expires",
    "x-amz-server-side-encryption",
    "x-amz-server-side-encryption-aws-kms-key-id",
    "x-amz-server-side-encryption-bucket-key-enabled",
];
/// What every signed request carries and what concerns only its transport.
const TRANSPORT: [&str; 9] = [
    "x-amz-content-sha256",
    "x-amz-date",
    "x-amz-security-token",
    "x-amz-user-agent",
    "x-amz-decoded-content-length",
    "x-amz-trailer",
    "x-amz-sdk-checksum-algorithm",
    "x-amz-checksum-mode",
    "x-amz-expected-bucket-owner",
];
/// Conditions and ranges: of these only a PUT's `If-None-Match: *` is implemented.
const CONDITIONS: [&str; 6] =
    ["if-match", "if-none-match", "if-modified-since", "if-unmodified-since", "range", "x-amz-if-match-size"];
const OBJECT_BYTES_MAX: usize = 32 * 1024 * 1024;
/// How an object is encrypted, and under which key.
const ENCRYPTION: &str = "x-amz-server-side-encryption";
const ENCRYPTION_KEY: &str = "x-amz-server-side-encryption-aws-kms-key-id";

/// Stores an object.
pub(super) fn put(s3: &S3, call: Call<'_>) -> Result<Response<Bytes>, Fault> {
    s3.gate.allow(call.principal, "s3:PutObject", &arn::object(&call.bucket, &call.key)).map_err(|it| denied(&it))?;
    nothing_left(&call.query)?;
    let headers = call.request.headers();
    let only_if_new = match headers.get("if-none-match").map(HeaderValue::as_bytes) {
        None => false,
        Some(b"*") => true,
        Some(_) => return Err(unsupported("the header if-none-match with a tag")),
    };
    let mut kept = kept(headers)?;
    refuse_conditions(headers, &["if-none-match"])?;
    if !kept.contains_key(ENCRYPTION)
        && let Some(key) = s3.key_of(&call.bucket)
    {
        kept.insert(ENCRYPTION.to_owned(), "aws:kms".to_owned());
        kept.insert(ENCRYPTION_KEY.to_owned(), key);
    }
    allow_key(s3, &call, "kms:GenerateDataKey", &kept)?;
    let mut sent = checksums(headers);
    let body = if body::is_chunked(headers) {
        let chunked = body::dechunk(call.request.body())?;
        sent.extend(chunked.trailers.into_iter().filter(|(name, _)| name.starts_with("x-amz-checksum-")));
        chunked.body
    } else {
        call.request.body().clone()
    };
    if body.len() > OBJECT_BYTES_MAX {
        return Err(Fault::new("EntityTooLarge", "Your proposed upload exceeds the maximum allowed object size."));
    }
    let mut object = Object::new(body, s3.engine.now_ms());
    object.headers = kept;
    object.checksums = body::verified(&object.body, sent)?;
    if let Some(md5) = headers.get("content-md5")
        && md5.as_bytes() != STANDARD.encode(Md5::digest(&object.body)).as_bytes()
    {
        return Err(Fault::new("BadDigest", "The Content-MD5 you specified did not match what we received."));
    }
    s3.engine.write(|database| {
        if !exists(database, &call.bucket)? {
            return Err(no_bucket());
        }
        if only_if_new && load(database, &call.bucket, &call.key)?.is_some() {
            let message = "At least one of the pre-conditions you specified did not hold";
            return Err(Fault::with_status("PreconditionFailed", message, 412));
        }
        Ok(store(database, &call.bucket, &call.key, &object)?)
    })?;
    let mut response = Response::new(Bytes::new());
    insert(response.headers_mut(), ETAG.as_str(), &object.etag)?;
    let encryption = object.headers.iter().filter(|(name, _)| name.starts_with("x-amz-server-side-encryption"));
    for (name, value) in object.checksums.iter().chain(encryption) {
        insert(response.headers_mut(), name, value)?;
    }
    Ok(response)
}

/// Reads an object.
pub(super) fn get(s3: &S3, call: Call<'_>) -> Result<Response<Bytes>, Fault> {
    let object = read(s3, &call)?;
    let body = object.body.clone();
    describe(&call, &object, respond(200, "binary/octet-stream", body))
}

/// Describes an object.
pub(super) fn head(s3: &S3, call: Call<'_>) -> Result<Response<Bytes>, Fault> {
    let object = read(s3, &call)?;
    let mut response = respond(200, "binary/octet-stream", Bytes::new());
    insert(response.headers_mut(), CONTENT_LENGTH.as_str(), &object.body.len().to_string())?;
    describe(&call, &object, response)
}

fn read(s3: &S3, call: &Call<'_>) -> Result<Object, Fault> {
    s3.gate.allow(call.principal, "s3:GetObject", &arn::object(&call.bucket, &call.key)).map_err(|it| denied(&it))?;
    nothing_left(&call.query)?;
    refuse_conditions(call.request.headers(), &[])?;
    let (known, object) = s3
        .engine
        .read(|database| Ok::<_, Fault>((exists(database, &call.bucket)?, load(database, &call.bucket, &call.key)?)))?;
    if !known {
        return Err(no_bucket());
    }
    if object.is_none() {
        // Who may not list is not told what is missing.
        s3.gate.allow(call.principal, "s3:ListBucket", &arn::bucket(&call.bucket)).map_err(|it| denied(&it))?;
    }
    let object = object.ok_or_else(|| Fault::with_status("NoSuchKey", "The specified key does not exist.", 404))?;
    allow_key(s3, call, "kms:Decrypt", &object.headers)?;
    Ok(object)
}

/// S3 asks KMS for whoever calls it. The bucket's ARN is the context, as buckets here keep one key for many objects.
fn allow_key(s3: &S3, call: &Call<'_>, action: &str, headers: &BTreeMap<String, String>) -> Result<(), Fault> {
    let Some(key) = headers.get(ENCRYPTION_KEY) else { return Ok(()) };
    let key = if key.starts_with("arn:") { key.clone() } else { arn::key(key) };
    let context = [("aws:s3:arn", arn::bucket(&call.bucket))];
    let context = context.each_ref().map(|(name, value)| (*name, value.as_str()));
    s3.gate.allow_key(call.principal, "s3", action, &key, &context).map_err(|it| denied(&it))
}

fn describe(call: &Call<'_>, object: &Object, mut response: Response<Bytes>) -> Result<Response<Bytes>, Fault> {
    let headers = response.headers_mut();
    insert(headers, ETAG.as_str(), &object.etag)?;
    insert(headers, LAST_MODIFIED.as_str(), &http_date(object.modified_at_ms))?;
    insert(headers, "accept-ranges", "bytes")?;
    let wants_checksums = call.request.headers().get("x-amz-checksum-mode").is_some_and(|mode| mode == "ENABLED");
    let checksums = object.checksums.iter().filter(|_| wants_checksums);
    for (name, value) in object.headers.iter().chain(checksums) {
        insert(headers, name, value)?;
    }
    Ok(response)
}

fn kept(headers: &HeaderMap) -> Result<BTreeMap<String, String>, Fault> {
    let mut kept = BTreeMap::new();
    for (name, value) in headers {
        let name = name.as_str();
        if KEPT.contains(&name) || name.starts_with("x-amz-meta-") {
            let value = value.to_str().map_err(|_| unsupported(&format!("the header {name} beyond ASCII")))?;
            kept.insert(name.to_owned(), value.to_owned());
        } else if name == "content-encoding" {
            let value = value.to_str().unwrap_or_default();
            let value: Vec<_> =
                value.split(',').map(str::trim).filter(|it| *it != "aws-chunked" && !it.is_empty()).collect();
            if !value.is_empty() {
                kept.insert(name.to_owned(), value.join(","));
            }
        } else if name.starts_with("x-amz-") && !TRANSPORT.contains(&name) && !name.starts_with("x-amz-checksum-") {
            return Err(unsupported(&format!("the header {name}")));
        }
    }
    Ok(kept)
}

fn checksums(headers: &HeaderMap) -> BTreeMap<String, String> {
    headers
        .iter()
        .filter(|(name, _)| name.as_str().starts_with("x-amz-checksum-") && name.as_str() != "x-amz-checksum-mode")
        .filter_map(|(name, value)| Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned())))
        .collect()
}

fn refuse_conditions(headers: &HeaderMap, implemented: &[&str]) -> Result<(), Fault> {
    match CONDITIONS.iter().find(|name| headers.contains_key(**name) && !implemented.contains(*name)) {
        Some(name) => Err(unsupported(&format!("the header {name}"))),
        None => Ok(()),
    }
}

/// Refuses what is left of a query.
pub(super) fn nothing_left(query: &BTreeMap<String, String>) -> Result<(), Fault> {
    match query.keys().next() {
        Some(name) => Err(unsupported(&format!("the parameter {name}"))),
        None => Ok(()),
    }
}

fn insert(headers: &mut HeaderMap, name: &str, value: &str) -> Result<(), Fault> {
    let bad = || Fault::with_status("InternalError", format!("the stored header {name} cannot be sent"), 500);
    let name_value = (HeaderName::try_from(name).map_err(|_| bad())?, HeaderValue::try_from(value).map_err(|_| bad())?);
    headers.insert(name_value.0, name_value.1);
    Ok(())
}
