//! `InitiateAuth` and `GetUser`.

use std::collections::BTreeMap;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::Deserialize;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use simulators::chance;

use super::{
    AuthFlow, ClientConfig, Cognito, CognitoError,
    api::required,
    attempts,
    error::ApiError,
    password::{self, PasswordHash},
    store::{Session, User},
    tokens::Unaccepted,
    users::lookup_key,
};

const TOKEN_BYTES: usize = 64;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct InitiateAuth {
    client_id: Option<String>,
    auth_flow: Option<String>,
    #[serde(default)]
    auth_parameters: BTreeMap<String, String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct GetUser {
    access_token: Option<String>,
}

impl Cognito {
    pub(super) async fn initiate_auth(&self, request: InitiateAuth) -> Result<Value, ApiError> {
        let client = self.client(request.client_id.as_ref())?;
        let flow = required("authFlow", request.auth_flow.as_ref())?;
        let wanted = match flow.as_str() {
            "USER_PASSWORD_AUTH" => Some(AuthFlow::UserPassword),
            "REFRESH_TOKEN_AUTH" | "REFRESH_TOKEN" => Some(AuthFlow::RefreshToken),
            _ => None,
        };
        let parameter = |name: &str| {
            request
                .auth_parameters
                .get(name)
                .filter(|value| !value.is_empty())
                .cloned()
                .ok_or_else(|| ApiError::invalid_parameter(format!("Missing required parameter {name}")))
        };
        match wanted.filter(|wanted| client.auth_flows.contains(wanted)) {
            Some(AuthFlow::UserPassword) => self.log_in(client, &parameter("USERNAME")?, parameter("PASSWORD")?).await,
            Some(AuthFlow::RefreshToken) => self.refresh(client, &parameter("REFRESH_TOKEN")?),
            None => Err(ApiError::invalid_parameter(format!("{flow} flow not enabled for this client"))),
        }
    }

    pub(super) fn get_user(&self, request: &GetUser) -> Result<Value, ApiError> {
        let token = required("accessToken", request.access_token.as_ref())?;
        let sub = self.signer.subject_of(token, self.clock.now_ms()).map_err(|why| {
            ApiError::not_authorized(match why {
                Unaccepted::Invalid => "Invalid Access Token",
                Unaccepted::Expired => "Access Token has expired",
            })
        })?;
        let user = self.db.user(&sub)?.ok_or_else(ApiError::user_not_found)?;
        let attributes: Vec<Value> =
            user.attributes.iter().map(|(name, value)| json!({"Name": name, "Value": value})).collect();
        Ok(json!({"Username": user.sub, "UserAttributes": attributes}))
    }

    async fn log_in(&self, client: &ClientConfig, username: &str, password: String) -> Result<Value, ApiError> {
        let name = lookup_key(username);
        if self.db.write(|transaction| attempts::is_paused(transaction, &name, self.clock.now_ms()))? {
            return Err(ApiError::not_authorized("Password attempts exceeded"));
        }
        let user = self.db.user(&name)?;
        // An unknown user takes as long as a wrong password, and gets the same answer.
        let kept = user.as_ref().map_or_else(PasswordHash::of_nobody, |user| user.password.clone());
        let is_right = password::matches(password, kept).await?;
        let now_ms = self.clock.now_ms();
        let Some(user) = user.filter(|_| is_right) else {
            self.db.write(|transaction| attempts::count_failure(transaction, &name, now_ms))?;
            return Err(ApiError::not_authorized("Incorrect username or password."));
        };
        self.db.write(|transaction| attempts::forget_failures(transaction, &name))?;
        if !user.confirmed {
            return Err(ApiError::new("UserNotConfirmedException", "User is not confirmed."));
        }
        if self.db.is_temporary(&user.sub)? {
            return self.challenge(client, &user, now_ms);
        }
        self.open_session(client, &user, now_ms)
    }

    /// Tokens for somebody who has just proved who they are.
    pub(super) fn open_session(&self, client: &ClientConfig, user: &User, now_ms: i64) -> Result<Value, ApiError> {
        let session = Session {
            sub: user.sub.clone(),
            client_id: client.client_id.clone(),
            origin_jti: chance::uuid().to_string(),
            auth_time_s: now_ms.div_euclid(1_000),
            expires_ms: now_ms.saturating_add(client.refresh_token_s.saturating_mul(1_000)),
        };
        let token = new_token()?;
        self.db.add_session(&token_hash(&token), &session, now_ms)?;
        let mut result = self.issue(client, user, &session, now_ms)?;
        if let Some(result) = result.as_object_mut() {
            result.insert("RefreshToken".to_owned(), json!(token));
        }
        Ok(json!({"AuthenticationResult": result, "ChallengeParameters": {}}))
    }

    /// The refresh token stays the same and is not told again.
    fn refresh(&self, client: &ClientConfig, token: &str) -> Result<Value, ApiError> {
        let now_ms = self.clock.now_ms();
        let session = self.db.session(&token_hash(token))?;
        let session = session
            .filter(|session| session.client_id == client.client_id)
            .ok_or_else(|| ApiError::not_authorized("Invalid Refresh Token"))?;
        if now_ms >= session.expires_ms {
            return Err(ApiError::not_authorized("Refresh Token has expired"));
        }
        let user = self.db.user(&session.sub)?.ok_or_else(|| ApiError::not_authorized("Invalid Refresh Token"))?;
        let result = self.issue(client, &user, &session, now_ms)?;
        Ok(json!({"AuthenticationResult": result, "ChallengeParameters": {}}))
    }

    fn issue(&self, client: &ClientConfig, user: &User, session: &Session, now_ms: i64) -> Result<Value, CognitoError> {
        let groups = self.db.groups(&user.sub)?;
        let (id, access) = self.signer.issue(client, user, &groups, session, now_ms)?;
        Ok(json!({
            "AccessToken": access,
            "ExpiresIn": client.access_token_s,
            "IdToken": id,
            "TokenType": "Bearer",
        }))
    }
}

pub(super) fn new_token() -> Result<String, CognitoError> {
    let mut bytes = [0; TOKEN_BYTES];
    chance::fill(&mut bytes).map_err(|_| CognitoError::Keys { what: "draw a token" })?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}

/// Only hashes are kept: whoever reads the file cannot log in with it.
pub(super) fn token_hash(token: &str) -> Vec<u8> {
    Sha256::digest(token.as_bytes()).to_vec()
}
