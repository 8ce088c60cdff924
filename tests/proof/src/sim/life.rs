//! What people do, and when: an agenda on the bank's clock. What the bank does not answer is done again later, with the same ids.

mod clicks;
mod money;

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

    /// Nobody who asked for something is left without an answer: what comes of it could not be told from what nobody asked for.
    pub async fn answer_all(&mut self) -> Result<(), Failed> {
        let is_asked = |due: &Due| due.tries > 0 && matches!(due.act, Act::Move { .. });
        while let Some(key) = self.agenda.iter().find(|(_, due)| is_asked(due)).map(|(key, _)| *key) {
            let due = self.agenda.remove(&key).unwrap();
            self.act(due).await?;
        }
        Ok(())
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
                // First: a password is hashed on a thread of its own, which would run a race with what is under way.
                self.people[person].log_in(&self.bank).await;
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
                    (Answer::Done(done), Answer::Refused(code)) | (Answer::Refused(code), Answer::Done(done)) => {
                        let source = if *units > 0 { "account#" } else { "savings#" };
                        if !self.funded_meanwhile(id, source, now_ms).await {
                            return Err(Failed::new(format!(
                                "operation {id} is done for one click and {code} for the other"
                            )));
                        }
                        Answer::Done(done)
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
}
