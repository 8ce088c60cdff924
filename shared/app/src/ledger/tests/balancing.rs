//! Whatever happens, in whatever order, twice or late: the books add up.

use std::{collections::BTreeMap, sync::Arc};

use async_trait::async_trait;
use domain::{
    freeze::FreezeSide,
    ids::{AccountId, CaseId, ChainAddress, CustomerId, OperationId, PositionId, StaffId, StreamId},
    ledger::{
        account::Account,
        deposit::SuspenseReason,
        journal::LedgerAccount,
        operation::{Operation, OperationState},
        savings::PayoutDestination,
        savings::Savings,
    },
};
use futures::executor::block_on;
use money::{Asset, BusinessDate, Money, Week};
use proptest::prelude::*;
use secrecy::SecretString;
use time::Duration;
use uuid::Uuid;

use super::world::{ADDRESS, World, account, cause, customer, operation, position, sent, usdc};
use crate::{
    ledger::{
        self, Progress, Suspense, choose_payout_destination, claim_addresses, fail_crypto_deposit, lift_freeze,
        note_crypto_deposit, open_accounts, order_freeze, pay_yield_through, release_waiting, settle_crypto_deposit,
    },
    ports::{Clock as _, PortError},
    projection::Applied,
    trial_balance::{Projected, Source, TrialBalance, trial_balance},
    views::{
        AccountView, AtVersion, ControlsView, EntryView, HolderView, LedgerViews, OperationView, Page, PageRequest,
        SavingsView, SuspendedView,
    },
};

/// Totals as the projection has them.
struct Totals(BTreeMap<String, Money>);

#[async_trait]
impl LedgerViews for Totals {
    async fn account(&self, _: &AccountId) -> Result<Option<AtVersion<AccountView>>, PortError> {
        Ok(None)
    }

    async fn accounts(&self, _: CustomerId) -> Result<Vec<AtVersion<AccountView>>, PortError> {
        Ok(Vec::new())
    }

    async fn entries(&self, _: &AccountId, _: &PageRequest) -> Result<Page<EntryView>, PortError> {
        Err(PortError::Missing { attempted: "list entries" })
    }

    async fn holder(&self, _: CustomerId) -> Result<Option<AtVersion<HolderView>>, PortError> {
        Ok(None)
    }

    async fn controls(&self, _: CustomerId) -> Result<Option<AtVersion<ControlsView>>, PortError> {
        Ok(None)
    }

    async fn operations(&self, _: CustomerId, _: &PageRequest) -> Result<Page<OperationView>, PortError> {
        Err(PortError::Missing { attempted: "list operations" })
    }

    async fn suspended(&self, _: &PageRequest) -> Result<Page<SuspendedView>, PortError> {
        Err(PortError::Missing { attempted: "list what waits" })
    }

    async fn internal(&self, code: &str, asset: Asset) -> Result<Money, PortError> {
        Ok(self.0.get(&format!("{code}#{asset}")).copied().unwrap_or(Money::zero(asset)))
    }
}

/// The projections as they are when they have caught up.
struct Shown {
    accounts: Vec<AtVersion<AccountView>>,
    positions: Vec<AtVersion<SavingsView>>,
    applied: BTreeMap<StreamId, Applied>,
    totals: Totals,
}

impl Shown {
    fn of(world: &Arc<World>) -> Self {
        let account = |asset| {
            let loaded = world.load::<Account>(account(asset));
            Some(AtVersion { view: AccountView::of(&loaded.state)?, version: loaded.version?.number() })
        };
        let saved = world.load::<Savings>(position());
        let view = SavingsView::of(&saved.state).zip(saved.version);
        let (mut applied, mut totals) = (BTreeMap::new(), BTreeMap::new());
        for commit in world.commits() {
            applied.insert(commit.stream.clone(), Applied { version: commit.version, hash: commit.hash() });
            if OperationId::try_from(&commit.stream).is_err() {
                continue;
            }
            for event in commit.body::<Operation>().unwrap().events {
                for posting in event.entry().map(|entry| entry.postings()).unwrap_or_default() {
                    if let LedgerAccount::Internal(internal, asset) = &posting.ledger {
                        let sum = totals.entry(format!("{internal}#{asset}")).or_insert(Money::zero(*asset));
                        *sum = sum.checked_add(posting.amount).unwrap();
                    }
                }
            }
        }
        Self {
            accounts: Asset::ALL.into_iter().filter_map(account).collect(),
            positions: view.map(|(view, version)| AtVersion { view, version: version.number() }).into_iter().collect(),
            applied,
            totals: Totals(totals),
        }
    }

    fn draw(&self, world: &Arc<World>) -> TrialBalance {
        let projected = Projected { accounts: &self.accounts, positions: &self.positions, applied: &self.applied };
        block_on(trial_balance(world.as_ref(), &self.totals, &projected, world.now())).unwrap()
    }
}

fn bank() -> Arc<World> {
    let world = World::open();
    let addresses: BTreeMap<Asset, ChainAddress> = [(Asset::Usdc, ADDRESS.parse().unwrap())].into();
    block_on(open_accounts(&world.streams(), customer(), &cause())).unwrap();
    block_on(claim_addresses(&world.streams(), customer(), &"17".parse().unwrap(), &addresses, &cause())).unwrap();
    world
}

#[derive(Debug, Clone, Copy)]
enum Happening {
    Note(u128),
    Settle(u128),
    Fail(u128),
    Save(u128, i128),
    Take(u128, i128),
    Choose(PayoutDestination),
    /// So many weeks before the one that ended last.
    Pay(u8),
    Pass(i64),
    Freeze(u128, FreezeSide),
    Lift(u128),
    /// What waits for them.
    Release,
    /// What waits, to them.
    Give(u128),
}

/// The same few ids again and again, so that repeats, reuses and contradictions are the rule.
fn any_happening() -> impl Strategy<Value = Happening> {
    let units = || prop_oneof![1_i128..10_i128.pow(9), 1_i128..10_000];
    prop_oneof![
        2 => (1_u128..6).prop_map(Happening::Note),
        3 => (1_u128..6).prop_map(Happening::Settle),
        1 => (1_u128..6).prop_map(Happening::Fail),
        4 => (1_u128..40, units()).prop_map(|(number, units)| Happening::Save(number, units)),
        2 => (1_u128..40, units()).prop_map(|(number, units)| Happening::Take(number, units)),
        1 => proptest::sample::select(PayoutDestination::ALL.to_vec()).prop_map(Happening::Choose),
        3 => (0_u8..3).prop_map(Happening::Pay),
        3 => (1_i64..200).prop_map(Happening::Pass),
        2 => (1_u128..4, proptest::sample::select(vec![FreezeSide::Debits, FreezeSide::Credits, FreezeSide::Both]))
            .prop_map(|(case, side)| Happening::Freeze(case, side)),
        2 => (1_u128..4).prop_map(Happening::Lift),
        2 => Just(Happening::Release),
        1 => (1_u128..6).prop_map(Happening::Give),
    ]
}

/// What the chain sends under this number: sometimes too little, sometimes to nobody.
fn transaction(number: u128) -> crate::ledger::CryptoDeposit {
    let mut deposit = sent(number, usdc(i128::try_from(number).unwrap() * 700_000_000));
    match number {
        4 => deposit.amount = usdc(5),
        5 => deposit.address = "0x1111111111111111111111111111111111111111".to_owned(),
        _ => {}
    }
    deposit
}

fn case(number: u128) -> CaseId {
    CaseId::new(Uuid::from_u128(number))
}

/// How many deposits wait because the customer was frozen.
fn frozen_out(world: &Arc<World>) -> usize {
    let waits = |number: &u128| match world.operation(&operation(*number)) {
        OperationState::Suspended { reason, .. } => reason == SuspenseReason::CustomerFrozen,
        _ => false,
    };
    (1..6).filter(waits).count()
}

fn happen(world: &Arc<World>, happening: Happening) {
    let (streams, vault) = (world.streams(), world.vault());
    // Refusals are welcome: they must not move anything either.
    match happening {
        Happening::Note(number) => {
            drop(block_on(note_crypto_deposit(&streams, &vault, &transaction(number), &cause())));
        }
        Happening::Settle(number) => {
            drop(block_on(settle_crypto_deposit(&streams, &vault, &transaction(number), &cause())));
        }
        Happening::Fail(number) => drop(block_on(fail_crypto_deposit(&streams, &transaction(number), &cause()))),
        Happening::Save(number, units) => drop(world.save(number, usdc(units))),
        Happening::Take(number, units) => drop(world.take(number, usdc(units))),
        Happening::Choose(to) => drop(block_on(choose_payout_destination(&streams, &position(), to, &cause()))),
        Happening::Pay(back) => {
            let mut week = Week::of(BusinessDate::of(world.now())).previous();
            for _ in 0..back {
                week = week.previous();
            }
            drop(block_on(pay_yield_through(&streams, &position(), week, &cause())));
        }
        Happening::Pass(hours) => world.advance(Duration::hours(hours)),
        Happening::Freeze(number, side) => {
            drop(block_on(order_freeze(&streams, customer(), case(number), side, &cause())));
        }
        Happening::Lift(number) => drop(block_on(lift_freeze(&streams, customer(), case(number), &cause()))),
        Happening::Release => drop(block_on(release_waiting(&streams, customer(), &cause()))),
        Happening::Give(number) => {
            let (suspense, reason) = (Suspense { streams, vault }, SecretString::from("It is hers."));
            let (operation, by) = (operation(number), StaffId::new(Uuid::from_u128(9)));
            let found = ledger::Found { operation: &operation, customer: customer(), by, reason: &reason };
            drop(block_on(suspense.release(found, &cause())));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn the_books_add_up_whatever_happens(happenings in proptest::collection::vec(any_happening(), 1..60)) {
        let world = bank();
        for happening in happenings {
            happen(&world, happening);
        }
        let shown = Shown::of(&world);
        let balance = shown.draw(&world);
        prop_assert_eq!(&balance.discrepancies, &[]);
        prop_assert!(balance.lagging.is_empty());
        prop_assert!(balance.lines.values().all(|line| line.sum.is_zero()));
        let dollars = &balance.lines[&Asset::Usdc];
        let saved = shown.positions.first().map_or(usdc(0), |row| row.view.position.balance);
        prop_assert_eq!((dollars.savings, dollars.customers.units()), (saved, world.balances(Asset::Usdc).0));
        // What waits for somebody is what is listed for them, whatever became of the freezes.
        for number in 1..4 {
            happen(&world, Happening::Lift(number));
        }
        let waited = frozen_out(&world);
        let released = block_on(release_waiting(&world.streams(), customer(), &cause())).unwrap();
        prop_assert_eq!((released, frozen_out(&world)), (Progress::Done { released: waited }, 0));
    }
}

/// 10 USDC came in, 4 of them are saved, 2 are on their way, and a week was paid.
fn lively() -> Arc<World> {
    let world = bank();
    let (streams, vault) = (world.streams(), world.vault());
    block_on(settle_crypto_deposit(&streams, &vault, &sent(1, usdc(10_000_000)), &cause())).unwrap();
    block_on(note_crypto_deposit(&streams, &vault, &sent(2, usdc(2_000_000)), &cause())).unwrap();
    world.save(1, usdc(4_000_000)).unwrap();
    world.advance(Duration::days(7));
    block_on(pay_yield_through(&streams, &position(), "2026-W47".parse().unwrap(), &cause())).unwrap();
    world
}

#[test]
fn each_place_is_shown_by_itself() {
    let world = lively();
    let balance = Shown::of(&world).draw(&world);
    assert_eq!(balance.discrepancies, []);
    let dollars = &balance.lines[&Asset::Usdc];
    assert_eq!((dollars.customers, dollars.savings), (usdc(6_000_000), usdc(4_009_205)));
    let internal: Vec<_> = dollars.internal.iter().map(|(account, amount)| (account.code(), amount.units())).collect();
    let expected = [("bank-settlement", 0), ("suspense", 0), ("custody-hot", -10_000_000), ("yield-expense", -9_205)];
    assert_eq!(internal, expected);
}

type Found = (String, (Source, Source), (i128, i128));

fn found(shown: &Shown, world: &Arc<World>) -> Vec<Found> {
    let found = shown.draw(world).discrepancies.into_iter();
    found.map(|it| (it.account, it.between, (it.amounts.0.units(), it.amounts.1.units()))).collect()
}

#[test]
fn rows_that_were_edited_are_found() {
    let world = lively();
    let between = (Source::State, Source::Projection);
    let (customer, savings) = (format!("customer:{}", account(Asset::Usdc)), format!("savings:{}#USDC", position()));
    let usdc_row = |shown: &mut Shown| shown.accounts.iter().position(|row| row.view.id.asset == Asset::Usdc).unwrap();

    let mut shown = Shown::of(&world);
    let row = usdc_row(&mut shown);
    shown.accounts[row].view.pending = usdc(7);
    assert_eq!(found(&shown, &world), [(format!("{customer} pending"), between, (2_000_000, 7))]);

    let mut shown = Shown::of(&world);
    let row = usdc_row(&mut shown);
    shown.accounts[row].view.available = usdc(7);
    assert_eq!(found(&shown, &world), [(customer, between, (6_000_000, 7))]);

    let mut shown = Shown::of(&world);
    shown.positions[0].view.position.balance = usdc(7);
    assert_eq!(found(&shown, &world), [(savings, between, (4_009_205, 7))]);

    let mut shown = Shown::of(&world);
    shown.totals.0.insert("yield-expense#USDC".to_owned(), usdc(7));
    let total = ("internal:yield-expense#USDC".to_owned(), (Source::Postings, Source::Projection), (-9_205, 7));
    assert_eq!(found(&shown, &world), [total]);
}

#[test]
fn an_operation_that_is_gone_is_found_wherever_it_moved_anything() {
    let world = lively();
    let shown = Shown::of(&world);
    let payout = OperationId::of_payout(&position(), "2026-W47".parse().unwrap());
    world.forget(StreamId::from(payout));
    let between = (Source::Postings, Source::State);
    assert_eq!(
        found(&shown, &world)[..2],
        [
            (format!("savings:{}#USDC", position()), between, (4_000_000, 4_009_205)),
            ("internal:yield-expense#USDC".to_owned(), between, (0, -9_205)),
        ]
    );
    let world = lively();
    let shown = Shown::of(&world);
    world.forget(StreamId::from(super::world::operation(2)));
    let pending = format!("customer:{} pending", account(Asset::Usdc));
    assert_eq!(found(&shown, &world), [(pending, (Source::Announced, Source::State), (0, 2_000_000))]);
}

#[test]
fn rows_that_are_missing_lag_and_are_no_error() {
    let world = lively();
    let mut shown = Shown::of(&world);
    shown.positions.clear();
    let balance = shown.draw(&world);
    assert_eq!(balance.discrepancies, []);
    assert_eq!(balance.lagging, [StreamId::from(&PositionId::clone(&position()))].into());
}

#[test]
fn what_was_decided_after_the_cut_is_left_out() {
    let world = lively();
    let cut = world.now();
    world.advance(Duration::days(1));
    world.take(9, usdc(4_000_000)).unwrap();
    let shown = Shown::of(&world);
    let projected = Projected { accounts: &shown.accounts, positions: &shown.positions, applied: &shown.applied };
    let balance = block_on(trial_balance(world.as_ref(), &shown.totals, &projected, cut)).unwrap();
    assert_eq!(balance.discrepancies, []);
    assert_eq!(balance.lines[&Asset::Usdc].savings, usdc(4_009_205));
}
