//! The identity pool, as whoever runs it sees its users.

use app::ports::{IdentityUsers, Membership, PortError};
use async_trait::async_trait;
use aws_sdk_cognitoidentityprovider::Client;
use domain::ids::CustomerId;

use crate::error::port;

/// One user pool.
#[derive(Debug, Clone)]
pub struct CognitoUsers {
    client: Client,
    pool_id: String,
}

impl CognitoUsers {
    /// The users of a pool.
    #[must_use]
    pub fn new(client: Client, pool_id: impl Into<String>) -> Self {
        Self { client, pool_id: pool_id.into() }
    }
}

#[async_trait]
impl IdentityUsers for CognitoUsers {
    async fn membership(&self, subject: CustomerId) -> Result<Membership, PortError> {
        let call = self.client.admin_list_groups_for_user().user_pool_id(&self.pool_id).username(subject.to_string());
        match call.limit(1).send().await {
            Ok(answer) if answer.groups().is_empty() => Ok(Membership::Nobodys),
            Ok(_) => Ok(Membership::Staff),
            Err(error) if error.as_service_error().is_some_and(|it| it.is_user_not_found_exception()) => {
                Ok(Membership::Missing)
            }
            Err(error) => Err(port("ask for somebody's groups", &error)),
        }
    }

    async fn remove(&self, subject: CustomerId) -> Result<(), PortError> {
        let call = self.client.admin_delete_user().user_pool_id(&self.pool_id).username(subject.to_string());
        match call.send().await {
            Ok(_) => Ok(()),
            Err(error) if error.as_service_error().is_some_and(|it| it.is_user_not_found_exception()) => Ok(()),
            Err(error) => Err(port("remove a user", &error)),
        }
    }
}
