//! The custodian itself: takes deposits, confirms them, says so, and says it again.

use std::{
    collections::{BTreeMap, VecDeque},
    fs,
    path::Path,
    sync::{Mutex, MutexGuard, PoisonError},
};

use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    Confirm, Delivery, Deposit, Endpoint, FireblocksError, Status, Transaction, addresses,
    error::{storage, unreadable},
    kept::Shelf,
    key::WebhookKey,
    model::{Course, DEFAULT_ACCOUNT, STEP_EVERY_MS, VaultAccount, usual_confirmations},
    request::Credentials,
    sending::KeptWebhook,
};
use crate::private;

/// Three steps and every deposit is confirmed.
const STEPS: u32 = 3;
/// How API calls fail, when they are told to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The call is not carried out, and this status is answered.
    Status(u16),
    /// The call is carried out, and its answer is lost: whoever is in between answers 504.
    AnswerLost,
}

/// What was answered under an idempotency key; nothing, if it was an internal error.
pub(super) struct Answered {
    pub(super) at_ms: i64,
    pub(super) answer: Option<Value>,
}

/// What changes.
pub(super) struct State {
    pub(super) credentials: Credentials,
    pub(super) accounts: Shelf<VaultAccount>,
    pub(super) transactions: Shelf<Transaction>,
    pub(super) answered: BTreeMap<String, Answered>,
    pub(super) webhooks: Shelf<KeptWebhook>,
    faults: VecDeque<(u32, Fault)>,
    /// The last one signs.
    keys: Vec<WebhookKey>,
}

/// Fireblocks, as seen by its customer.
pub struct Fireblocks {
    api_key: String,
    private_key_pem: String,
    state: Mutex<State>,
}

impl std::fmt::Debug for Fireblocks {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Fireblocks").finish_non_exhaustive()
    }
}

impl Fireblocks {
    /// Keeps everything under `dir`, or in memory only. The keys are made on first use.
    ///
    /// # Errors
    /// When the directory cannot be used, or holds what was not written here.
    pub fn open(dir: Option<&Path>) -> Result<Self, FireblocksError> {
        let path = dir.map(|dir| dir.join("fireblocks").join("webhook-key.pem"));
        if let Some(path) = path.as_ref().filter(|path| path.exists()) {
            return Self::with_key(&fs::read_to_string(path).map_err(storage)?, dir);
        }
        let key = WebhookKey::generate()?;
        if let Some(path) = path {
            fs::create_dir_all(path.parent().unwrap_or(&path)).map_err(storage)?;
            private::write(&path, key.private_pem().as_bytes()).map_err(storage)?;
        }
        Self::with_key(key.private_pem(), dir)
    }

    /// Signs webhooks with the given PKCS#8 key.
    ///
    /// # Errors
    /// When the key or the directory cannot be used.
    pub fn with_key(private_pem: &str, dir: Option<&Path>) -> Result<Self, FireblocksError> {
        let dir = dir.map(|dir| dir.join("fireblocks"));
        let shelf = |name: &str| dir.as_ref().map(|dir| dir.join(name));
        let mut accounts = Shelf::open(shelf("accounts"))?;
        if accounts.len() == 0 {
            accounts.put(&DEFAULT_ACCOUNT.to_string(), default_account())?;
        }
        let api_key = api_key(dir.as_deref())?;
        let state = State {
            credentials: Credentials::new(api_key.clone()),
            accounts,
            transactions: Shelf::open(shelf("transactions"))?,
            answered: BTreeMap::new(),
            webhooks: Shelf::open(shelf("webhooks"))?,
            faults: VecDeque::new(),
            keys: vec![WebhookKey::from_pem(private_pem)?],
        };
        Ok(Self { api_key, private_key_pem: private_pem.to_owned(), state: Mutex::new(state) })
    }

    /// The webhooks' private key, so that tests can keep one instead of making one each time.
    #[must_use]
    pub fn private_key_pem(&self) -> &str {
        &self.private_key_pem
    }

    /// What calls of the API must carry: the id of the API user.
    #[must_use]
    pub fn api_key(&self) -> &str {
        &self.api_key
    }

    /// Takes the public key of the API user, as SPKI DER. A real one is uploaded when the user is made.
    pub fn register(&self, public_key_der: &[u8]) {
        self.state().credentials.public_key_der = Some(public_key_der.to_vec());
    }

    /// What is published at `/.well-known/jwks.json`.
    #[must_use]
    pub fn published_keys(&self) -> Value {
        let keys: Vec<Value> = self.state().keys.iter().map(WebhookKey::jwk).collect();
        json!({ "keys": keys })
    }

    /// Signs with a new key from now on, and publishes the old ones as well. After a restart only the first one is left.
    ///
    /// # Errors
    /// When no key can be made.
    pub fn rotate_key(&self) -> Result<(), FireblocksError> {
        let key = WebhookKey::generate()?;
        self.state().keys.push(key);
        Ok(())
    }

    /// The header over exactly these bytes.
    ///
    /// # Errors
    /// When the key fails.
    pub fn sign(&self, body: &[u8]) -> Result<String, FireblocksError> {
        self.state().keys.last().ok_or(FireblocksError::Key)?.sign(body)
    }

    /// Every transaction, newest first.
    #[must_use]
    pub fn transactions(&self) -> Vec<Transaction> {
        self.state().transactions.all().rev().cloned().collect()
    }

    /// How many vault accounts there are beside the first one.
    #[must_use]
    pub fn account_count(&self) -> usize {
        self.state().accounts.len().saturating_sub(1)
    }

    /// Lets the next calls of the API fail, after those that were told to before.
    pub fn fail_next(&self, calls: u32, fault: Fault) {
        if calls > 0 {
            self.state().faults.push_back((calls, fault));
        }
    }

    /// Takes a deposit, and sends what there is to say of it now.
    ///
    /// # Errors
    /// When it makes no sense, or cannot be kept. A refused webhook is an outcome, not an error.
    pub async fn deposit(
        &self,
        deposit: &Deposit,
        now_ms: i64,
        to: &Endpoint,
    ) -> Result<(Transaction, Vec<Delivery>), FireblocksError> {
        deposit.check()?;
        let mut transaction = self.new_transaction(deposit, now_ms)?;
        let mut news = vec![self.note(&mut transaction, "transaction.created", now_ms)?];
        if deposit.confirm != Confirm::Slowly {
            let mut status = transaction.status;
            while transaction.course.next_ms.is_some() && status == Status::Confirming {
                transaction.advance(now_ms);
                status = transaction.status;
            }
            news.push(self.note(&mut transaction, "transaction.status.updated", now_ms)?);
        }
        if deposit.confirm == Confirm::AtOnceBackwards {
            news.reverse();
        }
        let deliveries = self.send(&news, transaction.course.copies, now_ms, to).await?;
        Ok((transaction, deliveries))
    }

    /// The next step of a transaction, whether it is due or not.
    ///
    /// # Errors
    /// When there is no such transaction.
    pub async fn step(&self, id: Uuid, now_ms: i64, to: &Endpoint) -> Result<Vec<Delivery>, FireblocksError> {
        let found = self.state().transactions.get(&id.to_string()).cloned();
        let mut transaction = found.ok_or_else(|| FireblocksError::Unknown { id: id.to_string() })?;
        if transaction.course.next_ms.is_none() {
            return Ok(Vec::new());
        }
        let was = transaction.status;
        transaction.advance(now_ms);
        if was != Status::Confirming {
            // It only counts on. Assumed: nobody is told.
            self.state().transactions.put(&id.to_string(), transaction)?;
            return Ok(Vec::new());
        }
        let news = self.note(&mut transaction, "transaction.status.updated", now_ms)?;
        self.send(&[news], transaction.course.copies, now_ms, to).await
    }

    /// Sends the same bytes again, acknowledged or not: delivery is at least once.
    ///
    /// # Errors
    /// When no webhook has this id.
    pub async fn redeliver(&self, id: Uuid, now_ms: i64, to: &Endpoint) -> Result<Delivery, FireblocksError> {
        self.attempt(id, now_ms, to).await
    }

    /// Takes every step, and sends everything again, whose time has come.
    ///
    /// # Errors
    /// When the outcome of an attempt cannot be kept.
    pub async fn deliver_due(&self, now_ms: i64, to: &Endpoint) -> Result<Vec<Delivery>, FireblocksError> {
        let mut sent = Vec::new();
        let is_due = |due: Option<i64>| due.is_some_and(|due| due <= now_ms);
        let late: Vec<Uuid> = {
            let state = self.state();
            state.webhooks.all().filter(|it| is_due(it.delivery.next_due_ms)).map(|it| it.delivery.id).collect()
        };
        for id in late {
            sent.push(self.attempt(id, now_ms, to).await?);
        }
        let steps: Vec<Uuid> = {
            let state = self.state();
            state.transactions.all().filter(|it| is_due(it.course.next_ms)).map(|it| it.id).collect()
        };
        for id in steps {
            sent.extend(self.step(id, now_ms, to).await?);
        }
        Ok(sent)
    }

    /// When something happens next by itself.
    #[must_use]
    pub fn next_due_ms(&self) -> Option<i64> {
        let state = self.state();
        let steps = state.transactions.all().filter_map(|it| it.course.next_ms);
        state.webhooks.all().filter_map(|it| it.delivery.next_due_ms).chain(steps).min()
    }

    /// Every webhook, oldest first.
    #[must_use]
    pub fn deliveries(&self) -> Vec<Delivery> {
        self.state().webhooks.all().map(|kept| kept.delivery.clone()).collect()
    }

    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn new_transaction(&self, deposit: &Deposit, now_ms: i64) -> Result<Transaction, FireblocksError> {
        let vault_account = self.state().holder(&deposit.asset, &deposit.address).unwrap_or(DEFAULT_ACCOUNT);
        let usual = usual_confirmations(&deposit.asset);
        let completes_at = deposit.completes_at.unwrap_or(usual).max(1);
        let counted_to = completes_at.max(usual);
        let every_ms = deposit.step_every_seconds.map_or(STEP_EVERY_MS, |seconds| i64::from(seconds) * 1_000);
        let sender = if deposit.asset.starts_with("BTC") { addresses::btc()? } else { addresses::evm()? };
        Ok(Transaction {
            id: crate::chance::uuid(),
            asset_id: deposit.asset.clone(),
            amount: deposit.amount.clone(),
            source: deposit.source.clone().unwrap_or_else(|| "UNKNOWN".to_owned()),
            source_address: sender,
            vault_account,
            address: deposit.address.clone(),
            hash: addresses::transaction_hash(&deposit.asset)?,
            status: Status::Confirming,
            confirmations: 0,
            created_ms: now_ms,
            updated_ms: now_ms,
            course: Course {
                completes_at,
                counted_to,
                step: counted_to.div_ceil(STEPS).max(1),
                fails: deposit.fail,
                claims: deposit.claims.clone(),
                copies: if deposit.duplicate { 2 } else { 1 },
                every_ms,
                next_ms: Some(now_ms.saturating_add(every_ms)),
            },
        })
    }
}

impl State {
    /// The fault that the call at hand is to suffer.
    pub(super) fn next_fault(&mut self) -> Option<Fault> {
        let (calls, fault) = self.faults.front_mut()?;
        let fault = *fault;
        *calls = calls.saturating_sub(1);
        if *calls == 0 {
            self.faults.pop_front();
        }
        Some(fault)
    }

    /// Whose address it is. Ethereum's may be written in capitals and small letters as one likes.
    fn holder(&self, asset: &str, address: &str) -> Option<u64> {
        let is_it = |own: &String| if asset == "BTC" { own == address } else { own.eq_ignore_ascii_case(address) };
        self.accounts.all().find(|account| account.wallets.get(asset).is_some_and(is_it)).map(|account| account.id)
    }
}

fn default_account() -> VaultAccount {
    VaultAccount {
        id: DEFAULT_ACCOUNT,
        name: "Default".to_owned(),
        hidden: false,
        customer_ref_id: None,
        auto_fuel: false,
        wallets: BTreeMap::new(),
    }
}

fn api_key(dir: Option<&Path>) -> Result<String, FireblocksError> {
    let path = dir.map(|dir| dir.join("api-key.json"));
    if let Some(path) = path.as_ref().filter(|path| path.exists()) {
        return serde_json::from_slice(&fs::read(path).map_err(storage)?).map_err(unreadable);
    }
    let key = crate::chance::uuid().to_string();
    if let Some(path) = path {
        let text = serde_json::to_vec(&key).map_err(unreadable)?;
        private::write(&path, &text).map_err(storage)?;
    }
    Ok(key)
}

#[cfg(test)]
#[path = "custodian_tests.rs"]
mod tests;
