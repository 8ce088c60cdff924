//! What the graph shows a person at the end, held against what they remember.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::{
    door::Door,
    effects::Payout,
    journey::{Journey, Lived, decimal, text},
};
use crate::Failed;

/// Every account with its decimals.
const ASSETS: [(&str, usize); 5] = [("GBP", 2), ("EUR", 2), ("USDC", 6), ("BTC", 8), ("ETH", 18)];

/// What a person is shown.
#[derive(Debug, Default)]
pub struct Statement {
    /// Available, pending and the sum of all entries, by asset; as decimals without zeros that say nothing.
    accounts: BTreeMap<String, (String, String, String)>,
    /// Kind, status and amount of every operation.
    operations: Vec<(String, String, String)>,
    principal: String,
    paid_to_date: String,
    /// Entries or operations that are shown more than once.
    repeated: u64,
}

impl Statement {
    /// Asks for all of it.
    pub async fn read(door: &Door, client_id: &str, lived: &Lived) -> Result<Self, Failed> {
        let mut person = Journey::again(door, client_id, lived.clone());
        let mut statement = Self::default();
        for (asset, decimals) in ASSETS {
            let asked = format!(
                "{{ viewer {{ account(asset: \"{asset}\") {{ available {{ amount }} pending {{ amount }}
                entries(first: 100) {{ nodes {{ amount {{ amount }} operation {{ id }} }} }} }} }} }}"
            );
            let account = person.question(&asked).await?["viewer"]["account"].take();
            let entries = account["entries"]["nodes"].as_array().cloned().unwrap_or_default();
            let sum: i128 = entries.iter().map(|entry| units(&entry["amount"], decimals)).sum();
            statement.saw(entries.iter().map(|entry| text(&entry["operation"]["id"])));
            let shown = (text(&account["available"]["amount"]), text(&account["pending"]["amount"]));
            statement.accounts.insert(asset.to_owned(), (shown.0, shown.1, decimal(sum, decimals)));
        }
        let asked = "{ viewer { operations(first: 100) { nodes { id kind status amount { amount } } }
            savings { principal { amount } paidToDate { amount } } } }";
        let viewer = person.question(asked).await?["viewer"].take();
        let operations = viewer["operations"]["nodes"].as_array().cloned().unwrap_or_default();
        statement.saw(operations.iter().map(|it| text(&it["id"])));
        let shown = |it: &Value| (text(&it["kind"]), text(&it["status"]), text(&it["amount"]["amount"]));
        statement.operations = operations.iter().map(shown).collect();
        statement.principal = text(&viewer["savings"][0]["principal"]["amount"]);
        statement.paid_to_date = text(&viewer["savings"][0]["paidToDate"]["amount"]);
        Ok(statement)
    }

    fn saw(&mut self, ids: impl Iterator<Item = String>) {
        let mut seen = BTreeSet::new();
        self.repeated += ids.filter(|id| !seen.insert(id.clone())).count() as u64;
    }

    /// Everything in it that is not as the person remembers it, with the interest that was booked.
    pub fn differences(&self, lived: &Lived, payouts: &[Payout]) -> Vec<String> {
        let mut differences = Vec::new();
        let mut expect = |what: String, expected: String, shown: &str| {
            if expected != shown {
                differences.push(format!("{}: {what} is {shown}, not {expected}", lived.email));
            }
        };
        let position = format!("{}#usdc-savings", lived.sub);
        let own: Vec<_> = payouts.iter().filter(|payout| payout.position == position).collect();
        let paid = |reinvested: bool| -> i128 {
            own.iter().filter(|payout| payout.reinvested == reinvested).map(|payout| payout.units).sum()
        };
        for (asset, decimals) in ASSETS {
            let interest = if asset == "USDC" { paid(false) } else { 0 };
            let has = decimal(lived.accounts.get(asset).copied().unwrap_or_default() + interest, decimals);
            let (available, pending, sum) = &self.accounts[asset];
            expect(format!("{asset} available"), has.clone(), available);
            expect(format!("{asset} pending"), decimal(0, decimals), pending);
            expect(format!("the sum of {asset} entries"), has, sum);
        }
        expect("what is saved".to_owned(), decimal(lived.saved + paid(true), 6), &self.principal);
        expect("what was paid to date".to_owned(), decimal(paid(true) + paid(false), 6), &self.paid_to_date);
        let asked = lived.operations.iter().map(|(kind, amount)| ((*kind).to_owned(), amount.clone()));
        let interest = own.iter().map(|payout| ("YIELD_PAYOUT".to_owned(), decimal(payout.units, 6)));
        let mut expected: Vec<_> = asked.chain(interest).collect();
        expected.sort();
        let mut shown: Vec<_> =
            self.operations.iter().map(|(kind, _, amount)| (kind.clone(), amount.clone())).collect();
        shown.sort();
        expect("the list of operations".to_owned(), format!("{expected:?}"), &format!("{shown:?}"));
        let open = self.operations.iter().filter(|(_, status, _)| status != "SETTLED").count();
        expect("the number of operations that are not settled".to_owned(), "0".to_owned(), &open.to_string());
        expect("what is shown more than once".to_owned(), "0".to_owned(), &self.repeated.to_string());
        differences
    }
}

fn units(amount: &Value, decimals: usize) -> i128 {
    let amount = text(&amount["amount"]);
    let (whole, part) = amount.split_once('.').unwrap_or((&amount, ""));
    format!("{whole}{part:0<decimals$}").parse().unwrap()
}
