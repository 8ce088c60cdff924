//! Asks the identity pool who somebody is, with that person's own access token: `GetUser`, which takes the token instead of a signature.

use std::time::Duration;

use app::ports::{IdentityPool, PortError};
use async_trait::async_trait;
use aws_types::SdkConfig;
use bytes::Bytes;
use http::StatusCode;
use lambda_kit::{
    FunctionError,
    outbound::{self, Client},
};
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use serde_json::json;
use tower::Service as _;

const ATTEMPTED: &str = "ask the identity pool for an e-mail address";
/// How long the pool may take: somebody waits.
const TIMEOUT: Duration = Duration::from_secs(3);

/// The pool's API.
pub(crate) struct Pool {
    client: Client,
    url: http::Uri,
}

/// A person as the pool tells them.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct User {
    user_attributes: Vec<Attribute>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Attribute {
    name: String,
    value: SecretString,
}

/// An error of the pool's.
#[derive(Deserialize)]
struct Refusal {
    #[serde(rename = "__type")]
    kind: String,
}

impl Pool {
    /// The pool that issues tokens as `issuer`: its own id stands behind the API's address.
    ///
    /// # Errors
    /// When that is no such URL.
    pub(crate) fn connect(config: &SdkConfig, issuer: &str) -> Result<Self, FunctionError> {
        let wrong = || FunctionError::new("Configuration", "the issuer of tokens is no URL of a pool");
        let (api, _) = issuer.trim_end_matches('/').rsplit_once('/').ok_or_else(wrong)?;
        let url = format!("{api}/").parse().map_err(|_| wrong())?;
        Ok(Self { client: outbound::client_within(config, TIMEOUT), url })
    }
}

#[async_trait]
impl IdentityPool for Pool {
    async fn email(&self, access_token: &SecretString) -> Result<SecretString, PortError> {
        let failed = |reason: String| PortError::Unavailable { attempted: ATTEMPTED, reason: reason.into() };
        let body = json!({ "AccessToken": access_token.expose_secret() }).to_string();
        let request = http::Request::post(self.url.clone())
            .header("content-type", "application/x-amz-json-1.1")
            .header("x-amz-target", "AWSCognitoIdentityProviderService.GetUser")
            .body(Bytes::from(body))
            .map_err(|error| failed(error.to_string()))?;
        let answer = self.client.clone().call(request).await.map_err(|error| failed(error.to_string()))?;
        let status = answer.status();
        if status.is_success() {
            let corrupt = PortError::Corrupt { attempted: ATTEMPTED };
            let user: User = serde_json::from_slice(answer.body()).map_err(|_| corrupt.clone())?;
            let email = user.user_attributes.into_iter().find(|attribute| attribute.name == "email");
            return email.map(|attribute| attribute.value).ok_or(corrupt);
        }
        let kind = serde_json::from_slice::<Refusal>(answer.body()).map(|refusal| refusal.kind).unwrap_or_default();
        Err(match status {
            _ if kind.ends_with("TooManyRequestsException") => PortError::Throttled { attempted: ATTEMPTED },
            StatusCode::BAD_REQUEST | StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => {
                PortError::Refused { attempted: ATTEMPTED, reason: format!("status {status}").into() }
            }
            status => failed(format!("status {status}")),
        })
    }
}
