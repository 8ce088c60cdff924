//! SNS: which messages a filter policy lets through, by attributes and by body.

use aws_sdk_sns::{primitives::Blob, types::MessageAttributeValue};
use serde_json::Value;

use super::Case;
use crate::conformance::{
    finding::{Finding, same},
    kit::SOON,
    target::Ask,
};

/// An attribute of a message: name, type and value.
type Attribute = (&'static str, &'static str, &'static str);

const STRINGS: &str = "Amazon SNS Developer Guide, String value matching";
const NUMBERS: &str = "Amazon SNS Developer Guide, Numeric value matching";
const KEYS: &str = "Amazon SNS Developer Guide, Attribute key matching";
const LOGIC: &str = "Amazon SNS Developer Guide, AND/OR logic in filter policies";
const SCOPE: &str = "Amazon SNS Developer Guide, Filter policy scope";
const CONSTRAINTS: &str = "Amazon SNS Developer Guide, Filter policy constraints";

/// One filter, what it takes and what it leaves.
struct Filter {
    what: &'static str,
    page: &'static str,
    queue: &'static str,
    taken: &'static [&'static [Attribute]],
    left: &'static [&'static [Attribute]],
}

const fn kind(value: &'static str) -> Attribute {
    ("kind", "String", value)
}

const fn version(value: &'static str) -> Attribute {
    ("version", "Number", value)
}

const fn types(value: &'static str) -> Attribute {
    ("types", "String.Array", value)
}

const RED: Attribute = ("colour", "String", "red");
/// A message that has attributes, but none that a policy asks for.
const OTHER: &[Attribute] = &[("other", "String", "account")];
const NONE: &[Attribute] = &[];

const FILTERS: &[Filter] = &[
    Filter {
        what: "a text is one of those listed, case included",
        page: STRINGS,
        queue: "filter-exact",
        taken: &[&[kind("account")], &[kind("ref")]],
        left: &[&[kind("op")], &[kind("Account")], &[kind("account2")], OTHER],
    },
    Filter {
        what: "every name of the policy must match",
        page: LOGIC,
        queue: "filter-both",
        taken: &[&[kind("account"), RED]],
        left: &[&[kind("account")], &[RED], &[kind("ref"), RED]],
    },
    Filter {
        what: "one element of a String.Array is enough",
        page: STRINGS,
        queue: "filter-array",
        taken: &[&[types(r#"["account.noted.v1","account.opened.v1"]"#)], &[types(r#"["account.opened.v1"]"#)]],
        left: &[&[types(r#"["account.noted.v1"]"#)], &[types("[]")], OTHER],
    },
    Filter {
        what: "anything-but leaves what is listed, and what is not there at all",
        page: STRINGS,
        queue: "filter-not",
        taken: &[&[kind("op")], &[kind("Account")]],
        left: &[&[kind("account")], &[kind("ref")], OTHER],
    },
    Filter {
        what: "anything-but takes an array with any other element",
        page: STRINGS,
        queue: "filter-not-in-array",
        taken: &[&[types(r#"["account.opened.v1","account.noted.v1"]"#)], &[types(r#"["account.noted.v1"]"#)]],
        left: &[&[types(r#"["account.opened.v1"]"#)], OTHER],
    },
    Filter {
        what: "anything-but a prefix",
        page: STRINGS,
        queue: "filter-not-prefix",
        taken: &[&[kind("op")], &[kind("Account")]],
        left: &[&[kind("account")], &[kind("acc")], OTHER],
    },
    Filter {
        what: "anything-but a number",
        page: NUMBERS,
        queue: "filter-not-number",
        taken: &[&[version("6")], &[version("-7")]],
        left: &[&[version("7")], &[version("8")], OTHER],
    },
    Filter {
        what: "anything-but or not there at all",
        page: STRINGS,
        queue: "filter-not-or-absent",
        taken: &[&[kind("ref")], &[version("1")]],
        left: &[&[kind("account")]],
    },
    Filter {
        what: "a prefix",
        page: STRINGS,
        queue: "filter-prefix",
        taken: &[&[kind("account")], &[kind("acc")]],
        left: &[&[kind("ac")], &[kind("Account")], &[kind("my-account")], OTHER],
    },
    Filter {
        what: "a suffix",
        page: STRINGS,
        queue: "filter-suffix",
        taken: &[&[kind("account")], &[kind("nt")]],
        left: &[&[kind("accounts")], &[kind("t")], OTHER],
    },
    Filter {
        what: "equals-ignore-case",
        page: STRINGS,
        queue: "filter-any-case",
        taken: &[&[kind("account")], &[kind("ACCOUNT")]],
        left: &[&[kind("accounts")], OTHER],
    },
    Filter {
        what: "a number equals, however it is written",
        page: NUMBERS,
        queue: "filter-equal",
        taken: &[&[version("7")], &[version("7.0")]],
        left: &[&[version("7.5")], &[version("-7")], &[("version", "String", "seven")], OTHER],
    },
    Filter {
        what: "a range with one end in it and one not",
        page: NUMBERS,
        queue: "filter-range",
        taken: &[&[version("7")], &[version("0.001")]],
        left: &[&[version("0")], &[version("7.001")], &[version("-1")], OTHER],
    },
    Filter {
        what: "either of two ranges",
        page: NUMBERS,
        queue: "filter-either-range",
        taken: &[&[version("-0.5")], &[version("101")]],
        left: &[&[version("0")], &[version("100")]],
    },
    Filter {
        what: "exists true, whatever the value",
        page: KEYS,
        queue: "filter-there",
        taken: &[&[kind("anything")], &[("kind", "Number", "1")]],
        left: &[OTHER, NONE],
    },
    Filter {
        what: "exists false, but not of a message without any attribute",
        page: KEYS,
        queue: "filter-not-there",
        taken: &[&[version("1")]],
        left: &[&[kind("anything")], NONE],
    },
    Filter {
        what: "$or, beside a name that must match",
        page: LOGIC,
        queue: "filter-or",
        taken: &[&[RED, kind("account")], &[RED, version("7")], &[RED, kind("account"), version("8")]],
        left: &[&[kind("account")], &[version("7")], &[RED], &[RED, kind("ref"), version("8")]],
    },
    Filter {
        what: "binary attributes are not looked at",
        page: CONSTRAINTS,
        queue: "filter-there",
        taken: &[&[kind("text")]],
        left: &[&[("kind", "Binary", "bytes")]],
    },
];

/// One filter by body, what it takes and what it leaves.
struct BodyFilter {
    what: &'static str,
    queue: &'static str,
    taken: &'static [&'static str],
    left: &'static [&'static str],
}

const BODY_FILTERS: &[BodyFilter] = &[
    BodyFilter {
        what: "nested properties of a body",
        queue: "body-nested",
        taken: &[r#"{"detail":{"kind":"account","version":7}}"#, r#"{"detail":{"kind":"ref","version":7.5,"more":1}}"#],
        left: &[
            r#"{"detail":{"kind":"account","version":6}}"#,
            r#"{"detail":{"kind":"op","version":7}}"#,
            r#"{"kind":"account","version":7}"#,
            r#"{"detail":{"version":7}}"#,
        ],
    },
    BodyFilter {
        what: "one element of an array in a body",
        queue: "body-array",
        taken: &[r#"{"types":["account.noted.v1","account.opened.v1"]}"#, r#"{"types":"account.opened.v1"}"#],
        left: &[r#"{"types":["account.noted.v1"]}"#, r#"{"types":[]}"#],
    },
    BodyFilter {
        what: "a property of a body exists, and is neither null nor empty",
        queue: "body-there",
        taken: &[r#"{"kind":"anything"}"#, r#"{"kind":7}"#],
        left: &[r#"{"other":"anything"}"#, r#"{"kind":null}"#, r#"{"kind":""}"#],
    },
];

/// The questions of this file.
pub fn cases() -> Vec<Case> {
    let by_attributes = FILTERS.iter().map(|filter| Case {
        name: format!("SNS filters: {}", filter.what),
        page: filter.page,
        lane: filter.queue,
        slow: false,
        ask: Box::new(|ask| Box::pin(attributes(ask, filter))),
    });
    let by_body = BODY_FILTERS.iter().map(|filter| Case {
        name: format!("SNS filters: {}", filter.what),
        page: SCOPE,
        lane: filter.queue,
        slow: false,
        ask: Box::new(|ask| Box::pin(body(ask, filter))),
    });
    let no_json = super::case("SNS filters: a body that is no JSON is left", SCOPE, "body-there", not_json);
    by_attributes.chain(by_body).chain([no_json]).collect()
}

/// What is to be left is published first, and has its chance while the rest is waited for.
async fn attributes(ask: Ask, filter: &'static Filter) -> Result<(), Finding> {
    for (n, message) in (100_i64..).zip(filter.left).chain((0_i64..).zip(filter.taken)) {
        let mut publish = ask.sns.publish().topic_arn(ask.topic("filter")).message(ask.body(n));
        for (name, kind, value) in *message {
            let attribute = MessageAttributeValue::builder().data_type(*kind);
            let attribute = match *kind {
                "Binary" => attribute.binary_value(Blob::new(*value)),
                _ => attribute.string_value(*value),
            };
            publish = publish.message_attributes(*name, attribute.build()?);
        }
        publish.send().await?;
    }
    only_taken(&ask, filter.queue, filter.taken.len()).await
}

async fn body(ask: Ask, filter: &'static BodyFilter) -> Result<(), Finding> {
    for (n, text) in (100_i64..).zip(filter.left).chain((0_i64..).zip(filter.taken)) {
        let mut body: Value = serde_json::from_str(text)?;
        body["case"] = ask.id.as_str().into();
        body["n"] = n.into();
        ask.sns.publish().topic_arn(ask.topic("body")).message(body.to_string()).send().await?;
    }
    only_taken(&ask, filter.queue, filter.taken.len()).await
}

async fn not_json(ask: Ask) -> Result<(), Finding> {
    let publish = |message: String| ask.sns.publish().topic_arn(ask.topic("body")).message(message).send();
    publish(format!("kind {}", ask.id)).await?;
    publish(format!(r#"{{"kind":"x","case":"{}","n":0}}"#, ask.id)).await?;
    only_taken(&ask, "body-there", 1).await
}

async fn only_taken(ask: &Ask, queue: &str, count: usize) -> Result<(), Finding> {
    let mut numbers = ask.numbers(queue, count, SOON).await?;
    numbers.sort_unstable();
    let expected: Vec<i64> = (0..).take(count).collect();
    same("the messages that came (from 100 on: those to be left)", numbers, expected)
}
