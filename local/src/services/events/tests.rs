//! EventBridge through the real SDK, into queues.

use aws_sdk_eventbridge::{Client, error::ProvideErrorMetadata, types::PutEventsRequestEntry};
use serde_json::{Value, json};

use super::{RuleSpec, TargetSpec};
use crate::services::{
    arn,
    sqs::QueueSpec,
    testing::{Rules, World},
};

fn rule(queue: &str, pattern: Value) -> RuleSpec {
    let target =
        TargetSpec { id: "queue".to_owned(), queue_arn: arn::queue(queue), dead_letter_arn: Some(arn::queue("dead")) };
    RuleSpec { bus: "milestones".to_owned(), name: queue.to_owned(), pattern, targets: vec![target] }
}

fn with_rules(world: World, rules: &[(&str, Value)]) -> (World, Client) {
    world.aws.events.create_bus("milestones").unwrap();
    for queue in rules.iter().map(|(queue, _)| *queue).chain(["dead"]) {
        world.aws.sqs.create_queue(&QueueSpec::new(queue)).unwrap();
    }
    for (queue, pattern) in rules {
        world.aws.events.put_rule(&rule(queue, pattern.clone())).unwrap();
    }
    let client = Client::new(&world.config);
    (world, client)
}

fn entry(detail: &str) -> PutEventsRequestEntry {
    PutEventsRequestEntry::builder()
        .event_bus_name("milestones")
        .source("granary.identity")
        .detail_type("CustomerActivated.v1")
        .detail(detail)
        .build()
}

fn bodies(world: &World, queue: &str) -> Vec<Value> {
    let messages = world.aws.sqs.peek(queue, 100).unwrap();
    messages.into_iter().map(|message| serde_json::from_str(&message.body).unwrap()).collect()
}

#[tokio::test]
async fn an_event_arrives_in_the_envelope_that_aws_writes() {
    let pattern = json!({ "source": ["granary.identity"], "detail-type": ["CustomerActivated.v1"] });
    let (world, client) = with_rules(World::new(), &[("open-accounts", pattern)]);
    let put = client.put_events().entries(entry("{\"customer\":\"c1\"}")).send().await.unwrap();
    assert_eq!(put.failed_entry_count(), 0);
    assert_eq!(
        bodies(&world, "open-accounts"),
        [json!({
            "version": "0",
            "id": put.entries()[0].event_id(),
            "detail-type": "CustomerActivated.v1",
            "source": "granary.identity",
            "account": "000000000000",
            "time": "2026-01-05T10:00:00Z",
            "region": "eu-west-1",
            "resources": [],
            "detail": { "customer": "c1" },
        })]
    );
}

#[tokio::test]
async fn a_detail_keeps_all_of_its_digits() {
    let (world, client) = with_rules(World::new(), &[("all", json!({ "detail": { "rate": [{ "exists": true }] } }))]);
    let detail = r#"{"rate":1.10,"units":123456789012345678901234567890}"#;
    client.put_events().entries(entry(detail)).send().await.unwrap();
    assert!(world.aws.sqs.peek("all", 1).unwrap()[0].body.ends_with(&format!("\"detail\":{detail}}}")));
}

#[tokio::test]
async fn each_kind_of_pattern_takes_what_it_should() {
    let cases = [
        ("exact", json!({ "detail": { "asset": ["GBP"] } }), true),
        ("exact-not", json!({ "detail": { "asset": ["EUR"] } }), false),
        ("prefix", json!({ "source": [{ "prefix": "granary." }] }), true),
        ("suffix", json!({ "detail-type": [{ "suffix": ".v1" }] }), true),
        ("prefix-any-case", json!({ "source": [{ "prefix": { "equals-ignore-case": "GRANARY" } }] }), true),
        ("any-case", json!({ "detail": { "asset": [{ "equals-ignore-case": "gbp" }] } }), true),
        ("not", json!({ "detail": { "asset": [{ "anything-but": ["GBP", "EUR"] }] } }), false),
        ("not-one", json!({ "detail": { "asset": [{ "anything-but": "EUR" }] } }), true),
        ("not-suffix", json!({ "detail": { "asset": [{ "anything-but": { "suffix": "BP" } }] } }), false),
        ("number", json!({ "detail": { "amount": [{ "numeric": [">=", 10, "<", 20] }] } }), true),
        ("number-not", json!({ "detail": { "amount": [{ "numeric": [">", 12] }] } }), false),
        ("number-exact", json!({ "detail": { "amount": [12] } }), true),
        ("there", json!({ "detail": { "asset": [{ "exists": true }] } }), true),
        ("not-there", json!({ "detail": { "memo": [{ "exists": false }] } }), true),
        ("nested-not-there", json!({ "detail": { "none": { "memo": [{ "exists": false }] } } }), true),
        ("wildcard", json!({ "detail-type": [{ "wildcard": "Customer*.v*" }] }), true),
        ("wildcard-not", json!({ "detail-type": [{ "wildcard": "Customer*.v2" }] }), false),
        ("array", json!({ "detail": { "tags": ["b"] } }), true),
        ("objects", json!({ "detail": { "lines": { "kind": ["fee"] } } }), true),
        ("null", json!({ "detail": { "closed": [null] } }), true),
        ("or", json!({ "$or": [{ "source": ["x"] }, { "detail": { "asset": ["GBP"] } }] }), true),
        ("or-not", json!({ "$or": [{ "source": ["x"] }, { "source": ["y"] }] }), false),
        ("and-not", json!({ "source": ["granary.identity"], "detail": { "asset": ["EUR"] } }), false),
    ];
    let rules: Vec<_> = cases.iter().map(|(queue, pattern, _)| (*queue, pattern.clone())).collect();
    let (world, client) = with_rules(World::new(), &rules);
    let detail = json!({
        "asset": "GBP", "amount": 12, "tags": ["a", "b"], "closed": null, "lines": [{ "kind": "x" }, { "kind": "fee" }],
    });
    client.put_events().entries(entry(&detail.to_string())).send().await.unwrap();
    for (queue, pattern, taken) in cases {
        assert_eq!(bodies(&world, queue).len(), usize::from(taken), "{queue}: {pattern}");
    }
}

#[test]
fn a_pattern_that_is_not_understood_is_refused_by_name() {
    let (world, _client) = with_rules(World::new(), &[]);
    let refusal = |pattern| world.aws.events.put_rule(&rule("q", pattern)).unwrap_err().to_string();
    assert!(
        refusal(json!({ "detail": { "ip": [{ "cidr": "10.0.0.0/8" }] } })).contains("$.detail.ip, the operator cidr")
    );
    assert!(refusal(json!({ "source": "granary.identity" })).contains("$.source"));
    assert!(refusal(json!({ "detail": { "amount": [{ "numeric": ["~", 1] }] } })).contains("numeric operator ~"));
}

#[tokio::test]
async fn a_denied_delivery_goes_to_the_targets_dead_letters_with_its_reason() {
    let rules = Rules::deny_service("events.amazonaws.com", &arn::queue("closed"));
    let pattern = json!({ "source": ["granary.identity"] });
    let (world, client) = with_rules(World::guarded(rules), &[("closed", pattern)]);
    client.put_events().entries(entry("{}")).send().await.unwrap();
    let dead = world.aws.sqs.peek("dead", 10).unwrap();
    let attribute = |name: &str| match &dead[0].attributes[name].value {
        crate::services::sqs::AttributeValue::Text(text) => text.clone(),
        crate::services::sqs::AttributeValue::Binary(_) => panic!("{name} is binary"),
    };
    assert_eq!(attribute("ERROR_CODE"), "NO_PERMISSIONS");
    assert_eq!(attribute("RULE_ARN"), arn::rule("milestones", "closed"));
    assert_eq!(attribute("TARGET_ARN"), arn::queue("closed"));
}

#[tokio::test]
async fn entries_fail_one_by_one() {
    let (world, client) = with_rules(World::new(), &[("all", json!({ "source": [{ "exists": true }] }))]);
    let no_source = PutEventsRequestEntry::builder().event_bus_name("milestones").detail_type("t").detail("{}").build();
    let elsewhere =
        PutEventsRequestEntry::builder().source("s").detail_type("t").detail("{}").event_bus_name("none").build();
    let put = client
        .put_events()
        .entries(entry("{}"))
        .entries(entry("not json"))
        .entries(no_source)
        .entries(elsewhere)
        .send()
        .await
        .unwrap();
    let codes: Vec<_> = put.entries().iter().map(|entry| entry.error_code().unwrap_or("")).collect();
    assert_eq!(codes, ["", "MalformedDetail", "InvalidArgument", "ResourceNotFoundException"]);
    assert_eq!(put.failed_entry_count(), 3);
    assert_eq!(bodies(&world, "all").len(), 1);
}

#[tokio::test]
async fn errors_are_those_that_clients_know() {
    let world = World::guarded(Rules::deny("events:PutEvents", &arn::bus("milestones")));
    let (_world, client) = with_rules(world, &[]);
    let error = client.put_events().entries(entry("{}")).send().await.unwrap_err().into_service_error();
    assert_eq!(error.code(), Some("AccessDeniedException"));
    let error = client.list_rules().send().await.unwrap_err().into_service_error();
    assert_eq!(error.code(), Some("UnknownOperationException"));
    let traced = PutEventsRequestEntry::builder().trace_header("x").build();
    let error = client.put_events().entries(traced).send().await.unwrap_err().into_service_error();
    assert!(error.message().unwrap().contains("TraceHeader"), "{error:?}");
}

#[tokio::test]
async fn a_rule_that_a_template_no_longer_has_is_gone() {
    let pattern = || json!({ "source": ["granary.identity"] });
    let (world, client) = with_rules(World::new(), &[("old", pattern()), ("new", pattern())]);
    world.aws.events.keep_rules("milestones", &["new".to_owned()]).unwrap();
    client.put_events().entries(entry("{}")).send().await.unwrap();
    assert_eq!((bodies(&world, "old").len(), bodies(&world, "new").len()), (0, 1));
}
