//! `NEW_PASSWORD_REQUIRED` and `RespondToAuthChallenge`: whoever logs in with a temporary password has to choose one.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    ClientConfig, Cognito,
    api::required,
    auth::{new_token, token_hash},
    error::ApiError,
    password,
    staff::Validity,
    store::{Challenge, User, set_password},
    users::lookup_key,
};

const NEW_PASSWORD_REQUIRED: &str = "NEW_PASSWORD_REQUIRED";
/// Cognito's usual `AuthSessionValidity`.
const VALID_MS: i64 = 3 * 60 * 1_000;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct RespondToAuthChallenge {
    client_id: Option<String>,
    challenge_name: Option<String>,
    session: Option<String>,
    #[serde(default)]
    challenge_responses: BTreeMap<String, String>,
}

impl Cognito {
    /// Asks for a new password instead of giving tokens.
    pub(super) fn challenge(&self, client: &ClientConfig, user: &User, now_ms: i64) -> Result<Value, ApiError> {
        let session = new_token()?;
        let challenge = Challenge {
            sub: user.sub.clone(),
            client_id: client.client_id.clone(),
            expires_ms: now_ms.saturating_add(VALID_MS),
        };
        self.db.add_challenge(&token_hash(&session), &challenge, now_ms)?;
        // Within the parameters these are texts, as in the real service.
        let attributes = user.attributes.iter().filter(|(name, _)| *name != "sub").collect::<BTreeMap<_, _>>();
        Ok(json!({
            "ChallengeName": NEW_PASSWORD_REQUIRED,
            "Session": session,
            "ChallengeParameters": {
                "USER_ID_FOR_SRP": user.sub,
                "requiredAttributes": "[]",
                "userAttributes": json!(attributes).to_string(),
            },
        }))
    }

    pub(super) async fn respond_to_auth_challenge(&self, request: RespondToAuthChallenge) -> Result<Value, ApiError> {
        let client = self.client(request.client_id.as_ref())?;
        let name = required("challengeName", request.challenge_name.as_ref())?;
        if name != NEW_PASSWORD_REQUIRED {
            return Err(ApiError::invalid_parameter(format!("The challenge {name} is not played here.")));
        }
        let session = token_hash(required("session", request.session.as_ref())?);
        let answer = |name: &str| {
            let given = request.challenge_responses.get(name).filter(|value| !value.is_empty());
            given.ok_or_else(|| ApiError::invalid_parameter(format!("Missing required parameter {name}")))
        };
        let (username, chosen) = (answer("USERNAME")?, answer("NEW_PASSWORD")?);

        let now_ms = self.clock.now_ms();
        let challenge = self.db.challenge(&session)?;
        let challenge = challenge.filter(|it| it.client_id == client.client_id && now_ms < it.expires_ms);
        let challenge = challenge.ok_or_else(expired)?;
        let user = self.db.user(&lookup_key(username))?.filter(|user| user.sub == challenge.sub).ok_or_else(expired)?;
        password::check_policy(&self.pool.password_policy, chosen)?;
        let hash = password::hash(chosen.clone()).await?;
        let is_first = self.db.write(|transaction| {
            // Of two answers at the same time one counts.
            let removed = transaction.execute("DELETE FROM cognito_challenges WHERE session_hash = ?1", [&session])?;
            if removed == 1 {
                set_password(transaction, &user.sub, &hash, Validity::Permanent)?;
            }
            Ok::<_, ApiError>(removed == 1)
        })?;
        if !is_first {
            return Err(expired());
        }
        self.open_session(client, &user, self.clock.now_ms())
    }
}

fn expired() -> ApiError {
    ApiError::not_authorized("Invalid session for the user, session is expired.")
}
