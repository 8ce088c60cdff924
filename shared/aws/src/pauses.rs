//! Waiting states and what apps need meanwhile, in one table that is encrypted under a key of its own and forgets by itself.
//!
//! `pk` is the applicant's stream; `sk` is `pause#<application>#<awaited>`, for a parked state with `#<state>`, `sdk-token#<application>`, or
//! `question#<slot>`. Unlike history, these rows
//! change: a state that waits again overwrites its token.

use std::{collections::HashMap, sync::Arc};

use app::{
    commit::timestamp,
    ports::{Clock, Pause, PauseKey, Pauses, PortError, Questions, SdkTokens, TaskToken},
};
use async_trait::async_trait;
use aws_sdk_dynamodb::{Client, operation::delete_item::DeleteItemError, types::AttributeValue};
use contracts::tasks::Awaited;
use domain::{
    ids::{ApplicantId, CustomerId, StreamId},
    onboarding::{Moment, application::EXPIRES_AFTER},
};
use secrecy::{ExposeSecret as _, SecretString};
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

use crate::error::port;

/// A state waits a day for news and is then made to wait again, which notes it anew: what is older waits no more.
const PAUSE_KEPT_FOR: Duration = Duration::days(2);
/// An operator may take as long as an execution may live: a year.
const OPERATORS_PAUSE_KEPT_FOR: Duration = Duration::days(366);
/// A customer may take as long to answer as compliance may wait.
const QUESTION_KEPT_FOR: Duration = Duration::days(366);
const READ_QUESTION: &str = "read a question";
const READ_PAUSE: &str = "read a pause";
const READ_TOKEN: &str = "read an SDK token";

type Item = HashMap<String, AttributeValue>;

/// The table of pauses.
#[derive(Clone)]
pub struct DynamoPauses {
    client: Client,
    table: String,
    clock: Arc<dyn Clock>,
}

impl DynamoPauses {
    /// Over a table. The clock tells what has ended and was not removed yet.
    #[must_use]
    pub fn new(client: Client, table: impl Into<String>, clock: Arc<dyn Clock>) -> Self {
        Self { client, table: table.into(), clock }
    }

    async fn put(&self, attempted: &'static str, item: Item) -> Result<(), PortError> {
        let put = self.client.put_item().table_name(&self.table).set_item(Some(item));
        put.send().await.map_err(|error| port(attempted, &error))?;
        Ok(())
    }

    async fn get(&self, attempted: &'static str, key: Item) -> Result<Option<Item>, PortError> {
        let get = self.client.get_item().table_name(&self.table).set_key(Some(key)).consistent_read(true);
        let item = get.send().await.map_err(|error| port(attempted, &error))?.item;
        let now = self.clock.now().unix_timestamp();
        Ok(item.filter(|item| ttl_of(item).is_none_or(|ttl| ttl > now)))
    }
}

#[async_trait]
impl Pauses for DynamoPauses {
    async fn note(&self, pause: &Pause) -> Result<(), PortError> {
        let is_operators = pause.key.awaited == Awaited::Operator.name();
        let kept_for = if is_operators { OPERATORS_PAUSE_KEPT_FOR } else { PAUSE_KEPT_FOR };
        let mut item = pause_key(&pause.key);
        item.extend([
            ("token".to_owned(), AttributeValue::S(pause.token.expose().to_owned())),
            ("execution".to_owned(), AttributeValue::S(pause.execution.clone())),
            ("state".to_owned(), AttributeValue::S(pause.state.clone())),
            ("since".to_owned(), AttributeValue::S(timestamp(pause.since))),
            ("ttl".to_owned(), ttl(pause.since + kept_for)),
        ]);
        self.put("note a pause", item).await
    }

    async fn find(&self, key: &PauseKey) -> Result<Option<Pause>, PortError> {
        let Some(item) = self.get(READ_PAUSE, pause_key(key)).await? else { return Ok(None) };
        let corrupt = || PortError::Corrupt { attempted: READ_PAUSE };
        let text = |name: &str| item.get(name).and_then(|it| it.as_s().ok()).ok_or_else(corrupt);
        Ok(Some(Pause {
            key: key.clone(),
            token: TaskToken::new(text("token")?),
            execution: text("execution")?.clone(),
            state: text("state")?.clone(),
            since: text("since")?.parse::<Moment>().map_err(|_| corrupt())?.time(),
        }))
    }

    async fn forget(&self, pause: &Pause) -> Result<(), PortError> {
        let outcome = self
            .client
            .delete_item()
            .table_name(&self.table)
            .set_key(Some(pause_key(&pause.key)))
            .condition_expression("#token = :token")
            .expression_attribute_names("#token", "token")
            .expression_attribute_values(":token", AttributeValue::S(pause.token.expose().to_owned()))
            .send()
            .await;
        match outcome {
            Ok(_) => Ok(()),
            // It was forgotten before, or the state waits again under a newer token.
            Err(error)
                if error.as_service_error().is_some_and(DeleteItemError::is_conditional_check_failed_exception) =>
            {
                Ok(())
            }
            Err(error) => Err(port("forget a pause", &error)),
        }
    }
}

#[async_trait]
impl SdkTokens for DynamoPauses {
    async fn keep(&self, customer: CustomerId, application: Uuid, token: &SecretString) -> Result<(), PortError> {
        let mut item = token_key(customer, application);
        item.extend([
            ("token".to_owned(), AttributeValue::S(token.expose_secret().to_owned())),
            ("ttl".to_owned(), ttl(self.clock.now() + EXPIRES_AFTER)),
        ]);
        self.put("keep an SDK token", item).await
    }

    async fn find(&self, customer: CustomerId, application: Uuid) -> Result<Option<SecretString>, PortError> {
        let Some(item) = self.get(READ_TOKEN, token_key(customer, application)).await? else { return Ok(None) };
        let token = item.get("token").and_then(|it| it.as_s().ok());
        token.map(|token| Some(SecretString::from(token.as_str()))).ok_or(PortError::Corrupt { attempted: READ_TOKEN })
    }
}

#[async_trait]
impl Questions for DynamoPauses {
    async fn show(&self, customer: CustomerId, slot: &str, text: &SecretString) -> Result<(), PortError> {
        let mut item = question_key(customer, slot);
        item.extend([
            ("text".to_owned(), AttributeValue::S(text.expose_secret().to_owned())),
            ("ttl".to_owned(), ttl(self.clock.now() + QUESTION_KEPT_FOR)),
        ]);
        self.put("show a question", item).await
    }

    async fn read(&self, customer: CustomerId, slot: &str) -> Result<Option<SecretString>, PortError> {
        let Some(item) = self.get(READ_QUESTION, question_key(customer, slot)).await? else { return Ok(None) };
        let text = item.get("text").and_then(|it| it.as_s().ok());
        text.map(|text| Some(SecretString::from(text.as_str()))).ok_or(PortError::Corrupt { attempted: READ_QUESTION })
    }
}

fn question_key(customer: CustomerId, slot: &str) -> Item {
    row_key(customer, format!("question#{slot}"))
}

fn pause_key(key: &PauseKey) -> Item {
    let state = key.state.as_ref().map(|state| format!("#{state}")).unwrap_or_default();
    row_key(key.customer, format!("pause#{}#{}{state}", key.application, key.awaited))
}

fn token_key(customer: CustomerId, application: Uuid) -> Item {
    row_key(customer, format!("sdk-token#{application}"))
}

fn row_key(customer: CustomerId, sk: String) -> Item {
    let pk = StreamId::from(ApplicantId(customer)).to_string();
    HashMap::from([("pk".to_owned(), AttributeValue::S(pk)), ("sk".to_owned(), AttributeValue::S(sk))])
}

fn ttl(at: OffsetDateTime) -> AttributeValue {
    AttributeValue::N(at.unix_timestamp().to_string())
}

fn ttl_of(item: &Item) -> Option<i64> {
    item.get("ttl").and_then(|it| it.as_n().ok()).and_then(|it| it.parse().ok())
}
