//! What people do with money.

use serde_json::{Value, json};

use super::{Act, CHOOSE, Due, Life, SAVED, decimal};
use crate::sim::people::Answer;

impl Life {
    /// One of the things that people do with money.
    pub(super) async fn money(&mut self, person: usize) -> Answer {
        if self.model.customers[&person].verdict == Some("declined") {
            return Answer::Done(Value::Null);
        }
        match self.dice.below(10) {
            0 | 1 => self.pay_in(person).await,
            2 | 3 => self.send_crypto(person).await,
            4 => self.choose_somewhere(person),
            _ => self.move_some(person),
        }
    }

    async fn instructions(&mut self, person: usize, asset: &str, field: &str) -> Option<String> {
        let query = format!("{{ viewer {{ depositInstructions(asset: \"{asset}\") {{ {field} }} }} }}");
        match self.people[person].ask(&self.bank, &query, None).await {
            Answer::Done(data) => data["viewer"]["depositInstructions"][field].as_str().map(str::to_owned),
            // An account that is not open yet, or a query that lost its answer.
            Answer::Refused(_) | Answer::Again => None,
        }
    }

    async fn pay_in(&mut self, person: usize) -> Answer {
        let asset = self.dice.one_of(&["GBP", "EUR"]);
        let Some(reference) = self.instructions(person, asset, "reference").await else { return Answer::Again };
        let units = i128::from(self.dice.between(1, 500_000));
        let id = self.dice.uuid();
        let lost = self.dice.in_thousand(100);
        let quoted = if lost { format!("to {} with love", self.people[person].number) } else { reference };
        let order = json!({ "reference": quoted, "asset": asset, "amount": decimal(asset, units), "transactionId": id,
            "payerName": self.people[person].payer(), "duplicate": self.dice.in_thousand(200) });
        self.bank.order(order).await;
        let into =
            if lost { &mut self.model.suspense } else { &mut self.model.customers.get_mut(&person).unwrap().deposits };
        into.insert(format!("clearbank#{id}"), (asset, units));
        self.perhaps_moves_at_once(person);
        self.model.accepted += 1;
        Answer::Done(Value::Null)
    }

    async fn send_crypto(&mut self, person: usize) -> Answer {
        let (asset, least, most) = self.dice.one_of(&[
            ("USDC", 1_000_000, 9_000_000_000),
            ("BTC", 1_000, 300_000_000),
            ("ETH", 500_000_000_000_000, 9_000_000_000_000_000_000),
        ]);
        let Some(address) = self.instructions(person, asset, "address").await else { return Answer::Again };
        let units = i128::from(self.dice.between(least, most));
        let confirm = self.dice.one_of(&["at-once", "slowly"]);
        let fails = confirm == "slowly" && self.dice.in_thousand(150);
        let order = json!({ "asset": asset, "address": address, "amount": decimal(asset, units), "confirm": confirm,
            "fail": fails, "duplicate": self.dice.in_thousand(200) });
        let sent = self.bank.local.custodian().deposit(serde_json::from_value(order).unwrap()).await;
        let Ok((transaction, _)) = sent else { return Answer::Again };
        let customer = self.model.customers.get_mut(&person).unwrap();
        let id = format!("fireblocks#{}", transaction.id);
        if fails {
            customer.failed.insert(id);
        } else {
            customer.deposits.insert(id, (asset, units));
        }
        self.perhaps_moves_at_once(person);
        self.model.accepted += 1;
        Answer::Done(Value::Null)
    }

    /// Into savings or out of them, now and then more than there is; the app sends it until it is answered.
    fn move_some(&mut self, person: usize) -> Answer {
        let (asset, ..) = self.dice.one_of(&SAVED);
        let customer = &self.model.customers[&person];
        let saved = customer.saved(asset);
        let left = customer.paid_in().get(asset).copied().unwrap_or_default() - saved;
        let into = saved <= 0 || self.dice.in_thousand(650);
        let from = if into { left } else { saved };
        let share = i128::from(self.dice.between(1, 105));
        let units = (from * share / 100).max(1);
        let id = self.dice.uuid().to_string();
        let act = Act::Move { id, asset, units: if into { units } else { -units } };
        self.enter(self.bank.now_ms(), Due { person, act, tries: 0 });
        Answer::Done(Value::Null)
    }

    /// While what came in is still being booked.
    fn perhaps_moves_at_once(&mut self, person: usize) {
        if self.dice.in_thousand(500) {
            let _entered = self.move_some(person);
        }
    }

    fn choose_somewhere(&mut self, person: usize) -> Answer {
        let (asset, ..) = self.dice.one_of(&SAVED);
        if self.model.customers[&person].saved(asset) > 0 {
            let to = self.dice.one_of(&["ACCOUNT", "REINVEST"]);
            let first_ms = self.bank.now_ms();
            self.enter(first_ms, Due { person, act: Act::Choose { asset, to, first_ms }, tries: 0 });
        }
        Answer::Done(Value::Null)
    }

    pub(super) async fn choose(&mut self, person: usize, asset: &str, to: &str) -> Answer {
        let query = "{ viewer { savings { id product { asset } } } }";
        let found = match self.people[person].ask(&self.bank, query, None).await {
            Answer::Done(data) => data["viewer"]["savings"].as_array().cloned().unwrap_or_default(),
            other => return other,
        };
        // The position may not be projected yet.
        let Some(position) = found.iter().find(|it| it["product"]["asset"] == asset) else { return Answer::Again };
        let input = json!({ "positionId": position["id"], "destination": to });
        self.people[person].ask(&self.bank, CHOOSE, Some(input)).await
    }
}
