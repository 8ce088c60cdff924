//! The API below `/v1`, and the published keys, in process.

use bytes::Bytes;
use http::{HeaderValue, Method, Request, Response, StatusCode, header::CONTENT_TYPE};
use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    Fault, Fireblocks, FireblocksError, addresses,
    custodian::{Answered, State},
    model::VaultAccount,
    payload,
};

const VERSION: &str = "/v1/";
const KEYS: &str = "/.well-known/jwks.json";
/// Documented.
const IDEMPOTENCY_KEY_CHARS_MAX: usize = 40;
const IDEMPOTENT_FOR_MS: i64 = 24 * 60 * 60 * 1_000;
const PAGE_MAX: usize = 500;
const PAGE: usize = 200;
/// What wallets are made in.
const ASSETS: [&str; 3] = ["BTC", "ETH", "USDC"];

/// Why a call is refused. Codes are assumed, but for the general one.
struct Refusal {
    status: StatusCode,
    code: i64,
    message: String,
}

fn refuse<T>(status: StatusCode, code: i64, message: &str) -> Result<T, Refusal> {
    Err(Refusal { status, code, message: message.to_owned() })
}

impl From<FireblocksError> for Refusal {
    fn from(error: FireblocksError) -> Self {
        Self { status: StatusCode::INTERNAL_SERVER_ERROR, code: 901, message: error.to_string() }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct NewAccount {
    name: String,
    #[serde(rename = "hiddenOnUI", default)]
    hidden: bool,
    customer_ref_id: Option<String>,
    #[serde(default)]
    auto_fuel: bool,
}

impl Fireblocks {
    /// Answers one call. Whatever stands before `/v1/` in the path is the way here. The published keys need no credentials.
    pub async fn handle(&self, request: Request<Bytes>, now_ms: i64) -> Response<Bytes> {
        if request.method() == Method::GET && request.uri().path().ends_with(KEYS) {
            return answer(StatusCode::OK, &self.published_keys());
        }
        let mut state = self.state();
        let fault = state.next_fault();
        let key = idempotency_key(&request);
        if let Some(Fault::Status(status)) = fault {
            let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            if let Some(key) = key.filter(|_| status.is_server_error()) {
                state.answered.insert(key, Answered { at_ms: now_ms, answer: None });
            }
            return answer(status, &json!({ "message": "told to fail", "code": 901 }));
        }
        let response = match carry_out(&mut state, &request, key, now_ms) {
            Ok(value) => answer(StatusCode::OK, &value),
            Err(refusal) => answer(refusal.status, &json!({ "message": refusal.message, "code": refusal.code })),
        };
        match fault {
            // The call is carried out: only its answer never comes.
            Some(Fault::AnswerLost) => answer(StatusCode::GATEWAY_TIMEOUT, &json!({ "message": "upstream timed out" })),
            Some(Fault::Status(_)) | None => response,
        }
    }
}

fn idempotency_key(request: &Request<Bytes>) -> Option<String> {
    let key = request.headers().get("idempotency-key").filter(|_| request.method() == Method::POST)?;
    Some(key.to_str().ok()?.to_owned())
}

fn carry_out(state: &mut State, request: &Request<Bytes>, key: Option<String>, now_ms: i64) -> Result<Value, Refusal> {
    let not_found = || refuse(StatusCode::NOT_FOUND, 404, "not found");
    let Some((_, path)) = request.uri().path().split_once(VERSION) else { return not_found() };
    let query = request.uri().query();
    let uri = query.map_or_else(|| format!("{VERSION}{path}"), |query| format!("{VERSION}{path}?{query}"));
    if let Err(message) = state.credentials.check(request, &uri, now_ms) {
        return refuse(StatusCode::UNAUTHORIZED, -7, message);
    }
    let segments: Vec<&str> = path.split('/').collect();
    match (request.method(), segments.as_slice()) {
        (&Method::GET, ["vault", "accounts_paged"]) => list_accounts(state, query.unwrap_or_default()),
        (&Method::GET, ["vault", "accounts", id]) => Ok(payload::account(account(state, id)?)),
        (&Method::POST, ["vault", "accounts"]) => {
            once(state, key, now_ms, |state| create_account(state, request.body()))
        }
        (&Method::POST, ["vault", "accounts", id, asset]) => {
            once(state, key, now_ms, |state| create_wallet(state, id, asset))
        }
        (&Method::GET, ["vault", "accounts", id, asset, "addresses_paginated"]) => {
            match account(state, id)?.wallets.get(*asset) {
                Some(address) => Ok(payload::addresses(asset, address)),
                None => refuse(StatusCode::NOT_FOUND, 1025, "the vault account has no such wallet"),
            }
        }
        (&Method::GET, ["transactions", id]) => {
            let found = id.parse::<Uuid>().ok().and_then(|id| state.transactions.get(&id.to_string()));
            found.map_or_else(not_found, |it| Ok(payload::transaction(it, &it.amount)))
        }
        _ => not_found(),
    }
}

/// The same answer for the same key, for a day; after an internal error none at all.
fn once(
    state: &mut State,
    key: Option<String>,
    now_ms: i64,
    work: impl FnOnce(&mut State) -> Result<Value, Refusal>,
) -> Result<Value, Refusal> {
    let Some(key) = key else { return work(state) };
    if key.chars().count() > IDEMPOTENCY_KEY_CHARS_MAX {
        return refuse(StatusCode::BAD_REQUEST, 400, "the idempotency key is longer than 40 characters");
    }
    state.answered.retain(|_, answered| answered.at_ms.saturating_add(IDEMPOTENT_FOR_MS) > now_ms);
    match state.answered.get(&key) {
        Some(Answered { answer: Some(answer), .. }) => return Ok(answer.clone()),
        Some(Answered { answer: None, .. }) => {
            let message =
                "This operation doesn't support the usage of the same idempotency key after an internal error";
            return refuse(StatusCode::BAD_REQUEST, 400, message);
        }
        None => {}
    }
    let value = work(state)?;
    state.answered.insert(key, Answered { at_ms: now_ms, answer: Some(value.clone()) });
    Ok(value)
}

fn list_accounts(state: &State, query: &str) -> Result<Value, Refusal> {
    let (mut prefix, mut suffix, mut limit) = (String::new(), String::new(), PAGE);
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        match (name.as_ref(), value.parse::<usize>()) {
            ("namePrefix", _) => prefix = value.into_owned(),
            ("nameSuffix", _) => suffix = value.into_owned(),
            ("limit", Ok(number)) if (1..=PAGE_MAX).contains(&number) => limit = number,
            ("limit", _) => return refuse(StatusCode::BAD_REQUEST, 400, "limit is out of range"),
            _ => {}
        }
    }
    let fits = |account: &&VaultAccount| account.name.starts_with(&prefix) && account.name.ends_with(&suffix);
    let accounts: Vec<Value> = state.accounts.all().rev().filter(fits).take(limit).map(payload::account).collect();
    Ok(json!({ "accounts": accounts, "paging": {} }))
}

fn account<'a>(state: &'a State, id: &str) -> Result<&'a VaultAccount, Refusal> {
    match state.accounts.get(id) {
        Some(account) => Ok(account),
        None => refuse(StatusCode::NOT_FOUND, 1004, "the vault account does not exist"),
    }
}

fn create_account(state: &mut State, body: &Bytes) -> Result<Value, Refusal> {
    let Ok(new) = serde_json::from_slice::<NewAccount>(body) else {
        return refuse(StatusCode::BAD_REQUEST, 400, "the body cannot be read");
    };
    if new.name.is_empty() || !new.name.is_ascii() {
        return refuse(StatusCode::BAD_REQUEST, 400, "names are of ASCII characters");
    }
    let id = state.accounts.all().map(|account| account.id).max().unwrap_or_default() + 1;
    let account = VaultAccount {
        id,
        name: new.name,
        hidden: new.hidden,
        customer_ref_id: new.customer_ref_id,
        auto_fuel: new.auto_fuel,
        wallets: Default::default(),
    };
    let value = payload::account(&account);
    state.accounts.put(&id.to_string(), account)?;
    Ok(value)
}

fn create_wallet(state: &mut State, id: &str, asset: &str) -> Result<Value, Refusal> {
    let mut account = account(state, id)?.clone();
    if !ASSETS.contains(&asset) {
        return refuse(StatusCode::BAD_REQUEST, 1503, "the asset is not supported");
    }
    if account.wallets.contains_key(asset) {
        return refuse(StatusCode::BAD_REQUEST, 1026, "the wallet exists already");
    }
    let address = if asset == "BTC" {
        addresses::btc()?
    } else {
        // One account has one address on a chain: its coin and its tokens share it.
        let chain = account.wallets.get("ETH").or_else(|| account.wallets.get("USDC")).cloned();
        chain.map_or_else(addresses::evm, Ok)?
    };
    account.wallets.insert(asset.to_owned(), address.clone());
    let value = payload::wallet(&account, &address);
    state.accounts.put(id, account)?;
    Ok(value)
}

fn answer(status: StatusCode, value: &Value) -> Response<Bytes> {
    let mut response = Response::new(Bytes::from(value.to_string()));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json; charset=utf-8"));
    response
}
