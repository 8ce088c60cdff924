//! Somebody who is a customer when a list gets to know them.

use std::time::Duration;

use serde_json::{Value, json};
use simulators::{chance, onfido::Verdict};

use super::{Customer, Story, WHILE, compliance::Staff, money::MONEY};
use crate::{
    Failed,
    world::{APPLY, application},
};

const STANDING: &str = "{ viewer { status application { status } } }";
const FREEZE: &str = "mutation($input: FreezeInput!) { backOffice { freezeCustomer(input: $input) {
    customer { status frozen } } } }";
const UNFREEZE: &str = "mutation($input: UnfreezeInput!) { backOffice { unfreezeCustomer(input: $input) {
    customer { status frozen } } } }";
const DECIDE: &str = "mutation($input: DecideReviewInput!) { backOffice { decideReview(input: $input) {
    review { status decision version } } } }";

/// Every day has its round, whenever in it the story is told.
const A_DAY_AND_AN_HOUR: Duration = Duration::from_secs(25 * 3600);

impl Story<'_> {
    /// From the sign-up to a customer of another name than anybody else here, whom no list knows.
    pub(super) async fn unlisted(&mut self, name: &'static str) -> Result<Customer, Failed> {
        let customer = self.member(name).await?;
        let id = chance::uuid();
        self.roles.name(&id.to_string(), format!("{name}.application"));
        let mut written = application(id);
        written["firstName"] = json!("Ludmila");
        written["lastName"] = json!("Thornby-Vasquez");
        written["birthDate"] = json!("1975-08-09");
        self.order(&customer, APPLY, written).await?;
        self.pass(WHILE).await?;
        self.ends(&customer, Verdict::Approved).await?;
        self.pass(WHILE).await?;
        Ok(customer)
    }

    /// A list knows them: a day later they are frozen, by hand as well, until people say otherwise. Then the identity provider's monitor
    /// finds somebody, and people say no.
    pub(super) async fn monitored(&mut self, kim: &Customer) -> Result<(), Failed> {
        let entity = json!({ "id": "NK-thornby", "names": ["Ludmila Thornby-Vasquez"], "birthDates": ["1975-08-09"],
            "countries": ["gb"], "topics": ["sanction"], "datasets": ["gb_fcdo_sanctions"] });
        let listed = serde_json::from_value(entity).map_err(|error| Failed::new(error.to_string()))?;
        let provider = &self.bank.local.screening().provider;
        provider.add(listed).map_err(|error| Failed::new(format!("nobody is listed: {error}")))?;
        self.pass(A_DAY_AND_AN_HOUR).await?;
        self.look(kim, "found in a list", STANDING).await?;
        let order = json!({ "reference": kim.place("GBP")?, "asset": "GBP", "amount": "30.00" });
        self.payment("kim.payment", order).await?;
        self.pass(WHILE).await?;
        self.look(kim, "paid in vain", MONEY).await?;

        let (grace, alan) = (self.staff("grace").await?, self.staff("alan").await?);
        let freeze = chance::uuid();
        self.roles.name(&freeze.to_string(), format!("{}.freeze", kim.name));
        let order = json!({ "customerId": kim.sub, "freezeId": freeze, "side": "DEBITS", "reason": "They rang about a theft." });
        for _ in 0..2 {
            let frozen = self.at_work(&grace, FREEZE, order.clone()).await?;
            self.seen.push(("frozen by hand".to_owned(), frozen));
        }
        let lift = json!({ "customerId": kim.sub, "freezeId": freeze, "reason": "Nothing was stolen." });
        let lifted = self.at_work(&alan, UNFREEZE, lift).await?;
        self.seen.push(("unfrozen by hand".to_owned(), lifted));
        self.decided(kim, [&grace, &alan], "APPROVE").await?;
        self.look(kim, "free again", STANDING).await?;
        self.look(kim, "paid after all", MONEY).await?;

        let (door, run) = (self.bank.local.identity_provider(), self.run_of(kim)?);
        let found = ["5f0a1c2e-7b3d-4e68-9a10-2c4d6e8fa0b1".to_owned()];
        let told = door.provider.find_matches(run, &found, self.bank.now_ms(), &door.endpoint).await;
        told.map_err(|error| Failed::new(format!("the identity provider: {error}")))?;
        if let Some(monitor) = door.provider.monitor(run) {
            self.roles.name(&monitor.to_string(), format!("{}.monitor", kim.name));
        }
        self.pass(WHILE).await?;
        self.look(kim, "found by the monitor", STANDING).await?;
        self.decided(kim, [&grace, &alan], "DECLINE").await?;
        self.look(kim, "to be parted from", STANDING).await
    }

    async fn decided(&mut self, kim: &Customer, by: [&Staff; 2], decision: &str) -> Result<(), Failed> {
        let [one, other] = by;
        let review = self.review(one, kim).await?;
        for staff in [one, other] {
            let decision = json!({ "reviewId": review["id"], "decisionId": chance::uuid(), "decision": decision,
                "reason": "We have compared them." });
            let decided: Value = self.at_work(staff, DECIDE, decision).await?;
            self.seen.push(("an opinion about a customer".to_owned(), decided));
        }
        self.pass(WHILE).await
    }
}
