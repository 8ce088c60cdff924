//! From the application to open accounts, and every way in which that may go wrong.

use serde_json::{Value, json};
use simulators::onfido::{Fault, Verdict};
use time::Duration;
use uuid::Uuid;

use crate::support::{APPLY, Bank, Person, application};

/// The customer's status, the application's, and the names of its steps.
async fn standing(bank: &Bank, person: &Person) -> (String, String) {
    let data = bank.graphql(person, "{ viewer { status application { status } } }").await;
    let text = |value: &Value| value.as_str().unwrap_or("none").to_owned();
    (text(&data["viewer"]["status"]), text(&data["viewer"]["application"]["status"]))
}

fn stood(customer: &str, application: &str) -> (String, String) {
    (customer.to_owned(), application.to_owned())
}

async fn applied(bank: &Bank, email: &str) -> Person {
    let person = bank.newcomer(email).await;
    bank.graphql_with(&person, APPLY, application(Uuid::new_v4())).await;
    bank.settle().await;
    person
}

/// Nothing that only a customer has is there, and nothing is under way.
async fn assert_nothing_was_left_behind(bank: &Bank, person: &Person) {
    for commit in bank.items("LedgerEvents").await {
        assert!(!commit["pk"].as_s().unwrap().contains(&person.sub), "{:?}", commit["pk"]);
    }
    assert_eq!(bank.local.aws().states.open().unwrap().len(), 0, "an execution is open");
    for run in bank.local.identity_provider().provider.runs() {
        assert!(run.status.is_over(), "a run is open at the provider");
    }
    for row in bank.items("OnboardingPauses").await {
        assert!(!row["sk"].as_s().unwrap().starts_with("pause#"), "a pause is left: {:?}", row["sk"]);
    }
    bank.assert_nothing_set_aside();
}

#[tokio::test]
async fn an_approved_application_opens_everything() {
    let bank = Bank::open().await;
    let ada = bank.newcomer("ada@example.com").await;
    assert_eq!(standing(&bank, &ada).await, stood("SIGNED_UP", "none"));

    let answer = bank.graphql_with(&ada, APPLY, application(Uuid::new_v4())).await;
    assert_eq!(answer["submitApplication"]["application"]["status"], "SUBMITTED");
    bank.settle().await;
    assert_eq!(standing(&bank, &ada).await, stood("APPLYING", "IDENTITY_CHECK"));
    let data = bank.graphql(&ada, "{ viewer { application { identityCheck { provider sdkToken } } } }").await;
    let check = &data["viewer"]["application"]["identityCheck"];
    assert_eq!(check["provider"], "ONFIDO");
    assert!(!check["sdkToken"].as_str().unwrap().is_empty());

    bank.identified(&ada, Verdict::Approved).await;
    assert_eq!(standing(&bank, &ada).await, stood("ACTIVE", "APPROVED"));
    let query = "{ viewer { accounts { nodes { asset } } application { decidedAt steps { name status endedAt } } } }";
    let data = bank.graphql(&ada, query).await;
    assert_eq!(data["viewer"]["accounts"]["nodes"].as_array().unwrap().len(), 5);
    for step in data["viewer"]["application"]["steps"].as_array().unwrap() {
        assert_eq!(step["status"], "DONE", "{step}");
    }
    for asset in ["USDC", "BTC", "ETH"] {
        assert!(!bank.address(&ada, asset).await.is_empty());
    }
    assert_eq!(bank.local.aws().states.open().unwrap().len(), 0);
    bank.assert_nothing_set_aside();
}

#[tokio::test]
async fn a_declined_application_leaves_nothing_behind_and_is_the_last() {
    for verdict in [Verdict::Declined, Verdict::Abandoned] {
        let bank = Bank::open().await;
        let ada = applied(&bank, "ada@example.com").await;
        bank.identified(&ada, verdict).await;
        assert_eq!(standing(&bank, &ada).await, stood("SIGNED_UP", "DECLINED"));
        assert_nothing_was_left_behind(&bank, &ada).await;
        let again = bank.refusal_of(&ada, APPLY, application(Uuid::new_v4())).await;
        assert_eq!(again, "APPLICATION_DECLINED");
    }
}

#[tokio::test]
async fn a_review_at_the_provider_is_waited_for() {
    let bank = Bank::open().await;
    let ada = applied(&bank, "ada@example.com").await;
    bank.identified(&ada, Verdict::Review).await;
    assert_eq!(standing(&bank, &ada).await, stood("APPLYING", "IN_REVIEW"));
    bank.identified(&ada, Verdict::Approved).await;
    assert_eq!(standing(&bank, &ada).await, stood("ACTIVE", "APPROVED"));
}

#[tokio::test]
async fn an_application_that_is_sent_twice_is_one_and_with_other_content_is_refused() {
    let bank = Bank::open().await;
    let ada = bank.newcomer("ada@example.com").await;
    let id = Uuid::new_v4();
    let first = bank.graphql_with(&ada, APPLY, application(id)).await;
    let again = bank.graphql_with(&ada, APPLY, application(id)).await;
    assert_eq!(first["submitApplication"]["application"]["id"], again["submitApplication"]["application"]["id"]);
    bank.settle().await;
    // Also once it has moved on.
    bank.graphql_with(&ada, APPLY, application(id)).await;
    bank.settle().await;
    assert_eq!(bank.local.identity_provider().provider.runs().len(), 1);

    let mut other = application(id);
    other["lastName"] = json!("Lovelace");
    assert_eq!(bank.refusal_of(&ada, APPLY, other).await, "APPLICATION_REUSED");
    assert_eq!(bank.refusal_of(&ada, APPLY, application(Uuid::new_v4())).await, "APPLICATION_OPEN");
    bank.identified(&ada, Verdict::Approved).await;
    assert_eq!(bank.refusal_of(&ada, APPLY, application(Uuid::new_v4())).await, "APPLICATION_APPROVED_BEFORE");
}

#[tokio::test]
async fn a_foreign_customers_application_cannot_be_seen_or_taken() {
    let bank = Bank::open().await;
    let (ada, bob) = (bank.newcomer("ada@example.com").await, bank.newcomer("bob@example.com").await);
    let id = Uuid::new_v4();
    let hers = bank.graphql_with(&ada, APPLY, application(id)).await;
    let hers = hers["submitApplication"]["application"]["id"].as_str().unwrap().to_owned();
    bank.settle().await;
    // The same id of another customer is another application.
    let his = bank.graphql_with(&bob, APPLY, application(id)).await;
    assert_ne!(his["submitApplication"]["application"]["id"], hers.as_str());
    bank.settle().await;
    assert_eq!(bank.local.identity_provider().provider.runs().len(), 2);
    let seen = bank.graphql(&bob, &format!("{{ node(id: \"{hers}\") {{ id }} }}")).await;
    assert_eq!(seen["node"], Value::Null);
    bank.identified(&ada, Verdict::Approved).await;
    assert_eq!(standing(&bank, &bob).await, stood("APPLYING", "IDENTITY_CHECK"));
}

#[tokio::test]
async fn whoever_may_not_be_a_customer_is_refused_and_nothing_is_kept() {
    let bank = Bank::open().await;
    let ada = bank.newcomer("ada@example.com").await;
    let vault = bank.items("Vault").await.len();
    // Eighteen tomorrow: the bank's clock stands at 2026-11-20.
    let cases = [
        ("/birthDate", json!("2008-11-21"), "APPLICATION_UNDER_AGE"),
        ("/address/country", json!("US"), "APPLICATION_COUNTRY_NOT_SUPPORTED"),
        ("/birthDate", json!("2030-01-01"), "APPLICATION_FIELD_INVALID"),
        ("/birthDate", json!("1800-01-01"), "APPLICATION_FIELD_INVALID"),
        ("/firstName", json!("  "), "APPLICATION_FIELD_INVALID"),
        ("/address/postcode", json!(""), "APPLICATION_FIELD_INVALID"),
        ("/applicationId", json!("one"), "BAD_INPUT"),
        ("/birthDate", json!("yesterday"), "BAD_INPUT"),
    ];
    for (field, value, code) in cases {
        let mut input = application(Uuid::new_v4());
        *input.pointer_mut(field).unwrap() = value;
        assert_eq!(bank.refusal_of(&ada, APPLY, input).await, code, "{field}");
    }
    let mut iban = application(Uuid::new_v4());
    iban["bankAccount"] = json!({ "holder": "Ada Byron", "iban": "GB33BUKB20201555555556" });
    assert_eq!(bank.refusal_of(&ada, APPLY, iban).await, "APPLICATION_IBAN_INVALID");
    bank.settle().await;
    assert_eq!(bank.items("OnboardingEvents").await.len(), 0);
    assert_eq!(bank.items("Vault").await.len(), vault);

    let mut adult = application(Uuid::new_v4());
    adult["birthDate"] = json!("2008-11-20");
    bank.graphql_with(&ada, APPLY, adult).await;
}

#[tokio::test]
async fn a_webhook_that_comes_twice_changes_nothing_the_second_time() {
    let bank = Bank::open().await;
    let ada = applied(&bank, "ada@example.com").await;
    let run = bank.run_of(&ada).unwrap();
    let door = bank.local.identity_provider();
    let now_ms = bank.now_ms();
    let delivery = door.provider.complete(run, Verdict::Approved, now_ms, &door.endpoint).await.unwrap();
    door.provider.redeliver(delivery.id, now_ms, &door.endpoint).await.unwrap();
    bank.settle().await;
    let commits = bank.items("OnboardingEvents").await.len();
    door.provider.redeliver(delivery.id, now_ms, &door.endpoint).await.unwrap();
    bank.settle().await;
    assert_eq!(bank.items("OnboardingEvents").await.len(), commits);
    assert_eq!(standing(&bank, &ada).await, stood("ACTIVE", "APPROVED"));
    bank.assert_nothing_set_aside();
}

#[tokio::test]
async fn the_first_final_result_stands_against_one_that_contradicts_it() {
    for (first, then, customer, application) in [
        (Verdict::Approved, Verdict::Declined, "ACTIVE", "APPROVED"),
        (Verdict::Declined, Verdict::Approved, "SIGNED_UP", "DECLINED"),
    ] {
        let bank = Bank::open().await;
        let ada = applied(&bank, "ada@example.com").await;
        bank.identified(&ada, first).await;
        bank.identified(&ada, then).await;
        assert_eq!(standing(&bank, &ada).await, stood(customer, application));
        let noted = bank.items("OnboardingEvents").await;
        let noted = noted.iter().filter(|it| it["c"].as_s().unwrap().contains("application.identity-contradicted.v1"));
        assert_eq!(noted.count(), 1, "the contradiction is on record");
        bank.assert_nothing_set_aside();
    }
}

#[tokio::test]
async fn a_webhook_that_never_comes_is_made_up_for_by_asking() {
    let bank = Bank::open().await;
    let ada = applied(&bank, "ada@example.com").await;
    let run = bank.run_of(&ada).unwrap();
    bank.onfido_webhook_of(run, Verdict::Approved).await;
    bank.settle().await;
    assert_eq!(standing(&bank, &ada).await, stood("APPLYING", "IDENTITY_CHECK"));
    bank.local.advance(std::time::Duration::from_secs(25 * 3600)).await.unwrap();
    let ada = bank.again(&ada).await;
    assert_eq!(standing(&bank, &ada).await, stood("ACTIVE", "APPROVED"));
}

#[tokio::test]
async fn an_application_that_nobody_finishes_expires_and_another_one_may_follow() {
    let bank = Bank::open().await;
    let ada = applied(&bank, "ada@example.com").await;
    bank.local.advance(std::time::Duration::from_secs(40 * 24 * 3600)).await.unwrap();
    let ada = bank.again(&ada).await;
    assert_eq!(standing(&bank, &ada).await, stood("SIGNED_UP", "EXPIRED"));
    assert_nothing_was_left_behind(&bank, &ada).await;
    bank.graphql_with(&ada, APPLY, application(Uuid::new_v4())).await;
    bank.settle().await;
    bank.identified(&ada, Verdict::Approved).await;
    assert_eq!(standing(&bank, &ada).await, stood("ACTIVE", "APPROVED"));
}

#[tokio::test]
async fn a_provider_that_fails_or_loses_answers_gets_one_run_and_nobody_is_declined_for_it() {
    for fault in [Fault::Status(500), Fault::Status(429), Fault::AnswerLost] {
        let bank = Bank::open().await;
        let ada = bank.newcomer("ada@example.com").await;
        bank.local.identity_provider().provider.fail_next(2, fault);
        bank.graphql_with(&ada, APPLY, application(Uuid::new_v4())).await;
        bank.settle().await;
        bank.advance(Duration::hours(1)).await;
        bank.advance(Duration::hours(1)).await;
        let ada = bank.again(&ada).await;
        assert_eq!(standing(&bank, &ada).await, stood("APPLYING", "IDENTITY_CHECK"), "{fault:?}");
        let runs = bank.local.identity_provider().provider.runs();
        assert_eq!(runs.iter().filter(|run| !run.status.is_over()).count(), 1, "{fault:?}");
        bank.identified(&ada, Verdict::Approved).await;
        assert_eq!(standing(&bank, &ada).await, stood("ACTIVE", "APPROVED"), "{fault:?}");
    }
}

#[tokio::test]
async fn a_result_of_a_run_that_nobody_knows_is_parked_for_a_person() {
    let bank = Bank::open().await;
    let ada = applied(&bank, "ada@example.com").await;
    let run = bank.run_of(&ada).unwrap();
    let (body, _) = bank.onfido_webhook_of(run, Verdict::Approved).await;
    let stranger = Uuid::new_v4();
    let body = body.replace(&run.to_string(), &stranger.to_string());
    let signature = bank.local.identity_provider().provider.sign(body.as_bytes());
    let (status, _) = bank.post("/webhooks/onfido", &[("x-sha2-signature", &signature)], body).await;
    assert_eq!(status, 200);
    bank.local.advance(std::time::Duration::from_secs(6 * 3600)).await.unwrap();
    assert_eq!(bank.waiting_in("ParkedQueue"), 1);
    let ada = bank.again(&ada).await;
    assert_eq!(standing(&bank, &ada).await, stood("APPLYING", "IDENTITY_CHECK"));
}

#[tokio::test]
async fn a_webhook_without_a_good_signature_is_refused() {
    let bank = Bank::open().await;
    let ada = applied(&bank, "ada@example.com").await;
    let (body, signature) = bank.onfido_webhook_of(bank.run_of(&ada).unwrap(), Verdict::Approved).await;
    let altered = body.replace("approved", "declined");
    for (body, signature, code) in [
        (body.clone(), String::new(), "SIGNATURE_MISSING"),
        (body, "00".repeat(32), "SIGNATURE_MISMATCH"),
        (altered, signature, "SIGNATURE_MISMATCH"),
    ] {
        let (status, answer) = bank.post("/webhooks/onfido", &[("x-sha2-signature", &signature)], body).await;
        assert_eq!((status, answer["error"]["code"].as_str()), (401, Some(code)), "{answer}");
    }
    bank.settle().await;
    assert_eq!(standing(&bank, &ada).await, stood("APPLYING", "IDENTITY_CHECK"));
}
