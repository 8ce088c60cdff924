//! Which way a Choice goes.

use serde_json::{Value, json};

use super::{Stage, machine};

/// Where a rule leads over the sample data: `true` and `false` are its two ways, anything else is an error's name.
async fn verdict(rule: &Value) -> String {
    let mut rule = rule.clone();
    rule["Next"] = json!("Yes");
    let stage = Stage::new(machine(
        json!({ "Type": "Choice", "Choices": [rule], "Default": "No" }),
        json!({ "Yes": { "Type": "Pass", "Result": "true", "End": true }, "No": { "Type": "Pass", "Result": "false", "End": true } }),
    ));
    let input = json!({
        "text": "approved", "same": "approved", "number": 12, "decimal": 12.5, "yes": true, "none": null, "star": "a*b",
        "at": "2026-01-05T10:00:00Z", "later": "2026-01-05T12:00:00+01:00", "deep": { "er": "x" },
    });
    let arn = stage.start(input).await;
    let description = stage.describe(&arn).await;
    match description.error {
        Some(error) => error,
        None => serde_json::from_str(&description.output.unwrap()).unwrap(),
    }
}

#[tokio::test]
async fn each_comparison_is_true_of_what_it_should_be() {
    let test = |variable: &str, comparison: &str, with: Value| json!({ "Variable": variable, comparison: with });
    let cases = [
        (test("$.text", "StringEquals", json!("approved")), "true"),
        (test("$.text", "StringEquals", json!("Approved")), "false"),
        (test("$.number", "StringEquals", json!("12")), "false"),
        (test("$.text", "StringEqualsPath", json!("$.same")), "true"),
        (test("$.text", "StringLessThan", json!("b")), "true"),
        (test("$.text", "StringGreaterThan", json!("b")), "false"),
        (test("$.text", "StringLessThanEquals", json!("approved")), "true"),
        (test("$.text", "StringGreaterThanEquals", json!("approved")), "true"),
        (test("$.text", "StringMatches", json!("ap*v*d")), "true"),
        (test("$.text", "StringMatches", json!("ap*x")), "false"),
        (test("$.text", "StringMatches", json!("approved")), "true"),
        (test("$.text", "StringMatches", json!("approve")), "false"),
        (test("$.star", "StringMatches", json!("a\\*b")), "true"),
        (test("$.text", "StringMatches", json!("a\\*")), "false"),
        (test("$.number", "NumericEquals", json!(12.0)), "true"),
        (test("$.decimal", "NumericGreaterThan", json!(12)), "true"),
        (test("$.decimal", "NumericLessThanPath", json!("$.number")), "false"),
        (test("$.number", "NumericLessThanEquals", json!(12)), "true"),
        (test("$.number", "NumericGreaterThanEquals", json!(13)), "false"),
        (test("$.text", "NumericEquals", json!(12)), "false"),
        (test("$.yes", "BooleanEquals", json!(true)), "true"),
        (test("$.yes", "BooleanEqualsPath", json!("$.yes")), "true"),
        (test("$.text", "BooleanEquals", json!(true)), "false"),
        (test("$.at", "TimestampEquals", json!("2026-01-05T11:00:00+01:00")), "true"),
        (test("$.at", "TimestampLessThanPath", json!("$.later")), "true"),
        (test("$.text", "TimestampEquals", json!("2026-01-05T10:00:00Z")), "false"),
        (test("$.nothing", "IsPresent", json!(true)), "false"),
        (test("$.nothing", "IsPresent", json!(false)), "true"),
        (test("$.none", "IsPresent", json!(true)), "true"),
        (test("$.none", "IsNull", json!(true)), "true"),
        (test("$.text", "IsNull", json!(true)), "false"),
        (test("$.text", "IsString", json!(true)), "true"),
        (test("$.number", "IsString", json!(false)), "true"),
        (test("$.number", "IsNumeric", json!(true)), "true"),
        (test("$.yes", "IsBoolean", json!(true)), "true"),
        (test("$.at", "IsTimestamp", json!(true)), "true"),
        (test("$.text", "IsTimestamp", json!(true)), "false"),
        (test("$.deep.er", "StringEquals", json!("x")), "true"),
        (test("$$.State.Name", "StringEquals", json!("First")), "true"),
        (test("$.nothing", "StringEquals", json!("x")), "States.Runtime"),
        (test("$.text", "StringEqualsPath", json!("$.nothing")), "States.Runtime"),
    ];
    for (rule, wanted) in cases {
        assert_eq!(verdict(&rule).await, wanted, "{rule}");
    }
}

#[tokio::test]
async fn rules_are_put_together_and_stop_looking_once_they_know() {
    let there = |name: &str| json!({ "Variable": format!("$.{name}"), "IsPresent": true });
    let is_x = json!({ "Variable": "$.nothing", "StringEquals": "x" });
    assert_eq!(verdict(&json!({ "And": [there("text"), there("yes")] })).await, "true");
    assert_eq!(verdict(&json!({ "And": [there("nothing"), is_x] })).await, "false");
    assert_eq!(verdict(&json!({ "Or": [there("text"), is_x] })).await, "true");
    assert_eq!(verdict(&json!({ "Or": [there("nothing"), { "Not": there("nothing") }] })).await, "true");
    assert_eq!(verdict(&json!({ "Not": { "Not": there("nothing") } })).await, "false");
}

#[tokio::test]
async fn the_first_true_rule_counts_and_none_at_all_is_an_error() {
    let rule = |value: &str, next: &str| json!({ "Variable": "$.v", "StringEquals": value, "Next": next });
    let end = |result: &str| json!({ "Type": "Pass", "Result": result, "End": true });
    let choice = json!({ "Type": "Choice", "Choices": [rule("a", "One"), rule("a", "Two"), rule("b", "Two")] });
    let definition = machine(choice, json!({ "One": end("one"), "Two": end("two") }));
    for (input, wanted) in [("a", "one"), ("b", "two")] {
        let stage = Stage::new(definition.clone());
        let arn = stage.start(json!({ "v": input })).await;
        assert_eq!(stage.output(&arn).await, json!(wanted));
    }
    let stage = Stage::new(definition);
    let arn = stage.start(json!({ "v": "c" })).await;
    assert_eq!(stage.error(&arn).await, "States.NoChoiceMatched");
}
