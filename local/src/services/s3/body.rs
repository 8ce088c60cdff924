//! A body as clients send it: in chunks with a checksum behind them, or plain.

use std::collections::BTreeMap;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use bytes::{BufMut, Bytes, BytesMut};
use http::{HeaderMap, header::CONTENT_ENCODING};
use sha2::{Digest, Sha256};

use super::wire::unsupported;
use crate::services::fault::Fault;

/// A body that was sent in chunks.
pub(super) struct Chunked {
    pub body: Bytes,
    pub trailers: BTreeMap<String, String>,
}

/// Whether the body is in AWS's own chunks.
pub(super) fn is_chunked(headers: &HeaderMap) -> bool {
    headers.get("x-amz-content-sha256").is_some_and(|it| it.as_bytes().starts_with(b"STREAMING-"))
        || headers
            .get(CONTENT_ENCODING)
            .and_then(|it| it.to_str().ok())
            .is_some_and(|it| it.split(',').any(|it| it.trim() == "aws-chunked"))
}

/// Takes the chunks apart. Their signatures are not checked, as no signature here is.
pub(super) fn dechunk(framed: &[u8]) -> Result<Chunked, Fault> {
    let malformed = || Fault::new("IncompleteBody", "The chunks of the request body cannot be read.");
    let mut body = BytesMut::with_capacity(framed.len());
    let mut rest = framed;
    loop {
        let (head, after) = line(rest).ok_or_else(malformed)?;
        let size = head.split(';').next().unwrap_or_default();
        let size = usize::from_str_radix(size.trim(), 16).map_err(|_| malformed())?;
        rest = after;
        if size == 0 {
            break;
        }
        let (chunk, after) = rest.split_at_checked(size).ok_or_else(malformed)?;
        body.put_slice(chunk);
        rest = after.strip_prefix(b"\r\n").ok_or_else(malformed)?;
    }
    let mut trailers = BTreeMap::new();
    while let Some((trailer, after)) = line(rest) {
        if let Some((name, value)) = trailer.split_once(':') {
            trailers.insert(name.trim().to_ascii_lowercase(), value.trim().to_owned());
        }
        rest = after;
    }
    Ok(Chunked { body: body.freeze(), trailers })
}

fn line(bytes: &[u8]) -> Option<(&str, &[u8])> {
    let end = bytes.windows(2).position(|pair| pair == b"\r\n")?;
    let (line, rest) = bytes.split_at_checked(end)?;
    Some((std::str::from_utf8(line).ok()?, rest.get(2..)?))
}

/// The checksums of `body`; those that were `sent` must be right.
pub(super) fn verified(body: &[u8], sent: BTreeMap<String, String>) -> Result<BTreeMap<String, String>, Fault> {
    const CRC32: &str = "x-amz-checksum-crc32";
    let mut checksums = BTreeMap::new();
    for (name, sent) in sent {
        let computed = match name.as_str() {
            CRC32 => STANDARD.encode(crc32fast::hash(body).to_be_bytes()),
            "x-amz-checksum-sha256" => STANDARD.encode(Sha256::digest(body)),
            "x-amz-checksum-type" if sent == "FULL_OBJECT" => continue,
            _ => return Err(unsupported(&format!("the checksum {name}"))),
        };
        if sent != computed {
            return Err(Fault::new(
                "BadDigest",
                format!("The {name} you specified did not match the calculated checksum."),
            ));
        }
        checksums.insert(name, computed);
    }
    if checksums.is_empty() {
        checksums.insert(CRC32.to_owned(), STANDARD.encode(crc32fast::hash(body).to_be_bytes()));
    }
    checksums.insert("x-amz-checksum-type".to_owned(), "FULL_OBJECT".to_owned());
    Ok(checksums)
}
