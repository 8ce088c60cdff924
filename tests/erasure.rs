//! Customers who are forgotten: at once where nothing is required, later where the law says so, with proof, and without anything breaking.

mod office;

use std::{collections::HashMap, sync::Arc};

use app::{
    commit::{Actor, Cause},
    erasure::{ErasureError, Erasures},
    ports::{PortError, Reader, Vault},
    reveal::{Purpose, RevealError, Reveals},
    streams::Streams,
};
use aws::{DynamoEventStore, KmsVault, SdkClock};
use aws_sdk_dynamodb::types::AttributeValue;
use domain::{
    error::Classify as _,
    identity::customer::{Customer, CustomerStatus},
    ids::{CustomerId, Fingerprint, RetentionClass, StaffId, StreamId, VaultRef},
};
use granary::{
    cli::{whole_bank, whole_ledger},
    services::OPERATOR,
};
use secrecy::SecretString;
use serde_json::{Value, json};
use time::Duration;
use uuid::Uuid;

use crate::support::{APPLY, Bank, Person, TEMPLATE, application};

const EMAIL: &str = "ada@example.com";
/// Of the twentieth of November 2026.
const FIVE_YEARS: Duration = Duration::days(1826);

type Row = HashMap<String, AttributeValue>;

struct World {
    bank: Bank,
    vault: Arc<dyn Vault>,
}

impl World {
    async fn open() -> Self {
        Self::over(Bank::open().await)
    }

    /// A bank in which years pass quickly: nothing else is scheduled, and what is due is looked for on one night a year.
    async fn patient() -> Self {
        let template = TEMPLATE
            .replace("cron(10 0/4 * * ? *)", "cron(0 0 1 1 ? *)")
            .replace("cron(0 1 ? * MON,TUE *)", "cron(0 0 1 1 ? *)")
            .replace("cron(30 2 * * ? *)", "cron(30 2 20 11 ? *)");
        Self::over(Bank::open_with(&template).await)
    }

    fn over(bank: Bank) -> Self {
        let config = bank.local.sdk_config(OPERATOR);
        let key = bank.local.plan().key("VaultKey").unwrap().id.clone();
        let (values, keys) = (bank.table("Vault"), bank.table("VaultKeys"));
        let vault = KmsVault::new(bank.dynamodb(), aws_sdk_kms::Client::new(&config), values, keys, key);
        Self { bank, vault: Arc::new(vault) }
    }

    fn streams(&self, context: &str) -> Streams {
        let store = DynamoEventStore::new(self.bank.dynamodb(), self.bank.table(&format!("{context}Events")));
        Streams::new(Arc::new(store), Arc::new(SdkClock::new(&self.bank.local.sdk_config(OPERATOR))))
    }

    /// Somebody of compliance asks for it.
    async fn erase(&self, customer: CustomerId) -> Result<(), ErasureError> {
        let erasures = Erasures {
            identity: self.streams("Identity"),
            onboarding: self.streams("Onboarding"),
            compliance: self.streams("Compliance"),
            ledger: self.streams("Ledger"),
            vault: Arc::clone(&self.vault),
        };
        let reason = SecretString::from("they wrote to us on the eighteenth".to_owned());
        let by = StaffId::new(Uuid::from_u128(0x57AFF));
        let cause = Cause::by(Actor::System("tests"));
        erasures.request(customer, by, &reason, &cause).await.map(|loaded| {
            assert_eq!(loaded.state.status, CustomerStatus::Erased);
        })
    }

    async fn opened(&self, customer: CustomerId, slot: &str) -> Result<(), PortError> {
        let reader = Reader { who: "tests".to_owned(), why: "to see whether it opens".to_owned() };
        self.vault.open(&VaultRef::of_customer(customer, slot).unwrap(), &reader).await.map(drop)
    }

    /// The slot of what somebody applied with.
    async fn content(&self, customer: CustomerId) -> String {
        let subject = format!("customer:{customer}");
        let rows = self.bank.items("Vault").await;
        let mine = rows.iter().filter(|row| row["pk"].as_s().unwrap() == &subject);
        let mut slots = mine.map(|row| row["sk"].as_s().unwrap().clone());
        slots.find(|slot| slot.starts_with("application-")).unwrap()
    }

    /// Class by class, what the certificates say.
    fn certificates(&self, customer: CustomerId) -> Vec<Value> {
        let bucket = &self.bank.local.plan().bucket("Archive").unwrap().name;
        let s3 = &self.bank.local.aws().s3;
        let keys = s3.keys(bucket, &format!("erasures/{customer}/")).unwrap().into_iter();
        keys.map(|key| serde_json::from_slice(&s3.get(bucket, &key).unwrap().unwrap().body).unwrap()).collect()
    }

    /// Nothing that audits the bank finds anything.
    async fn assert_sound(&self) {
        let balance = whole_ledger(&self.bank.local, Duration::ZERO).await.unwrap();
        assert_eq!(balance.discrepancies, []);
        let verified = whole_bank(&self.bank.local).await.unwrap();
        assert!(verified.findings.is_empty(), "{:?}", verified.findings);
        self.bank.assert_nothing_set_aside();
    }
}

fn id(person: &Person) -> CustomerId {
    person.sub.parse().unwrap()
}

fn is_erased(outcome: &Result<(), PortError>) -> bool {
    matches!(outcome, Err(error) if error.code() == "PERSONAL_DATA_ERASED")
}

async fn put_back(bank: &Bank, table: &str, rows: &[Row]) {
    for row in rows {
        bank.dynamodb().put_item().table_name(bank.table(table)).set_item(Some(row.clone())).send().await.unwrap();
    }
}

#[tokio::test]
async fn a_customer_is_forgotten_at_once_and_in_five_years_and_no_copy_brings_anything_back() {
    let world = World::patient().await;
    let bank = &world.bank;
    let (ada, bob) = (bank.customer(EMAIL).await, bank.customer("bob@example.com").await);
    let (customer, content) = (id(&ada), world.content(id(&ada)).await);
    let reference = bank.reference(&ada, "GBP").await;
    let mut copies = HashMap::new();
    for table in &bank.local.plan().tables {
        copies.insert(table.logical_id.clone(), bank.items(&table.logical_id).await);
    }

    world.erase(customer).await.unwrap();
    bank.settle().await;
    assert!(is_erased(&world.opened(customer, "email").await));
    world.opened(customer, &content).await.unwrap();
    world.opened(id(&bob), "email").await.unwrap();
    let pool = aws_sdk_cognitoidentityprovider::Client::new(&bank.local.sdk_config(OPERATOR));
    let pool_id = &bank.local.plan().user_pools[0].id;
    let asked = pool.admin_list_groups_for_user().user_pool_id(pool_id).username(EMAIL).send().await.unwrap_err();
    assert!(asked.as_service_error().unwrap().is_user_not_found_exception(), "the pool knows the address as well");

    // The certificate names the key: who finds a copy of it can see that it is the one.
    let [certificate] = <[Value; 1]>::try_from(world.certificates(customer)).unwrap();
    let subject = format!("customer:{customer}");
    let is_key = |row: &&Row| row["pk"].as_s().unwrap() == &subject && row["sk"].as_s().unwrap() == "contact";
    let key = copies["VaultKeys"].iter().find(is_key).unwrap()["w"].as_b().unwrap().clone();
    assert_eq!(certificate["wrappedKeySha256"], Fingerprint::of(key.as_ref()).to_string());
    assert_eq!(
        (&certificate["class"], &certificate["destroyedBy"]),
        (&json!("contact"), &json!("system:erase-personal-data"))
    );
    assert_eq!(certificate["requestedBy"], Uuid::from_u128(0x57AFF).to_string());

    // The whole bank as it was, but for the keys, which no copy may hold.
    for table in ["Vault", "OnboardingProjections"] {
        put_back(bank, table, &copies[table]).await;
    }
    assert!(is_erased(&world.opened(customer, "email").await));

    // The law's time is not over on the last day, and over on the next.
    bank.advance(FIVE_YEARS - Duration::days(1)).await;
    bank.settle().await;
    world.opened(customer, &content).await.unwrap();
    bank.advance(Duration::days(1)).await;
    bank.settle().await;
    assert!(is_erased(&world.opened(customer, &content).await));
    assert_eq!(world.certificates(customer).len(), 4);
    put_back(bank, "Vault", &copies["Vault"]).await;
    assert!(is_erased(&world.opened(customer, &content).await));
    let loaded = world.streams("Identity").load::<Customer>(StreamId::from(customer)).await.unwrap();
    assert_eq!(loaded.state.erasure.unwrap().outstanding(), vec![]);
    world.opened(id(&bob), "email").await.unwrap();

    // Money that comes for them now is nobody's, and is not lost.
    bank.pay(&reference, "GBP", "12.00").await;
    assert_eq!(bank.internal("suspense", money::Asset::Gbp).await, 1_200);

    // Nor is it given to somebody who is forgotten.
    let olga = bank.staff("olga@granary.example", &["operations"]).await;
    let waits = bank.office(&olga, "{ backOffice { suspense { nodes { id } } } }", Value::Null).await;
    let release =
        "mutation($input: ReleaseDepositInput!) { backOffice { releaseDeposit(input: $input) { depositId } } }";
    let theirs =
        json!({ "depositId": waits["suspense"]["nodes"][0]["id"], "customerId": ada.sub, "reason": "It was hers." });
    assert_eq!(bank.office_refusal(&olga, release, theirs).await, "CUSTOMER_ERASED");

    // Who looks is told so in a word.
    let reveals = Reveals {
        compliance: world.streams("Compliance"),
        onboarding: world.streams("Onboarding"),
        ledger: world.streams("Ledger"),
        vault: Arc::clone(&world.vault),
    };
    let purpose = Purpose::try_new(StaffId::new(Uuid::from_u128(0x57AFF)), "an auditor asked about it").unwrap();
    let revealed = reveals.application(customer, None, &purpose).await;
    assert_eq!(revealed.map(drop).map_err(|error: RevealError| error.code()), Err("PERSONAL_DATA_ERASED"));
    world.assert_sound().await;
}

#[tokio::test]
async fn whoever_has_money_waiting_in_suspense_is_not_forgotten() {
    let world = World::open().await;
    let ada = world.bank.customer(EMAIL).await;
    let reference = world.bank.reference(&ada, "GBP").await;
    let olga = world.bank.staff("olga@granary.example", &["operations"]).await;
    let freeze =
        "mutation($input: FreezeInput!) { backOffice { freezeCustomer(input: $input) { customer { frozen } } } }";
    let why =
        json!({ "customerId": ada.sub, "freezeId": Uuid::new_v4(), "side": "CREDITS", "reason": "A court says so." });
    world.bank.office(&olga, freeze, why).await;
    world.bank.pay(&reference, "GBP", "3.00").await;
    assert_eq!(world.bank.available(&ada).await, "0.00");
    let refused = world.erase(id(&ada)).await;
    assert_eq!(refused.map_err(|error| error.code()), Err("ERASURE_HAS_MONEY"));
    world.assert_sound().await;
}

#[tokio::test]
async fn whoever_never_was_a_customer_is_forgotten_whole_at_once() {
    let world = World::open().await;
    let ada = world.bank.newcomer(EMAIL).await;
    for _ in 0..2 {
        world.erase(id(&ada)).await.unwrap(); // Asking again changes nothing.
        world.bank.settle().await;
    }
    assert!(is_erased(&world.opened(id(&ada), "email").await));
    assert_eq!(world.certificates(id(&ada)).len(), RetentionClass::ALL.len());
    // What they still hold a token for is refused, and makes no new key.
    let refused = world.bank.refusal_of(&ada, APPLY, application(Uuid::new_v4())).await;
    assert_eq!(refused, "CUSTOMER_ERASED");
    let keys = world.bank.items("VaultKeys").await;
    assert!(keys.iter().all(|row| !row.contains_key("w")), "{keys:?}");
    let row = world.bank.graphql(&ada, "{ viewer { status } }").await;
    assert_eq!(row["viewer"]["status"], "ERASED");
    world.assert_sound().await;
}

#[tokio::test]
async fn nobody_is_erased_who_has_money_an_application_or_an_open_case() {
    let world = World::open().await;
    let bank = &world.bank;
    let rich = bank.customer("rich@example.com").await;
    let reference = bank.reference(&rich, "GBP").await;
    bank.pay(&reference, "GBP", "0.01").await;
    let code = |outcome: Result<(), ErasureError>| outcome.unwrap_err().code();
    assert_eq!(code(world.erase(id(&rich)).await), "ERASURE_HAS_MONEY");

    let applying = bank.newcomer("applying@example.com").await;
    bank.graphql_with(&applying, APPLY, application(Uuid::new_v4())).await;
    assert_eq!(code(world.erase(id(&applying)).await), "ERASURE_APPLICATION_RUNNING");
    assert_eq!(code(world.erase(CustomerId::new(Uuid::from_u128(0x57AFF))).await), "ERASURE_OWN");
    assert_eq!(code(world.erase(CustomerId::new(Uuid::new_v4())).await), "CUSTOMER_NOT_SIGNED_UP");
    for person in [&rich, &applying] {
        world.opened(id(person), "email").await.unwrap();
        assert_eq!(world.certificates(id(person)).len(), 0);
    }
}

#[tokio::test]
async fn a_request_that_nobody_heard_of_is_made_up_for_in_the_night() {
    let deaf = TEMPLATE.replacen("[customer.erasure-requested.v1]", "[customer.applied.v1]", 1);
    let world = World::over(Bank::open_with(&deaf).await);
    let ada = world.bank.newcomer(EMAIL).await;
    world.erase(id(&ada)).await.unwrap();
    world.bank.settle().await;
    world.opened(id(&ada), "email").await.unwrap();
    world.bank.advance(Duration::DAY).await;
    world.bank.settle().await;
    assert!(is_erased(&world.opened(id(&ada), "email").await));
    assert_eq!(world.certificates(id(&ada)).len(), RetentionClass::ALL.len());
}
