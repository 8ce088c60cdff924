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
        let pool_id = required("userPoolId", request.user_pool_id.as_ref())?;
        let username = required("username", request.username.as_ref())?;
        let group = required("groupName", request.group_name.as_ref())?;
        if *pool_id != self.pool.pool_id {
            let message = format!("User pool {pool_id} does not exist.");
            return Err(ApiError::new("ResourceNotFoundException", message));
        }
        if !self.pool.groups.contains(group) {
            return Err(ApiError::new("ResourceNotFoundException", "Group not found."));
        }
        self.db.write(|transaction| {
            let user = find_user(transaction, &lookup_key(username))?.ok_or_else(ApiError::user_not_found)?;
            insert_group(transaction, &user.sub, group)?;
            Ok(json!({}))
        })
    }
}
