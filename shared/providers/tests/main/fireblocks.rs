//! The client against the simulated custodian: what this bank signs must be accepted there, and what is told there be read here.

use std::{
    convert::Infallible,
    sync::{Arc, Mutex},
};

use app::ports::{Clock, Custodian, CustodyStatus, PortError, Signer};
use async_trait::async_trait;
use aws_lc_rs::{
    encoding::{AsDer as _, PublicKeyX509Der},
    rand::SystemRandom,
    rsa::{KeyPair, KeySize},
    signature::{KeyPair as _, RSA_PKCS1_SHA256},
};
use bytes::Bytes;
use domain::{
    error::{Class, Classify as _},
    ids::CustomerId,
};
use http::{Request, Response};
use money::{Asset, Money};
use providers::fireblocks::{
    ConfigError, DetachedJws, Event, Fireblocks, SIGNATURE_HEADER, SignatureError, Webhook, WebhookError,
};
use secrecy::SecretString;
use simulators::{
    delivery::{Deliver, NoAnswer},
    fireblocks::{Confirm, Deposit, Endpoint, Fault, Fireblocks as Simulator, Transaction},
};
use time::OffsetDateTime;
use tower::util::BoxCloneSyncService;
use uuid::Uuid;

const NOW_MS: i64 = 1_800_000_000_000;
const ALICE: u128 = 0xa11ce;

/// A key that, in production, never leaves KMS.
struct Key(KeyPair);

#[async_trait]
impl Signer for Key {
    async fn sign(&self, message: &[u8]) -> Result<Vec<u8>, PortError> {
        let mut signature = vec![0; self.0.public_modulus_len()];
        self.0.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message, &mut signature).unwrap();
        Ok(signature)
    }
}

/// The bank's clock, at one moment.
struct Moment(i64);

#[async_trait]
impl Clock for Moment {
    fn now(&self) -> OffsetDateTime {
        OffsetDateTime::from_unix_timestamp(self.0 / 1_000).unwrap()
    }

    async fn back_off(&self, _: u32) {}
}

/// Who gets the webhooks: bytes and signatures.
#[derive(Default)]
struct Received(Mutex<Vec<(Bytes, String)>>);

#[async_trait]
impl Deliver for Received {
    async fn post(&self, request: Request<Bytes>) -> Result<Response<Bytes>, NoAnswer> {
        let signature = request.headers()[SIGNATURE_HEADER].to_str().unwrap().to_owned();
        self.0.lock().unwrap().push((request.into_body(), signature));
        Ok(Response::new(Bytes::new()))
    }
}

type Http = BoxCloneSyncService<Request<Bytes>, Response<Bytes>, Infallible>;

struct World {
    simulator: Arc<Simulator>,
    received: Arc<Received>,
    client: Fireblocks<Http>,
    /// How the next call fails that makes something; calls that only look go through.
    spoilt: Arc<Mutex<Option<Fault>>>,
}

fn http(simulator: &Arc<Simulator>, spoilt: &Arc<Mutex<Option<Fault>>>) -> Http {
    let (simulator, spoilt) = (Arc::clone(simulator), Arc::clone(spoilt));
    BoxCloneSyncService::new(tower::service_fn(move |request: Request<Bytes>| {
        if request.method() == http::Method::POST
            && let Some(fault) = spoilt.lock().unwrap().take()
        {
            simulator.fail_next(1, fault);
        }
        let simulator = Arc::clone(&simulator);
        async move { Ok::<_, Infallible>(simulator.handle(request, NOW_MS).await) }
    }))
}

impl World {
    fn new() -> Self {
        Self::at(NOW_MS)
    }

    /// A bank whose clock shows something else than the custodian's.
    fn at(now_ms: i64) -> Self {
        let simulator = Arc::new(Simulator::open(None).unwrap());
        let spoilt = Arc::default();
        let pair = KeyPair::generate(KeySize::Rsa2048).unwrap();
        let der: PublicKeyX509Der<'_> = pair.public_key().as_der().unwrap();
        simulator.register(der.as_ref());
        let client = Fireblocks::try_new(
            http(&simulator, &spoilt),
            "http://localhost:8080/sim/fireblocks/",
            SecretString::from(simulator.api_key()),
            Arc::new(Key(pair)),
            Arc::new(Moment(now_ms)),
        );
        Self { client: client.unwrap(), received: Arc::default(), simulator, spoilt }
    }

    async fn deposit(&self, deposit: Deposit) -> Transaction {
        let deliver = Arc::clone(&self.received) as Arc<dyn Deliver>;
        let to = Endpoint { path: "/webhooks/fireblocks".to_owned(), deliver };
        self.simulator.deposit(&deposit, NOW_MS, &to).await.unwrap().0
    }

    async fn address(&self, asset: Asset) -> String {
        let account = self.client.vault_account(alice()).await.unwrap();
        self.client.deposit_address(&account, asset).await.unwrap().address
    }
}

fn alice() -> CustomerId {
    CustomerId::new(Uuid::from_u128(ALICE))
}

fn deposit(asset: &str, address: &str, amount: &str) -> Deposit {
    Deposit { asset: asset.to_owned(), address: address.to_owned(), amount: amount.to_owned(), ..Deposit::default() }
}

#[tokio::test]
async fn a_customer_gets_one_account_and_one_address_an_asset_however_often_they_are_asked_for() {
    let world = World::new();
    let account = world.client.vault_account(alice()).await.unwrap();
    assert_eq!(world.client.vault_account(alice()).await.unwrap(), account);
    let other = world.client.vault_account(CustomerId::new(Uuid::from_u128(0xb0b))).await.unwrap();
    assert_ne!(account, other);
    for asset in [Asset::Usdc, Asset::Btc, Asset::Eth] {
        let made = world.client.deposit_address(&account, asset).await.unwrap();
        assert_eq!(world.client.deposit_address(&account, asset).await.unwrap(), made);
        assert_ne!(world.client.deposit_address(&other, asset).await.unwrap(), made);
        assert_eq!(made.asset, asset);
    }
    assert_eq!(world.simulator.account_count(), 2);
}

#[tokio::test]
async fn answers_that_are_lost_and_errors_of_the_custodians_make_nothing_twice() {
    for fault in [Fault::AnswerLost, Fault::Status(500)] {
        let world = World::new();
        *world.spoilt.lock().unwrap() = Some(fault);
        assert_eq!(world.client.vault_account(alice()).await.unwrap_err().class(), Class::Transient, "{fault:?}");
        // The idempotency key of an internal error is of no use for a day: the next try has another one.
        let account = world.client.vault_account(alice()).await.unwrap();
        assert_eq!(world.simulator.account_count(), 1, "{fault:?}");

        *world.spoilt.lock().unwrap() = Some(fault);
        let spoilt = world.client.deposit_address(&account, Asset::Btc).await;
        assert_eq!(spoilt.unwrap_err().class(), Class::Transient, "{fault:?}");
        let made = world.client.deposit_address(&account, Asset::Btc).await.unwrap();
        assert_eq!(world.address(Asset::Btc).await, made.address);
    }
}

#[tokio::test]
async fn a_deposit_is_what_the_custodian_says_when_it_is_asked() {
    let world = World::new();
    let address = world.address(Asset::Eth).await;
    let amount = "0.123456789012345678";
    let lying = Deposit { claims: Some("1000".to_owned()), ..deposit("ETH", &address, amount) };
    let sent = world.deposit(lying).await;
    let read = world.client.transaction(sent.id).await.unwrap();
    assert_eq!(read.amount, Some(Money::parse(Asset::Eth, amount).unwrap()));
    assert_eq!((read.incoming, read.status, read.confirmations), (true, CustodyStatus::Completed, 12));
    assert_eq!(read.address, address);
}

#[tokio::test]
async fn a_deposit_on_its_way_is_pending_and_one_that_fails_has_failed() {
    let world = World::new();
    let slow = Deposit { confirm: Confirm::Slowly, ..deposit("BTC", &world.address(Asset::Btc).await, "0.5") };
    let slow = world.client.transaction(world.deposit(slow).await.id).await.unwrap();
    assert_eq!((slow.status, slow.confirmations), (CustodyStatus::Pending, 0));
    let failing = world.deposit(Deposit { fail: true, ..deposit("BTC", "bc1qsomewhere", "0.5") }).await;
    assert_eq!(world.client.transaction(failing.id).await.unwrap().status, CustodyStatus::Failed);
    let gas = Deposit { source: Some("GAS_STATION".to_owned()), ..deposit("ETH", "0xours", "0.01") };
    assert!(!world.client.transaction(world.deposit(gas).await.id).await.unwrap().incoming);
    let other = world.deposit(deposit("DOGE", "Dsomewhere", "1000000")).await;
    assert_eq!(world.client.transaction(other.id).await.unwrap().amount, None);
}

#[tokio::test]
async fn what_is_not_there_is_missing_and_a_clock_that_is_wrong_is_no_answer() {
    let world = World::new();
    let missing = world.client.transaction(Uuid::from_u128(7)).await.unwrap_err();
    assert!(matches!(missing, PortError::Missing { .. }), "{missing:?}");
    let refused = world.client.deposit_address("1/../../accounts", Asset::Btc).await.unwrap_err();
    assert!(matches!(refused, PortError::Refused { .. }), "{refused:?}");
    let fiat = world.client.deposit_address("1", Asset::Eur).await.unwrap_err();
    assert!(matches!(fiat, PortError::Refused { .. }), "{fiat:?}");
    let early = World::at(NOW_MS - 60_000).client.vault_account(alice()).await.unwrap_err();
    assert_eq!((early.class(), early.code()), (Class::Transient, "PORT_UNAVAILABLE"));
    world.simulator.fail_next(1, Fault::Status(429));
    assert_eq!(world.client.vault_account(alice()).await.unwrap_err().class(), Class::Throttled);
}

#[tokio::test]
async fn settings_that_cannot_work_do_not_start() {
    let world = World::new();
    let key = || Arc::new(Key(KeyPair::generate(KeySize::Rsa2048).unwrap()));
    for (url, api_key, wrong) in [
        ("api.fireblocks.io", "key", ConfigError::NotAbsolute),
        ("", "key", ConfigError::NotAbsolute),
        ("https://api.fireblocks.io", "", ConfigError::UnusableKey),
        ("https://api.fireblocks.io", "a\nb", ConfigError::UnusableKey),
    ] {
        let (http, clock) = (http(&world.simulator, &world.spoilt), Arc::new(Moment(NOW_MS)));
        let refused = Fireblocks::try_new(http, url, SecretString::from(api_key), key(), clock).err();
        assert_eq!(refused, Some(wrong), "{url} {api_key:?}");
    }
}

#[tokio::test]
async fn webhooks_are_believed_by_the_published_key_that_they_name() {
    let world = World::new();
    world.simulator.rotate_key().unwrap();
    let sent = world.deposit(deposit("BTC", "bc1qsomewhere", "0.5")).await;
    let keys = world.simulator.published_keys();
    let keys: jsonwebtoken::jwk::JwkSet = serde_json::from_value(keys).unwrap();
    let received = world.received.0.lock().unwrap();
    assert_eq!(received.len(), 2);
    for (body, header) in received.iter() {
        let signature = DetachedJws::parse(header).unwrap();
        let named = jsonwebtoken::DecodingKey::from_jwk(keys.find(signature.key_id()).unwrap()).unwrap();
        assert_eq!(signature.verify(body, &named), Ok(()));
        assert_eq!(signature.verify(b"{}", &named), Err(SignatureError::Mismatch));
        let other = keys.keys.iter().find(|key| key.common.key_id.as_deref() != Some(signature.key_id())).unwrap();
        let other = jsonwebtoken::DecodingKey::from_jwk(other).unwrap();
        assert_eq!(signature.verify(body, &other), Err(SignatureError::Mismatch));
        assert_eq!(Webhook::parse(body).unwrap().event, Event::Transaction { id: sent.id });
    }
}

#[test]
fn the_samples_are_read() {
    let event = |name: &str| {
        let path = format!("{}/../../events/samples/providers/{name}.json", env!("CARGO_MANIFEST_DIR"));
        Webhook::parse(&std::fs::read(path).unwrap()).unwrap().event
    };
    let id = "b70701f4-d7b1-4795-a8ee-b09cdb5b850d".parse().unwrap();
    assert_eq!(event("fireblocks-transaction-created"), Event::Transaction { id });
    assert_eq!(event("fireblocks-transaction-status-updated"), Event::Transaction { id });
    let unneeded = Event::Unneeded { kind: "vault_account.asset.added".to_owned() };
    assert_eq!(event("fireblocks-vault-account-asset-added"), unneeded);
}

#[test]
fn envelopes_are_read_as_far_as_they_say_what_they_are_about() {
    let id = "b70701f4-d7b1-4795-a8ee-b09cdb5b850d";
    let parse = |rest: &str| {
        let text = format!(r#"{{"id":"{}",{rest}}}"#, Uuid::nil());
        Webhook::parse(text.as_bytes()).map(|webhook| webhook.event)
    };
    let transaction = Ok(Event::Transaction { id: id.parse().unwrap() });
    let kind = r#""eventType":"transaction.created""#;
    // `createdAt` comes in seconds or in milliseconds: nothing depends on it.
    assert_eq!(parse(&format!(r#"{kind},"createdAt":1754229343,"resourceId":"{id}""#)), transaction);
    assert_eq!(parse(&format!(r#"{kind},"createdAt":1754229343763,"data":{{"id":"{id}"}}"#)), transaction);
    assert_eq!(parse(&format!(r#""eventType":"transaction.of_tomorrow","resourceId":"{id}""#)), transaction);
    let malformed = Err(WebhookError::Malformed { part: "resourceId" });
    assert_eq!(parse(kind), malformed);
    assert_eq!(parse(&format!(r#"{kind},"resourceId":"7""#)), malformed);
    assert_eq!(parse(&format!(r#"{kind},"resourceId":"{id}","data":{{"id":"{}"}}"#, Uuid::nil())), malformed);
    assert_eq!(parse(r#""eventType":"new.thing""#), Ok(Event::Unknown { kind: "new.thing".to_owned() }));
    assert_eq!(parse(r#""type":"TRANSACTION_CREATED""#), Err(WebhookError::Malformed { part: "the envelope" }));
}
