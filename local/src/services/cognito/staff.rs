//! `AdminCreateUser` and `AdminSetUserPassword`: users whom an administrator makes, as a bank makes its staff.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::Deserialize;
use serde_json::{Value, json};
use simulators::chance;

use super::{
    Cognito, CognitoError,
    api::required,
    error::ApiError,
    password,
    store::{User, find_user, insert_user, send_invitation, set_password},
    triggers::{About, Occasion},
    users::{Attribute, admin_attributes, email_key, lookup_key},
};

/// How many random bytes are in a password that nobody chose.
const TEMPORARY_PASSWORD_BYTES: usize = 18;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct AdminCreateUser {
    user_pool_id: Option<String>,
    username: Option<String>,
    temporary_password: Option<String>,
    message_action: Option<String>,
    #[serde(default)]
    user_attributes: Vec<Attribute>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct AdminSetUserPassword {
    user_pool_id: Option<String>,
    username: Option<String>,
    password: Option<String>,
    #[serde(default)]
    permanent: bool,
}

/// How long a password is good for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Validity {
    Permanent,
    Temporary,
}

/// Why nobody was made a member of staff: an error of the pool's API, by its type and its text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct StaffRefused {
    /// The type that clients of the pool match on.
    pub kind: &'static str,
    /// What is wrong.
    pub message: String,
}

impl Cognito {
    pub(super) async fn admin_create_user(&self, request: AdminCreateUser) -> Result<Value, ApiError> {
        self.check_pool(request.user_pool_id.as_ref())?;
        let email = required("username", request.username.as_ref())?;
        let is_told = match request.message_action.as_deref() {
            None => true,
            Some("SUPPRESS") => false,
            Some(_) => return Err(ApiError::invalid_parameter("An invitation is not sent again here.")),
        };
        let chosen = match request.temporary_password {
            Some(password) => password,
            None => new_password()?,
        };
        password::check_policy(&self.pool.password_policy, &chosen)?;
        let mut attributes = admin_attributes(email, request.user_attributes)?;
        let email_key = email_key(email)?;
        if self.db.user(&email_key)?.is_some() {
            return Err(exists());
        }
        let sub = chance::uuid().to_string();
        let about = About { sub: &sub, attributes: &attributes, client_metadata: None };
        self.call_pre_sign_up(Occasion::AdminCreateUser, &about, None).await?;

        attributes.insert("sub".to_owned(), sub.clone());
        let hash = password::hash(chosen.clone()).await?;
        let now_ms = self.clock.now_ms();
        // There is no code to confirm: an administrator vouches for the user.
        let user = User { sub, email_key, attributes, confirmed: true, password: hash, code: None };
        self.db.write(|transaction| {
            if !insert_user(transaction, &user, now_ms)? {
                return Err(exists());
            }
            set_password(transaction, &user.sub, &user.password, Validity::Temporary)?;
            if is_told {
                send_invitation(transaction, email, &chosen, now_ms)?;
            }
            Ok(())
        })?;
        let attributes: Vec<Value> =
            user.attributes.iter().map(|(name, value)| json!({"Name": name, "Value": value})).collect();
        let now_s = now_ms.div_euclid(1_000);
        Ok(json!({"User": {
            "Username": user.sub,
            "Attributes": attributes,
            "UserCreateDate": now_s,
            "UserLastModifiedDate": now_s,
            "Enabled": true,
            "UserStatus": "FORCE_CHANGE_PASSWORD",
        }}))
    }

    pub(super) async fn admin_set_user_password(&self, request: AdminSetUserPassword) -> Result<Value, ApiError> {
        self.check_pool(request.user_pool_id.as_ref())?;
        let username = required("username", request.username.as_ref())?;
        let chosen = required("password", request.password.as_ref())?;
        password::check_policy(&self.pool.password_policy, chosen)?;
        let hash = password::hash(chosen.clone()).await?;
        let validity = if request.permanent { Validity::Permanent } else { Validity::Temporary };
        self.db.write(|transaction| {
            let user = find_user(transaction, &lookup_key(username))?.ok_or_else(ApiError::user_not_found)?;
            set_password(transaction, &user.sub, &hash, validity)?;
            Ok(json!({}))
        })
    }

    /// Makes somebody a member of staff who can log in at once, and answers their `sub`: what an administrator does with
    /// `AdminCreateUser`, `AdminSetUserPassword` and `AdminAddUserToGroup`. For somebody who is there already the password is
    /// set, and the groups are added.
    ///
    /// # Errors
    /// As these operations refuse it.
    pub async fn add_staff(&self, email: &str, password: &str, groups: &[String]) -> Result<String, StaffRefused> {
        let (pool, name) = (Some(self.pool.pool_id.clone()), Some(email.to_owned()));
        // Before anything is written: somebody without their groups would be nobody in particular.
        if let Some(unknown) = groups.iter().find(|group| !self.pool.groups.contains(group)) {
            let message = format!("There is no group {unknown}.");
            return Err(StaffRefused { kind: "ResourceNotFoundException", message });
        }
        let request = AdminCreateUser {
            user_pool_id: pool.clone(),
            username: name.clone(),
            temporary_password: Some(password.to_owned()),
            message_action: Some("SUPPRESS".to_owned()),
            user_attributes: vec![],
        };
        match self.admin_create_user(request).await {
            Err(error) if error.kind() == EXISTS => {}
            other => drop(other?),
        }
        let password = Some(password.to_owned());
        let request = AdminSetUserPassword { user_pool_id: pool, username: name, password, permanent: true };
        self.admin_set_user_password(request).await?;
        for group in groups {
            self.add_to_group(email, group)?;
        }
        let user = self.db.user(&lookup_key(email)).map_err(ApiError::from)?;
        Ok(user.ok_or_else(ApiError::user_not_found)?.sub)
    }
}

impl From<ApiError> for StaffRefused {
    fn from(error: ApiError) -> Self {
        Self { kind: error.kind(), message: error.message().to_owned() }
    }
}

const EXISTS: &str = "UsernameExistsException";

fn exists() -> ApiError {
    ApiError::new(EXISTS, "User account already exists")
}

/// One of every kind of letter, whatever the policy asks for.
fn new_password() -> Result<String, CognitoError> {
    let mut bytes = [0; TEMPORARY_PASSWORD_BYTES];
    chance::fill(&mut bytes).map_err(|_| CognitoError::Keys { what: "draw a password" })?;
    Ok(format!("{}-Aa1", URL_SAFE_NO_PAD.encode(bytes)))
}
