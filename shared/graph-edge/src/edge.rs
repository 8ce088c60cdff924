//! One request in, one response out, after the GraphQL-over-HTTP draft.

use std::sync::Arc;

use bytes::Bytes;
use domain::error::{Class, Classify as _};
use futures::future::BoxFuture;
use graph::{AccessToken, Answer, ApiError, Ask, Caller, Graph, Methods, Outcome, Request};
use lambda_kit::{
    Handler,
    http_event::{HttpRequest, HttpResponse},
};
use secrecy::SecretString;
use tracing::Instrument as _;

use crate::{
    media::{self, Media},
    request::{self, Malformed},
    tokens::{self, TokenError, Tokens},
};

/// The largest body that is read, and the longest query string.
const REQUEST_BYTES_MAX: usize = 64 * 1024;
/// The longest correlation id that is taken over from a client.
const CORRELATION_ID_CHARS_MAX: usize = 64;
const CORRELATION_ID: &str = "x-correlation-id";

/// GraphiQL in one page, compressed; `assets/build.sh` builds it.
const GRAPHIQL: &[u8] = include_bytes!("../assets/graphiql.html.gz");
/// The page may talk to this endpoint and to nobody else, whatever is pasted into it.
const GRAPHIQL_POLICY: &str = "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; \
     connect-src 'self'; img-src data:; font-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// One schema behind the HTTP API.
pub struct Edge {
    path: &'static str,
    graph: Graph,
    tokens: Tokens,
}

/// Why a request is not executed: its status, what the client is told, and headers that go with the status.
struct Refusal {
    status: u16,
    error: ApiError,
    header: Option<(&'static str, &'static str)>,
}

impl Refusal {
    fn new(status: u16, message: &str) -> Self {
        Self { status, error: ApiError::bad_input(message), header: None }
    }

    fn method(allow: &'static str) -> Self {
        Self { header: Some(("allow", allow)), ..Self::new(405, "this method is not served here") }
    }
}

impl From<Malformed> for Refusal {
    fn from(error: Malformed) -> Self {
        Self::new(error.status(), &error.to_string())
    }
}

impl From<TokenError> for Refusal {
    fn from(error: TokenError) -> Self {
        match error.class() {
            Class::Rejected => {
                tracing::info!(code = error.code(), "a token was refused");
                let header = Some(("www-authenticate", "Bearer error=\"invalid_token\""));
                Self { status: 401, error: ApiError::unauthenticated(error.to_string()), header }
            }
            Class::Invalid | Class::Conflict | Class::Transient | Class::Throttled | Class::Bug => {
                Self { status: 503, error: error.into(), header: None }
            }
        }
    }
}

impl Edge {
    /// The graph at `path`, for whom `tokens` let in.
    #[must_use]
    pub const fn new(path: &'static str, graph: Graph, tokens: Tokens) -> Self {
        Self { path, graph, tokens }
    }

    /// As a function runs it.
    #[must_use]
    pub fn into_handler(self) -> Handler {
        let edge = Arc::new(self);
        Arc::new(move |bytes: Bytes| {
            let edge = Arc::clone(&edge);
            Box::pin(async move { edge.respond(HttpRequest::from_event(&bytes)?).await.into_answer() })
                as BoxFuture<'static, _>
        })
    }

    async fn respond(&self, request: HttpRequest) -> HttpResponse {
        let correlation_id = correlation_id(&request);
        let span = tracing::info_span!("graphql", %correlation_id, request_id = %request.id);
        let response = match self.route(&request, &correlation_id).instrument(span).await {
            Ok(response) => response,
            Err(Refusal { status, error, header }) => {
                let body = error.into_body(&correlation_id);
                let response = HttpResponse::new(status, Media::GraphqlResponse.content_type(), body);
                let response = response.with_header("cache-control", "no-store");
                header.into_iter().fold(response, |response, (name, value)| response.with_header(name, value))
            }
        };
        response.with_header(CORRELATION_ID, correlation_id).with_header("x-content-type-options", "nosniff")
    }

    async fn route(&self, request: &HttpRequest, correlation_id: &str) -> Result<HttpResponse, Refusal> {
        match (request.path.as_str(), request.method.as_str()) {
            (path, "POST") if path == self.path => self.post(request, correlation_id).await,
            (path, "GET") if path == self.path => self.get(request, correlation_id).await,
            (path, _) if path == self.path => Err(Refusal::method("GET, POST")),
            ("/health", "GET") => Ok(HttpResponse::new(200, "application/json", "{\"status\":\"ok\"}")),
            ("/health", _) => Err(Refusal::method("GET")),
            _ => Err(Refusal { status: 404, error: ApiError::not_found("there is nothing here"), header: None }),
        }
    }

    async fn post(&self, request: &HttpRequest, correlation_id: &str) -> Result<HttpResponse, Refusal> {
        if request.body.len() > REQUEST_BYTES_MAX {
            return Err(Refusal::new(413, "the body is larger than 64 KiB"));
        }
        if !media::is_json(request.header("content-type")) || request.header("content-encoding").is_some() {
            return Err(Refusal::new(415, "send application/json, in UTF-8 and not compressed"));
        }
        let media = negotiated(request)?;
        let caller = self.caller(request).await?;
        let query = request::of_body(&request.body)?;
        Ok(self.execute(query, media, ask(request, correlation_id, caller, Methods::All)).await)
    }

    async fn get(&self, request: &HttpRequest, correlation_id: &str) -> Result<HttpResponse, Refusal> {
        if request.query.len() > REQUEST_BYTES_MAX {
            return Err(Refusal::new(414, "the query string is longer than 64 KiB; send it with POST"));
        }
        if media::accepts_html(request.header("accept")) && !request::has_query(&request.query) {
            return Ok(HttpResponse::binary(200, "text/html; charset=utf-8", GRAPHIQL)
                .with_header("content-encoding", "gzip")
                .with_header("content-security-policy", GRAPHIQL_POLICY)
                .with_header("referrer-policy", "no-referrer")
                .with_header("cache-control", "private, max-age=3600")
                .with_header("vary", "accept"));
        }
        let media = negotiated(request)?;
        let caller = self.caller(request).await?;
        let query = request::of_query_string(&request.query)?;
        Ok(self.execute(query, media, ask(request, correlation_id, caller, Methods::Queries)).await)
    }

    async fn caller(&self, request: &HttpRequest) -> Result<Option<Caller>, TokenError> {
        match request.header("authorization") {
            None => Ok(None),
            Some(header) => self.tokens.caller(header).await.map(Some),
        }
    }

    async fn execute(&self, request: Request, media: Media, ask: Ask) -> HttpResponse {
        let Answer { outcome, body } = self.graph.answer(request, ask).await;
        let response = |status: u16, media: Media| {
            HttpResponse::new(status, media.content_type(), body.as_str()).with_header("cache-control", "no-store")
        };
        match (outcome, media) {
            // The draft also offers 294 where fields failed, and 200 a few lines on. Everybody understands 200.
            (Outcome::Complete | Outcome::Partial, _) => response(200, media),
            // Whoever takes plain JSON only is from before the draft, and takes any other status for another server's.
            (Outcome::Unparsed | Outcome::Invalid, Media::Json) => response(200, media),
            (Outcome::Unparsed, Media::GraphqlResponse) => response(400, media),
            (Outcome::Invalid, Media::GraphqlResponse) => response(422, media),
            (Outcome::MutationRefused, _) => response(405, Media::GraphqlResponse).with_header("allow", "POST"),
        }
    }
}

fn ask(request: &HttpRequest, correlation_id: &str, caller: Option<Caller>, methods: Methods) -> Ask {
    // It was checked for the caller, who is there only with it.
    let token = caller.as_ref().and_then(|_| tokens::bearer(request.header("authorization")?));
    let token = token.map(|token| AccessToken(SecretString::from(token)));
    Ask { caller, token, request_id: request.id.clone(), correlation_id: correlation_id.to_owned(), methods }
}

fn negotiated(request: &HttpRequest) -> Result<Media, Refusal> {
    let refusal = || Refusal::new(406, "accept application/graphql-response+json or application/json");
    Media::negotiate(request.header("accept")).ok_or_else(refusal)
}

/// The client's, if it is one that may stand in logs and headers; else the request's own id.
fn correlation_id(request: &HttpRequest) -> String {
    let is_sane = |id: &&str| {
        (1..=CORRELATION_ID_CHARS_MAX).contains(&id.len())
            && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    request.header(CORRELATION_ID).filter(is_sane).unwrap_or(&request.id).to_owned()
}
