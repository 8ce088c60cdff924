//! EventBridge: which events a pattern takes, and what arrives of them.

use aws_sdk_eventbridge::types::PutEventsRequestEntry;
use serde_json::{Value, json};

use super::{Case, case};
use crate::conformance::{
    finding::{Finding, same},
    kit::SOON,
    target::Ask,
};

const OPERATORS: &str = "Amazon EventBridge User Guide, Comparison operators for use in event patterns";
const PATTERNS: &str = "Amazon EventBridge User Guide, Creating event patterns";
const NULLS: &str = "Amazon EventBridge User Guide, Null values and empty strings in event patterns";
const ARRAYS: &str = "Amazon EventBridge User Guide, Using arrays in event patterns";
const STRUCTURE: &str = "Amazon EventBridge User Guide, Event structure";
const PUT: &str = "Amazon EventBridge API Reference, PutEvents";

/// One pattern with what it takes and what it leaves, as details. Its source is `conformance.` and its queue's name.
struct Pattern {
    what: &'static str,
    page: &'static str,
    name: &'static str,
    taken: &'static [&'static str],
    left: &'static [&'static str],
}

const ALL: &[Pattern] = &[
    Pattern {
        what: "a nested field, whatever else is there",
        page: PATTERNS,
        name: "nested",
        taken: &[r#"{"account":{"kind":"savings","more":1}}"#],
        left: &[r#"{"account":{"kind":"current"}}"#, r#"{"kind":"savings"}"#, r#"{"account":"savings"}"#],
    },
    Pattern {
        what: "a prefix",
        page: OPERATORS,
        name: "prefix",
        taken: &[r#"{"id":"account"}"#, r#"{"id":"acc"}"#],
        left: &[r#"{"id":"Account"}"#, r#"{"id":"my-acc"}"#, "{}"],
    },
    Pattern {
        what: "a suffix",
        page: OPERATORS,
        name: "suffix",
        taken: &[r#"{"id":"account"}"#],
        left: &[r#"{"id":"accounts"}"#, "{}"],
    },
    Pattern {
        what: "anything-but leaves what is listed, and what is not there",
        page: OPERATORS,
        name: "not",
        taken: &[r#"{"kind":"crypto"}"#, r#"{"kind":"Savings"}"#],
        left: &[r#"{"kind":"savings"}"#, r#"{"kind":"current"}"#, "{}"],
    },
    Pattern {
        what: "anything-but a prefix",
        page: OPERATORS,
        name: "not-prefix",
        taken: &[r#"{"kind":"crypto"}"#],
        left: &[r#"{"kind":"savings"}"#, r#"{"kind":"sav"}"#],
    },
    Pattern {
        what: "anything-but a number",
        page: OPERATORS,
        name: "not-number",
        taken: &[r#"{"version":8}"#],
        left: &[r#"{"version":7}"#],
    },
    Pattern {
        what: "a number equals, however it is written",
        page: OPERATORS,
        name: "number",
        taken: &[r#"{"amount":300}"#, r#"{"amount":300.0}"#, r#"{"amount":3.0e2}"#],
        left: &[r#"{"amount":301}"#, r#"{"amount":"300"}"#],
    },
    Pattern {
        what: "a range with one end in it and one not",
        page: OPERATORS,
        name: "range",
        taken: &[r#"{"amount":5}"#, r#"{"amount":0.01}"#],
        left: &[r#"{"amount":0}"#, r#"{"amount":5.01}"#, r#"{"amount":"3"}"#, "{}"],
    },
    Pattern {
        what: "exists true, on a leaf only",
        page: OPERATORS,
        name: "there",
        taken: &[r#"{"name":"x"}"#, r#"{"name":null}"#, r#"{"name":""}"#],
        left: &["{}", r#"{"name":{"first":"x"}}"#],
    },
    Pattern {
        what: "exists false",
        page: OPERATORS,
        name: "not-there",
        taken: &["{}", r#"{"names":"x"}"#],
        left: &[r#"{"name":"x"}"#, r#"{"name":null}"#],
    },
    Pattern {
        what: "equals-ignore-case",
        page: OPERATORS,
        name: "any-case",
        taken: &[r#"{"kind":"savings"}"#, r#"{"kind":"SAVINGS"}"#],
        left: &[r#"{"kind":"saving"}"#],
    },
    Pattern {
        what: "a wildcard stands for any text",
        page: OPERATORS,
        name: "wildcard",
        taken: &[r#"{"path":"in/2026/file-1.csv"}"#, r#"{"path":"in/a/b/file-.csv"}"#],
        left: &[r#"{"path":"in/file-1.csv"}"#, r#"{"path":"in/2026/file-1.csv.gz"}"#],
    },
    Pattern {
        what: "$or",
        page: OPERATORS,
        name: "or",
        taken: &[r#"{"kind":"savings"}"#, r#"{"amount":101}"#, r#"{"kind":"savings","amount":1}"#],
        left: &[r#"{"kind":"current","amount":100}"#, "{}"],
    },
    Pattern {
        what: "null is neither absent nor empty",
        page: NULLS,
        name: "null",
        taken: &[r#"{"name":null}"#],
        left: &["{}", r#"{"name":""}"#, r#"{"name":"null"}"#],
    },
    Pattern {
        what: "empty is neither absent nor null",
        page: NULLS,
        name: "empty",
        taken: &[r#"{"name":""}"#],
        left: &["{}", r#"{"name":null}"#, r#"{"name":" "}"#],
    },
    Pattern {
        what: "an array matches by any element",
        page: ARRAYS,
        name: "array",
        taken: &[r#"{"kinds":["current","crypto"]}"#, r#"{"kinds":"savings"}"#],
        left: &[r#"{"kinds":["current"]}"#, r#"{"kinds":[]}"#],
    },
];

/// The questions of this file.
pub fn cases() -> Vec<Case> {
    let patterns = ALL.iter().map(|pattern| Case {
        name: format!("EventBridge patterns: {}", pattern.what),
        page: pattern.page,
        lane: pattern.name,
        slow: false,
        ask: Box::new(|ask| Box::pin(takes(ask, pattern))),
    });
    let more = [
        case("EventBridge patterns: source and type, case included", PATTERNS, "source", source),
        case("EventBridge delivery: each rule that matches gets the event", STRUCTURE, "twins", twins),
        case("EventBridge delivery: an event arrives in its envelope", STRUCTURE, "source", envelope),
        case("EventBridge delivery: an entry fails by itself", PUT, "source", partial),
        case("EventBridge delivery: events of AWS's own sources are refused", PUT, "source", of_aws),
    ];
    patterns.chain(more).collect()
}

async fn takes(ask: Ask, pattern: &'static Pattern) -> Result<(), Finding> {
    let source = format!("conformance.{}", pattern.name);
    for (n, detail) in (100_i64..).zip(pattern.left).chain((0_i64..).zip(pattern.taken)) {
        // Put in as text, so that a number stays as it is written.
        let own = format!(r#"{{"case":"{}","n":{n}"#, ask.id);
        let detail = match detail.strip_prefix('{').unwrap_or_default() {
            "}" => format!("{own}}}"),
            rest => format!("{own},{rest}"),
        };
        let entry = PutEventsRequestEntry::builder().event_bus_name("conformance").source(&source);
        let put = ask.events.put_events().entries(entry.detail_type("Said.v1").detail(detail).build()).send().await?;
        same("entries that failed", put.failed_entry_count(), 0)?;
    }
    let mut numbers = ask.numbers(&format!("events-{}", pattern.name), pattern.taken.len(), SOON).await?;
    numbers.sort_unstable();
    let expected: Vec<i64> = (0..).take(pattern.taken.len()).collect();
    same("the events that came (from 100 on: those to be left)", numbers, expected)
}

async fn source(ask: Ask) -> Result<(), Finding> {
    for (n, (source, detail_type)) in (100_i64..).zip([
        ("conformance.source", "opened.v1"),
        ("Conformance.source", "Opened.v1"),
        ("conformance.sources", "Opened.v1"),
    ]) {
        ask.put_event(source, detail_type, &json!({ "case": ask.id, "n": n })).await?;
    }
    ask.put_event("conformance.source", "Opened.v1", &json!({ "case": ask.id, "n": 0 })).await?;
    same("the events that came", ask.numbers("events-source", 1, SOON).await?, vec![0])
}

async fn twins(ask: Ask) -> Result<(), Finding> {
    ask.put_event("conformance.twins", "Said.v1", &json!({ "case": ask.id, "n": 1 })).await?;
    same("at the first", ask.numbers("events-twins", 1, SOON).await?, vec![1])?;
    same("at the second", ask.numbers("events-twins-too", 1, SOON).await?, vec![1])
}

async fn envelope(ask: Ask) -> Result<(), Finding> {
    let entry = PutEventsRequestEntry::builder().event_bus_name("conformance").source("conformance.source");
    let at = aws_sdk_eventbridge::primitives::DateTime::from_secs(1_767_607_230);
    let detail = json!({ "case": ask.id, "nested": { "list": [1, null, "ü"] } });
    let entry =
        entry.detail_type("Opened.v1").time(at).resources("arn:aws:s3:::one").detail(detail.to_string()).build();
    let put = ask.events.put_events().entries(entry).send().await?;
    let id = put.entries().first().and_then(|it| it.event_id()).unwrap_or_default().to_owned();
    let message = ask.next("events-source").await?;
    ask.delete("events-source", &message).await?;
    let event: Value = serde_json::from_str(message.body().unwrap_or_default())?;
    same("version", &event["version"], "0")?;
    same("id", &event["id"], id.as_str())?;
    same("detail-type", &event["detail-type"], "Opened.v1")?;
    same("source", &event["source"], "conformance.source")?;
    same("account", &event["account"], ask.account())?;
    same("region", &event["region"], ask.region())?;
    same("time", &event["time"], "2026-01-05T10:00:30Z")?;
    same("resources", &event["resources"], &json!(["arn:aws:s3:::one"]))?;
    same("detail", &event["detail"], &detail)
}

async fn partial(ask: Ask) -> Result<(), Finding> {
    let entry = |detail: &str| {
        let entry = PutEventsRequestEntry::builder().event_bus_name("conformance").source("conformance.source");
        entry.detail_type("Opened.v1").detail(detail).build()
    };
    let good = json!({ "case": ask.id, "n": 1 }).to_string();
    let put = ask.events.put_events().entries(entry("no JSON")).entries(entry(&good)).send().await?;
    same("entries that failed", put.failed_entry_count(), 1)?;
    let codes: Vec<_> = put.entries().iter().map(|it| it.error_code()).collect();
    same("their codes", codes, vec![Some("MalformedDetail"), None])?;
    same("the events that came", ask.numbers("events-source", 1, SOON).await?, vec![1])
}

async fn of_aws(ask: Ask) -> Result<(), Finding> {
    let entry = PutEventsRequestEntry::builder().event_bus_name("conformance").source("aws.conformance");
    let entry = entry.detail_type("Opened.v1").detail(json!({ "case": ask.id }).to_string()).build();
    let put = ask.events.put_events().entries(entry).send().await?;
    let code = put.entries().first().and_then(|it| it.error_code());
    same("the code", code, Some("NotAuthorizedForSourceException"))
}
