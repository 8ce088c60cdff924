//! SNS through the real SDK, into queues.

use aws_sdk_sns::{
    Client,
    error::ProvideErrorMetadata,
    primitives::Blob,
    types::{MessageAttributeValue as Attr, PublishBatchRequestEntry},
};
use serde_json::{Value, json};

use super::{Delivery, FilterScope, SubscriptionSpec};
use crate::services::{
    arn,
    sqs::{AttributeValue, QueueSpec},
    testing::{Rules, World},
};

fn subscription(queue: &str, filter_policy: Option<Value>) -> SubscriptionSpec {
    SubscriptionSpec {
        topic_arn: arn::topic("ledger"),
        queue_arn: arn::queue(queue),
        delivery: Delivery::Raw,
        filter_policy,
        filter_scope: FilterScope::Attributes,
        dead_letter_arn: Some(arn::queue("dead")),
    }
}

fn with_topic(world: World, subscriptions: &[(&str, Option<Value>)]) -> (World, Client) {
    world.aws.sns.create_topic("ledger").unwrap();
    for queue in subscriptions.iter().map(|(queue, _)| *queue).chain(["dead"]) {
        world.aws.sqs.create_queue(&QueueSpec::new(queue)).unwrap();
    }
    for (queue, policy) in subscriptions {
        world.aws.sns.subscribe(&subscription(queue, policy.clone())).unwrap();
    }
    let client = Client::new(&world.config);
    (world, client)
}

fn attribute(data_type: &str, value: &str) -> Attr {
    Attr::builder().data_type(data_type).string_value(value).build().unwrap()
}

fn bodies(world: &World, queue: &str) -> Vec<String> {
    world.aws.sqs.peek(queue, 100).unwrap().into_iter().map(|message| message.body).collect()
}

#[tokio::test]
async fn a_commit_reaches_each_queue_raw_with_attributes_and_group() {
    let (world, client) = with_topic(World::new(), &[("accounts", None), ("operations", None)]);
    let bytes = Attr::builder().data_type("Binary").binary_value(Blob::new([7, 8])).build().unwrap();
    let published = client
        .publish()
        .topic_arn(arn::topic("ledger"))
        .message("{\"stream\":\"account#1\"} <&> ü")
        .message_attributes("kind", attribute("String", "account"))
        .message_attributes("types", attribute("String.Array", "[\"account.opened.v1\"]"))
        .message_attributes("hash", bytes)
        .message_group_id("account#1")
        .send()
        .await
        .unwrap();
    assert!(published.message_id().is_some());
    for queue in ["accounts", "operations"] {
        let message = world.aws.sqs.receive(queue, 1, None).unwrap().remove(0);
        assert_eq!(message.body, "{\"stream\":\"account#1\"} <&> ü");
        assert_eq!(message.group.as_deref(), Some("account#1"));
        assert_eq!(message.attributes["kind"].value, AttributeValue::Text("account".to_owned()));
        assert_eq!(message.attributes["types"].data_type, "String.Array");
        assert_eq!(message.attributes["hash"].value, AttributeValue::Binary(vec![7, 8]));
    }
}

#[tokio::test]
async fn each_kind_of_filter_takes_what_it_should() {
    let cases = [
        ("exact", json!({ "kind": ["account", "ref"] }), vec!["account"]),
        ("in-an-array", json!({ "types": ["account.opened.v1"] }), vec!["account"]),
        ("prefix", json!({ "kind": [{ "prefix": "acc" }] }), vec!["account"]),
        ("suffix", json!({ "kind": [{ "suffix": "op" }] }), vec!["op"]),
        ("any-case", json!({ "kind": [{ "equals-ignore-case": "ACCOUNT" }] }), vec!["account"]),
        ("not", json!({ "kind": [{ "anything-but": ["account"] }] }), vec!["op"]),
        ("not-prefix", json!({ "kind": [{ "anything-but": { "prefix": "acc" } }] }), vec!["op"]),
        ("number", json!({ "version": [{ "numeric": [">", 0, "<=", 7] }] }), vec!["op"]),
        ("equal-number", json!({ "version": [{ "numeric": ["=", 0] }] }), vec!["account"]),
        ("there", json!({ "types": [{ "exists": true }] }), vec!["account"]),
        ("not-there", json!({ "types": [{ "exists": false }] }), vec!["op"]),
        ("either", json!({ "$or": [{ "kind": ["none"] }, { "version": [7] }] }), vec!["op"]),
        ("both", json!({ "kind": ["account"], "version": [7] }), vec![]),
        ("text-is-no-number", json!({ "version": ["7"] }), vec![]),
    ];
    let subscriptions: Vec<_> = cases.iter().map(|(queue, policy, _)| (*queue, Some(policy.clone()))).collect();
    let (world, client) = with_topic(World::new(), &subscriptions);
    let publish = |kind: &str, version: &str| {
        client
            .publish()
            .topic_arn(arn::topic("ledger"))
            .message(kind)
            .message_attributes("kind", attribute("String", kind))
            .message_attributes("version", attribute("Number", version))
    };
    let types = attribute("String.Array", "[\"account.noted.v1\",\"account.opened.v1\"]");
    publish("account", "0").message_attributes("types", types).send().await.unwrap();
    publish("op", "7").send().await.unwrap();
    for (queue, policy, expected) in cases {
        assert_eq!(bodies(&world, queue), expected, "{queue}: {policy}");
    }
    assert!(bodies(&world, "dead").is_empty());
}

#[tokio::test]
async fn a_filter_by_body_looks_into_json_and_leaves_what_is_none() {
    let (world, client) = with_topic(World::new(), &[]);
    world.aws.sqs.create_queue(&QueueSpec::new("by-body")).unwrap();
    let policy = json!({ "detail": { "kind": [{ "exists": true }] } });
    let spec = SubscriptionSpec { filter_scope: FilterScope::Body, ..subscription("by-body", Some(policy)) };
    world.aws.sns.subscribe(&spec).unwrap();
    for body in [r#"{"detail":{"kind":"a"}}"#, r#"{"detail":{"kind":""}}"#, r#"{"kind":"a"}"#, "kind", "[]"] {
        client.publish().topic_arn(arn::topic("ledger")).message(body).send().await.unwrap();
    }
    assert_eq!(bodies(&world, "by-body"), [r#"{"detail":{"kind":"a"}}"#]);
    // The same subscription by attributes is no longer one by body.
    world.aws.sns.subscribe(&subscription("by-body", Some(json!({ "kind": ["a"] })))).unwrap();
    let publish = client.publish().topic_arn(arn::topic("ledger")).message("by attributes");
    publish.message_attributes("kind", attribute("String", "a")).send().await.unwrap();
    assert_eq!(bodies(&world, "by-body").len(), 2);
}

#[tokio::test]
async fn a_policy_sees_neither_bytes_nor_a_message_without_attributes() {
    let policies =
        [("there", json!({ "kind": [{ "exists": true }] })), ("not", json!({ "kind": [{ "exists": false }] }))];
    let subscriptions: Vec<_> = policies.iter().map(|(queue, policy)| (*queue, Some(policy.clone()))).collect();
    let (world, client) = with_topic(World::new(), &subscriptions);
    let publish = |body: &str| client.publish().topic_arn(arn::topic("ledger")).message(body);
    publish("nothing").send().await.unwrap();
    let bytes = Attr::builder().data_type("Binary").binary_value(Blob::new([7])).build().unwrap();
    publish("bytes").message_attributes("kind", bytes).send().await.unwrap();
    publish("other").message_attributes("version", attribute("Number", "1")).send().await.unwrap();
    assert_eq!(bodies(&world, "there"), Vec::<String>::new());
    assert_eq!(bodies(&world, "not"), ["bytes", "other"]);
}

#[test]
fn what_a_subscription_cannot_do_is_refused_by_name() {
    let (world, _client) = with_topic(World::new(), &[]);
    let refusal = |spec: SubscriptionSpec| world.aws.sns.subscribe(&spec).unwrap_err().to_string();
    assert!(refusal(subscription("q", Some(json!({ "detail": { "kind": ["a"] } })))).contains("FilterPolicyScope"));
    assert!(refusal(subscription("q", Some(json!({ "ip": [{ "cidr": "10.0.0.0/8" }] })))).contains("cidr"));
    assert!(refusal(subscription("q", Some(json!({ "kind": "account" })))).contains("$.kind"));
    let wrapped = SubscriptionSpec { delivery: Delivery::Wrapped, ..subscription("q", None) };
    assert!(refusal(wrapped).contains("RawMessageDelivery"));
    let nowhere = SubscriptionSpec { topic_arn: arn::topic("none"), ..subscription("q", None) };
    assert!(refusal(nowhere).contains("the topic none"));
}

#[tokio::test]
async fn what_a_queue_policy_denies_goes_to_the_subscriptions_dead_letters() {
    let rules = Rules::deny_service("sns.amazonaws.com", &arn::queue("closed"));
    let (world, client) = with_topic(World::guarded(rules), &[("closed", None), ("open", None)]);
    client.publish().topic_arn(arn::topic("ledger")).message("one").send().await.unwrap();
    assert!(bodies(&world, "closed").is_empty());
    assert_eq!(bodies(&world, "open"), ["one"]);
    assert_eq!(bodies(&world, "dead"), ["one"]);
}

#[tokio::test]
async fn a_batch_fails_entry_by_entry() {
    let (world, client) = with_topic(World::new(), &[("all", None)]);
    let entry = |id: &str, message: &str| PublishBatchRequestEntry::builder().id(id).message(message);
    let published = client
        .publish_batch()
        .topic_arn(arn::topic("ledger"))
        .publish_batch_request_entries(entry("good", "one").message_group_id("g").build().unwrap())
        .publish_batch_request_entries(
            entry("bad", "two").message_attributes("kind", attribute("String", "")).build().unwrap(),
        )
        .send()
        .await
        .unwrap();
    assert_eq!(published.successful()[0].id(), Some("good"));
    let failed = &published.failed()[0];
    assert_eq!((failed.id(), failed.code(), failed.sender_fault()), ("bad", "ParameterValueInvalid", true));
    assert_eq!(bodies(&world, "all"), ["one"]);
}

#[tokio::test]
async fn errors_are_those_that_clients_know() {
    let (_world, client) = with_topic(World::guarded(Rules::deny("sns:Publish", &arn::topic("secret"))), &[]);
    let publish = |topic: &str| client.publish().topic_arn(arn::topic(topic)).message("x");
    let error = publish("secret").send().await.unwrap_err().into_service_error();
    assert!(error.is_authorization_error_exception(), "{error:?}");
    let error = publish("none").send().await.unwrap_err().into_service_error();
    assert!(error.is_not_found_exception(), "{error:?}");
    let error = publish("ledger").subject("Hello").send().await.unwrap_err().into_service_error();
    assert!(error.message().unwrap().contains("Subject"), "{error:?}");
    let error = client.list_topics().send().await.unwrap_err().into_service_error();
    assert_eq!(error.code(), Some("InvalidAction"));
    let long = client.publish().topic_arn(arn::topic("ledger")).message("x".repeat(262_145)).send().await;
    assert!(long.unwrap_err().into_service_error().is_invalid_parameter_exception());
}

#[tokio::test]
async fn what_a_template_no_longer_has_is_gone() {
    let (world, client) = with_topic(World::new(), &[("old", None), ("new", None)]);
    world.aws.sns.keep_subscriptions(&arn::topic("ledger"), &[arn::queue("new")]).unwrap();
    client.publish().topic_arn(arn::topic("ledger")).message("one").send().await.unwrap();
    assert_eq!((bodies(&world, "old").len(), bodies(&world, "new").len()), (0, 1));
}
