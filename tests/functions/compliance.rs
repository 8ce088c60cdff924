//! What the functions of compliance are given.

use std::sync::Arc;

use app::{
    commit::{Actor, Cause},
    ledger::lift_freeze,
    streams::Streams,
};
use aws::{DynamoEventStore, SdkClock};
use domain::{
    compliance::screening::{Check, Match, RiskVerdict, Screening, ScreeningEvent},
    ids::{ApplicationId, CaseId, CustomerId, ScreenedId, StreamId, VaultRef},
    moment::Moment,
};
use granary::services::OPERATOR;
use serde_json::{Value, json};
use time::{OffsetDateTime, format_description::well_known::Rfc3339, macros::datetime};
use uuid::Uuid;

use super::{
    samples::{APPLICATION, CUSTOMER, REFERENCE, job, of, sample, transaction_settled, with_job},
    scenarios::{People, confirmed, invoke, keep_webhook, put, reference_of_pounds, request},
    workflow::Workflow,
};
use crate::support::{APPLY, Bank, Person, application};

/// The case of the samples.
const CASE: &str = "case#760249fe-f9bd-5051-abd9-dd3145d4ef46";

/// The case with this many of its commits.
pub async fn case(bank: &Bank, commits: u32) {
    put(bank, "ComplianceEvents", &sample("project-cases"), CASE, commits).await;
}

/// Staff see this many of its commits.
pub async fn project(bank: &Bank, commits: usize) {
    let mut event = sample("project-cases");
    event["Records"].as_array_mut().unwrap().truncate(commits);
    invoke(bank, "ProjectCases", &event).await;
}

/// The workflow has somebody looked for, and the vault holds who that is.
pub async fn screening(bank: &Bank, own: Value, people: &People) -> Vec<Value> {
    let person = people.customer.as_ref().unwrap();
    confirmed(bank, &person.sub).await;
    let apply = request(&sample("graphql"), person, APPLY, application(APPLICATION.parse().unwrap()));
    invoke(bank, "Graphql", &apply).await;
    let submitted = bank.items("OnboardingEvents").await;
    let body: Value = serde_json::from_str(submitted[0]["c"].as_s().unwrap()).unwrap();
    let content = &body["ev"][0]["data"]["content"];
    let workflow = Workflow::start(bank, &of(&person.sub, sample("start-onboarding"))).await;
    let asked = workflow.screens().await;
    let calls = asked.into_iter().map(|mut asked| {
        // The sample's own content is in nobody's vault.
        asked["content"] = content.clone();
        with_job(own.clone(), &asked)
    });
    calls.collect()
}

/// A tick that begins a round, and a page of another one that goes on with it. A tick that is late was overtaken.
pub fn rounds(bank: &Bank, own: Value) -> Vec<Value> {
    let mut page = job(&own);
    let now = OffsetDateTime::from_unix_timestamp(bank.now_ms() / 1000).unwrap();
    page["scheduledAt"] = json!(now.format(&Rfc3339).unwrap());
    let own = with_job(own, &page);
    page["round"] = json!({ "day": "2026-04-20", "index": "20260420001502-nwd" });
    vec![own.clone(), with_job(own, &page)]
}

/// A customer whom the vault knows is looked for ever after.
pub async fn monitored(bank: &Bank, own: Value, people: &People) -> Vec<Value> {
    let person = people.customer.as_ref().unwrap();
    confirmed(bank, &person.sub).await;
    let apply = request(&sample("graphql"), person, APPLY, application(APPLICATION.parse().unwrap()));
    invoke(bank, "Graphql", &apply).await;
    watch(bank, person).await;
    vec![of(&person.sub, own)]
}

/// Whoever applied is a customer, and is looked for ever after.
pub async fn watch(bank: &Bank, person: &Person) {
    let submitted = bank.items("OnboardingEvents").await;
    let body: Value = serde_json::from_str(submitted[0]["c"].as_s().unwrap()).unwrap();
    let content: VaultRef = body["ev"][0]["data"]["content"].as_str().unwrap().parse().unwrap();
    let store = DynamoEventStore::new(bank.dynamodb(), bank.table("ComplianceEvents"));
    let streams = Streams::new(Arc::new(store), Arc::new(SdkClock::new(&bank.local.sdk_config(OPERATOR))));
    let (application, at) =
        (ApplicationId::new(APPLICATION.parse().unwrap()), Moment::of(datetime!(2026-04-19 10:03 UTC)));
    let began = [
        ScreeningEvent::SubjectNoted { application, content: content.clone() },
        ScreeningEvent::MonitoringBegan { application, content, at },
    ];
    let customer = CustomerId::new(person.sub.parse().unwrap());
    let cause = Cause::by(Actor::System("start-monitoring"));
    streams.record::<Screening>(&StreamId::from(ScreenedId(customer)), &cause, &began).await.unwrap();
}

/// Somebody may be listed, and perhaps it is known what to think of that.
pub async fn screened(bank: &Bank, is_assessed: bool) {
    let store = DynamoEventStore::new(bank.dynamodb(), bank.table("ComplianceEvents"));
    let clock = SdkClock::new(&bank.local.sdk_config(OPERATOR));
    let streams = Streams::new(Arc::new(store), Arc::new(clock));
    let application = ApplicationId::new(APPLICATION.parse().unwrap());
    let at = Moment::of(datetime!(2026-04-19 10:03 UTC));
    let found = Match { entity: "NK-sample".parse().unwrap(), score: 75, lists: vec!["eu_fsf".parse().unwrap()] };
    let content = VaultRef::of_customer(CUSTOMER.parse().unwrap(), "application-sample").unwrap();
    let mut events = vec![ScreeningEvent::SubjectNoted { application, content }];
    let answers = Check::ALL.into_iter().map(|check| {
        let matches = if check == Check::Sanctions { vec![found.clone()] } else { vec![] };
        ScreeningEvent::CheckCompleted { application, check, matches, at }
    });
    events.extend(answers);
    if is_assessed {
        events.push(ScreeningEvent::RiskAssessed { application, score: 75, verdict: RiskVerdict::Review, at });
    }
    let stream = StreamId::from(ScreenedId(CUSTOMER.parse().unwrap()));
    streams.record::<Screening>(&stream, &Cause::by(Actor::System("call-screening")), &events).await.unwrap();
}

/// A customer was frozen, was paid, and is not frozen any more.
pub async fn frozen_and_free_again(bank: &Bank) {
    invoke(bank, "OpenAccounts", &sample("open-accounts")).await;
    invoke(bank, "FollowControls", &sample("follow-controls")).await;
    paid(bank, &reference_of_pounds(bank).await).await;
    let store = DynamoEventStore::new(bank.dynamodb(), bank.table("LedgerEvents"));
    let streams = Streams::new(Arc::new(store), Arc::new(SdkClock::new(&bank.local.sdk_config(OPERATOR))));
    let (customer, case) = (CUSTOMER.parse().unwrap(), CaseId::try_from(&CASE.parse::<StreamId>().unwrap()).unwrap());
    lift_freeze(&streams, customer, case, &Cause::by(Actor::System("follow-controls"))).await.unwrap();
}

/// A payment that quotes this comes in.
async fn paid(bank: &Bank, reference: &str) {
    let own = sample("settle-deposit");
    keep_webhook(bank, &job(&own), transaction_settled().replace(REFERENCE, reference));
    invoke(bank, "SettleDeposit", &own).await;
}

/// Somebody of compliance opens the inbox, writes something down, freezes somebody, and finds out whose money it is that waits.
pub async fn requests(bank: &Bank, own: Value, people: &People) -> Vec<Value> {
    let staff = people.staff.as_ref().unwrap();
    // The customer has a key in the vault; nobody of the office could make one.
    confirmed(bank, CUSTOMER).await;
    case(bank, 3).await;
    project(bank, 3).await;
    let inbox = "{ backOffice { me { id groups } reviews(status: OPEN) { nodes { id status risk dueAt assignee } } } }";
    let write =
        "mutation($input: AddReviewNoteInput!) { backOffice { addReviewNote(input: $input) { review { version } } } }";
    let (_, id) = CASE.split_once('#').unwrap();
    let note = json!({ "reviewId": id, "noteId": Uuid::from_u128(7), "text": "They rang." });
    invoke(bank, "ProjectCustomers", &sample("project-customers")).await;
    let freeze = "mutation($input: FreezeInput!) { backOffice { freezeCustomer(input: $input) {
        customer { frozen freezes { id side } } } } }";
    let why =
        json!({ "customerId": CUSTOMER, "freezeId": Uuid::from_u128(8), "side": "DEBITS", "reason": "They rang." });
    let erase = "mutation($input: EraseCustomerInput!) { backOffice { eraseCustomer(input: $input) {
        customer { status erasure { data { class dueOn } } } } } }";
    let forget = json!({ "customerId": CUSTOMER, "reason": "They asked for it." });
    invoke(bank, "OpenAccounts", &sample("open-accounts")).await;
    paid(bank, "nobody").await;
    let release = "mutation($input: ReleaseDepositInput!) { backOffice { releaseDeposit(input: $input) {
        customerId amount { amount } } } }";
    let whose = json!({ "depositId": "clearbank#3f2504e0-4f89-41d3-9a0c-0305e82c3301", "customerId": CUSTOMER, "reason": "They rang." });
    vec![
        own.clone(),
        request(&own, staff, inbox, Value::Null),
        request(&own, staff, write, note),
        request(&own, staff, freeze, why),
        request(&own, staff, erase, forget),
        request(&own, staff, "{ backOffice { suspense { nodes { id amount { amount } reason } } } }", Value::Null),
        request(&own, staff, release, whose),
    ]
}
