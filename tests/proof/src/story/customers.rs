//! How people become customers, or do not.

use std::time::Duration;

use serde_json::Value;
use simulators::{
    chance,
    onfido::{Fault, Verdict},
};
use uuid::Uuid;

use super::{Customer, Story, WHILE};
use crate::{
    Failed,
    world::{APPLY, application},
};

const STANDING: &str = "{ viewer { status application { status steps { name status } } } }";
const CHECKED: &str = "{ viewer { application { status identityCheck { provider sdkToken } } } }";
const ACCOUNTS: &str = "{ viewer { status application { status steps { name status } } accounts { nodes { asset version
    available { amount } pending { amount } held { amount } } } } }";
/// What can be paid in by way of the bank partner, and what by way of the custodian.
const FIAT: [&str; 2] = ["GBP", "EUR"];
const CRYPTO: [&str; 3] = ["USDC", "BTC", "ETH"];

/// The state that waits for a webhook asks the provider after a day.
const A_DAY_AND_AN_HOUR: Duration = Duration::from_secs(25 * 3600);
/// One more than a message is tried.
const CALLS_IN_VAIN: u32 = 6;
const TWO_HOURS: Duration = Duration::from_secs(2 * 3600);
/// Later than an applicant may be.
const FIFTEEN_DAYS_MS: i64 = 15 * 24 * 3600 * 1000;

impl Story<'_> {
    /// From the sign-up to accounts that can be paid into.
    pub(super) async fn welcome(&mut self, name: &'static str) -> Result<Customer, Failed> {
        let mut customer = self.applied(name).await?;
        self.ends(&customer, Verdict::Approved).await?;
        self.pass(WHILE).await?;
        self.look(&customer, "as a customer", ACCOUNTS).await?;
        self.learns_where_to_pay_in(&mut customer).await?;
        Ok(customer)
    }

    /// Every reference and address, each of which is another in every telling.
    pub(super) async fn learns_where_to_pay_in(&mut self, customer: &mut Customer) -> Result<(), Failed> {
        let name = customer.name;
        let mut instructions = String::new();
        for asset in FIAT.iter().chain(&CRYPTO) {
            let alias = asset.to_lowercase();
            instructions.push_str(&format!(
                "{alias}: depositInstructions(asset: \"{asset}\") {{ asset reference address minimum {{ amount }} }} "
            ));
        }
        let told = self.ask(customer, &format!("{{ viewer {{ {instructions} }} }}"), Value::Null).await?;
        for asset in FIAT.into_iter().chain(CRYPTO) {
            let told = &told["viewer"][asset.to_lowercase()];
            let place = told["reference"].as_str().or(told["address"].as_str());
            let place = place.ok_or_else(|| Failed::new(format!("{name} cannot pay in {asset}: {told}")))?;
            // Two assets of one chain share an address.
            self.roles.name(place, format!("{name}.{asset}"));
            customer.places.insert(asset, place.to_owned());
        }
        self.seen.push((format!("{name} pays in by"), told));
        Ok(())
    }

    /// From the sign-up to a check that waits for the applicant.
    pub(super) async fn applied(&mut self, name: &'static str) -> Result<Customer, Failed> {
        let customer = self.member(name).await?;
        self.apply(&customer).await?;
        self.pass(WHILE).await?;
        self.is_checked(&customer).await?;
        Ok(customer)
    }

    /// From the sign-up to somebody whom the bank knows.
    pub(super) async fn member(&mut self, name: &'static str) -> Result<Customer, Failed> {
        let customer = self.sign_up(name).await?;
        self.ask(&customer, "mutation { ensureCustomer { status version } }", Value::Null).await?;
        self.pass(WHILE).await?;
        self.look(&customer, "signed up", STANDING).await?;
        Ok(customer)
    }

    /// Twice, as a thumb does.
    async fn apply(&mut self, customer: &Customer) -> Result<(), Failed> {
        let id = chance::uuid();
        self.roles.name(&id.to_string(), format!("{}.application", customer.name));
        for _ in 0..2 {
            let answer = self.order(customer, APPLY, application(id)).await?;
            let version = answer["submitApplication"]["version"].clone();
            self.seen.push((format!("{} applied", customer.name), version));
        }
        Ok(())
    }

    async fn is_checked(&mut self, customer: &Customer) -> Result<(), Failed> {
        let name = customer.name;
        let mut checked = self.ask(customer, CHECKED, Value::Null).await?;
        let token = checked["viewer"]["application"]["identityCheck"]["sdkToken"].take();
        if token.as_str().is_none_or(str::is_empty) {
            return Err(Failed::new(format!("{name}'s app got no token of the identity provider")));
        }
        self.seen.push((format!("{name} is checked"), checked));
        let run = self.run_of(customer)?;
        self.roles.name(&run.to_string(), format!("{name}.run"));
        Ok(())
    }

    /// The provider answers nothing but errors: a message is tried in vain until its last try tells the workflow, which asks anew.
    pub(super) async fn outage(&mut self, hal: &Customer) -> Result<(), Failed> {
        self.bank.local.identity_provider().provider.fail_next(CALLS_IN_VAIN, Fault::Status(500));
        self.apply(hal).await?;
        self.pass(TWO_HOURS).await?;
        self.is_checked(hal).await
    }

    /// A review at the provider, and then a no.
    pub(super) async fn declined(&mut self, bob: &Customer) -> Result<(), Failed> {
        self.ends(bob, Verdict::Review).await?;
        self.pass(WHILE).await?;
        self.look(bob, "in review", STANDING).await?;
        self.ends(bob, Verdict::Declined).await?;
        self.pass(WHILE).await?;
        self.look(bob, "declined", STANDING).await
    }

    /// A webhook that is lost on its way: a day later the provider is asked. The same webhook then comes for a run that nobody knows.
    pub(super) async fn unheard(&mut self, cleo: &Customer) -> Result<(), Failed> {
        let run = self.run_of(cleo)?;
        let (body, _) = self.bank.onfido_webhook_of(run, Verdict::Declined).await;
        self.pass(A_DAY_AND_AN_HOUR).await?;
        self.look(cleo, "asked about", STANDING).await?;

        let stranger = chance::uuid();
        self.roles.name(&stranger.to_string(), "nobody.run");
        let body = body.replace(&run.to_string(), &stranger.to_string());
        let signature = self.bank.local.identity_provider().provider.sign(body.as_bytes());
        let answer = self.knock("/webhooks/onfido", ("x-sha2-signature", &signature), &body).await?;
        self.seen.push(("a run of nobody".to_owned(), answer.0.into()));
        self.pass(WHILE).await
    }

    /// Nothing happens for a fortnight. The days are leapt over, as the bank only asks again and again.
    pub(super) async fn expired(&mut self, dan: &Customer) -> Result<(), Failed> {
        self.bank.clock.advance_ms(FIFTEEN_DAYS_MS);
        self.pass(WHILE).await?;
        self.look(dan, "too late", STANDING).await
    }

    pub(super) fn run_of(&self, customer: &Customer) -> Result<Uuid, Failed> {
        let runs = self.bank.local.identity_provider().provider.runs();
        let run = runs.iter().find(|run| run.customer_user_id.as_deref() == Some(&customer.sub));
        Ok(run.ok_or_else(|| Failed::new(format!("{} is not checked", customer.name)))?.id)
    }

    pub(super) async fn ends(&self, customer: &Customer, verdict: Verdict) -> Result<(), Failed> {
        let door = self.bank.local.identity_provider();
        let ended = door.provider.complete(self.run_of(customer)?, verdict, self.bank.now_ms(), &door.endpoint).await;
        ended.map(|_| ()).map_err(|error| Failed::new(format!("the identity provider: {error}")))
    }
}
