//! What is refused, by name and place, and the lists that decide it.

use std::collections::BTreeSet;

use serde_yaml_ng::Value as Yaml;

use super::{TEMPLATE, changed, load_resources, load_text, plan, put, refusal_at};
use crate::template::lists::{self, Handling};

const README: &str = include_str!("../../../README.md");
const BEGIN: &str = "<!-- lists: begin -->\n";
const END: &str = "<!-- lists: end -->";

/// The first resource of a type in the real template, and for an event list the place of its event.
fn first_of(template: &Yaml, list: &str) -> Vec<String> {
    for (logical_id, resource) in template["Resources"].as_mapping().unwrap() {
        let logical_id = logical_id.as_str().unwrap().to_owned();
        let place = vec!["Resources".to_owned(), logical_id, "Properties".to_owned()];
        let Some(event) = list.strip_prefix(lists::EVENT_PREFIX) else {
            if resource["Type"] == list {
                return place;
            }
            continue;
        };
        for (name, source) in resource["Properties"]["Events"].as_mapping().into_iter().flatten() {
            if source["Type"] == event {
                let inner = ["Events".to_owned(), name.as_str().unwrap().to_owned(), "Properties".to_owned()];
                return [place, inner.to_vec()].concat();
            }
        }
    }
    panic!("the template has no {list}");
}

#[test]
fn an_unknown_property_of_each_supported_type_is_refused_by_its_place() {
    let template: Yaml = serde_yaml_ng::from_str(TEMPLATE).unwrap();
    let place = |list: &lists::TypeList| [first_of(&template, list.name), vec!["UnknownProperty".to_owned()]].concat();
    let places: Vec<_> = lists::TYPES.iter().map(|list| (list.name, place(list))).collect();
    for value in ["1", "{Inner: text}", "[a, b]", "!Ref AWS::Region"] {
        let result = changed(|template| {
            for (_, place) in &places {
                put(template, &place.iter().map(String::as_str).collect::<Vec<_>>(), value);
            }
        });
        for (list, place) in &places {
            let reason = refusal_at(result.clone(), &place.join("."));
            assert!(reason.contains(list), "{list}: {reason}");
        }
    }
}

#[test]
fn an_unknown_property_deep_inside_is_refused_by_its_place() {
    for (path, value) in [
        ("Resources.IdentityEvents.Properties.StreamSpecification.Unknown", "1"),
        ("Resources.MilestonesQueue.Properties.RedrivePolicy.Unknown", "1"),
        ("Resources.UserPool.Properties.Policies.PasswordPolicy.Unknown", "true"),
        ("Resources.Graphql.Properties.Environment.Unknown", "{}"),
        ("Resources.IdentityRelay.Properties.Events.Commits.Properties.DestinationConfig.OnFailure.Type", "S3"),
        ("Globals.Function.Unknown", "1"),
        ("Parameters.BankBic.AllowedPattern", "'.*'"),
        ("Outputs.ApiUrl.Unknown", "1"),
        ("Unknown", "1"),
    ] {
        let steps: Vec<&str> = path.split('.').collect();
        refusal_at(changed(|template| put(template, &steps, value)), path);
    }
}

const FILTERS: &str = "Resources.ExpireSignUp.Properties.Events.Removals.Properties.FilterCriteria.Filters";

#[test]
fn what_is_refused_on_purpose_says_so_by_name() {
    for (path, value, name) in [
        ("Resources.Stranger", "{Type: AWS::Kinesis::Stream}", "AWS::Kinesis::Stream"),
        ("Resources.Link", "{Type: AWS::Serverless::Connector}", "connector"),
        ("Conditions", "{Live: !Equals [a, b]}", "conditional"),
        ("Resources.ParkedQueue.Condition", "Live", "conditional"),
        ("Mappings", "{}", "Mappings"),
        ("Transform", "[AWS::Serverless-2016-10-31, Own::Macro]", "Transform"),
        ("Transform", "Own::Macro", "macro"),
        ("Resources.ParkedQueue.Properties.QueueName", "!ImportValue other", "Fn::ImportValue"),
        ("Resources.ParkedQueue.Properties.QueueName", "!If [Live, a, b]", "Fn::If"),
        ("Resources.ParkedQueue.Properties.QueueName", "{'Fn::Transform': {Name: x}}", "macro"),
        ("Resources.ParkedQueue.Properties.QueueName", "!Select [0, [a]]", "Fn::Select"),
        ("Resources.ParkedQueue.Properties.DelaySeconds", "!Ref AWS::NoValue", "AWS::NoValue"),
        ("Resources.Graphql.Properties.Policies", "[AmazonDynamoDBFullAccess]", "policy templates"),
        ("Resources.Graphql.Properties.Policies", "[DynamoDBCrudPolicy: {TableName: x}]", "policy templates"),
        ("Resources.Graphql.Connectors", "{}", "connector"),
        ("Globals.Api", "{}", "Globals.Function"),
        ("Outputs.ApiUrl.Export", "{Name: x}", "stack"),
        ("Resources.MilestonesSubscription.Properties.Protocol", "lambda", "sqs"),
        ("Resources.IdentityRelay.Properties.Events.Commits.Properties.StartingPosition", "LATEST", "TRIM_HORIZON"),
        (FILTERS, "[{Pattern: 'REMOVE'}]", "no pattern"),
        (FILTERS, "[{Pattern: '{\"eventName\": \"REMOVE\"}'}]", "no pattern"),
        (FILTERS, "[{Pattern: '{\"eventName\": [{\"cidr\": \"10.0.0.0/8\"}]}'}]", "no pattern"),
    ] {
        let steps: Vec<&str> = path.split('.').collect();
        let error = changed(|template| put(template, &steps, value)).expect_err(path);
        let found = error.refusals.iter().any(|it| it.path.starts_with(path) && it.reason.contains(name));
        assert!(found, "{path}: {value}: {error}");
    }
}

#[test]
fn a_template_that_is_not_yaml_or_empty_is_refused() {
    refusal_at(load_text("Resources: {"), "template");
    refusal_at(load_text("Transform: AWS::Serverless-2016-10-31"), "Resources");
}

#[test]
fn a_statement_that_cannot_be_evaluated_is_refused_by_its_place() {
    let policy = "Resources.CognitoPreSignUp.Properties.Policies[0]";
    for (statement, place) in [
        ("{Effect: Allow, NotAction: 's3:*', Resource: '*'}", "Statement[0].NotAction"),
        ("{Effect: Allow, Action: 's3:*', NotResource: '*'}", "Statement[0].NotResource"),
        ("{Effect: Allow, Principal: '*', Action: 's3:*', Resource: '*'}", "Statement[0].Principal"),
        ("{Effect: Maybe, Action: 's3:*', Resource: '*'}", "Statement[0].Effect"),
        ("{Effect: Allow, Resource: '*'}", "Statement[0].Action"),
        ("{Effect: Allow, Action: 's3:*', Resource: '${aws:username}'}", "Statement[0].Resource"),
        (
            "{Effect: Allow, Action: 'kms:*', Resource: '*', Condition: {Bool: {'aws:SecureTransport': 'true'}}}",
            "Statement[0].Condition.Bool",
        ),
        (
            "{Effect: Allow, Action: 'kms:*', Resource: '*', Condition: {StringEquals: {'kms:CallerAccount': x}}}",
            "Statement[0].Condition.StringEquals.kms:CallerAccount",
        ),
        (
            "{Effect: Allow, Action: 'dynamodb:*', Resource: '*', Condition: {StringLike: {'dynamodb:LeadingKeys': ['customer#*']}}}",
            "Statement[0].Condition.StringLike.dynamodb:LeadingKeys",
        ),
    ] {
        let value = format!("[{{Version: '2012-10-17', Statement: [{statement}]}}]");
        let steps = ["Resources", "CognitoPreSignUp", "Properties", "Policies"];
        refusal_at(changed(|template| put(template, &steps, &value)), &format!("{policy}.{place}"));
    }
    let steps = ["Resources", "CognitoPreSignUp", "Properties", "Policies"];
    let old = "[{Version: '2008-10-17', Statement: [{Effect: Allow, Action: 's3:*', Resource: '*'}]}]";
    refusal_at(changed(|template| put(template, &steps, old)), &format!("{policy}.Version"));
}

#[test]
fn what_points_at_nothing_is_refused_by_its_place() {
    let stranger = "arn:aws:sqs:eu-west-1:000000000000:stranger";
    for path in [
        "Resources.MilestonesSubscription.Properties.Endpoint",
        "Resources.MilestonesSubscription.Properties.TopicArn",
        "Resources.MilestonesSubscription.Properties.RedrivePolicy.deadLetterTargetArn",
        "Resources.MilestonesQueue.Properties.RedrivePolicy.deadLetterTargetArn",
        "Resources.ProjectAccounts.Properties.Events.Commits.Properties.Queue",
        "Resources.LedgerRelay.Properties.Events.Commits.Properties.Stream",
        "Resources.LedgerRelay.Properties.Events.Commits.Properties.DestinationConfig.OnFailure.Destination",
        "Resources.CustomerActivatedRule.Properties.EventBusName",
        "Resources.VaultKeyAlias.Properties.TargetKeyId",
        "Resources.UserPool.Properties.LambdaConfig.PreSignUp",
        "Resources.UserPoolClient.Properties.UserPoolId",
        "Resources.CognitoPreSignUpPermission.Properties.FunctionName",
        "Resources.Graphql.Properties.Events.Query.Properties.ApiId",
    ] {
        let steps: Vec<&str> = path.split('.').collect();
        refusal_at(changed(|template| put(template, &steps, stranger)), path);
    }
}

#[test]
fn two_resources_of_one_name_are_refused() {
    let queues = "  A: {Type: AWS::SQS::Queue, Properties: {QueueName: q}}\n  B: {Type: AWS::SQS::Queue, Properties: {QueueName: q}}\n";
    refusal_at(load_resources(queues), "Resources.B.Properties.QueueName");
}

#[test]
fn a_resource_without_a_name_is_refused() {
    refusal_at(load_resources("  A: {Type: AWS::SQS::Queue}\n"), "Resources.A.Properties.QueueName");
}

#[test]
fn a_second_policy_of_one_queue_is_refused() {
    let template: Yaml = serde_yaml_ng::from_str(TEMPLATE).unwrap();
    let policy = serde_yaml_ng::to_string(&template["Resources"]["MilestonesQueuePolicy"]).unwrap();
    let result = changed(|template| put(template, &["Resources", "SecondPolicy"], &policy));
    refusal_at(result, "Resources.SecondPolicy.Properties.Queues[0]");
}

#[test]
fn the_deploy_only_list_is_what_the_template_uses() {
    let parts = [&lists::SECTIONS, &lists::PARAMETER, &lists::OUTPUT, &lists::ATTRIBUTES, &lists::GLOBALS];
    let listed: BTreeSet<String> = parts
        .into_iter()
        .chain(lists::TYPES)
        .flat_map(|list| list.properties.iter().map(move |property| (list.name, property)))
        .filter(|(_, property)| matches!(property.handling, Handling::DeployOnly(_)))
        .map(|(name, property)| format!("{name} {}", property.path))
        .collect();
    // A property that nobody uses any more leaves the list: nothing is waved through that nobody looked at.
    assert_eq!(plan().deploy_only, listed);
}

#[test]
fn the_readme_has_the_lists_as_they_are() {
    let expected = lists::markdown();
    let (_, rest) = README.split_once(BEGIN).expect("local/README.md lacks its begin mark");
    let (found, _) = rest.split_once(END).expect("local/README.md lacks its end mark");
    if found.trim() != expected.trim() {
        let kept = concat!(env!("CARGO_MANIFEST_DIR"), "/../target/lists.md");
        std::fs::write(kept, &expected).unwrap();
        panic!("local/README.md differs from the lists: put target/lists.md between its marks");
    }
}
