//! A whole journey with recognisable people, and then a search through everything that the bank keeps or sends.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::{Arc, Mutex},
};

use aws_sdk_dynamodb::{primitives::Blob, types::AttributeValue};
use granary::services::Outgoing;
use serde_json::json;
use simulators::clearbank::Payment;
use uuid::Uuid;

use super::{
    search::holds,
    tap::{TAP, tapped},
};
use crate::support::Bank;

const EMAIL: &str = "wilhelmina.quillfeather@example.org";
const PAYER: &str = "Zoë \"Zed\" Ångström-Pemberton";
const STRANGER: &str = "Bartholomew Featherstonehaugh";
const REMITTANCE: &str = "rent from Thaddeus Winterbourne";
const STRANGERS_REMITTANCE: &str = "birthday money for Ermintrude";
/// What the simulated bank says of every payer.
const BANK_DETAILS: [&str; 3] = ["GB33BUKB20201555555555", "BUKB20201555555555", "DE89370400440532013000"];

/// Everything planted, whole and in its most telling parts.
fn planted() -> Vec<&'static str> {
    let parts = ["quillfeather", "Pemberton", "Featherstonehaugh", "Winterbourne", "Ermintrude", "20201555555555"];
    [EMAIL, PAYER, STRANGER, REMITTANCE, STRANGERS_REMITTANCE].into_iter().chain(BANK_DETAILS).chain(parts).collect()
}

/// A place, and what stands there.
type Places = Vec<(String, Vec<u8>)>;

/// Which planted values stand where.
fn found(places: &Places) -> BTreeSet<(String, &'static str)> {
    let mut found = BTreeSet::new();
    for (place, bytes) in places {
        found.extend(planted().into_iter().filter(|text| holds(bytes, text)).map(|text| (place.clone(), text)));
    }
    found
}

fn bytes_of(value: &AttributeValue, into: &mut Vec<u8>) {
    into.push(b'\n');
    match value {
        AttributeValue::S(text) | AttributeValue::N(text) => into.extend(text.as_bytes()),
        AttributeValue::B(bytes) => into.extend(bytes.as_ref()),
        AttributeValue::M(members) => members.iter().for_each(|(name, value)| {
            into.extend(name.as_bytes());
            bytes_of(value, into);
        }),
        AttributeValue::L(values) => values.iter().for_each(|value| bytes_of(value, into)),
        AttributeValue::Ss(texts) | AttributeValue::Ns(texts) => into.extend(texts.join("\n").as_bytes()),
        AttributeValue::Bs(values) => values.iter().for_each(|bytes| into.extend(bytes.as_ref())),
        AttributeValue::Bool(_) | AttributeValue::Null(_) => {}
        other => panic!("an attribute of a new kind: {other:?}"),
    }
}

fn queues(bank: &Bank) -> Places {
    let sqs = &bank.local.aws().sqs;
    let mut places = Places::new();
    for queue in sqs.names().unwrap() {
        for message in sqs.peek(&queue, 10_000).unwrap() {
            places.push((format!("queue {queue}"), message.body.clone().into_bytes()));
            places.push((format!("queue {queue}"), message.lambda_record(&queue).to_string().into_bytes()));
        }
    }
    places
}

async fn tables_and_streams(bank: &Bank) -> Places {
    let mut places = Places::new();
    for table in &bank.local.plan().tables {
        for item in bank.items(&table.logical_id).await {
            let mut bytes = Vec::new();
            bytes_of(&AttributeValue::M(item), &mut bytes);
            places.push((format!("table {}", table.logical_id), bytes));
        }
        if table.stream_view.is_some() {
            for record in bank.local.aws().dynamodb.stream_records(&table.name, 0, usize::MAX).unwrap() {
                places.push((format!("stream {}", table.logical_id), record.json.to_string().into_bytes()));
            }
        }
    }
    places
}

fn objects(bank: &Bank, bucket: &str) -> Places {
    let name = &bank.local.plan().buckets.iter().find(|it| it.logical_id == bucket).unwrap().name;
    let s3 = &bank.local.aws().s3;
    let keys = s3.keys(name, "").unwrap();
    keys.iter().map(|key| (format!("bucket {bucket}"), s3.get(name, key).unwrap().unwrap().body.to_vec())).collect()
}

async fn pay(bank: &Bank, payment: &Payment) -> Places {
    let clearbank = bank.local.payments();
    let delivery = clearbank.bank.pay(payment, clearbank.clock.now_ms(), &clearbank.endpoint).await.unwrap();
    assert_eq!(delivery.status, Some(200));
    // Between the webhook and its booking, and then at rest.
    let on_the_way = queues(bank);
    assert!(on_the_way.iter().any(|(place, _)| place.ends_with("settle-deposit")), "the job was on its queue");
    bank.settle().await;
    on_the_way
}

fn payment(asset: &str, payer: &str, reference: String) -> Payment {
    Payment { payer_name: payer.to_owned(), reference, ..Payment::credit(asset, "12.34", "") }
}

/// Everything that the functions log, as an operator would see it.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl std::io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// A customer, a payment in each currency, one that finds nobody, one that is set aside and one that is refused. Answers
/// what was on the way meanwhile.
async fn journey(bank: &Bank) -> Places {
    let person = bank.customer(EMAIL).await;
    bank.graphql(&person, "mutation { ensureCustomer { status } }").await;
    let mut places = Places::new();
    let mut booked = Payment::credit("GBP", "1", "");
    for asset in ["GBP", "EUR"] {
        let reference = bank.reference(&person, asset).await;
        booked = payment(asset, PAYER, format!("{REMITTANCE} {reference}"));
        places.extend(pay(bank, &booked).await);
    }
    places.extend(pay(bank, &payment("GBP", STRANGER, STRANGERS_REMITTANCE.to_owned())).await);
    places.extend(pay(bank, &Payment { amount: "99.99".to_owned(), ..booked }).await);
    assert_eq!(
        bank.waiting_in("SettleDepositDeadLetters"),
        1,
        "the bank said something else under an id that is booked"
    );
    let unsigned = json!({ "Type": "TransactionSettled", "Payload": { "Reference": REMITTANCE, "Name": PAYER } });
    assert_eq!(bank.webhook(unsigned.to_string(), Some("bm90aGluZw==")).await.0, 401);
    bank.settle().await;
    places
}

#[tokio::test]
async fn nothing_of_a_person_is_outside_the_vault_the_pool_and_the_raw_webhooks() {
    let log = Log::default();
    let written = log.clone();
    let subscriber = tracing_subscriber::fmt().with_max_level(tracing::Level::INFO).with_ansi(false);
    let subscriber = subscriber.with_writer(move || written.clone()).finish();
    // With one dispatcher alone, tracing asks the thread that meets a log line first whether anybody wants it, and other tests'
    // threads want none. With two it asks both.
    let _another = tracing::Dispatch::new(tracing::subscriber::NoSubscriber::new());
    let _logging = tracing::subscriber::set_default(subscriber);

    let bank = Bank::open_with(&tapped()).await;
    let mut places = journey(&bank).await;
    places.extend(queues(&bank));
    places.extend(tables_and_streams(&bank).await);
    places.extend(objects(&bank, "RelayFailures"));
    places.extend(
        bank.local
            .aws()
            .s3
            .keys(&bucket_name(&bank), "")
            .unwrap()
            .into_iter()
            .map(|key| ("object keys".to_owned(), key.into_bytes())),
    );
    places.push(("log".to_owned(), log.0.lock().unwrap().clone()));
    assert_eq!(found(&places), BTreeSet::new());

    // The search went everywhere where something was to be found.
    let mut searched = BTreeMap::<&str, usize>::new();
    for (place, bytes) in &places {
        *searched.entry(place).or_default() += bytes.len();
    }
    for table in &bank.local.plan().tables {
        // Whoever confirmed is no longer signing up.
        assert_eq!(
            searched.contains_key(format!("table {}", table.logical_id).as_str()),
            table.logical_id != "SignUps"
        );
    }
    for place in [
        "stream IdentityEvents",
        "stream LedgerEvents",
        "queue granary-settle-deposit",
        "queue granary-settle-deposit-dead-letters",
        "queue granary-tap",
        "object keys",
        "log",
    ] {
        assert!(searched.get(place).is_some_and(|bytes| *bytes > 50), "{place} was not searched: {searched:?}");
    }
    let tap = bank.local.aws().sqs.peek(&bank.queue(TAP), 10_000).unwrap();
    let carried = |text: &str| tap.iter().any(|message| message.body.contains(text));
    for carried_too in ["customer.activated.v1", "deposit.settled.v1", "deposit.suspended.v1", "CustomerActivated.v1"] {
        assert!(carried(carried_too), "the tap missed {carried_too}");
    }
}

fn bucket_name(bank: &Bank) -> String {
    bank.local.plan().buckets.iter().find(|it| it.logical_id == "RawWebhooks").unwrap().name.clone()
}

#[tokio::test]
async fn the_raw_webhooks_hold_what_was_planted_so_the_search_can_find_it() {
    let bank = Bank::open().await;
    journey(&bank).await;
    let found: BTreeSet<_> = found(&objects(&bank, "RawWebhooks")).into_iter().map(|(_, text)| text).collect();
    let expected: BTreeSet<_> = planted().into_iter().filter(|text| !text.contains("quillfeather")).collect();
    assert_eq!(found, expected);
}

#[tokio::test]
async fn a_leak_that_is_planted_is_found() {
    use base64::{Engine as _, engine::general_purpose::STANDARD};
    let bank = Bank::open().await;
    journey(&bank).await;
    assert_eq!(found(&queues(&bank)), BTreeSet::new());
    let leaks = [
        ("granary-parked", EMAIL.to_owned()),
        ("granary-open-accounts-dead-letters", json!({ "payer": { "name": PAYER } }).to_string()),
        ("granary-milestones-dead-letters", json!({ "commit": json!({ "text": PAYER }).to_string() }).to_string()),
        (
            "granary-settle-deposit-dead-letters",
            json!({ "raw": STANDARD.encode(format!("to {}", BANK_DETAILS[0])) }).to_string(),
        ),
        ("granary-project-accounts-dead-letters", STRANGER.bytes().map(|byte| format!("{byte:02X}")).collect()),
    ];
    let mut places = BTreeSet::new();
    for (queue, body) in leaks {
        bank.local.aws().sqs.send(queue, &Outgoing { body, ..Default::default() }).unwrap();
        places.insert(format!("queue {queue}"));
    }
    let found_in = |places: Places| found(&places).into_iter().map(|(place, _)| place).collect::<BTreeSet<_>>();
    assert_eq!(found_in(queues(&bank)), places);

    let leak = HashMap::from([
        ("pk".to_owned(), AttributeValue::S(format!("note#{}", Uuid::new_v4()))),
        ("sk".to_owned(), AttributeValue::N("0".to_owned())),
        ("c".to_owned(), AttributeValue::B(Blob::new(REMITTANCE))),
    ]);
    bank.dynamodb().put_item().table_name(bank.table("LedgerEvents")).set_item(Some(leak)).send().await.unwrap();
    let expected = BTreeSet::from(["table LedgerEvents".to_owned(), "stream LedgerEvents".to_owned()]);
    assert_eq!(found_in(tables_and_streams(&bank).await), expected);
}
