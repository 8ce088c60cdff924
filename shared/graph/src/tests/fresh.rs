//! Asking for what one has just written.

use app::commit::{Actor, Cause};
use domain::{
    ids::AccountId,
    ledger::account::{Account, AccountEvent},
};
use money::{Asset, Money};
use serde_json::json;

use super::fakes::{ALICE, Views, World, account, operation};

/// Alice with this many deposits of a pound, of which the projection shows what `rows` say.
async fn world(deposits: u32, rows: Views) -> World {
    let world = World::of(Views { customers: vec![ALICE], ..rows });
    let id = AccountId::new(ALICE, Asset::Gbp);
    let opened = AccountEvent::Opened { account: id.clone(), reference: None };
    let credited = |number: u32| AccountEvent::Credited {
        operation: operation(number),
        amount: Money::new(Asset::Gbp, 100),
        available: Money::new(Asset::Gbp, i128::from(number) * 100),
    };
    for event in [opened].into_iter().chain((1..=deposits).map(credited)) {
        let cause = Cause::by(Actor::System("tests"));
        world.streams().record::<Account>(&(&id).into(), &cause, &[event]).await.unwrap();
    }
    world
}

fn query(version: u32) -> String {
    format!(
        "{{ viewer {{ account(asset: \"GBP\", atLeastVersion: {version}) {{ version available {{ amount }} }} }} }}"
    )
}

#[tokio::test]
async fn a_row_that_has_come_far_enough_is_answered() {
    let shown = world(3, Views { accounts: vec![account(ALICE, Asset::Gbp)], ..Views::default() }).await;
    let row = json!({ "version": 1, "available": { "amount": "1000.00" } });
    for version in [0, 1] {
        assert_eq!(shown.data(&query(version)).await["viewer"]["account"], row);
    }
}

#[tokio::test]
async fn an_account_whose_row_is_behind_or_absent_is_folded_from_the_store() {
    let folded = json!({ "version": 3, "available": { "amount": "3.00" } });
    let behind = world(3, Views { accounts: vec![account(ALICE, Asset::Gbp)], ..Views::default() }).await;
    for version in [2, 3] {
        assert_eq!(behind.data(&query(version)).await["viewer"]["account"], folded);
    }
    let absent = world(3, Views::default()).await;
    assert_eq!(absent.data(&query(0)).await["viewer"]["account"], folded);
    let unasked = absent.data("{ viewer { account(asset: \"GBP\") { version } } }").await;
    assert_eq!(unasked["viewer"]["account"], json!(null), "without a version nobody waits for the store");
}

#[tokio::test]
async fn a_version_that_is_not_there_is_bad_input() {
    let world = world(3, Views::default()).await;
    let refused = world.refused(&query(4)).await;
    assert_eq!((&refused["code"], refused.get("retryable")), (&json!("BAD_INPUT"), None));
    let never_opened = "{ viewer { account(asset: \"EUR\", atLeastVersion: 0) { version } } }";
    assert_eq!(world.refused(never_opened).await["code"], "BAD_INPUT");
}

#[tokio::test]
async fn the_statement_of_an_account_that_was_folded_is_a_conflict_that_passes() {
    let rows = || Views { accounts: vec![account(ALICE, Asset::Gbp)], entries: 3, ..Views::default() };
    let entries = |version: u32| {
        format!(
            "{{ viewer {{ account(asset: \"GBP\", atLeastVersion: {version}) {{ entries {{ nodes {{ at }} }} }} }} }}"
        )
    };
    let world = world(3, rows()).await;
    let refused = world.refused(&entries(2)).await;
    assert_eq!((&refused["code"], &refused["retryable"]), (&json!("CONFLICT"), &json!(true)));
    assert_eq!(world.data(&entries(1)).await["viewer"]["account"]["entries"]["nodes"].as_array().unwrap().len(), 3);
}
