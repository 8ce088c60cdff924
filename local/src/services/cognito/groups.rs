//! `AdminAddUserToGroup`.

use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    Cognito,
    api::required,
    error::ApiError,
    store::{find_user, insert_group},
    users::lookup_key,
};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct AdminAddUserToGroup {
    user_pool_id: Option<String>,
    username: Option<String>,
    group_name: Option<String>,
}

impl Cognito {
    pub(super) fn admin_add_user_to_group(&self, request: &AdminAddUserToGroup) -> Result<Value, ApiError> {
        required("userPoolId", request.user_pool_id.as_ref())?;
        let username = required("username", request.username.as_ref())?;
        let group = required("groupName", request.group_name.as_ref())?;
        self.check_pool(request.user_pool_id.as_ref())?;
        self.add_to_group(username, group)
    }

    pub(super) fn add_to_group(&self, username: &str, group: &str) -> Result<Value, ApiError> {
        if !self.pool.groups.iter().any(|it| it == group) {
            return Err(ApiError::new("ResourceNotFoundException", "Group not found."));
        }
        self.db.write(|transaction| {
            let user = find_user(transaction, &lookup_key(username))?.ok_or_else(ApiError::user_not_found)?;
            insert_group(transaction, &user.sub, group)?;
            Ok(json!({}))
        })
    }

    /// That an administrator means this pool.
    pub(super) fn check_pool(&self, pool_id: Option<&String>) -> Result<(), ApiError> {
        let pool_id = required("userPoolId", pool_id)?;
        if *pool_id == self.pool.pool_id {
            return Ok(());
        }
        Err(ApiError::new("ResourceNotFoundException", format!("User pool {pool_id} does not exist.")))
    }
}
