//! What people do, and when: an agenda on the bank's clock. What the bank does not answer is done again later, with the same ids.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use granary::{engine::clock::ManualClock, runner::LocalBank};
use serde_json::{Value, json};
use simulators::onfido::Verdict;

use super::{
    dice::Dice,
    model::{Model, Move, SAVED, decimal},
    people::{Answer, Person, customer_in},
    weather::Weather,
};
use crate::{
    Failed,
    world::{APPLY, BEGINNING, Bank, options},
};

const MINUTE_MS: i64 = 60_000;
const HOUR_MS: i64 = 60 * MINUTE_MS;
const DAY_MS: i64 = 24 * HOUR_MS;
/// No app asks longer than this for one thing.
const TRIES_MAX: u32 = 300;

/// What somebody does who never shows a passport.
const NEVER: &str = "NEVER";

const SAVE: &str = "mutation($input: SavingsMoveInput!) { saveToSavings(input: $input) { operation { id } } }";
const TAKE: &str = "mutation($input: SavingsMoveInput!) { takeFromSavings(input: $input) { operation { id } } }";
const CHOOSE: &str =
    "mutation($input: PayoutDestinationInput!) { choosePayoutDestination(input: $input) { position { version } } }";

/// What somebody does.
#[derive(Debug, Clone)]
enum Act {
    SignUp,
    Confirm,
    Apply,
    /// The identity provider is done with its run.
    Identity,
    /// Whatever comes to their mind.
    Money,
    Move {
        id: String,
        asset: &'static str,
        units: i128,
    },
    Choose {
        asset: &'static str,
        to: &'static str,
        first_ms: i64,
    },
}

struct Due {
    person: usize,
    act: Act,
    tries: u32,
}

/// One bank, its people and their future.
pub struct Life {
    pub bank: Bank,
    pub weather: Arc<Weather>,
    pub model: Model,
    pub people: Vec<Person>,
    /// Batches that were given to their relay again.
    pub republished: std::collections::BTreeSet<String>,
    dice: Dice,
    agenda: BTreeMap<(i64, u64), Due>,
    entered: u64,
}

impl Life {
    /// A bank that nobody has used, and people who will sign up in its first days.
    pub async fn begin(seed: u64, customers: usize) -> Self {
        simulators::chance::seed(Some(seed));
        let beginning = i64::try_from(BEGINNING.unix_timestamp_nanos() / 1_000_000).unwrap();
        let clock = Arc::new(ManualClock::new(beginning));
        let weather = Arc::new(Weather::new(seed, Arc::clone(&clock)));
        let options = granary::runner::Options {
            clock: Arc::clone(&clock) as _,
            faults: Some(Arc::clone(&weather) as _),
            ..options()
        };
        let bank = Bank { local: LocalBank::open(&options).await.unwrap(), clock };
        let mut dice = Dice::new(seed, "life");
        let people: Vec<_> = (0..customers).map(|number| Person::new(number, &mut dice)).collect();
        let model = Model {
            customers: (0..customers).map(|it| (it, super::model::Customer::default())).collect(),
            ..Model::default()
        };
        let mut life = Self {
            bank,
            weather,
            model,
            people,
            republished: Default::default(),
            dice,
            agenda: BTreeMap::new(),
            entered: 0,
        };
        for person in 0..customers {
            let at_ms = beginning + life.dice.between(0, 3 * DAY_MS);
            life.enter(at_ms, Due { person, act: Act::SignUp, tries: 0 });
        }
        life
    }

    fn enter(&mut self, at_ms: i64, due: Due) {
        self.entered += 1;
        self.agenda.insert((at_ms, self.entered), due);
    }

    /// Lets everything happen until then, and time pass to then.
    pub async fn until(&mut self, until_ms: i64) -> Result<(), Failed> {
        while let Some((&(at_ms, number), _)) = self.agenda.first_key_value() {
            if at_ms > until_ms {
                break;
            }
            let due = self.agenda.remove(&(at_ms, number)).unwrap();
            self.pass(at_ms).await;
            self.act(due).await?;
        }
        self.pass(until_ms).await;
        Ok(())
    }

    /// Time passes, step by step or, now and then, in one leap.
    async fn pass(&mut self, to_ms: i64) {
        let by_ms = to_ms - self.bank.now_ms();
        if by_ms <= 0 {
            return;
        }
        if self.dice.in_thousand(30) {
            self.bank.clock.advance_ms(by_ms);
            self.bank.settle().await;
        } else {
            let by = Duration::from_millis(u64::try_from(by_ms).unwrap());
            self.bank.local.advance(by).await.unwrap();
        }
    }

    async fn act(&mut self, due: Due) -> Result<(), Failed> {
        let person = due.person;
        let now_ms = self.bank.now_ms();
        self.weather.note(&format!("person {person} {:?} try {}", due.act, due.tries));
        let answer = match &due.act {
            Act::SignUp => self.people[person].sign_up(&self.bank).await,
            Act::Confirm => self.people[person].confirm(&self.bank).await,
            Act::Apply => {
                let application = self.people[person].application();
                self.people[person].ask(&self.bank, APPLY, Some(application)).await
            }
            Act::Identity => self.identify(person).await,
            Act::Money => self.money(person).await,
            Act::Move { id, asset, units } => {
                let amount = decimal(asset, units.abs());
                let input = json!({ "operationId": id, "money": { "asset": asset, "amount": amount } });
                let mutation = if *units > 0 { SAVE } else { TAKE };
                let clicks = 1 + self.dice.below(3) / 2;
                let (bank, who) = (&self.bank, &mut self.people[person]);
                let mut again = who.clone();
                let second = async {
                    if clicks > 1 { again.ask(bank, mutation, Some(input.clone())).await } else { Answer::Again }
                };
                // Whatever is under way goes on meanwhile, and some people click twice.
                let first = who.ask(bank, mutation, Some(input.clone()));
                let (first, second, settled) = futures::join!(first, second, bank.local.settle());
                settled.unwrap();
                match (first, second) {
                    (Answer::Done(_), Answer::Refused(code)) | (Answer::Refused(code), Answer::Done(_)) => {
                        return Err(Failed::new(format!(
                            "operation {id} is done for one click and {code} for the other"
                        )));
                    }
                    (Answer::Again, second) => second,
                    (first, _) => first,
                }
            }
            Act::Choose { asset, to, .. } => self.choose(person, asset, to).await,
        };
        match answer {
            Answer::Again if due.tries < TRIES_MAX => {
                // Nobody can show a passport before there is a run, and a run may wait for an operator until the week is over.
                let longest_ms = if matches!(due.act, Act::Identity) { 6 * HOUR_MS } else { 30 * MINUTE_MS };
                let later_ms = now_ms + self.dice.between(30_000, longest_ms);
                self.enter(later_ms, Due { tries: due.tries + 1, ..due });
                Ok(())
            }
            Answer::Again => Err(Failed::new(format!("person {person} is never answered: {:?}", due.act))),
            answer => self.answered(person, due.act, answer),
        }
    }

    fn answered(&mut self, person: usize, act: Act, answer: Answer) -> Result<(), Failed> {
        let now_ms = self.bank.now_ms();
        let refused = match &answer {
            Answer::Refused(code) => Some(code.clone()),
            Answer::Done(_) | Answer::Again => None,
        };
        self.weather.note(&format!("person {person} {act:?} {}", refused.as_deref().unwrap_or("done")));
        let soon = |dice: &mut Dice| now_ms + dice.between(MINUTE_MS, 12 * HOUR_MS);
        let model = self.model.customers.get_mut(&person).unwrap();
        let unexpected = || Failed::new(format!("person {person} {act:?} was refused: {refused:?}"));
        let next = match (&act, &refused) {
            (Act::Move { id, .. }, Some(code))
                if ["INSUFFICIENT_FUNDS", "ACCOUNT_NOT_OPEN"].contains(&code.as_str()) =>
            {
                model.refused.insert(id.clone());
                return Ok(());
            }
            (Act::Identity, Some(code)) if code == NEVER => return Ok(()),
            (_, Some(_)) => return Err(unexpected()),
            (Act::SignUp, None) => Act::Confirm,
            (Act::Confirm, None) => Act::Apply,
            (Act::Apply, None) => {
                model.applied = true;
                Act::Identity
            }
            (Act::Identity, None) => Act::Money,
            (Act::Money, None) => {
                // Some do one thing and are gone for days, some do three in a row.
                let at_once = self.dice.in_thousand(300);
                let after_ms = if at_once {
                    self.dice.between(0, 20 * MINUTE_MS)
                } else {
                    self.dice.between(4 * HOUR_MS, 60 * HOUR_MS)
                };
                let at_ms = now_ms + after_ms;
                self.enter(at_ms, Due { person, act: Act::Money, tries: 0 });
                return Ok(());
            }
            (Act::Move { id, asset, units }, None) => {
                model.moves.insert(id.clone(), Move { asset, units: *units });
                self.model.accepted += 1;
                return Ok(());
            }
            (Act::Choose { asset, to, first_ms }, None) => {
                model.destinations.push((asset, *first_ms, now_ms, to));
                self.model.accepted += 1;
                return Ok(());
            }
        };
        if !matches!(act, Act::SignUp | Act::Identity) {
            self.model.accepted += 1;
        }
        let at_ms = soon(&mut self.dice);
        self.enter(at_ms, Due { person, act: next, tries: 0 });
        Ok(())
    }

    /// The provider ends its run; most people are who they say.
    async fn identify(&mut self, person: usize) -> Answer {
        let Some(sub) = self.sub_of(person).await else { return Answer::Again };
        let door = self.bank.local.identity_provider();
        let runs = door.provider.runs();
        let Some(run) = runs.iter().find(|run| run.customer_user_id.as_deref() == Some(&sub)) else {
            return Answer::Again;
        };
        let (verdict, name) = match self.dice.below(8) {
            0 => (Verdict::Declined, "declined"),
            // They close the app, and the application expires.
            1 => return Answer::Refused(NEVER.to_owned()),
            _ => (Verdict::Approved, "approved"),
        };
        if !run.status.is_over() {
            let Ok(first) = door.provider.complete(run.id, verdict, self.bank.now_ms(), &door.endpoint).await else {
                return Answer::Again;
            };
            if self.dice.in_thousand(300) {
                let _again = door.provider.redeliver(first.id, self.bank.now_ms(), &door.endpoint).await;
            }
            self.model.customers.get_mut(&person).unwrap().verdict = Some(name);
        }
        Answer::Done(Value::Null)
    }

    async fn sub_of(&mut self, person: usize) -> Option<String> {
        if self.people[person].sub.is_none()
            && let Answer::Done(data) = self.people[person].ask(&self.bank, "{ viewer { id } }", None).await
        {
            self.people[person].sub = customer_in(&data["viewer"]["id"]);
        }
        self.people[person].sub.clone()
    }

    /// One of the things that people do with money.
    async fn money(&mut self, person: usize) -> Answer {
        if self.model.customers[&person].verdict == Some("declined") {
            // Nothing; what is drawn is only answered.
            return Answer::Done(self.dice.uuid().to_string().into());
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

    async fn choose(&mut self, person: usize, asset: &str, to: &str) -> Answer {
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
