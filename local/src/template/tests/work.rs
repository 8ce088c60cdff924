//! State machines, schedules and roles: what they become, and what is refused of them.

use std::collections::BTreeMap;

use super::{load_resources, refusal_at};
use crate::{
    services::{arn, authorizer::Authorizer as _},
    template::{Plan, Pseudo, TemplateError, load},
};

const QUEUES: &str = "  Q: {Type: AWS::SQS::Queue, Properties: {QueueName: q}}\n  \
                         D: {Type: AWS::SQS::Queue, Properties: {QueueName: d}}\n";
const ROLE: &str = "
  R:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: '2012-10-17'
        Statement:
          - Effect: Allow
            Principal: {Service: scheduler.amazonaws.com}
            Action: sts:AssumeRole
            Condition: {StringEquals: {'aws:SourceAccount': !Ref AWS::AccountId}}
      Policies:
        - PolicyName: send
          PolicyDocument: {Version: '2012-10-17', Statement: [{Effect: Allow, Action: sqs:SendMessage, Resource: !GetAtt Q.Arn}]}
";
const SCHEDULE: &str = "
  S:
    Type: AWS::Scheduler::Schedule
    Properties:
      Name: weekly
      ScheduleExpression: cron(0 1 ? * MON *)
      ScheduleExpressionTimezone: UTC
      FlexibleTimeWindow: {Mode: 'OFF'}
      Target:
        Arn: !GetAtt Q.Arn
        RoleArn: !GetAtt R.Arn
        Input: '{\"at\":\"<aws.scheduler.scheduled-time>\"}'
        DeadLetterConfig: {Arn: !GetAtt D.Arn}
";
const MACHINE: &str = "
  M:
    Type: AWS::Serverless::StateMachine
    Properties:
      Name: m
      Type: STANDARD
      DefinitionUri: ../statemachines/m.asl.json
      DefinitionSubstitutions: {QueueUrl: !Ref Q}
      Policies:
        - Version: '2012-10-17'
          Statement: [{Effect: Allow, Action: sqs:SendMessage, Resource: !GetAtt Q.Arn}]
";

fn scheduled(from: &str, to: &str) -> Result<Plan, TemplateError> {
    load_resources(&format!("{QUEUES}{ROLE}{SCHEDULE}").replace(from, to))
}

fn machine(definition: &str, from: &str, to: &str) -> Result<Plan, TemplateError> {
    let outputs = "Outputs:\n  Name: {Value: !GetAtt M.Name}\n  Ref: {Value: !Ref M}\n  Arn: {Value: !GetAtt M.Arn}\n";
    let head = "Transform: AWS::Serverless-2016-10-31\nResources:\n";
    let text = format!("{head}{QUEUES}{MACHINE}{outputs}").replace(from, to);
    let definitions = BTreeMap::from([("m.asl.json".to_owned(), definition.to_owned())]);
    load(&text, &definitions, &BTreeMap::new(), &Pseudo::default())
}

#[test]
fn a_schedule_sends_under_its_role() {
    let plan = scheduled("", "").unwrap();
    let schedule = plan.schedule("S").unwrap();
    assert_eq!(
        (schedule.arn.as_str(), schedule.expression.as_str()),
        (&*arn::schedule("weekly"), "cron(0 1 ? * MON *)")
    );
    assert_eq!((&schedule.queue_arn, &schedule.dead_letter_arn), (&arn::queue("q"), &Some(arn::queue("d"))));
    assert_eq!((schedule.role.as_str(), &schedule.role_arn), ("R", &arn::role("granary-R")));
    assert_eq!(schedule.input, r#"{"at":"<aws.scheduler.scheduled-time>"}"#);

    let policies = crate::iam::Policies::new(&plan);
    let may_send = |queue| policies.allow("R", "sqs:SendMessage", &arn::queue(queue)).is_ok();
    assert!(may_send("q") && !may_send("d"));
}

#[test]
fn a_role_trusts_those_whom_it_names_in_its_own_account() {
    let trusts = |plan: &Plan, service: &str| {
        let policies = crate::iam::Policies::new(plan);
        policies.allow_service(service, "sts:AssumeRole", &arn::role("granary-R"), &arn::schedule("weekly")).is_ok()
    };
    let plan = scheduled("", "").unwrap();
    assert!(trusts(&plan, "scheduler.amazonaws.com") && !trusts(&plan, "states.amazonaws.com"));
    let of_another = scheduled("!Ref AWS::AccountId", "'111111111111'").unwrap();
    assert!(!trusts(&of_another, "scheduler.amazonaws.com"));
    let of_this_one = "{ArnEquals: {'aws:SourceArn': !GetAtt S.Arn}}";
    let condition = "{StringEquals: {'aws:SourceAccount': !Ref AWS::AccountId}}";
    assert!(trusts(&scheduled(condition, of_this_one).unwrap(), "scheduler.amazonaws.com"));
    assert!(!trusts(
        &scheduled(condition, &of_this_one.replace("!GetAtt S.Arn", "'arn:aws:x'")).unwrap(),
        "scheduler.amazonaws.com"
    ));
}

#[test]
fn what_a_schedule_here_cannot_do_is_refused_by_its_place() {
    for (from, to, place) in [
        ("cron(0 1 ? * MON *)", "cron(0 1 * * MON *)", "S.Properties.ScheduleExpression"),
        ("cron(0 1 ? * MON *)", "rate(5 seconds)", "S.Properties.ScheduleExpression"),
        ("Timezone: UTC", "Timezone: Europe/Dublin", "S.Properties.ScheduleExpressionTimezone"),
        ("Mode: 'OFF'", "Mode: FLEXIBLE", "S.Properties.FlexibleTimeWindow.Mode"),
        ("FlexibleTimeWindow: {Mode: 'OFF'}", "State: ENABLED", "S.Properties.FlexibleTimeWindow.Mode"),
        ("ScheduleExpressionTimezone: UTC", "State: DISABLED", "S.Properties.State"),
        ("Arn: !GetAtt Q.Arn\n        Role", "Arn: arn:aws:sqs:::stranger\n        Role", "S.Properties.Target.Arn"),
        ("!GetAtt R.Arn", "arn:aws:iam:::role/stranger", "S.Properties.Target.RoleArn"),
        ("!GetAtt D.Arn", "arn:aws:sqs:::stranger", "S.Properties.Target.DeadLetterConfig.Arn"),
        ("Input:", "SqsParameters:", "S.Properties.Target.SqsParameters"),
        ("scheduler.amazonaws.com", "lambda.amazonaws.com", "R.Properties.AssumeRolePolicyDocument"),
        ("- PolicyName: send\n          P", "- P", "R.Properties.Policies[0].PolicyName"),
        ("Action: sts:AssumeRole", "Resource: '*'", "R.Properties.AssumeRolePolicyDocument.Statement[0].Resource"),
        (
            "StringEquals: {'aws:SourceA",
            "NumericEquals: {'aws:SourceA",
            "R.Properties.AssumeRolePolicyDocument.Statement[0].Condition.NumericEquals",
        ),
    ] {
        refusal_at(scheduled(from, to), &format!("Resources.{place}"));
    }
}

#[test]
fn a_state_machine_gets_its_substitutions_and_is_a_principal() {
    let plan = machine(r#"{"Url": "${QueueUrl}", "Again": "${QueueUrl}"}"#, "", "").unwrap();
    let made = plan.state_machine("M").unwrap();
    let url = arn::queue_url("q");
    assert_eq!(made.definition, format!(r#"{{"Url": "{url}", "Again": "{url}"}}"#));
    assert_eq!((made.name.as_str(), &made.arn), ("m", &arn::state_machine("m")));
    assert_eq!(plan.outputs["Name"], "m");
    assert_eq!((&plan.outputs["Ref"], &plan.outputs["Arn"]), (&made.arn, &made.arn));
    let policies = crate::iam::Policies::new(&plan);
    assert!(policies.allow("M", "sqs:SendMessage", &arn::queue("q")).is_ok());
    assert!(policies.allow("M", "sqs:SendMessage", &arn::queue("d")).is_err());
}

#[test]
fn a_state_machine_that_is_not_whole_is_refused_by_its_place() {
    let definition = r#"{"Url": "${QueueUrl}"}"#;
    for (definition, from, to, place) in [
        (definition, "m.asl.json", "other.asl.json", "DefinitionUri"),
        (r#"{"Url": "${QueueUrl}", "Arn": "${Missing}"}"#, "", "", "DefinitionUri"),
        (r#"{"Url": ${QueueUrl}}"#, "", "", "DefinitionUri"),
        (r#"{"Url": "${QueueUrl"}"#, "", "", "DefinitionUri"),
        (r"{}", "", "", "DefinitionSubstitutions.QueueUrl"),
        (definition, "STANDARD", "EXPRESS", "Type"),
        (definition, "Type: STANDARD", "Tracing: {Enabled: true}", "Tracing"),
        (definition, "Name: m", "Role: arn:aws:iam:::role/r", "Role"),
    ] {
        refusal_at(machine(definition, from, to), &format!("Resources.M.Properties.{place}"));
    }
}
