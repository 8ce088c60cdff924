//! Fingerprints of personal contents: they tell equal from other, and nothing to anybody without the subject's key.

use std::collections::BTreeSet;

use app::ports::{PortError, Vault};
use aws_lc_rs::hmac::{HMAC_SHA256, Key, sign};
use aws_sdk_dynamodb::types::AttributeValue;
use domain::ids::{CustomerId, Fingerprint, RetentionClass, VaultRef};
use secrecy::SecretString;
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use crate::event_store::{
    lost_answers::{Fate, meddled_config},
    world::{KEYS, MASTER_KEY, VALUES, World, vault},
};

const CONTENT: &str = r#"{"firstName":"Ada","lastName":"Byron","birthDate":"1990-12-10"}"#;

fn customer() -> CustomerId {
    CustomerId::new(Uuid::new_v4())
}

async fn taken(vault: &dyn Vault, customer: CustomerId, content: &str) -> Fingerprint {
    vault.fingerprint(customer, RetentionClass::Identity, &SecretString::from(content)).await.unwrap()
}

fn subject(customer: CustomerId) -> String {
    VaultRef::of_customer(customer, "any").unwrap().subject().to_owned()
}

async fn rows(world: &World, table: &str) -> Vec<std::collections::HashMap<String, AttributeValue>> {
    world.client().scan().table_name(table).send().await.unwrap().items().to_vec()
}

/// The subject's wrapped key, as anybody reads it who may read the table.
async fn wrapped_key(world: &World, customer: CustomerId) -> Vec<u8> {
    let get = world.client().get_item().table_name(KEYS).key("pk", AttributeValue::S(subject(customer)));
    let item = get.key("sk", AttributeValue::S("identity".to_owned())).send().await.unwrap().item.unwrap();
    item["w"].as_b().unwrap().as_ref().to_vec()
}

async fn erase(world: &World, customer: CustomerId) {
    let delete = world.client().delete_item().table_name(KEYS).key("pk", AttributeValue::S(subject(customer)));
    delete.key("sk", AttributeValue::S("identity".to_owned())).send().await.unwrap();
}

fn hmac(key: &[u8], content: &[u8]) -> Vec<u8> {
    sign(&Key::new(HMAC_SHA256, key), content).as_ref().to_vec()
}

#[tokio::test]
async fn equal_contents_of_one_customer_have_one_fingerprint_whoever_takes_it() {
    let world = World::new();
    let ada = customer();
    let first = taken(&*world.vault(), ada, CONTENT).await;
    let kept = VaultRef::of_customer(ada, "application").unwrap();
    world.vault().keep(&kept, &SecretString::from(CONTENT)).await.unwrap();
    // Another function's vault, that made no key.
    assert_eq!(taken(&*world.vault(), ada, CONTENT).await, first);
    let others = [CONTENT.replace("Byron", "Lovelace"), format!("{CONTENT} "), CONTENT.to_uppercase(), String::new()];
    let mut fingerprints = BTreeSet::from([first.to_string()]);
    for other in &others {
        fingerprints.insert(taken(&*world.vault(), ada, other).await.to_string());
    }
    assert_eq!(fingerprints.len(), 1 + others.len());
    assert_eq!(rows(&world, KEYS).await.len(), 1, "one key, also for what is kept");
}

#[tokio::test]
async fn equal_contents_of_two_customers_have_two_fingerprints() {
    let world = World::new();
    let (ada, bob) = (customer(), customer());
    let adas = taken(&*world.vault(), ada, CONTENT).await;
    assert_ne!(taken(&*world.vault(), bob, CONTENT).await, adas);
    // Nor are they the same where the customer is: in another bank there is another key.
    assert_ne!(taken(&*World::new().vault(), ada, CONTENT).await, adas);
}

#[tokio::test]
async fn nobody_computes_a_fingerprint_without_the_key() {
    let world = World::new();
    let ada = customer();
    let vault = world.vault();
    let taken = taken(&*vault, ada, CONTENT).await.to_string();
    let wrapped = wrapped_key(&world, ada).await;
    let (subject, id) = (subject(ada), ada.as_uuid().to_string());
    // What there is to see of somebody, and what is written in the code.
    let known = [&wrapped, subject.as_bytes(), id.as_bytes(), ada.as_uuid().as_bytes(), MASTER_KEY.as_bytes()];
    let known = known.into_iter().chain([b"granary-vault".as_slice(), b"granary-vault-fingerprint", b""]);
    let mut guesses = vec![Sha256::digest(CONTENT).to_vec()];
    for known in known {
        guesses.push(Sha256::digest([known, CONTENT.as_bytes()].concat()).to_vec());
        guesses.push(Sha256::digest([CONTENT.as_bytes(), known].concat()).to_vec());
        guesses.push(hmac(known, CONTENT.as_bytes()));
        guesses.push(hmac(&hmac(known, b"granary-vault-fingerprint"), CONTENT.as_bytes()));
    }
    let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    assert!(guesses.iter().all(|guess| hex(guess) != taken), "a guess was right");

    // Whoever may have the key unwrapped can, so the guesses fail for want of nothing else.
    let decrypt = aws_sdk_kms::Client::new(&world.config).decrypt().key_id(MASTER_KEY).ciphertext_blob(wrapped.into());
    let decrypt = decrypt.encryption_context("purpose", "granary-vault").encryption_context("subject", subject);
    let decrypt = decrypt.encryption_context("class", "identity");
    let key = decrypt.send().await.unwrap().plaintext.unwrap();
    let derived = hmac(key.as_ref(), b"granary-vault-fingerprint");
    assert_eq!(hex(&hmac(&derived, CONTENT.as_bytes())), taken);
    assert_ne!(hex(&hmac(key.as_ref(), CONTENT.as_bytes())), taken, "the key of values is no key of fingerprints");
}

#[tokio::test]
async fn taking_a_fingerprint_keeps_nothing_of_the_content() {
    let world = World::new();
    let ada = customer();
    let taken = taken(&*world.vault(), ada, CONTENT).await;
    assert_eq!(rows(&world, VALUES).await.len(), 0);
    let keys = format!("{:?}", rows(&world, KEYS).await);
    for told in ["Byron", "1990-12-10", &taken.to_string()] {
        assert!(!super::search::holds(keys.as_bytes(), told), "{told}");
    }
}

#[tokio::test]
async fn once_the_key_is_gone_the_content_has_another_fingerprint() {
    let world = World::new();
    let (ada, bob) = (customer(), customer());
    let (adas, bobs) = (taken(&*world.vault(), ada, CONTENT).await, taken(&*world.vault(), bob, CONTENT).await);
    erase(&world, ada).await;
    assert_ne!(taken(&*world.vault(), ada, CONTENT).await, adas);
    assert_eq!(taken(&*world.vault(), bob, CONTENT).await, bobs);
}

#[tokio::test]
async fn two_who_take_the_first_fingerprint_at_once_take_the_same() {
    let world = World::new();
    let ada = customer();
    let rival = world.vault();
    // Our key is made and about to be kept when theirs is.
    let meanwhile = Fate::After(Box::pin(async move {
        taken(&*rival, ada, "another content").await;
    }));
    let (config, fates) = meddled_config(&world, "PutItem", vec![meanwhile]);
    let ours = taken(&*vault(&config), ada, CONTENT).await;
    assert_eq!((fates.left(), rows(&world, KEYS).await.len()), (0, 1));
    assert_eq!(taken(&*world.vault(), ada, CONTENT).await, ours);
}

#[tokio::test]
async fn a_key_that_is_another_customers_takes_no_fingerprint() {
    let world = World::new();
    let (ada, bob) = (customer(), customer());
    taken(&*world.vault(), bob, CONTENT).await;
    let forged = [
        ("pk", AttributeValue::S(subject(ada))),
        ("sk", AttributeValue::S("identity".to_owned())),
        ("w", AttributeValue::B(wrapped_key(&world, bob).await.into())),
    ];
    let forged = forged.map(|(name, value)| (name.to_owned(), value)).into();
    world.client().put_item().table_name(KEYS).set_item(Some(forged)).send().await.unwrap();
    let refused = world.vault().fingerprint(ada, RetentionClass::Identity, &SecretString::from(CONTENT)).await;
    assert!(matches!(refused, Err(PortError::Corrupt { .. })), "{refused:?}");
}
