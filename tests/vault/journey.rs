//! Whole journeys of recognisable people, with everything going wrong that may, watched on the way.

use std::{collections::BTreeSet, time::Duration};

use granary::services::MailFault;
use serde_json::{Value, json};
use simulators::{clearbank::Payment, fireblocks, onfido};
use uuid::Uuid;

use super::{
    people::{self, EMAIL, OTHER_EMAIL, PAYER, REMITTANCE, STRANGER, STRANGERS_REMITTANCE},
    places::{Places, queues, table_of},
};
use crate::support::{APPLY, Bank, PASSWORD, Person};

pub(super) const HOUR: Duration = Duration::from_secs(3600);
const SAVE: &str = "mutation($input: SavingsMoveInput!) { saveToSavings(input: $input) { operation { id } } }";
/// More failures than a queue has tries for one message.
const TOO_MANY: u32 = 6;

/// What there is to search for, and what was on the way meanwhile.
pub struct Journey<'a> {
    pub(super) bank: &'a Bank,
    /// What stood somewhere only for a while: messages, waiting states, refusals.
    pub places: Places,
    /// Personal data, and what nobody but its owner may know.
    pub planted: BTreeSet<String>,
    /// What lets an app talk to the identity provider.
    pub sdk_tokens: BTreeSet<String>,
    /// Where crypto came from, by its hash and its sender.
    pub origins: BTreeSet<String>,
}

impl<'a> Journey<'a> {
    /// Everything, one after the other.
    pub async fn run(bank: &'a Bank) -> Self {
        let planted = people::planted().into_iter().chain([PASSWORD.to_owned()]).collect();
        let mut journey =
            Self { bank, places: Places::new(), planted, sdk_tokens: BTreeSet::new(), origins: BTreeSet::new() };
        journey.watched().await;
        let wilhelmina = journey.approved().await;
        journey.pounds_and_euros(&wilhelmina).await;
        journey.crypto(&wilhelmina).await;
        journey.declined().await;
        journey.broken().await;
        journey.judged().await;
        journey.saved(&wilhelmina).await;
        journey.planted.extend(journey.origins.clone());
        // What lay somewhere for long was looked at often.
        journey.places.sort();
        journey.places.dedup();
        journey
    }

    /// Looks at what is on the way.
    pub(super) async fn look(&mut self) {
        self.places.extend(queues(self.bank));
        self.places.extend(table_of(self.bank, "OnboardingPauses").await);
        let runs = self.bank.local.identity_provider().provider.runs();
        self.sdk_tokens.extend(runs.into_iter().filter_map(|run| run.sdk_token));
    }

    pub(super) async fn pass(&mut self, by: Duration) {
        self.bank.local.advance(by).await.unwrap();
        self.look().await;
    }

    pub(super) async fn newcomer(&mut self, email: &str) -> Person {
        let person = self.bank.newcomer(email).await;
        self.planted.insert(person.token.clone());
        person
    }

    pub(super) async fn again(&mut self, person: &Person) -> Person {
        let person = self.bank.again(person).await;
        self.planted.insert(person.token.clone());
        person
    }

    pub(super) async fn applied(&mut self, person: &Person, input: Value) {
        self.bank.graphql_with(person, APPLY, input).await;
        self.look().await;
        self.bank.settle().await;
        self.look().await;
    }

    /// A request that must fail; its answer is part of what is searched.
    pub(super) async fn refused(&mut self, person: &Person, request: &Value) {
        let (_, answer) = self.bank.graphql_raw(Some(&person.token), &request.to_string()).await;
        assert!(answer["errors"][0]["message"].is_string(), "{answer}");
        self.places.push(("answer".to_owned(), answer.to_string().into_bytes()));
    }

    async fn webhook(&mut self, path: &str, header: (&str, &str), body: String) -> u16 {
        let (status, answer) = self.bank.post(path, &[header], body).await;
        self.places.push(("answer".to_owned(), answer.to_string().into_bytes()));
        self.look().await;
        status
    }

    /// An application after some that are refused, while both providers are away; its result after two that nobody may believe.
    async fn approved(&mut self) -> Person {
        let bank = self.bank;
        let person = self.newcomer(EMAIL).await;
        for input in people::refused() {
            self.refused(&person, &people::written_out(&input)).await;
            self.refused(&person, &json!({ "query": APPLY, "variables": { "input": input } })).await;
        }
        self.refused(&person, &people::misspelt()).await;
        let provider = &bank.local.identity_provider().provider;
        provider.fail_next(TOO_MANY, onfido::Fault::Status(500));
        let id = Uuid::new_v4();
        self.applied(&person, people::wilhelmina(id)).await;
        self.pass(HOUR).await;
        let mut altered = people::wilhelmina(id);
        altered["lastName"] = json!("Ravenscroft-Altered");
        let person = self.again(&person).await;
        self.refused(&person, &json!({ "query": APPLY, "variables": { "input": altered } })).await;

        let run = bank.run_of(&person).unwrap();
        let (body, signature) = bank.onfido_webhook_of(run, onfido::Verdict::Approved).await;
        const HEADER: &str = "x-sha2-signature";
        assert_eq!(self.webhook("/webhooks/onfido", (HEADER, &"00".repeat(32)), body.clone()).await, 401);
        let of_nobody = body.replace(&run.to_string(), &Uuid::new_v4().to_string());
        let theirs = provider.sign(of_nobody.as_bytes());
        assert_eq!(self.webhook("/webhooks/onfido", (HEADER, &theirs), of_nobody).await, 200);
        bank.local.custodian().custodian.fail_next(2, fireblocks::Fault::Status(500));
        bank.local.aws().ses.fail_next(TOO_MANY * 100, MailFault::TooManyRequestsException);
        assert_eq!(self.webhook("/webhooks/onfido", (HEADER, &signature), body).await, 200);
        bank.settle().await;
        self.look().await;
        self.pass(HOUR).await; // The mail waits in its queue.
        bank.local.aws().ses.forgive();
        self.pass(5 * HOUR).await;
        assert_eq!(bank.waiting_in("ParkedQueue"), 1, "the result of a run that nobody knows");
        self.again(&person).await
    }

    /// A payment in each currency, one that finds nobody, one that contradicts another, and one that is not the bank's.
    async fn pounds_and_euros(&mut self, person: &Person) {
        let bank = self.bank;
        let mut booked = Payment::credit("GBP", "1", "");
        for asset in ["GBP", "EUR"] {
            let reference = bank.reference(person, asset).await;
            booked = payment(asset, PAYER, format!("{REMITTANCE} {reference}"));
            self.pay(&booked).await;
        }
        self.pay(&payment("GBP", STRANGER, STRANGERS_REMITTANCE.to_owned())).await;
        self.pay(&Payment { amount: "99.99".to_owned(), ..booked }).await;
        assert_eq!(bank.waiting_in("SettleDepositDeadLetters"), 1, "something else under an id that is booked");
        let unsigned = json!({ "Type": "TransactionSettled", "Payload": { "Reference": REMITTANCE, "Name": PAYER } });
        assert_eq!(
            self.webhook("/webhooks/clearbank", ("DigitalSignature", "bm90aGluZw=="), unsigned.to_string()).await,
            401
        );
    }

    async fn pay(&mut self, payment: &Payment) {
        let clearbank = self.bank.local.payments();
        let delivery = clearbank.bank.pay(payment, clearbank.clock.now_ms(), &clearbank.endpoint).await.unwrap();
        assert_eq!(delivery.status, Some(200));
        // Between the webhook and its booking.
        self.look().await;
        assert!(self.places.iter().any(|(place, _)| place.ends_with("settle-deposit")), "the job was on its queue");
        self.bank.settle().await;
    }

    /// Deposits of every kind: while they are confirmed and at once, with the custodian away, to nobody, in an asset that is not kept,
    /// and one that only claims to be the custodian's.
    async fn crypto(&mut self, person: &Person) {
        let bank = self.bank;
        for (asset, amount, confirm) in [("USDC", "500", "slowly"), ("BTC", "0.5", "at-once"), ("ETH", "2", "slowly")] {
            let address = bank.address(person, asset).await;
            self.deposit(json!({ "asset": asset, "address": address, "amount": amount, "confirm": confirm })).await;
        }
        let address = bank.address(person, "USDC").await;
        let nobody = "0x00000000000000000000000000000000000000aa";
        self.deposit(json!({ "asset": "USDC", "address": nobody, "amount": "7", "confirm": "at-once" })).await;
        self.deposit(json!({ "asset": "SHIB", "address": address, "amount": "1000", "confirm": "at-once" })).await;
        assert!(bank.waiting_in("SettleCryptoDepositDeadLetters") > 0);
        let sender = self.origins.first().unwrap();
        let forged = json!({ "eventType": "transaction.created", "data": { "sourceAddress": sender } }).to_string();
        assert_eq!(self.webhook("/webhooks/fireblocks", ("fireblocks-webhook-signature", "a.b.c"), forged).await, 401);
        self.pass(HOUR).await;

        let parked = bank.waiting_in("ParkedQueue");
        bank.local.custodian().custodian.fail_next(u32::MAX, fireblocks::Fault::Status(500));
        self.deposit(json!({ "asset": "USDC", "address": address, "amount": "5", "confirm": "at-once" })).await;
        self.pass(6 * HOUR).await;
        assert!(bank.waiting_in("ParkedQueue") > parked, "the custodian was away for too long");
        bank.local.custodian().custodian.fail_next(0, fireblocks::Fault::Status(500));
    }

    async fn deposit(&mut self, order: Value) {
        let order = serde_json::from_value(order).unwrap();
        let (transaction, _) = self.bank.local.custodian().deposit(order).await.unwrap();
        let texts = [transaction.source_address, transaction.hash];
        self.origins.extend(texts.iter().map(|text| text.trim_start_matches("0x").to_owned()));
        self.look().await;
        self.bank.settle().await;
        self.look().await;
    }

    async fn declined(&mut self) {
        let person = self.newcomer(OTHER_EMAIL).await;
        self.applied(&person, people::caspian(Uuid::new_v4())).await;
        self.bank.identified(&person, onfido::Verdict::Declined).await;
        let again = people::caspian(Uuid::new_v4());
        self.refused(&person, &json!({ "query": APPLY, "variables": { "input": again } })).await;
    }

    /// A run that the provider itself cannot finish: nobody is declined for it, and somebody has to look.
    async fn broken(&mut self) {
        let person = self.newcomer("third.vandersloot@example.org").await;
        self.applied(&person, people::caspian(Uuid::new_v4())).await;
        self.bank.identified(&person, onfido::Verdict::Error).await;
        assert_eq!(self.bank.waiting_in("ApplyIdentityResultDeadLetters"), 1);
    }

    /// Eight days, so that a week ends and is paid.
    async fn saved(&mut self, person: &Person) {
        let person = self.again(person).await;
        let save = json!({ "operationId": Uuid::new_v4(), "money": { "asset": "USDC", "amount": "400" } });
        self.bank.graphql_with(&person, SAVE, save.clone()).await;
        let mut other = save;
        other["money"]["amount"] = json!("40000");
        self.refused(&person, &json!({ "query": SAVE, "variables": { "input": other } })).await;
        self.bank.settle().await;
        self.pass(8 * 24 * HOUR).await;
        let person = self.again(&person).await;
        let seen = self.bank.graphql(&person, "{ viewer { savings { paidToDate { amount } } } }").await;
        assert_ne!(seen["viewer"]["savings"][0]["paidToDate"]["amount"], "0.000000", "{seen}");
    }
}

fn payment(asset: &str, payer: &str, reference: String) -> Payment {
    Payment { payer_name: payer.to_owned(), reference, ..Payment::credit(asset, "12.34", "") }
}
