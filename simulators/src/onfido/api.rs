//! The API: `/v3.6/applicants`, `/v3.6/workflow_runs` and `/v3.6/watchlist_monitors`, in process.

use bytes::Bytes;
use http::{
    HeaderMap, HeaderValue, Method, Request, Response, StatusCode,
    header::{AUTHORIZATION, CONTENT_TYPE, RETRY_AFTER},
};
use serde::Serialize;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::{
    Call, Fault, Onfido, OnfidoError, Run, Status,
    checks::{self, Wrong},
    model::{Applicant, Link},
    provider::{at, timestamp, token},
};

const VERSION: &str = "/v3.6/";
/// Assumed: the document names no size of a page of runs; lists of applicants have this one.
const PAGE: usize = 20;

/// Why a call is refused, in the API's own types.
enum Refusal {
    BadRequest(&'static str),
    Unauthorized,
    NotFound,
    Validation(Wrong),
    Broken,
}

impl From<OnfidoError> for Refusal {
    fn from(_: OnfidoError) -> Self {
        Self::Broken
    }
}

impl From<Wrong> for Refusal {
    fn from(fields: Wrong) -> Self {
        Self::Validation(fields)
    }
}

impl Onfido {
    /// Answers one call of the API. Whatever stands before `/v3.6/` in the path is the way here.
    pub async fn handle(&self, request: Request<Bytes>, now_ms: i64) -> Response<Bytes> {
        let asked = format!("{} {}", request.method(), request.uri().path());
        let response = self.answer(&request, now_ms);
        self.state().log.add(Call { at_ms: now_ms, asked, status: response.status().as_u16() });
        response
    }

    fn answer(&self, request: &Request<Bytes>, now_ms: i64) -> Response<Bytes> {
        if let Some(seconds) = self.state().log.throttled_for_s(now_ms) {
            let mut response = broken(StatusCode::TOO_MANY_REQUESTS);
            response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
            return response;
        }
        let fault = self.state().next_fault();
        if let Some(Fault::Status(status)) = fault {
            let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            return broken(status);
        }
        let response = self.carry_out(request, now_ms).unwrap_or_else(refusal);
        match fault {
            Some(Fault::AnswerLost) => text(StatusCode::GATEWAY_TIMEOUT, "upstream request timeout"),
            Some(Fault::Status(_)) | None => response,
        }
    }

    fn carry_out(&self, request: &Request<Bytes>, now_ms: i64) -> Result<Response<Bytes>, Refusal> {
        let authorization = request.headers().get(AUTHORIZATION).and_then(|value| value.to_str().ok());
        if authorization != Some(format!("Token token={}", self.api_token()).as_str()) {
            return Err(Refusal::Unauthorized);
        }
        let (_, path) = request.uri().path().split_once(VERSION).ok_or(Refusal::NotFound)?;
        let segments: Vec<&str> = path.split('/').collect();
        let id = |text: &str| text.parse::<Uuid>().map_err(|_| Refusal::NotFound);
        match (request.method(), segments.as_slice()) {
            (&Method::POST, ["applicants"]) => self.create_applicant(&body(request)?, now_ms),
            (&Method::GET, ["applicants", applicant]) => self.find_applicant(id(applicant)?),
            (&Method::DELETE, ["applicants", applicant]) => self.delete_applicant(id(applicant)?, now_ms),
            (&Method::POST, ["workflow_runs"]) => self.start_run(&body(request)?, now_ms),
            (&Method::GET, ["workflow_runs"]) => self.list_runs(request.uri().query().unwrap_or_default()),
            (&Method::GET, ["workflow_runs", run]) => self.find_run(id(run)?),
            (&Method::GET, ["watchlist_monitors", monitor]) => self.find_monitor(id(monitor)?),
            (&Method::GET, ["watchlist_monitors", monitor, "matches"]) => self.list_matches(id(monitor)?),
            _ => Err(Refusal::NotFound),
        }
    }

    fn create_applicant(&self, body: &Map<String, Value>, now_ms: i64) -> Result<Response<Bytes>, Refusal> {
        checks::applicant(body, at(now_ms)?.date())?;
        let id = crate::chance::uuid();
        let mut details = body.clone();
        details.retain(|name, _| !["id", "created_at", "href", "sandbox", "delete_at"].contains(&name.as_str()));
        let applicant = Applicant {
            id,
            created_at: timestamp(now_ms)?,
            href: format!("/v3.6/applicants/{id}"),
            sandbox: true,
            delete_at: None,
            details,
        };
        self.state().applicants.put(id, applicant.clone())?;
        answer(StatusCode::CREATED, &applicant)
    }

    fn find_applicant(&self, id: Uuid) -> Result<Response<Bytes>, Refusal> {
        answer(StatusCode::OK, self.state().applicants.get(id).ok_or(Refusal::NotFound)?)
    }

    fn delete_applicant(&self, id: Uuid, now_ms: i64) -> Result<Response<Bytes>, Refusal> {
        if !self.state().delete_applicant(id, &timestamp(now_ms)?)? {
            return Err(Refusal::NotFound);
        }
        let mut response = Response::new(Bytes::new());
        *response.status_mut() = StatusCode::NO_CONTENT;
        Ok(response)
    }

    fn start_run(&self, body: &Map<String, Value>, now_ms: i64) -> Result<Response<Bytes>, Refusal> {
        let order = checks::run(body)?;
        let mut state = self.state();
        if state.applicants.get(order.applicant_id).is_none() {
            return Err(checks::wrong("applicant_id", "applicant not found").into());
        }
        if order.workflow_id != self.workflow_id() {
            return Err(checks::wrong("workflow_id", "workflow not found").into());
        }
        let (id, now) = (crate::chance::uuid(), timestamp(now_ms)?);
        let run = Run {
            id,
            applicant_id: order.applicant_id,
            workflow_id: order.workflow_id,
            workflow_version_id: 1,
            status: Status::AwaitingInput,
            tags: order.tags,
            customer_user_id: order.customer_user_id,
            dashboard_url: format!("https://dashboard.onfido.com/results/{id}"),
            output: None,
            reasons: Vec::new(),
            error: None,
            sdk_token: Some(token()?),
            link: Link {
                url: format!("https://eu.onfido.app/l/{id}"),
                completed_redirect_url: None,
                expired_redirect_url: None,
                expires_at: None,
                language: None,
            },
            created_at: now.clone(),
            updated_at: now,
        };
        state.runs.put(id, run.clone())?;
        answer(StatusCode::CREATED, &run)
    }

    fn find_run(&self, id: Uuid) -> Result<Response<Bytes>, Refusal> {
        answer(StatusCode::OK, self.state().runs.get(id).ok_or(Refusal::NotFound)?)
    }

    fn find_monitor(&self, id: Uuid) -> Result<Response<Bytes>, Refusal> {
        answer(StatusCode::OK, &self.state().monitors.get(id).ok_or(Refusal::NotFound)?.monitor)
    }

    fn list_matches(&self, id: Uuid) -> Result<Response<Bytes>, Refusal> {
        let state = self.state();
        let found = &state.monitors.get(id).ok_or(Refusal::NotFound)?.matches;
        let matches: Vec<Value> = found.iter().map(|id| json!({"id": id, "enabled": true})).collect();
        answer(StatusCode::OK, &json!({ "matches": matches }))
    }

    fn list_runs(&self, query: &str) -> Result<Response<Bytes>, Refusal> {
        let (mut page, mut ascending) = (1_usize, false);
        let (mut tags, mut statuses, mut applicant_id) = (Vec::new(), Vec::new(), None);
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            let list = || value.split(',').map(str::to_owned);
            match name.as_ref() {
                "page" => page = value.parse().map_err(|_| Refusal::BadRequest("page is not a number"))?,
                "sort" if value == "asc" || value == "desc" => ascending = value == "asc",
                "sort" => return Err(Refusal::BadRequest("sort is neither asc nor desc")),
                // Once with commas, or once for each: the official clients do both.
                "tags" => tags.extend(list()),
                "status" => statuses.extend(list()),
                "applicant_id" => {
                    let id: Uuid = value.parse().map_err(|_| Refusal::BadRequest("applicant_id is not a UUID"))?;
                    applicant_id = Some(id);
                }
                _ => {}
            }
        }
        let wanted = |run: &&Run| {
            tags.iter().all(|tag| run.tags.contains(tag))
                && (statuses.is_empty() || statuses.iter().any(|status| status == run.status.as_str()))
                && applicant_id.is_none_or(|id| run.applicant_id == id)
        };
        let state = self.state();
        let mut runs: Vec<&Run> = state.runs.all().filter(wanted).collect();
        if !ascending {
            runs.reverse();
        }
        let skipped = page.saturating_sub(1).saturating_mul(PAGE);
        answer(StatusCode::OK, &runs.into_iter().skip(skipped).take(PAGE).collect::<Vec<_>>())
    }
}

fn body(request: &Request<Bytes>) -> Result<Map<String, Value>, Refusal> {
    if !is_json(request.headers()) {
        return Err(Refusal::BadRequest("the body is not announced as JSON"));
    }
    serde_json::from_slice(request.body()).map_err(|_| Refusal::BadRequest("the body is not a JSON object"))
}

fn is_json(headers: &HeaderMap) -> bool {
    let kind = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    kind.is_some_and(|kind| kind.split(';').next().is_some_and(|kind| kind.trim() == "application/json"))
}

fn answer<T: Serialize + ?Sized>(status: StatusCode, value: &T) -> Result<Response<Bytes>, Refusal> {
    let body = serde_json::to_vec(value).map_err(|source| OnfidoError::Unreadable { source })?;
    Ok(response(status, "application/json", body.into()))
}

fn refusal(refusal: Refusal) -> Response<Bytes> {
    let (status, error) = match refusal {
        Refusal::BadRequest(message) => {
            (StatusCode::BAD_REQUEST, json!({"type": "bad_request", "message": message, "fields": {}}))
        }
        Refusal::Unauthorized => (
            StatusCode::UNAUTHORIZED,
            json!({"type": "authorization_error",
                "message": "Authorization error: please re-check your credentials", "fields": {}}),
        ),
        Refusal::NotFound => (
            StatusCode::NOT_FOUND,
            json!({"type": "resource_not_found", "message": "Could not find the requested resource", "fields": {}}),
        ),
        Refusal::Validation(fields) => (
            StatusCode::UNPROCESSABLE_ENTITY,
            json!({"type": "validation_error", "message": "There was a validation error on this request",
                "fields": fields}),
        ),
        Refusal::Broken => return broken(StatusCode::INTERNAL_SERVER_ERROR),
    };
    response(status, "application/json", json!({ "error": error }).to_string().into())
}

fn broken(status: StatusCode) -> Response<Bytes> {
    let (kind, message) = if status == StatusCode::TOO_MANY_REQUESTS {
        ("rate_limit", "You've passed the rate limit. Please try again later")
    } else {
        ("internal_server_error", "Something went wrong on our end")
    };
    let body = json!({"error": {"type": kind, "message": message, "fields": {}}});
    response(status, "application/json", body.to_string().into())
}

fn text(status: StatusCode, text: &'static str) -> Response<Bytes> {
    response(status, "text/plain", Bytes::from_static(text.as_bytes()))
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
