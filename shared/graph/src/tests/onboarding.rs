//! Applying for an account.

use app::{
    commit::{Actor, Cause},
    views::{ApplicantView, AtVersion},
};
use domain::{
    ids::{ApplicantId, ApplicationId, CustomerId, Fingerprint, ProviderApplicantId, VaultRef, WorkflowRunId},
    onboarding::{
        Moment,
        application::{Application, ApplicationCommand, ApplicationState, IdentityCheckProvider, decide, evolve},
    },
};
use serde_json::{Value, json};
use time::macros::datetime;
use uuid::Uuid;

use super::fakes::{ALICE, BOB, Told, Views, World, only_error};

const FIRST: ApplicationId = ApplicationId::new(Uuid::from_u128(0xA1));

const SUBMIT: &str = "mutation($input: SubmitApplicationInput!) { submitApplication(input: $input) \
    { version application { id status version submittedAt decidedAt steps { name status startedAt endedAt } } } }";

fn ada() -> Value {
    json!({
        "applicationId": FIRST.to_string(),
        "firstName": "Ada", "lastName": "Lovelace", "birthDate": "1990-12-10", "nationality": "GB",
        "address": { "street": "12 St James's Square", "town": "London", "postcode": "SW1Y 4JH", "country": "GB" },
        "document": { "kind": "PASSPORT", "number": "533401372", "issuingCountry": "GB" },
        "bankAccount": { "holder": "Ada Lovelace", "iban": "GB33 BUKB 2020 1555 5555 55" },
    })
}

fn with(path: &str, value: Value) -> Value {
    let mut input = ada();
    *input.pointer_mut(path).expect(path) = value;
    input
}

async fn submit(world: &World, customer: CustomerId, input: Value) -> Told {
    world.ask(Some(customer), SUBMIT, json!({ "input": input })).await
}

fn submitted(told: &Told) -> &Value {
    assert_eq!(told.body.get("errors"), None);
    &told.body["data"]["submitApplication"]
}

async fn refused(input: Value) -> Told {
    submit(&World::usual(), ALICE, input).await
}

#[tokio::test]
async fn an_application_is_answered_as_it_stands() {
    let world = World::usual();
    let told = submit(&world, ALICE, ada()).await;
    let payload = submitted(&told);
    let at = "2026-01-31T09:30:00.000Z";
    assert_eq!(payload["version"], 0);
    let application = &payload["application"];
    assert_eq!(application["status"], "SUBMITTED");
    assert_eq!(application["submittedAt"], at);
    assert_eq!(application["decidedAt"], Value::Null);
    let step = json!({ "name": "SUBMISSION", "status": "DONE", "startedAt": at, "endedAt": at });
    assert_eq!(application["steps"], json!([step]));
    let kinds: Vec<_> = world.store.0.lock().unwrap().iter().map(|it| it.stream.kind().to_owned()).collect();
    assert_eq!(kinds, ["customer", "application"], "whoever applies is a customer");
}

#[tokio::test]
async fn sending_it_again_gives_the_same_answer_and_writes_nothing() {
    let world = World::usual();
    let first = submit(&world, ALICE, ada()).await;
    let again = submit(&world, ALICE, ada()).await;
    assert_eq!(submitted(&first), submitted(&again));
    assert_eq!(world.store.0.lock().unwrap().len(), 2);
}

#[tokio::test]
async fn refusals_have_codes_of_their_own_and_repeat_nothing() {
    for (input, code) in [
        (with("/birthDate", json!("2010-12-10")), "APPLICATION_UNDER_AGE"),
        (with("/address/country", json!("US")), "APPLICATION_COUNTRY_NOT_SUPPORTED"),
        (with("/firstName", json!("Ada <Lovelace>")), "APPLICATION_FIELD_INVALID"),
        (with("/document/number", json!("")), "APPLICATION_FIELD_INVALID"),
        (with("/bankAccount/iban", json!("GB34BUKB20201555555555")), "APPLICATION_IBAN_INVALID"),
        (with("/applicationId", json!("Lovelace")), "BAD_INPUT"),
        (with("/lastName", json!({ "text": "Lovelace" })), "BAD_INPUT"),
        (with("/birthDate", json!(19_901_210)), "BAD_INPUT"),
        (with("/document/kind", json!("LIBRARY_CARD")), "BAD_INPUT"),
    ] {
        let told = refused(input.clone()).await;
        assert_eq!(only_error(&told)["extensions"]["code"], code, "{input}");
        let text = told.body.to_string();
        for personal in ["Lovelace", "533401372", "2010", "1990", "Square", "BUKB"] {
            assert!(!text.contains(personal), "{text}");
        }
    }
}

#[tokio::test]
async fn an_id_names_one_content() {
    let world = World::usual();
    submit(&world, ALICE, ada()).await;
    let other = submit(&world, ALICE, with("/lastName", json!("Byron"))).await;
    assert_eq!(only_error(&other)["extensions"]["code"], "APPLICATION_REUSED");
    let second = submit(&world, ALICE, with("/applicationId", json!(Uuid::from_u128(2)))).await;
    assert_eq!(only_error(&second)["extensions"]["code"], "APPLICATION_OPEN");
}

#[tokio::test]
async fn the_same_id_of_a_stranger_is_another_application() {
    let world = World::usual();
    let (hers, his) = (submit(&world, ALICE, ada()).await, submit(&world, BOB, ada()).await);
    assert_ne!(submitted(&hers)["application"]["id"], submitted(&his)["application"]["id"]);
}

/// Alice's application with a check under way, and what more happened.
fn checked(more: impl IntoIterator<Item = ApplicationCommand>) -> AtVersion<ApplicantView> {
    let application = FIRST;
    let content = VaultRef::of_customer(ALICE, "application").unwrap();
    let applicant = ProviderApplicantId::new(Uuid::from_u128(0x9));
    let run = WorkflowRunId::new(Uuid::from_u128(0x12));
    let begin = [
        ApplicationCommand::Submit { application, content, fingerprint: Fingerprint::of(b"written") },
        ApplicationCommand::RecordApplicant { application, applicant },
        ApplicationCommand::StartRun { application, run, provider: IdentityCheckProvider::Onfido },
    ];
    let at = Moment::of(datetime!(2026-01-31 09:30 UTC));
    let state = begin.into_iter().chain(more).fold(ApplicationState::default(), |state, command| {
        decide(&state, &command, at).unwrap().iter().fold(state, evolve)
    });
    AtVersion { view: ApplicantView::of(ALICE, &state), version: 2 }
}

fn showing(applicant: AtVersion<ApplicantView>) -> World {
    World::of(Views { customers: vec![ALICE, BOB], applicants: vec![applicant], ..Views::default() })
}

const CHECK: &str = "{ viewer { application { id status version identityCheck { provider sdkToken } } } }";

#[tokio::test]
async fn the_app_gets_the_token_of_a_check_that_is_open() {
    let data = showing(checked([])).data(CHECK).await;
    let application = &data["viewer"]["application"];
    assert_eq!((&application["status"], &application["version"]), (&json!("IDENTITY_CHECK"), &json!(2)));
    let check = json!({ "provider": "ONFIDO", "sdkToken": format!("token-of-{FIRST}") });
    assert_eq!(application["identityCheck"], check);
}

#[tokio::test]
async fn there_is_no_token_once_the_check_is_over() {
    let data = showing(checked([ApplicationCommand::Expire { application: FIRST }])).data(CHECK).await;
    let application = &data["viewer"]["application"];
    assert_eq!(application["status"], "EXPIRED");
    assert_eq!(application["identityCheck"], json!({ "provider": "ONFIDO", "sdkToken": null }));
}

#[tokio::test]
async fn before_the_first_application_there_is_none() {
    let data = World::usual().data("{ viewer { application { id } } }").await;
    assert_eq!(data["viewer"]["application"], Value::Null);
}

#[tokio::test]
async fn an_application_is_found_again_by_its_id_and_by_its_owner_only() {
    let world = showing(checked([]));
    let id = world.data(CHECK).await["viewer"]["application"]["id"].clone();
    let query = "query($id: ID!) { node(id: $id) { id ... on Application { status } } }";
    let hers = world.ask(Some(ALICE), query, json!({ "id": id })).await;
    assert_eq!(hers.body["data"]["node"], json!({ "id": id, "status": "IDENTITY_CHECK" }));
    let his = world.ask(Some(BOB), query, json!({ "id": id })).await;
    assert_eq!(his.body, json!({ "data": { "node": null } }));
}

#[tokio::test]
async fn what_was_just_submitted_is_read_from_the_store() {
    let world = World::usual();
    submit(&world, ALICE, ada()).await;
    let query = "{ viewer { application(atLeastVersion: 0) { status version } } }";
    let data = world.data(query).await;
    assert_eq!(data["viewer"]["application"], json!({ "status": "SUBMITTED", "version": 0 }));
    let expire = ApplicationCommand::Expire { application: FIRST };
    let at = Moment::of(datetime!(2026-01-31 09:30 UTC));
    let cause = Cause::by(Actor::System("tests"));
    let stream = ApplicantId(ALICE).into();
    let loaded = world.streams().load::<Application>(stream).await.unwrap();
    let events = decide(&loaded.state, &expire, at).unwrap();
    world.streams().record::<Application>(&loaded.stream, &cause, &events).await.unwrap();
    let data = world.data("{ viewer { application(atLeastVersion: 1) { status version } } }").await;
    assert_eq!(data["viewer"]["application"], json!({ "status": "EXPIRED", "version": 1 }));
}
