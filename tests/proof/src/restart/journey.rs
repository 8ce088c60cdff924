//! One person's way through the bank, as an app walks it: from the sign-up to savings, with every id chosen beforehand and every
//! request repeated until it is answered. What was acknowledged is written down with the effects that it must have had.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    chance::Chance,
    door::{Answer, Door, Kind},
};
use crate::{
    Failed,
    world::{APPLY, PASSWORD, application},
};

/// How long a person waits for what happens behind the scenes, over all restarts.
const PATIENCE: Duration = Duration::from_secs(150);
const LOOK_AGAIN_AFTER: Duration = Duration::from_millis(60);
const SAVED_IN: &str = "USDC";
/// Smallest units of a dollar coin.
const USDC: u64 = 1_000_000;

/// What a person has asked for, was told is done, and may count on.
#[derive(Debug, Default, Clone)]
pub struct Lived {
    pub email: String,
    pub sub: String,
    pub application: Uuid,
    /// How many commands were acknowledged.
    pub commands: u64,
    /// What they must have brought about, once each.
    pub effects: Vec<String>,
    /// What each account must have, in smallest units, interest apart.
    pub accounts: BTreeMap<&'static str, i128>,
    /// What must be saved, interest apart.
    pub saved: i128,
    /// The amounts of every operation that a statement must show, interest apart.
    pub operations: Vec<(&'static str, String)>,
}

/// Somebody on their way.
pub struct Journey<'a> {
    door: &'a Door,
    client_id: &'a str,
    chance: Chance,
    token: String,
    pub lived: Lived,
}

/// Walks the whole way.
pub async fn walk(door: &Door, client_id: &str, chance: Chance, number: u64) -> Result<Lived, Failed> {
    let email = format!("traveller.{number}@example.com");
    let lived = Lived { email, application: chance.uuid(), ..Lived::default() };
    let mut journey = Journey { door, client_id, chance, token: String::new(), lived };
    let walked = journey.walk().await;
    walked.map_err(|failed| Failed::new(format!("{}: {failed}", journey.lived.email)))?;
    Ok(journey.lived)
}

impl<'a> Journey<'a> {
    /// Somebody who comes back later.
    pub fn again(door: &'a Door, client_id: &'a str, lived: Lived) -> Self {
        Self { door, client_id, chance: Chance::new(0), token: String::new(), lived }
    }

    async fn walk(&mut self) -> Result<(), Failed> {
        self.join().await?;
        self.apply().await?;
        self.be_identified().await?;
        self.pay_in_pounds().await?;
        self.pay_in_crypto().await?;
        self.save().await
    }

    async fn join(&mut self) -> Result<(), Failed> {
        let email = self.lived.email.clone();
        let who = json!({ "ClientId": self.client_id, "Username": email, "Password": PASSWORD });
        self.door.pool("SignUp", Some(("UsernameExistsException", "")), &who).await?;
        self.lived.commands += 1;
        while !self.confirm(&email).await? {
            // The clock has leapt over the code's day.
            let who = json!({ "ClientId": self.client_id, "Username": email });
            self.door.pool("ResendConfirmationCode", Some(("InvalidParameterException", "confirmed")), &who).await?;
        }
        while self.lived.sub.is_empty() {
            self.log_in().await?;
            let user = json!({ "AccessToken": self.token });
            let user = self.door.pool("GetUser", Some(("NotAuthorizedException", "expired")), &user).await?;
            self.lived.sub = text(&user["Username"]);
        }
        let sub = self.lived.sub.clone();
        self.acknowledged([format!("customer.signed-up.v1 {sub}"), format!("vault email {sub}")]);
        Ok(())
    }

    /// With the newest code; `false`: it is too old.
    async fn confirm(&mut self, email: &str) -> Result<bool, Failed> {
        let mails = self.door.get(&format!("/dev/outbox?to={email}")).await?;
        let code = mails.as_array().and_then(|mails| mails.last()).map(|mail| mail["code"].clone());
        let code = code.ok_or_else(|| Failed::new("signed up, and no mail with a code was sent"))?;
        let confirm = json!({ "ClientId": self.client_id, "Username": email, "ConfirmationCode": code });
        let body = confirm.to_string();
        self.door
            .operate("ConfirmSignUp", &body, |said| match said["__type"].as_str() {
                None => Answer::Taken(json!(true)),
                Some("ExpiredCodeException") => Answer::Taken(json!(false)),
                Some("NotAuthorizedException") if text(&said["message"]).contains("CONFIRMED") => {
                    Answer::Taken(json!(true))
                }
                Some(_) => Answer::Refused(said.to_string()),
            })
            .await
            .map(|confirmed| confirmed == json!(true))
    }

    async fn apply(&mut self) -> Result<(), Failed> {
        let input = json!({ "input": application(self.lived.application) });
        self.command(APPLY, &input).await?;
        let (sub, application) = (&self.lived.sub, self.lived.application);
        let effects = [
            format!("application.submitted.v1 {application}"),
            format!("application.applicant-created.v1 {application}"),
            format!("application.run-started.v1 {application}"),
            format!("applicant {sub}"),
            format!("run {sub}"),
        ];
        self.acknowledged(effects);
        Ok(())
    }

    async fn be_identified(&mut self) -> Result<(), Failed> {
        let asked = "{ viewer { application { identityCheck { sdkToken } } } }";
        self.wait_for("identity check", asked, |data| {
            data["viewer"]["application"]["identityCheck"]["sdkToken"].is_string()
        })
        .await?;
        let runs = self.door.get(&format!("/dev/onfido/runs?customer={}", self.lived.sub)).await?;
        let run = text(&runs[0]["id"]);
        let twice = self.chance.between(0, 2) == 0;
        let verdict = json!({ "status": "approved", "duplicate": twice });
        self.door.post(&format!("/dev/onfido/runs/{run}"), &verdict).await?;
        let (sub, application) = (&self.lived.sub, self.lived.application);
        let of_application =
            ["identity-decided", "approved", "accounts-opened", "instructions-ready", "welcomed", "completed"];
        let effects = of_application.map(|what| format!("application.{what}.v1 {application}"));
        let opened = ["GBP", "EUR", "USDC", "BTC", "ETH"].map(|asset| format!("account.opened.v1 {sub}#{asset}"));
        let others = [
            format!("customer.activated.v1 {sub}"),
            format!("holder.accounts-opened.v1 {sub}"),
            format!("holder.instructions-ready.v1 {sub}"),
            format!("vault account {sub}"),
            format!("screening.risk-assessed.v1 {application}"),
            format!("screening.subject-noted.v1 {application}"),
            format!("screening.monitoring-began.v1 {application}"),
        ];
        let checks = ["sanctions", "pep", "fraud"];
        let checks = checks.map(|check| format!("screening.check-completed.v1 {application} {check}"));
        self.acknowledged(effects.into_iter().chain(opened).chain(others).chain(checks));
        let asked = "{ viewer { status application { status steps { status } } accounts { nodes { asset } } } }";
        self.wait_for("approval", asked, |data| {
            let viewer = &data["viewer"];
            let done = viewer["application"]["steps"].as_array().is_some_and(|steps| {
                steps.iter().all(|step| step["status"] == "DONE") && viewer["application"]["status"] == "APPROVED"
            });
            done && viewer["status"] == "ACTIVE" && viewer["accounts"]["nodes"].as_array().map(Vec::len) == Some(5)
        })
        .await?;
        Ok(())
    }

    async fn pay_in_pounds(&mut self) -> Result<(), Failed> {
        let reference = self.instruction("GBP", "reference").await?;
        let pence = self.chance.between(100, 500_000);
        let transaction = self.chance.uuid();
        let order = json!({ "reference": reference, "asset": "GBP", "amount": decimal(pence, 2),
            "transactionId": transaction, "duplicate": self.chance.between(0, 2) == 0 });
        self.door.post("/dev/clearbank/payments", &order).await?;
        self.paid_in("GBP", pence, &format!("clearbank#{transaction}"), decimal(pence, 2));
        self.wait_for_balance("GBP", &decimal(pence, 2)).await
    }

    /// Somebody outside sends coins. Whether an order that was not answered went through is seen on the chain.
    async fn pay_in_crypto(&mut self) -> Result<(), Failed> {
        let address = self.instruction(SAVED_IN, "address").await?;
        let units = self.chance.between(100 * USDC, 9_000 * USDC);
        let amount = decimal(units, 6);
        let order = json!({ "asset": SAVED_IN, "address": address, "amount": amount, "confirm": "slowly" });
        let body = order.to_string();
        let began = Instant::now();
        let transaction = loop {
            let chain = self.door.get("/dev/fireblocks/transactions").await?;
            let seen = chain.as_array().into_iter().flatten().find(|it| it["address"] == address.as_str()).cloned();
            if let Some(seen) = seen {
                break text(&seen["id"]);
            }
            let sent = self.door.try_once("/dev/fireblocks/deposits", &body).await;
            if let Some(sent) = sent {
                break text(&sent["transactionId"]);
            }
            if began.elapsed() > PATIENCE {
                return Err(Failed::new("the coins could not be sent"));
            }
        };
        self.paid_in(SAVED_IN, units, &format!("fireblocks#{transaction}"), amount.clone());
        self.wait_for_balance(SAVED_IN, &amount).await
    }

    async fn save(&mut self) -> Result<(), Failed> {
        let has = u64::try_from(self.lived.accounts[SAVED_IN]).unwrap();
        let saved = self.chance.between(has / 4, has);
        let taken = self.chance.between(1, saved / 2);
        let position = self.moved("saveToSavings", saved, "savings-deposit", "debited").await?;
        self.moved("takeFromSavings", taken, "savings-withdrawal", "credited").await?;
        let change = i128::from(saved) - i128::from(taken);
        *self.lived.accounts.get_mut(SAVED_IN).unwrap() -= change;
        self.lived.saved += change;
        if self.chance.between(0, 2) == 0 {
            let choose = "mutation($input: PayoutDestinationInput!) { choosePayoutDestination(input: $input) {
                position { payoutDestination } } }";
            let input = json!({ "input": { "positionId": position, "destination": "ACCOUNT" } });
            self.command(choose, &input).await?;
            let effect = format!("savings.payout-destination-chosen.v1 {}#usdc-savings account", self.lived.sub);
            self.acknowledged([effect]);
        }
        Ok(())
    }

    /// One move to or from savings; the position's id.
    async fn moved(&mut self, field: &str, units: u64, kind: &str, side: &str) -> Result<Value, Failed> {
        let (id, amount) = (self.chance.uuid(), decimal(units, 6));
        let mutation = format!(
            "mutation($input: SavingsMoveInput!) {{ {field}(input: $input) {{ operation {{ id }} position {{ id }} }} }}"
        );
        let input = json!({ "input": { "operationId": id, "money": { "asset": SAVED_IN, "amount": amount } } });
        let data = self.command(&mutation, &input).await?;
        let sub = self.lived.sub.clone();
        let operation = format!("{sub}#{id}");
        self.lived.operations.push((if side == "debited" { "SAVINGS_DEPOSIT" } else { "SAVINGS_WITHDRAWAL" }, amount));
        self.acknowledged([
            format!("{kind}.settled.v1 {operation} {SAVED_IN} {units}"),
            format!("account.{side}.v1 {sub}#{SAVED_IN} {operation} {SAVED_IN} {units}"),
            format!("savings.balance-changed.v1 {sub}#usdc-savings {operation}"),
        ]);
        Ok(data[field]["position"]["id"].clone())
    }

    fn paid_in(&mut self, asset: &'static str, units: u64, operation: &str, amount: String) {
        let account = format!("{}#{asset}", self.lived.sub);
        *self.lived.accounts.entry(asset).or_default() += i128::from(units);
        self.lived.operations.push(("DEPOSIT", amount));
        self.acknowledged([
            format!("deposit.settled.v1 {operation} {asset} {units}"),
            format!("account.credited.v1 {account} {operation} {asset} {units}"),
        ]);
    }

    fn acknowledged(&mut self, effects: impl IntoIterator<Item = String>) {
        self.lived.commands += 1;
        self.lived.effects.extend(effects);
    }

    async fn instruction(&mut self, asset: &str, what: &str) -> Result<String, Failed> {
        let asked = format!("{{ viewer {{ depositInstructions(asset: \"{asset}\") {{ {what} }} }} }}");
        let data = self.question(&asked).await?;
        Ok(text(&data["viewer"]["depositInstructions"][what]))
    }

    async fn wait_for_balance(&mut self, asset: &str, amount: &str) -> Result<(), Failed> {
        let asked = format!("{{ viewer {{ account(asset: \"{asset}\") {{ available {{ amount }} }} }} }}");
        let there = |data: &Value| data["viewer"]["account"]["available"]["amount"] == amount;
        self.wait_for(&format!("{amount} {asset}"), &asked, there).await
    }

    async fn wait_for(&mut self, what: &str, asked: &str, seen: impl Fn(&Value) -> bool) -> Result<(), Failed> {
        let began = Instant::now();
        loop {
            let data = self.question(asked).await?;
            if seen(&data) {
                return Ok(());
            }
            if began.elapsed() > PATIENCE {
                return Err(Failed::new(format!("no {what} within {PATIENCE:?}, at last {data}")));
            }
            tokio::time::sleep(LOOK_AGAIN_AFTER).await;
        }
    }

    pub async fn question(&mut self, query: &str) -> Result<Value, Failed> {
        self.graphql(Kind::Question, query, &json!({})).await
    }

    async fn command(&mut self, mutation: &str, input: &Value) -> Result<Value, Failed> {
        self.graphql(Kind::Command, mutation, input).await
    }

    async fn graphql(&mut self, kind: Kind, query: &str, variables: &Value) -> Result<Value, Failed> {
        loop {
            if !self.token.is_empty()
                && let Some(data) = self.door.graphql(kind, &self.token, query, variables).await?
            {
                return Ok(data);
            }
            self.log_in().await?; // A token is for an hour of the bank's clock, which is soon over here.
        }
    }

    async fn log_in(&mut self) -> Result<(), Failed> {
        let login = json!({ "ClientId": self.client_id, "AuthFlow": "USER_PASSWORD_AUTH",
            "AuthParameters": { "USERNAME": self.lived.email, "PASSWORD": PASSWORD } });
        let answer = self.door.pool("InitiateAuth", None, &login).await?;
        self.token = text(&answer["AuthenticationResult"]["AccessToken"]);
        Ok(())
    }
}

pub fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// Smallest units as a decimal with all of the asset's decimals.
pub fn decimal(units: impl Into<i128>, decimals: usize) -> String {
    let (units, one) = (units.into(), 10_i128.pow(u32::try_from(decimals).unwrap()));
    format!("{}.{:0decimals$}", units / one, units % one)
}
