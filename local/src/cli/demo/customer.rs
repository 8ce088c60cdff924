//! The person of the story, at the doors of the bank.

use aws_sdk_cognitoidentityprovider as cognito;
use cognito::types::AuthFlowType;
use serde_json::{Value, json};
use uuid::Uuid;

use super::look::{list_at, text_at, unexpected};
use crate::{
    cli::{CliError, TEMPLATE, client::Client, definitions},
    runner::RunnerError,
    template::{self, Pseudo},
};

const PASSWORD: &str = "Correct-horse-7-battery";

/// Somebody who becomes a customer.
pub struct Customer<'a> {
    pub client: &'a Client,
    pool: cognito::Client,
    client_id: String,
    pub email: String,
    pub sub: String,
    token: String,
}

impl<'a> Customer<'a> {
    /// Signs up.
    pub async fn sign_up(client: &'a Client, url: &str) -> Result<Self, CliError> {
        let (pool, client_id) = (pool_client(url).await, client_id()?);
        let email = format!("ada.{}@example.com", Uuid::new_v4().simple());
        let signed_up = pool.sign_up().client_id(&client_id).username(&email).password(PASSWORD).send().await;
        let sub = signed_up.map_err(sdk)?.user_sub().to_owned();
        Ok(Self { client, pool, client_id, email, sub, token: String::new() })
    }

    /// Confirms with the mailed code, which it answers.
    pub async fn confirm(&self) -> Result<String, CliError> {
        let mails = self.client.get(&format!("/dev/outbox?to={}", self.email)).await?;
        let code = list_at(&mails, "").last().map(|mail| text_at(mail, "/code")).unwrap_or_default();
        let confirmed =
            self.pool.confirm_sign_up().client_id(&self.client_id).username(&self.email).confirmation_code(&code);
        confirmed.send().await.map_err(sdk)?;
        Ok(code)
    }

    /// Logs in. The access token ends after an hour of the bank's clock.
    pub async fn log_in(&mut self) -> Result<(), CliError> {
        let login = self
            .pool
            .initiate_auth()
            .client_id(&self.client_id)
            .auth_flow(AuthFlowType::UserPasswordAuth)
            .auth_parameters("USERNAME", &self.email)
            .auth_parameters("PASSWORD", PASSWORD)
            .send()
            .await
            .map_err(sdk)?;
        let token = login.authentication_result().and_then(|it| it.access_token());
        self.token = token.ok_or_else(|| unexpected("no access token"))?.to_owned();
        Ok(())
    }

    /// Runs a GraphQL document; any error is a failure.
    pub async fn ask(&self, query: &str) -> Result<Value, CliError> {
        self.client.graphql(&self.token, query, &json!({})).await
    }

    /// The same with an input.
    pub async fn send(&self, mutation: &str, input: &Value) -> Result<Value, CliError> {
        self.client.graphql(&self.token, mutation, &json!({ "input": input })).await
    }
}

async fn pool_client(url: &str) -> cognito::Client {
    let config = aws_config::defaults(aws_config::BehaviorVersion::latest())
        .no_credentials()
        .region("eu-west-1")
        .endpoint_url(format!("{url}/cognito"))
        .load()
        .await;
    cognito::Client::new(&config)
}

/// The app client's id, which a real app has in its configuration: the template's.
fn client_id() -> Result<String, CliError> {
    let plan = template::load(TEMPLATE, &definitions(), &template::placeholders(TEMPLATE), &Pseudo::default());
    let plan = plan.map_err(RunnerError::from)?;
    let client = plan.user_pools.first().and_then(|pool| pool.clients.first());
    Ok(client.ok_or(RunnerError::Absent("user pool client"))?.id.clone())
}

fn sdk<E: std::error::Error + 'static>(error: E) -> CliError {
    CliError::Unexpected(lambda_kit::sqs::chain(&error))
}
