use proptest::prelude::*;

use super::*;
use crate::aggregate::fold;
use crate::ledger::deposit::{DepositTarget, Direction, SuspenseReason};
use crate::ledger::release::ReleaseGround;
use crate::testing::{
    account, any_money, given, operation, payer, position, some_account, some_fingerprint, some_operation, some_payer,
    some_position, survives_storage, week,
};

fn request(number: u8) -> Fingerprint {
    Fingerprint::of(&[number])
}

fn usdc(units: i128) -> Money {
    Money::new(Asset::Usdc, units)
}

fn dollars() -> AccountId {
    account(1, Asset::Usdc)
}

fn detect() -> OperationCommand {
    let (operation, fingerprint, account) = (operation(1), request(1), dollars());
    OperationCommand::Detect { operation, fingerprint, account, amount: usdc(500), payer: payer(1) }
}

fn fail() -> OperationCommand {
    OperationCommand::Fail { operation: operation(1), fingerprint: request(1) }
}

fn settle(target: DepositTarget) -> OperationCommand {
    OperationCommand::Settle(Settlement {
        operation: operation(1),
        fingerprint: request(1),
        amount: usdc(500),
        direction: Direction::Credit,
        payer: payer(1),
        target,
    })
}

fn detected() -> OperationEvent {
    let (operation, fingerprint, account) = (operation(1), request(1), dollars());
    OperationEvent::DepositDetected { operation, fingerprint, account, amount: usdc(500), payer: payer(1) }
}

fn failed() -> OperationEvent {
    let (operation, fingerprint, account) = (operation(1), request(1), dollars());
    OperationEvent::DepositFailed { operation, fingerprint, account, amount: usdc(500) }
}

fn settled() -> OperationEvent {
    let custody = LedgerAccount::Internal(InternalAccount::CustodyHot, Asset::Usdc);
    OperationEvent::DepositSettled {
        operation: operation(1),
        fingerprint: request(1),
        account: dollars(),
        amount: usdc(500),
        payer: payer(1),
        entry: JournalEntry::transfer(custody, LedgerAccount::Customer(dollars()), usdc(500)).unwrap(),
    }
}

fn movement(kind: usize) -> Movement {
    let (position, week) = (position(1), week("2026-W47"));
    match kind {
        0 => Movement::ToSavings(position),
        1 => Movement::FromSavings(position),
        2 => Movement::Yield { position, week, to: PayoutDestination::Reinvest },
        _ => Movement::Yield { position, week, to: PayoutDestination::Account },
    }
}

fn moving(kind: usize) -> OperationCommand {
    OperationCommand::Move {
        operation: operation(1),
        fingerprint: request(1),
        movement: movement(kind),
        amount: usdc(500),
    }
}

#[test]
fn a_deposit_is_announced_and_moves_nothing_until_it_is_settled() {
    given::<Operation>([]).when(detect()).then([detected()]).and_repeating_stays_quiet();
    assert_eq!(detected().entry(), None);
    let to_account = || settle(DepositTarget::Account(dollars()));
    given::<Operation>([detected()]).when(to_account()).then([settled()]).and_repeating_stays_quiet();
}

#[test]
fn a_deposit_that_was_announced_may_fail_and_moves_nothing() {
    given::<Operation>([detected()]).when(fail()).then([failed()]).and_repeating_stays_quiet();
    assert_eq!(failed().entry(), None);
    given::<Operation>([]).when(fail()).stays_quiet();
}

#[test]
fn a_deposit_that_was_announced_may_end_in_suspense() {
    let reason = SuspenseReason::BelowMinimum;
    let events = decide(&fold::<Operation>(&[detected()]), &settle(DepositTarget::Suspense(reason))).unwrap();
    assert!(matches!(events[..], [OperationEvent::DepositSuspended { reason: SuspenseReason::BelowMinimum, .. }]));
}

#[test]
fn money_that_came_after_all_is_booked() {
    let to_account = settle(DepositTarget::Account(dollars()));
    given::<Operation>([detected(), failed()]).when(to_account).then([settled()]).and_repeating_stays_quiet();
}

#[test]
fn what_is_settled_does_not_fail() {
    given::<Operation>([settled()]).when(fail()).refuses(OperationError::SettledBefore);
    given::<Operation>([detected(), settled()]).when(fail()).refuses(OperationError::SettledBefore);
}

#[test]
fn what_was_heard_late_changes_nothing() {
    given::<Operation>([settled()]).when(detect()).stays_quiet();
    given::<Operation>([detected(), failed()]).when(detect()).stays_quiet();
    given::<Operation>([detected(), failed()]).when(fail()).stays_quiet();
}

#[test]
fn what_cannot_be_paid_in_is_not_announced() {
    for (amount, refusal) in [
        (usdc(0), OperationError::AmountNotPositive),
        (usdc(-1), OperationError::AmountNotPositive),
        (Money::new(Asset::Eth, 5), OperationError::WrongAsset { held: Asset::Usdc, given: Asset::Eth }),
    ] {
        let (operation, fingerprint, account) = (operation(1), request(1), dollars());
        let command = OperationCommand::Detect { operation, fingerprint, account, amount, payer: payer(1) };
        given::<Operation>([]).when(command).refuses(refusal);
    }
}

#[test]
fn money_moves_between_a_customer_and_their_savings() {
    let (customer, savings) = (format!("customer:{}", dollars()), format!("savings:{}#USDC", position(1)));
    let expense = "internal:yield-expense#USDC".to_owned();
    for (kind, to, from) in
        [(0, &savings, &customer), (1, &customer, &savings), (2, &savings, &expense), (3, &customer, &expense)]
    {
        let events = decide(&OperationState::None, &moving(kind)).unwrap();
        let [event] = &events[..] else { panic!("{events:?}") };
        let moved: Vec<_> =
            event.entry().unwrap().postings().iter().cloned().map(<(LedgerAccount, Money)>::from).collect();
        assert_eq!(moved, [(to.parse().unwrap(), usdc(500)), (from.parse().unwrap(), usdc(-500))], "{kind}");
        let state = fold::<Operation>(&events);
        let expected = OperationState::Moved { fingerprint: request(1), amount: usdc(500), movement: movement(kind) };
        assert_eq!(state, expected);
        given::<Operation>(events.clone()).when(moving(kind)).stays_quiet();
    }
}

#[test]
fn nothing_and_less_than_nothing_does_not_move() {
    for (kind, units) in [(0, 0), (1, -1), (2, i128::MIN), (3, 0)] {
        let (operation, fingerprint, movement) = (operation(1), request(1), movement(kind));
        let command = OperationCommand::Move { operation, fingerprint, movement, amount: usdc(units) };
        given::<Operation>([]).when(command).refuses(OperationError::NothingToMove);
    }
}

#[test]
fn another_request_under_the_same_id_is_refused_whatever_it_is() {
    let other = |command: OperationCommand| match command {
        OperationCommand::Detect { operation, account, amount, payer, .. } => {
            OperationCommand::Detect { operation, fingerprint: request(2), account, amount, payer }
        }
        OperationCommand::Fail { operation, .. } => OperationCommand::Fail { operation, fingerprint: request(2) },
        OperationCommand::Settle(settlement) => {
            OperationCommand::Settle(Settlement { fingerprint: request(2), ..settlement })
        }
        OperationCommand::Move { operation, movement, amount, .. } => {
            OperationCommand::Move { operation, fingerprint: request(2), movement, amount }
        }
        OperationCommand::Release(_) => panic!("a release asks for nothing under an id of its own"),
    };
    let histories = [vec![detected()], vec![settled()], vec![detected(), failed()]];
    let moved = (0..4).map(|kind| decide(&OperationState::None, &moving(kind)).unwrap());
    for history in histories.into_iter().chain(moved) {
        for command in [detect(), fail(), settle(DepositTarget::Account(dollars())), moving(0), moving(3)] {
            given::<Operation>(history.clone()).when(other(command)).refuses(OperationError::DifferentRequest);
        }
    }
}

#[test]
fn the_states_are_stored_in_a_few_letters() {
    let stored = |events: &[OperationEvent]| serde_json::to_value(fold::<Operation>(events)).unwrap();
    let deposit = serde_json::json!({"f": request(1).to_string(), "a": "USDC 500", "t": dollars().to_string()});
    assert_eq!(stored(&[detected()]), serde_json::json!({"p": deposit}));
    assert_eq!(stored(&[detected(), failed()]), serde_json::json!({"x": deposit}));
    let moved = |kind| stored(&decide(&OperationState::None, &moving(kind)).unwrap())["m"]["t"].clone();
    assert_eq!(moved(0), serde_json::json!({"i": position(1).to_string()}));
    assert_eq!(moved(1), serde_json::json!({"o": position(1).to_string()}));
    assert_eq!(moved(3), serde_json::json!({"y": {"p": position(1).to_string(), "w": "2026-W47", "d": "account"}}));
}

fn any_command() -> impl Strategy<Value = OperationCommand> {
    let target = prop_oneof![
        some_account().prop_map(DepositTarget::Account),
        proptest::sample::select(SuspenseReason::ALL.to_vec()).prop_map(DepositTarget::Suspense),
    ];
    let movement = (some_position(), 0_usize..4).prop_map(|(id, kind)| match movement(kind) {
        Movement::ToSavings(_) => Movement::ToSavings(id),
        Movement::FromSavings(_) => Movement::FromSavings(id),
        Movement::Yield { week, to, .. } => Movement::Yield { position: id, week, to },
    });
    let common = (some_operation(), some_fingerprint(), any_money(), some_account(), some_payer());
    (common, target, movement, 0_u8..6).prop_map(
        |((operation, fingerprint, amount, account, payer), target, movement, kind)| {
            // Money that fits its account, as otherwise hardly anything would be taken.
            let fitting = Money::new(account.asset, amount.units());
            match kind {
                0 => OperationCommand::Detect { operation, fingerprint, account, amount: fitting, payer },
                1 => OperationCommand::Fail { operation, fingerprint },
                2 => OperationCommand::Move { operation, fingerprint, movement, amount },
                3 => {
                    let (customer, ground) = (account.customer, ReleaseGround::Unfrozen);
                    OperationCommand::Release(Release { operation, customer, ground })
                }
                4 => {
                    let target = DepositTarget::Account(account);
                    let direction = Direction::Credit;
                    OperationCommand::Settle(Settlement {
                        operation,
                        fingerprint,
                        amount: fitting,
                        direction,
                        payer,
                        target,
                    })
                }
                _ => {
                    let direction = if amount.units() % 2 == 0 { Direction::Credit } else { Direction::Debit };
                    OperationCommand::Settle(Settlement { operation, fingerprint, amount, direction, payer, target })
                }
            }
        },
    )
}

proptest! {
    #[test]
    fn every_command_is_idempotent_and_money_moves_once(commands in proptest::collection::vec(any_command(), 0..12)) {
        let (mut state, mut history) = (OperationState::default(), vec![]);
        for command in commands {
            if let Ok(events) = decide(&state, &command) {
                state = events.iter().fold(state, evolve);
                history.extend(events);
                prop_assert_eq!(decide(&state, &command), Ok(vec![]));
            }
        }
        let posted = history.iter().filter_map(OperationEvent::entry).flat_map(JournalEntry::postings);
        let posted: Vec<_> = posted.map(|posting| &posting.ledger).collect();
        let times = |wanted: fn(&LedgerAccount) -> bool| posted.iter().filter(|ledger| wanted(ledger)).count();
        let is_kept = |ledger: &LedgerAccount| match ledger {
            LedgerAccount::Internal(account, _) => *account != InternalAccount::Suspense,
            LedgerAccount::Customer(_) | LedgerAccount::Savings(..) => false,
        };
        prop_assert!(times(is_kept) <= 1, "it comes once: {:?}", history);
        prop_assert!(times(|ledger| matches!(ledger, LedgerAccount::Customer(_))) <= 1, "and is owed once: {:?}", history);
        prop_assert!(history.len() <= 4, "announced, failed, suspended after all, and released: {:?}", history);
        prop_assert!(survives_storage(&state));
        prop_assert!(survives_storage(&history));
    }

    #[test]
    fn whatever_moves_adds_up_to_nothing(command in any_command()) {
        for event in decide(&OperationState::None, &command).unwrap_or_default() {
            let postings = event.entry().map(JournalEntry::postings).unwrap_or_default();
            prop_assert_eq!(postings.iter().map(|posting| posting.amount.units()).sum::<i128>(), 0);
        }
    }
}
