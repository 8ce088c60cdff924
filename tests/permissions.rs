//! Who may do what, asked of the template and of the bank that runs it.

use std::collections::HashMap;

use aws_sdk_dynamodb::{
    Client,
    error::{ProvideErrorMetadata, SdkError},
    types::{AttributeValue, Delete, DeleteRequest, TransactWriteItem, Update, WriteRequest},
};
use granary::{
    services::{OPERATOR, Outgoing, arn},
    template::{EventSource, Plan, Statement},
};

use crate::support::Bank;

/// Everything that adds to history and reads it.
const OF_HISTORY: [&str; 4] = ["dynamodb:GetItem", "dynamodb:Query", "dynamodb:PutItem", "dynamodb:ConditionCheckItem"];

type Key = HashMap<String, AttributeValue>;

/// Every principal of a template, with its statements.
fn principals(plan: &Plan) -> Vec<(&str, &[Statement])> {
    let functions = plan.functions.iter().map(|it| (it.logical_id.as_str(), it.statements.as_slice()));
    let machines = plan.state_machines.iter().map(|it| (it.logical_id.as_str(), it.statements.as_slice()));
    let roles = plan.roles.iter().map(|it| (it.logical_id.as_str(), it.statements.as_slice()));
    functions.chain(machines).chain(roles).collect()
}

/// The events tables: logical id, name and ARN.
fn events_tables(plan: &Plan) -> Vec<(&str, &str, &str)> {
    let tables = plan.tables.iter().filter(|it| it.logical_id.ends_with("Events"));
    tables.map(|it| (it.logical_id.as_str(), it.name.as_str(), it.arn.as_str())).collect()
}

#[tokio::test]
async fn no_statement_of_anybody_lets_history_be_changed() {
    let bank = Bank::open().await;
    let plan = bank.local.plan();
    let tables = events_tables(plan);
    assert_eq!(tables.len(), 4);
    for (principal, statements) in principals(plan) {
        for statement in statements {
            let about = |resource: &String| tables.iter().any(|(_, _, arn)| resource.starts_with(arn));
            if statement.resources.iter().any(about) {
                for action in &statement.actions {
                    assert!(OF_HISTORY.contains(&action.as_str()), "{principal} {:?}: {action}", statement.sid);
                }
            }
        }
    }
}

#[tokio::test]
async fn no_statement_of_anybody_has_a_star_where_a_name_belongs() {
    let bank = Bank::open().await;
    let plan = bank.local.plan();
    let queues = plan.queues.iter().map(|it| (it.logical_id.as_str(), it.policy_statements.as_slice()));
    let executions: Vec<String> =
        plan.state_machines.iter().map(|it| it.arn.replacen(":stateMachine:", ":execution:", 1)).collect();
    let ours: Vec<&str> = plan.buckets.iter().map(|it| it.arn.as_str()).collect();
    for (holder, statements) in principals(plan).into_iter().chain(queues) {
        for statement in statements {
            assert!(
                statement.actions.iter().all(|action| !action.contains(['*', '?'])),
                "{holder} {:?}",
                statement.sid
            );
            for resource in &statement.resources {
                // Objects and executions have names that nobody knows beforehand; everything else has one.
                let key = ours.iter().find_map(|bucket| resource.strip_prefix(bucket));
                let execution = executions.iter().find_map(|machine| resource.strip_prefix(machine));
                let name = key.or(execution).map_or(resource.as_str(), |key| key.strip_suffix('*').unwrap_or(key));
                assert!(!name.contains(['*', '?']), "{holder} {:?}: {resource}", statement.sid);
            }
        }
    }
}

#[tokio::test]
async fn every_function_may_set_aside_what_it_cannot_read_and_says_why() {
    let bank = Bank::open().await;
    let fed = bank.local.plan().functions.iter().flat_map(|it| &it.events).filter_map(|event| match event {
        EventSource::Sqs { queue_arn, .. } => bank.local.plan().queue_by_arn(queue_arn),
        EventSource::Stream { .. } | EventSource::Http { .. } => None,
    });
    let fed: Vec<_> = fed.collect();
    let sqs = &bank.local.aws().sqs;
    for queue in &fed {
        sqs.send(&queue.name, &Outgoing { body: "noise".to_owned(), ..Outgoing::default() }).unwrap();
    }
    bank.settle().await;
    for queue in fed {
        let dead_letters = &queue.redrive.as_ref().unwrap().dead_letter_arn;
        let aside = sqs.peek(arn::name(dead_letters), 10).unwrap();
        assert_eq!(aside.len(), 1, "{}", queue.logical_id);
        assert_eq!(aside[0].body, "noise");
        assert!(aside[0].attributes.contains_key("errorCode"), "{} gives no reason", queue.logical_id);
    }
}

#[tokio::test]
async fn only_the_owner_puts_people_into_groups() {
    let bank = Bank::open().await;
    bank.newcomer("ada@example.com").await;
    let pool = bank.local.plan().user_pools[0].id.clone();
    let principals: Vec<String> = principals(bank.local.plan()).iter().map(|(name, _)| (*name).to_owned()).collect();
    for (principal, expected) in
        principals.iter().map(|it| (it.as_str(), Some("AccessDeniedException"))).chain([(OPERATOR, None)])
    {
        let client = aws_sdk_cognitoidentityprovider::Client::new(&bank.local.sdk_config(principal));
        let call =
            client.admin_add_user_to_group().user_pool_id(&pool).username("ada@example.com").group_name("auditor");
        let code = call.send().await.err().and_then(|error| error.code().map(str::to_owned));
        assert_eq!(code.as_deref(), expected, "{principal}");
    }
}

/// The newest item of a table, with its key.
async fn an_item(bank: &Bank, table: &str) -> (Key, Key) {
    let item = bank.items(table).await.pop().expect("the table has history");
    let key = ["pk", "sk"].map(|name| (name.to_owned(), item[name].clone()));
    (Key::from(key), item)
}

/// What somebody is told who tries to change an item in every way that there is.
async fn attempts(dynamodb: &Client, table: &str, key: &Key) -> [(&'static str, Option<String>); 5] {
    const CHANGE: &str = "SET c = :c";
    let nothing = || AttributeValue::S("nothing".to_owned());
    let update = dynamodb.update_item().table_name(table).set_key(Some(key.clone())).update_expression(CHANGE);
    let delete = dynamodb.delete_item().table_name(table).set_key(Some(key.clone()));
    let request = DeleteRequest::builder().set_key(Some(key.clone())).build().unwrap();
    let request = WriteRequest::builder().delete_request(request).build();
    let updating = Update::builder().table_name(table).set_key(Some(key.clone())).update_expression(CHANGE);
    let updating = updating.expression_attribute_values(":c", nothing()).build().unwrap();
    let updating = TransactWriteItem::builder().update(updating).build();
    let deleting = Delete::builder().table_name(table).set_key(Some(key.clone())).build().unwrap();
    let deleting = TransactWriteItem::builder().delete(deleting).build();
    let transaction = |item| dynamodb.transact_write_items().transact_items(item).send();
    [
        ("UpdateItem", refusal(update.expression_attribute_values(":c", nothing()).send().await)),
        ("DeleteItem", refusal(delete.send().await)),
        ("BatchWriteItem", refusal(dynamodb.batch_write_item().request_items(table, vec![request]).send().await)),
        ("an update in a transaction", refusal(transaction(updating).await)),
        ("a delete in a transaction", refusal(transaction(deleting).await)),
    ]
}

/// The code that a call was refused with; `None`: it was not.
fn refusal<A, E: ProvideErrorMetadata, R>(answer: Result<A, SdkError<E, R>>) -> Option<String> {
    answer.err().and_then(|error| error.code().map(str::to_owned))
}

#[tokio::test]
async fn nobody_changes_or_removes_history_however_they_try() {
    let bank = Bank::open().await;
    bank.customer("ada@example.com").await;
    let plan = bank.local.plan();
    for (logical_id, table, _) in events_tables(plan) {
        let (key, before) = an_item(&bank, logical_id).await;
        for (principal, _) in principals(plan) {
            let dynamodb = Client::new(&bank.local.sdk_config(principal));
            for (attempt, code) in attempts(&dynamodb, table, &key).await {
                assert_eq!(code.as_deref(), Some("AccessDeniedException"), "{principal}: {attempt} on {logical_id}");
            }
        }
        assert_eq!(an_item(&bank, logical_id).await.1, before);
    }
}
