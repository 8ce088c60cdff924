//! The API: `POST /match/{dataset}` and `GET /catalog`, in process.

use bytes::Bytes;
use http::{
    HeaderValue, Method, Request, Response, StatusCode,
    header::{AUTHORIZATION, CONTENT_TYPE},
};
use serde_json::{Map, Number, Value, json};

use super::{
    Call, Entity, Fault, Screening,
    likeness::WHOLE,
    provider::State,
    query::{Example, Parameters, Refusal},
};

const MATCH: &str = "/match/";
const CATALOG: &str = "/catalog";
const FIRST_SEEN: &str = "2026-01-01T12:00:00";

/// What a call found, and by which topics it was narrowed down.
#[derive(Default)]
struct Trace {
    topics: Vec<String>,
    found: Vec<String>,
}

impl Screening {
    /// Answers one call of the API. Whatever stands before `/match/` in the path is the way here.
    pub async fn handle(&self, request: Request<Bytes>, now_ms: i64) -> Response<Bytes> {
        let mut trace = Trace::default();
        let fault = self.state().next_fault(now_ms);
        let response = match fault {
            Some(Fault::Status(status)) => failed(status),
            Some(Fault::AnswerLost) | None => {
                let answer = self.carry_out(&request, &mut trace).unwrap_or_else(|refused| refusal(&refused));
                if fault.is_some() { lost() } else { answer }
            }
        };
        self.state().log(Call {
            at_ms: now_ms,
            uri: request.uri().path_and_query().map_or_else(String::new, ToString::to_string),
            topics: trace.topics,
            status: response.status().as_u16(),
            found: trace.found,
        });
        response
    }

    fn carry_out(&self, request: &Request<Bytes>, trace: &mut Trace) -> Result<Response<Bytes>, Refusal> {
        let authorization = request.headers().get(AUTHORIZATION).and_then(|value| value.to_str().ok());
        if authorization != Some(format!("ApiKey {}", self.api_key()).as_str()) {
            return Err(Refusal::Unauthorized);
        }
        if request.uri().path().ends_with(CATALOG) {
            return if request.method() == Method::GET { Ok(self.catalog()) } else { Err(Refusal::MethodNotAllowed) };
        }
        let (_, dataset) = request.uri().path().split_once(MATCH).ok_or(Refusal::NotFound("Not Found"))?;
        if request.method() != Method::POST {
            return Err(Refusal::MethodNotAllowed);
        }
        let parameters = Parameters::parse(request.uri().query().unwrap_or_default())?;
        trace.topics.clone_from(&parameters.topics);
        let state = self.state();
        if !["default", "sanctions", "peps", "crime"].contains(&dataset)
            && !state.watchlist.all().any(|entity| entity.is_in(dataset))
        {
            return Err(Refusal::NotFound("No such dataset."));
        }
        let mut responses = Map::new();
        for example in Example::all(request.body())? {
            let matches = state.matches(dataset, &parameters, &example, trace);
            responses.insert(example.name, matches);
        }
        Ok(answer(StatusCode::OK, &json!({"responses": responses, "limit": parameters.limit})))
    }

    /// What there is, and how it stands. Everything is indexed at once.
    fn catalog(&self) -> Response<Bytes> {
        let state = self.state();
        let version = state.watchlist.version();
        let dataset = |(name, title): (&str, &str)| {
            json!({"name": name, "title": title, "summary": null, "url": null, "load": true, "entities_url": null,
                "version": version, "index_version": version, "index_current": true, "children": []})
        };
        let datasets =
            [("default", "Everything"), ("sanctions", "Sanctions"), ("peps", "Exposed people"), ("crime", "Crime")];
        let current = datasets.map(|(name, _)| name);
        let body = json!({"datasets": datasets.map(dataset), "current": current, "outdated": [], "index_stale": false});
        answer(StatusCode::OK, &body)
    }
}

impl State {
    fn matches(&self, dataset: &str, parameters: &Parameters, example: &Example, trace: &mut Trace) -> Value {
        let has_topic = |entity: &&Entity| {
            parameters.topics.is_empty() || entity.topics.iter().any(|topic| parameters.topics.contains(topic))
        };
        let mut scored: Vec<(u32, &Entity)> = Vec::new();
        if let Some(person) = example.person() {
            let listed = self.watchlist.all().filter(|entity| entity.is_in(dataset)).filter(has_topic);
            scored.extend(listed.map(|entity| (person.likeness(&entity.person()), entity)));
        }
        scored.retain(|(score, _)| *score > parameters.cutoff);
        scored.sort_by_key(|(score, _)| std::cmp::Reverse(*score));
        let total = scored.iter().filter(|(score, _)| *score >= parameters.threshold).count();
        scored.truncate(parameters.limit);
        trace.found.extend(scored.iter().map(|(_, entity)| entity.id.clone()));
        let result = |(score, entity): &(u32, &Entity)| result(*score, entity, *score >= parameters.threshold);
        json!({
            "status": 200,
            "results": scored.iter().map(result).collect::<Vec<_>>(),
            "total": {"value": total, "relation": "eq"},
            "query": {"id": null, "schema": example.schema, "properties": example.properties},
        })
    }
}

/// Somebody as the API shows them.
fn result(score: u32, entity: &Entity, is_match: bool) -> Value {
    let (name, aliases) = entity.names.split_first().map_or((None, &[][..]), |(name, more)| (Some(name), more));
    json!({
        "id": entity.id,
        "caption": name,
        "schema": "Person",
        "properties": {
            "name": [name],
            "alias": aliases,
            "birthDate": entity.birth_dates,
            "nationality": entity.countries,
            "topics": entity.topics,
        },
        "datasets": entity.datasets,
        "referents": [],
        "target": true,
        "first_seen": FIRST_SEEN,
        "last_seen": FIRST_SEEN,
        "last_change": FIRST_SEEN,
        "score": fraction(score),
        "explanations": {},
        "match": is_match,
    })
}

/// A JSON number from 0 to 1, with as many digits as it needs.
fn fraction(score: u32) -> Value {
    let text = if score >= WHOLE { "1.0".to_owned() } else { format!("0.{score:04}") };
    text.parse::<Number>().map_or(Value::Null, Value::Number)
}

fn refusal(refusal: &Refusal) -> Response<Bytes> {
    let (status, detail) = match refusal {
        Refusal::BadRequest(detail) => (StatusCode::BAD_REQUEST, json!(detail)),
        Refusal::Unauthorized => (StatusCode::UNAUTHORIZED, json!("Invalid API key.")), // The text is assumed.
        Refusal::NotFound(detail) => (StatusCode::NOT_FOUND, json!(detail)),
        Refusal::MethodNotAllowed => (StatusCode::METHOD_NOT_ALLOWED, json!("Method Not Allowed")),
        Refusal::Unprocessable(place) => {
            let problem = json!({"type": "value_error", "loc": [place], "msg": "Value error"});
            (StatusCode::UNPROCESSABLE_ENTITY, json!([problem]))
        }
        Refusal::NotSimulated(what) => (StatusCode::NOT_IMPLEMENTED, json!(format!("{what} is not simulated"))),
    };
    answer(status, &json!({"detail": detail}))
}

fn failed(status: u16) -> Response<Bytes> {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    if status == StatusCode::TOO_MANY_REQUESTS {
        return answer(status, &json!({"detail": "Too many requests."}));
    }
    answer(status, &json!({"status": "error"}))
}

fn lost() -> Response<Bytes> {
    response(StatusCode::GATEWAY_TIMEOUT, "text/plain", Bytes::from_static(b"upstream request timeout"))
}

fn answer(status: StatusCode, body: &Value) -> Response<Bytes> {
    response(status, "application/json", body.to_string().into())
}

fn response(status: StatusCode, content_type: &'static str, body: Bytes) -> Response<Bytes> {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    response
}

#[cfg(test)]
#[path = "api_tests.rs"]
mod tests;
