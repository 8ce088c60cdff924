//! People with an app, who insist.

use std::collections::BTreeMap;

use aws_sdk_cognitoidentityprovider as cognito;
use cognito::types::AuthFlowType;
use serde_json::{Value, json};

use super::{Story, WHILE};
use crate::{Failed, world::PASSWORD};

/// How often the same request is sent before somebody gives up.
pub(super) const TRIES_MAX: usize = 4;

/// What an app is told when the same request may do better later.
const PASSING: [&str; 4] = ["UNAVAILABLE", "CONFLICT", "RATE_LIMITED", "INTERNAL"];

/// Somebody with an app.
pub(super) struct Customer {
    pub name: &'static str,
    pub sub: String,
    /// Where each asset is paid in: a reference, or an address.
    pub places: BTreeMap<&'static str, String>,
    refresh_token: String,
}

impl Customer {
    /// Where this asset is paid in.
    pub fn place(&self, asset: &str) -> Result<&str, Failed> {
        let place =
            self.places.get(asset).ok_or_else(|| Failed::new(format!("{} cannot pay in {asset}", self.name)))?;
        Ok(place)
    }
}

impl Story<'_> {
    /// Signs up; answers the sub.
    async fn begin(&mut self, name: &'static str) -> Result<String, Failed> {
        let (pool, client_id) = (self.bank.pool(), self.bank.client_id());
        let email = format!("{name}@example.com");
        let mut sub = None;
        for _ in 0..TRIES_MAX {
            let answer = pool.sign_up().client_id(&client_id).username(&email).password(PASSWORD).send().await;
            if let Ok(answer) = answer {
                sub = Some(answer.user_sub().to_owned());
                break;
            }
        }
        let sub = sub.ok_or_else(|| Failed::new(format!("{name} could not sign up")))?;
        self.roles.name(&sub, name);
        Ok(sub)
    }

    /// Signs up, and that is all. A month later nobody knows them.
    pub(super) async fn forgotten(&mut self, name: &'static str) -> Result<(), Failed> {
        const A_MONTH_AND_A_DAY_MS: i64 = 31 * 24 * 3600 * 1000;
        self.begin(name).await?;
        self.pass(WHILE).await?;
        // The days are leapt over: whatever else they bring is another scene's.
        self.bank.clock.advance_ms(A_MONTH_AND_A_DAY_MS);
        self.pass(WHILE).await?;
        let login = self.bank.pool().initiate_auth().client_id(self.bank.client_id());
        let login = login.auth_flow(AuthFlowType::UserPasswordAuth);
        let login =
            login.auth_parameters("USERNAME", format!("{name}@example.com")).auth_parameters("PASSWORD", PASSWORD);
        let told = match login.send().await {
            Ok(_) => "let in".to_owned(),
            Err(error) => format!("{:?}", error.as_service_error().and_then(|it| it.meta().code())),
        };
        self.seen.push((format!("{name} logs in after a month"), Value::String(told)));
        Ok(())
    }

    /// Signs up, types the code, logs in.
    pub(super) async fn sign_up(&mut self, name: &'static str) -> Result<Customer, Failed> {
        let (pool, client_id) = (self.bank.pool(), self.bank.client_id());
        let email = format!("{name}@example.com");
        let sub = self.begin(name).await?;

        let code = self.bank.code_for(&email);
        let mut confirmed = false;
        for _ in 0..TRIES_MAX {
            let confirm = pool.confirm_sign_up().client_id(&client_id).username(&email).confirmation_code(&code);
            confirmed = match confirm.send().await {
                Ok(_) => true,
                // The first one was carried out, and its answer was lost: the pool knows them as confirmed.
                Err(error) => error.as_service_error().is_some_and(|error| error.is_not_authorized_exception()),
            };
            if confirmed {
                break;
            }
        }
        if !confirmed {
            return Err(Failed::new(format!("{name} could not confirm")));
        }
        let login = pool
            .initiate_auth()
            .client_id(&client_id)
            .auth_flow(AuthFlowType::UserPasswordAuth)
            .auth_parameters("USERNAME", &email)
            .auth_parameters("PASSWORD", PASSWORD)
            .send()
            .await
            .map_err(|error| Failed::new(format!("{name} could not log in: {error:?}")))?;
        let refresh_token = login.authentication_result().and_then(|it| it.refresh_token()).unwrap_or_default();
        Ok(Customer { name, sub, places: BTreeMap::new(), refresh_token: refresh_token.to_owned() })
    }

    /// Access tokens live an hour; an app gets itself a new one.
    pub(super) async fn token(&self, name: &str, refresh_token: &str) -> Result<String, Failed> {
        let answer = self
            .bank
            .pool()
            .initiate_auth()
            .client_id(self.bank.client_id())
            .auth_flow(AuthFlowType::RefreshTokenAuth)
            .auth_parameters("REFRESH_TOKEN", refresh_token)
            .send()
            .await
            .map_err(|error| Failed::new(format!("{name} got no token: {error:?}")))?;
        let token = answer.authentication_result().and_then(|it| it.access_token());
        Ok(token.ok_or_else(|| Failed::new("an answer without a token"))?.to_owned())
    }

    /// The data of a GraphQL request, sent until there is a good answer.
    pub(super) async fn ask(&self, customer: &Customer, query: &str, variables: Value) -> Result<Value, Failed> {
        let token = self.token(customer.name, &customer.refresh_token).await?;
        let body = json!({ "query": query, "variables": variables }).to_string();
        let mut last = Value::Null;
        for _ in 0..TRIES_MAX {
            let (status, mut answer) = self.bank.graphql_raw(Some(&token), &body).await;
            if status == 200 && answer.get("errors").is_none() {
                return Ok(answer["data"].take());
            }
            let code = answer.pointer("/errors/0/extensions/code").and_then(Value::as_str);
            let may_pass = status >= 500 || code.is_some_and(|code| PASSING.contains(&code));
            last = answer;
            if !may_pass {
                break;
            }
        }
        Err(Failed::new(format!("{} was answered {last} to {query}", customer.name)))
    }

    /// A mutation with an input.
    pub(super) async fn order(&self, customer: &Customer, mutation: &str, input: Value) -> Result<Value, Failed> {
        self.ask(customer, mutation, json!({ "input": input })).await
    }

    /// Everything that a customer sees of the bank, for the picture.
    pub(super) async fn look(&mut self, customer: &Customer, when: &str, query: &str) -> Result<(), Failed> {
        let mut seen = self.ask(customer, query, Value::Null).await?;
        // Payouts of one moment stand in the order of their ids.
        if let Some(operations) = seen.pointer_mut("/viewer/operations/nodes").and_then(Value::as_array_mut) {
            operations.sort_by_key(ToString::to_string);
        }
        self.seen.push((format!("{} {when}", customer.name), seen));
        Ok(())
    }

    /// A post to a door of the bank by somebody who sends again what got no answer or a 5xx; answers the status and the code.
    pub(super) async fn knock(&self, path: &str, header: (&str, &str), body: &str) -> Result<(u16, String), Failed> {
        for _ in 0..TRIES_MAX {
            let (status, answer) = self.bank.post(path, &[header], body.to_owned()).await;
            if status < 500 {
                return Ok((status, answer["error"]["code"].as_str().unwrap_or_default().to_owned()));
            }
        }
        Err(Failed::new(format!("{path} did not answer")))
    }
}
