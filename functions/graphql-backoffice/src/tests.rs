//! The whole function, asked as API Gateway asks it. Behind the SDK's HTTP client stands a script.

use graph_edge::testing::{ALICE, Api, CLIENT, ISSUER, Script, claims_with};
use lambda_kit::Env;
use serde_json::{Value, json};

use crate::FUNCTION;

const PATH: &str = "/backoffice/graphql";
const CUSTOMER: &str = "0000000c-0000-4000-8000-00000000c057";
const APPLICATION: &str = "0000000a-0000-4000-8000-00000000a991";

fn env() -> Env {
    let variables = [
        ("COMPLIANCE_EVENTS_TABLE", "compliance-events"),
        ("COMPLIANCE_PROJECTIONS_TABLE", "compliance-projections"),
        ("IDENTITY_EVENTS_TABLE", "identity-events"),
        ("IDENTITY_PROJECTIONS_TABLE", "identity-projections"),
        ("LEDGER_EVENTS_TABLE", "ledger-events"),
        ("LEDGER_PROJECTIONS_TABLE", "ledger-projections"),
        ("ONBOARDING_EVENTS_TABLE", "onboarding-events"),
        ("ONBOARDING_PROJECTIONS_TABLE", "onboarding-projections"),
        ("PAUSES_TABLE", "onboarding-pauses"),
        ("LIMITS_TABLE", "limits"),
        ("ONBOARDING_PERMITS", "50"),
        ("STATE_MACHINE_ARN", "arn:aws:states:eu-west-1:000000000000:stateMachine:granary-onboarding"),
        ("VAULT_TABLE", "vault"),
        ("VAULT_KEYS_TABLE", "vault-keys"),
        ("VAULT_KEY_ID", "vault-key"),
        ("USER_POOL_ISSUER", ISSUER),
        ("USER_POOL_CLIENT_ID", CLIENT),
    ];
    Env::new(variables.map(|(name, value)| (name.to_owned(), value.to_owned())))
}

async fn world() -> Api {
    let api = Api::new(PATH, FUNCTION, env()).await;
    let customer = json!({
        "v": { "N": "0" },
        "d": { "S": json!({ "id": CUSTOMER, "status": "a" }).to_string() },
    });
    api.script.rows.lock().unwrap().insert("identity-projections", customer);
    api
}

fn bearer(api: &Api, groups: &[&str]) -> String {
    format!("Bearer {}", api.key.sign(&claims_with("cognito:groups", json!(groups))))
}

#[tokio::test]
async fn staff_are_told_who_they_are() {
    let api = world().await;
    let bearer = bearer(&api, &["auditor", "partners", "kings"]);
    let reply = api.post("{ backOffice { me { id groups } } }", &[("authorization", &bearer)]).await;
    let me = json!({ "id": ALICE, "groups": ["AUDITOR"] });
    assert_eq!((reply.status, reply.json()), (200, json!({ "data": { "backOffice": { "me": me } } })));
}

#[tokio::test]
async fn a_customers_file_is_read_from_three_contexts_and_writes_nothing() {
    let api = world().await;
    let bearer = bearer(&api, &["operations"]);
    let query = format!("{{ backOffice {{ customer(id: \"{CUSTOMER}\") {{ id status applications {{ id }} }} }} }}");
    let reply = api.post(&query, &[("authorization", &bearer)]).await;
    let file = json!({ "id": CUSTOMER, "status": "ACTIVE", "applications": [] });
    assert_eq!(reply.json()["data"]["backOffice"]["customer"], file);
    let asked = api.script.asked.lock().unwrap().join(", ");
    assert!(asked.contains("GetItem identity-projections") && asked.contains("GetItem onboarding-projections"));
    assert!(asked.contains("GetItem ledger-projections"), "{asked}");
    assert!(!asked.contains("PutItem") && !asked.contains("vault"), "{asked}");
}

#[tokio::test]
async fn whoever_is_no_staff_reads_nothing() {
    let api = world().await;
    let query = format!("{{ backOffice {{ customer(id: \"{CUSTOMER}\") {{ id }} }} }}");
    let reply = api.post(&query, &[]).await;
    assert_eq!(reply.code(), "UNAUTHENTICATED");
    for groups in [&[][..], &["partners"], &["Compliance"]] {
        let reply = api.post(&query, &[("authorization", &bearer(&api, groups))]).await;
        assert_eq!((reply.status, reply.code().as_str()), (200, "FORBIDDEN"), "{groups:?}");
        assert_eq!(reply.json()["data"], Value::Null);
    }
    let asked = api.script.asked.lock().unwrap();
    assert!(asked.iter().all(|asked| asked.ends_with("jwks.json")), "{asked:?}");
}

#[tokio::test]
async fn nothing_is_revealed_to_who_says_no_reason_or_may_not_read_it() {
    let api = world().await;
    let reveal = |reason: &str| {
        format!(
            "mutation {{ backOffice {{ revealPersonalData(input: {{ customerId: \"{CUSTOMER}\", \
             applicationId: \"{APPLICATION}\", reason: \"{reason}\" }}) {{ firstName }} }} }}"
        )
    };
    let cases = [
        ("compliance", "because", "REASON_TOO_SHORT"),
        ("compliance", "the customer rang about it", "APPLICATION_UNKNOWN"),
        ("auditor", "the customer rang about it", "FORBIDDEN"),
        ("operations", "the customer rang about it", "FORBIDDEN"),
    ];
    for (group, reason, code) in cases {
        let reply = api.post(&reveal(reason), &[("authorization", &bearer(&api, &[group]))]).await;
        assert_eq!(reply.code(), code, "{group} {reason}");
    }
    let asked = api.script.asked.lock().unwrap().join(", ");
    assert!(asked.contains("Query onboarding-events") && !asked.contains("vault"), "{asked}");
}

#[tokio::test]
async fn customers_fields_are_not_served_here_and_the_page_is() {
    let api = world().await;
    assert_eq!(api.post("{ viewer { id } }", &[]).await.status, 422);
    assert_eq!(api.send("POST", "/graphql", &[], "").await.status, 404);
    assert_eq!(api.send("PUT", PATH, &[], "").await.status, 405);
    let accept = [("accept", "text/html")];
    assert_eq!(api.send("GET", PATH, &accept, "").await.headers["content-type"], "text/html; charset=utf-8");
}

#[tokio::test]
async fn a_function_without_its_settings_does_not_start() {
    let error = (FUNCTION.init)(Script::new(&[]).config(), Env::default()).await.err().unwrap();
    assert_eq!(error.error_type, "Configuration");
}
