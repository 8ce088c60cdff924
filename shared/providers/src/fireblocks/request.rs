//! Requests as the API wants them: a JWT over the very request, signed with a key that only KMS has.

use app::ports::{PortError, Signer};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::Serialize;
use sha2::{Digest as _, Sha256};
use time::OffsetDateTime;
use uuid::Uuid;

/// `{"alg":"RS256","typ":"JWT"}`.
const HEADER: &str = "eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCJ9";
/// Below the 30 that the API allows, as it may count from its own second.
const GOOD_FOR_SECONDS: i64 = 25;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Claims<'a> {
    uri: &'a str,
    nonce: Uuid,
    iat: i64,
    exp: i64,
    sub: &'a str,
    body_hash: String,
}

/// The bearer token of one request: `uri` from `/v1` on, with its query.
pub(super) async fn token(
    signer: &dyn Signer,
    api_key: &str,
    uri: &str,
    body: &[u8],
    now: OffsetDateTime,
) -> Result<String, PortError> {
    let iat = now.unix_timestamp();
    let claims = Claims {
        uri,
        nonce: Uuid::new_v4(),
        iat,
        exp: iat.saturating_add(GOOD_FOR_SECONDS),
        sub: api_key,
        body_hash: hex::encode(Sha256::digest(body)),
    };
    let claims = serde_json::to_vec(&claims).map_err(|error| PortError::Unavailable {
        attempted: "write a request to the custodian",
        reason: error.to_string().into(),
    })?;
    let signed = format!("{HEADER}.{}", URL_SAFE_NO_PAD.encode(claims));
    let signature = signer.sign(signed.as_bytes()).await?;
    Ok(format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature)))
}
