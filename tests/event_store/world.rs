//! A table, a key, a clock that stands still, and aggregates that need no bank.

use std::{
    collections::HashMap,
    sync::{Arc, OnceLock},
};

use app::{
    commit::{Actor, Cause, Commit},
    ledger::{BankPayment, LedgerError, open_accounts},
    ports::Vault,
    store::EventStore,
    streams::{Loaded, Streams},
};
use aws::{DynamoEventStore, KmsVault, SdkClock};
use aws_sdk_dynamodb::{Client, primitives::Blob, types::AttributeValue};
use aws_types::SdkConfig;
use domain::{
    aggregate::Aggregate,
    error::{Class, Classify},
    ids::{AccountId, CustomerId, DepositReference, OperationId, StreamId, Version},
    ledger::{
        account::{self, Account, AccountCommand, AccountState},
        deposit::Direction,
    },
};
use granary::{
    engine::{Engine, clock::ManualClock},
    services::{
        AllowAll, Aws, KeyAttribute, KeyKind, KeySpec, KeyUsage, NoOutbound, StreamView, TableSpec, connector,
        sdk_config,
    },
};
use money::{Asset, Money};
use uuid::Uuid;

pub const EVENTS: &str = "events-of-tests";
pub const VALUES: &str = "values-of-tests";
pub const KEYS: &str = "keys-of-tests";
pub const MASTER_KEY: &str = "vault-key";
/// Who the meter says was writing.
pub const WRITER: &str = "Writer";
/// 2026-11-20T12:00:00Z.
const NOON_MS: i64 = 1_795_176_000_000;

pub struct World {
    pub aws: Arc<Aws>,
    pub config: SdkConfig,
    pub streams: Streams,
}

impl World {
    pub fn new() -> Self {
        let clock = Arc::new(ManualClock::new(NOON_MS));
        let engine = Engine::open(None, clock.clone()).unwrap();
        let aws = Aws::new(engine, Arc::new(AllowAll));
        let table = |name: &str, sort, stream| TableSpec {
            name: name.to_owned(),
            partition: KeyAttribute { name: "pk".to_owned(), kind: KeyKind::S },
            sort: Some(KeyAttribute { name: "sk".to_owned(), kind: sort }),
            stream,
            ttl: None,
        };
        aws.dynamodb.create_table(&table(EVENTS, KeyKind::N, Some(StreamView::NewImage))).unwrap();
        aws.dynamodb.create_table(&table(VALUES, KeyKind::S, None)).unwrap();
        aws.dynamodb.create_table(&table(KEYS, KeyKind::S, None)).unwrap();
        let key = KeySpec { id: MASTER_KEY.to_owned(), usage: KeyUsage::Symmetric, alias: None };
        aws.kms.create_key(&key).unwrap();
        let config = sdk_config(WRITER, connector(Arc::clone(&aws), Arc::new(NoOutbound)), clock);
        Self { streams: streams(Client::new(&config), &config), aws, config }
    }

    pub fn client(&self) -> Client {
        Client::new(&self.config)
    }

    pub fn store(&self) -> &Arc<dyn EventStore> {
        self.streams.store()
    }

    pub fn vault(&self) -> Arc<dyn Vault> {
        vault(&self.config)
    }

    /// A whole stream as it is stored.
    pub async fn history(&self, stream: &StreamId) -> Vec<Commit> {
        let mut all = Vec::new();
        loop {
            let from = Version(u32::try_from(all.len()).unwrap());
            let page = self.store().read(stream, from, 100).await.unwrap();
            if page.is_empty() {
                return all;
            }
            all.extend(page);
        }
    }

    /// Puts an item as it is, past the store.
    pub async fn put(&self, commit: &Commit) {
        let item = HashMap::from([
            ("pk".to_owned(), AttributeValue::S(commit.stream.to_string())),
            ("sk".to_owned(), AttributeValue::N(commit.version.to_string())),
            ("c".to_owned(), AttributeValue::S(commit.body.clone())),
            ("p".to_owned(), AttributeValue::B(Blob::new(commit.previous.0))),
            ("s".to_owned(), AttributeValue::S(commit.state.clone())),
            ("sv".to_owned(), AttributeValue::N(commit.state_version.to_string())),
            ("k".to_owned(), AttributeValue::S(commit.stream.kind().to_owned())),
        ]);
        self.client().put_item().table_name(EVENTS).set_item(Some(item)).send().await.unwrap();
    }

    /// A pound account that is open.
    pub async fn account(&self) -> AccountId {
        let customer = CustomerId::new(Uuid::new_v4());
        open_accounts(&self.streams, customer, &cause()).await.unwrap();
        AccountId::new(customer, Asset::Gbp)
    }

    pub async fn available(&self, id: &AccountId) -> i128 {
        match self.streams.load::<Account>(id.into()).await.unwrap().state {
            AccountState::Open { available, .. } => available.units(),
            AccountState::NotOpen => panic!("the account is not open"),
        }
    }

    /// How many items the table has ever taken.
    pub fn written(&self) -> usize {
        self.aws.dynamodb.stream_records(EVENTS, 0, usize::MAX).unwrap().len()
    }
}

/// The production store over any client.
pub fn streams(client: Client, config: &SdkConfig) -> Streams {
    Streams::new(Arc::new(DynamoEventStore::new(client, EVENTS)), Arc::new(SdkClock::new(config)))
}

/// The production vault over any configuration.
pub fn vault(config: &SdkConfig) -> Arc<dyn Vault> {
    Arc::new(KmsVault::new(Client::new(config), aws_sdk_kms::Client::new(config), VALUES, KEYS, MASTER_KEY))
}

pub fn cause() -> Cause {
    Cause::by(Actor::System("tests"))
}

pub fn gbp(pence: i128) -> Money {
    Money::new(Asset::Gbp, pence)
}

pub fn operation() -> OperationId {
    OperationId::new("clearbank".parse().unwrap(), Uuid::new_v4())
}

pub async fn credit(streams: &Streams, id: &AccountId, pence: i128) -> Result<Loaded<Account>, LedgerError> {
    let command = AccountCommand::Credit { operation: operation(), amount: gbp(pence) };
    streams.dispatch::<Account, LedgerError>(&id.into(), &cause(), |state| Ok(account::decide(state, &command)?)).await
}

/// Money that the bank says came in.
pub fn payment(operation: OperationId, pence: i128, remittance: &str) -> BankPayment {
    BankPayment {
        operation,
        amount: gbp(pence),
        direction: Direction::Credit,
        nature: app::ledger::Nature::Payment,
        remittance: remittance.to_owned().into(),
        payer: "{\"name\":\"Petra Payer\"}".to_owned().into(),
    }
}

pub fn reference(id: &AccountId) -> String {
    DepositReference::derive(id, 0).to_string()
}

/// Remembers one text: for commits of any size.
#[derive(Debug)]
pub struct Note;

#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(tag = "type", content = "data")]
pub enum NoteEvent {
    #[serde(rename = "note.written.v1")]
    Written { text: String },
}

pub fn written(length: usize) -> NoteEvent {
    NoteEvent::Written { text: "x".repeat(length) }
}

impl Aggregate for Note {
    const KIND: &'static str = "note";
    const STATE_VERSION: u32 = 1;
    type State = String;
    type Event = NoteEvent;

    fn evolve(_: String, event: &NoteEvent) -> String {
        let NoteEvent::Written { text } = event;
        text.clone()
    }
}

/// A new stream of a kind.
pub fn stream(kind: &str) -> StreamId {
    static NUMBER: OnceLock<std::sync::atomic::AtomicU64> = OnceLock::new();
    let number = NUMBER.get_or_init(Default::default).fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    format!("{kind}#{number}").parse().unwrap()
}

/// What a decision of a test says no with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    No,
    Store(app::store::StoreError),
}

impl From<app::store::StoreError> for Refusal {
    fn from(error: app::store::StoreError) -> Self {
        Self::Store(error)
    }
}

impl Classify for Refusal {
    fn class(&self) -> Class {
        match self {
            Self::No => Class::Rejected,
            Self::Store(error) => error.class(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::No => "NO",
            Self::Store(error) => error.code(),
        }
    }
}
