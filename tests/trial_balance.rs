//! The books add up: postings, account states and projections say the same, and whatever does not is found.

use app::trial_balance::{Source, TrialBalance};
use aws_sdk_dynamodb::types::AttributeValue;
use granary::cli::whole_ledger;
use money::{Asset, Money};
use serde_json::json;
use time::Duration;

use crate::support::{Bank, Person};

async fn drawn(bank: &Bank) -> TrialBalance {
    whole_ledger(&bank.local, Duration::ZERO).await.unwrap()
}

/// A customer with 1000.00 and 0.50, 7.00 in suspense, and 12.34 euros.
async fn a_bank_with_money() -> (Bank, Person) {
    let bank = Bank::open().await;
    let ada = bank.customer("ada@example.com").await;
    let (pounds, euros) = (bank.reference(&ada, "GBP").await, bank.reference(&ada, "EUR").await);
    bank.pay(&pounds, "GBP", "1000.00").await;
    bank.pay(&pounds, "GBP", "0.50").await;
    bank.pay("nobody", "GBP", "7.00").await;
    bank.pay(&euros, "EUR", "12.34").await;
    (bank, ada)
}

#[tokio::test]
async fn every_asset_adds_up_to_nothing() {
    let (bank, _) = a_bank_with_money().await;
    let balance = drawn(&bank).await;
    assert_eq!(balance.discrepancies, []);
    assert!(balance.lagging.is_empty());
    assert_eq!(balance.operations, 4);
    let pounds = &balance.lines[&Asset::Gbp];
    assert_eq!(pounds.customers, Money::new(Asset::Gbp, 100_050));
    assert_eq!(pounds.sum, Money::zero(Asset::Gbp));
    let internal: Vec<_> = pounds.internal.iter().map(|(account, amount)| (account.code(), amount.units())).collect();
    let expected = [("bank-settlement", -100_750), ("suspense", 700), ("custody-hot", 0), ("yield-expense", 0)];
    assert_eq!(internal, expected);
}

#[tokio::test]
async fn what_projections_have_not_reached_is_lag_and_no_error() {
    let (bank, ada) = a_bank_with_money().await;
    let reference = bank.reference(&ada, "GBP").await;
    bank.order(json!({ "reference": reference, "asset": "GBP", "amount": "1.00" })).await;
    // The payment is booked, and nothing is relayed yet.
    let queue = bank.queue("SettleDepositQueue");
    let taken = bank.local.aws().sqs.receive(&queue, 1, None).unwrap();
    let event = json!({ "Records": [taken[0].lambda_record(&queue)] }).to_string();
    bank.local.lambdas().invoke("SettleDeposit", event.into()).await.unwrap();

    let balance = drawn(&bank).await;
    assert_eq!(balance.discrepancies, []);
    assert_eq!(balance.lagging.len(), 2, "the account and the operation");
    bank.settle().await;
    assert!(drawn(&bank).await.lagging.is_empty());
}

#[tokio::test]
async fn what_was_decided_after_the_cut_is_left_out() {
    let (bank, ada) = a_bank_with_money().await;
    let reference = bank.reference(&ada, "GBP").await;
    bank.advance(Duration::minutes(10)).await;
    bank.pay(&reference, "GBP", "5.00").await;
    let balance = whole_ledger(&bank.local, Duration::minutes(5)).await.unwrap();
    assert_eq!(balance.discrepancies, []);
    assert_eq!(balance.lines[&Asset::Gbp].customers, Money::new(Asset::Gbp, 100_050));
}

/// Overwrites one attribute of every projected row whose sort key is `sk`.
async fn tamper(bank: &Bank, pk: &str, sk: &str, attribute: &str, change: impl Fn(&AttributeValue) -> AttributeValue) {
    let mut changed = 0;
    for mut item in bank.items("LedgerProjections").await {
        if item["pk"].as_s().unwrap().starts_with(pk) && item["sk"].as_s().unwrap() == sk {
            let value = change(&item[attribute]);
            item.insert(attribute.to_owned(), value);
            let table = bank.table("LedgerProjections");
            bank.dynamodb().put_item().table_name(table).set_item(Some(item)).send().await.unwrap();
            changed += 1;
        }
    }
    assert_eq!(changed, 1);
}

#[tokio::test]
async fn a_balance_that_was_edited_in_a_projection_is_found() {
    let (bank, ada) = a_bank_with_money().await;
    tamper(&bank, "customer#", "account#GBP", "d", |document| {
        AttributeValue::S(document.as_s().unwrap().replace("100050", "900050"))
    })
    .await;
    let found = drawn(&bank).await.discrepancies;
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].account, format!("customer:{}#GBP", ada.sub));
    assert_eq!(found[0].between, (Source::State, Source::Projection));
    assert_eq!(found[0].amounts, (Money::new(Asset::Gbp, 100_050), Money::new(Asset::Gbp, 900_050)));
}

#[tokio::test]
async fn a_total_that_was_edited_is_found() {
    let (bank, _) = a_bank_with_money().await;
    tamper(&bank, "internal#suspense", "GBP", "n", |_| AttributeValue::N("0".to_owned())).await;
    let found = drawn(&bank).await.discrepancies;
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].account, "internal:suspense#GBP");
    assert_eq!(found[0].between, (Source::Postings, Source::Projection));
}

#[tokio::test]
async fn a_credit_without_its_operation_is_found() {
    let (bank, ada) = a_bank_with_money().await;
    let table = bank.table("LedgerEvents");
    let operation = bank
        .items("LedgerEvents")
        .await
        .into_iter()
        .find(|item| item["k"].as_s().unwrap() == "op" && item["c"].as_s().unwrap().contains("GBP 50\""));
    let operation = operation.unwrap();
    let delete = bank.dynamodb().delete_item().table_name(&table);
    delete.key("pk", operation["pk"].clone()).key("sk", operation["sk"].clone()).send().await.unwrap();
    let found = drawn(&bank).await.discrepancies;
    assert!(
        found
            .iter()
            .any(|it| it.account == format!("customer:{}#GBP", ada.sub)
                && it.between == (Source::Postings, Source::State)),
        "{found:?}"
    );
}
