use serde_json::Value;

use super::*;
use crate::screening::ScreeningError;

const NOW_MS: i64 = 1_795_000_000_000;
const DEFAULT: &str = "/sim/screening/match/default?threshold=0.39";

fn request(screening: &Screening, uri: &str, body: &str) -> Request<Bytes> {
    Request::post(uri)
        .header(AUTHORIZATION, format!("ApiKey {}", screening.api_key()))
        .header(CONTENT_TYPE, "application/json")
        .body(Bytes::from(body.to_owned()))
        .unwrap()
}

async fn ask(screening: &Screening, uri: &str, body: &str) -> (u16, Value) {
    let answer = screening.handle(request(screening, uri, body), NOW_MS).await;
    (answer.status().as_u16(), serde_json::from_slice(answer.body()).unwrap_or_default())
}

fn person(name: &str, birth_date: &str, nationality: &str) -> String {
    let properties = json!({"name": [name], "birthDate": [birth_date], "nationality": [nationality]});
    json!({"queries": {"q": {"schema": "Person", "properties": properties}}}).to_string()
}

/// Who is found, and how likely it is them.
async fn found(screening: &Screening, uri: &str, body: &str) -> Vec<(String, String)> {
    let (status, answer) = ask(screening, uri, body).await;
    assert_eq!(status, 200, "{answer}");
    let results = answer["responses"]["q"]["results"].as_array().unwrap();
    results.iter().map(|it| (it["id"].as_str().unwrap().to_owned(), it["score"].to_string())).collect()
}

fn somebody() -> Entity {
    serde_json::from_value(json!({
        "id": "NK-added", "names": ["Ottokar Quenzel", "Оттокар Квенцель"], "birthDates": ["1980-02-03"],
        "countries": ["AT"], "topics": ["sanction"], "datasets": ["eu_fsf"],
    }))
    .unwrap()
}

#[tokio::test]
async fn a_listed_person_is_found_in_the_documented_shape() {
    let screening = Screening::open(None).unwrap();
    screening.add(somebody()).unwrap();
    let (status, answer) = ask(&screening, DEFAULT, &person("QUENZEL Ottokar", "1980-02-03", "at")).await;
    assert_eq!((status, &answer["limit"]), (200, &json!(5)));
    let matches = &answer["responses"]["q"];
    assert_eq!((&matches["status"], &matches["total"]), (&json!(200), &json!({"value": 1, "relation": "eq"})));
    assert_eq!(matches["query"]["properties"]["name"], json!(["QUENZEL Ottokar"]));
    let found = &matches["results"][0];
    assert_eq!((&found["id"], &found["caption"]), (&json!("NK-added"), &json!("Ottokar Quenzel")));
    assert_eq!((found["score"].to_string(), &found["match"]), ("1.0".to_owned(), &json!(true)));
    assert_eq!((&found["datasets"], &found["schema"]), (&json!(["eu_fsf"]), &json!("Person")));
    assert_eq!(found["properties"]["nationality"], json!(["at"]));
}

#[tokio::test]
async fn slips_other_scripts_and_contradictions_show_in_the_score() {
    let screening = Screening::open(None).unwrap();
    screening.add(somebody()).unwrap();
    for (name, birth_date, country, score) in [
        ("Оттокар Квенцель", "1980-02-03", "at", "1.0"),
        ("Otokar Quenzel", "1980-02-03", "at", "0.9311"),
        ("Ottokar Quenzel", "1980-02-04", "at", "0.75"),
        ("Ottokar Quenzel", "1999-02-03", "de", "0.4"),
    ] {
        let shown = found(&screening, DEFAULT, &person(name, birth_date, country)).await;
        assert_eq!(shown, [("NK-added".to_owned(), score.to_owned())], "{name} {birth_date} {country}");
    }
    assert_eq!(found(&screening, DEFAULT, &person("Ottilie Jansen", "1980-02-03", "at")).await, []);
}

#[tokio::test]
async fn results_are_narrowed_down_by_topics_dataset_threshold_and_limit() {
    let screening = Screening::open(None).unwrap();
    for (id, name, topic, dataset) in [
        ("a", "Ottokar Quenzel", "role.pep", "wd_peps"),
        ("b", "Ottokar Quenzels", "crime.fraud", "gb_list"),
        ("c", "Ottokar Quenzelman", "sanction", "eu_fsf"),
    ] {
        let (names, datasets) = (vec![name.to_owned()], vec![dataset.to_owned()]);
        screening
            .add(Entity { id: id.to_owned(), names, topics: vec![topic.to_owned()], datasets, ..somebody() })
            .unwrap();
    }
    for (uri, expected) in [
        ("/match/default?threshold=0.39", vec!["a", "b", "c"]),
        ("/match/default", vec!["a", "b", "c"]),
        ("/match/default?threshold=0.9", vec!["a", "b", "c"]), // Less than a match, and still above the cutoff.
        ("/match/default?threshold=0.9&cutoff=0.9", vec!["a", "b"]),
        ("/match/default?threshold=1&cutoff=1", vec![]), // What is exactly there is left out.
        ("/match/default?limit=2", vec!["a", "b"]),
        ("/match/default?topics=sanction", vec!["c"]),
        ("/match/default?topics=role.pep&topics=role.rca", vec!["a"]),
        ("/match/default?topics=crime", vec![]), // A topic does not stand for those below it.
        ("/match/default?topics=crime&topics=crime.fraud&algorithm=logic-v2", vec!["b"]),
        ("/match/sanctions", vec!["c"]),
        ("/match/peps", vec!["a"]),
        ("/match/crime", vec!["b"]),
        ("/match/gb_list", vec!["b"]),
    ] {
        let shown = found(&screening, uri, &person("Ottokar Quenzel", "1980-02-03", "at")).await;
        let ids: Vec<_> = shown.iter().map(|(id, _)| id.as_str()).collect();
        assert_eq!(ids, expected, "{uri}");
    }
}

#[tokio::test]
async fn a_name_in_parts_is_put_together_and_what_is_no_person_is_nobody() {
    let screening = Screening::open(None).unwrap();
    screening.add(somebody()).unwrap();
    let query = |schema: &str, properties: Value| {
        json!({"queries": {"q": {"schema": schema, "properties": properties}}}).to_string()
    };
    let parts = json!({"firstName": "Ottokar", "lastName": ["Quenzel"]});
    assert_eq!(found(&screening, DEFAULT, &query("Person", parts.clone())).await.len(), 1);
    assert_eq!(found(&screening, DEFAULT, &query("Company", parts)).await, []);
    assert_eq!(found(&screening, DEFAULT, &query("Person", json!({"birthDate": ["1980-02-03"]}))).await, []);
}

#[tokio::test]
async fn a_call_that_is_not_documented_is_refused() {
    let screening = Screening::open(None).unwrap();
    let good = person("Ottokar Quenzel", "1980-02-03", "at");
    for (uri, body, status) in [
        ("/match/nowhere", good.as_str(), 404),
        ("/search/default", &good, 404),
        ("/match/default?algorithm=magic", &good, 400),
        ("/match/default?limit=501", &good, 422),
        ("/match/default?threshold=2", &good, 422),
        ("/match/default?threshold=high", &good, 422),
        ("/match/default?changed_since=2026-01-01", &good, 501),
        ("/match/default", "{", 422),
        ("/match/default", "{}", 422),
        ("/match/default", r#"{"queries":{}}"#, 400),
        ("/match/default", r#"{"queries":{"q":{"properties":{}}}}"#, 422),
        ("/match/default", r#"{"queries":{"q":{"schema":"Person"}}}"#, 422),
        ("/match/default", r#"{"queries":{"q":{"schema":"Person","properties":{"name":1}}}}"#, 422),
        ("/match/default", r#"{"queries":{"q":{"schema":"Banana","properties":{}}}}"#, 400),
    ] {
        let (answered, answer) = ask(&screening, uri, body).await;
        assert_eq!(answered, status, "{uri} {body}");
        assert!(!answer["detail"].is_null(), "{uri} {body}");
    }
    let mut request = request(&screening, DEFAULT, &good);
    *request.method_mut() = Method::GET;
    assert_eq!(screening.handle(request, NOW_MS).await.status(), 405);
}

#[tokio::test]
async fn without_the_key_nobody_is_told_anything() {
    let screening = Screening::open(None).unwrap();
    for key in ["", "ApiKey", "ApiKey wrong", screening.api_key(), &format!("Bearer {}", screening.api_key())] {
        let mut request = request(&screening, DEFAULT, &person("Ottokar Quenzel", "1980-02-03", "at"));
        request.headers_mut().insert(AUTHORIZATION, key.parse().unwrap());
        assert_eq!(screening.handle(request, NOW_MS).await.status(), 401, "{key}");
    }
}

#[tokio::test]
async fn each_call_is_logged_with_its_time_and_says_nothing_about_anybody() {
    let screening = Screening::open(None).unwrap();
    screening.add(somebody()).unwrap();
    let body = person("Ottokar Quenzel", "1980-02-03", "at");
    screening.fail_next(1, Fault::Status(503));
    for uri in ["/match/default", "/match/default?topics=sanction", "/match/nowhere"] {
        ask(&screening, uri, &body).await;
    }
    let calls = screening.calls();
    let shown: Vec<_> = calls.iter().map(|call| (call.uri.as_str(), call.status, call.found.len())).collect();
    let expected = [("/match/default", 503, 0), ("/match/default?topics=sanction", 200, 1), ("/match/nowhere", 404, 0)];
    assert_eq!(shown, expected);
    assert!(calls.iter().all(|call| call.at_ms == NOW_MS));
    assert_eq!(calls[1].topics, ["sanction"]);
    assert!(!serde_json::to_string(&calls).unwrap().contains("Quenzel"));
}

#[tokio::test]
async fn calls_fail_as_they_are_told_to() {
    let screening = Screening::open(None).unwrap();
    screening.add(somebody()).unwrap();
    let body = person("Ottokar Quenzel", "1980-02-03", "at");
    screening.fail_next(2, Fault::Status(500));
    screening.fail_next(1, Fault::AnswerLost);
    let mut statuses = Vec::new();
    for _ in 0..4 {
        statuses.push(ask(&screening, DEFAULT, &body).await.0);
    }
    assert_eq!(statuses, [500, 500, 504, 200]);
    let carried_out: Vec<_> = screening.calls().iter().map(|call| call.found.len()).collect();
    assert_eq!(carried_out, [0, 0, 1, 1], "an answer that is lost was given");

    screening.throttle_until(NOW_MS + 1_000);
    assert_eq!(ask(&screening, DEFAULT, &body).await.0, 429);
    let later = screening.handle(request(&screening, DEFAULT, &body), NOW_MS + 1_000).await;
    assert_eq!(later.status(), 200);
}

#[tokio::test]
async fn who_was_added_stays_and_so_does_the_key() {
    let folder = tempfile::tempdir().unwrap();
    let before = Screening::open(Some(folder.path())).unwrap();
    before.add(somebody()).unwrap();
    before.add(Entity { names: vec!["Ottokar the Second".to_owned()], ..somebody() }).unwrap();
    let after = Screening::open(Some(folder.path())).unwrap();
    assert_eq!(after.api_key(), before.api_key());
    assert_eq!(after.entities(), before.entities());
    assert_eq!(after.entities().iter().filter(|entity| entity.id == "NK-added").count(), 1);
    assert_ne!(Screening::open(None).unwrap().api_key(), before.api_key());
}

#[test]
fn nobody_is_listed_who_could_not_be() {
    let screening = Screening::open(None).unwrap();
    let text = |text: &str| vec![text.to_owned()];
    for wrong in [
        Entity { id: "../key".to_owned(), ..somebody() },
        Entity { id: String::new(), ..somebody() },
        Entity { names: vec![], ..somebody() },
        Entity { names: text("—"), ..somebody() },
        Entity { names: text(&"a".repeat(201)), ..somebody() },
        Entity { birth_dates: text("3.2.1980"), ..somebody() },
        Entity { countries: text("Austria"), ..somebody() },
        Entity { topics: vec![], ..somebody() },
        Entity { datasets: text("EU list"), ..somebody() },
    ] {
        assert!(matches!(screening.add(wrong.clone()), Err(ScreeningError::NotAnEntity { .. })), "{wrong:?}");
    }
}

#[test]
fn everybody_who_is_listed_from_the_start_could_be() {
    for entity in Screening::open(None).unwrap().entities() {
        assert_eq!(entity.clone().tidied(), Ok(entity));
    }
}

/// Tests, the demo and whoever tries the bank out apply under these names, and nobody of them is meant to be on a list.
#[tokio::test]
async fn people_of_tests_and_demos_are_nobody_on_the_lists() {
    let screening = Screening::open(None).unwrap();
    for name in [
        "Ada Byron",
        "Ada Lovelace",
        "Ada Example",
        "Grace Hopper",
        "Alan Turing",
        "Charles Babbage",
        "Alice Example",
        "Bob Example",
        "Jane Doe",
        "John Smith",
        "Maria Müller",
        "Ottoline Marchbanks",
        "Wilhelmina Zoë Vandersloot-Brontë",
        "Caspian-Étienne Quillfeather-Ångström",
        "Persephone-Minor Marchbanks",
        "Ada O'Lovelace-Müller",
        "Ivan Ivanov",
        "李伟",
        "Иван Иванов",
        "محمد علي",
    ] {
        let body = json!({"queries": {"q": {"schema": "Person", "properties": {"name": [name]}}}}).to_string();
        assert_eq!(found(&screening, "/match/default?threshold=0.39", &body).await, [], "{name}");
    }
}
