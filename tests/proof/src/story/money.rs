//! Money that comes in, is saved, and earns.

use std::time::Duration;

use granary::dev::Payments as _;
use serde_json::{Value, json};
use simulators::chance;
use uuid::Uuid;

use super::{Customer, Story, WHILE};
use crate::Failed;

pub(super) const MONEY: &str = r#"{ viewer {
    accounts { nodes { asset version available { amount } pending { amount } held { amount }
        entries(first: 20) { nodes { amount { amount } balanceAfter { amount } } } } }
    operations(first: 20) { nodes { kind status amount { asset amount } week } } } }"#;
const POSITIONS: &str = r#"{ viewer { savings { product { id asset } version principal { amount } earned { numerator }
    carried { numerator } paidToDate { amount } nextPayout payoutDestination
    days(from: "2026-11-20", to: "2026-11-30") { date rate balance { amount } earned { numerator } } } } }"#;
const WAITS: &str = "{ backOffice { suspense { nodes { id amount { asset amount } reason customerId } } } }";
const REVEAL: &str = "mutation($input: RevealPayerInput!) { backOffice { revealPayer(input: $input) { wrote } } }";
const RELEASE: &str = "mutation($input: ReleaseDepositInput!) { backOffice { releaseDeposit(input: $input) {
    depositId customerId amount { asset amount } } } }";
const SAVE: &str =
    "mutation($input: SavingsMoveInput!) { saveToSavings(input: $input) { account { version available { amount } }
    position { id version } } }";
const TAKE: &str =
    "mutation($input: SavingsMoveInput!) { takeFromSavings(input: $input) { account { version available { amount } }
    position { version } } }";
const CHOOSE: &str =
    "mutation($input: PayoutDestinationInput!) { choosePayoutDestination(input: $input) { position { version
    payoutDestination } } }";

/// Between two confirmations: slow enough that no redelivery is overtaken by one.
const STEP_SECONDS: u64 = 3600;
const UNKNOWN_ADDRESS: &str = "0x00000000000000000000000000000000000000aa";
/// Longer than from Friday to the payout on Monday at one in the morning, and not until the week after.
const OVER_THE_WEEKEND: Duration = Duration::from_secs(4 * 24 * 3600);

impl Story<'_> {
    /// Pounds that find their account, twice told; pounds of nobody; and webhooks that are none.
    pub(super) async fn pounds(&mut self, eve: &Customer) -> Result<(), Failed> {
        let reference = eve.place("GBP")?;
        self.payment(
            "eve.payment",
            json!({ "reference": reference, "asset": "GBP", "amount": "1000.00", "duplicate": true }),
        )
        .await?;
        let lost = self
            .payment("eve.lost-payment", json!({ "reference": "for Eve", "asset": "GBP", "amount": "7.00" }))
            .await?;
        self.pass(WHILE).await?;
        self.look(eve, "paid", MONEY).await?;
        self.found_out(eve, lost).await?;

        let (clearbank, onfido, fireblocks) =
            (self.bank.local.payments(), self.bank.local.identity_provider(), self.bank.local.custodian());
        let broken = || Failed::new("a simulated provider cannot sign");
        let doors = [
            ("/webhooks/clearbank", "digitalsignature", clearbank.bank.sign(b"{}").map_err(|_| broken())?),
            ("/webhooks/onfido", "x-sha2-signature", onfido.provider.sign(b"{}")),
            (
                "/webhooks/fireblocks",
                "fireblocks-webhook-signature",
                fireblocks.custodian.sign(b"{}").map_err(|_| broken())?,
            ),
        ];
        for (path, header, signature) in &doors {
            for signature in ["", signature.as_str()] {
                let (status, code) = self.knock(path, (header, signature), "{}").await?;
                self.seen.push((format!("a stranger at {path}"), json!({ "status": status, "code": code })));
            }
        }
        self.pass(WHILE).await
    }

    /// Announced and settled; announced and failed; too little; nobody's.
    pub(super) async fn crypto(&mut self, fay: &Customer) -> Result<(), Failed> {
        let (usdc, eth) = (fay.place("USDC")?, fay.place("ETH")?);
        let slowly = |asset, address: &str, amount, fail| {
            json!({ "asset": asset, "address": address, "amount": amount, "confirm": "slowly", "fail": fail,
                "stepEverySeconds": STEP_SECONDS })
        };
        self.deposit("fay.deposit", slowly("USDC", usdc, "500", false)).await?;
        self.pass(WHILE).await?;
        self.deposit("fay.failing-deposit", slowly("ETH", eth, "2", true)).await?;
        self.pass(WHILE).await?;
        self.look(fay, "expecting", MONEY).await?;
        self.pass(Duration::from_secs(3 * STEP_SECONDS)).await?;
        for (role, address, amount) in [("fay.dust", usdc, "0.5"), ("nobody.deposit", UNKNOWN_ADDRESS, "7")] {
            self.deposit(role, json!({ "asset": "USDC", "address": address, "amount": amount, "confirm": "at-once" }))
                .await?;
        }
        self.pass(WHILE).await?;
        self.look(fay, "paid", MONEY).await
    }

    /// What savings begin with.
    pub(super) async fn fund(&mut self, gus: &Customer) -> Result<(), Failed> {
        for (role, asset, amount) in [("gus.dollars", "USDC", "500"), ("gus.bitcoin", "BTC", "1")] {
            let address = gus.place(asset)?;
            self.deposit(role, json!({ "asset": asset, "address": address, "amount": amount, "confirm": "at-once" }))
                .await?;
        }
        self.pass(WHILE).await
    }

    /// Saved, partly taken, paid on Monday: what dollars earn is reinvested, what bitcoin earn goes to the account.
    pub(super) async fn savings(&mut self, gus: &Customer) -> Result<(), Failed> {
        self.moved(gus, SAVE, "gus.save-dollars", ("USDC", "400")).await?;
        let saved = self.moved(gus, SAVE, "gus.save-bitcoin", ("BTC", "0.5")).await?;
        self.pass(WHILE).await?;
        let position = &saved["saveToSavings"]["position"]["id"];
        let chosen = self.order(gus, CHOOSE, json!({ "positionId": position, "destination": "ACCOUNT" })).await?;
        self.seen.push(("gus chose".to_owned(), chosen));
        self.moved(gus, TAKE, "gus.take-dollars", ("USDC", "100")).await?;
        self.pass(WHILE).await?;
        self.look(gus, "saving", POSITIONS).await?;
        self.pass(OVER_THE_WEEKEND).await?;
        self.look(gus, "on Tuesday", POSITIONS).await?;
        self.look(gus, "in the end", MONEY).await
    }

    async fn moved(
        &mut self,
        customer: &Customer,
        mutation: &str,
        role: &str,
        (asset, amount): (&str, &str),
    ) -> Result<Value, Failed> {
        let id = chance::uuid();
        self.roles.name(&id.to_string(), role);
        let input = json!({ "operationId": id, "money": { "asset": asset, "amount": amount } });
        let mut answer = self.order(customer, mutation, input).await?;
        let whole = answer.clone();
        if let Some(id) = answer.pointer_mut("/saveToSavings/position/id") {
            *id = Value::Null; // An opaque text that holds the customer's id.
        }
        self.seen.push((role.to_owned(), answer));
        Ok(whole)
    }

    /// A payment at the bank partner.
    pub(super) async fn payment(&mut self, role: &str, mut order: Value) -> Result<Uuid, Failed> {
        let id = chance::uuid();
        self.roles.name(&id.to_string(), role);
        order["transactionId"] = json!(id);
        let wrong = |error: &dyn std::fmt::Display| Failed::new(format!("the bank partner: {error}"));
        let order = serde_json::from_value(order).map_err(|error| wrong(&error))?;
        self.bank.local.payments().pay(order).await.map_err(|error| wrong(&error))?;
        Ok(id)
    }

    /// Somebody of compliance looks at what waits, and finds out whose it is.
    async fn found_out(&mut self, eve: &Customer, payment: Uuid) -> Result<(), Failed> {
        let (grace, deposit) = (self.staff("grace").await?, format!("clearbank#{payment}"));
        let waits = self.at_work(&grace, WAITS, Value::Null).await?;
        self.seen.push(("what waits".to_owned(), waits));
        let why = json!({ "depositId": deposit, "reason": "whose money it is, has to be found" });
        let payer = self.at_work(&grace, REVEAL, why).await?;
        self.seen.push(("who paid".to_owned(), payer));
        let hers = json!({ "depositId": deposit, "customerId": eve.sub, "reason": "She showed us a receipt." });
        for _ in 0..2 {
            let released = self.at_work(&grace, RELEASE, hers.clone()).await?;
            self.seen.push(("released".to_owned(), released));
        }
        self.pass(WHILE).await?;
        self.look(eve, "found out", MONEY).await
    }

    /// A deposit at the custodian.
    async fn deposit(&mut self, role: &str, order: Value) -> Result<(), Failed> {
        let wrong = |error: &dyn std::fmt::Display| Failed::new(format!("the custodian: {error}"));
        let order = serde_json::from_value(order).map_err(|error| wrong(&error))?;
        let (made, _) = self.bank.local.custodian().deposit(order).await.map_err(|error| wrong(&error))?;
        self.roles.name(&made.id.to_string(), role);
        Ok(())
    }
}
