//! What the ledger's projections show of savings and of deposits on a chain, over the engine.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use app::{
    ledger::{
        CryptoDeposit, SavingsMove, claim_addresses, fail_crypto_deposit, note_crypto_deposit, open_accounts,
        save_to_savings, settle_crypto_deposit, settle_deposit, take_from_savings,
    },
    ports::PositionIndex as _,
    projection::{Projector, all, savings::SavingsPositions},
    rebuild::{POINTER_CACHE, rebuild},
    views::{LedgerViews as _, OperationKind, OperationStatus, PageRequest, SAVED_DAYS_MAX, SavingsViews as _},
};
use aws::{DynamoRows, DynamoViews, SdkClock};
use domain::{
    ids::{AccountId, CustomerId, PositionId},
    ledger::deposit::Direction,
};
use money::{Asset, BusinessDate, Money};
use uuid::Uuid;

use crate::{
    event_store::world::{World, cause, operation, payment, reference},
    projections::{ROWS, views, world},
};

const ADDRESS: &str = "0xbb02d433aae9c87c1da73fbaf5c449652bfb5673";
const PAGE: PageRequest = PageRequest { first: 10, after: None };

fn usdc(whole: i128) -> Money {
    Money::new(Asset::Usdc, whole * 1_000_000)
}

fn position_of(customer: CustomerId) -> PositionId {
    PositionId::new(customer, "usdc-savings".parse().unwrap())
}

/// Brings every projection of the ledger up to the whole history.
async fn project(world: &World) {
    let (rows, clock) = (Arc::new(DynamoRows::new(world.client(), ROWS)), Arc::new(SdkClock::new(&world.config)));
    let mut commits = Vec::new();
    let mut cursor = None;
    loop {
        let (page, next) = world.store().scan(cursor).await.unwrap();
        commits.extend(page);
        cursor = next;
        if cursor.is_none() {
            break;
        }
    }
    for shown in all().into_iter().filter(|it| it.context == "Ledger") {
        let projector = Projector::new(
            Arc::clone(&shown.projection),
            Arc::clone(&rows) as _,
            Arc::clone(&rows) as _,
            Arc::clone(world.store()),
            Arc::clone(&clock) as _,
        );
        for commit in commits.iter().filter(|commit| shown.projection.key(&commit.stream).is_some()) {
            projector.project(commit).await.unwrap();
        }
    }
}

fn pass(world: &World, seconds: u64) {
    world.aws.engine().clock().advance(Duration::from_secs(seconds)).unwrap();
}

/// A customer who can be paid on a chain.
async fn customer(world: &World) -> CustomerId {
    let customer = CustomerId::new(Uuid::new_v4());
    open_accounts(&world.streams, customer, &cause()).await.unwrap();
    let address = format!("0x{:040x}", customer.as_uuid().as_u128());
    let addresses = [(Asset::Usdc, address.parse().unwrap())].into();
    claim_addresses(&world.streams, customer, &"7".parse().unwrap(), &addresses, &cause()).await.unwrap();
    customer
}

fn deposit(customer: CustomerId, whole: i128) -> CryptoDeposit {
    CryptoDeposit {
        operation: domain::ids::OperationId::new("fireblocks".parse().unwrap(), Uuid::new_v4()),
        amount: usdc(whole),
        direction: Direction::Credit,
        address: format!("0x{:040x}", customer.as_uuid().as_u128()),
        origin: ADDRESS.to_owned().into(),
    }
}

async fn fund(world: &World, customer: CustomerId, whole: i128) {
    let deposit = deposit(customer, whole);
    settle_crypto_deposit(&world.streams, &world.vault(), &deposit, &cause()).await.unwrap();
}

fn a_move(customer: CustomerId, whole: i128) -> SavingsMove {
    let product = position_of(customer).product;
    SavingsMove { customer, operation: Uuid::new_v4(), product, amount: usdc(whole) }
}

async fn operations(views: &DynamoViews, customer: CustomerId) -> Vec<(OperationKind, OperationStatus, Money)> {
    let page = views.operations(customer, &PAGE).await.unwrap();
    page.items.into_iter().map(|(_, it)| (it.kind, it.status, it.amount)).collect()
}

#[tokio::test]
async fn a_deposit_on_a_chain_is_pending_first_and_keeps_its_place_when_it_is_settled_or_fails() {
    let world = world();
    let customer = customer(&world).await;
    let (settled, failed) = (deposit(customer, 30), deposit(customer, 40));
    let pounds = AccountId::new(customer, Asset::Gbp);
    for deposit in [&settled, &failed] {
        note_crypto_deposit(&world.streams, &world.vault(), deposit, &cause()).await.unwrap();
        pass(&world, 60);
    }
    let payment = payment(operation(), 100, &reference(&pounds));
    settle_deposit(&world.streams, &world.vault(), &payment, &cause()).await.unwrap();
    project(&world).await;
    let views = views(&world);
    let listed = |first, second| {
        vec![
            (OperationKind::Deposit, OperationStatus::Settled, Money::new(Asset::Gbp, 100)),
            (OperationKind::Deposit, second, usdc(40)),
            (OperationKind::Deposit, first, usdc(30)),
        ]
    };
    let account = AccountId::new(customer, Asset::Usdc);
    let shown = views.account(&account).await.unwrap().unwrap().view;
    assert_eq!((shown.available, shown.pending), (usdc(0), usdc(70)));
    assert_eq!(operations(&views, customer).await, listed(OperationStatus::Pending, OperationStatus::Pending));
    assert_eq!(views.internal("custody-hot", Asset::Usdc).await.unwrap(), usdc(0), "what is pending is no posting");

    pass(&world, 60);
    settle_crypto_deposit(&world.streams, &world.vault(), &settled, &cause()).await.unwrap();
    fail_crypto_deposit(&world.streams, &failed, &cause()).await.unwrap();
    project(&world).await;
    let shown = views.account(&account).await.unwrap().unwrap().view;
    assert_eq!((shown.available, shown.pending), (usdc(30), usdc(0)));
    assert_eq!(operations(&views, customer).await, listed(OperationStatus::Settled, OperationStatus::Failed));
    assert_eq!(views.internal("custody-hot", Asset::Usdc).await.unwrap(), usdc(-30));
    let entries = views.entries(&account, &PAGE).await.unwrap().items;
    assert_eq!(entries.iter().map(|(_, it)| (it.amount, it.balance_after)).collect::<Vec<_>>(), [(usdc(30), usdc(30))]);
}

#[tokio::test]
async fn a_holders_addresses_are_one_read_away() {
    let world = world();
    let customer = customer(&world).await;
    project(&world).await;
    let views = views(&world);
    views.holder(customer).await.unwrap(); // Reads the pointer as well.
    world.aws.dynamodb.reset_meter();
    let holder = views.holder(customer).await.unwrap().unwrap();
    assert_eq!(world.aws.dynamodb.meter().by(crate::event_store::world::WRITER).calls, 1);
    let address = format!("0x{:040x}", customer.as_uuid().as_u128());
    assert_eq!(holder.view.addresses, [(Asset::Usdc, address.parse().unwrap())].into());
    assert_eq!(views.holder(CustomerId::new(Uuid::new_v4())).await.unwrap(), None);
}

#[tokio::test]
async fn moves_to_and_from_savings_are_entries_and_operations() {
    let world = world();
    let customer = customer(&world).await;
    fund(&world, customer, 100).await;
    pass(&world, 60);
    save_to_savings(&world.streams, &a_move(customer, 60), &cause()).await.unwrap();
    pass(&world, 60);
    take_from_savings(&world.streams, &a_move(customer, 25), &cause()).await.unwrap();
    project(&world).await;
    let views = views(&world);
    let position = views.position(&position_of(customer)).await.unwrap().unwrap();
    assert_eq!((position.view.position.balance, position.version), (usdc(35), 1));
    assert_eq!(views.positions(customer).await.unwrap(), [position]);
    let entries = views.entries(&AccountId::new(customer, Asset::Usdc), &PAGE).await.unwrap().items;
    let entries: Vec<_> = entries.iter().map(|(_, it)| (it.amount, it.balance_after)).collect();
    assert_eq!(entries, [(usdc(25), usdc(65)), (usdc(-60), usdc(40)), (usdc(100), usdc(100))]);
    let expected = [
        (OperationKind::SavingsWithdrawal, OperationStatus::Settled, usdc(25)),
        (OperationKind::SavingsDeposit, OperationStatus::Settled, usdc(60)),
        (OperationKind::Deposit, OperationStatus::Settled, usdc(100)),
    ];
    assert_eq!(operations(&views, customer).await, expected);
    let of_savings = views.operations(customer, &PAGE).await.unwrap().items;
    let positions: Vec<_> = of_savings.into_iter().map(|(_, it)| it.position).collect();
    assert_eq!(positions, [Some(position_of(customer)), Some(position_of(customer)), None]);
    assert_eq!(views.all_positions().await.unwrap().len(), 1);
}

#[tokio::test]
async fn what_was_saved_is_told_from_the_change_before_the_first_day_on() {
    let world = world();
    let customer = customer(&world).await;
    fund(&world, customer, 100).await;
    let days = 24 * 3_600;
    let mut balance = 0;
    // Noon of November 20th; two changes on the 23rd, of which the last one counts.
    for (wait, whole) in [(0, 10), (3 * days, 1), (60, 2), (7 * days, 5)] {
        pass(&world, wait);
        balance += whole;
        save_to_savings(&world.streams, &a_move(customer, whole), &cause()).await.unwrap();
    }
    assert_eq!(balance, 18);
    project(&world).await;
    let views = views(&world);
    let date = |text: &str| -> BusinessDate { text.parse().unwrap() };
    let saved = async |from: &str, to: &str| {
        let saved = views.saved(&position_of(customer), date(from), date(to)).await.unwrap();
        saved.into_iter().map(|it| (it.date.to_string(), it.balance)).collect::<Vec<_>>()
    };
    let change = |date: &str, whole| (date.to_owned(), usdc(whole));
    let (first, second, third) = (change("2026-11-20", 10), change("2026-11-23", 13), change("2026-11-30", 18));
    assert_eq!(saved("2026-11-19", "2026-12-31").await, [first.clone(), second.clone(), third.clone()]);
    assert_eq!(saved("2026-11-20", "2026-11-20").await, std::slice::from_ref(&first));
    assert_eq!(saved("2026-11-22", "2026-11-23").await, [first.clone(), second.clone()]);
    assert_eq!(saved("2026-11-23", "2026-11-29").await, std::slice::from_ref(&second));
    assert_eq!(saved("2026-11-25", "2026-11-30").await, [second, third.clone()]);
    assert_eq!(saved("2027-01-01", "2027-12-31").await, [third]);
    assert_eq!(saved("2026-11-01", "2026-11-19").await, []);
    assert_eq!(date("2028-01-01").days_until(date("2028-12-31")) + 1, i64::from(SAVED_DAYS_MAX));
}

#[tokio::test]
async fn every_position_is_listed_once_page_by_page_also_while_the_list_is_written_anew() {
    let world = world();
    let mut expected = BTreeSet::new();
    for _ in 0..5 {
        let customer = customer(&world).await;
        fund(&world, customer, 10).await;
        for _ in 0..2 {
            save_to_savings(&world.streams, &a_move(customer, 1), &cause()).await.unwrap();
        }
        expected.insert(position_of(customer));
    }
    project(&world).await;
    let views = views(&world);
    let (mut listed, mut after, mut pages) = (Vec::new(), None, 0);
    loop {
        let (page, next) = views.page(after, 2).await.unwrap();
        assert!(page.len() <= 2);
        listed.extend(page);
        pages += 1;
        after = next;
        if after.is_none() {
            break;
        }
        let (rows, clock) = (Arc::new(DynamoRows::new(world.client(), ROWS)), SdkClock::new(&world.config));
        let store = Arc::clone(world.store());
        let projector =
            Projector::new(Arc::new(SavingsPositions), Arc::clone(&rows) as _, rows, store, Arc::new(clock));
        rebuild(&projector).await.unwrap();
        pass(&world, u64::try_from(POINTER_CACHE.whole_seconds()).unwrap());
    }
    assert!(pages >= 3);
    assert_eq!(listed.len(), expected.len());
    assert_eq!(listed.into_iter().collect::<BTreeSet<_>>(), expected);
}
