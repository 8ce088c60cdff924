use std::sync::Arc;

use aws_lc_rs::{
    encoding::{AsDer as _, PublicKeyX509Der},
    rand::SystemRandom,
    rsa::{KeyPair, KeySize},
    signature::{KeyPair as _, RSA_PKCS1_SHA256},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use bytes::Bytes;
use http::{Request, Response};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::*;
use crate::{
    delivery::{Deliver, NoAnswer},
    fireblocks::Outcome,
};

const NOW: i64 = 1_800_000_000_000;
const MINUTE: i64 = 60_000;

/// Whoever gets the webhooks; answers with one status after the other, then 200.
#[derive(Default)]
struct Receiver {
    answers: Mutex<VecDeque<u16>>,
    got: Mutex<Vec<(String, Bytes)>>,
}

#[async_trait::async_trait]
impl Deliver for Receiver {
    async fn post(&self, request: Request<Bytes>) -> Result<Response<Bytes>, NoAnswer> {
        let signature = request.headers()["fireblocks-webhook-signature"].to_str().unwrap().to_owned();
        self.got.lock().unwrap().push((signature, request.into_body()));
        let status = self.answers.lock().unwrap().pop_front().unwrap_or(200);
        if status == 0 {
            return Err(NoAnswer);
        }
        Ok(Response::builder().status(status).body(Bytes::new()).unwrap())
    }
}

impl Receiver {
    fn endpoint(self: &Arc<Self>) -> Endpoint {
        Endpoint { path: "/webhooks/fireblocks".to_owned(), deliver: Arc::clone(self) as Arc<dyn Deliver> }
    }

    /// What was said of each transaction, in short.
    fn heard(&self) -> Vec<String> {
        let got = self.got.lock().unwrap();
        let bodies = got.iter().map(|(_, body)| serde_json::from_slice::<Value>(body).unwrap());
        bodies
            .map(|it| {
                let (status, blocks) = (it["data"]["status"].as_str().unwrap(), &it["data"]["numOfConfirmations"]);
                format!("{} {status} {blocks}", it["eventType"].as_str().unwrap())
            })
            .collect()
    }
}

/// The customer's side, written out by hand.
struct Customer {
    pair: KeyPair,
    api_key: String,
}

impl Customer {
    fn of(custodian: &Fireblocks) -> Self {
        let pair = KeyPair::generate(KeySize::Rsa2048).unwrap();
        let der: PublicKeyX509Der<'_> = pair.public_key().as_der().unwrap();
        custodian.register(der.as_ref());
        Self { pair, api_key: custodian.api_key().to_owned() }
    }

    fn claims(&self, uri: &str, body: &str, nonce: &str) -> Value {
        let iat = NOW / 1_000;
        let hash = hex::encode(Sha256::digest(body));
        json!({ "uri": uri, "nonce": nonce, "iat": iat, "exp": iat + 29, "sub": self.api_key, "bodyHash": hash })
    }

    fn token(&self, header: &Value, claims: &Value) -> String {
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let signed = format!("{}.{}", part(header), part(claims));
        let mut signature = vec![0; self.pair.public_modulus_len()];
        self.pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), signed.as_bytes(), &mut signature).unwrap();
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
    }

    fn request(&self, method: &str, uri: &str, body: &str, token: &str) -> Request<Bytes> {
        Request::builder()
            .method(method)
            .uri(format!("http://localhost:8080/sim/fireblocks{uri}"))
            .header("x-api-key", &self.api_key)
            .header("authorization", format!("Bearer {token}"))
            .body(Bytes::from(body.to_owned()))
            .unwrap()
    }

    async fn call(&self, custodian: &Fireblocks, method: &str, uri: &str, body: &str, key: &str) -> (u16, Value) {
        let claims = self.claims(uri, body, &Uuid::new_v4().to_string());
        let mut request = self.request(method, uri, body, &self.token(&json!({ "alg": "RS256" }), &claims));
        if !key.is_empty() {
            request.headers_mut().insert("idempotency-key", key.parse().unwrap());
        }
        let answer = custodian.handle(request, NOW).await;
        (answer.status().as_u16(), serde_json::from_slice(answer.body()).unwrap())
    }

    async fn address(&self, custodian: &Fireblocks, asset: &str) -> String {
        let (status, account) = self.call(custodian, "POST", "/v1/vault/accounts", r#"{"name":"somebody"}"#, "").await;
        assert_eq!(status, 200, "{account}");
        let uri = format!("/v1/vault/accounts/{}/{asset}", account["id"].as_str().unwrap());
        self.call(custodian, "POST", &uri, "", "").await.1["address"].as_str().unwrap().to_owned()
    }
}

fn deposit(asset: &str, address: &str) -> Deposit {
    Deposit { asset: asset.to_owned(), address: address.to_owned(), amount: "0.5".to_owned(), ..Deposit::default() }
}

#[tokio::test]
async fn accounts_wallets_and_addresses_are_kept() {
    let dir = tempfile::tempdir().unwrap();
    let custodian = Fireblocks::open(Some(dir.path())).unwrap();
    let customer = Customer::of(&custodian);
    let btc = customer.address(&custodian, "BTC").await;
    let eth = customer.call(&custodian, "POST", "/v1/vault/accounts/1/ETH", "", "").await.1["address"].clone();
    let usdc = customer.call(&custodian, "POST", "/v1/vault/accounts/1/USDC", "", "").await.1["address"].clone();
    assert_eq!(eth, usdc, "an account has one address on a chain");
    assert_eq!(customer.call(&custodian, "POST", "/v1/vault/accounts/1/BTC", "", "").await.0, 400);
    assert_eq!(customer.call(&custodian, "POST", "/v1/vault/accounts/1/DOGE", "", "").await.0, 400);
    assert_eq!(customer.call(&custodian, "GET", "/v1/vault/accounts/9/BTC/addresses_paginated", "", "").await.0, 404);
    let listed =
        customer.call(&custodian, "GET", "/v1/vault/accounts/1/BTC/addresses_paginated?limit=50", "", "").await;
    assert_eq!((listed.0, &listed.1["addresses"][0]["address"]), (200, &json!(btc)));
    let found = customer.call(&custodian, "GET", "/v1/vault/accounts_paged?namePrefix=some", "", "").await.1;
    assert_eq!((&found["accounts"][0]["id"], found["accounts"].as_array().unwrap().len()), (&json!("1"), 1));

    let receiver = Arc::new(Receiver::default());
    custodian.deposit(&deposit("BTC", &btc), NOW, &receiver.endpoint()).await.unwrap();
    let again = Fireblocks::open(Some(dir.path())).unwrap();
    assert_eq!(again.transactions(), custodian.transactions());
    assert_eq!(again.deliveries(), custodian.deliveries());
    assert_eq!(again.published_keys(), custodian.published_keys());
    assert_eq!((again.api_key(), again.account_count()), (custodian.api_key(), 1));
    assert_eq!(again.transactions()[0].vault_account, 1);
}

#[tokio::test]
async fn a_request_counts_only_if_its_token_was_signed_for_it_just_now() {
    let custodian = Fireblocks::open(None).unwrap();
    let customer = Customer::of(&custodian);
    let (uri, header) = ("/v1/vault/accounts_paged?limit=1", json!({ "alg": "RS256" }));
    let status =
        async |token: String| custodian.handle(customer.request("GET", uri, "", &token), NOW).await.status().as_u16();
    let good = customer.token(&header, &customer.claims(uri, "", "1"));
    assert_eq!(status(good.clone()).await, 200);
    assert_eq!(status(good).await, 401, "a nonce is used once");
    let with = |name: &str, value: Value| {
        let mut claims = customer.claims(uri, "", "2");
        claims[name] = value;
        customer.token(&header, &claims)
    };
    for (name, value) in [
        ("uri", json!("/v1/vault/accounts_paged")),
        ("bodyHash", json!(hex::encode(Sha256::digest("x")))),
        ("sub", json!("somebody else")),
        ("exp", json!(NOW / 1_000)),
        ("exp", json!(NOW / 1_000 + 30)),
        ("iat", json!(NOW / 1_000 + 6)),
    ] {
        assert_eq!(status(with(name, value)).await, 401, "{name}");
    }
    let unsigned = customer.token(&json!({ "alg": "none" }), &customer.claims(uri, "", "3"));
    assert_eq!(status(unsigned).await, 401);
    let stranger = Customer { pair: KeyPair::generate(KeySize::Rsa2048).unwrap(), api_key: customer.api_key.clone() };
    assert_eq!(status(stranger.token(&header, &stranger.claims(uri, "", "4"))).await, 401);
    let mut nameless = customer.request("GET", uri, "", &customer.token(&header, &customer.claims(uri, "", "5")));
    nameless.headers_mut().remove("x-api-key");
    assert_eq!(custodian.handle(nameless, NOW).await.status(), 401);
}

#[tokio::test]
async fn the_same_key_gets_the_same_answer_until_an_error_of_ours_spoils_it() {
    let custodian = Fireblocks::open(None).unwrap();
    let customer = Customer::of(&custodian);
    let create =
        async |key: &str| customer.call(&custodian, "POST", "/v1/vault/accounts", r#"{"name":"a"}"#, key).await;
    assert_eq!(create("one").await, create("one").await);
    assert_eq!(custodian.account_count(), 1);
    custodian.fail_next(1, Fault::AnswerLost);
    assert_eq!(create("two").await.0, 504);
    assert_eq!((create("two").await.0, custodian.account_count()), (200, 2));
    custodian.fail_next(1, Fault::Status(500));
    assert_eq!((create("three").await.0, create("three").await.0, custodian.account_count()), (500, 400, 2));
    assert_eq!(create(&"x".repeat(41)).await.0, 400);
}

#[tokio::test]
async fn a_slow_deposit_is_told_step_by_step() {
    let custodian = Fireblocks::open(None).unwrap();
    let (customer, receiver) = (Customer::of(&custodian), Arc::new(Receiver::default()));
    let address = customer.address(&custodian, "ETH").await;
    let slow = Deposit { confirm: Confirm::Slowly, ..deposit("ETH", &address.to_uppercase().replace('X', "x")) };
    custodian.deposit(&slow, NOW, &receiver.endpoint()).await.unwrap();
    assert_eq!(custodian.next_due_ms(), Some(NOW + MINUTE));
    for minute in 1..=5 {
        custodian.deliver_due(NOW + minute * MINUTE, &receiver.endpoint()).await.unwrap();
    }
    let told = "transaction.status.updated";
    assert_eq!(
        receiver.heard(),
        [
            "transaction.created CONFIRMING 0".to_owned(),
            format!("{told} CONFIRMING 4"),
            format!("{told} CONFIRMING 8"),
            format!("{told} COMPLETED 12"),
        ]
    );
    assert_eq!((custodian.next_due_ms(), custodian.transactions()[0].vault_account), (None, 1));
}

#[tokio::test]
async fn deposits_fail_repeat_themselves_come_backwards_and_lie() {
    let custodian = Fireblocks::open(None).unwrap();
    let (customer, receiver) = (Customer::of(&custodian), Arc::new(Receiver::default()));
    let failing = Deposit { fail: true, duplicate: true, ..deposit("BTC", "bc1qnobodys") };
    let (failed, deliveries) = custodian.deposit(&failing, NOW, &receiver.endpoint()).await.unwrap();
    assert_eq!((failed.status, failed.vault_account, deliveries.len()), (Status::Failed, DEFAULT_ACCOUNT, 4));
    let early = Deposit {
        completes_at: Some(1),
        confirm: Confirm::AtOnceBackwards,
        claims: Some("9".to_owned()),
        ..deposit("BTC", "bc1qnobodys")
    };
    let (early, _) = custodian.deposit(&early, NOW, &receiver.endpoint()).await.unwrap();
    let (created, updated) = ("transaction.created CONFIRMING 0", "transaction.status.updated");
    let (dropped, done) = (format!("{updated} FAILED 0"), format!("{updated} COMPLETED 1"));
    assert_eq!(receiver.heard(), [created, created, &dropped, &dropped, &done, created]);

    let uri = format!("/v1/transactions/{}", early.id);
    let read = customer.call(&custodian, "GET", &uri, "", "").await.1;
    let (_, last) = receiver.got.lock().unwrap().last().cloned().unwrap();
    let told: Value = serde_json::from_slice(&last).unwrap();
    assert_eq!((&read["amountInfo"]["amount"], &told["data"]["amountInfo"]["amount"]), (&json!("0.5"), &json!("9")));
    // It was called completed early, and is counted on without a word.
    custodian.deliver_due(NOW + 5 * MINUTE, &receiver.endpoint()).await.unwrap();
    custodian.deliver_due(NOW + 10 * MINUTE, &receiver.endpoint()).await.unwrap();
    assert_eq!((receiver.heard().len(), custodian.transactions()[0].confirmations), (6, 3));
    assert_eq!(custodian.next_due_ms(), None);
}

#[tokio::test]
async fn what_is_not_answered_is_sent_again_and_what_is_refused_is_not() {
    let custodian = Fireblocks::open(None).unwrap();
    let receiver = Arc::new(Receiver::default());
    receiver.answers.lock().unwrap().extend([401, 503]);
    let (_, deliveries) = custodian.deposit(&deposit("BTC", "bc1q"), NOW, &receiver.endpoint()).await.unwrap();
    assert_eq!(deliveries.iter().map(|it| it.outcome).collect::<Vec<_>>(), [Outcome::GivenUp, Outcome::Failed]);
    assert_eq!(custodian.next_due_ms(), Some(NOW + 10_000));
    // No answer at all, again and again, until it is given up.
    receiver.answers.lock().unwrap().extend([0; 20]);
    let mut attempts = 1;
    while let Some(due) = custodian.next_due_ms() {
        attempts += custodian.deliver_due(due, &receiver.endpoint()).await.unwrap().len();
    }
    assert_eq!((attempts, custodian.deliveries()[1].outcome), (10, Outcome::GivenUp));
    let by_hand = custodian.redeliver(deliveries[0].id, NOW, &receiver.endpoint()).await.unwrap();
    assert_eq!(by_hand.transaction_id, deliveries[0].transaction_id);
}

#[tokio::test]
async fn nonsense_is_not_deposited() {
    let custodian = Fireblocks::open(None).unwrap();
    let to = Arc::new(Receiver::default()).endpoint();
    for (asset, address, amount) in [
        ("", "a", "1"),
        ("BTC", "", "1"),
        ("BTC", "a b", "1"),
        ("BTC", "a", ""),
        ("BTC", "a", "1e3"),
        ("BTC", "a", "-1"),
    ] {
        let order = Deposit { amount: amount.to_owned(), ..deposit(asset, address) };
        let refused = custodian.deposit(&order, NOW, &to).await;
        assert!(matches!(refused, Err(FireblocksError::Order { .. })), "{asset} {address} {amount}");
    }
}

#[tokio::test]
async fn a_deposit_is_there_before_any_webhook_of_it_and_is_told_of_later_if_none_was_kept() {
    let dir = tempfile::tempdir().unwrap();
    let receiver = Arc::new(Receiver::default());
    let killed = Fireblocks::open(Some(dir.path())).unwrap();
    let btc = Customer::of(&killed).address(&killed, "BTC").await;
    fs::remove_dir(dir.path().join("fireblocks/webhooks")).unwrap(); // Killed between the two files.
    killed.deposit(&deposit("BTC", &btc), NOW, &receiver.endpoint()).await.unwrap_err();
    drop(killed);

    let again = Fireblocks::open(Some(dir.path())).unwrap();
    assert_eq!((again.transactions().len(), again.deliveries().len()), (1, 0));
    for minutes in 1..=3 {
        again.deliver_due(NOW + minutes * MINUTE, &receiver.endpoint()).await.unwrap();
    }
    let steps = ["CONFIRMING 1", "CONFIRMING 2", "COMPLETED 3"];
    assert_eq!(receiver.heard(), steps.map(|step| format!("transaction.status.updated {step}")));
}
