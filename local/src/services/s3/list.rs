//! ListObjectsV2.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use bytes::Bytes;
use http::Response;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use rusqlite::{Connection, params};

use super::{
    S3, exists,
    object::nothing_left,
    wire::{Call, denied, no_bucket, unsupported},
};
use crate::{
    engine::EngineError,
    services::{arn, clock::milliseconds, fault::Fault, json::respond, xml},
};

const KEYS_MAX: usize = 1_000;
const URL: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~').remove(b'/');

struct Page {
    objects: Vec<Summary>,
    prefixes: Vec<String>,
    next: Option<String>,
}

struct Summary {
    key: String,
    bytes: i64,
    etag: String,
    modified_at_ms: i64,
}

/// Lists a bucket.
pub(super) fn list(s3: &S3, mut call: Call<'_>) -> Result<Response<Bytes>, Fault> {
    s3.gate.allow(call.principal, "s3:ListBucket", &arn::bucket(&call.bucket)).map_err(|it| denied(&it))?;
    call.query.remove("list-type");
    let mut take = |name: &str| call.query.remove(name);
    let prefix = take("prefix").unwrap_or_default();
    let delimiter = take("delimiter").filter(|it| !it.is_empty());
    let max = match take("max-keys") {
        None => KEYS_MAX,
        Some(text) => text
            .parse::<usize>()
            .map(|max| max.min(KEYS_MAX))
            .map_err(|_| Fault::new("InvalidArgument", "Provided max-keys not an integer or within integer range"))?,
    };
    let token = take("continuation-token");
    let after = match &token {
        Some(token) => URL_SAFE_NO_PAD
            .decode(token)
            .ok()
            .and_then(|it| String::from_utf8(it).ok())
            .ok_or_else(|| Fault::new("InvalidArgument", "The continuation token provided is incorrect"))?,
        None => take("start-after").unwrap_or_default(),
    };
    let encoding = take("encoding-type");
    let encode = match encoding.as_deref() {
        None => |text: &str| xml::escape(text).into_owned(),
        Some("url") => |text: &str| utf8_percent_encode(text, URL).to_string(),
        Some(other) => return Err(unsupported(&format!("the encoding-type {other}"))),
    };
    nothing_left(&call.query)?;
    let page = s3.engine.read(|database| {
        if !exists(database, &call.bucket)? {
            return Err(no_bucket());
        }
        Ok(page(database, &call.bucket, &prefix, delimiter.as_deref(), &after, max)?)
    })?;
    let mut body = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <ListBucketResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Name>{}</Name><Prefix>{}</Prefix>\
         <MaxKeys>{max}</MaxKeys><KeyCount>{}</KeyCount><IsTruncated>{}</IsTruncated>",
        xml::escape(&call.bucket),
        encode(&prefix),
        page.objects.len().saturating_add(page.prefixes.len()),
        page.next.is_some(),
    );
    let mut add = |name: &str, value: Option<String>| {
        if let Some(value) = value {
            body.push_str(&format!("<{name}>{value}</{name}>"));
        }
    };
    add("Delimiter", delimiter.as_deref().map(encode));
    add("EncodingType", encoding);
    add("ContinuationToken", token);
    add("NextContinuationToken", page.next.map(|last| URL_SAFE_NO_PAD.encode(last)));
    for it in &page.objects {
        add(
            "Contents",
            Some(format!(
                "<Key>{}</Key><LastModified>{}</LastModified><ETag>{}</ETag><Size>{}</Size>\
                 <StorageClass>STANDARD</StorageClass>",
                encode(&it.key),
                milliseconds(it.modified_at_ms),
                xml::escape(&it.etag),
                it.bytes
            )),
        );
    }
    for prefix in &page.prefixes {
        add("CommonPrefixes", Some(format!("<Prefix>{}</Prefix>", encode(prefix))));
    }
    body.push_str("</ListBucketResult>");
    Ok(respond(200, "application/xml", Bytes::from(body)))
}

fn page(
    database: &Connection,
    bucket: &str,
    prefix: &str,
    delimiter: Option<&str>,
    after: &str,
    max: usize,
) -> Result<Page, EngineError> {
    let mut statement = database.prepare_cached(
        "SELECT key, LENGTH(body), etag, modified_at FROM objects \
         WHERE bucket = ?1 AND key >= ?2 AND key > ?3 ORDER BY key",
    )?;
    let rows = statement.query_map(params![bucket, prefix, after], |row| {
        Ok(Summary { key: row.get(0)?, bytes: row.get(1)?, etag: row.get(2)?, modified_at_ms: row.get(3)? })
    })?;
    let mut page = Page { objects: Vec::new(), prefixes: Vec::new(), next: None };
    let mut last = after.to_owned();
    for row in rows {
        let object = row?;
        let Some(rest) = object.key.strip_prefix(prefix) else { break };
        let common = delimiter.and_then(|it| Some(rest.get(..rest.find(it)?.saturating_add(it.len()))?.len()));
        let common = common.and_then(|length| object.key.get(..prefix.len().saturating_add(length)));
        // The rest of a common prefix that this page, or the one before it, has named already.
        if common.is_some_and(|common| common == last) {
            continue;
        }
        if page.objects.len().saturating_add(page.prefixes.len()) >= max {
            page.next = (max > 0).then_some(last);
            break;
        }
        match common {
            Some(common) => {
                last = common.to_owned();
                page.prefixes.push(last.clone());
            }
            None => {
                last.clone_from(&object.key);
                page.objects.push(object);
            }
        }
    }
    Ok(page)
}
