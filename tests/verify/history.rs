//! A bank with some history, and somebody with a client and no scruples.

use std::collections::HashMap;

use app::{
    commit::{Actor, Cause, Commit, Hash},
    ledger::LedgerError,
    streams::{Loaded, Streams},
    verify::{Fault, Report},
};
use aws::{DynamoEventStore, SdkClock};
use aws_sdk_dynamodb::{primitives::Blob, types::AttributeValue};
use domain::{
    ids::{AccountId, CustomerId, OperationId, StreamId, Version},
    ledger::account::{self, Account, AccountCommand},
};
use granary::{cli::whole_bank, services::OPERATOR, template::EventSource};
use money::{Asset, Money};
use uuid::Uuid;

use crate::{support::Bank, vault::tap::tapped};

/// What each customer of the history was paid, in pence.
pub const PAYMENTS: [&str; 4] = ["10.00", "20.00", "30.00", "40.00"];

/// A bank that was used as it should be.
pub struct History {
    pub bank: Bank,
    /// A pound account: opened, and then a commit a payment.
    pub account: AccountId,
}

pub type Item = HashMap<String, AttributeValue>;

/// Which of the two events tables a stream is in.
pub fn table_of(stream: &StreamId) -> &'static str {
    if stream.kind() == "customer" { "IdentityEvents" } else { "LedgerEvents" }
}

impl History {
    /// Two customers who were paid, and money that nobody was found for.
    pub async fn make() -> Self {
        let bank = Bank::open_with(&tapped()).await;
        let mut accounts = Vec::new();
        for email in ["ada@example.com", "bob@example.com"] {
            let person = bank.customer(email).await;
            let reference = bank.reference(&person, "GBP").await;
            for amount in PAYMENTS {
                bank.pay(&reference, "GBP", amount).await;
            }
            accounts.push(AccountId::new(person.sub.parse().unwrap(), Asset::Gbp));
        }
        bank.pay("for nobody", "GBP", "5.00").await;
        bank.assert_nothing_set_aside();
        Self { bank, account: accounts.remove(0) }
    }

    pub fn stream(&self) -> StreamId {
        StreamId::from(&self.account)
    }

    /// The newest commit of the account.
    pub fn newest(&self) -> Version {
        Version(u32::try_from(PAYMENTS.len()).unwrap())
    }

    pub async fn verify(&self) -> Report {
        whole_bank(&self.bank.local).await.unwrap()
    }

    /// What was found, and nothing that merely lags.
    pub async fn findings(&self) -> Vec<(StreamId, u32, Fault)> {
        let report = self.verify().await;
        assert!(report.lagging.is_empty(), "{:?}", report.lagging);
        report.findings.into_iter().map(|it| (it.stream, it.version.0, it.fault)).collect()
    }

    pub async fn commit(&self, stream: &StreamId, version: Version) -> Commit {
        let item = self.item(stream, version).await;
        let text = |name: &str| item[name].as_s().unwrap().clone();
        Commit {
            stream: stream.clone(),
            version,
            previous: Hash::from_slice(item["p"].as_b().unwrap().as_ref()).unwrap(),
            body: text("c"),
            state: text("s"),
            state_version: item["sv"].as_n().unwrap().parse().unwrap(),
        }
    }

    pub async fn item(&self, stream: &StreamId, version: Version) -> Item {
        let get = self.bank.dynamodb().get_item().table_name(self.bank.table(table_of(stream)));
        get.set_key(Some(key(stream, version))).send().await.unwrap().item.unwrap()
    }

    /// Overwrites or adds a commit.
    pub async fn put(&self, commit: &Commit) {
        let mut item = key(&commit.stream, commit.version);
        item.extend([
            ("c".to_owned(), AttributeValue::S(commit.body.clone())),
            ("p".to_owned(), AttributeValue::B(Blob::new(commit.previous.0))),
            ("s".to_owned(), AttributeValue::S(commit.state.clone())),
            ("sv".to_owned(), AttributeValue::N(commit.state_version.to_string())),
            ("k".to_owned(), AttributeValue::S(commit.stream.kind().to_owned())),
        ]);
        let put = self.bank.dynamodb().put_item().table_name(self.bank.table(table_of(&commit.stream)));
        put.set_item(Some(item)).send().await.unwrap();
    }

    pub async fn delete(&self, stream: &StreamId, version: Version) {
        let delete = self.bank.dynamodb().delete_item().table_name(self.bank.table(table_of(stream)));
        delete.set_key(Some(key(stream, version))).send().await.unwrap();
    }

    /// Sets one attribute of a commit.
    pub async fn update(&self, stream: &StreamId, version: Version, attribute: &str, value: AttributeValue) {
        let update = self.bank.dynamodb().update_item().table_name(self.bank.table(table_of(stream)));
        let update = update.update_expression("SET #a = :v").expression_attribute_names("#a", attribute);
        update.expression_attribute_values(":v", value).set_key(Some(key(stream, version))).send().await.unwrap();
    }

    /// The ledger's streams under the operator's hands: what these write is a real commit in form.
    pub fn forger(&self) -> Streams {
        let config = self.bank.local.sdk_config(OPERATOR);
        let store = DynamoEventStore::new(self.bank.dynamodb(), self.bank.table("LedgerEvents"));
        Streams::new(std::sync::Arc::new(store), std::sync::Arc::new(SdkClock::new(&config)))
    }

    /// A credit that no payment stands behind: hash chain and state are as they should be.
    pub async fn forge_credit(&self, pence: i128) -> Loaded<Account> {
        self.forge_credit_because(pence, &forged()).await
    }

    pub async fn forge_credit_because(&self, pence: i128, cause: &Cause) -> Loaded<Account> {
        let operation = OperationId::new("clearbank".parse().unwrap(), Uuid::new_v4());
        let command = AccountCommand::Credit { operation, amount: Money::new(Asset::Gbp, pence) };
        let decide = |state: &_| Ok(account::decide(state, &command)?);
        self.forger().dispatch::<Account, LedgerError>(&self.stream(), cause, decide).await.unwrap()
    }

    /// Lets the relay believe that it has published everything: the way past the projections.
    pub fn hide_from_the_relay(&self, table: &str) {
        let table = self.bank.table(table);
        let aws = self.bank.local.aws();
        let newest = aws.dynamodb.last_sequence(&table).unwrap();
        for event in self.bank.local.plan().functions.iter().flat_map(|function| &function.events) {
            if let EventSource::Stream { id, table: source, .. } = event
                && *source == table
            {
                aws.engine().set_position(id, newest).unwrap();
            }
        }
        assert!(!self.bank.local.in_flight().unwrap());
    }

    /// The head of some stream of this kind.
    pub async fn head_of_kind(&self, kind: &str) -> (StreamId, Version) {
        let table = if kind == "customer" { "IdentityEvents" } else { "LedgerEvents" };
        let items = self.bank.items(table).await;
        let place = |item: &Item| {
            let stream: StreamId = item["pk"].as_s().unwrap().parse().unwrap();
            (stream, Version(item["sk"].as_n().unwrap().parse().unwrap()))
        };
        items.iter().map(place).filter(|(stream, _)| stream.kind() == kind).max_by_key(|(_, version)| *version).unwrap()
    }
}

pub fn forged() -> Cause {
    Cause::by(Actor::System("nobody"))
}

/// A customer who never signed up.
pub fn nobody() -> CustomerId {
    CustomerId::new(Uuid::new_v4())
}

fn key(stream: &StreamId, version: Version) -> Item {
    HashMap::from([
        ("pk".to_owned(), AttributeValue::S(stream.to_string())),
        ("sk".to_owned(), AttributeValue::N(version.to_string())),
    ])
}
