//! Limits that no service keeps for the bank: who may be at work, how often a provider is called, and what becomes of whoever waits.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{
        Arc, Mutex,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use app::ports::{Permit, Permits as _, PortError, Purpose, Rate as _, Standing, Urgency};
use aws::{DynamoPermits, DynamoRate, Place, Quota};
use aws_sdk_dynamodb::types::AttributeValue;
use futures::future::join_all;
use granary::{
    runner::{Call, Delivery, Fate, Faults, Refusal},
    services::{OPERATOR, Outgoing},
};
use serde_json::{Value, json};
use simulators::onfido::Verdict;
use uuid::Uuid;

use crate::support::{APPLY, Bank, Person, application};

const HOUR: time::Duration = time::Duration::HOUR;

fn permits(bank: &Bank, permits_max: u32, who: &'static str) -> DynamoPermits {
    let table = bank.table("Limits");
    let state_machine = &bank.local.plan().state_machines[0].arn;
    DynamoPermits::new(
        &bank.local.sdk_config(OPERATOR),
        Place { table: &table, workflow: "onboarding", state_machine, permits_max, who },
    )
}

async fn held(bank: &Bank) -> HashMap<String, AttributeValue> {
    let item = bank.items("Limits").await.into_iter().find(|it| it["pk"].as_s().unwrap().starts_with("permits#"));
    item.map(|it| it["holders"].as_m().unwrap().clone()).unwrap_or_default()
}

async fn holders(bank: &Bank) -> Vec<String> {
    let mut names: Vec<_> = held(bank).await.into_keys().collect();
    names.sort_unstable();
    names
}

fn is_throttled<T>(result: &Result<T, PortError>) -> bool {
    matches!(result, Err(PortError::Throttled { .. }))
}

async fn applied(bank: &Bank) -> Person {
    let ada = bank.newcomer("ada@example.com").await;
    bank.graphql_with(&ada, APPLY, application(Uuid::new_v4())).await;
    bank.settle().await;
    ada
}

#[tokio::test]
async fn no_more_than_so_many_hold_a_permit_however_many_ask_at_once() {
    let bank = Bank::open().await;
    let permits = permits(&bank, 10, "a");
    let names: Vec<_> = (0..40).map(|number| format!("start-{number}")).collect();
    let starts = join_all(names.iter().map(|name| permits.take(name, Purpose::Start))).await;
    assert_eq!(starts.iter().filter(|it| it.is_ok()).count(), 8, "two are kept from those who start");
    assert!(starts.iter().all(|it| it.is_ok() || is_throttled(it)));
    let names: Vec<_> = (0..40).map(|number| format!("go-on-{number}")).collect();
    let goes_on = join_all(names.iter().map(|name| permits.take(name, Purpose::GoOn))).await;
    assert_eq!(goes_on.iter().filter(|it| it.is_ok()).count(), 2);
    assert_eq!(held(&bank).await.len(), 10);
    // Whoever holds one may ask again even now.
    let first = holders(&bank).await.remove(0);
    assert_eq!(permits.take(&first, Purpose::Start).await.unwrap().standing, Standing::Held);
    assert!(permits.keep(&first).await.unwrap());
    permits.give_back(&first).await.unwrap();
    permits.give_back(&first).await.unwrap();
    assert!(!permits.keep(&first).await.unwrap());
    assert_eq!(held(&bank).await.len(), 9);
}

#[tokio::test]
async fn a_permit_that_was_taken_in_vain_is_given_back_unless_somebody_took_it_since() {
    let bank = Bank::open().await;
    let (one, other) = (permits(&bank, 5, "one"), permits(&bank, 5, "other"));
    let taken = |permits: DynamoPermits| async move { permits.take("somebody", Purpose::GoOn).await.unwrap() };
    let mine: Permit = taken(one.clone()).await;
    one.undo(&mine).await.unwrap();
    assert_eq!(held(&bank).await.len(), 0);
    let mine = taken(one.clone()).await;
    let since = taken(other.clone()).await;
    one.undo(&mine).await.unwrap();
    other.undo(&since).await.unwrap();
    assert_eq!(held(&bank).await.len(), 1);
}

fn sorted(mut names: [&str; 2]) -> [&str; 2] {
    names.sort_unstable();
    names
}

#[tokio::test]
async fn a_lease_that_is_over_is_taken_from_the_dead_and_renewed_for_the_living() {
    let bank = Bank::open().await;
    applied(&bank).await; // Runs, and waits for the identity check.
    let living = bank.local.aws().states.open().unwrap()[0].name.clone();
    let permits = permits(&bank, 2, "a");
    for name in [living.as_str(), "never-started"] {
        permits.take(name, Purpose::GoOn).await.unwrap();
    }
    assert!(is_throttled(&permits.take("next", Purpose::GoOn).await), "their leases are good");
    bank.clock.advance_ms(16 * 60_000);
    permits.take("next", Purpose::GoOn).await.unwrap();
    assert_eq!(holders(&bank).await, sorted(["next", &living]));
    assert!(is_throttled(&permits.take("another", Purpose::GoOn).await));
    bank.clock.advance_ms(16 * 60_000);
    permits.take("another", Purpose::GoOn).await.unwrap();
    assert_eq!(holders(&bank).await, sorted(["another", &living]), "and so again and again");
}

#[tokio::test(start_paused = true)]
async fn calls_take_turns_a_moment_ahead_and_replays_wait_until_nobody_does() {
    let bank = Bank::open().await;
    let config = bank.local.sdk_config(OPERATOR);
    let rate = || DynamoRate::new(&config, bank.table("Limits"), "somebody", Quota { per_second: 50 });
    let (one, other) = (rate(), rate());
    for _ in 0..5 {
        one.take(Urgency::Replay).await.unwrap();
    }
    assert!(is_throttled(&other.take(Urgency::Replay).await), "a few calls in turn, and no more");
    let began = tokio::time::Instant::now();
    let turns = join_all(
        (0..60).map(|number| if number % 2 == 0 { one.take(Urgency::Live) } else { other.take(Urgency::Live) }),
    );
    let turns = turns.await;
    let taken = turns.iter().filter(|it| it.is_ok()).count();
    // The bank's clock stands still: 25 ms apart, no more than a second ahead.
    assert_eq!(taken, 36, "and five before them");
    assert!(turns.iter().all(|it| it.is_ok() || is_throttled(it)));
    assert!(began.elapsed() >= Duration::from_millis(1_000) && began.elapsed() < Duration::from_millis(1_200));
    bank.clock.advance_ms(1_025);
    other.take(Urgency::Replay).await.unwrap();
    one.hold_back(Duration::from_secs(60)).await.unwrap();
    other.hold_back(Duration::from_secs(1)).await.unwrap();
    bank.clock.advance_ms(58_000);
    assert!(is_throttled(&one.take(Urgency::Live).await), "the longer time counts");
    bank.clock.advance_ms(3_000);
    one.take(Urgency::Live).await.unwrap();
}

/// Everything but queues asks to slow down.
#[derive(Debug)]
struct SlowDown;

impl Faults for SlowDown {
    fn call(&self, call: &Call) -> Fate {
        if call.service == "sqs" { Fate::Pass } else { Fate::Refused(Refusal::Throttled) }
    }
}

fn send(bank: &Bank, queue: &str, body: &str) {
    let message = Outgoing { body: body.to_owned(), group: Some("ada".to_owned()), ..Outgoing::default() };
    bank.local.aws().sqs.send(&bank.queue(queue), &message).unwrap();
}

/// The messages of a queue as functions get them.
fn records(bank: &Bank, queue: &str) -> Vec<Value> {
    let name = bank.queue(queue);
    bank.local.aws().sqs.peek(&name, 100).unwrap().iter().map(|it| it.lambda_record(&name)).collect()
}

fn said<'a>(record: &'a Value, name: &str) -> &'a str {
    record["messageAttributes"][name]["stringValue"].as_str().unwrap_or_default()
}

fn sample(folder: &str) -> String {
    let path = format!("{}/../events/samples/{folder}.json", env!("CARGO_MANIFEST_DIR"));
    let sample: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    sample["Records"][0]["body"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn what_is_asked_to_slow_down_comes_again_as_a_copy_and_is_parked_after_six_hours() {
    let bank = Bank::open_under(Arc::new(SlowDown)).await;
    send(&bank, "OpenAccountsQueue", &sample("open-accounts"));
    let sent_ms = bank.now_ms().to_string();
    bank.settle().await;
    let copy = records(&bank, "OpenAccountsQueue").pop().unwrap();
    assert_eq!([said(&copy, "firstSeenAt"), said(&copy, "copies")], [sent_ms.as_str(), "1"]);
    assert_eq!(
        (&copy["attributes"]["MessageGroupId"], &copy["body"]),
        (&json!("ada"), &json!(sample("open-accounts")))
    );

    bank.advance(6 * HOUR - time::Duration::SECOND).await;
    let copies = records(&bank, "OpenAccountsQueue");
    let of_copy = |name| said(&copies[0], name);
    assert_eq!([of_copy("firstSeenAt"), of_copy("copies")], [sent_ms.as_str(), "2"]);
    bank.assert_nothing_set_aside();
    bank.advance(HOUR).await;
    assert_eq!(bank.waiting_in("OpenAccountsQueue"), 0);
    let mut parked = records(&bank, "ParkedQueue");
    parked.retain(|it| said(it, "source").ends_with("granary-open-accounts")); // The schedule's messages are there too.
    assert_eq!((parked.len(), said(&parked[0], "errorClass")), (1, "Throttled"));
    assert_eq!(said(&parked[0], "firstSeenAt"), "", "sent back, it has six hours again");
    assert_eq!(bank.waiting_in("OpenAccountsDeadLetters"), 0);
}

#[tokio::test]
async fn poison_goes_to_the_dead_letters_with_class_and_reason_while_others_are_asked_to_slow_down() {
    let bank = Bank::open_under(Arc::new(SlowDown)).await;
    for (queue, folder) in [("CallScreeningQueue", "call-screening"), ("StartOnboardingQueue", "start-onboarding")] {
        send(&bank, queue, &sample(folder));
        send(&bank, queue, "{}");
        bank.settle().await;
        let dead = records(&bank, &queue.replace("Queue", "DeadLetters"));
        assert_eq!((dead.len(), dead[0]["body"].as_str()), (1, Some("{}")), "{queue}");
        assert_eq!(said(&dead[0], "errorClass"), "Invalid");
        assert!(!said(&dead[0], "errorCode").is_empty() && !said(&dead[0], "errorReason").is_empty());
        assert_eq!(bank.waiting_in(queue), 1, "{queue}");
    }
}

// Paused, so that waiting for a turn takes no time.
#[tokio::test(start_paused = true)]
async fn a_provider_that_asks_to_slow_down_for_hours_costs_no_attempt_and_brings_an_operator_in_the_end() {
    let bank = Bank::open().await;
    let ada = applied(&bank).await;
    let screening = &bank.local.screening().provider;
    screening.throttle_until(bank.now_ms() + 600_000);
    bank.identified(&ada, Verdict::Approved).await;
    bank.local.advance(Duration::from_secs(300)).await.unwrap();
    assert!(states(&bank).iter().all(|it| it.starts_with("Screen")), "{:?}", states(&bank));
    assert_eq!(held(&bank).await.len(), 1, "it is still at work");
    let asked = screening.calls().len();
    assert!(asked < 300, "everybody is held back for a while by one refusal, yet {asked} calls were made");
    bank.local.advance(Duration::from_secs(900)).await.unwrap();
    assert_eq!(states(&bank), Vec::<String>::new());
    assert_eq!(held(&bank).await.len(), 0);
    bank.assert_nothing_set_aside();

    let bank = Bank::open().await;
    let ada = applied(&bank).await;
    bank.local.screening().provider.throttle_until(bank.now_ms() + 24 * 3_600_000);
    bank.identified(&ada, Verdict::Approved).await;
    bank.advance(6 * HOUR - time::Duration::SECOND).await;
    assert!(states(&bank).iter().all(|it| it.starts_with("Screen")), "{:?}", states(&bank));
    bank.advance(HOUR / 2).await;
    bank.advance(HOUR / 4).await;
    let mut states = states(&bank);
    states.retain(|it| it != "Screen"); // What they are branches of.
    assert!(states.len() == 3 && states.iter().all(|it| it.starts_with("ParkAt")), "{states:?}");
    assert_eq!(held(&bank).await.len(), 0, "who waits for an operator is not at work");
    bank.assert_nothing_set_aside();
}

/// In which states executions are.
fn states(bank: &Bank) -> Vec<String> {
    bank.local.aws().states.open().unwrap().into_iter().flat_map(|it| it.states).collect()
}

/// The first start of an execution is the last thing that its function does.
#[derive(Debug, Default)]
struct DiesStarting(AtomicU32);

impl Faults for DiesStarting {
    fn call(&self, call: &Call) -> Fate {
        let is_start = call.operation == "StartExecution";
        if is_start && self.0.fetch_add(1, Ordering::Relaxed) == 0 { Fate::DieBefore } else { Fate::Pass }
    }
}

#[tokio::test]
async fn who_dies_between_the_permit_and_the_start_finds_it_again() {
    let bank = Bank::open_under(Arc::new(DiesStarting::default())).await;
    applied(&bank).await;
    assert_eq!(held(&bank).await.len(), 1);
    assert!(bank.local.aws().states.open().unwrap().is_empty());
    bank.advance(time::Duration::minutes(2)).await;
    assert_eq!(bank.local.aws().states.open().unwrap().len(), 1);
    assert_eq!(held(&bank).await.len(), 0, "it waits by now");
}

/// The first messages that start executions, bring them news or call for them come again a minute later.
#[derive(Debug, Default)]
struct Twice(Mutex<BTreeMap<String, u32>>);

impl Faults for Twice {
    fn delivery(&self, queue: &str, receives: u32) -> Delivery {
        const QUEUES: [&str; 4] = [
            "granary-start-onboarding",
            "granary-resume-onboarding",
            "granary-apply-identity-result",
            "granary-call-onfido",
        ];
        let mut seen = self.0.lock().unwrap();
        let count = seen.entry(queue.to_owned()).or_default();
        *count += 1;
        if QUEUES.contains(&queue) && receives == 1 && *count == 1 { Delivery::Twice(60_000) } else { Delivery::Now }
    }
}

#[tokio::test]
async fn what_comes_twice_leaves_no_permit_behind() {
    let bank = Bank::open_under(Arc::new(Twice::default())).await;
    let ada = applied(&bank).await;
    bank.advance(time::Duration::minutes(2)).await;
    assert_eq!(held(&bank).await.len(), 0, "it waits, however often it is started");
    bank.identified(&ada, Verdict::Approved).await;
    bank.advance(time::Duration::minutes(2)).await;
    assert!(bank.local.aws().states.open().unwrap().is_empty());
    assert_eq!(held(&bank).await.len(), 0);
    bank.assert_nothing_set_aside();
}
