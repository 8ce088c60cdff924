//! The vault itself: one key a subject, one place a value.

use std::{collections::HashMap, sync::Arc};

use app::ports::{PortError, Reader, Vault};
use aws_sdk_dynamodb::{primitives::Blob, types::AttributeValue};
use domain::ids::{CustomerId, VaultRef};
use secrecy::{ExposeSecret as _, SecretString};
use uuid::Uuid;

use crate::event_store::{
    lost_answers::{Fate, meddled_config},
    world::{KEYS, MASTER_KEY, VALUES, World, vault},
};

fn slot(customer: CustomerId, slot: &str) -> VaultRef {
    VaultRef::of_customer(customer, slot).unwrap()
}

fn customer() -> CustomerId {
    CustomerId::new(Uuid::new_v4())
}

fn secret(text: &str) -> SecretString {
    SecretString::from(text.to_owned())
}

async fn opened(vault: &Arc<dyn Vault>, reference: &VaultRef) -> Result<String, PortError> {
    let reader = Reader { who: "tests".to_owned(), why: "to see that it is there".to_owned() };
    Ok(vault.open(reference, &reader).await?.expose_secret().to_owned())
}

fn is_corrupt<T>(outcome: &Result<T, PortError>) -> bool {
    matches!(outcome, Err(PortError::Corrupt { .. }))
}

type Item = HashMap<String, AttributeValue>;

async fn items(world: &World, table: &str) -> Vec<Item> {
    world.client().scan().table_name(table).send().await.unwrap().items().to_vec()
}

async fn item(world: &World, table: &str, pk: &str, sk: &str) -> Item {
    let get = world.client().get_item().table_name(table).key("pk", AttributeValue::S(pk.to_owned()));
    get.key("sk", AttributeValue::S(sk.to_owned())).send().await.unwrap().item.unwrap()
}

/// Puts an item of one place under the key of another.
async fn moved(world: &World, table: &str, mut item: Item, pk: &str, sk: &str) {
    item.insert("pk".to_owned(), AttributeValue::S(pk.to_owned()));
    item.insert("sk".to_owned(), AttributeValue::S(sk.to_owned()));
    world.client().put_item().table_name(table).set_item(Some(item)).send().await.unwrap();
}

#[tokio::test]
async fn what_was_kept_is_read_back_and_stored_only_encrypted() {
    let world = World::new();
    let (vault, email) = (world.vault(), slot(customer(), "email"));
    for (reference, text) in [
        (email.clone(), "ada@example.com"),
        (slot(customer(), "name"), "Zoë \u{1f33e}"),
        (slot(customer(), "nothing"), ""),
    ] {
        vault.keep(&reference, &secret(text)).await.unwrap();
        assert_eq!(opened(&vault, &reference).await.unwrap(), text);
    }
    let sealed = item(&world, VALUES, email.subject(), email.slot()).await;
    let sealed = sealed["x"].as_b().unwrap().as_ref();
    assert!(!super::search::holds(sealed, "ada@example.com"));
    // A nonce before and a tag behind, and nothing that tells more than the length.
    assert_eq!(sealed.len(), 12 + "ada@example.com".len() + 16);
}

#[tokio::test]
async fn the_same_text_is_sealed_differently_each_time() {
    let world = World::new();
    let (vault, id) = (world.vault(), customer());
    for place in ["one", "two"] {
        vault.keep(&slot(id, place), &secret("the same")).await.unwrap();
    }
    let kept = items(&world, VALUES).await;
    assert_eq!((kept.len(), items(&world, KEYS).await.len()), (2, 1), "one key a subject");
    assert_ne!(kept[0]["x"], kept[1]["x"]);
}

#[tokio::test]
async fn keeping_again_keeps_the_first_value() {
    let world = World::new();
    let (vault, email) = (world.vault(), slot(customer(), "email"));
    vault.keep(&email, &secret("first@example.com")).await.unwrap();
    vault.keep(&email, &secret("second@example.com")).await.unwrap();
    assert_eq!(opened(&vault, &email).await.unwrap(), "first@example.com");
}

#[tokio::test]
async fn a_ciphertext_that_was_moved_does_not_open() {
    let world = World::new();
    let (vault, ada, bob) = (world.vault(), customer(), customer());
    let (email, phone, bobs) = (slot(ada, "email"), slot(ada, "email-2"), slot(bob, "email"));
    for reference in [&email, &phone, &bobs] {
        vault.keep(reference, &secret(reference.as_str())).await.unwrap();
    }
    let sealed = item(&world, VALUES, email.subject(), "email").await;
    // Under the same key to another slot, and to the same slot of another customer.
    moved(&world, VALUES, sealed.clone(), phone.subject(), "email-2").await;
    moved(&world, VALUES, sealed.clone(), bobs.subject(), "email").await;
    for reference in [&phone, &bobs] {
        assert!(is_corrupt(&opened(&vault, reference).await));
    }
    // Also where the key went along: the place itself is sealed in.
    let key = item(&world, KEYS, email.subject(), "contact").await;
    moved(&world, KEYS, key, bobs.subject(), "contact").await;
    assert!(is_corrupt(&opened(&vault, &bobs).await));
    assert_eq!(opened(&vault, &email).await.unwrap(), email.as_str());
}

#[tokio::test]
async fn a_ciphertext_that_was_damaged_does_not_open() {
    let world = World::new();
    let (vault, email) = (world.vault(), slot(customer(), "email"));
    vault.keep(&email, &secret("ada@example.com")).await.unwrap();
    let sealed = item(&world, VALUES, email.subject(), "email").await;
    let bytes = sealed["x"].as_b().unwrap().as_ref().to_vec();
    let mut damaged: Vec<_> = (0..bytes.len()).map(|at| (bytes.clone(), at)).collect();
    damaged.iter_mut().for_each(|(bytes, at)| bytes[*at] ^= 1);
    let shorter = [0, 1, 12, 27, bytes.len() - 1].map(|length| bytes[..length].to_vec());
    for bytes in damaged.into_iter().map(|(bytes, _)| bytes).chain(shorter) {
        let mut item = sealed.clone();
        item.insert("x".to_owned(), AttributeValue::B(Blob::new(bytes)));
        moved(&world, VALUES, item, email.subject(), "email").await;
        assert!(is_corrupt(&opened(&vault, &email).await));
    }
}

#[tokio::test]
async fn another_customers_key_opens_nothing() {
    let world = World::new();
    let (vault, ada, bob) = (world.vault(), slot(customer(), "email"), slot(customer(), "email"));
    for reference in [&ada, &bob] {
        vault.keep(reference, &secret(reference.as_str())).await.unwrap();
    }
    // Bob's wrapped key says whose it is: KMS does not unwrap it for Ada.
    let bobs = item(&world, KEYS, bob.subject(), "contact").await;
    moved(&world, KEYS, bobs.clone(), ada.subject(), "contact").await;
    assert!(is_corrupt(&opened(&vault, &ada).await));

    // Somebody who may use KMS wraps Bob's key as if it were Ada's: it is still not the key.
    let kms = aws_sdk_kms::Client::new(&world.config);
    let decrypt = kms.decrypt().key_id(MASTER_KEY).ciphertext_blob(bobs["w"].as_b().unwrap().clone());
    let decrypt = decrypt.encryption_context("purpose", "granary-vault").encryption_context("subject", bob.subject());
    let decrypt = decrypt.encryption_context("class", "contact");
    let bobs_key = decrypt.send().await.unwrap().plaintext.unwrap();
    let encrypt = kms.encrypt().key_id(MASTER_KEY).plaintext(bobs_key);
    let encrypt = encrypt.encryption_context("purpose", "granary-vault").encryption_context("subject", ada.subject());
    let encrypt = encrypt.encryption_context("class", "contact");
    let wrapped = encrypt.send().await.unwrap().ciphertext_blob.unwrap();
    let mut forged = bobs;
    forged.insert("w".to_owned(), AttributeValue::B(wrapped));
    moved(&world, KEYS, forged, ada.subject(), "contact").await;
    assert!(is_corrupt(&opened(&vault, &ada).await));
    assert_eq!(opened(&vault, &bob).await.unwrap(), bob.as_str());
}

#[tokio::test]
async fn deleting_a_subjects_key_erases_everything_of_that_subject_and_of_no_other() {
    let world = World::new();
    let (vault, ada, bob) = (world.vault(), customer(), customer());
    let adas = [slot(ada, "email"), slot(ada, "email-2")];
    let bobs = slot(bob, "email");
    for reference in adas.iter().chain([&bobs]) {
        vault.keep(reference, &secret("somebody")).await.unwrap();
    }
    let delete =
        world.client().delete_item().table_name(KEYS).key("pk", AttributeValue::S(adas[0].subject().to_owned()));
    delete.key("sk", AttributeValue::S("contact".to_owned())).send().await.unwrap();
    for reference in &adas {
        assert!(matches!(opened(&vault, reference).await, Err(PortError::Missing { .. })));
    }
    assert_eq!(opened(&vault, &bobs).await.unwrap(), "somebody");
    assert_eq!(items(&world, VALUES).await.len(), 3, "the ciphertexts stay, and nothing opens them");
}

#[tokio::test]
async fn what_was_never_kept_is_missing() {
    let world = World::new();
    assert!(matches!(opened(&world.vault(), &slot(customer(), "email")).await, Err(PortError::Missing { .. })));
}

#[tokio::test]
async fn two_who_keep_a_subjects_first_values_at_once_end_with_one_key() {
    let world = World::new();
    let id = customer();
    let (email, name) = (slot(id, "email"), slot(id, "email-2"));
    let (rival, theirs) = (world.vault(), name.clone());
    // Ours is made and about to be kept when theirs is.
    let meanwhile = Fate::After(Box::pin(async move { rival.keep(&theirs, &secret("Ada")).await.unwrap() }));
    let (config, fates) = meddled_config(&world, "PutItem", vec![meanwhile]);
    vault(&config).keep(&email, &secret("ada@example.com")).await.unwrap();
    assert_eq!((fates.left(), items(&world, KEYS).await.len()), (0, 1));
    assert_eq!(opened(&world.vault(), &email).await.unwrap(), "ada@example.com");
    assert_eq!(opened(&world.vault(), &name).await.unwrap(), "Ada");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 8)]
async fn many_who_keep_a_subjects_first_values_at_once_end_with_one_key() {
    let world = World::new();
    for _ in 0..10 {
        let id = customer();
        let before = items(&world, KEYS).await.len();
        let tasks: Vec<_> = (0..8)
            .map(|number| {
                let (vault, reference) = (world.vault(), slot(id, &format!("slot-{number}")));
                tokio::spawn(
                    async move { vault.keep(&reference, &secret(reference.as_str())).await.map(|()| reference) },
                )
            })
            .collect();
        for task in tasks {
            let reference = task.await.unwrap().unwrap();
            assert_eq!(opened(&world.vault(), &reference).await.unwrap(), reference.as_str());
        }
        assert_eq!(items(&world, KEYS).await.len(), before + 1);
    }
}

#[tokio::test]
async fn a_value_or_a_key_whose_answer_was_lost_is_kept_all_the_same() {
    // The first put is the key's, the second the value's.
    for before in [0, 1] {
        let world = World::new();
        let email = slot(customer(), "email");
        let nothing = || Fate::After(Box::pin(async {}));
        let fates = (0..before).map(|_| nothing()).chain([Fate::AnswerLost]).collect();
        let (config, fates) = meddled_config(&world, "PutItem", fates);
        vault(&config).keep(&email, &secret("ada@example.com")).await.unwrap();
        assert_eq!((fates.left(), items(&world, KEYS).await.len()), (0, 1));
        assert_eq!(opened(&world.vault(), &email).await.unwrap(), "ada@example.com");
    }
}

#[tokio::test]
async fn neither_values_nor_keys_are_printed() {
    let world = World::new();
    let (vault, email) = (world.vault(), slot(customer(), "email"));
    let value = secret("ada@example.com");
    vault.keep(&email, &value).await.unwrap();
    assert!(!format!("{value:?}").contains("ada"));
    let error = opened(&vault, &slot(customer(), "email")).await.unwrap_err();
    assert!(!format!("{error} {error:?}").contains("ada"));
}
