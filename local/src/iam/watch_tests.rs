//! What is taken out is missed, and what is used is seen.

use std::sync::Arc;

use super::{Part, Policies, Watch, implied_parts, parts};
use crate::{services::authorizer::Authorizer, template::tests::plan};

/// A real statement with two actions on three tables.
const COMMIT: &str = "Graphql/Commit";

fn table(logical_id: &str) -> String {
    plan().table(logical_id).unwrap().arn.clone()
}

fn without(taken_out: Vec<Part>) -> (Policies, Arc<Watch>) {
    let watch = Arc::new(Watch::without(taken_out));
    (Policies::of_a_bank(&plan(), Some(Arc::clone(&watch))), watch)
}

#[test]
fn one_action_on_one_resource_can_be_taken_out_and_its_refusal_says_what_is_missing() {
    let (ledger, identity) = (table("LedgerEvents"), table("IdentityEvents"));
    let gone = Part::one(COMMIT, "dynamodb:PutItem", &ledger);
    let (policies, watch) = without(vec![gone.clone()]);
    policies.allow("Graphql", "dynamodb:Query", &ledger).unwrap();
    policies.allow("Graphql", "dynamodb:PutItem", &identity).unwrap();
    policies.allow("PayYield", "dynamodb:PutItem", &ledger).unwrap();
    policies.allow("Graphql", "dynamodb:PutItem", &ledger).unwrap_err();
    policies.allow("Graphql", "dynamodb:DeleteItem", &ledger).unwrap_err();

    let denials = watch.denials();
    let missing: Vec<_> = denials.iter().map(|denial| denial.missing.clone()).collect();
    assert_eq!(missing, [Some(gone), None], "only what was taken out is missing; the other was never allowed");
    for named in ["Graphql", "dynamodb:PutItem", ledger.as_str()] {
        assert!(denials[0].text.contains(named), "{}", denials[0].text);
    }
}

#[test]
fn a_whole_statement_can_be_taken_out_of_whatever_policy_it_is_in() {
    let plan = plan();
    for (statement, service, action, resource, source) in [
        (
            "ProjectCustomersQueue.policy/0",
            "sns.amazonaws.com",
            "sqs:SendMessage",
            &plan.queue("ProjectCustomersQueue").unwrap().arn,
            &plan.topics.iter().find(|it| it.logical_id == "IdentityTopic").unwrap().arn,
        ),
        (
            "WeeklyPayoutRole.trust/0",
            "scheduler.amazonaws.com",
            "sts:AssumeRole",
            &plan.roles.iter().find(|it| it.logical_id == "WeeklyPayoutRole").unwrap().arn,
            &plan.schedules.iter().find(|it| it.name == "granary-weekly-payout").unwrap().arn,
        ),
        (
            "CognitoPreSignUpPermission",
            "cognito-idp.amazonaws.com",
            "lambda:InvokeFunction",
            &"CognitoPreSignUp".to_owned(),
            &plan.user_pools[0].arn,
        ),
    ] {
        let (whole, _) = without(Vec::new());
        whole.allow_service(service, action, resource, source).unwrap();
        let (policies, watch) = without(vec![Part::whole(statement)]);
        policies.allow_service(service, action, resource, source).unwrap_err();
        assert!(watch.denials()[0].missing.is_some(), "{statement}");
    }
}

#[tokio::test]
async fn whoever_waits_hears_of_the_refusal_that_they_wait_for() {
    let ledger = table("LedgerEvents");
    let (policies, watch) = without(vec![Part::whole(COMMIT)]);
    let waiting = tokio::spawn({
        let watch = Arc::clone(&watch);
        async move { watch.denial_for(&Part::whole(COMMIT)).await }
    });
    tokio::task::yield_now().await;
    policies.allow("Graphql", "dynamodb:DeleteItem", &ledger).unwrap_err();
    tokio::task::yield_now().await;
    assert!(!waiting.is_finished(), "that one was never allowed");
    policies.allow("Graphql", "dynamodb:Query", &ledger).unwrap_err();
    assert_eq!(waiting.await.unwrap().action, "dynamodb:Query");
}

#[test]
fn what_decides_is_what_was_used_and_nothing_else_of_its_statement() {
    let ledger = table("LedgerEvents");
    let (policies, watch) = without(Vec::new());
    policies.allow("Graphql", "dynamodb:Query", &ledger).unwrap();
    policies.allow("granary", "dynamodb:DeleteItem", &ledger).unwrap();
    let used: Vec<Part> = watch.uses().into_keys().collect();
    assert_eq!(used, [Part::one(COMMIT, "dynamodb:Query", &ledger)]);
}

#[test]
fn every_statement_of_the_template_has_a_name_of_its_own() {
    let plan = plan();
    let mut names: Vec<String> = parts(&plan).into_iter().map(|part| part.statement).collect();
    names.dedup();
    let count = names.len();
    names.sort();
    names.dedup();
    assert_eq!(names.len(), count, "one name is used twice, apart from each other");
    let statements = plan.functions.iter().map(|it| it.statements.len()).sum::<usize>()
        + plan.state_machines.iter().map(|it| it.statements.len()).sum::<usize>()
        + plan.roles.iter().map(|it| it.statements.len() + it.trust.len()).sum::<usize>()
        + plan.queues.iter().map(|it| it.policy_statements.len()).sum::<usize>()
        + plan.permissions.len();
    assert_eq!(count, statements);
    let sources = plan.functions.iter().map(|it| it.events.len()).sum::<usize>();
    let mut implied: Vec<String> = implied_parts(&plan).into_iter().map(|part| part.statement).collect();
    implied.dedup();
    assert_eq!(implied.len(), sources);
}

#[test]
fn a_part_is_the_same_after_it_was_written_and_read() {
    for part in [Part::whole(COMMIT), Part::one(COMMIT, "dynamodb:Query", "arn:aws:dynamodb:*")] {
        assert_eq!(part.to_string().parse::<Part>().unwrap(), part);
    }
    for torn in ["", "Graphql/Commit", "Graphql/Commit\tdynamodb:Query", "a\tb\tc\td"] {
        torn.parse::<Part>().unwrap_err();
    }
}
