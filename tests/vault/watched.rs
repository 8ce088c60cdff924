//! Somebody whom a list gets to know once they are a customer, and of whom the bank is to know nothing in the end.

use serde_json::{Value, json};
use simulators::onfido;
use uuid::Uuid;

use super::{
    journey::{HOUR, Journey},
    judged::{DECIDE, WRITE},
    people,
};
use crate::support::Person;

/// How they are reached.
pub(super) const EMAIL: &str = "ottoline.blackthorne@example.org";
const NOTE: &str = "Her neighbour Ignatia Pennyfeather knows the other one";
const REASON: &str = "That one was born in Nether Wallop-on-the-Marsh";
const FROZEN_BECAUSE: &str = "Sergeant Crumplehorn rang about a stolen passport";
const UNFROZEN_BECAUSE: &str = "Sergeant Crumplehorn found it at Lostwithiel Priory";
const ERASED_BECAUSE: &str = "Her letter from Zennor Quay asks for it";

const INBOX: &str = "{ backOffice { reviews(status: OPEN) { nodes { id customerId } } } }";
const FREEZE: &str =
    "mutation($input: FreezeInput!) { backOffice { freezeCustomer(input: $input) { customer { frozen } } } }";
const UNFREEZE: &str =
    "mutation($input: UnfreezeInput!) { backOffice { unfreezeCustomer(input: $input) { customer { frozen } } } }";
const ERASE: &str = "mutation($input: EraseCustomerInput!) { backOffice { eraseCustomer(input: $input) {
    customer { status erasure { data { class dueOn } } } } } }";

impl Journey<'_> {
    /// A hit and what the identity provider's monitor finds, each with its case and freeze; freezes by hand; and the erasure, refused
    /// while somebody still has to decide.
    pub(super) async fn watched(&mut self) {
        let bank = self.bank;
        let person = self.newcomer(EMAIL).await;
        self.planted.extend([EMAIL, NOTE, REASON, FROZEN_BECAUSE, UNFROZEN_BECAUSE, ERASED_BECAUSE].map(str::to_owned));
        let telling = ["Ottoline", "Blackthorne", "Pennyfeather", "Crumplehorn", "Lostwithiel", "Zennor Quay"];
        self.planted.extend(telling.map(str::to_owned));
        let mut written = people::wilhelmina(Uuid::new_v4());
        (written["firstName"], written["lastName"]) = (json!("Ottoline"), json!("Blackthorne-Vey"));
        (written["birthDate"], written["nationality"]) = (json!("1969-09-13"), json!("GB"));
        self.applied(&person, written).await;
        bank.identified(&person, onfido::Verdict::Approved).await;
        self.look().await;
        let listed = json!({ "id": "NK-watched", "names": ["Ottoline Blackthorne-Vey"], "birthDates": ["1969-09-13"],
            "countries": ["gb"], "topics": ["sanction"], "datasets": ["gb_fcdo_sanctions"] });
        bank.local.screening().provider.add(serde_json::from_value(listed).unwrap()).unwrap();
        self.pass(25 * HOUR).await;

        let grace = bank.staff("grace@granary.example", &["compliance"]).await;
        let alan = bank.staff("alan@granary.example", &["compliance"]).await;
        let freeze = |reason: &str| json!({ "customerId": person.sub, "freezeId": Uuid::from_u128(9), "side": "DEBITS", "reason": reason });
        for _ in 0..2 {
            bank.office(&grace, FREEZE, freeze(FROZEN_BECAUSE)).await;
        }
        self.declined_at_work(&alan, FREEZE, freeze(UNFROZEN_BECAUSE)).await;
        self.declined_at_work(&grace, FREEZE, freeze(&FROZEN_BECAUSE.repeat(100))).await;
        let lift = json!({ "customerId": person.sub, "freezeId": Uuid::from_u128(9), "reason": UNFROZEN_BECAUSE });
        bank.office(&alan, UNFREEZE, lift).await;
        self.look().await;
        bank.settle().await;

        let erase = json!({ "customerId": person.sub, "reason": ERASED_BECAUSE });
        self.declined_at_work(&grace, ERASE, erase.clone()).await;
        self.cleared(&person, [&grace, &alan]).await;
        let door = bank.local.identity_provider();
        let found = ["5f0a1c2e-7b3d-4e68-9a10-2c4d6e8fa0b1".to_owned()];
        let run = bank.run_of(&person).unwrap();
        door.provider.find_matches(run, &found, bank.now_ms(), &door.endpoint).await.unwrap();
        self.look().await;
        bank.settle().await;
        self.cleared(&person, [&grace, &alan]).await;

        for _ in 0..2 {
            let erased = bank.office(&grace, ERASE, erase.clone()).await;
            assert_eq!(erased["eraseCustomer"]["customer"]["status"], "ERASED");
            self.look().await;
        }
        self.declined_at_work(&alan, ERASE, erase).await;
        bank.settle().await;
        self.look().await;
        self.pass(25 * HOUR).await;
        self.planted.extend([grace.token, alan.token]);
    }

    /// Two people say that it is somebody else.
    async fn cleared(&mut self, person: &Person, by: [&Person; 2]) {
        let bank = self.bank;
        let mut inbox = bank.office(by[0], INBOX, Value::Null).await;
        let reviews = inbox["reviews"]["nodes"].as_array_mut().unwrap();
        let review = reviews.iter_mut().find(|it| it["customerId"] == person.sub).unwrap()["id"].take();
        let note = json!({ "reviewId": review, "noteId": Uuid::new_v4(), "text": NOTE });
        bank.office(by[0], WRITE, note).await;
        for staff in by {
            let decision =
                json!({ "reviewId": review, "decisionId": Uuid::new_v4(), "decision": "APPROVE", "reason": REASON });
            bank.office(staff, DECIDE, decision).await;
            self.look().await;
        }
        bank.settle().await;
        self.look().await;
    }
}
