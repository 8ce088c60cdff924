//! `AdminDeleteUser` and `AdminListGroupsForUser`: users who go, and what somebody has to know before.

use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    Cognito,
    api::required,
    error::ApiError,
    store::{delete_user, find_user},
    users::lookup_key,
};

/// As many as the service lists at once.
const GROUPS_LISTED_MAX: usize = 60;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct AdminDeleteUser {
    user_pool_id: Option<String>,
    username: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct AdminListGroupsForUser {
    user_pool_id: Option<String>,
    username: Option<String>,
    limit: Option<usize>,
    next_token: Option<String>,
}

impl Cognito {
    /// The answer has no body at all.
    pub(super) fn admin_delete_user(&self, request: &AdminDeleteUser) -> Result<Value, ApiError> {
        self.check_pool(request.user_pool_id.as_ref())?;
        let username = required("username", request.username.as_ref())?;
        self.db.write(|transaction| {
            let user = find_user(transaction, &lookup_key(username))?.ok_or_else(ApiError::user_not_found)?;
            delete_user(transaction, &user.sub)?;
            Ok(Value::Null)
        })
    }

    pub(super) fn admin_list_groups_for_user(&self, request: &AdminListGroupsForUser) -> Result<Value, ApiError> {
        self.check_pool(request.user_pool_id.as_ref())?;
        let username = required("username", request.username.as_ref())?;
        let user = self.db.user(&lookup_key(username))?.ok_or_else(ApiError::user_not_found)?;
        let from = match request.next_token.as_ref().map(|token| token.parse::<usize>()) {
            None => 0,
            Some(Ok(from)) => from,
            Some(Err(_)) => return Err(ApiError::invalid_parameter("Invalid pagination token")),
        };
        let limit = request.limit.filter(|limit| (1..GROUPS_LISTED_MAX).contains(limit)).unwrap_or(GROUPS_LISTED_MAX);
        let groups = self.db.groups(&user.sub)?;
        let listed = groups.iter().skip(from).take(limit);
        let listed: Vec<Value> =
            listed.map(|name| json!({"GroupName": name, "UserPoolId": self.pool.pool_id})).collect();
        let end = from.saturating_add(listed.len());
        if end < groups.len() {
            return Ok(json!({"Groups": listed, "NextToken": end.to_string()}));
        }
        Ok(json!({ "Groups": listed }))
    }
}
