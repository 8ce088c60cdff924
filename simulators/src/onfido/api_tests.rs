use super::*;

const NOW_MS: i64 = 1_795_000_000_000; // A day in November 2026.

fn onfido() -> Onfido {
    Onfido::open(None).unwrap()
}

fn request(onfido: &Onfido, method: &str, path: &str, body: &str) -> Request<Bytes> {
    Request::builder()
        .method(method)
        .uri(path)
        .header("authorization", format!("Token token={}", onfido.api_token()))
        .header("content-type", "application/json; charset=utf-8")
        .body(Bytes::from(body.to_owned()))
        .unwrap()
}

async fn call(onfido: &Onfido, method: &str, path: &str, body: &Value) -> (u16, Value) {
    let request = request(onfido, method, &format!("/v3.6/{path}"), &body.to_string());
    let response = onfido.handle(request, NOW_MS).await;
    (response.status().as_u16(), serde_json::from_slice(response.body()).unwrap_or_default())
}

fn ada() -> Value {
    json!({
        "first_name": "Ada", "last_name": "Example", "dob": "1990-01-31",
        "address": {"street": "1 Example Street", "town": "London", "postcode": "SW4 6EH", "country": "GBR"},
    })
}

async fn applicant(onfido: &Onfido) -> Value {
    call(onfido, "POST", "applicants", &ada()).await.1["id"].clone()
}

fn order(onfido: &Onfido, applicant: &Value) -> Value {
    json!({"applicant_id": applicant, "workflow_id": onfido.workflow_id()})
}

#[tokio::test]
async fn an_applicant_is_created_read_and_deleted() {
    let onfido = onfido();
    let (status, created) = call(&onfido, "POST", "applicants", &ada()).await;
    assert_eq!(status, 201);
    assert_eq!((&created["first_name"], &created["address"]["country"]), (&json!("Ada"), &json!("GBR")));
    assert_eq!(created["created_at"], "2026-11-18T11:06:40Z");
    let path = format!("applicants/{}", created["id"].as_str().unwrap());
    assert_eq!(call(&onfido, "GET", &path, &Value::Null).await, (200, created));
    assert_eq!(call(&onfido, "DELETE", &path, &Value::Null).await, (204, Value::Null));
    for method in ["GET", "DELETE"] {
        let (status, gone) = call(&onfido, method, &path, &Value::Null).await;
        assert_eq!((status, &gone["error"]["type"]), (404, &json!("resource_not_found")));
    }
}

#[tokio::test]
async fn what_is_wrong_with_an_applicant_is_said_field_by_field() {
    let onfido = onfido();
    for (field, value) in [
        ("first_name", json!("")),
        ("first_name", json!("A<da>")),
        ("last_name", json!(7)),
        ("dob", json!("31-01-1990")),
        ("dob", json!("1990-02-30")),
        ("dob", json!("2030-01-01")),
        ("address", json!("London")),
        ("address", json!({"postcode": "SW4 6EH"})),
        ("address", json!({"postcode": "SW4 6EH", "country": "GB"})),
        ("address", json!({"postcode": "SW4 6EH", "country": "XXX"})),
        ("address", json!({"postcode": " ", "country": "GBR"})),
        ("address", json!({"postcode": "SW4 6EH", "country": "GBR", "street": 1})),
        ("address", json!({"postcode": "SW4 6EH", "country": "GBR", "line1": "a<b"})),
    ] {
        let mut body = ada();
        body[field] = value.clone();
        let (status, refused) = call(&onfido, "POST", "applicants", &body).await;
        assert_eq!((status, &refused["error"]["type"]), (422, &json!("validation_error")), "{field} {value}");
        assert!(refused["error"]["fields"].get(field).is_some(), "{refused}");
    }
    let (_, refused) = call(&onfido, "POST", "applicants", &json!({})).await;
    assert_eq!(refused["error"]["fields"].as_object().unwrap().len(), 2);
    assert_eq!(onfido.applicant_count(), 0);
}

#[tokio::test]
async fn a_run_is_started_and_read() {
    let onfido = onfido();
    let applicant = applicant(&onfido).await;
    let mut order = order(&onfido, &applicant);
    order["tags"] = json!(["application:1"]);
    order["customer_user_id"] = json!("customer-1");
    let (status, run) = call(&onfido, "POST", "workflow_runs", &order).await;
    assert_eq!((status, &run["status"]), (201, &json!("awaiting_input")));
    assert!(run["sdk_token"].is_string());
    assert_eq!((&run["customer_user_id"], &run["tags"]), (&order["customer_user_id"], &order["tags"]));
    let path = format!("workflow_runs/{}", run["id"].as_str().unwrap());
    assert_eq!(call(&onfido, "GET", &path, &Value::Null).await, (200, run));
    let (status, _) = call(&onfido, "GET", &format!("workflow_runs/{}", Uuid::nil()), &Value::Null).await;
    assert_eq!(status, 404);
}

#[tokio::test]
async fn what_is_wrong_with_a_run_is_said_field_by_field() {
    let onfido = onfido();
    let applicant = applicant(&onfido).await;
    for (field, value) in [
        ("applicant_id", json!(null)),
        ("applicant_id", json!("ada")),
        ("applicant_id", json!(Uuid::nil())),
        ("workflow_id", json!(Uuid::nil())),
        ("tags", json!("one")),
        ("tags", json!([1])),
        ("tags", json!([""])),
        ("tags", json!(["x".repeat(129)])),
        ("tags", json!(vec!["x"; 31])),
        ("customer_user_id", json!(1)),
        ("customer_user_id", json!("x".repeat(257))),
    ] {
        let mut order = order(&onfido, &applicant);
        order[field] = value.clone();
        let (status, refused) = call(&onfido, "POST", "workflow_runs", &order).await;
        assert_eq!((status, &refused["error"]["type"]), (422, &json!("validation_error")), "{field} {value}");
        assert!(refused["error"]["fields"].get(field).is_some(), "{refused}");
    }
    assert_eq!(onfido.runs(), []);
}

#[tokio::test]
async fn runs_are_listed_by_tag_status_and_applicant_newest_first_and_in_pages() {
    let onfido = onfido();
    let (one, other) = (applicant(&onfido).await, applicant(&onfido).await);
    let mut ids = vec![];
    for number in 0..25 {
        let mut order = order(&onfido, if number == 7 { &other } else { &one });
        order["tags"] = json!(["every", format!("n:{number}")]);
        ids.push(call(&onfido, "POST", "workflow_runs", &order).await.1["id"].clone());
    }
    let list = async |query: &str| {
        let (status, runs) = call(&onfido, "GET", &format!("workflow_runs{query}"), &Value::Null).await;
        assert_eq!(status, 200);
        runs.as_array().unwrap().iter().map(|run| run["id"].clone()).collect::<Vec<_>>()
    };
    let newest_first: Vec<Value> = ids.iter().rev().cloned().collect();
    assert_eq!(list("").await, newest_first[..20]);
    assert_eq!(list("?page=2").await, newest_first[20..]);
    assert_eq!(list("?page=3").await, [] as [Value; 0]);
    assert_eq!(list("?sort=asc").await, ids[..20]);
    assert_eq!(list("?tags=n%3A3").await, ids[3..4]);
    assert_eq!(list("?tags=n:3,every").await, ids[3..4]);
    assert_eq!(list("?tags=n:3&tags=n:4").await, [] as [Value; 0]);
    assert_eq!(list(&format!("?applicant_id={}", other.as_str().unwrap())).await, ids[7..8]);
    assert_eq!(list("?status=approved,declined").await, [] as [Value; 0]);
    assert_eq!(list("?status=awaiting_input&page=2").await.len(), 5);
    for query in ["?page=x", "?sort=up", "?applicant_id=ada"] {
        assert_eq!(call(&onfido, "GET", &format!("workflow_runs{query}"), &Value::Null).await.0, 400);
    }
}

#[tokio::test]
async fn who_has_not_the_token_learns_nothing() {
    let onfido = onfido();
    let path = format!("/v3.6/applicants/{}", applicant(&onfido).await.as_str().unwrap());
    let right = format!("Token token={}", onfido.api_token());
    for wrong in ["", "Token token=", "Token token=x", &right.to_lowercase(), &format!("Bearer {}", onfido.api_token())]
    {
        let mut request = request(&onfido, "GET", &path, "");
        request.headers_mut().insert("authorization", wrong.parse().unwrap());
        let response = onfido.handle(request, NOW_MS).await;
        assert_eq!(response.status(), 401);
        assert!(String::from_utf8_lossy(response.body()).contains("authorization_error"));
    }
    let mut bare = request(&onfido, "GET", &path, "");
    bare.headers_mut().remove("authorization");
    assert_eq!(onfido.handle(bare, NOW_MS).await.status(), 401);
}

#[tokio::test]
async fn what_is_no_call_of_the_api_is_refused() {
    let onfido = onfido();
    for (method, path, status) in [
        ("GET", "/v3.6/", 404),
        ("GET", "/v3.5/workflow_runs", 404),
        ("PUT", "/v3.6/workflow_runs", 404),
        ("GET", "/v3.6/workflow_runs/ada", 404),
        ("POST", "/v3.6/applicants", 400),
        ("POST", "/sim/onfido/v3.6/workflow_runs", 400),
        ("GET", "/sim/onfido/v3.6/workflow_runs", 200),
    ] {
        let response = onfido.handle(request(&onfido, method, path, "[1]"), NOW_MS).await;
        assert_eq!(response.status().as_u16(), status, "{method} {path}");
    }
    let mut form = request(&onfido, "POST", "/v3.6/applicants", &ada().to_string());
    form.headers_mut().insert("content-type", "text/plain".parse().unwrap());
    assert_eq!(onfido.handle(form, NOW_MS).await.status(), 400);
}

#[tokio::test]
async fn calls_fail_as_often_as_they_are_told_to() {
    let onfido = onfido();
    onfido.fail_next(0, Fault::Status(503));
    onfido.fail_next(2, Fault::Status(500));
    onfido.fail_next(1, Fault::Status(429));
    onfido.fail_next(1, Fault::AnswerLost);
    for (status, kind) in [(500, "internal_server_error"), (500, "internal_server_error"), (429, "rate_limit")] {
        let (answered, body) = call(&onfido, "POST", "applicants", &ada()).await;
        assert_eq!((answered, &body["error"]["type"]), (status, &json!(kind)));
    }
    assert_eq!(onfido.applicant_count(), 0);
    assert_eq!(call(&onfido, "POST", "applicants", &ada()).await.0, 504);
    assert_eq!(onfido.applicant_count(), 1); // Carried out all the same: that is what makes it dangerous.
    assert_eq!(call(&onfido, "POST", "applicants", &ada()).await.0, 201);
}

#[tokio::test]
async fn everybody_is_asked_to_slow_down_until_then_and_every_call_is_written_down() {
    let onfido = onfido();
    onfido.throttle_until(NOW_MS + 2_500);
    let asked = || request(&onfido, "POST", "/v3.6/applicants", &ada().to_string());
    let refused = onfido.handle(asked(), NOW_MS).await;
    assert_eq!(
        (refused.status().as_u16(), &refused.headers()[http::header::RETRY_AFTER]),
        (429, &HeaderValue::from(3))
    );
    assert_eq!(onfido.applicant_count(), 0);
    assert_eq!(onfido.handle(asked(), NOW_MS + 2_500).await.status().as_u16(), 201);
    let calls: Vec<_> = onfido.calls().iter().map(|it| (it.at_ms - NOW_MS, it.asked.clone(), it.status)).collect();
    let asked = "POST /v3.6/applicants".to_owned();
    assert_eq!(calls, [(0, asked.clone(), 429), (2_500, asked, 201)]);
}
