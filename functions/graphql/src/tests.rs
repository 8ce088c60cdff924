//! The whole function, asked as API Gateway asks it. Behind the SDK's HTTP client stands a script.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use graph_edge::testing::{ALICE, Api, CLIENT, ISSUER, Key, NOW, Script, claims, claims_with};
use lambda_kit::Env;
use serde_json::{Value, json};

use crate::FUNCTION;

const OURS: &str = "application/graphql-response+json; charset=utf-8";
const PLAIN: &str = "application/json; charset=utf-8";

fn env() -> Env {
    let variables = [
        ("IDENTITY_PROJECTIONS_TABLE", "identity-projections"),
        ("LEDGER_PROJECTIONS_TABLE", "ledger-projections"),
        ("ONBOARDING_PROJECTIONS_TABLE", "onboarding-projections"),
        ("IDENTITY_EVENTS_TABLE", "identity-events"),
        ("ONBOARDING_EVENTS_TABLE", "onboarding-events"),
        ("LEDGER_EVENTS_TABLE", "ledger-events"),
        ("VAULT_TABLE", "vault"),
        ("VAULT_KEYS_TABLE", "vault-keys"),
        ("VAULT_KEY_ID", "vault-key"),
        ("PAUSES_TABLE", "pauses"),
        ("SIGN_UPS_TABLE", "sign-ups"),
        ("USER_POOL_ISSUER", ISSUER),
        ("USER_POOL_CLIENT_ID", CLIENT),
        ("BANK_ACCOUNT_NAME", "Granary Bank"),
        ("BANK_SORT_CODE", "040004"),
        ("BANK_ACCOUNT_NUMBER", "12345678"),
        ("BANK_IBAN", "GB33BUKB20201555555555"),
        ("BANK_BIC", "CLRBGB22"),
    ];
    Env::new(variables.map(|(name, value)| (name.to_owned(), value.to_owned())))
}

async fn world() -> Api {
    let api = Api::new("/graphql", FUNCTION, env()).await;
    let customer = json!({
        "v": { "N": "0" },
        "d": { "S": json!({ "id": ALICE, "status": "a" }).to_string() },
    });
    api.script.rows.lock().unwrap().insert("identity-projections", customer);
    api
}

#[tokio::test]
async fn a_customer_is_answered() {
    let world = world().await;
    let bearer = world.bearer();
    let reply = world.post("{ viewer { status } }", &[("authorization", &bearer)]).await;
    assert_eq!(reply.json(), json!({ "data": { "viewer": { "status": "ACTIVE" } } }));
    assert_eq!((reply.status, reply.headers["content-type"].as_str()), (200, OURS));
    assert_eq!(reply.headers["cache-control"], "no-store");
    world.post("{ viewer { status } }", &[("authorization", &bearer)]).await;
    assert_eq!(world.script.fetches(), 1, "the pool's keys are kept");
}

#[tokio::test]
async fn a_mutation_writes_what_it_decided() {
    let world = world().await;
    let bearer = world.bearer();
    let reply = world.post("mutation { ensureCustomer { status version } }", &[("authorization", &bearer)]).await;
    assert_eq!(reply.json()["data"]["ensureCustomer"], json!({ "status": "SIGNED_UP", "version": 0 }));
    // The sign-up is claimed before all, the e-mail address kept before the event that points at it, and the claim forgotten last.
    let asked = world.script.asked.lock().unwrap().join(", ");
    let place = |call: &str| asked.find(call).unwrap_or_else(|| panic!("no {call}: {asked}"));
    let order = ["UpdateItem sign-ups", "GetUser", "PutItem vault,", "PutItem identity-events", "DeleteItem sign-ups"];
    assert!(order.map(place).is_sorted(), "{asked}");
}

#[tokio::test]
async fn a_token_that_may_not_ask_who_it_speaks_for_keeps_nobody_out() {
    let world = world().await;
    world.script.told.store(400, std::sync::atomic::Ordering::SeqCst);
    let reply = world.post("mutation { ensureCustomer { status } }", &[("authorization", &world.bearer())]).await;
    assert_eq!(reply.json()["data"]["ensureCustomer"]["status"], "SIGNED_UP");
    let asked = world.script.asked.lock().unwrap().join(", ");
    assert!(asked.contains("PutItem identity-events") && !asked.contains("PutItem vault"), "{asked}");
}

#[tokio::test]
async fn while_nobody_can_say_who_somebody_is_no_customer_is_made_of_them() {
    let world = world().await;
    world.script.told.store(500, std::sync::atomic::Ordering::SeqCst);
    let reply = world.post("mutation { ensureCustomer { status } }", &[("authorization", &world.bearer())]).await;
    assert_eq!(reply.code(), "UNAVAILABLE");
    let asked = world.script.asked.lock().unwrap().join(", ");
    assert!(!asked.contains("PutItem") && !asked.contains("DeleteItem"), "{asked}");
}

#[tokio::test]
async fn without_a_token_what_is_public_is_answered_and_the_rest_is_refused_field_by_field() {
    let world = world().await;
    let reply = world.post("{ assets { code } viewer { id } }", &[]).await;
    assert_eq!((reply.status, reply.code().as_str()), (200, "UNAUTHENTICATED"));
    assert_eq!(reply.json()["data"], Value::Null);
    assert!(world.script.asked.lock().unwrap().is_empty());
    assert_eq!(world.post("{ assets { code } }", &[]).await.status, 200);
}

#[tokio::test]
async fn a_bad_token_is_refused_and_nothing_is_executed() {
    let world = world().await;
    let expired = format!("Bearer {}", world.key.sign(&claims_with("exp", json!(NOW))));
    let foreign = format!("Bearer {}", Key::new("access").sign(&claims()));
    for header in ["", "Bearer", "Bearer ", "Bearer x.y.z", "Basic YTpi", &expired, &foreign] {
        for query in ["{ assets { code } }", "mutation { ensureCustomer { version } }"] {
            let reply = world.post(query, &[("authorization", header)]).await;
            assert_eq!((reply.status, reply.code().as_str()), (401, "UNAUTHENTICATED"), "{header}");
            assert_eq!(reply.json().get("data"), None);
            assert_eq!(reply.headers["www-authenticate"], "Bearer error=\"invalid_token\"");
        }
    }
    let asked = world.script.asked.lock().unwrap();
    assert!(asked.iter().all(|asked| asked.ends_with("jwks.json")), "{asked:?}");
}

#[tokio::test]
async fn while_the_pool_is_down_a_token_is_neither_good_nor_bad() {
    let world = world().await;
    let keys = world.script.keys.lock().unwrap().take();
    let bearer = world.bearer();
    let reply = world.post("{ viewer { id } }", &[("authorization", &bearer)]).await;
    assert_eq!((reply.status, reply.code().as_str()), (503, "UNAVAILABLE"));
    assert_eq!(reply.json()["errors"][0]["extensions"]["retryable"], true);
    *world.script.keys.lock().unwrap() = keys;
    world.script.clock.advance(5);
    assert_eq!(world.post("{ viewer { id } }", &[("authorization", &bearer)]).await.status, 200);
}

#[tokio::test]
async fn the_answer_has_the_type_that_was_asked_for() {
    let world = world().await;
    let cases = [
        (None, OURS),
        (Some("*/*"), OURS),
        (Some("application/graphql-response+json"), OURS),
        (Some("application/json"), PLAIN),
        (Some("application/graphql-response+json;q=0.1,application/json"), PLAIN),
    ];
    for (accept, media) in cases {
        let headers: Vec<_> = accept.map(|accept| ("accept", accept)).into_iter().collect();
        let reply = world.post("{ __typename }", &headers).await;
        assert_eq!((reply.status, reply.headers["content-type"].as_str()), (200, media), "{accept:?}");
        assert_eq!(reply.json(), json!({ "data": { "__typename": "Query" } }));
    }
    let reply = world.post("{ __typename }", &[("accept", "text/plain")]).await;
    assert_eq!((reply.status, reply.code().as_str()), (406, "BAD_INPUT"));
}

#[tokio::test]
async fn the_status_tells_how_far_a_request_came() {
    let world = world().await;
    let cases = [("{ __typename }", 200), ("{ viewer { id } }", 200), ("{ viewer { nothing } }", 422), ("{", 400)];
    for (query, status) in cases {
        let reply = world.post(query, &[]).await;
        assert_eq!((reply.status, reply.headers["content-type"].as_str()), (status, OURS), "{query}");
        let reply = world.post(query, &[("accept", "application/json")]).await;
        assert_eq!((reply.status, reply.headers["content-type"].as_str()), (200, PLAIN), "{query}");
    }
}

#[tokio::test]
async fn a_body_that_is_no_request_is_refused() {
    let world = world().await;
    let json_type = [("content-type", "application/json")];
    let cases = [("NONSENSE", 400), ("", 400), ("{\"qeury\":\"{ __typename }\"}", 422), ("[]", 422)];
    for (body, status) in cases {
        let reply = world.send("POST", "/graphql", &json_type, body).await;
        assert_eq!((reply.status, reply.code().as_str()), (status, "BAD_INPUT"), "{body}");
    }
    let body = json!({ "query": "{ __typename }" }).to_string();
    for headers in [
        &[][..],
        &[("content-type", "text/plain")],
        &[("content-type", "application/x-www-form-urlencoded")],
        &[("content-type", "application/json; charset=latin1")],
        &[("content-type", "application/json"), ("content-encoding", "gzip")],
    ] {
        let reply = world.send("POST", "/graphql", headers, &body).await;
        assert_eq!((reply.status, reply.code().as_str()), (415, "BAD_INPUT"), "{headers:?}");
    }
    let largest = json!({ "query": "{ __typename }", "x": "" }).to_string().len();
    for (length, status) in [(64 * 1024, 200), (64 * 1024 + 1, 413)] {
        let body = json!({ "query": "{ __typename }", "x": "x".repeat(length - largest) }).to_string();
        assert_eq!(body.len(), length);
        assert_eq!(world.send("POST", "/graphql", &json_type, &body).await.status, status);
    }
}

#[tokio::test]
async fn a_get_asks_and_never_changes_anything() {
    let world = world().await;
    let bearer = world.bearer();
    let headers = [("authorization", bearer.as_str())];
    let url = "/graphql?query=query+Q(%24a%3AAssetCode!)%7Bviewer%7Bstatus+account(asset%3A%24a)%7Bid%7D%7D%7D\
               &variables=%7B%22a%22%3A%22GBP%22%7D&operationName=Q";
    let reply = world.send("GET", url, &headers, "").await;
    assert_eq!(reply.json(), json!({ "data": { "viewer": { "status": "ACTIVE", "account": null } } }));
    let mutation = "/graphql?query=mutation%7BensureCustomer%7Bversion%7D%7D";
    let reply = world.send("GET", mutation, &headers, "").await;
    assert_eq!((reply.status, reply.headers["allow"].as_str()), (405, "POST"));
    assert_eq!(reply.code(), "BAD_INPUT");
    assert!(!world.script.asked.lock().unwrap().iter().any(|asked| asked.contains("PutItem")));
    assert_eq!(world.send("GET", "/graphql", &[], "").await.status, 422);
    let long = format!("/graphql?query={}", "x".repeat(64 * 1024));
    assert_eq!(world.send("GET", &long, &[], "").await.status, 414);
}

#[tokio::test]
async fn other_methods_and_paths_are_refused() {
    let world = world().await;
    for (method, path, allow) in
        [("PUT", "/graphql", "GET, POST"), ("DELETE", "/graphql", "GET, POST"), ("POST", "/health", "GET")]
    {
        let reply = world.send(method, path, &[], "").await;
        assert_eq!((reply.status, reply.headers["allow"].as_str()), (405, allow), "{method} {path}");
    }
    let reply = world.send("GET", "/nothing", &[], "").await;
    assert_eq!((reply.status, reply.code().as_str()), (404, "NOT_FOUND"));
}

#[tokio::test]
async fn health_needs_nothing() {
    let world = world().await;
    let reply = world.send("GET", "/health", &[("authorization", "Bearer nonsense")], "").await;
    assert_eq!((reply.status, reply.json()), (200, json!({ "status": "ok" })));
    assert!(world.script.asked.lock().unwrap().is_empty());
}

#[tokio::test]
async fn a_browser_gets_a_page() {
    let world = world().await;
    let accept = [("accept", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8")];
    let reply = world.send("GET", "/graphql", &accept, "").await;
    assert_eq!((reply.status, reply.headers["content-type"].as_str()), (200, "text/html; charset=utf-8"));
    assert_eq!(reply.headers["content-encoding"], "gzip");
    assert!(reply.headers["content-security-policy"].contains("connect-src 'self'"));
    assert!(reply.base64);
    let page = STANDARD.decode(reply.body).unwrap();
    assert_eq!(page.get(..2), Some(&[0x1f, 0x8b][..]), "a gzip file");
    let reply = world.send("GET", "/graphql?query=%7B__typename%7D", &accept, "").await;
    assert_eq!(reply.json(), json!({ "data": { "__typename": "Query" } }));
}

#[tokio::test]
async fn every_answer_carries_the_correlation_id() {
    let world = world().await;
    let long = "x".repeat(65);
    let cases =
        [("app-7F", "app-7F"), ("", "request-1"), ("a b", "request-1"), ("a\"b", "request-1"), (&long, "request-1")];
    for (sent, answered) in cases {
        let reply = world.post("{ viewer { id } }", &[("x-correlation-id", sent)]).await;
        assert_eq!(reply.headers["x-correlation-id"], answered, "{sent}");
        assert_eq!(reply.json()["errors"][0]["extensions"]["correlationId"], answered);
    }
    let reply = world.send("PUT", "/graphql", &[], "").await;
    assert_eq!(reply.headers["x-correlation-id"], "request-1");
    assert_eq!(reply.json()["errors"][0]["extensions"]["correlationId"], "request-1");
}

#[tokio::test]
async fn a_function_without_its_settings_does_not_start() {
    let script = Script::new(&[]);
    let error = (FUNCTION.init)(script.config(), Env::default()).await.err().unwrap();
    assert_eq!(error.error_type, "Configuration");
    assert!(error.message.contains("is not set"), "{error}");
}
