//! What there is at the custodian.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::FireblocksError;

/// A vault account, with its wallets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct VaultAccount {
    pub(super) id: u64,
    pub(super) name: String,
    pub(super) hidden: bool,
    pub(super) customer_ref_id: Option<String>,
    pub(super) auto_fuel: bool,
    /// Addresses by the asset.
    pub(super) wallets: BTreeMap<String, String>,
}

/// The workspace's first account, which is there from the beginning.
pub(super) const DEFAULT_ACCOUNT: u64 = 0;

/// How a transaction stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Status {
    /// On the chain, not deep enough.
    Confirming,
    /// Deep enough, as the custodian says.
    Completed,
    /// Never on the chain, or no longer.
    Failed,
}

/// A transaction into the workspace.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Transaction {
    /// The custodian's id of it.
    pub id: Uuid,
    /// The custodian's name of the asset.
    pub asset_id: String,
    /// Exactly.
    pub amount: String,
    /// Whose it was, in the custodian's words: `UNKNOWN` for somebody outside.
    pub source: String,
    /// Where it came from.
    pub source_address: String,
    /// The account that it came into.
    pub vault_account: u64,
    /// Where it was sent to.
    pub address: String,
    /// Its hash on the chain.
    pub hash: String,
    /// How it stands.
    pub status: Status,
    /// Blocks that confirm it.
    pub confirmations: u32,
    /// Since when it is there.
    pub created_ms: i64,
    /// When something last changed.
    pub updated_ms: i64,
    /// What comes next.
    pub(super) course: Course,
}

/// How a transaction goes on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Course {
    /// At how many confirmations it is completed.
    pub(super) completes_at: u32,
    /// At how many nobody counts any further.
    pub(super) counted_to: u32,
    /// How many come with each step.
    pub(super) step: u32,
    /// Whether it fails where it would be completed.
    pub(super) fails: bool,
    /// What webhooks say instead of the amount.
    pub(super) claims: Option<String>,
    /// How often each webhook is sent.
    pub(super) copies: u32,
    /// How long each step takes.
    #[serde(default = "usual_step")]
    pub(super) every_ms: i64,
    /// When the next step is due by itself.
    pub(super) next_ms: Option<i64>,
}

/// How long a step takes, unless the order says otherwise.
pub(super) const STEP_EVERY_MS: i64 = 60 * 1_000;

/// What was kept before orders could say otherwise.
fn usual_step() -> i64 {
    STEP_EVERY_MS
}

/// How fast a deposit is confirmed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Confirm {
    /// Within the order itself.
    #[default]
    AtOnce,
    /// Within the order, and the news of the end comes before the news of the beginning.
    AtOnceBackwards,
    /// A step a minute, or as often as the order says.
    Slowly,
}

/// What somebody outside sends.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Deposit {
    /// The custodian's name of the asset: `BTC`, `ETH`, `USDC`, or any other.
    pub asset: String,
    /// Where to. An address that nobody was given is taken for one of the workspace's first account.
    pub address: String,
    /// A decimal. It reaches webhooks and API as it is written here.
    pub amount: String,
    /// How fast.
    #[serde(default)]
    pub confirm: Confirm,
    /// Whether it fails in the end, as a double spend does.
    #[serde(default)]
    pub fail: bool,
    /// Whether each webhook is sent twice.
    #[serde(default)]
    pub duplicate: bool,
    /// What the webhooks claim to be the amount; the API goes on telling the truth.
    #[serde(default)]
    pub claims: Option<String>,
    /// At how many confirmations the custodian calls it completed, if not at its usual number.
    #[serde(default)]
    pub completes_at: Option<u32>,
    /// Whose it was, in the custodian's words; `UNKNOWN` if absent.
    #[serde(default)]
    pub source: Option<String>,
    /// How long each step takes, if not a minute.
    #[serde(default)]
    pub step_every_seconds: Option<u32>,
}

/// How many confirmations the custodian waits for. Assumed: each workspace sets its own.
pub(super) fn usual_confirmations(asset: &str) -> u32 {
    if asset.starts_with("BTC") { 3 } else { 12 }
}

impl Deposit {
    /// What cannot be on any chain.
    pub(super) fn check(&self) -> Result<(), FireblocksError> {
        let wrong = |part| Err(FireblocksError::Order { part });
        let is_name = |text: &str| {
            !text.is_empty()
                && text.len() <= 100
                && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        };
        if !is_name(&self.asset) {
            return wrong("asset");
        }
        if !is_name(&self.address) {
            return wrong("address");
        }
        for amount in std::iter::once(&self.amount).chain(&self.claims) {
            let digits = amount.bytes().filter(u8::is_ascii_digit).count();
            let points = amount.bytes().filter(|byte| *byte == b'.').count();
            if digits == 0 || digits > 60 || points > 1 || digits + points != amount.len() {
                return wrong("amount");
            }
        }
        Ok(())
    }
}

impl Transaction {
    /// The next step, at `now_ms`.
    pub(super) fn advance(&mut self, now_ms: i64) {
        let course = &mut self.course;
        self.confirmations = self.confirmations.saturating_add(course.step).min(course.counted_to);
        if self.status == Status::Confirming {
            // No step goes past the one at which it is decided.
            self.confirmations = self.confirmations.min(course.completes_at);
            if self.confirmations == course.completes_at {
                self.status = if course.fails { Status::Failed } else { Status::Completed };
            }
        }
        let is_over = self.status == Status::Failed
            || (self.status == Status::Completed && self.confirmations >= course.counted_to);
        course.next_ms = if is_over { None } else { Some(now_ms.saturating_add(course.every_ms)) };
        if self.status == Status::Failed {
            self.confirmations = 0; // A fork has taken its block away.
        }
        self.updated_ms = now_ms;
    }
}
