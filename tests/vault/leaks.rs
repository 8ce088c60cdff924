//! Journeys with recognisable people, and then a search through everything that the bank keeps, sends or says.

use std::collections::{BTreeSet, HashMap};

use aws_sdk_dynamodb::{primitives::Blob, types::AttributeValue};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use granary::services::Outgoing;
use serde_json::json;
use uuid::Uuid;

use super::{
    journey::Journey,
    judged::QUESTION,
    people::{self, BANK_DETAILS, EMAIL, PAYER, REMITTANCE, STRANGER, STRANGERS_REMITTANCE, TOLD_BY_THE_PROVIDER},
    places::{Log, Places, everywhere, executions, found, objects, queues, sizes, streams, table_of, task_tokens},
    search::Search,
    tap::{TAP, tapped},
    watched,
};
use crate::support::{APPLY, Bank};

const EXECUTIONS: &str = "executions of granary-onboarding";
const PAUSES: &str = "table OnboardingPauses";
/// Step Functions itself puts a state's token into the message that it sends.
const CALLS: [&str; 3] = ["queue granary-call-onfido", "queue granary-call-screening", "queue granary-send-mail"];

#[tokio::test]
async fn nothing_of_a_person_is_outside_the_vault_the_pool_and_the_raw_webhooks_and_no_token_where_it_is_of_no_use() {
    let (log, _listening) = Log::listen();
    let bank = Bank::open_with(&tapped()).await;
    let mut journey = Journey::run(&bank).await;
    let mut places = std::mem::take(&mut journey.places);
    places.extend(everywhere(&bank).await);
    places.push(log.place());

    assert_eq!(found(&places, &Search::of(&journey.planted)), BTreeSet::new());
    assert_tokens_are_only_where_they_must_be(&bank, &journey, &places).await;
    assert_the_search_went_everywhere(&bank, &places);
    assert_what_was_planted_can_be_found(&bank, &journey);
    assert_mails_say_what_they_must(&bank, &journey);
}

async fn assert_tokens_are_only_where_they_must_be(bank: &Bank, journey: &Journey<'_>, places: &Places) {
    let task_tokens = task_tokens(&executions(bank).await);
    // Of every call of the provider, tried again or not, and of every wait.
    assert!(task_tokens.len() > 8, "{task_tokens:?}");
    let holders = |search: &Search| found(places, search).into_iter().map(|(place, _)| place).collect::<BTreeSet<_>>();
    assert_eq!(
        holders(&Search::of(&task_tokens)),
        BTreeSet::from([EXECUTIONS, PAUSES, CALLS[0], CALLS[1], CALLS[2]].map(str::to_owned))
    );
    assert_eq!(journey.sdk_tokens.len(), 5, "one for each run");
    assert_eq!(holders(&Search::of(&journey.sdk_tokens)), BTreeSet::from([PAUSES.to_owned()]));
    // What customers are asked is where they can read it.
    assert_eq!(holders(&Search::of([QUESTION.to_owned()])), BTreeSet::from([PAUSES.to_owned()]));
}

/// Everywhere where something was to be found.
fn assert_the_search_went_everywhere(bank: &Bank, places: &Places) {
    let searched = sizes(places);
    for table in &bank.local.plan().tables {
        // Whoever confirmed is no longer signing up.
        let place = format!("table {}", table.logical_id);
        assert_eq!(searched.contains_key(place.as_str()), table.logical_id != "SignUps", "{place}");
    }
    for place in [
        "stream IdentityEvents",
        "stream LedgerEvents",
        "stream OnboardingEvents",
        "stream ComplianceEvents",
        "queue granary-settle-deposit",
        "queue granary-settle-deposit-dead-letters",
        "queue granary-settle-crypto-deposit",
        "queue granary-settle-crypto-deposit-dead-letters",
        "queue granary-apply-identity-result",
        "queue granary-apply-identity-result-dead-letters",
        "queue granary-parked",
        "queue granary-tap",
        CALLS[0],
        CALLS[1],
        CALLS[2],
        EXECUTIONS,
        "object keys",
        "answer",
        "log",
    ] {
        assert!(searched.get(place).is_some_and(|bytes| *bytes > 50), "{place} was not searched: {searched:?}");
    }
    let tap = bank.local.aws().sqs.peek(&bank.queue(TAP), 10_000).unwrap();
    for carried in [
        "customer.activated.v1",
        "application.submitted.v1",
        "application.declined.v1",
        "deposit.settled.v1",
        "deposit.suspended.v1",
        "deposit.detected.v1",
        "case.monitoring-opened.v1",
        "case.monitoring-decided.v1",
        "controls.frozen.v1",
        "customer.erasure-requested.v1",
        "screening.monitoring-ended.v1",
        "CustomerActivated.v1",
        "CustomerFreezeOrdered.v1",
        "CustomerErasureRequested.v1",
        "ApplicationApproved.v1",
        "DepositInstructionsReady.v1",
    ] {
        assert!(tap.iter().any(|message| message.body.contains(carried)), "the tap missed {carried}");
    }
}

/// The raw webhooks hold what the providers say of people: these texts were there, and the search finds them.
fn assert_what_was_planted_can_be_found(bank: &Bank, journey: &Journey<'_>) {
    let of_payments = [PAYER, STRANGER, REMITTANCE, STRANGERS_REMITTANCE].into_iter().chain(BANK_DETAILS);
    let said: Vec<_> =
        of_payments.chain(TOLD_BY_THE_PROVIDER).map(str::to_owned).chain(journey.origins.clone()).collect();
    let search = Search::of(&said);
    let found: BTreeSet<_> =
        found(&objects(bank, "RawWebhooks"), &search).into_iter().map(|(_, text)| text.to_owned()).collect();
    assert_eq!(found, said.into_iter().collect());
}

/// Who delivers mails knows how to reach and how to address whoever was let in, and nothing else of anybody.
fn assert_mails_say_what_they_must(bank: &Bank, journey: &Journey<'_>) {
    let mails = bank.local.aws().ses.outbox().unwrap();
    let mails: Vec<_> = mails.iter().map(|it| serde_json::to_string(it).unwrap()).collect();
    assert_eq!(mails.len(), 2, "{mails:?}");
    let search = Search::of(&journey.planted);
    let told = [EMAIL, "Wilhelmina Zoë", watched::EMAIL, "Ottoline"];
    for mail in mails {
        assert!(search.found(mail.as_bytes()).iter().any(|it| told.contains(it)), "{mail}");
        let rest = told.iter().fold(mail, |rest, it| rest.replace(it, ""));
        assert_eq!(search.found(rest.as_bytes()).len(), 0, "{rest}");
    }
}

#[tokio::test]
async fn a_leak_that_is_planted_is_found() {
    let (log, _listening) = Log::listen();
    let bank = Bank::open().await;
    let person = bank.newcomer(EMAIL).await;
    bank.graphql_with(&person, APPLY, people::wilhelmina(Uuid::new_v4())).await;
    bank.settle().await;
    let search = Search::of(people::planted());
    let found_in =
        |places: &Places| found(places, &search).into_iter().map(|(place, _)| place).collect::<BTreeSet<_>>();
    let of = |places: &[&str]| places.iter().map(|place| (*place).to_owned()).collect::<BTreeSet<_>>();
    assert_eq!(found_in(&everywhere(&bank).await), of(&[]));

    let leaks = [
        ("granary-parked", EMAIL.to_owned()),
        ("granary-open-accounts-dead-letters", json!({ "payer": { "name": PAYER } }).to_string()),
        ("granary-milestones-dead-letters", json!({ "commit": json!({ "text": PAYER }).to_string() }).to_string()),
        (
            "granary-settle-deposit-dead-letters",
            json!({ "raw": STANDARD.encode(format!("to {}", BANK_DETAILS[0])) }).to_string(),
        ),
        ("granary-project-accounts-dead-letters", STRANGER.bytes().map(|byte| format!("{byte:02X}")).collect()),
        ("granary-call-onfido-dead-letters", people::caspian(Uuid::new_v4())["document"].to_string()),
    ];
    for (queue, body) in &leaks {
        let body = body.clone();
        bank.local.aws().sqs.send(queue, &Outgoing { body, ..Outgoing::default() }).unwrap();
    }
    let leaked = leaks.iter().map(|(queue, _)| format!("queue {queue}")).collect();
    assert_eq!(found_in(&queues(&bank)), leaked);

    // The whole application as an execution's input, as JSON within JSON.
    let machine = bank.local.plan().state_machines[0].arn.clone();
    let input = people::wilhelmina(Uuid::new_v4()).to_string();
    bank.local.aws().states.start(&machine, "leak", &input).unwrap();
    let told = executions(&bank).await;
    assert_eq!(found_in(&told), of(&[EXECUTIONS]));
    for text in ["1961-02-27", "60-91-04", "83917264", "QZ9 8XW", "\"nationality\":\"TV\""] {
        assert!(found(&told, &search).iter().any(|(_, found)| *found == text), "{text}");
    }

    let leak = HashMap::from([
        ("pk".to_owned(), AttributeValue::S(format!("note#{}", Uuid::new_v4()))),
        ("sk".to_owned(), AttributeValue::N("0".to_owned())),
        ("c".to_owned(), AttributeValue::B(Blob::new(REMITTANCE))),
    ]);
    bank.dynamodb().put_item().table_name(bank.table("LedgerEvents")).set_item(Some(leak)).send().await.unwrap();
    assert_eq!(found_in(&table_of(&bank, "LedgerEvents").await), of(&["table LedgerEvents"]));
    assert_eq!(found_in(&streams(&bank)), of(&["stream LedgerEvents"]));

    assert_eq!(found_in(&vec![log.place()]), of(&[]));
    tracing::info!(payer = ?Blob::new(PAYER), "a careless line");
    assert_eq!(found_in(&vec![log.place()]), of(&["log"]));
}

#[tokio::test]
async fn a_token_that_leaks_is_found() {
    let bank = Bank::open().await;
    let person = bank.newcomer(EMAIL).await;
    bank.graphql_with(&person, APPLY, people::wilhelmina(Uuid::new_v4())).await;
    bank.settle().await;
    let search = Search::of(task_tokens(&executions(&bank).await));
    let parked = |body: String| {
        bank.local.aws().sqs.send("granary-parked", &Outgoing { body, ..Outgoing::default() }).unwrap();
    };
    parked(json!({ "call": "create-run" }).to_string());
    assert_eq!(found(&queues(&bank), &search).len(), 0);
    for token in task_tokens(&executions(&bank).await) {
        parked(json!({ "call": "create-run", "taskToken": token }).to_string());
    }
    let holders: Vec<_> = found(&queues(&bank), &search).into_iter().map(|(place, _)| place).collect();
    assert_eq!(holders, ["queue granary-parked", "queue granary-parked"], "of the call and of the wait");
}
