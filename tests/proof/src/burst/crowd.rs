//! Everybody who applies, and those who watch.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use app::{
    commit::{Actor, Cause},
    onboarding::{NewApplication, submit_application},
    ports::Vault,
    streams::Streams,
};
use aws::{DynamoEventStore, KmsVault, SdkClock};
use aws_sdk_dynamodb::types::AttributeValue;
use domain::{
    ids::{ApplicationId, CustomerId},
    onboarding::content::{ApplicationContent, DocumentKind, Written, WrittenAddress, WrittenDocument},
};
use granary::services::OPERATOR;
use secrecy::SecretString;
use serde_json::{Value, json};
use simulators::onfido::{Status, Verdict};
use uuid::Uuid;

use crate::world::Bank;

/// The permits are looked at so often, while time flows.
const WATCHED_EVERY: Duration = Duration::from_millis(100);
/// Every so many webhooks one comes twice.
const DUPLICATE_EVERY: usize = 10;
const SIGNED_UP: &str =
    include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../events/samples/cognito-pre-sign-up.json"));
const CONFIRMED: &str =
    include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../events/samples/cognito-post-confirmation.json"));

/// Somebody who applies.
#[derive(Debug, Clone, Copy)]
pub struct Applicant {
    pub customer: CustomerId,
    pub application: ApplicationId,
}

/// So many people become customers, and then all of them apply before the bank does anything about any of them.
pub async fn apply(bank: &Bank, count: u32) -> Vec<Applicant> {
    let people: Vec<_> = (1..=u128::from(count))
        .map(|number| Applicant {
            customer: CustomerId::new(Uuid::from_u128(0xC057_0000_0000_4000_8000_0000_0000_0000 + number)),
            application: ApplicationId::new(Uuid::from_u128(0xA991_0000_0000_4000_8000_0000_0000_0000 + number)),
        })
        .collect();
    let [signed_up, confirmed] = [SIGNED_UP, CONFIRMED].map(|event| serde_json::from_str::<Value>(event).unwrap());
    for (number, person) in people.iter().enumerate() {
        for (trigger, event) in [("CognitoPreSignUp", &signed_up), ("CognitoPostConfirmation", &confirmed)] {
            let mut event = event.clone();
            event["userName"] = json!(person.customer.to_string());
            event["request"]["userAttributes"]["sub"] = json!(person.customer.to_string());
            event["request"]["userAttributes"]["email"] = json!(format!("ada-{number}@example.com"));
            bank.local.lambdas().invoke(trigger, event.to_string().into()).await.unwrap();
        }
    }
    bank.local.settle().await.unwrap();

    let config = bank.local.sdk_config(OPERATOR);
    let clock = Arc::new(SdkClock::new(&config));
    let store = DynamoEventStore::new(bank.dynamodb(), bank.table("OnboardingEvents"));
    let streams = Streams::new(Arc::new(store), clock);
    let kms = aws_sdk_kms::Client::new(&config);
    let key = bank.local.plan().key("VaultKey").unwrap().id.clone();
    let vault = KmsVault::new(bank.dynamodb(), kms, bank.table("Vault"), bank.table("VaultKeys"), key);
    let vault: Arc<dyn Vault> = Arc::new(vault);
    for person in &people {
        let Applicant { customer, application } = *person;
        let new = NewApplication { customer, application, content: content() };
        submit_application(&streams, &vault, &new, &Cause::by(Actor::System("burst"))).await.unwrap();
    }
    people
}

fn content() -> ApplicationContent {
    let secret = |text: &str| SecretString::from(text);
    ApplicationContent::new(&Written {
        first_name: secret("Ada"),
        last_name: secret("Byron"),
        birth_date: secret("1990-12-10"),
        nationality: secret("GB"),
        address: WrittenAddress {
            street: secret("12 St James's Square"),
            town: secret("London"),
            postcode: secret("SW1Y 4JH"),
            country: secret("GB"),
        },
        document: WrittenDocument {
            kind: DocumentKind::Passport,
            number: secret("925076473"),
            issuing_country: secret("GB"),
        },
        bank_account: None,
    })
}

/// Every open run at the identity provider is approved, and some of its webhooks come twice.
pub async fn show_passports(bank: &Bank, now_ms: i64) {
    let door = bank.local.identity_provider();
    let open = door.provider.runs().into_iter().filter(|run| run.status == Status::AwaitingInput);
    for (number, run) in open.enumerate() {
        let told = door.provider.complete(run.id, Verdict::Approved, now_ms, &door.endpoint).await.unwrap();
        if number.is_multiple_of(DUPLICATE_EVERY) {
            door.provider.redeliver(told.id, now_ms, &door.endpoint).await.unwrap();
        }
    }
}

/// Looks again and again how many permits are held.
pub async fn watch_permits(dynamodb: aws_sdk_dynamodb::Client, table: String, held_max: Arc<Mutex<usize>>) {
    loop {
        let held = held(&dynamodb, &table).await.len();
        {
            let mut seen = held_max.lock().unwrap();
            *seen = held.max(*seen);
        }
        tokio::time::sleep(WATCHED_EVERY).await;
    }
}

/// Who holds a permit.
pub async fn held(dynamodb: &aws_sdk_dynamodb::Client, table: &str) -> Vec<String> {
    let key = AttributeValue::S("permits#onboarding".to_owned());
    let item = dynamodb.get_item().table_name(table).key("pk", key).send().await.unwrap().item.unwrap_or_default();
    let holders = item.get("holders").and_then(|it| it.as_m().ok()).cloned().unwrap_or_default();
    holders.into_keys().collect()
}
