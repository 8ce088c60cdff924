//! What there is, counted in the tables, the vault, the identity pool and at the providers: one entry for each effect, however often
//! it is there.

use std::{collections::BTreeMap, fs, path::Path};

use app::store::EventStore as _;
use aws::DynamoEventStore;
use aws_sdk_dynamodb::types::AttributeValue;
use granary::{runner::LocalBank, services::OPERATOR};
use serde_json::Value;

use super::journey::text;
use crate::Failed;

/// Whose events tables are read.
const CONTEXTS: [&str; 4] = ["IdentityEvents", "OnboardingEvents", "ComplianceEvents", "LedgerEvents"];

/// Interest that was paid.
#[derive(Debug, Clone)]
pub struct Payout {
    pub operation: String,
    pub position: String,
    pub week: String,
    pub units: i128,
    pub reinvested: bool,
}

impl Payout {
    /// What it must have changed.
    pub fn effect(&self) -> String {
        let (position, operation) = (&self.position, &self.operation);
        let customer = position.split('#').next().unwrap_or_default();
        if self.reinvested {
            format!("savings.balance-changed.v1 {position} {operation}")
        } else {
            format!("account.credited.v1 {customer}#USDC {operation} USDC {}", self.units)
        }
    }
}

/// Everything that was found.
#[derive(Debug, Default)]
pub struct Found {
    pub effects: BTreeMap<String, u64>,
    pub payouts: Vec<Payout>,
    /// Weeks that each position is done with, in the order of its stream.
    pub weeks: BTreeMap<String, Vec<String>>,
    pub commits: u64,
    /// Applicants without a run.
    pub left_behind: u64,
}

impl Found {
    /// Looks everywhere.
    pub async fn read(bank: &LocalBank, folder: &Path) -> Result<Self, Failed> {
        let mut found = Self::default();
        let client = aws_sdk_dynamodb::Client::new(&bank.sdk_config(OPERATOR));
        for context in CONTEXTS {
            let store = DynamoEventStore::new(client.clone(), bank.plan().table(context).unwrap().name.clone());
            let mut cursor = None;
            loop {
                let (commits, next) = store.scan(cursor).await.map_err(|error| Failed::new(error.to_string()))?;
                for commit in commits {
                    found.commits += 1;
                    let body: Value = serde_json::from_str(&commit.body).unwrap();
                    for event in body["ev"].as_array().unwrap() {
                        found.event(commit.stream.rest(), &text(&event["type"]), &event["data"]);
                    }
                }
                cursor = next;
                if cursor.is_none() {
                    break;
                }
            }
        }
        found.outside(bank, folder)?;
        found.vault(bank, &client).await?;
        Ok(found)
    }

    fn event(&mut self, of: &str, kind: &str, data: &Value) {
        let of_field = |name: &str| text(&data[name]);
        let what = match kind {
            "customer.signed-up.v1"
            | "customer.activated.v1"
            | "account.opened.v1"
            | "holder.accounts-opened.v1"
            | "holder.instructions-ready.v1" => of.to_owned(),
            "account.credited.v1" | "account.debited.v1" => {
                format!("{of} {} {}", of_field("operation"), of_field("amount"))
            }
            "savings.balance-changed.v1" => format!("{of} {}", of_field("operation")),
            "savings.payout-destination-chosen.v1" => format!("{of} {}", of_field("to")),
            "savings.yield-paid.v1" | "savings.yield-carried.v1" => {
                return self.weeks.entry(of.to_owned()).or_default().push(of_field("week"));
            }
            "yield-payout.settled.v1" => return self.payout(data),
            // What comes before the effect, or beside it: as often as it takes, or not at all when news overtake each other.
            "customer.applied.v1"
            | "deposit.detected.v1"
            | "account.pending-raised.v1"
            | "account.pending-released.v1"
            | "deposit-address.claimed.v1"
            | "deposit-reference.claimed.v1"
            | "identity-run.claimed.v1"
            | "savings.opened.v1"
            | "savings.week-closed.v1"
            // The clock's doing: as many rounds as days went by.
            | "watch.round-started.v1"
            | "screening.rescreened.v1" => return,
            "screening.check-completed.v1" => format!("{} {}", of_field("application"), of_field("check")),
            kind if kind.starts_with("screening.") => of_field("application"),
            kind if kind.starts_with("application.") => of_field("application"),
            // Operations that ended, and whatever nobody here asked for.
            _ => format!("{of} {}", of_field("amount")),
        };
        self.count(format!("{kind} {what}"));
    }

    fn payout(&mut self, data: &Value) {
        let amount = text(&data["amount"]);
        let units = amount.split_once(' ').and_then(|(_, units)| units.parse().ok()).unwrap();
        let (operation, position, week) = (text(&data["operation"]), text(&data["position"]), text(&data["week"]));
        self.payouts.push(Payout { operation, position, week, units, reinvested: data["to"] == "reinvest" });
    }

    /// Applicants and runs, and vault accounts.
    fn outside(&mut self, bank: &LocalBank, folder: &Path) -> Result<(), Failed> {
        let mut applicants = BTreeMap::<_, u64>::new();
        for run in bank.identity_provider().provider.runs() {
            let customer = run.customer_user_id.clone().unwrap_or_default();
            *applicants.entry((customer.clone(), run.applicant_id)).or_default() += 1;
            self.count(format!("run {customer}"));
        }
        let known = applicants.len() as u64;
        self.left_behind = bank.identity_provider().provider.applicant_count() as u64 - known;
        for (customer, _) in applicants.into_keys() {
            self.count(format!("applicant {customer}"));
        }
        for entry in fs::read_dir(folder.join("fireblocks/accounts")).map_err(|error| Failed::new(error.to_string()))? {
            let kept: Value = serde_json::from_slice(&fs::read(entry.unwrap().path()).unwrap()).unwrap_or_default();
            if let Some(customer) = kept["value"]["name"].as_str().and_then(|name| name.strip_prefix("customer-")) {
                self.count(format!("vault account {customer}"));
            }
        }
        Ok(())
    }

    async fn vault(&mut self, bank: &LocalBank, client: &aws_sdk_dynamodb::Client) -> Result<(), Failed> {
        for item in items(bank, client, "Vault").await? {
            let (pk, sk) = (&item["pk"], &item["sk"]);
            if let (Ok(subject), Ok("email")) = (pk.as_s(), sk.as_s().map(String::as_str)) {
                self.count(format!("vault email {}", subject.trim_start_matches("customer:")));
            }
        }
        Ok(())
    }

    fn count(&mut self, effect: String) {
        *self.effects.entry(effect).or_default() += 1;
    }
}

/// Every item of a table.
pub async fn items(
    bank: &LocalBank,
    client: &aws_sdk_dynamodb::Client,
    table: &str,
) -> Result<Vec<std::collections::HashMap<String, AttributeValue>>, Failed> {
    let table = bank.plan().table(table).ok_or_else(|| Failed::new(format!("there is no table {table}")))?;
    let (mut items, mut start) = (Vec::new(), None);
    loop {
        let page = client.scan().table_name(&table.name).set_exclusive_start_key(start).send().await;
        let page = page.map_err(|error| Failed::new(error.to_string()))?;
        items.extend(page.items().iter().cloned());
        start = page.last_evaluated_key().cloned();
        if start.is_none() {
            return Ok(items);
        }
    }
}
