//! `Ref`, `Fn::GetAtt`, `Fn::Sub`, `Fn::Join`, parameters and `Globals`.

use std::collections::BTreeMap;

use super::{TEMPLATE, definitions, load_resources, load_text, parameters, plan, refusal_at};
use crate::template::{Plan, Pseudo, load};

/// The value that a variable of a function gets.
fn resolved(value: &str) -> String {
    let result = load_resources(&function(value));
    result.unwrap().function("F").unwrap().env["V"].clone()
}

fn function(value: &str) -> String {
    format!(
        "  Q: {{Type: AWS::SQS::Queue, Properties: {{QueueName: !Sub 'q-${{AWS::Region}}'}}}}\n  \
           T: {{Type: AWS::SNS::Topic, Properties: {{TopicName: t}}}}\n  \
           F:\n    Type: AWS::Serverless::Function\n    \
             Properties: {{FunctionName: f, CodeUri: ../target/lambda/f/, Environment: {{Variables: {{V: {value}}}}}}}\n"
    )
}

#[test]
fn intrinsics_resolve_in_both_spellings() {
    let arn = "arn:aws:sqs:eu-west-1:000000000000:q-eu-west-1";
    assert_eq!(resolved("!GetAtt Q.Arn"), arn);
    assert_eq!(resolved("{'Fn::GetAtt': [Q, Arn]}"), arn);
    assert_eq!(resolved("!GetAtt [Q, Arn]"), arn);
    assert_eq!(resolved("!Ref Q"), "http://sqs.eu-west-1.localhost/000000000000/q-eu-west-1");
    assert_eq!(resolved("{Ref: T}"), "arn:aws:sns:eu-west-1:000000000000:t");
    assert_eq!(resolved("!Ref AWS::AccountId"), "000000000000");
    assert_eq!(
        resolved("!Sub '${Q.Arn}/${T}/${AWS::Partition}/${!Literal}'"),
        format!("{arn}/arn:aws:sns:eu-west-1:000000000000:t/aws/${{Literal}}")
    );
    assert_eq!(
        resolved("!Sub ['${Own}-${AWS::Region}', {Own: !Ref T}]"),
        "arn:aws:sns:eu-west-1:000000000000:t-eu-west-1"
    );
    assert_eq!(resolved("!Join ['/', [a, !GetAtt Q.QueueName, 3]]"), "a/q-eu-west-1/3");
}

#[test]
fn a_dangling_name_is_refused_by_its_place() {
    for value in [
        "!Ref Nobody",
        "!GetAtt Nobody.Arn",
        "!GetAtt Q.StreamArn",
        "!GetAtt Q",
        "!Sub '${Nobody}'",
        "!Sub '${Nobody.Arn}'",
        "!Sub '${Q'",
        "!Join [a]",
        "!Join ['/', [!Ref Nobody]]",
        "{Ref: [Q]}",
    ] {
        let reason = refusal_at(load_resources(&function(value)), "Resources.F.Properties.Environment.Variables.V");
        assert!(!reason.is_empty(), "{value}");
    }
}

#[test]
fn a_number_that_yaml_would_change_is_refused() {
    refusal_at(load_resources(&function("1.10")), "Resources.F.Properties.Environment.Variables.V");
}

#[test]
fn parameters_take_what_is_given_or_their_default() {
    let given = BTreeMap::from([("BankBic".to_owned(), "TESTGB2L".to_owned())]);
    let plan =
        load(TEMPLATE, &definitions(), &parameters().into_iter().chain(given).collect(), &Pseudo::default()).unwrap();
    let graphql = plan.function("Graphql").unwrap();
    assert_eq!(graphql.env["BANK_BIC"], "TESTGB2L");
    assert_eq!(graphql.env["BANK_SORT_CODE"], "040004");
}

#[test]
fn a_parameter_that_is_missing_or_unknown_is_refused() {
    let pseudo = Pseudo::default();
    refusal_at(load(TEMPLATE, &definitions(), &BTreeMap::new(), &pseudo), "Parameters.ClearBankPublicKeys");
    let unknown = BTreeMap::from([("Bogus".to_owned(), String::new())]);
    refusal_at(
        load(TEMPLATE, &definitions(), &parameters().into_iter().chain(unknown).collect(), &pseudo),
        "Parameters.Bogus",
    );
}

#[test]
fn globals_reach_every_function_and_its_own_word_wins() {
    let plan = plan();
    assert_eq!(plan.function("ProjectAccounts").unwrap().timeout_s, 10);
    assert_eq!(plan.function("ClearbankWebhook").unwrap().timeout_s, 5);
}

#[test]
fn ids_are_the_same_at_every_start_and_follow_the_public_address() {
    let pseudo = Pseudo { public_url: "http://127.0.0.1:4999".to_owned(), ..Pseudo::default() };
    let other = load(TEMPLATE, &definitions(), &parameters(), &pseudo).unwrap();
    let ids = |plan: &Plan| {
        let pool = &plan.user_pools[0];
        (plan.keys.iter().map(|key| key.id.clone()).collect::<Vec<_>>(), pool.id.clone(), pool.clients[0].id.clone())
    };
    assert_eq!(ids(&plan()), ids(&other));
    let pool = &other.user_pools[0];
    assert_eq!(pool.id, "eu-west-1_granary");
    assert_eq!(pool.issuer, "http://127.0.0.1:4999/cognito/eu-west-1_granary");
    assert_eq!(pool.clients[0].id.len(), 26);
    let graphql = other.function("Graphql").unwrap();
    assert_eq!(graphql.env["USER_POOL_ISSUER"], pool.issuer);
    assert_eq!(graphql.env["USER_POOL_CLIENT_ID"], pool.clients[0].id);
    assert_eq!(other.outputs["ApiUrl"], "http://127.0.0.1:4999");
}

#[test]
fn every_refusal_is_named_in_one_go() {
    let text = TEMPLATE
        .replace("!GetAtt MilestonesQueue.Arn", "!GetAtt Nobody.Arn")
        .replace("BatchSize: 100", "BatchSize: 100\n            Bogus: 1");
    let error = load_text(&text).unwrap_err();
    assert!(error.refusals.len() >= 4, "{error}");
    assert!(error.to_string().contains("Resources.LedgerRelay.Properties.Events.Commits.Properties.Bogus"), "{error}");
}
