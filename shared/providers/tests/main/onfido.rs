//! What the simulated provider signs must verify and parse here, and what is asked here it must understand.

use std::{convert::Infallible, pin::Pin, sync::Arc};

use app::ports::{Applicant, IdentityProvider as _, IdentityStanding, PortError};
use bytes::Bytes;
use domain::{
    error::{Class, Classify as _},
    ids::CustomerId,
};
use http::{Request, Response};
use proptest::prelude::*;
use providers::onfido::{
    ConfigError, Event, Onfido, RunNews, SignatureError, TokenError, Webhook, WebhookError, WebhookTokens,
    application_tag,
};
use secrecy::{ExposeSecret as _, SecretString};
use simulators::{
    delivery::{Deliver, NoAnswer},
    onfido::{self as partner, Endpoint, Fault, Verdict},
};
use tower::Service;
use uuid::{Uuid, uuid};

const COMPLETED: &str = include_str!("../../../../events/samples/providers/onfido-workflow-run-completed.json");
const APPLICATION: Uuid = uuid!("4c1f0a77-9d52-4e6b-a3f8-0b6d5e2c7a19");
const CUSTOMER: Uuid = uuid!("e0a4b8d2-3f71-4c96-9a5d-6c2b1f8e7043");
const NOW_MS: i64 = 1_795_000_000_000;

fn tokens(text: &str) -> Result<WebhookTokens, TokenError> {
    WebhookTokens::from_text(&SecretString::from(text))
}

fn news(body: &str) -> RunNews {
    match Webhook::parse(body.as_bytes()).unwrap().event {
        Event::Run(news) => news,
        other => panic!("{other:?}"),
    }
}

fn refused(body: &str) -> WebhookError {
    Webhook::parse(body.as_bytes()).unwrap_err()
}

/// Keeps what it was sent.
#[derive(Default)]
struct Mailbox(std::sync::Mutex<Vec<Request<Bytes>>>);

#[async_trait::async_trait]
impl Deliver for Mailbox {
    async fn post(&self, request: Request<Bytes>) -> Result<Response<Bytes>, NoAnswer> {
        self.0.lock().unwrap().push(request);
        Ok(Response::new(Bytes::new()))
    }
}

fn mailbox() -> (Arc<Mailbox>, Endpoint) {
    let mailbox = Arc::new(Mailbox::default());
    (mailbox.clone(), Endpoint { path: "/webhooks/onfido".to_owned(), deliver: mailbox })
}

type Answer = Pin<Box<dyn Future<Output = Result<Response<Bytes>, Infallible>> + Send>>;

/// The simulator as a service.
fn door(
    partner: &Arc<partner::Onfido>,
) -> impl Service<Request<Bytes>, Response = Response<Bytes>, Error = Infallible, Future = Answer> + Clone + Sync + use<>
{
    let partner = Arc::clone(partner);
    tower::service_fn(move |request| {
        let partner = Arc::clone(&partner);
        Box::pin(async move { Ok::<_, Infallible>(partner.handle(request, NOW_MS).await) }) as Answer
    })
}

fn bank(partner: &Arc<partner::Onfido>, token: &str) -> impl app::ports::IdentityProvider + use<> {
    let url = "http://127.0.0.1:4000/sim/onfido/v3.6/";
    Onfido::try_new(door(partner), url, SecretString::from(token), partner.workflow_id()).unwrap()
}

fn world() -> (Arc<partner::Onfido>, impl app::ports::IdentityProvider) {
    let partner = Arc::new(partner::Onfido::open(None).unwrap());
    let token = partner.api_token().to_owned();
    let bank = bank(&partner, &token);
    (partner, bank)
}

/// Answers everything alike.
fn answering(status: u16, body: &'static str) -> impl app::ports::IdentityProvider {
    let service = tower::service_fn(move |_: Request<Bytes>| {
        let answer = Response::builder().status(status).body(Bytes::from_static(body.as_bytes())).unwrap();
        std::future::ready(Ok::<_, Infallible>(answer))
    });
    Onfido::try_new(service, "https://api.eu.onfido.com/v3.6", SecretString::from("t"), Uuid::nil()).unwrap()
}

fn ada() -> Applicant {
    Applicant {
        first_name: "Ada".into(),
        last_name: "Example".into(),
        birth_date: "1990-01-31".into(),
        street: "1 Example Street".into(),
        town: "London".into(),
        postcode: "SW4 6EH".into(),
        country: "GBR".to_owned(),
    }
}

#[test]
fn the_documented_signature_verifies_and_any_altered_byte_breaks_it() {
    let (body, signature) = (br#"{"payload":{}}"#, "82bbe8cfeab629389822f4a3f79c157ad02e8e38e01cdefe9239d2ddec0dee88");
    let tokens = tokens("tok").unwrap();
    assert_eq!(tokens.verify(body, signature), Ok(()));
    for at in 0..body.len() {
        let mut altered = *body;
        altered[at] ^= 1;
        assert_eq!(tokens.verify(&altered, signature), Err(SignatureError::Mismatch), "byte {at}");
    }
}

#[test]
fn a_missing_garbled_or_foreign_signature_is_refused() {
    let body = COMPLETED.as_bytes();
    let partner = partner::Onfido::open(None).unwrap();
    let tokens = tokens(partner.webhook_token()).unwrap();
    let right = partner.sign(body);
    assert_eq!(tokens.verify(body, &right), Ok(()));
    for (header, error) in [
        ("", SignatureError::Missing),
        ("  ", SignatureError::Missing),
        ("not hexadecimal", SignatureError::NotHex),
        (&right[1..], SignatureError::NotHex),
        (&right[2..], SignatureError::Mismatch),
        (&format!("{right}00"), SignatureError::Mismatch),
        (&partner::Onfido::open(None).unwrap().sign(body), SignatureError::Mismatch),
    ] {
        assert_eq!(tokens.verify(body, header), Err(error), "{header}");
    }
    assert_eq!(SignatureError::NotHex.code(), "SIGNATURE_MALFORMED");
}

#[test]
fn while_tokens_rotate_either_of_them_counts() {
    let (old, new) = (partner::Onfido::open(None).unwrap(), partner::Onfido::open(None).unwrap());
    for apart in [",", ", ", " ", "\n"] {
        let both = tokens(&format!("{}{apart}{}", old.webhook_token(), new.webhook_token())).unwrap();
        both.verify(b"x", &old.sign(b"x")).unwrap();
        both.verify(b"x", &new.sign(b"x")).unwrap();
        assert_eq!(format!("{both:?}"), "WebhookTokens(2)");
    }
    assert_eq!(tokens(" , ").unwrap_err(), TokenError::NoToken);
    assert_eq!(tokens(&"x,".repeat(9)).unwrap_err(), TokenError::TooMany);
}

#[test]
fn the_documented_sample_parses() {
    let news = news(COMPLETED);
    assert_eq!(news.run, uuid!("9f2d7c14-6b3e-4a58-8c01-5d7e9b2a4f63"));
    assert_eq!(news.applicant, Some(uuid!("1b8e6f35-2c94-4d7a-b1e0-83f6a5c7d921")));
    assert_eq!(news.standing, IdentityStanding::Approved);
    assert_eq!(news.customer_user_id, Some(CUSTOMER.to_string()));
    assert_eq!(news.completed_at.unwrap().unix_timestamp(), 1_795_256_130);
}

#[test]
fn an_older_payload_without_the_resource_parses() {
    let body = r#"{"payload":{"resource_type":"workflow_run","action":"workflow_run.completed","object":
        {"id":"9f2d7c14-6b3e-4a58-8c01-5d7e9b2a4f63","status":"declined","href":"x"}}}"#;
    let news = news(body);
    assert_eq!((news.standing, news.applicant), (IdentityStanding::Declined, None));
}

#[test]
fn every_documented_status_is_understood_and_no_other() {
    for (status, standing) in [
        ("processing", IdentityStanding::Open),
        ("awaiting_input", IdentityStanding::Open),
        ("awaiting_client_input", IdentityStanding::Open),
        ("approved", IdentityStanding::Approved),
        ("declined", IdentityStanding::Declined),
        ("review", IdentityStanding::InReview),
        ("abandoned", IdentityStanding::Abandoned),
        ("error", IdentityStanding::Failed),
    ] {
        assert_eq!(news(&COMPLETED.replace("\"approved\"", &format!("\"{status}\""))).standing, standing);
    }
    let unknown = refused(&COMPLETED.replace("\"approved\"", "\"Approved\""));
    assert_eq!((unknown.code(), unknown.class()), ("UNKNOWN_STATUS", Class::Invalid));
}

#[test]
fn a_kind_that_is_not_about_a_run_is_let_be() {
    let other = |kind: &str, action: &str| {
        let body = format!(r#"{{"payload":{{"resource_type":"{kind}","action":"{action}","object":{{"id":"p_1"}}}}}}"#);
        Webhook::parse(body.as_bytes()).map(|webhook| webhook.event)
    };
    for (kind, action) in [
        ("workflow_task", "workflow_task.completed"),
        ("check", "check.completed"),
        ("workflow_run_evidence_folder", "workflow_run_evidence_folder.created"),
    ] {
        assert!(matches!(other(kind, action), Ok(Event::Unneeded { .. })), "{action}");
    }
    assert!(matches!(other("novelty", "novelty.seen"), Ok(Event::Unknown { action }) if action == "novelty.seen"));
    // Another action of a run is news of that run all the same.
    let started = COMPLETED.replace("workflow_run.completed", "workflow_run.started").replace("approved", "processing");
    assert_eq!(news(&started).standing, IdentityStanding::Open);
    for (kind, action) in [("workflow_task", "workflow_run.completed"), ("workflow_run", "check.completed")] {
        assert_eq!(other(kind, action).unwrap_err(), WebhookError::Malformed { part: "resource_type" });
    }
}

#[test]
fn what_is_not_the_documented_shape_or_contradicts_itself_is_malformed() {
    let twice = COMPLETED.replacen("\"action\"", "\"action\": \"check.completed\", \"action\"", 1);
    let statuses = COMPLETED.replacen("\"approved\"", "\"declined\"", 1);
    let ids = COMPLETED.replacen("9f2d7c14-6b3e", "8f2d7c14-6b3e", 1);
    for body in [
        "",
        "null",
        "[]",
        "{}",
        "\u{feff}{}",
        r#"{"payload":{}}"#,
        &twice,
        &statuses,
        &ids,
        &COMPLETED.replace("\"action\"", "\"event\""),
        &COMPLETED.replace("workflow_run.completed", ""),
        &COMPLETED.replace("workflow_run.completed", &"x".repeat(101)),
        &COMPLETED.replace("\"object\"", "\"subject\""),
        &COMPLETED.replace("9f2d7c14-6b3e-4a58-8c01-5d7e9b2a4f63", "17"),
        &COMPLETED.replace("2026-11-21T10:15:30Z", "yesterday"),
        &COMPLETED.replace("\"status\"", "\"state\""),
    ] {
        assert_eq!(refused(body).code(), "MALFORMED", "{body}");
    }
    let deep = format!("{{\"payload\":{}}}", "[".repeat(200_000));
    assert_eq!(refused(&deep).code(), "MALFORMED");
}

#[test]
fn nothing_personal_is_ever_printed() {
    let printed = format!("{:?}", Webhook::parse(COMPLETED.as_bytes()).unwrap());
    let error = refused(&COMPLETED.replace("\"approved\"", "\"Ada Example\""));
    let printed = format!("{printed} {error} {error:?} {:?}", ada());
    for personal in ["Ada", "Example", "1990", "SW4"] {
        assert!(!printed.contains(personal), "{personal} in {printed}");
    }
}

#[tokio::test]
async fn what_the_provider_sends_verifies_and_parses() {
    let (partner, bank) = world();
    let (mailbox, endpoint) = mailbox();
    let applicant = bank.create_applicant(&ada()).await.unwrap();
    let run = bank.start_run(applicant, CustomerId::new(CUSTOMER), APPLICATION).await.unwrap();
    partner.complete(run.id, Verdict::Review, NOW_MS, &endpoint).await.unwrap();

    let sent = mailbox.0.lock().unwrap().pop().unwrap();
    let signature = sent.headers()[providers::onfido::SIGNATURE_HEADER].to_str().unwrap();
    tokens(partner.webhook_token()).unwrap().verify(sent.body(), signature).unwrap();
    let news = news(std::str::from_utf8(sent.body()).unwrap());
    assert_eq!((news.run, news.applicant, news.standing), (run.id, Some(applicant), IdentityStanding::InReview));
    assert_eq!(news.customer_user_id, Some(CUSTOMER.to_string()));
}

#[tokio::test]
async fn a_run_is_started_found_again_read_and_closed() {
    let (partner, bank) = world();
    let (_, endpoint) = mailbox();
    assert!(bank.find_run(CustomerId::new(CUSTOMER), APPLICATION).await.unwrap().is_none());
    let applicant = bank.create_applicant(&ada()).await.unwrap();
    let run = bank.start_run(applicant, CustomerId::new(CUSTOMER), APPLICATION).await.unwrap();
    assert_eq!((run.applicant, run.standing), (applicant, IdentityStanding::Open));
    let token = run.sdk_token.unwrap();
    let kept = &partner.runs()[0];
    assert_eq!(kept.sdk_token.as_deref(), Some(token.expose_secret()));
    assert_eq!(kept.tags, [application_tag(CustomerId::new(CUSTOMER), APPLICATION)]);
    assert_eq!(kept.customer_user_id, Some(CUSTOMER.to_string()));

    assert_eq!(bank.find_run(CustomerId::new(CUSTOMER), APPLICATION).await.unwrap().unwrap().id, run.id);
    assert!(bank.find_run(CustomerId::new(CUSTOMER), CUSTOMER).await.unwrap().is_none());
    // Another customer's application of the same id is another application.
    assert!(bank.find_run(CustomerId::new(APPLICATION), APPLICATION).await.unwrap().is_none());
    partner.complete(run.id, Verdict::Declined, NOW_MS, &endpoint).await.unwrap();
    let read = bank.run(run.id).await.unwrap();
    assert_eq!((read.standing, read.sdk_token.is_none()), (IdentityStanding::Declined, true));
    for _ in 0..2 {
        bank.delete_applicant(applicant).await.unwrap(); // The second time it is gone already, which is success.
    }
    assert_eq!(partner.applicant_count(), 0);
    assert!(matches!(bank.run(Uuid::nil()).await, Err(PortError::Missing { .. })));
}

#[tokio::test]
async fn a_run_whose_answer_was_lost_is_found_by_its_tag() {
    let (partner, bank) = world();
    let applicant = bank.create_applicant(&ada()).await.unwrap();
    partner.fail_next(1, Fault::AnswerLost);
    let lost = bank.start_run(applicant, CustomerId::new(CUSTOMER), APPLICATION).await.unwrap_err();
    assert_eq!(lost.class(), Class::Transient);
    assert_eq!(bank.find_run(CustomerId::new(CUSTOMER), APPLICATION).await.unwrap().unwrap().id, partner.runs()[0].id);
    // A second one that was started all the same: everybody still finds the first.
    bank.start_run(applicant, CustomerId::new(CUSTOMER), APPLICATION).await.unwrap();
    let found = bank.find_run(CustomerId::new(CUSTOMER), APPLICATION).await.unwrap().unwrap().id;
    for _ in 0..3 {
        assert_eq!(bank.find_run(CustomerId::new(CUSTOMER), APPLICATION).await.unwrap().unwrap().id, found);
    }
}

#[tokio::test]
async fn a_refusal_names_the_fields_and_never_their_values() {
    let (_, bank) = world();
    let nowhere = Applicant { country: "XXX".to_owned(), birth_date: "1990-02-30".into(), ..ada() };
    let error = bank.create_applicant(&nowhere).await.unwrap_err();
    assert_eq!((error.class(), error.code()), (Class::Rejected, "PORT_REFUSED"));
    let PortError::Refused { reason, .. } = &error else { panic!("{error:?}") };
    assert_eq!(reason.to_string(), "422 validation_error: address.country, dob");
    let personal =
        r#"{"error":{"type":"Ada Example","message":"Ada","fields":{"Ada Example":["Ada"],"dob":["1990"]}}}"#;
    let error = answering(400, personal).create_applicant(&ada()).await.unwrap_err();
    let PortError::Refused { reason, .. } = &error else { panic!("{error:?}") };
    assert_eq!(reason.to_string(), "400: dob");
}

#[tokio::test]
async fn every_status_means_what_it_means() {
    let missing = |error: &PortError| matches!(error, PortError::Missing { .. });
    for (status, class) in [
        (302, Class::Transient),
        (400, Class::Rejected),
        (401, Class::Transient),
        (403, Class::Transient),
        (404, Class::Invalid),
        (408, Class::Transient),
        (410, Class::Invalid),
        (422, Class::Rejected),
        (429, Class::Throttled),
        (500, Class::Transient),
        (503, Class::Transient),
        (504, Class::Transient),
    ] {
        let bank = answering(status, "<html>");
        let error = bank.run(Uuid::nil()).await.unwrap_err();
        assert_eq!(error.class(), class, "{status}");
        assert_eq!(bank.delete_applicant(Uuid::nil()).await.is_ok(), missing(&error), "{status}");
    }
}

#[tokio::test]
async fn an_answer_that_is_not_the_documented_one_is_never_guessed_at() {
    let run = r#"{"id":"9f2d7c14-6b3e-4a58-8c01-5d7e9b2a4f63","applicant_id":"1b8e6f35-2c94-4d7a-b1e0-83f6a5c7d921","status":"fine"}"#;
    for body in ["", "{}", "[]", run] {
        assert!(matches!(answering(200, body).run(Uuid::nil()).await, Err(PortError::Corrupt { .. })), "{body}");
    }
    // Another run than the one that was asked for, and a list that was not narrowed down to the tag.
    let other = r#"{"id":"9f2d7c14-6b3e-4a58-8c01-5d7e9b2a4f63","applicant_id":"1b8e6f35-2c94-4d7a-b1e0-83f6a5c7d921","status":"approved","tags":null}"#;
    assert!(matches!(answering(200, other).run(Uuid::nil()).await, Err(PortError::Corrupt { .. })));
    let list: &'static str = Box::leak(format!("[{other}]").into_boxed_str());
    assert!(matches!(
        answering(200, list).find_run(CustomerId::new(CUSTOMER), APPLICATION).await,
        Err(PortError::Corrupt { .. })
    ));
}

#[tokio::test]
async fn who_cannot_be_reached_is_unavailable() {
    let gone = tower::service_fn(|_: Request<Bytes>| std::future::ready(Err::<Response<Bytes>, _>("nobody is there")));
    let bank = Onfido::try_new(gone, "https://api.eu.onfido.com/v3.6", "t".into(), Uuid::nil()).unwrap();
    assert_eq!(bank.run(Uuid::nil()).await.unwrap_err().class(), Class::Transient);
}

#[tokio::test]
async fn a_wrong_token_lets_the_work_wait_and_is_never_printed() {
    let (partner, _) = world();
    let error = bank(&partner, "secret-token").create_applicant(&ada()).await.unwrap_err();
    assert_eq!(error.class(), Class::Transient);
    assert_eq!(partner.applicant_count(), 0);
    let client = Onfido::try_new((), "https://x.example/v3.6", "secret-token".into(), Uuid::nil()).unwrap();
    assert_eq!(format!("{client:?}"), r#"Onfido { api_url: "https://x.example/v3.6", .. }"#);
    for (url, token, error) in [
        ("api.eu.onfido.com/v3.6", "t", ConfigError::Url),
        ("ftp://api.eu.onfido.com", "t", ConfigError::Url),
        ("https://api.eu.onfido.com/v3.6?x=1", "t", ConfigError::Url),
        ("", "t", ConfigError::Url),
        ("https://x.example", " ", ConfigError::Token),
        ("https://x.example", "a\nb", ConfigError::Token),
    ] {
        assert_eq!(Onfido::try_new((), url, token.into(), Uuid::nil()).unwrap_err(), error, "{url}");
    }
}

proptest! {
    #[test]
    fn no_bytes_make_the_reader_panic(body in proptest::collection::vec(any::<u8>(), 0..200)) {
        prop_assert!(Webhook::parse(&body).is_err());
    }
}
