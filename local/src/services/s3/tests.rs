//! S3 through the real SDK.

use aws_sdk_s3::{
    Client, config,
    error::ProvideErrorMetadata,
    primitives::{ByteStream, DateTime},
    types::{ChecksumAlgorithm, ChecksumMode, ServerSideEncryption},
};

use crate::services::{
    arn,
    testing::{MONDAY_MS, Rules, World},
};

fn with_bucket(world: World) -> (World, Client) {
    world.aws.s3.create_bucket("raw-webhooks").unwrap();
    let client = Client::new(&world.config);
    (world, client)
}

async fn put(client: &Client, key: &str, body: &str) {
    let body = ByteStream::from(body.as_bytes().to_vec());
    client.put_object().bucket("raw-webhooks").key(key).body(body).send().await.unwrap();
}

#[tokio::test]
async fn an_object_comes_back_as_it_was_put_in_either_style() {
    let (world, hosted) = with_bucket(World::new());
    let path_style = Client::from_conf(config::Builder::from(&world.config).force_path_style(true).build());
    for (client, key) in [(hosted, "webhooks/2026/a b+ü&.json"), (path_style, "webhooks/two")] {
        let stored = client
            .put_object()
            .bucket("raw-webhooks")
            .key(key)
            .body(ByteStream::from_static(b"{\"Nonce\":1}"))
            .content_type("application/json")
            .metadata("signature", "abc")
            .server_side_encryption(ServerSideEncryption::AwsKms)
            .ssekms_key_id("alias/vault")
            .send()
            .await
            .unwrap();
        assert_eq!(stored.server_side_encryption(), Some(&ServerSideEncryption::AwsKms));
        let got = client.get_object().bucket("raw-webhooks").key(key).checksum_mode(ChecksumMode::Enabled);
        let got = got.send().await.unwrap();
        assert_eq!(got.content_type(), Some("application/json"));
        assert_eq!(got.metadata().unwrap()["signature"], "abc");
        assert_eq!(got.e_tag(), stored.e_tag());
        assert_eq!(got.checksum_crc32(), stored.checksum_crc32());
        assert_eq!(got.last_modified(), Some(&DateTime::from_millis(MONDAY_MS)));
        assert_eq!(got.body.collect().await.unwrap().to_vec(), b"{\"Nonce\":1}");
        let head = client.head_object().bucket("raw-webhooks").key(key).send().await.unwrap();
        assert_eq!((head.content_length(), head.e_tag()), (Some(11), stored.e_tag()));
        assert_eq!(world.aws.s3.get("raw-webhooks", key).unwrap().unwrap().body, "{\"Nonce\":1}");
    }
}

#[tokio::test]
async fn a_streamed_body_with_its_checksum_behind_it_is_understood() {
    let (world, client) = with_bucket(World::new());
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("body");
    let body: String = (0..20_000).map(|number| format!("{number},")).collect();
    std::fs::write(&path, &body).unwrap();
    for algorithm in [ChecksumAlgorithm::Crc32, ChecksumAlgorithm::Sha256] {
        let stream = ByteStream::from_path(&path).await.unwrap();
        let request = client.put_object().bucket("raw-webhooks").key("big").body(stream);
        request.checksum_algorithm(algorithm).send().await.unwrap();
        assert_eq!(world.aws.s3.get("raw-webhooks", "big").unwrap().unwrap().body, body);
    }
}

#[tokio::test]
async fn a_listing_pages_and_folds_prefixes() {
    let (_world, client) = with_bucket(World::new());
    for key in ["a/1", "a/2", "b<&>", "c/1", "c/x/2", "d"] {
        put(&client, key, "x").await;
    }
    let mut keys = Vec::new();
    let mut pages = client.list_objects_v2().bucket("raw-webhooks").into_paginator().page_size(4).send();
    while let Some(page) = pages.next().await {
        keys.extend(page.unwrap().contents().iter().map(|object| object.key().unwrap().to_owned()));
    }
    assert_eq!(keys, ["a/1", "a/2", "b<&>", "c/1", "c/x/2", "d"]);

    let list = |max| client.list_objects_v2().bucket("raw-webhooks").delimiter("/").max_keys(max);
    let first = list(2).send().await.unwrap();
    let second = list(2).set_continuation_token(first.next_continuation_token).send().await.unwrap();
    let prefixes = |prefixes: Option<Vec<aws_sdk_s3::types::CommonPrefix>>| {
        prefixes.unwrap_or_default().into_iter().filter_map(|it| it.prefix).collect::<Vec<_>>()
    };
    assert_eq!(prefixes(first.common_prefixes), ["a/"]);
    assert_eq!(first.contents.unwrap()[0].key(), Some("b<&>"));
    assert_eq!(prefixes(second.common_prefixes), ["c/"]);
    assert_eq!(second.contents.unwrap()[0].key(), Some("d"));
    assert_eq!(second.is_truncated, Some(false));

    let below = client.list_objects_v2().bucket("raw-webhooks").prefix("c/").send().await.unwrap();
    assert_eq!(below.key_count(), Some(2));
}

#[tokio::test]
async fn what_must_be_new_is_written_once() {
    let (_world, client) = with_bucket(World::new());
    let request = || client.put_object().bucket("raw-webhooks").key("once").if_none_match("*");
    request().body(ByteStream::from_static(b"1")).send().await.unwrap();
    let error = request().body(ByteStream::from_static(b"2")).send().await.unwrap_err().into_service_error();
    assert_eq!(error.code(), Some("PreconditionFailed"));
}

#[tokio::test]
async fn errors_are_those_that_clients_know() {
    let rules = Rules::deny("s3:PutObject", &arn::object("raw-webhooks", "secret"));
    let (_world, client) = with_bucket(World::guarded(rules));
    let get = |bucket: &str| client.get_object().bucket(bucket).key("none");
    assert!(get("raw-webhooks").send().await.unwrap_err().into_service_error().is_no_such_key());
    assert_eq!(get("no-bucket").send().await.unwrap_err().into_service_error().code(), Some("NoSuchBucket"));
    let error = client.head_object().bucket("raw-webhooks").key("none").send().await.unwrap_err();
    assert!(error.into_service_error().is_not_found());
    let error = client.put_object().bucket("raw-webhooks").key("secret").send().await.unwrap_err();
    assert_eq!(error.into_service_error().code(), Some("AccessDenied"));
    let error = get("raw-webhooks").range("bytes=0-1").send().await.unwrap_err().into_service_error();
    assert_eq!(error.code(), Some("NotImplemented"));
    assert!(error.message().unwrap().contains("range"));
    let error = client.put_object().bucket("raw-webhooks").key("x").tagging("a=b").send().await.unwrap_err();
    assert!(error.into_service_error().message().unwrap().contains("x-amz-tagging"));
    let error = client.delete_object().bucket("raw-webhooks").key("x").send().await.unwrap_err();
    assert_eq!(error.into_service_error().code(), Some("NotImplemented"));
}

#[tokio::test]
async fn who_may_not_list_is_not_told_what_is_missing() {
    let rules = Rules::deny("s3:ListBucket", &arn::bucket("raw-webhooks"));
    let (_world, client) = with_bucket(World::guarded(rules));
    let error = client.get_object().bucket("raw-webhooks").key("none").send().await.unwrap_err();
    assert_eq!(error.into_service_error().code(), Some("AccessDenied"));
}

#[tokio::test]
async fn objects_outlive_a_restart() {
    let dir = tempfile::tempdir().unwrap();
    let (world, client) = with_bucket(World::in_folder(dir.path()));
    put(&client, "kept", "bytes").await;
    std::mem::forget(world); // The process dies: nothing is closed.
    let (world, _client) = with_bucket(World::in_folder(dir.path()));
    assert_eq!(world.aws.s3.get("raw-webhooks", "kept").unwrap().unwrap().body, "bytes");
    assert_eq!(world.aws.s3.keys("raw-webhooks", "k").unwrap(), ["kept"]);
}
