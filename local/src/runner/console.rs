//! The back office's page at `/console`, as `make console` left it. In the cloud a bucket behind a CDN serves the same files.

use std::path::{Path, PathBuf};

use axum::{
    Router,
    body::Body,
    extract::{Request, State},
    response::Response,
    routing::get,
};
use bytes::Bytes;
use http::{HeaderValue, StatusCode, header};
use serde_json::json;

use crate::template::Plan;

/// Where a build lies.
const DIST: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../console/dist");

/// Nothing but what this origin serves itself; nothing inline, and nowhere to be framed.
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; \
     form-action 'none'; frame-ancestors 'none'",
);

/// Names below it carry a hash of what they hold.
const HASHED: &str = "assets/";

const NOT_BUILT: &str = "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Granary console</title>\
<h1>The console is not built</h1><p>It needs Node 20. Build it with <code>make console</code>, then load this page again: \
the bank need not be started anew.</p></html>";

/// A folder with a build, and what the page has to know about the bank.
#[derive(Clone)]
struct Console {
    folder: PathBuf,
    settings: Bytes,
}

/// Serves the page of this bank.
pub fn router(plan: &Plan) -> Router {
    router_of(Path::new(DIST), plan)
}

/// Whether somebody built it.
#[must_use]
pub fn is_built() -> bool {
    Path::new(DIST).join("index.html").is_file()
}

fn router_of(folder: &Path, plan: &Plan) -> Router {
    let client = plan.user_pools.first().and_then(|pool| pool.clients.first());
    let client_id = client.map(|client| client.id.as_str()).unwrap_or_default();
    let settings = json!({"userPool": "/cognito", "clientId": client_id, "graph": "/backoffice/graphql"});
    let console = Console { folder: folder.to_owned(), settings: settings.to_string().into() };
    Router::new()
        .route("/console", get(serve))
        .route("/console/", get(serve))
        .route("/console/{*path}", get(serve))
        .with_state(console)
}

async fn serve(State(console): State<Console>, request: Request) -> Response {
    let path = request.uri().path();
    let path = path.strip_prefix("/console").unwrap_or_default().trim_start_matches('/');
    if path == "config.json" {
        return respond(StatusCode::OK, "application/json", "no-store", console.settings);
    }
    let is_page = Path::new(path).extension().is_none_or(|it| content_type(it.to_str()).is_none());
    let name = if is_page { "index.html" } else { path };
    let read = match inside(&console.folder, name) {
        Some(file) => tokio::fs::read(file).await.ok(),
        None => None,
    };
    let content_type = content_type(Path::new(name).extension().and_then(|it| it.to_str()));
    let lifetime = if name.starts_with(HASHED) { "public, max-age=31536000, immutable" } else { "no-cache" };
    match (read, content_type) {
        (Some(bytes), Some(content_type)) => respond(StatusCode::OK, content_type, lifetime, bytes.into()),
        (None, _) if is_page => respond(StatusCode::NOT_FOUND, HTML, "no-store", NOT_BUILT.into()),
        (None | Some(_), _) => {
            respond(StatusCode::NOT_FOUND, "text/plain; charset=utf-8", "no-store", "nothing".into())
        }
    }
}

/// A file of the folder. Names are taken as they are written: a build has none that has to be decoded, and none that leads out.
fn inside(folder: &Path, name: &str) -> Option<PathBuf> {
    let is_plain = |part: &str| {
        !part.starts_with('.') && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte))
    };
    name.split('/').all(|part| !part.is_empty() && is_plain(part)).then(|| folder.join(name))
}

const HTML: &str = "text/html; charset=utf-8";

/// What a build holds, by the end of its name. Anything else is a page of the console, whose ids may hold dots.
fn content_type(extension: Option<&str>) -> Option<&'static str> {
    Some(match extension? {
        "html" => HTML,
        "js" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "json" => "application/json",
        "txt" => "text/plain; charset=utf-8",
        _ => return None,
    })
}

fn respond(status: StatusCode, content_type: &'static str, lifetime: &'static str, body: Bytes) -> Response {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(lifetime));
    headers.insert(header::CONTENT_SECURITY_POLICY, POLICY);
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    response
}

#[cfg(test)]
mod tests {
    use std::fs;

    use http_body_util::BodyExt as _;
    use tempfile::TempDir;
    use tower::ServiceExt as _;

    use super::*;

    fn built() -> TempDir {
        let folder = TempDir::new().unwrap();
        fs::create_dir(folder.path().join("assets")).unwrap();
        for (name, text) in [("index.html", "<page>"), ("assets/index-1a2b.js", "run()"), (".secret.txt", "hidden")] {
            fs::write(folder.path().join(name), text).unwrap();
        }
        folder
    }

    async fn get(folder: &Path, path: &str) -> (Response<()>, String) {
        let request = Request::builder().uri(path).body(Body::empty()).unwrap();
        let answer = router_of(folder, &Plan::default()).oneshot(request).await.unwrap();
        let (parts, body) = answer.into_parts();
        let body = String::from_utf8(body.collect().await.unwrap().to_bytes().to_vec()).unwrap();
        (Response::from_parts(parts, ()), body)
    }

    fn header_of<'a>(answer: &'a Response<()>, name: &str) -> &'a str {
        answer.headers()[name].to_str().unwrap()
    }

    #[tokio::test]
    async fn every_page_of_the_console_is_the_one_page() {
        let folder = built();
        let ids = "/console/executions/arn:aws:states:eu-west-1:000000000000:execution:onboarding:a.b";
        for path in ["/console", "/console/", "/console/cases/4b64757a", ids] {
            let (answer, body) = get(folder.path(), path).await;
            assert_eq!((answer.status().as_u16(), body.as_str()), (200, "<page>"), "{path}");
            assert_eq!(header_of(&answer, "content-type"), "text/html; charset=utf-8");
            assert_eq!(header_of(&answer, "cache-control"), "no-cache");
            assert!(header_of(&answer, "content-security-policy").contains("script-src 'self';"));
            assert_eq!(header_of(&answer, "x-content-type-options"), "nosniff");
        }
    }

    #[tokio::test]
    async fn what_is_named_by_its_hash_is_kept_for_ever() {
        let folder = built();
        let (answer, body) = get(folder.path(), "/console/assets/index-1a2b.js").await;
        assert_eq!((answer.status().as_u16(), body.as_str()), (200, "run()"));
        assert_eq!(header_of(&answer, "content-type"), "text/javascript; charset=utf-8");
        assert_eq!(header_of(&answer, "cache-control"), "public, max-age=31536000, immutable");
    }

    #[tokio::test]
    async fn nothing_beside_the_build_is_served() {
        let folder = built();
        let outside = folder.path().parent().unwrap().join("granary-outside.txt");
        fs::write(&outside, "outside").unwrap();
        for path in [
            "/console/../granary-outside.txt",
            "/console/assets/../../granary-outside.txt",
            "/console/%2e%2e/granary-outside.txt",
            "/console//granary-outside.txt",
            "/console/.secret.txt",
            "/console/assets/index-0000.js",
        ] {
            let (answer, body) = get(folder.path(), path).await;
            assert_eq!((answer.status().as_u16(), body.as_str()), (404, "nothing"), "{path}");
        }
        fs::remove_file(outside).unwrap();
    }

    #[tokio::test]
    async fn without_a_build_the_page_says_how_to_make_one() {
        let folder = TempDir::new().unwrap();
        let (answer, body) = get(folder.path(), "/console").await;
        assert_eq!(answer.status().as_u16(), 404);
        assert!(body.contains("make console"), "{body}");
    }

    #[tokio::test]
    async fn the_page_is_told_where_the_bank_is() {
        let (answer, body) = get(built().path(), "/console/config.json").await;
        assert_eq!((answer.status().as_u16(), header_of(&answer, "cache-control")), (200, "no-store"));
        let settings: serde_json::Value = serde_json::from_str(&body).unwrap();
        assert_eq!((&settings["userPool"], &settings["graph"]), (&json!("/cognito"), &json!("/backoffice/graphql")));
    }
}
