//! What is asked here the simulated provider must understand, and what it answers must read here.

use std::{
    convert::Infallible,
    pin::Pin,
    sync::{Arc, Mutex},
};

use app::ports::{PortError, ScreenedPerson, ScreeningProvider};
use bytes::Bytes;
use domain::{
    compliance::screening::{Check, Match, REVIEW_FROM},
    error::{Class, Classify as _},
};
use http::{Request, Response};
use providers::screening::{ConfigError, OpenSanctions};
use secrecy::SecretString;
use serde_json::{Value, json};
use simulators::screening::{Entity, Fault, Screening};
use tower::Service;

const NOW_MS: i64 = 1_795_000_000_000;

type Answer = Pin<Box<dyn Future<Output = Result<Response<Bytes>, Infallible>> + Send>>;

/// The simulator as a service.
fn door(
    partner: &Arc<Screening>,
) -> impl Service<Request<Bytes>, Response = Response<Bytes>, Error = Infallible, Future = Answer> + Clone + Sync + use<>
{
    let partner = Arc::clone(partner);
    tower::service_fn(move |request| {
        let partner = Arc::clone(&partner);
        Box::pin(async move { Ok::<_, Infallible>(partner.handle(request, NOW_MS).await) }) as Answer
    })
}

fn bank(partner: &Arc<Screening>, key: &str) -> impl ScreeningProvider + use<> {
    OpenSanctions::try_new(door(partner), "http://127.0.0.1:4000/sim/screening/", &SecretString::from(key)).unwrap()
}

fn world() -> (Arc<Screening>, impl ScreeningProvider) {
    let partner = Arc::new(Screening::open(None).unwrap());
    let key = partner.api_key().to_owned();
    let bank = bank(&partner, &key);
    (partner, bank)
}

/// Answers everything alike.
fn answering(status: u16, body: impl Into<String>) -> impl ScreeningProvider {
    let body = Bytes::from(body.into());
    let service = tower::service_fn(move |_: Request<Bytes>| {
        let answer = Response::builder().status(status).body(body.clone()).unwrap();
        std::future::ready(Ok::<_, Infallible>(answer))
    });
    OpenSanctions::try_new(service, "https://api.opensanctions.org", &SecretString::from("k")).unwrap()
}

fn person(first_name: &str, last_name: &str, birth_date: &str, nationality: &str) -> ScreenedPerson {
    let secret = |text: &str| SecretString::from(text);
    ScreenedPerson {
        first_name: secret(first_name),
        last_name: secret(last_name),
        birth_date: secret(birth_date),
        nationality: secret(nationality),
    }
}

fn ottokar() -> ScreenedPerson {
    person("Ottokar", "Quenzel", "1980-02-03", "AT")
}

fn list(partner: &Screening, id: &str, topics: &[&str]) {
    let listed: Entity = serde_json::from_value(json!({
        "id": id, "names": ["Ottokar Quenzel"], "birthDates": ["1980-02-03"], "countries": ["at"],
        "topics": topics, "datasets": ["eu_fsf", "us_ofac_sdn"],
    }))
    .unwrap();
    partner.add(listed).unwrap();
}

fn ids(matches: &[Match]) -> Vec<&str> {
    matches.iter().map(|it| it.entity.as_str()).collect()
}

/// The answer of a provider that found this.
fn found(results: &Value) -> String {
    json!({"responses": {"person": {"status": 200, "results": results, "total": {"value": 1, "relation": "eq"},
        "query": {"schema": "Person", "properties": {}}}}, "limit": 10})
    .to_string()
}

async fn read(body: String) -> Result<Vec<Match>, PortError> {
    answering(200, body).look_up(Check::Sanctions, &ottokar()).await
}

#[tokio::test]
async fn each_check_finds_those_of_its_own_topics() {
    let (partner, bank) = world();
    for (id, topics) in [
        ("sanctioned", &["sanction"][..]),
        ("linked", &["sanction.linked"]),
        ("pep", &["role.pep"]),
        ("former", &["role.pep.frmr"]),
        ("relative", &["role.rca"]),
        ("fraudster", &["crime.fraud"]),
        ("wanted", &["wanted"]),
        ("criminal", &["crime"]),
        ("spy", &["role.spy"]),
    ] {
        list(&partner, id, topics);
    }
    for (check, expected) in [
        (Check::Sanctions, vec!["sanctioned"]),
        (Check::Pep, vec!["former", "pep", "relative"]),
        (Check::Fraud, vec!["criminal", "fraudster", "wanted"]),
    ] {
        let matches = bank.look_up(check, &ottokar()).await.unwrap();
        assert_eq!(ids(&matches), expected, "{check:?}");
        assert!(matches.iter().all(|it| it.score == 100));
        let lists: Vec<_> = matches[0].lists.iter().map(ToString::to_string).collect();
        assert_eq!(lists, ["eu_fsf", "us_ofac_sdn"]);
    }
    assert_eq!(partner.calls().len(), Check::ALL.len(), "one call a check");
}

#[tokio::test]
async fn whoever_is_like_nobody_is_clear() {
    let (_, bank) = world();
    for check in Check::ALL {
        assert_eq!(bank.look_up(check, &person("Ada", "Byron", "1990-12-10", "GB")).await, Ok(vec![]));
    }
}

#[tokio::test]
async fn scores_are_whole_percent_and_low_ones_are_not_asked_for() {
    let (partner, bank) = world();
    list(&partner, "NK-1", &["sanction"]);
    for (birth_date, country, score) in [
        ("1980-02-03", "AT", Some(100)),
        ("1980-02-03", "DE", Some(80)),
        ("1980-02-04", "AT", Some(75)),
        ("1999-02-03", "DE", Some(REVIEW_FROM)),
    ] {
        let matches = bank.look_up(Check::Sanctions, &person("Ottokar", "Quenzel", birth_date, country)).await.unwrap();
        assert_eq!(matches.first().map(|it| it.score), score, "{birth_date} {country}");
    }
    let unlike = person("Otto", "Quenz", "1999-02-03", "DE");
    assert_eq!(bank.look_up(Check::Sanctions, &unlike).await, Ok(vec![]));
}

#[tokio::test]
async fn who_is_asked_about_stands_in_the_body_only() {
    let seen: Arc<Mutex<Vec<(String, Value)>>> = Arc::default();
    let requests = Arc::clone(&seen);
    let service = tower::service_fn(move |request: Request<Bytes>| {
        let (uri, body) = (request.uri().to_string(), serde_json::from_slice(request.body()).unwrap());
        requests.lock().unwrap().push((uri, body));
        std::future::ready(Ok::<_, Infallible>(Response::new(Bytes::from(found(&json!([]))))))
    });
    let bank = OpenSanctions::try_new(service, "https://api.opensanctions.org/", &SecretString::from("k")).unwrap();
    bank.look_up(Check::Sanctions, &person("Élodie", "O'Hara-Żak", "1990-01-31", "FR")).await.unwrap();
    let (uri, body) = seen.lock().unwrap().remove(0);
    assert_eq!(
        uri,
        "https://api.opensanctions.org/match/default?algorithm=logic-v2&limit=10&threshold=0.39&topics=sanction"
    );
    let properties = json!({
        "name": ["Élodie O'Hara-Żak"], "firstName": ["Élodie"], "lastName": ["O'Hara-Żak"],
        "birthDate": ["1990-01-31"], "nationality": ["FR"],
    });
    assert_eq!(body, json!({"queries": {"person": {"schema": "Person", "properties": properties}}}));
    assert!(!format!("{bank:?} {:?}", ottokar()).contains("Quenzel"));
}

#[tokio::test]
async fn a_score_is_read_from_its_text() {
    for (score, percent) in [("0.8571428571428571", 85), ("1.0", 100), ("1", 100), ("0.979999", 97), ("4e-1", 40)] {
        let result = format!(r#"{{"id":"Q1","caption":"—","datasets":["eu_fsf"],"score":{score},"match":true}}"#);
        let body = found(&json!(["RESULT"])).replace("\"RESULT\"", &result);
        assert_eq!(read(body).await.unwrap()[0].score, percent, "{score}");
    }
}

#[tokio::test]
async fn an_answer_that_is_not_understood_is_never_nobody() {
    let good = json!({"id": "Q1", "datasets": ["eu_fsf"], "score": 0.9});
    let with = |name: &str, value: Value| {
        let mut wrong = good.clone();
        wrong[name] = value;
        found(&json!([good, wrong]))
    };
    for body in [
        String::new(),
        "{}".to_owned(),
        "[]".to_owned(),
        json!({"responses": {}}).to_string(),
        json!({"responses": {"somebody": {"status": 200, "results": []}}}).to_string(),
        json!({"responses": {"person": {"status": 200}}}).to_string(),
        with("score", json!(1.5)),
        with("score", json!(-0.1)),
        with("score", json!("0.9")),
        with("score", Value::Null),
        with("id", json!("Somebody Named")),
        with("id", json!("a".repeat(129))),
        with("datasets", json!(["a list"])),
        with("datasets", Value::Null),
    ] {
        let error = read(body.clone()).await.unwrap_err();
        assert!(matches!(error, PortError::Corrupt { .. }), "{body}: {error:?}");
    }
    let partly = json!({"responses": {"person": {"status": 503, "results": []}}}).to_string();
    assert_eq!(read(partly).await.unwrap_err().class(), Class::Transient);
}

#[tokio::test]
async fn what_is_no_answer_is_told_apart_and_repeats_nothing_of_it() {
    let body = r#"{"detail":"Cannot parse example entity: Ottokar Quenzel"}"#;
    for (status, class) in [
        (400, Class::Rejected),
        (404, Class::Rejected),
        (422, Class::Rejected),
        (401, Class::Transient),
        (402, Class::Transient),
        (403, Class::Transient),
        (408, Class::Transient),
        (429, Class::Throttled),
        (500, Class::Transient),
        (503, Class::Transient),
        (504, Class::Transient),
        (302, Class::Transient),
    ] {
        let error = answering(status, body).look_up(Check::Pep, &ottokar()).await.unwrap_err();
        assert_eq!(error.class(), class, "{status}");
        assert!(!format!("{error:?}").contains("Quenzel"), "{error:?}");
    }
}

#[tokio::test]
async fn the_simulators_faults_arrive_as_what_they_are() {
    let (partner, bank) = world();
    partner.fail_next(1, Fault::Status(503));
    partner.fail_next(1, Fault::AnswerLost);
    for class in [Class::Transient, Class::Transient] {
        assert_eq!(bank.look_up(Check::Fraud, &ottokar()).await.unwrap_err().class(), class);
    }
    partner.throttle_until(NOW_MS + 1);
    assert_eq!(bank.look_up(Check::Fraud, &ottokar()).await.unwrap_err().class(), Class::Throttled);
    partner.throttle_until(NOW_MS);
    assert_eq!(bank.look_up(Check::Fraud, &ottokar()).await, Ok(vec![]));
    let stranger = self::bank(&partner, "another key").look_up(Check::Fraud, &ottokar()).await.unwrap_err();
    assert_eq!(stranger.class(), Class::Transient, "a wrong key is ours to mend");
}

#[test]
fn settings_that_cannot_work_are_refused_at_the_start() {
    let service =
        tower::service_fn(|_: Request<Bytes>| std::future::ready(Ok::<_, Infallible>(Response::<Bytes>::default())));
    let open = |url: &str, key: &str| OpenSanctions::try_new(service, url, &SecretString::from(key)).map(|_| ());
    assert_eq!(open("https://api.opensanctions.org", "key"), Ok(()));
    for url in ["", "api.opensanctions.org", "ftp://api.opensanctions.org", "https://api.opensanctions.org/?a=b"] {
        assert_eq!(open(url, "key"), Err(ConfigError::Url), "{url}");
    }
    for key in ["", "  ", "two\nlines"] {
        assert_eq!(open("https://api.opensanctions.org", key), Err(ConfigError::Key), "{key}");
    }
}
