//! A whole function, asked as API Gateway asks it.

use std::collections::BTreeMap;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use bytes::Bytes;
use lambda_kit::{Env, Function, Handler};
use serde_json::{Value, json};

use super::{Key, NOW, Script, claims};

/// The function, its script and the key that its pool signs access tokens with.
pub struct Api {
    path: &'static str,
    handler: Handler,
    pub script: Script,
    pub key: Key,
}

pub struct Reply {
    pub status: u64,
    pub headers: BTreeMap<String, String>,
    pub body: String,
    pub base64: bool,
}

impl Reply {
    #[must_use]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }

    #[must_use]
    pub fn code(&self) -> String {
        self.json()["errors"][0]["extensions"]["code"].as_str().unwrap().to_owned()
    }
}

impl Api {
    pub async fn new(path: &'static str, function: Function, env: Env) -> Self {
        let key = Key::new("access");
        let script = Script::new(&[&Key::new("id"), &key]);
        let handler = (function.init)(script.config(), env).await.unwrap();
        Self { path, handler, script, key }
    }

    pub async fn send(&self, method: &str, url: &str, headers: &[(&str, &str)], body: &str) -> Reply {
        let (path, query) = url.split_once('?').unwrap_or((url, ""));
        let headers: BTreeMap<_, _> = headers.iter().copied().collect();
        let event = json!({
            "version": "2.0", "routeKey": format!("{method} {path}"), "rawPath": path, "rawQueryString": query,
            "headers": headers, "isBase64Encoded": true, "body": STANDARD.encode(body),
            "requestContext": {
                "accountId": "000000000000", "apiId": "api", "domainName": "localhost", "domainPrefix": "api",
                "requestId": "request-1", "routeKey": "$default", "stage": "$default",
                "time": "31/Jan/2026:09:30:00 +0000", "timeEpoch": NOW * 1000,
                "http": { "method": method, "path": path, "protocol": "HTTP/1.1", "sourceIp": "127.0.0.1", "userAgent": "t" },
            },
        });
        let answer = (self.handler)(Bytes::from(event.to_string())).await.unwrap();
        let answer: Value = serde_json::from_slice(&answer).unwrap();
        Reply {
            status: answer["statusCode"].as_u64().unwrap(),
            headers: serde_json::from_value(answer["headers"].clone()).unwrap(),
            body: answer["body"].as_str().unwrap().to_owned(),
            base64: answer["isBase64Encoded"].as_bool().unwrap(),
        }
    }

    pub async fn post(&self, query: &str, headers: &[(&str, &str)]) -> Reply {
        let body = json!({ "query": query }).to_string();
        let headers = [&[("content-type", "application/json")], headers].concat();
        self.send("POST", self.path, &headers, &body).await
    }

    #[must_use]
    pub fn bearer(&self) -> String {
        format!("Bearer {}", self.key.sign(&claims()))
    }
}
