//! What is asked: the parameters of a call, and the people in its body.

use serde_json::{Map, Value};

use super::{
    likeness::{Name, Person, WHOLE},
    watchlist::is_date,
};

const LIMIT: usize = 5;
const LIMIT_MAX: usize = 500;
const QUERIES_MAX: usize = 100;
const THRESHOLD: u32 = 7_000;
const ALGORITHMS: [&str; 7] =
    ["best", "logic-v2", "ofac-249", "name-based", "name-qualified", "logic-v1", "regression-v1"];
/// Of the schemata that may be matched, those that people are, and some that they are not.
const OF_PEOPLE: [&str; 3] = ["Person", "LegalEntity", "Thing"];
const OF_OTHERS: [&str; 4] = ["Company", "Organization", "Vessel", "CryptoWallet"];

/// Why a call is refused, as the API says it.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    /// 400.
    BadRequest(String),
    /// 401.
    Unauthorized,
    /// 404.
    NotFound(&'static str),
    /// 405.
    MethodNotAllowed,
    /// 422, with the place in the request.
    Unprocessable(&'static str),
    /// 501: the API knows it, and this simulator does not.
    NotSimulated(String),
}

/// The parameters of a call.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Parameters {
    pub(super) limit: usize,
    /// In ten-thousandths, as are scores.
    pub(super) threshold: u32,
    /// Results up to here are left out.
    pub(super) cutoff: u32,
    pub(super) topics: Vec<String>,
}

impl Parameters {
    pub(super) fn parse(query: &str) -> Result<Self, Refusal> {
        let mut parameters = Self { limit: LIMIT, threshold: THRESHOLD, cutoff: THRESHOLD, topics: Vec::new() };
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            match name.as_ref() {
                "limit" => {
                    let limit = value.parse().ok().filter(|limit| *limit <= LIMIT_MAX);
                    parameters.limit = limit.ok_or(Refusal::Unprocessable("limit"))?;
                }
                "threshold" => parameters.threshold = share(&value).ok_or(Refusal::Unprocessable("threshold"))?,
                "cutoff" => parameters.cutoff = share(&value).ok_or(Refusal::Unprocessable("cutoff"))?,
                "algorithm" if ALGORITHMS.contains(&value.as_ref()) => {}
                "algorithm" => return Err(Refusal::BadRequest(format!("Invalid algorithm: {value}"))),
                "topics" => parameters.topics.push(value.into_owned()),
                "include_dataset" | "exclude_dataset" | "exclude_schema" | "changed_since" | "exclude_entity_ids"
                | "api_key" => return Err(Refusal::NotSimulated(name.into_owned())),
                _ => {} // As the API does.
            }
        }
        parameters.cutoff = parameters.cutoff.min(parameters.threshold);
        Ok(parameters)
    }
}

/// A decimal fraction from 0 to 1, in ten-thousandths.
fn share(text: &str) -> Option<u32> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let is_number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !is_number(whole) || !is_number(fraction) {
        return None;
    }
    let digits: String = fraction.chars().chain("0000".chars()).take(4).collect();
    let share = whole.parse::<u32>().ok()?.checked_mul(WHOLE)?.checked_add(digits.parse().ok()?)?;
    (share <= WHOLE).then_some(share)
}

/// One query of a body.
#[derive(Debug)]
pub(super) struct Example {
    /// What whoever asks calls it.
    pub(super) name: String,
    pub(super) schema: String,
    /// As it was sent, each with a list of values.
    pub(super) properties: Map<String, Value>,
}

impl Example {
    /// The queries of a body, in order.
    pub(super) fn all(body: &[u8]) -> Result<Vec<Self>, Refusal> {
        let body: Value = serde_json::from_slice(body).map_err(|_| Refusal::Unprocessable("body"))?;
        let queries = body.get("queries").and_then(Value::as_object).ok_or(Refusal::Unprocessable("queries"))?;
        if queries.is_empty() {
            return Err(Refusal::BadRequest("No queries provided.".to_owned()));
        }
        if queries.len() > QUERIES_MAX {
            let detail = format!("Too many queries in one batch (limit: {QUERIES_MAX})");
            return Err(Refusal::BadRequest(detail));
        }
        queries.iter().map(|(name, query)| Self::one(name, query)).collect()
    }

    fn one(name: &str, query: &Value) -> Result<Self, Refusal> {
        let schema = query.get("schema").and_then(Value::as_str).ok_or(Refusal::Unprocessable("schema"))?;
        let sent = query.get("properties").and_then(Value::as_object).ok_or(Refusal::Unprocessable("properties"))?;
        if !OF_PEOPLE.contains(&schema) && !OF_OTHERS.contains(&schema) {
            let detail = format!("Cannot parse example entity: Unknown schema: {schema}");
            return Err(Refusal::BadRequest(detail));
        }
        let mut properties = Map::new();
        for (property, values) in sent {
            let values = match values {
                Value::String(_) => Value::Array(vec![values.clone()]),
                Value::Array(_) => values.clone(),
                Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => {
                    return Err(Refusal::Unprocessable("properties"));
                }
            };
            properties.insert(property.clone(), values);
        }
        Ok(Self { name: name.to_owned(), schema: schema.to_owned(), properties })
    }

    /// Whom it describes; nobody, if it asks for something that people are not.
    pub(super) fn person(&self) -> Option<Person> {
        let mut names = [self.values("name"), self.values("alias")].concat();
        if names.is_empty() {
            let parts = [self.values("firstName"), self.values("middleName"), self.values("lastName")].concat();
            names.push(parts.join(" "));
        }
        let countries = [self.values("nationality"), self.values("country"), self.values("citizenship")].concat();
        let person = Person {
            names: names.iter().map(|name| Name::of(name)).filter(|name| !name.is_empty()).collect(),
            birth_dates: self.values("birthDate").into_iter().filter(|date| is_date(date)).collect(),
            // The API knows the names of countries too; here a code is a code, and anything else says nothing.
            countries: countries.iter().map(|it| it.to_ascii_lowercase()).filter(|it| it.len() == 2).collect(),
        };
        OF_PEOPLE.contains(&self.schema.as_str()).then_some(person)
    }

    fn values(&self, property: &str) -> Vec<String> {
        let values = self.properties.get(property).and_then(Value::as_array).into_iter().flatten();
        values.filter_map(Value::as_str).map(str::to_owned).collect()
    }
}
