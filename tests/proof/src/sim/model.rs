//! What should be, in plain maps of plain numbers. It knows nothing of how the bank keeps its books.

use std::collections::{BTreeMap, BTreeSet};

/// Smallest units of each asset.
pub type Amounts = BTreeMap<&'static str, i128>;

/// Assets with their decimals.
pub const ASSETS: [(&str, usize); 5] = [("GBP", 2), ("EUR", 2), ("USDC", 6), ("BTC", 8), ("ETH", 18)];

/// What can be saved.
pub const SAVED: [(&str, &str, u32); 3] =
    [("USDC", "usdc-savings", 1_200), ("BTC", "btc-savings", 600), ("ETH", "eth-savings", 600)];

/// A move between an account and savings.
#[derive(Debug, Clone)]
pub struct Move {
    pub asset: &'static str,
    /// Into savings; less than nothing is out of them.
    pub units: i128,
}

/// One customer.
#[derive(Debug, Default)]
pub struct Customer {
    /// What the identity provider made of them, if it did.
    pub verdict: Option<&'static str>,
    /// Applied, as the bank acknowledged.
    pub applied: bool,
    /// Deposits that are to be on the account once everything is quiet, by the provider's id.
    pub deposits: BTreeMap<String, (&'static str, i128)>,
    /// Deposits that fail.
    pub failed: BTreeSet<String>,
    /// Moves that the bank acknowledged, by operation id.
    pub moves: BTreeMap<String, Move>,
    /// Moves that the bank refused for good, by operation id.
    pub refused: BTreeSet<String>,
    /// Where interest goes, by asset: when it was asked for first, when acknowledged, and where to.
    pub destinations: Vec<(&'static str, i64, i64, &'static str)>,
}

/// Everything.
#[derive(Debug, Default)]
pub struct Model {
    pub customers: BTreeMap<usize, Customer>,
    /// Money that finds no owner, by the provider's id.
    pub suspense: BTreeMap<String, (&'static str, i128)>,
    /// Commands and payments that were acknowledged.
    pub accepted: u64,
}

impl Customer {
    /// What came in and is final.
    pub fn paid_in(&self) -> Amounts {
        sum(self.deposits.values())
    }

    /// What the customer moved into savings.
    pub fn saved(&self, asset: &str) -> i128 {
        self.moves.values().filter(|it| it.asset == asset).map(|it| it.units).sum()
    }
}

/// The sum of amounts, by asset.
pub fn sum<'a>(amounts: impl IntoIterator<Item = &'a (&'static str, i128)>) -> Amounts {
    let mut sum = Amounts::new();
    for (asset, units) in amounts {
        *sum.entry(asset).or_default() += units;
    }
    sum
}

/// Units as the decimal that the graph writes.
pub fn decimal(asset: &str, units: i128) -> String {
    let decimals = ASSETS.iter().find(|(code, _)| *code == asset).unwrap().1;
    let digits = format!("{:0>width$}", units.unsigned_abs(), width = decimals + 1);
    let (whole, fraction) = digits.split_at(digits.len() - decimals);
    format!("{}{whole}.{fraction}", if units < 0 { "-" } else { "" })
}

#[test]
fn units_are_written_as_the_graph_writes_them() {
    for (asset, units, text) in [("GBP", 5, "0.05"), ("USDC", 400_000_000, "400.000000"), ("BTC", -12, "-0.00000012")] {
        assert_eq!(decimal(asset, units), text);
    }
}
