//! `SignUp`, `ConfirmSignUp` and `ResendConfirmationCode`.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Value, json};
use simulators::chance;

use super::{
    Cognito, CognitoError, UnknownUsers,
    api::required,
    attempts::{self, Limited},
    error::ApiError,
    password,
    store::{User, confirm_user, find_user, insert_user, note_untold, send_code, set_code},
    triggers::{About, Occasion},
    users::{Attribute, attributes, email_key, is_same_code, lookup_key, masked, new_code},
};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct SignUp {
    client_id: Option<String>,
    username: Option<String>,
    password: Option<String>,
    #[serde(default)]
    user_attributes: Vec<Attribute>,
    validation_data: Option<Vec<NameValue>>,
    client_metadata: Option<BTreeMap<String, String>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct NameValue {
    name: String,
    #[serde(default)]
    value: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ConfirmSignUp {
    client_id: Option<String>,
    username: Option<String>,
    confirmation_code: Option<String>,
    client_metadata: Option<BTreeMap<String, String>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ResendConfirmationCode {
    client_id: Option<String>,
    username: Option<String>,
}

impl Cognito {
    pub(super) async fn sign_up(&self, request: SignUp) -> Result<Value, ApiError> {
        let client = self.client(request.client_id.as_ref())?;
        let email = required("username", request.username.as_ref())?;
        let password = required("password", request.password.as_ref())?;
        let email_key = email_key(email)?;
        password::check_policy(&self.pool.password_policy, password)?;
        let mut attributes = attributes(email, request.user_attributes)?;
        if self.db.user(&email_key)?.is_some() {
            return Err(taken());
        }

        // The user does not exist yet, and may never: another sign-up can still be faster.
        let sub = chance::uuid().to_string();
        let about = About { sub: &sub, attributes: &attributes, client_metadata: request.client_metadata.as_ref() };
        let validation_data: Option<BTreeMap<String, String>> =
            request.validation_data.map(|pairs| pairs.into_iter().map(|pair| (pair.name, pair.value)).collect());
        let decided = self.call_pre_sign_up(Occasion::SignUp(client), &about, validation_data.as_ref()).await?;

        attributes.insert("sub".to_owned(), sub.clone());
        attributes.insert("email_verified".to_owned(), decided.verify_email.to_string());
        let password = password::hash(password.clone()).await?;
        let now_ms = self.clock.now_ms();
        let code = if decided.confirm { None } else { Some(new_code(now_ms)?) };
        let user = User { sub, email_key, attributes, confirmed: decided.confirm, password, code };
        self.db.write(|transaction| {
            if !insert_user(transaction, &user, now_ms)? {
                return Err(taken());
            }
            match &user.code {
                Some(code) => Ok(send_code(transaction, email, &code.text, now_ms)?),
                None => Ok(note_untold(transaction, &user.sub, &client.client_id, request.client_metadata.as_ref())?),
            }
        })?;
        if decided.confirm {
            self.tell_confirmed(client, &user, request.client_metadata.as_ref()).await?;
            return Ok(json!({"UserConfirmed": true, "UserSub": user.sub}));
        }
        Ok(json!({"UserConfirmed": false, "UserSub": user.sub, "CodeDeliveryDetails": delivery(email)}))
    }

    pub(super) async fn confirm_sign_up(&self, request: ConfirmSignUp) -> Result<Value, ApiError> {
        let client = self.client(request.client_id.as_ref())?;
        let username = required("username", request.username.as_ref())?;
        let typed = required("confirmationCode", request.confirmation_code.as_ref())?;
        let now_ms = self.clock.now_ms();
        let user = self.db.write(|transaction| {
            let Some(mut user) = find_user(transaction, &lookup_key(username))? else {
                return Ok(Err(match client.unknown_users {
                    UnknownUsers::Hidden => code_expired(),
                    UnknownUsers::Told => ApiError::user_not_found(),
                }));
            };
            if user.confirmed {
                let message = "User cannot be confirmed. Current status is CONFIRMED";
                return Ok(Err(ApiError::not_authorized(message)));
            }
            if attempts::is_used_up(transaction, Limited::WrongCode, &user.sub, now_ms)? {
                let message = "You have made too many failed attempts. Please try again later.";
                return Ok(Err(ApiError::new("TooManyFailedAttemptsException", message)));
            }
            let refusal = match &user.code {
                Some(code) if !is_same_code(&code.text, typed) => {
                    attempts::count(transaction, Limited::WrongCode, &user.sub, now_ms)?;
                    let message = "Invalid verification code provided, please try again.";
                    Some(ApiError::new("CodeMismatchException", message))
                }
                Some(code) if now_ms < code.expires_ms => None,
                Some(_) | None => Some(code_expired()),
            };
            if let Some(refusal) = refusal {
                return Ok(Err(refusal)); // Not as an error: that would roll the count back.
            }
            user.attributes.insert("email_verified".to_owned(), "true".to_owned());
            confirm_user(transaction, &user)?;
            note_untold(transaction, &user.sub, &client.client_id, request.client_metadata.as_ref())?;
            Ok::<_, ApiError>(Ok(user))
        })??;
        // A failure from here on is told, and the user stays confirmed.
        self.tell_confirmed(client, &user, request.client_metadata.as_ref()).await?;
        Ok(json!({}))
    }

    pub(super) fn resend_confirmation_code(&self, request: &ResendConfirmationCode) -> Result<Value, ApiError> {
        let client = self.client(request.client_id.as_ref())?;
        let username = required("username", request.username.as_ref())?;
        let name = lookup_key(username);
        let now_ms = self.clock.now_ms();
        self.db.write(|transaction| {
            if attempts::is_used_up(transaction, Limited::Resend, &name, now_ms)? {
                let message = "Attempt limit exceeded, please try after some time.";
                return Err(ApiError::new("LimitExceededException", message));
            }
            attempts::count(transaction, Limited::Resend, &name, now_ms)?;
            let Some(user) = find_user(transaction, &name)? else {
                return match client.unknown_users {
                    UnknownUsers::Hidden => Ok(json!({"CodeDeliveryDetails": delivery(username)})),
                    UnknownUsers::Told => Err(ApiError::user_not_found()),
                };
            };
            if user.confirmed {
                return Err(ApiError::invalid_parameter("User is already confirmed."));
            }
            let email = user.attributes.get("email").unwrap_or(&user.email_key);
            let code = new_code(now_ms)?;
            set_code(transaction, &user.sub, &code)?;
            send_code(transaction, email, &code.text, now_ms)?;
            Ok(json!({"CodeDeliveryDetails": delivery(email)}))
        })
    }

    /// Tells the trigger of everybody of whom it was not told because the process died in between.
    ///
    /// # Errors
    /// When the tables cannot be used. Whom the trigger fails for is told of at the next start again.
    pub async fn take_over(&self) -> Result<(), CognitoError> {
        for (sub, client_id, metadata) in self.db.untold()? {
            let client = self.pool.clients.iter().find(|client| client.client_id == client_id);
            let metadata = metadata.map(|text| serde_json::from_str(&text)).transpose()?;
            let (Some(client), Some(user)) = (client, self.db.user(&sub)?) else { continue };
            match self.tell(client, &user, metadata.as_ref()).await {
                Ok(()) => self.db.told(&sub)?,
                Err(error) => tracing::error!(sub, kind = error.kind(), "nobody was told of a confirmed user"),
            }
        }
        Ok(())
    }

    /// Tells the trigger. A failure is the caller's to see, and ends it.
    async fn tell_confirmed(
        &self,
        client: &super::ClientConfig,
        user: &User,
        client_metadata: Option<&BTreeMap<String, String>>,
    ) -> Result<(), ApiError> {
        let told = self.tell(client, user, client_metadata).await;
        self.db.told(&user.sub)?;
        told
    }

    async fn tell(
        &self,
        client: &super::ClientConfig,
        user: &User,
        client_metadata: Option<&BTreeMap<String, String>>,
    ) -> Result<(), ApiError> {
        let mut attributes = user.attributes.clone();
        attributes.insert("cognito:user_status".to_owned(), "CONFIRMED".to_owned());
        self.call_post_confirmation(client, &About { sub: &user.sub, attributes: &attributes, client_metadata }).await
    }
}

fn taken() -> ApiError {
    ApiError::new("UsernameExistsException", "An account with the given email already exists.")
}

fn code_expired() -> ApiError {
    ApiError::new("ExpiredCodeException", "Invalid code provided, please request a code again.")
}

fn delivery(email: &str) -> Value {
    json!({"AttributeName": "email", "DeliveryMedium": "EMAIL", "Destination": masked(email)})
}
