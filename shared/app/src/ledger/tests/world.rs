//! A bank in memory: a store that keeps its promises, a vault, and a clock in the tests' hands.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use async_trait::async_trait;
use domain::{
    aggregate::Aggregate,
    ids::{AccountId, CustomerId, Fingerprint, OperationId, PositionId, RetentionClass, StreamId, VaultRef, Version},
    ledger::{
        account::{Account, AccountCommand, AccountState},
        deposit::Direction,
        operation::{Operation, OperationState},
        savings::{Position, Savings, SavingsState},
    },
};
use futures::executor::block_on;
use money::{Asset, Money};
use secrecy::{ExposeSecret as _, SecretString};
use time::{Duration, OffsetDateTime, macros::datetime};
use uuid::Uuid;

use crate::{
    commit::{Actor, Cause, Commit},
    ledger::{
        CryptoDeposit, LedgerError, SavingsMove, SavingsMoved, change_account, open_accounts, save_to_savings,
        take_from_savings,
    },
    ports::{Clock, PortError, Reader, Vault},
    store::{EventStore, ScanCursor, StoreError, Transaction},
    streams::{Loaded, Streams},
};

type Interference = Box<dyn FnOnce() + Send>;

/// Everything that the use cases need.
pub struct World {
    commits: Mutex<BTreeMap<(StreamId, Version), Commit>>,
    vault: Mutex<BTreeMap<VaultRef, String>>,
    now: Mutex<OffsetDateTime>,
    /// What others do while the next transaction is on its way.
    interference: Mutex<Option<Interference>>,
    /// What others do once the head of a stream of this kind was read.
    after_reading: Mutex<Option<(&'static str, Interference)>>,
}

/// Monday of week 47, in the morning.
pub const MONDAY: OffsetDateTime = datetime!(2026-11-16 09:00 UTC);

impl World {
    pub fn open() -> Arc<Self> {
        Arc::new(Self {
            commits: Mutex::default(),
            vault: Mutex::default(),
            now: Mutex::new(MONDAY),
            interference: Mutex::default(),
            after_reading: Mutex::default(),
        })
    }

    /// A bank with one customer, who has this much of an asset.
    pub fn with(amount: Money) -> Arc<Self> {
        let world = Self::open();
        block_on(open_accounts(&world.streams(), customer(), &cause())).unwrap();
        world.fund(amount);
        world
    }

    pub fn streams(self: &Arc<Self>) -> Streams {
        Streams::new(Arc::clone(self) as _, Arc::clone(self) as _)
    }

    pub fn vault(self: &Arc<Self>) -> Arc<dyn Vault> {
        Arc::clone(self) as _
    }

    pub fn kept(&self) -> BTreeMap<VaultRef, String> {
        self.vault.lock().unwrap().clone()
    }

    pub fn advance(&self, by: Duration) {
        *self.now.lock().unwrap() += by;
    }

    /// Lets something happen after the next transaction was decided and before it is stored.
    pub fn meanwhile(self: &Arc<Self>, happens: impl FnOnce(Arc<Self>) + Send + 'static) {
        let world = Arc::clone(self);
        *self.interference.lock().unwrap() = Some(Box::new(move || happens(world)));
    }

    /// Lets something happen after the next head of a stream of this kind was read.
    pub fn once_read(self: &Arc<Self>, kind: &'static str, happens: impl FnOnce(Arc<Self>) + Send + 'static) {
        let world = Arc::clone(self);
        *self.after_reading.lock().unwrap() = Some((kind, Box::new(move || happens(world))));
    }

    /// Credits an account out of thin air: no operation says why.
    pub fn fund(self: &Arc<Self>, amount: Money) {
        let streams = self.streams();
        let credit = AccountCommand::Credit { operation: operation(0), amount };
        block_on(async {
            let mut unit = streams.unit(&cause());
            change_account(&streams, &mut unit, &account(amount.asset()), &[credit]).await.unwrap();
            streams.append(unit).await.unwrap();
        });
    }

    /// As if a stream had never been.
    pub fn forget(&self, stream: StreamId) {
        self.commits.lock().unwrap().retain(|(known, _), _| *known != stream);
    }

    pub fn count(&self) -> usize {
        self.commits.lock().unwrap().len()
    }

    pub fn commits(&self) -> Vec<Commit> {
        self.commits.lock().unwrap().values().cloned().collect()
    }

    pub fn load<A: Aggregate>(self: &Arc<Self>, stream: impl Into<StreamId>) -> Loaded<A> {
        block_on(self.streams().load::<A>(stream.into())).unwrap()
    }

    /// What is available and what is pending.
    pub fn balances(self: &Arc<Self>, asset: Asset) -> (i128, i128) {
        match self.load::<Account>(account(asset)).state {
            AccountState::Open { available, pending, .. } => (available.units(), pending.units()),
            AccountState::NotOpen => panic!("the account is not open"),
        }
    }

    pub fn position(self: &Arc<Self>) -> Position {
        match self.load::<Savings>(position()).state {
            SavingsState::Open(position) => position,
            SavingsState::NotOpen => panic!("the position is not open"),
        }
    }

    pub fn operation(self: &Arc<Self>, id: &OperationId) -> OperationState {
        self.load::<Operation>(id.clone()).state
    }

    pub fn save(self: &Arc<Self>, number: u128, amount: Money) -> Result<SavingsMoved, LedgerError> {
        block_on(save_to_savings(&self.streams(), &request(number, amount), &cause()))
    }

    pub fn take(self: &Arc<Self>, number: u128, amount: Money) -> Result<SavingsMoved, LedgerError> {
        block_on(take_from_savings(&self.streams(), &request(number, amount), &cause()))
    }
}

pub fn cause() -> Cause {
    Cause::by(Actor::System("tests")).correlated(Some("test".to_owned()))
}

pub fn customer() -> CustomerId {
    CustomerId::new(Uuid::from_u128(1))
}

pub fn account(asset: Asset) -> AccountId {
    AccountId::new(customer(), asset)
}

pub fn position() -> PositionId {
    PositionId::new(customer(), "usdc-savings".parse().unwrap())
}

/// A transaction at the custodian.
pub fn operation(number: u128) -> OperationId {
    OperationId::new("fireblocks".parse().unwrap(), Uuid::from_u128(number))
}

pub fn usdc(units: i128) -> Money {
    Money::new(Asset::Usdc, units)
}

pub fn request(number: u128, amount: Money) -> SavingsMove {
    SavingsMove {
        customer: customer(),
        operation: Uuid::from_u128(number),
        product: "usdc-savings".parse().unwrap(),
        amount,
    }
}

/// Where the customer receives everything that is on a chain.
pub const ADDRESS: &str = "0x52908400098527886E0F7030069857D2E4169EE7";

pub fn sent(number: u128, amount: Money) -> CryptoDeposit {
    CryptoDeposit {
        operation: operation(number),
        amount,
        direction: Direction::Credit,
        address: ADDRESS.to_owned(),
        origin: SecretString::from("{\"source\":\"0x1\"}"),
    }
}

#[async_trait]
impl EventStore for World {
    async fn head(&self, stream: &StreamId) -> Result<Option<Commit>, StoreError> {
        let of_stream = (stream.clone(), Version(0))..=(stream.clone(), Version(u32::MAX));
        let head = self.commits.lock().unwrap().range(of_stream).next_back().map(|(_, commit)| commit.clone());
        let interference = self.after_reading.lock().unwrap().take_if(|(kind, _)| *kind == stream.kind());
        if let Some((_, happens)) = interference {
            std::thread::spawn(happens).join().unwrap(); // On a thread of its own, as it waits by itself.
        }
        Ok(head)
    }

    async fn read(&self, stream: &StreamId, from: Version, limit: u16) -> Result<Vec<Commit>, StoreError> {
        let commits = self.commits.lock().unwrap();
        let of_stream = (stream.clone(), from)..=(stream.clone(), Version(u32::MAX));
        Ok(commits.range(of_stream).take(limit.into()).map(|(_, commit)| commit.clone()).collect())
    }

    async fn append(&self, transaction: Transaction) -> Result<(), StoreError> {
        let interference = self.interference.lock().unwrap().take();
        if let Some(happens) = interference {
            std::thread::spawn(happens).join().unwrap(); // On a thread of its own, as it waits by itself.
        }
        let mut commits = self.commits.lock().unwrap();
        let written = transaction.commits.iter().map(|commit| (commit.stream.clone(), commit.version));
        let mut named: Vec<_> = written.chain(transaction.unchanged.iter().cloned()).collect();
        if named.iter().any(|key| commits.contains_key(key)) {
            return Err(StoreError::Conflict);
        }
        let actions = named.len();
        named.sort();
        named.dedup();
        assert_eq!(named.len(), actions, "a transaction names no item twice");
        commits.extend(transaction.commits.into_iter().map(|commit| ((commit.stream.clone(), commit.version), commit)));
        Ok(())
    }

    async fn scan(&self, _: Option<ScanCursor>) -> Result<(Vec<Commit>, Option<ScanCursor>), StoreError> {
        Ok((self.commits(), None))
    }
}

#[async_trait]
impl Clock for World {
    fn now(&self) -> OffsetDateTime {
        *self.now.lock().unwrap()
    }

    async fn back_off(&self, _: u32) {}
}

#[async_trait]
impl Vault for World {
    async fn keep(&self, reference: &VaultRef, value: &SecretString) -> Result<(), PortError> {
        let mut vault = self.vault.lock().unwrap();
        vault.entry(reference.clone()).or_insert_with(|| value.expose_secret().to_owned());
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
        Ok(Fingerprint::of(content.expose_secret().as_bytes()))
    }
}
