//! Somebody who looks like somebody on a list, and the people who decide about them.

use serde_json::{Value, json};
use simulators::{chance, onfido::Verdict};

use super::{Customer, Story, TRIES_MAX, WHILE};
use crate::{
    Failed,
    world::{APPLY, OFFICE, PASSWORD, suspect},
};

const STANDING: &str = "{ viewer { status application { status steps { name status } } } }";
const ASKED: &str = "{ viewer { application { status informationRequest { id question } } } }";
const INBOX: &str =
    "{ backOffice { reviews(status: OPEN) { nodes { id customerId applicationId reason risk level approvalsNeeded status
    evidence { check entity score } } } } }";
const ASSIGN: &str =
    "mutation($input: AssignReviewInput!) { backOffice { assignReview(input: $input) { review { status version } } } }";
const NOTE: &str =
    "mutation($input: AddReviewNoteInput!) { backOffice { addReviewNote(input: $input) { review { version } } } }";
const ASK: &str = "mutation($input: RequestInformationInput!) { backOffice { requestInformation(input: $input) {
    review { status version } } } }";
const DECIDE: &str = "mutation($input: DecideReviewInput!) { backOffice { decideReview(input: $input) {
    review { status decision version } } } }";
const ANSWER: &str = "mutation($input: ProvideInformationInput!) { provideInformation(input: $input) {
    application { status } } }";

/// Later than any case is due.
const FOUR_DAYS_MS: i64 = 4 * 24 * 3600 * 1000;

/// Somebody who works here.
pub(super) struct Staff {
    name: &'static str,
    sub: String,
    refresh_token: String,
}

impl Story<'_> {
    /// From the sign-up to somebody who is who they say, and whom a list may know.
    pub(super) async fn suspected(&mut self, name: &'static str, topic: &str) -> Result<Customer, Failed> {
        self.bank.list(topic, "1961-03-05");
        let customer = self.member(name).await?;
        let id = chance::uuid();
        self.roles.name(&id.to_string(), format!("{name}.application"));
        self.order(&customer, APPLY, suspect(id)).await?;
        self.pass(WHILE).await?;
        self.ends(&customer, Verdict::Approved).await?;
        Ok(customer)
    }

    /// Two people, a question to the customer, an answer, and a yes.
    pub(super) async fn judged(&mut self, ivy: &mut Customer) -> Result<(), Failed> {
        self.pass(WHILE).await?;
        self.look(ivy, "judged", STANDING).await?;
        let (grace, alan) = (self.staff("grace").await?, self.staff("alan").await?);
        let review = self.review(&grace, ivy).await?;
        let id = &review["id"];
        self.at_work(&grace, ASSIGN, json!({ "reviewId": id, "to": grace.sub })).await?;
        let (note, question) = (chance::uuid(), chance::uuid());
        self.at_work(&grace, NOTE, json!({ "reviewId": id, "noteId": note, "text": "The birth date is a year off." }))
            .await?;
        let ask = json!({ "reviewId": id, "questionId": question, "text": "Where were you born?" });
        for _ in 0..2 {
            self.at_work(&grace, ASK, ask.clone()).await?;
        }
        self.pass(WHILE).await?;

        let asked = self.ask(ivy, ASKED, Value::Null).await?;
        let request = &asked["viewer"]["application"]["informationRequest"];
        if request["question"] != "Where were you born?" {
            return Err(Failed::new(format!("{} is not asked: {asked}", ivy.name)));
        }
        let told = json!({ "applicationId": review["applicationId"], "requestId": request["id"], "text": "In Leeds." });
        self.order(ivy, ANSWER, told).await?;
        self.pass(WHILE).await?;

        for staff in [&grace, &alan] {
            let decision = json!({ "reviewId": id, "decisionId": chance::uuid(), "decision": "APPROVE",
                "reason": "Another birth date." });
            let decided = self.at_work(staff, DECIDE, decision).await?;
            self.seen.push(("an opinion".to_owned(), decided));
        }
        self.pass(WHILE).await?;
        self.look(ivy, "cleared", STANDING).await?;
        self.learns_where_to_pay_in(ivy).await
    }

    /// Nobody decides until it is overdue, and then somebody says no.
    pub(super) async fn overdue(&mut self, joe: &Customer) -> Result<(), Failed> {
        self.pass(WHILE).await?;
        self.bank.clock.advance_ms(FOUR_DAYS_MS);
        self.pass(WHILE).await?;
        let grace = self.staff("grace").await?;
        let review = self.review(&grace, joe).await?;
        let decision = json!({ "reviewId": review["id"], "decisionId": chance::uuid(), "decision": "DECLINE",
            "reason": "It is them." });
        let decided = self.at_work(&grace, DECIDE, decision).await?;
        self.seen.push(("a no".to_owned(), decided));
        self.pass(WHILE).await?;
        self.look(joe, "refused", STANDING).await
    }

    pub(super) async fn staff(&mut self, name: &'static str) -> Result<Staff, Failed> {
        let email = format!("{name}@granary.example");
        let hired = self.bank.local.cognito().add_staff(&email, PASSWORD, &["compliance".to_owned()]).await;
        let sub = hired.map_err(|error| Failed::new(format!("{name} could not be hired: {error}")))?;
        self.roles.name(&sub, name);
        let tokens = self.bank.tokens(&email).await;
        Ok(Staff { name, sub, refresh_token: tokens.refresh_token().unwrap_or_default().to_owned() })
    }

    /// The one case about somebody, from the inbox.
    pub(super) async fn review(&mut self, staff: &Staff, of: &Customer) -> Result<Value, Failed> {
        let mut inbox = self.at_work(staff, INBOX, Value::Null).await?;
        let reviews = inbox["reviews"]["nodes"].as_array_mut().into_iter().flatten();
        let review = reviews.map(Value::take).find(|review| review["customerId"] == of.sub);
        let review = review.ok_or_else(|| Failed::new(format!("nothing about {} in the inbox", of.name)))?;
        let number =
            self.seen.iter().filter(|(what, seen)| what == "the inbox" && seen["customerId"] == of.sub).count();
        let suffix = if number == 0 { String::new() } else { (number + 1).to_string() };
        self.roles.name(review["id"].as_str().unwrap_or_default(), format!("{}.case{suffix}", of.name));
        self.seen.push(("the inbox".to_owned(), review.clone()));
        Ok(review)
    }

    /// What is under `backOffice`, asked until there is a good answer.
    pub(super) async fn at_work(&self, staff: &Staff, query: &str, input: Value) -> Result<Value, Failed> {
        let token = self.token(staff.name, &staff.refresh_token).await?;
        let mut last = Value::Null;
        for _ in 0..TRIES_MAX {
            let (status, mut answer) = self.bank.office_raw(&token, query, &input).await;
            if status == 200 && answer.get("errors").is_none() {
                return Ok(answer["data"]["backOffice"].take());
            }
            last = answer;
        }
        Err(Failed::new(format!("{OFFICE} answered {last} to {query}")))
    }
}
