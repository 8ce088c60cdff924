//! Destroying a key: what it opened stays closed, nobody makes a new one, and whoever destroys it again learns what the first did.

use std::sync::Arc;

use app::ports::{Destroyed, PortError, Reader, Vault, VaultKeys as _};
use aws::KmsVault;
use aws_sdk_dynamodb::types::AttributeValue;
use domain::{
    ids::{CustomerId, Fingerprint, RetentionClass, VaultRef},
    moment::Moment,
};
use secrecy::SecretString;
use time::macros::datetime;
use uuid::Uuid;

use crate::event_store::{
    lost_answers::{Fate, meddled_config},
    world::{KEYS, MASTER_KEY, VALUES, World, vault},
};

const ADA: CustomerId = CustomerId::new(Uuid::from_u128(0xADA));

fn keys(config: &aws_types::SdkConfig) -> KmsVault {
    let dynamodb = aws_sdk_dynamodb::Client::new(config);
    KmsVault::new(dynamodb, aws_sdk_kms::Client::new(config), VALUES, KEYS, MASTER_KEY)
}

fn slot(name: &str) -> VaultRef {
    VaultRef::of_customer(ADA, name).unwrap()
}

fn secret() -> SecretString {
    SecretString::from("somebody".to_owned())
}

fn at(day: i64) -> Moment {
    Moment::of(datetime!(2026-11-20 12:00 UTC) + time::Duration::days(day))
}

async fn opened(vault: &Arc<dyn Vault>, name: &str) -> Result<(), PortError> {
    let reader = Reader { who: "tests".to_owned(), why: "to see whether it opens".to_owned() };
    vault.open(&slot(name), &reader).await.map(drop)
}

fn is_erased<T>(outcome: Result<T, PortError>) -> bool {
    matches!(outcome, Err(PortError::Erased { .. }))
}

/// The wrapped key of a class, as a copy of the table has it.
async fn wrapped(world: &World, class: RetentionClass) -> Option<Vec<u8>> {
    let get = world.client().get_item().table_name(KEYS);
    let get = get.key("pk", AttributeValue::S(slot("email").subject().to_owned()));
    let item = get.key("sk", AttributeValue::S(class.to_string())).send().await.unwrap().item?;
    item.get("w").map(|it| it.as_b().unwrap().as_ref().to_vec())
}

#[tokio::test]
async fn a_destroyed_key_closes_its_class_and_no_other() {
    let world = World::new();
    let vault = world.vault();
    for name in ["email", "application-1", "case-note-1", "payer-1"] {
        vault.keep(&slot(name), &secret()).await.unwrap();
    }
    let key = Fingerprint::of(&wrapped(&world, RetentionClass::Contact).await.unwrap());
    let destroyed = keys(&world.config).destroy(ADA, RetentionClass::Contact, at(0)).await.unwrap();
    assert_eq!(destroyed, Destroyed { at: at(0), key: Some(key) });
    assert_eq!(wrapped(&world, RetentionClass::Contact).await, None);
    assert!(is_erased(opened(&vault, "email").await));
    assert!(is_erased(opened(&vault, "email-that-never-was").await), "nobody learns what there was");
    for name in ["application-1", "case-note-1", "payer-1"] {
        opened(&vault, name).await.unwrap();
    }
    // The first destruction is the one that counts.
    for day in [0, 1, 400] {
        let again = keys(&world.config).destroy(ADA, RetentionClass::Contact, at(day)).await.unwrap();
        assert_eq!(again, destroyed);
    }
}

#[tokio::test]
async fn nothing_is_written_where_a_key_was_destroyed() {
    let world = World::new();
    let vault = world.vault();
    vault.keep(&slot("email"), &secret()).await.unwrap();
    // Of the one there was a key, and of the other there never was.
    for class in [RetentionClass::Contact, RetentionClass::Identity] {
        keys(&world.config).destroy(ADA, class, at(0)).await.unwrap();
    }
    for name in ["email", "email-2", "application-1"] {
        assert!(is_erased(vault.keep(&slot(name), &secret()).await), "{name}");
    }
    assert!(is_erased(vault.fingerprint(ADA, RetentionClass::Identity, &secret()).await));
    for class in [RetentionClass::Contact, RetentionClass::Identity] {
        assert_eq!(wrapped(&world, class).await, None);
    }
    vault.keep(&slot("payer-1"), &secret()).await.unwrap();
}

#[tokio::test]
async fn a_destruction_whose_answer_was_lost_is_found_by_the_next_one() {
    let world = World::new();
    world.vault().keep(&slot("email"), &secret()).await.unwrap();
    let key = Fingerprint::of(&wrapped(&world, RetentionClass::Contact).await.unwrap());
    for lost in [|| Fate::RequestLost, || Fate::AnswerLost] {
        // Each of the SDK's own tries.
        let (config, fates) = meddled_config(&world, "PutItem", vec![lost(), lost(), lost()]);
        keys(&config).destroy(ADA, RetentionClass::Contact, at(0)).await.unwrap_err();
        assert_eq!(fates.left(), 0);
    }
    let found = keys(&world.config).destroy(ADA, RetentionClass::Contact, at(1)).await.unwrap();
    assert_eq!(found, Destroyed { at: at(0), key: Some(key) });
}

#[tokio::test]
async fn a_key_that_is_made_while_it_is_destroyed_is_destroyed_too() {
    let world = World::new();
    // Nothing was kept when the destroyer looked, and something is when it writes.
    let rival = world.vault();
    let meanwhile = Fate::After(Box::pin(async move { rival.keep(&slot("email"), &secret()).await.unwrap() }));
    let (config, fates) = meddled_config(&world, "PutItem", vec![meanwhile]);
    let destroyed = keys(&config).destroy(ADA, RetentionClass::Contact, at(0)).await.unwrap();
    assert!(destroyed.key.is_some() && fates.left() == 0);
    assert!(is_erased(opened(&world.vault(), "email").await));
}

#[tokio::test]
async fn a_writer_who_made_a_key_while_it_was_destroyed_is_refused() {
    let world = World::new();
    let rival = keys(&world.config);
    let meanwhile = Fate::After(Box::pin(async move {
        rival.destroy(ADA, RetentionClass::Contact, at(0)).await.unwrap();
    }));
    let (config, fates) = meddled_config(&world, "PutItem", vec![meanwhile]);
    assert!(is_erased(vault(&config).keep(&slot("email"), &secret()).await));
    assert_eq!((fates.left(), wrapped(&world, RetentionClass::Contact).await), (0, None));
}
