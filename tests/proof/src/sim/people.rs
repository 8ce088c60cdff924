//! People who use the bank through its doors, and whose apps ask again with the same ids until they are answered.

use aws_sdk_cognitoidentityprovider::{
    error::SdkError, operation::RequestId as _, types::AuthFlowType, types::error::NotAuthorizedException,
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};
use uuid::Uuid;

use super::dice::Dice;
use crate::world::{Bank, PASSWORD};

/// An access token is for an hour; this much of it is used.
const TOKEN_GOOD_MS: i64 = 50 * 60_000;

/// How a request ended.
#[derive(Debug, Clone, PartialEq)]
pub enum Answer {
    /// With this.
    Done(Value),
    /// For good, with this code.
    Refused(String),
    /// It may be asked again.
    Again,
}

/// The customer's id in a node's id, which is the base64 of `Customer:<id>`.
pub fn customer_in(node_id: &Value) -> Option<String> {
    let text = String::from_utf8(STANDARD.decode(node_id.as_str()?).ok()?).ok()?;
    text.strip_prefix("Customer:").map(str::to_owned)
}

/// Somebody.
#[derive(Debug, Clone)]
pub struct Person {
    /// Which one.
    pub number: usize,
    /// How they log in.
    pub email: String,
    /// The customer's id, once known.
    pub sub: Option<String>,
    /// The application's id.
    pub application: Uuid,
    confirmed: bool,
    token: Option<(String, i64)>,
    refresh: Option<String>,
}

impl Person {
    /// The `number`th.
    pub fn new(number: usize, dice: &mut Dice) -> Self {
        let email = format!("{}@example.org", Self::word(number, "quarrelstone"));
        Self { number, email, sub: None, application: dice.uuid(), confirmed: false, token: None, refresh: None }
    }

    fn word(number: usize, stem: &str) -> String {
        let letters: String = format!("{number:03}").bytes().map(|digit| char::from(digit - b'0' + b'a')).collect();
        format!("{stem}{letters}")
    }

    /// What they apply with, found nowhere else.
    pub fn application(&self) -> Value {
        let word = |stem| Self::word(self.number, stem);
        json!({
            "applicationId": self.application,
            "firstName": word("Ottoline"), "lastName": word("Marchbanks"), "birthDate": "1961-02-27", "nationality": "GB",
            "address": { "street": format!("7 {} Parapet", word("Tamarind")), "town": word("Llanwick"),
                "postcode": "QZ9 8XW", "country": "GB" },
            "document": { "kind": "PASSPORT", "number": format!("ZK{:07}", 7_704_219 + self.number), "issuingCountry": "GB" },
            "bankAccount": { "holder": word("Ottoline"), "sortCode": "609104", "accountNumber": "83917264" },
        })
    }

    /// What must be found in the vault only.
    pub fn secrets(&self) -> Vec<String> {
        let stems = ["quarrelstone", "Ottoline", "Marchbanks", "Tamarind", "Llanwick"];
        let words = stems.into_iter().map(|stem| Self::word(self.number, stem));
        words.chain([format!("ZK{:07}", 7_704_219 + self.number), self.payer()]).collect()
    }

    /// The name that they pay under.
    pub fn payer(&self) -> String {
        Self::word(self.number, "Featherstonehaugh")
    }

    /// Signs up, or finds that it was done.
    pub async fn sign_up(&mut self, bank: &Bank) -> Answer {
        let asked = bank.pool().sign_up().client_id(bank.client_id()).username(&self.email).password(PASSWORD).send();
        match asked.await {
            Ok(answer) => {
                self.sub = Some(answer.user_sub().to_owned());
                Answer::Done(Value::Null)
            }
            Err(error) if error.as_service_error().is_some_and(|it| it.is_username_exists_exception()) => {
                Answer::Done(Value::Null)
            }
            Err(_) => Answer::Again,
        }
    }

    /// Confirms with the code that was mailed, or finds that it was done.
    pub async fn confirm(&mut self, bank: &Bank) -> Answer {
        if self.confirmed {
            return Answer::Done(Value::Null);
        }
        match bank.confirm(&self.email).await {
            Ok(()) => {}
            Err(aws_sdk_cognitoidentityprovider::Error::NotAuthorizedException(NotAuthorizedException { .. })) => {}
            Err(error) => {
                let _asked_again = error.request_id();
                return Answer::Again;
            }
        }
        self.confirmed = true;
        Answer::Done(Value::Null)
    }

    async fn token(&mut self, bank: &Bank) -> Result<String, Answer> {
        let now_ms = bank.now_ms();
        if let Some((token, _)) = self.token.as_ref().filter(|(_, until_ms)| now_ms < *until_ms) {
            return Ok(token.clone());
        }
        // Passwords are hashed slowly on purpose; a refresh is not.
        let flow = |flow| bank.pool().initiate_auth().client_id(bank.client_id()).auth_flow(flow);
        let mut answer = None;
        if let Some(refresh) = &self.refresh {
            let refreshed = flow(AuthFlowType::RefreshTokenAuth).auth_parameters("REFRESH_TOKEN", refresh);
            answer = refreshed.send().await.ok();
        }
        let answer = match answer {
            Some(answer) => answer,
            None => {
                let login = flow(AuthFlowType::UserPasswordAuth);
                let login = login.auth_parameters("USERNAME", &self.email).auth_parameters("PASSWORD", PASSWORD);
                login.send().await.map_err(|error| match error {
                    SdkError::ServiceError(refused) => Answer::Refused(format!("{:?}", refused.err())),
                    _ => Answer::Again,
                })?
            }
        };
        let tokens = answer.authentication_result().unwrap();
        if let Some(refresh) = tokens.refresh_token() {
            self.refresh = Some(refresh.to_owned());
        }
        let token = tokens.access_token().unwrap().to_owned();
        self.token = Some((token.clone(), now_ms + TOKEN_GOOD_MS));
        Ok(token)
    }

    /// Has a token that is good for a while, if the pool gives one.
    pub async fn log_in(&mut self, bank: &Bank) {
        let _given_or_asked_for_again = self.token(bank).await;
    }

    /// One request to the graph.
    pub async fn ask(&mut self, bank: &Bank, query: &str, input: Option<Value>) -> Answer {
        let token = match self.token(bank).await {
            Ok(token) => token,
            Err(answer) => return answer,
        };
        let variables = input.map_or(json!({}), |input| json!({ "input": input }));
        let body = json!({ "query": query, "variables": variables }).to_string();
        let (status, mut answer) = bank.graphql_raw(Some(&token), &body).await;
        if status >= 500 {
            return Answer::Again;
        }
        match answer["errors"][0]["extensions"]["code"].as_str() {
            None if answer.get("errors").is_none() => Answer::Done(answer["data"].take()),
            Some("UNAVAILABLE" | "CONFLICT" | "RATE_LIMITED") => Answer::Again,
            // Not a customer yet: what the pool's trigger did not do, the app asks for.
            Some("CUSTOMER_NOT_READY") => {
                let ensure = json!({ "query": "mutation { ensureCustomer { id } }" }).to_string();
                let _answered_or_not = bank.graphql_raw(Some(&token), &ensure).await;
                Answer::Again
            }
            Some(code) => Answer::Refused(code.to_owned()),
            None => Answer::Refused(answer.to_string()),
        }
    }
}
