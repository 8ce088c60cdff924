//! Whoever alters rows sets off no message: the relay publishes what was added, and nothing else.

use std::collections::BTreeMap;

use aws_sdk_dynamodb::types::AttributeValue;
use domain::ids::Version;

use super::history::History;
use crate::{support::Bank, vault::tap::TAP};

/// How much each queue holds, the one on the topics and the bus included, and what customers see.
async fn everything(bank: &Bank) -> (BTreeMap<String, u64>, Vec<String>) {
    let queues = bank.local.plan().queues.iter().map(|queue| (queue.name.clone(), bank.waiting_in(&queue.logical_id)));
    let mut rows = Vec::new();
    for table in ["IdentityProjections", "LedgerProjections"] {
        for item in bank.items(table).await {
            let sorted: BTreeMap<_, _> = item.iter().map(|(name, value)| (name, format!("{value:?}"))).collect();
            rows.push(format!("{sorted:?}"));
        }
    }
    rows.sort();
    (queues.collect(), rows)
}

#[tokio::test]
async fn commits_that_are_altered_or_removed_are_not_published() {
    let history = History::make().await;
    let before = everything(&history.bank).await;
    assert!(history.bank.waiting_in(TAP) > 20, "the tap shows what is published");

    let stream = history.stream();
    let mut altered = history.commit(&stream, Version(2)).await;
    altered.body = altered.body.replace("GBP", "EUR");
    history.put(&altered).await;
    history.update(&stream, history.newest(), "s", AttributeValue::S("{}".to_owned())).await;
    history.delete(&stream, Version(1)).await;
    let (customer, version) = history.head_of_kind("customer").await;
    history.delete(&customer, version).await;
    let (operation, version) = history.head_of_kind("op").await;
    history.update(&operation, version, "k", AttributeValue::S("account".to_owned())).await;

    assert!(history.bank.local.in_flight().unwrap(), "the relay has yet to see what was done");
    history.bank.settle().await;
    assert!(!history.bank.local.in_flight().unwrap());
    assert_eq!(everything(&history.bank).await, before);
    assert!(history.verify().await.findings.len() >= 4);
}

#[tokio::test]
async fn what_is_added_is_published_so_the_queues_would_show_it() {
    let history = History::make().await;
    let before = history.bank.waiting_in(TAP);
    history.forge_credit(1).await;
    history.bank.settle().await;
    assert_eq!(history.bank.waiting_in(TAP), before + 1);
}
