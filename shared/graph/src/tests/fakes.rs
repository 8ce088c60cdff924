//! Views, an event store and a clock in memory.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use app::{
    commit::Commit,
    ports::{Claim, Clock, IdentityPool, PortError, Questions, Reader, SdkTokens, SignUps, Vault},
    store::{EventStore, ScanCursor, StoreError, Transaction},
    streams::Streams,
    views::{
        AccountView, ApplicantView, ApplicationFilter, AtVersion, ControlsView, CustomerView, EntryView, HolderView,
        IdentityViews, LedgerViews, ListedApplication, OnboardingViews, OperationKind, OperationStatus, OperationView,
        Page, PageRequest, SavedView, SavingsView, SavingsViews, SuspendedView,
    },
};
use async_graphql::{Request, Variables};
use async_trait::async_trait;
use domain::{
    identity::customer::CustomerStatus,
    ids::{
        AccountId, ApplicationId, CustomerId, DepositReference, Fingerprint, OperationId, OperationOwner, PositionId,
        RetentionClass, StreamId, VaultRef, Version,
    },
};
use money::{Asset, BusinessDate, Money};
use secrecy::SecretString;
use serde_json::{Value, json};
use time::{OffsetDateTime, macros::datetime};
use uuid::Uuid;

use crate::{AccessToken, Ask, Bank, BankDetails, Caller, Graph, Methods, Outcome};

pub(super) const ALICE: CustomerId = CustomerId::new(Uuid::from_u128(0xA11CE));
pub(super) const BOB: CustomerId = CustomerId::new(Uuid::from_u128(0xB0B));
pub(super) const AT: &str = "2026-01-31T09:30:00.000Z";

pub(super) fn account(customer: CustomerId, asset: Asset) -> AtVersion<AccountView> {
    let id = AccountId::new(customer, asset);
    let reference = matches!(asset, Asset::Gbp | Asset::Eur).then(|| DepositReference::derive(&id, 0));
    let zero = Money::zero(asset);
    AtVersion {
        view: AccountView { available: Money::new(asset, 100_000), pending: zero, held: zero, reference, id },
        version: 1,
    }
}

pub(super) fn operation(number: u32) -> OperationId {
    OperationId::new(OperationOwner::try_new("clearbank").unwrap(), Uuid::from_u128(number.into()))
}

/// What the read models hold.
#[derive(Default)]
pub(super) struct Views {
    pub(super) customers: Vec<CustomerId>,
    pub(super) accounts: Vec<AtVersion<AccountView>>,
    pub(super) positions: Vec<AtVersion<SavingsView>>,
    /// What every position held at the end of the days on which that changed.
    pub(super) saved: Vec<SavedView>,
    pub(super) holders: BTreeMap<CustomerId, HolderView>,
    pub(super) controls: BTreeMap<CustomerId, ControlsView>,
    pub(super) applicants: Vec<AtVersion<ApplicantView>>,
    /// How many entries each account has, and how many operations each customer.
    pub(super) entries: u32,
    /// What every read fails with.
    pub(super) failure: Option<PortError>,
    /// What every read of the ledger fails with.
    pub(super) ledger_failure: Option<PortError>,
}

impl Views {
    fn available(&self) -> Result<(), PortError> {
        self.failure.clone().map_or(Ok(()), Err)
    }

    fn ledger_available(&self) -> Result<(), PortError> {
        self.available().and(self.ledger_failure.clone().map_or(Ok(()), Err))
    }
}

/// Cursors are `at-<index>`.
pub(super) fn page<T>(all: impl DoubleEndedIterator<Item = T>, request: &PageRequest) -> Result<Page<T>, PortError> {
    let after = match &request.after {
        None => 0,
        Some(cursor) => {
            let index = cursor.strip_prefix("at-").and_then(|index| index.parse::<usize>().ok());
            index.ok_or(PortError::Missing { attempted: "find a cursor" })? + 1
        }
    };
    let mut items: Vec<_> =
        all.rev().enumerate().map(|(index, item)| (format!("at-{index}"), item)).skip(after).collect();
    let has_next = items.len() > usize::from(request.first);
    items.truncate(request.first.into());
    Ok(Page { items, has_next })
}

#[async_trait]
impl IdentityViews for Views {
    async fn customer(&self, id: CustomerId) -> Result<Option<AtVersion<CustomerView>>, PortError> {
        self.available()?;
        let view = CustomerView { id, status: CustomerStatus::Active, erase_on: None, erasure: None };
        Ok(self.customers.contains(&id).then_some(AtVersion { view, version: 0 }))
    }
}

#[async_trait]
impl LedgerViews for Views {
    async fn account(&self, id: &AccountId) -> Result<Option<AtVersion<AccountView>>, PortError> {
        self.ledger_available()?;
        Ok(self.accounts.iter().find(|account| account.view.id == *id).cloned())
    }

    async fn accounts(&self, customer: CustomerId) -> Result<Vec<AtVersion<AccountView>>, PortError> {
        self.ledger_available()?;
        Ok(self.accounts.iter().filter(|account| account.view.id.customer == customer).cloned().collect())
    }

    async fn entries(&self, account: &AccountId, request: &PageRequest) -> Result<Page<EntryView>, PortError> {
        let entry = |number: u32| EntryView {
            operation: operation(number),
            amount: Money::new(account.asset, number.into()),
            balance_after: Money::new(account.asset, 100_000),
            at: AT.to_owned(),
        };
        page((1..=self.entries).map(entry), request)
    }

    async fn holder(&self, customer: CustomerId) -> Result<Option<AtVersion<HolderView>>, PortError> {
        Ok(self.holders.get(&customer).map(|view| AtVersion { view: view.clone(), version: 1 }))
    }

    async fn controls(&self, customer: CustomerId) -> Result<Option<AtVersion<ControlsView>>, PortError> {
        Ok(self.controls.get(&customer).map(|view| AtVersion { view: view.clone(), version: 1 }))
    }

    async fn operations(&self, customer: CustomerId, request: &PageRequest) -> Result<Page<OperationView>, PortError> {
        let view = |number: u32| OperationView {
            id: operation(number),
            kind: OperationKind::Deposit,
            status: OperationStatus::Settled,
            amount: Money::new(Asset::Gbp, number.into()),
            customer: Some(customer),
            position: None,
            week: None,
            at: AT.to_owned(),
        };
        page((1..=self.entries).map(view), request)
    }

    async fn suspended(&self, _: &PageRequest) -> Result<Page<SuspendedView>, PortError> {
        Err(PortError::Missing { attempted: "show this to customers" })
    }

    async fn internal(&self, _code: &str, asset: Asset) -> Result<Money, PortError> {
        Ok(Money::zero(asset))
    }
}

#[async_trait]
impl SavingsViews for Views {
    async fn position(&self, id: &PositionId) -> Result<Option<AtVersion<SavingsView>>, PortError> {
        self.ledger_available()?;
        Ok(self.positions.iter().find(|row| row.view.position.id == *id).cloned())
    }

    async fn positions(&self, customer: CustomerId) -> Result<Vec<AtVersion<SavingsView>>, PortError> {
        self.ledger_available()?;
        Ok(self.positions.iter().filter(|row| row.view.position.id.customer == customer).cloned().collect())
    }

    async fn saved(&self, _: &PositionId, _: BusinessDate, to: BusinessDate) -> Result<Vec<SavedView>, PortError> {
        Ok(self.saved.iter().filter(|saved| saved.date <= to).copied().collect())
    }
}

#[async_trait]
impl OnboardingViews for Views {
    async fn applicant(&self, customer: CustomerId) -> Result<Option<AtVersion<ApplicantView>>, PortError> {
        self.available()?;
        Ok(self.applicants.iter().find(|row| row.view.customer == customer).cloned())
    }

    async fn applications(&self, _: ApplicationFilter, _: &PageRequest) -> Result<Page<ListedApplication>, PortError> {
        panic!("customers see their own applications only");
    }

    async fn owners(&self, _: ApplicationId) -> Result<Vec<CustomerId>, PortError> {
        panic!("customers see their own applications only");
    }
}

/// A vault that forgets, and tokens that nobody made.
struct Nowhere;

#[async_trait]
impl Vault for Nowhere {
    async fn keep(&self, _: &VaultRef, _: &SecretString) -> Result<(), PortError> {
        Ok(())
    }

    async fn open(&self, _: &VaultRef, _: &Reader) -> Result<SecretString, PortError> {
        Err(PortError::Missing { attempted: "open the vault" })
    }

    async fn fingerprint(
        &self,
        _: CustomerId,
        _: RetentionClass,
        content: &SecretString,
    ) -> Result<Fingerprint, PortError> {
        use secrecy::ExposeSecret as _;
        Ok(Fingerprint::of(content.expose_secret().as_bytes()))
    }
}

#[async_trait]
impl IdentityPool for Nowhere {
    async fn email(&self, _: &SecretString) -> Result<SecretString, PortError> {
        Ok(SecretString::from("alice@example.com"))
    }
}

#[async_trait]
impl SignUps for Nowhere {
    async fn note(&self, _: CustomerId, _: OffsetDateTime) -> Result<(), PortError> {
        Ok(())
    }

    async fn claim(&self, _: CustomerId, _: OffsetDateTime) -> Result<Claim, PortError> {
        Ok(Claim::Taken)
    }

    async fn put_back(&self, _: CustomerId, _: OffsetDateTime) -> Result<(), PortError> {
        Ok(())
    }

    async fn forget(&self, _: CustomerId) -> Result<(), PortError> {
        Ok(())
    }
}

#[async_trait]
impl SdkTokens for Nowhere {
    async fn keep(&self, _: CustomerId, _: Uuid, _: &SecretString) -> Result<(), PortError> {
        Ok(())
    }

    async fn find(&self, _: CustomerId, application: Uuid) -> Result<Option<SecretString>, PortError> {
        Ok(Some(SecretString::from(format!("token-of-{application}"))))
    }
}

#[async_trait]
impl Questions for Nowhere {
    async fn show(&self, _: CustomerId, _: &str, _: &SecretString) -> Result<(), PortError> {
        Ok(())
    }

    async fn read(&self, _: CustomerId, slot: &str) -> Result<Option<SecretString>, PortError> {
        Ok(Some(SecretString::from(format!("What is {slot}?"))))
    }
}

/// Commits, in the order in which they came.
#[derive(Default)]
pub(super) struct Store(pub(super) Mutex<Vec<Commit>>);

#[async_trait]
impl EventStore for Store {
    async fn head(&self, stream: &StreamId) -> Result<Option<Commit>, StoreError> {
        Ok(self.0.lock().unwrap().iter().rev().find(|commit| commit.stream == *stream).cloned())
    }

    async fn read(&self, stream: &StreamId, from: Version, limit: u16) -> Result<Vec<Commit>, StoreError> {
        let commits = self.0.lock().unwrap();
        let wanted = commits.iter().filter(|commit| commit.stream == *stream && commit.version >= from);
        Ok(wanted.take(limit.into()).cloned().collect())
    }

    async fn append(&self, transaction: Transaction) -> Result<(), StoreError> {
        self.0.lock().unwrap().extend(transaction.commits);
        Ok(())
    }

    async fn scan(&self, _after: Option<ScanCursor>) -> Result<(Vec<Commit>, Option<ScanCursor>), StoreError> {
        Ok((self.0.lock().unwrap().clone(), None))
    }
}

pub(super) struct Stopped;

#[async_trait]
impl Clock for Stopped {
    fn now(&self) -> OffsetDateTime {
        datetime!(2026-01-31 09:30 UTC)
    }

    async fn back_off(&self, _attempt: u32) {}
}

/// An answer, read.
pub(super) struct Told {
    pub(super) outcome: Outcome,
    pub(super) body: Value,
}

/// A graph, and the store that it writes.
pub(super) struct World {
    pub(super) graph: Graph,
    pub(super) store: Arc<Store>,
}

impl World {
    pub(super) fn of(views: Views) -> Self {
        let (views, store) = (Arc::new(views), Arc::new(Store::default()));
        let graph = Graph::new(Bank {
            identity: views.clone(),
            onboarding: views.clone(),
            ledger: views.clone(),
            savings: views,
            identity_streams: Streams::new(store.clone(), Arc::new(Stopped)),
            onboarding_streams: Streams::new(store.clone(), Arc::new(Stopped)),
            ledger_streams: Streams::new(store.clone(), Arc::new(Stopped)),
            vault: Arc::new(Nowhere),
            pool: Arc::new(Nowhere),
            sign_ups: Arc::new(Nowhere),
            sdk_tokens: Arc::new(Nowhere),
            questions: Arc::new(Nowhere),
            clock: Arc::new(Stopped),
            instructions: BankDetails {
                account_name: "Granary Bank".to_owned(),
                sort_code: "040004".to_owned(),
                account_number: "12345678".to_owned(),
                iban: "GB33BUKB20201555555555".to_owned(),
                bic: "CLRBGB22".to_owned(),
            },
        });
        Self { graph, store }
    }

    /// Alice with accounts in pounds, euros and bitcoin, and Bob with one in pounds.
    pub(super) fn usual() -> Self {
        Self::of(Views {
            customers: vec![ALICE, BOB],
            accounts: vec![
                account(ALICE, Asset::Btc),
                account(ALICE, Asset::Eur),
                account(ALICE, Asset::Gbp),
                account(BOB, Asset::Gbp),
            ],
            entries: 3,
            ..Views::default()
        })
    }

    /// The streams of the ledger, past the graph.
    pub(super) fn streams(&self) -> Streams {
        Streams::new(self.store.clone(), Arc::new(Stopped))
    }

    pub(super) async fn ask(&self, caller: Option<CustomerId>, query: &str, variables: Value) -> Told {
        let request = Request::new(query).variables(Variables::from_json(variables));
        let answer = self.graph.answer(request, ask_of(caller, Methods::All)).await;
        Told { outcome: answer.outcome, body: serde_json::from_str(&answer.body).unwrap() }
    }

    /// What Alice is told, with nothing gone wrong.
    pub(super) async fn data(&self, query: &str) -> Value {
        let mut answer = self.ask(Some(ALICE), query, json!({})).await;
        assert_eq!(answer.body.get("errors"), None, "{query}");
        answer.body["data"].take()
    }

    /// The extensions of the only error that Alice is told.
    pub(super) async fn refused(&self, query: &str) -> Value {
        let answer = self.ask(Some(ALICE), query, json!({})).await;
        only_error(&answer)["extensions"].clone()
    }
}

pub(super) fn ask_of(caller: Option<CustomerId>, methods: Methods) -> Ask {
    Ask {
        caller: caller.map(|customer| Caller { person: *customer.as_uuid(), groups: vec![] }),
        token: caller.map(|_| AccessToken(SecretString::from("token"))),
        request_id: "request-1".to_owned(),
        correlation_id: "correlation-1".to_owned(),
        methods,
    }
}

pub(super) fn only_error(answer: &Told) -> &Value {
    let errors = answer.body["errors"].as_array().expect("errors");
    assert_eq!(errors.len(), 1, "{errors:?}");
    &errors[0]
}
