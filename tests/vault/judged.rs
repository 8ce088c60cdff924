//! Somebody whom a list may know, and everything that is written about them.

use serde_json::{Value, json};
use simulators::{onfido, screening};
use uuid::Uuid;

use super::{
    journey::{HOUR, Journey},
    people,
};
use crate::support::Person;

/// What compliance asks: for a while the customer can read it.
pub const QUESTION: &str = "Did you live in Upper Quagmire-on-Sea?";
const NOTE: &str = "Her aunt Philippa Thistlewaite rang from Gibraltar";
const ANSWER: &str = "I lived above the Haberdashery of Ignatius Loxley";
const REASON: &str = "Born in Puddlecombe-under-Wychwood, not in Minsk";
const EMAIL: &str = "leocadia.abernathy@example.org";

const INBOX: &str = "{ backOffice { reviews(status: OPEN) { nodes { id applicationId timeline { textId } } } } }";
pub(super) const WRITE: &str =
    "mutation($input: AddReviewNoteInput!) { backOffice { addReviewNote(input: $input) { review { version } } } }";
const ASK: &str = "mutation($input: RequestInformationInput!) { backOffice { requestInformation(input: $input) { review { version } } } }";
pub(super) const DECIDE: &str =
    "mutation($input: DecideReviewInput!) { backOffice { decideReview(input: $input) { review { decision } } } }";
const REVEAL: &str =
    "mutation($input: RevealPersonalDataInput!) { backOffice { revealPersonalData(input: $input) { lastName } } }";
const READ: &str = "{ viewer { application { informationRequest { id question } } } }";
const TELL: &str = "mutation($input: ProvideInformationInput!) { provideInformation(input: $input) { version } }";

impl Journey<'_> {
    /// The screening provider is away, then finds somebody; compliance writes, asks and decides, and is refused now and then.
    pub(super) async fn judged(&mut self) {
        let bank = self.bank;
        let person = self.newcomer(EMAIL).await;
        self.planted.extend([EMAIL, NOTE, ANSWER, REASON, "Leocadia", "Abernathy", "Thistlewaite"].map(str::to_owned));
        let listed = json!({ "id": "NK-listed", "names": ["Leocadia Abernathy-Sforza"], "birthDates": ["1971-05-10"],
            "countries": ["gb"], "topics": ["role.pep", "sanction"], "datasets": ["gb_fcdo_sanctions"] });
        let provider = &bank.local.screening().provider;
        provider.add(serde_json::from_value(listed).unwrap()).unwrap();
        let mut written = people::wilhelmina(Uuid::new_v4());
        (written["firstName"], written["lastName"]) = (json!("Leocadia"), json!("Abernathy-Sforza"));
        (written["birthDate"], written["nationality"]) = (json!("1971-05-09"), json!("GB"));
        self.applied(&person, written).await;
        provider.fail_next(9, screening::Fault::Status(503));
        bank.identified(&person, onfido::Verdict::Approved).await;
        self.look().await;
        self.pass(HOUR).await;

        let person = self.again(&person).await;
        let grace = bank.staff("grace@granary.example", &["compliance"]).await;
        let review = bank.office(&grace, INBOX, Value::Null).await["reviews"]["nodes"][0].take();
        let note = |text: &str| json!({ "reviewId": review["id"], "noteId": Uuid::from_u128(1), "text": text });
        bank.office(&grace, WRITE, note(NOTE)).await;
        self.declined_at_work(&grace, WRITE, note(&format!("{NOTE}, twice"))).await;
        self.declined_at_work(&grace, WRITE, note(&NOTE.repeat(100))).await;
        let question = json!({ "reviewId": review["id"], "questionId": Uuid::from_u128(2), "text": QUESTION });
        bank.office(&grace, ASK, question).await;
        self.look().await;
        bank.settle().await;
        self.look().await;

        let asked = bank.graphql(&person, READ).await["viewer"]["application"]["informationRequest"].take();
        assert_eq!(asked["question"], QUESTION);
        let tell =
            |text: &str| json!({ "applicationId": review["applicationId"], "requestId": asked["id"], "text": text });
        bank.graphql_with(&person, TELL, tell(ANSWER)).await;
        let other = json!({ "query": TELL, "variables": { "input": tell(&format!("{ANSWER}, and moved")) } });
        self.refused(&person, &other).await;
        self.look().await;
        bank.settle().await;

        let whom = json!({ "customerId": person.sub, "reason": "to compare with the list" });
        assert_eq!(bank.office(&grace, REVEAL, whom).await["revealPersonalData"]["lastName"], "Abernathy-Sforza");
        let alan = bank.staff("alan@granary.example", &["compliance"]).await;
        for staff in [&grace, &alan] {
            let decision = json!({ "reviewId": review["id"], "decisionId": Uuid::new_v4(), "decision": "DECLINE", "reason": REASON });
            bank.office(staff, DECIDE, decision).await;
            self.look().await;
        }
        bank.settle().await;
        self.look().await;
        let after =
            json!({ "reviewId": review["id"], "decisionId": Uuid::new_v4(), "decision": "APPROVE", "reason": REASON });
        self.declined_at_work(&grace, DECIDE, after).await;
        self.planted.extend([grace.token, alan.token]);
    }

    /// A request of staff that must fail; its answer is part of what is searched.
    pub(super) async fn declined_at_work(&mut self, staff: &Person, query: &str, input: Value) {
        let (_, answer) = self.bank.office_raw(&staff.token, query, &input).await;
        assert!(answer["errors"][0]["message"].is_string(), "{answer}");
        self.places.push(("answer".to_owned(), answer.to_string().into_bytes()));
    }
}
