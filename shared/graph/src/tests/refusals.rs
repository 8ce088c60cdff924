//! What is refused, and how clients are told.

use app::{ports::PortError, store::StoreError, views::HolderView};
use domain::error::Class;
use domain::identity::customer::CustomerError;
use serde_json::json;

use super::fakes::{ALICE, Views, World, ask_of, only_error};
use crate::{ApiError, Methods, Outcome, Request};

#[tokio::test]
async fn without_a_token_guarded_fields_answer_unauthenticated() {
    let world = World::usual();
    for query in ["{ viewer { id } }", "{ node(id: \"x\") { id } }", "mutation { ensureCustomer { version } }"] {
        let answer = world.ask(None, query, json!({})).await;
        let extensions = json!({ "code": "UNAUTHENTICATED", "correlationId": "correlation-1" });
        assert_eq!(only_error(&answer)["extensions"], extensions, "{query}");
    }
    assert_eq!(world.store.0.lock().unwrap().len(), 0);
}

/// A client that generated its types from the schema must never meet a null that the schema rules out.
#[tokio::test]
async fn a_field_that_cannot_be_null_passes_its_error_on_to_the_next_that_can() {
    let world = World::usual();
    let answer = world.ask(None, "{ assets { code } viewer { id } }", json!({})).await;
    assert_eq!((answer.outcome, &answer.body["data"]), (Outcome::Partial, &json!(null)));
    assert!(answer.body.as_object().unwrap().contains_key("data"), "it was executed");

    let query = "{ viewer { status a: account(asset: \"GBP\") { version entries(first: 0) { edges { cursor } } } \
                 b: account(asset: \"EUR\") { version } } }";
    let answer = world.ask(Some(ALICE), query, json!({})).await;
    let viewer = json!({ "status": "ACTIVE", "a": null, "b": { "version": 1 } });
    assert_eq!(answer.body["data"], json!({ "viewer": viewer }));
    assert_eq!(only_error(&answer)["path"], json!(["viewer", "a", "entries"]));

    let ledger_failure = Some(PortError::Throttled { attempted: "read" });
    let world = World::of(Views { customers: vec![ALICE], ledger_failure, ..Views::default() });
    let answer = world.ask(Some(ALICE), "{ viewer { status account(asset: \"GBP\") { id } } }", json!({})).await;
    assert_eq!(answer.body["data"], json!({ "viewer": { "status": "ACTIVE", "account": null } }));
    assert_eq!(only_error(&answer)["extensions"]["code"], "RATE_LIMITED");
}

#[tokio::test]
async fn what_is_still_being_set_up_says_that_asking_again_helps() {
    let not_ready = World::of(Views::default()).refused("{ viewer { id } }").await;
    assert_eq!(not_ready["code"], "CUSTOMER_NOT_READY");
    assert_eq!(not_ready["retryable"], true);

    let world = World::of(Views { customers: vec![ALICE], ..Views::default() });
    let not_open = world.refused("{ viewer { depositInstructions(asset: \"GBP\") { reference } } }").await;
    assert_eq!(not_open["code"], "ACCOUNT_NOT_READY");
    assert_eq!(not_open["retryable"], true);
}

#[tokio::test]
async fn crypto_cannot_be_paid_in_before_its_address_is_there() {
    let query = "{ viewer { depositInstructions(asset: \"BTC\") { address } } }";
    let holders = [(ALICE, HolderView::default())].into();
    for world in [World::usual(), World::of(Views { customers: vec![ALICE], holders, ..Views::default() })] {
        let refused = world.refused(query).await;
        assert_eq!((&refused["code"], &refused["retryable"]), (&json!("ACCOUNT_NOT_READY"), &json!(true)));
    }
}

#[tokio::test]
async fn pages_that_cannot_be_are_bad_input() {
    let world = World::usual();
    let lists = |arguments: &str| {
        [
            format!("{{ viewer {{ accounts({arguments}) {{ edges {{ cursor }} }} }} }}"),
            format!("{{ viewer {{ operations({arguments}) {{ edges {{ cursor }} }} }} }}"),
            format!("{{ viewer {{ account(asset: \"GBP\") {{ entries({arguments}) {{ edges {{ cursor }} }} }} }} }}"),
        ]
    };
    for arguments in ["first: 0", "first: -1", "first: 101", "after: \"nonsense\"", "after: \"\""] {
        for query in lists(arguments) {
            assert_eq!(world.refused(&query).await["code"], "BAD_INPUT", "{query}");
        }
    }
    for arguments in ["first: 1", "first: 100", "first: null, after: null"] {
        for query in lists(arguments) {
            world.data(&query).await;
        }
    }
}

#[tokio::test]
async fn a_document_that_is_none_is_not_executed() {
    let answer = World::usual().ask(Some(ALICE), "{ viewer {", json!({})).await;
    assert_eq!(answer.outcome, Outcome::Unparsed);
    assert_eq!(answer.body.get("data"), None);
    let extensions = json!({ "code": "BAD_INPUT", "correlationId": "correlation-1" });
    assert_eq!(only_error(&answer)["extensions"], extensions);
}

#[tokio::test]
async fn what_does_not_fit_the_schema_is_not_executed() {
    let world = World::usual();
    let account = "query Q($asset: AssetCode!) { viewer { account(asset: $asset) { asset } } }";
    let page = "query Q($first: Int) { viewer { operations(first: $first) { edges { cursor } } } }";
    let cases = [
        ("{ viewer { secret } }", json!({})),
        ("{ viewer { account(asset: \"XYZ\") { id } } }", json!({})),
        ("{ viewer { account { id } } }", json!({})),
        (account, json!({ "asset": "XYZ" })),
        (account, json!({ "asset": 7 })),
        (account, json!({})),
        (account, json!({ "asset": null })),
        ("mutation M($id: ID!) { ensureCustomer { version } }", json!({})),
        (page, json!({ "first": "many" })),
        ("subscription { viewer { id } }", json!({})),
        ("query A { __typename } query B { __typename }", json!({})),
    ];
    for (query, variables) in cases {
        let answer = world.ask(Some(ALICE), query, variables.clone()).await;
        assert_eq!(answer.outcome, Outcome::Invalid, "{query} {variables} {}", answer.body);
        for error in answer.body["errors"].as_array().unwrap() {
            assert_eq!(error["extensions"], json!({ "code": "BAD_INPUT", "correlationId": "correlation-1" }));
        }
    }
    assert_eq!(world.store.0.lock().unwrap().len(), 0);
}

#[tokio::test]
async fn a_query_that_asks_for_too_much_is_not_executed() {
    let world = World::usual();
    let entries = "accounts { edges { node { entries(first: 100) { edges { node { amount { amount } } } } } } }";
    let viewers: String = (0..10).map(|n| format!("v{n}: viewer {{ {entries} }} ")).collect();
    let nested = "ofType { ".repeat(20) + "name" + &" }".repeat(20);
    let deep = format!("{{ __type(name: \"Account\") {{ {nested} }} }}");
    let many_writes: String = (0..11).map(|n| format!("m{n}: ensureCustomer {{ version }} ")).collect();
    for query in [format!("{{ {viewers} }}"), deep, format!("mutation {{ {many_writes} }}")] {
        let answer = world.ask(Some(ALICE), &query, json!({})).await;
        assert_eq!(answer.outcome, Outcome::Invalid, "{query}");
        assert_eq!(only_error(&answer)["extensions"]["code"], "BAD_INPUT");
    }
    world.data(&format!("{{ viewer {{ {entries} }} }}")).await;
}

/// The whole of what the edge lets in, opened and never closed, must not end the process.
#[tokio::test]
async fn a_document_without_a_floor_is_refused() {
    let size = 60 * 1024;
    let lists = format!("{{ node(id: {}", "[".repeat(size));
    let fields = "{a".repeat(size / 2);
    let closed = "{a".repeat(size / 3) + &"}".repeat(size / 3);
    let objects = format!("{{ node(id: {}", "{a:".repeat(size / 3));
    for query in [lists, fields, closed, objects] {
        let answer = World::usual().ask(Some(ALICE), &query, json!({})).await;
        assert!(matches!(answer.outcome, Outcome::Unparsed | Outcome::Invalid));
    }
}

#[tokio::test]
async fn where_only_queries_are_answered_nothing_changes() {
    let world = World::usual();
    let cases = [
        ("mutation { ensureCustomer { version } }", None, Outcome::MutationRefused),
        ("query A { __typename } mutation B { ensureCustomer { version } }", Some("B"), Outcome::MutationRefused),
        ("query A { __typename } mutation B { ensureCustomer { version } }", None, Outcome::Invalid),
        ("query A { __typename } mutation B { ensureCustomer { version } }", Some("A"), Outcome::Complete),
        ("{ __typename }", None, Outcome::Complete),
    ];
    for (query, name, outcome) in cases {
        let mut request = Request::new(query);
        request.operation_name = name.map(str::to_owned);
        let answer = world.graph.answer(request, ask_of(Some(ALICE), Methods::Queries)).await;
        assert_eq!(answer.outcome, outcome, "{query} {name:?}");
    }
    assert_eq!(world.store.0.lock().unwrap().len(), 0);
}

#[tokio::test]
async fn a_failing_port_is_told_by_its_class_and_never_by_its_text() {
    let attempted = "read the secret table";
    let cases = [
        (PortError::Unavailable { attempted, reason: "10.0.0.1 refused".into() }, "UNAVAILABLE", json!(true)),
        (PortError::Throttled { attempted }, "RATE_LIMITED", json!(true)),
        (PortError::Corrupt { attempted }, "INTERNAL", json!(null)),
    ];
    for (failure, code, retryable) in cases {
        let world = World::of(Views { failure: Some(failure), ..Views::default() });
        let answer = world.ask(Some(ALICE), "{ viewer { id } }", json!({})).await;
        let error = only_error(&answer);
        assert_eq!(error["extensions"]["code"], code);
        assert_eq!(error["extensions"].get("retryable").cloned().unwrap_or_default(), retryable);
        assert!(!answer.body.to_string().contains("secret"), "{}", answer.body);
    }
}

#[test]
fn every_class_has_its_code() {
    use domain::error::Classify;

    #[derive(Debug, thiserror::Error)]
    #[error("the rule's own words")]
    struct Of(Class);

    impl Classify for Of {
        fn class(&self) -> Class {
            self.0
        }

        fn code(&self) -> &'static str {
            "OWN_CODE"
        }
    }

    let codes = Class::ALL.map(|class| (class, ApiError::from(Of(class)).code()));
    let expected = [
        (Class::Rejected, "OWN_CODE"),
        (Class::Invalid, "OWN_CODE"),
        (Class::Conflict, "CONFLICT"),
        (Class::Transient, "UNAVAILABLE"),
        (Class::Throttled, "RATE_LIMITED"),
        (Class::Bug, "INTERNAL"),
    ];
    assert_eq!(codes, expected);
    assert_eq!(ApiError::from(CustomerError::DifferentEmail).code(), "CUSTOMER_DIFFERENT_EMAIL");
    assert_eq!(ApiError::from(StoreError::Conflict).code(), "CONFLICT");
}
