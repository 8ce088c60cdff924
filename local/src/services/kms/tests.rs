//! KMS through the real SDK.

use aws_lc_rs::{
    encoding::{AsDer as _, Pkcs8V1Der, PublicKeyX509Der},
    rsa::KeySize,
    signature::{KeyPair as _, RSA_PKCS1_2048_8192_SHA256, RsaKeyPair, UnparsedPublicKey},
};
use aws_sdk_kms::{
    Client,
    error::ProvideErrorMetadata,
    primitives::Blob,
    types::{DataKeySpec, KeyUsageType, MessageType, SigningAlgorithmSpec},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use sha2::{Digest, Sha256};

use super::{KeySpec, KeyUsage};
use crate::services::{
    arn,
    testing::{Rules, World},
};

const VAULT: &str = "11111111-1111-4111-8111-111111111111";
const REPLY: &str = "22222222-2222-4222-8222-222222222222";

fn with_keys(world: World) -> (World, Client) {
    for (id, usage, alias) in
        [(VAULT, KeyUsage::Symmetric, "alias/vault"), (REPLY, KeyUsage::SignRsa2048, "alias/reply")]
    {
        let spec = KeySpec { id: id.to_owned(), usage, alias: Some(alias.to_owned()) };
        world.aws.kms.create_key(&spec).unwrap();
    }
    let client = Client::new(&world.config);
    (world, client)
}

async fn decrypt(
    client: &Client,
    blob: &Blob,
    customer: &str,
) -> Result<Vec<u8>, aws_sdk_kms::operation::decrypt::DecryptError> {
    let request = client.decrypt().ciphertext_blob(blob.clone()).encryption_context("customer", customer);
    let answer = request.send().await.map_err(aws_sdk_kms::error::SdkError::into_service_error)?;
    Ok(answer.plaintext().unwrap().as_ref().to_vec())
}

#[tokio::test]
async fn a_data_key_comes_back_under_its_own_context_only() {
    let (_world, client) = with_keys(World::new());
    for name in [VAULT, &arn::key(VAULT), "alias/vault", &arn::alias("alias/vault")] {
        let request = client.generate_data_key().key_id(name).key_spec(DataKeySpec::Aes256);
        let key = request.encryption_context("customer", "c1").send().await.unwrap();
        assert_eq!(key.key_id(), Some(arn::key(VAULT).as_str()));
        let (plaintext, blob) = (key.plaintext().unwrap().as_ref(), key.ciphertext_blob().unwrap());
        assert_eq!(plaintext.len(), 32);
        assert_eq!(decrypt(&client, blob, "c1").await.unwrap(), plaintext);
        let error = decrypt(&client, blob, "c2").await.unwrap_err();
        assert!(error.is_invalid_ciphertext_exception(), "{error:?}");
    }
}

#[tokio::test]
async fn what_is_encrypted_and_altered_is_refused() {
    let (_world, client) = with_keys(World::new());
    let request = client.encrypt().key_id("alias/vault").plaintext(Blob::new("ada@example.com"));
    let blob = request.encryption_context("customer", "c1").send().await.unwrap().ciphertext_blob.unwrap();
    assert_eq!(decrypt(&client, &blob, "c1").await.unwrap(), b"ada@example.com");
    let mut altered = blob.into_inner();
    *altered.last_mut().unwrap() ^= 1;
    assert!(decrypt(&client, &Blob::new(altered), "c1").await.unwrap_err().is_invalid_ciphertext_exception());
    assert!(decrypt(&client, &Blob::new("junk"), "c1").await.unwrap_err().is_invalid_ciphertext_exception());
}

#[tokio::test]
async fn a_signature_verifies_against_the_public_key() {
    let (world, client) = with_keys(World::new());
    let public = client.get_public_key().key_id("alias/reply").send().await.unwrap();
    let der = public.public_key().unwrap().as_ref();
    assert_eq!(der, world.aws.kms.public_key_der("alias/reply").unwrap());
    let key = UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, der);
    let body = b"{\"Nonce\":1}";
    for (kind, message) in [(MessageType::Raw, body.to_vec()), (MessageType::Digest, Sha256::digest(body).to_vec())] {
        let signed = client
            .sign()
            .key_id("alias/reply")
            .message(Blob::new(message))
            .message_type(kind)
            .signing_algorithm(SigningAlgorithmSpec::RsassaPkcs1V15Sha256)
            .send()
            .await
            .unwrap();
        key.verify(body, signed.signature().unwrap().as_ref()).unwrap();
    }
}

#[tokio::test]
async fn keys_outlive_a_restart() {
    let dir = tempfile::tempdir().unwrap();
    let (world, client) = with_keys(World::in_folder(dir.path()));
    let key = client
        .generate_data_key()
        .key_id(VAULT)
        .number_of_bytes(64)
        .encryption_context("customer", "c1")
        .send()
        .await
        .unwrap();
    let public = world.aws.kms.public_key_der(REPLY).unwrap();
    std::mem::forget(world); // The process dies: nothing is closed.

    let (world, client) = with_keys(World::in_folder(dir.path()));
    let plaintext = decrypt(&client, key.ciphertext_blob().unwrap(), "c1").await.unwrap();
    assert_eq!(plaintext, key.plaintext().unwrap().as_ref());
    assert_eq!(world.aws.kms.public_key_der(REPLY).unwrap(), public);
}

#[tokio::test]
async fn a_key_that_was_made_elsewhere_signs_as_it_would_there_and_replaces_none() {
    let own = RsaKeyPair::generate(KeySize::Rsa2048).unwrap();
    let der: Pkcs8V1Der<'_> = own.as_der().unwrap();
    let pem = format!("-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n", STANDARD.encode(der.as_ref()));
    let (world, _) = with_keys(World::new());
    let made_here = world.aws.kms.public_key_der(REPLY).unwrap();
    world.aws.kms.import_signing_key(REPLY, &pem).unwrap();
    assert_eq!(world.aws.kms.public_key_der(REPLY).unwrap(), made_here);

    let elsewhere = "33333333-3333-4333-8333-333333333333";
    world.aws.kms.import_signing_key(elsewhere, &pem).unwrap();
    world.aws.kms.create_key(&KeySpec { id: elsewhere.to_owned(), usage: KeyUsage::SignRsa2048, alias: None }).unwrap();
    let public: PublicKeyX509Der<'_> = own.public_key().as_der().unwrap();
    assert_eq!(world.aws.kms.public_key_der(elsewhere).unwrap(), public.as_ref());
    assert!(world.aws.kms.import_signing_key("other", "-----BEGIN PRIVATE KEY-----\nAAAA\n").is_err());
}

#[tokio::test]
async fn keys_are_described_and_used_only_for_what_they_are_for() {
    let (_world, client) = with_keys(World::new());
    let described = client.describe_key().key_id("alias/reply").send().await.unwrap();
    let described = described.key_metadata().unwrap();
    assert_eq!((described.key_id(), described.key_usage()), (REPLY, Some(&KeyUsageType::SignVerify)));
    let error = client.generate_data_key().key_id(REPLY).key_spec(DataKeySpec::Aes256).send().await.unwrap_err();
    assert!(error.into_service_error().is_invalid_key_usage_exception());
    let error = client.describe_key().key_id("alias/none").send().await.unwrap_err();
    assert!(error.into_service_error().is_not_found_exception());
    let sign = client.sign().key_id(REPLY).message(Blob::new("x"));
    let error = sign.signing_algorithm(SigningAlgorithmSpec::RsassaPssSha256).send().await.unwrap_err();
    assert!(error.into_service_error().message().unwrap().contains("RSASSA_PSS_SHA_256"));
    let error = client.list_keys().send().await.unwrap_err().into_service_error();
    assert_eq!(error.code(), Some("UnknownOperationException"));
    let error = client.encrypt().key_id(VAULT).plaintext(Blob::new("x")).grant_tokens("t").send().await.unwrap_err();
    assert!(error.into_service_error().message().unwrap().contains("GrantTokens"));
}

#[tokio::test]
async fn the_key_itself_is_asked_for_whatever_it_was_called() {
    let (_world, client) = with_keys(World::guarded(Rules::deny("kms:GenerateDataKey", &arn::key(VAULT))));
    let request = client.generate_data_key().key_id("alias/vault").key_spec(DataKeySpec::Aes256);
    let error = request.send().await.unwrap_err().into_service_error();
    assert_eq!(error.code(), Some("AccessDeniedException"));
}
